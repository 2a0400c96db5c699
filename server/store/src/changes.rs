//! Being told by Postgres that keys or the catalog changed, on whichever node that was.

use domain::KeyId;
use sqlx::postgres::{PgListener, PgNotification};

use crate::{DbError, Store};

const KEYS: &str = "souk_keys";
const CATALOG: &str = "souk_catalog";

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A key was made, changed or deleted.
    Key(KeyId),
    /// Another catalog is in force.
    Catalog { digest: String },
    /// The connection was lost for a while: anything may have changed.
    Unknown,
}

/// Changes as they come, on a connection of its own.
#[derive(Debug)]
pub struct Changes(PgListener);

impl Store {
    pub async fn changes(&self) -> Result<Changes, DbError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen_all([KEYS, CATALOG]).await?;
        Ok(Changes(listener))
    }
}

impl Changes {
    /// Waits for the next one, and connects again where the connection broke. After an error, ask the store for new ones.
    pub async fn next(&mut self) -> Result<Change, DbError> {
        let notified = self.0.try_recv().await?;
        Ok(notified.as_ref().and_then(read).unwrap_or(Change::Unknown))
    }
}

fn read(notification: &PgNotification) -> Option<Change> {
    let payload = notification.payload();
    match notification.channel() {
        KEYS => payload.parse().ok().map(Change::Key),
        CATALOG => Some(Change::Catalog { digest: payload.to_owned() }),
        _ => None,
    }
}
