//! All SQL, and nothing but SQL: accounts, keys, the ledger, generations, sessions and the catalog in Postgres.
//!
//! Values cross as the domain's types, amounts as `NanoUsd`. What must be atomic is one statement or one function of the
//! schema (`migrations/`); what must be exact is checked again by `check`.

mod accounts;
mod activity;
mod catalog;
mod changes;
mod check;
mod error;
mod generations;
mod holds;
mod keys;
mod ledger;
mod migrate;
mod node;
mod receipt;
mod sessions;
mod settle;
mod throttle;
mod values;

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

pub use accounts::{Account, CreateAccountError};
pub use catalog::CatalogLoad;
pub use changes::{Change, Changes};
pub use check::Break;
pub use error::DbError;
pub use keys::CreateKey;
pub use ledger::{Balance, GrantError, LedgerLine};
pub use migrate::SchemaError;
pub use node::{Node, Orphans};
pub use sessions::SESSION_ACCOUNT;

/// How long a request waits for a free connection before it is told that the database does not answer.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The database, as one server process sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    /// This process, as its holds name it.
    node: Uuid,
}

impl Store {
    /// Connects at once, so that a wrong URL is told at the start. Does not migrate.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, DbError> {
        let options = url.parse::<PgConnectOptions>()?.application_name("souk");
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await?;
        Ok(Self::from_pool(pool))
    }

    /// A store on connections that somebody else opened (tests), as a node of its own.
    pub fn from_pool(pool: PgPool) -> Self {
        Self { pool, node: Uuid::now_v7() }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbError> {
        sqlx::query!(r#"select 1 as "one!""#).fetch_one(&self.pool).await?;
        Ok(())
    }

    /// Waits for running queries and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
