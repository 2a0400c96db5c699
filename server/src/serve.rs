//! The server's life: bind → database → build → serve → drain → close.

use std::future::IntoFuture;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use gateway::{Deps, Gateway};
use providers::transport::{SetupError, Transport};
use providers::upstream::Upstream;
use store::{DbError, Node, Store};
use tokio::net::TcpListener;
use tower_sessions::ExpiredDeletion;

use crate::accounts::{self, Accounts, password};
use crate::catalog::{self, CatalogError, LiveCatalog, Sources, Variables, local};
use crate::config::{Config, SIMULATOR_URL, Secret};
use crate::database::{Database, DatabaseError};
use crate::drain::{Drain, REQUESTS_WITHIN};
use crate::greeting;
use crate::listing::Latest;
use crate::secret::{self, SecretError};
use crate::state::State;
use crate::web::{self, Site};

/// How often this process proves that it lives.
const PROVE_EVERY: Duration = Duration::from_secs(5);
/// How often what has expired is cleared away.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);

/// Why the server did not start, or ended badly. Each is a sentence for whoever started it.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("{address} is in use by another program: stop that one, or set SOUK_ADDR to another port")]
    Busy { address: String },
    #[error("may not listen on {address}: ports below 1024 are for root; set SOUK_ADDR to another one")]
    Forbidden { address: String },
    #[error("cannot listen on {address}: {source}")]
    Listen { address: String, source: io::Error },
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Transport(#[from] SetupError),
    #[error(transparent)]
    Password(#[from] password::HashError),
    #[error("the list of local model servers is broken: {0}")]
    LocalServers(#[from] toml::de::Error),
    #[error("the server broke down: {0}")]
    Io(#[from] io::Error),
}

/// Serves until it is told to stop, and then until all is finished.
pub async fn serve(config: Config, state: State, variables: Variables, drain: Drain) -> Result<(), ServeError> {
    let listener = bind(&config.listen).await?; // first: a busy port starts nothing
    let secret = match &config.secret {
        Some(secret) => secret.clone(),
        None => secret::kept_in(&state.dir.join("secret"))?,
    };
    let database = Database::open(&config.database, &state).await?;
    let served = run(&config, &database, &secret, variables, listener, &drain).await;
    drain.finish().await;
    database.close().await?;
    served
}

async fn run(
    config: &Config,
    database: &Database,
    secret: &Secret,
    variables: Variables,
    listener: TcpListener,
    drain: &Drain,
) -> Result<(), ServeError> {
    let own = listener.local_addr()?;
    let built = build(config, database.store.clone(), secret, variables, own, drain).await?;
    let is_new = database.store.has_no_accounts().await?;
    greeting::say(&greeting::Facts {
        config,
        own,
        snapshot: &gateway::ports::Snapshots::current(&*built.catalog),
        private_database: database.is_private(),
        no_accounts: is_new,
    });
    Ok(listen(listener, built.router, drain).await?)
}

/// A server that only waits for requests.
#[derive(Debug)]
pub struct Built {
    pub router: Router,
    pub catalog: Arc<LiveCatalog>,
}

/// Puts all parts together, and starts what runs beside requests; `own` is where it will listen.
pub async fn build(
    config: &Config,
    store: Store,
    secret: &Secret,
    variables: Variables,
    own: SocketAddr,
    drain: &Drain,
) -> Result<Built, ServeError> {
    let node = store.join().await?;
    let orphans = store.close_orphans().await?;
    if orphans.count > 0 {
        tracing::warn!(count = orphans.count, freed = %orphans.freed, "calls that a dead process left behind were closed, for nothing");
    }
    drain.background.spawn(prove(node, drain.clone()));
    drain.background.spawn(tidy(store.clone(), drain.clone()));

    let transport = Transport::new(config.limits.connect)?; // sets up TLS for all
    let variables = if config.simulator { with_simulator(variables, drain).await? } else { variables };
    let sources = Sources { overlay: config.catalog.overlay.clone(), simulated: config.simulator, variables };
    let catalog = LiveCatalog::open(sources, store.clone()).await?;
    drain.background.spawn(catalog::watch(catalog.clone(), drain.end.clone()));
    if config.local_servers {
        drain.background.spawn(local::watch(catalog.clone(), local::servers()?, own, drain.end.clone()));
    }

    let ports = Arc::new(store.clone());
    let gateway = Gateway::new(Deps {
        upstream: Upstream::new(transport),
        limits: config.limits,
        keys: ports.clone(),
        ledger: ports.clone(),
        records: ports,
        snapshots: catalog.clone(),
        tasks: drain.calls.clone(),
        hurry: drain.hurry.clone(),
    });
    let site = Site {
        config: config.site.clone(),
        accounts: Accounts::new(store.clone(), config.accounts)?,
        store,
        catalog: catalog.clone(),
        listing: Latest::default(),
        cookie_key: secret::cookie_key(secret),
    };
    Ok(Built { router: web::router(Arc::new(site), gateway), catalog })
}

/// Serves on `listener`. Told to stop, it takes no new requests, and waits for the running ones, but not for ever.
pub async fn listen(listener: TcpListener, router: Router, drain: &Drain) -> io::Result<()> {
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "small packets stay delayed");
        }
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(drain.stop.clone().cancelled_owned());
    let patience = async {
        drain.stop.cancelled().await;
        tokio::time::sleep(REQUESTS_WITHIN).await;
    };
    tokio::select! {
        served = serving.into_future() => served,
        () = patience => {
            tracing::warn!("some requests took too long to end");
            Ok(())
        }
    }
}

pub async fn bind(address: &str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| {
        let address = address.to_owned();
        match source.kind() {
            io::ErrorKind::AddrInUse => ServeError::Busy { address },
            io::ErrorKind::PermissionDenied => ServeError::Forbidden { address },
            _ => ServeError::Listen { address, source },
        }
    })
}

/// Starts a simulator inside, unless the operator runs one, and tells the catalog where it is.
async fn with_simulator(variables: Variables, drain: &Drain) -> Result<Variables, ServeError> {
    if variables(SIMULATOR_URL).is_some_and(|url| !url.trim().is_empty()) {
        return Ok(variables);
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let end = drain.end.clone().cancelled_owned();
    drain.background.spawn(async move {
        if let Err(error) = simulator::serve(listener, simulator::Config::default(), end).await {
            tracing::error!(%error, "the simulator broke down");
        }
    });
    Ok(Arc::new(move |name: &str| if name == SIMULATOR_URL { Some(url.clone()) } else { variables(name) }))
}

/// Holds of a process that is gone are freed by the others: this says that we are not.
async fn prove(mut node: Node, drain: Drain) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(PROVE_EVERY) => {},
            () = drain.end.cancelled() => break,
        }
        if let Err(error) = node.keep().await {
            tracing::error!(%error, "this process could not prove that it lives");
        }
    }
    if let Err(error) = node.leave().await {
        tracing::debug!(%error, "the database had gone before");
    }
}

async fn tidy(store: Store, drain: Drain) {
    loop {
        if let Err(error) = store.delete_expired().await {
            tracing::warn!(%error, "expired sessions were not cleared away");
        }
        if let Err(error) = store.forget_sign_ins(accounts::WINDOW).await {
            tracing::warn!(%error, "old attempts to sign in were not cleared away");
        }
        tokio::select! {
            () = tokio::time::sleep(TIDY_EVERY) => {},
            () = drain.end.cancelled() => return,
        }
    }
}
