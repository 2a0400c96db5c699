//! The catalog in force: loaded at the start, kept in Postgres, replaced as a whole when its files change.
//!
//! What is served is the files joined with what was found on this machine. A change that does not load leaves the old
//! catalog in force and says so.

pub mod local;
mod overlay;
mod watch;

pub use watch::watch;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use gateway::clock::now;
use gateway::ports::Snapshots;
use providers::catalog::{Catalog, Fault, load, shipped};
use providers::reach::Snapshot;
use store::{DbError, Store};

use local::Found;

/// Looks up the operator's environment for provider keys; the address of our own simulator is added to it.
pub type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// All that stands against the catalog's files, one fault per line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0.len();
        write!(f, "the catalog has {number} {}:", if number == 1 { "fault" } else { "faults" })?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for Faults {}

/// Why a catalog did not come into force.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    #[error(transparent)]
    Faults(#[from] Faults),
    #[error("the catalog could not be kept in the database: {0}")]
    Db(#[from] DbError),
    #[error("the catalog could not be read: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// Where the catalog comes from, and which part of it is offered.
#[derive(Clone)]
pub struct Sources {
    pub overlay: Option<PathBuf>,
    /// Whether simulated models are offered.
    pub simulated: bool,
    pub variables: Variables,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("overlay", &self.overlay)
            .field("simulated", &self.simulated)
            .finish_non_exhaustive()
    }
}

/// The catalog that requests and pages see. Reading it costs nothing and never waits.
#[derive(Debug)]
pub struct LiveCatalog {
    sources: Sources,
    store: Store,
    current: ArcSwap<Snapshot>,
    parts: Mutex<Parts>,
}

/// What the catalog in force was made of.
#[derive(Debug, Default)]
struct Parts {
    files: Arc<Catalog>,
    local: Vec<Found>,
    /// Why the files as they are now are not in force.
    trouble: Option<String>,
}

impl LiveCatalog {
    /// Loads it. Errors: as `souk catalog check` tells them.
    pub async fn open(sources: Sources, store: Store) -> Result<Arc<Self>, CatalogError> {
        let live = Self {
            sources,
            store,
            current: ArcSwap::from_pointee(Snapshot::default()),
            parts: Mutex::new(Parts::default()),
        };
        live.load().await?;
        Ok(Arc::new(live))
    }

    /// Loads the files again. A failure is told, and leaves the catalog as it was.
    pub async fn reload(&self) {
        match self.load().await {
            Ok(true) => {
                let current = self.current();
                tracing::info!(models = current.catalog.endpoints.len(), "the catalog changed");
            }
            Ok(false) => {}
            Err(error) => {
                let error = error.to_string();
                tracing::error!("the old catalog stays in force: {error}");
                self.parts().trouble = Some(error);
            }
        }
    }

    /// Why the files as they are now are not in force; `None`: they are.
    pub fn trouble(&self) -> Option<String> {
        self.parts().trouble.clone()
    }

    /// Offers what was found on this machine, in place of what was found before.
    pub fn put_local(&self, found: Vec<Found>) {
        let mut parts = self.parts();
        if parts.local != found {
            parts.local = found;
            self.publish(&parts);
        }
    }

    /// Returns whether anything changed.
    async fn load(&self) -> Result<bool, CatalogError> {
        let overlay = self.sources.overlay.clone();
        let files =
            tokio::task::spawn_blocking(move || load(shipped(), overlay.as_deref(), now())).await?.map_err(Faults)?;
        let is_new = self.parts().files.digest != files.digest;
        if is_new {
            self.store.load_catalog(&files).await?;
        }
        let mut parts = self.parts();
        parts.trouble = None;
        if is_new {
            parts.files = Arc::new(files);
            self.publish(&parts);
        }
        Ok(is_new)
    }

    fn publish(&self, parts: &Parts) {
        let catalog = overlay::offered(&parts.files, &parts.local, self.sources.simulated);
        self.current.store(Arc::new(Snapshot::new(catalog, |name: &str| (self.sources.variables)(name))));
    }

    fn parts(&self) -> std::sync::MutexGuard<'_, Parts> {
        // Every change is one assignment: a panic elsewhere leaves nothing half done.
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Snapshots for LiveCatalog {
    fn current(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }
}
