//! The database: the operator's, or a private one that is started for it; connected, and brought up to date.

use std::path::Path;

use store::{DbError, SchemaError, Store};

use crate::config::DatabaseConfig;
use crate::postgres::{Cluster, ClusterError, Lease};
use crate::state::State;

/// Enough for two cores under load; a private cluster allows a hundred.
const CONNECTIONS: u32 = 20;

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error("cannot connect to the database that DATABASE_URL names: {0}")]
    Connect(DbError),
    #[error("cannot connect to the private PostgreSQL: {0}")]
    ConnectPrivate(DbError),
    #[error(transparent)]
    Schema(#[from] SchemaError),
    #[error("the database could not be started: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// An open database, of the newest schema. Close it: dropping it stops a private cluster too, but blocks.
#[derive(Debug)]
pub struct Database {
    pub store: Store,
    lease: Option<Lease>,
}

impl Database {
    /// Without a URL the private cluster is started, or found running.
    pub async fn open(config: &DatabaseConfig, state: &State) -> Result<Self, DatabaseError> {
        let (url, lease) = match &config.url {
            Some(url) => (url.clone(), None),
            None => {
                let lease = lease(config, state).await?;
                (lease.url().to_owned(), Some(lease))
            }
        };
        let told = if lease.is_some() { DatabaseError::ConnectPrivate } else { DatabaseError::Connect };
        let store = Store::connect(&url, CONNECTIONS).await.map_err(told)?;
        store.migrate().await?;
        Ok(Self { store, lease })
    }

    pub const fn is_private(&self) -> bool {
        self.lease.is_some()
    }

    /// Ends all connections, and the private cluster if nobody else uses it.
    pub async fn close(self) -> Result<(), DatabaseError> {
        self.store.close().await;
        match self.lease {
            Some(lease) => Ok(tokio::task::spawn_blocking(|| lease.give_back()).await??),
            None => Ok(()),
        }
    }
}

async fn lease(config: &DatabaseConfig, state: &State) -> Result<Lease, DatabaseError> {
    let (home, me, path) = (state.dir.join("postgres"), state.me.clone(), config.path.clone());
    if !Path::new(&home).join("data").exists() {
        tracing::info!("making a private PostgreSQL in {}", home.display());
    }
    let take = move || Cluster::at(&home, me, path.as_deref()).and_then(Lease::take);
    Ok(tokio::task::spawn_blocking(take).await??)
}
