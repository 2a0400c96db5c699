//! What can go wrong between this program and its database, whatever was asked.

use gateway::ports::StoreError;

/// The database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    /// A row that this program cannot have written.
    #[error("the database holds a {what} that is none: {text}")]
    Corrupt { what: &'static str, text: String },
    /// A value of ours that has no form in the database.
    #[error("the {what} cannot be stored: {text}")]
    Unstorable { what: &'static str, text: String },
}

impl DbError {
    pub(crate) fn corrupt(what: &'static str, error: &dyn std::fmt::Display) -> Self {
        Self::Corrupt { what, text: error.to_string() }
    }

    pub(crate) fn unstorable(what: &'static str, error: &dyn std::fmt::Display) -> Self {
        Self::Unstorable { what, text: error.to_string() }
    }

    /// Whether a statement was refused by this constraint or unique index.
    pub(crate) fn is_refusal_of(error: &sqlx::Error, constraint: &str) -> bool {
        error.as_database_error().and_then(|e| e.constraint()) == Some(constraint)
    }
}

impl From<DbError> for StoreError {
    fn from(error: DbError) -> Self {
        Self(error.to_string())
    }
}
