//! The schema: brought up to date at the start, and refused where a newer Souk made it.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Connection, PgConnection};

use crate::{DbError, Store};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Why the schema cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error(
        "this database was made by a newer Souk (schema {found}, this program knows {known}): start that one, or use another DATABASE_URL"
    )]
    Newer { found: i64, known: i64 },
    #[error(
        "the schema of this database is not Souk's, or of another branch of it (migration {0} differs): use another DATABASE_URL"
    )]
    Foreign(i64),
    #[error("migration {version} failed: {error}")]
    Failed { version: i64, error: sqlx::Error },
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Store {
    /// Applies what is missing. Many processes may do so at once: one does, the others wait.
    pub async fn migrate(&self) -> Result<(), SchemaError> {
        // Of its own: closing it gives back the lock of a migration that went wrong.
        let mut connection = PgConnection::connect_with(&self.pool.connect_options()).await.map_err(DbError::from)?;
        let migrated = MIGRATOR.run_direct(None, &mut connection, false).await.map_err(explain);
        connection.close().await.map_err(DbError::from)?;
        migrated
    }
}

fn explain(error: MigrateError) -> SchemaError {
    let known = MIGRATOR.iter().map(|m| m.version).max().unwrap_or_default();
    match error {
        MigrateError::VersionMissing(found) if found > known => SchemaError::Newer { found, known },
        MigrateError::VersionMissing(version) | MigrateError::VersionMismatch(version) => SchemaError::Foreign(version),
        MigrateError::ExecuteMigration(error, version) => SchemaError::Failed { version, error },
        MigrateError::Execute(error) => DbError::from(error).into(),
        other => DbError::from(sqlx::Error::Migrate(Box::new(other))).into(),
    }
}
