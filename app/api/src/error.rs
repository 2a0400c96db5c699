//! The few ways in which a page's question can fail.

use serde::{Deserialize, Serialize};

/// What a page can act on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ApiError {
    #[error("Sign in first.")]
    Unauthenticated,
    #[error("You may not do this.")]
    Forbidden,
    #[error("There is no such thing.")]
    NotFound,
    /// A field of a form, and what is wrong with it, in a sentence.
    #[error("{message}")]
    Invalid { field: String, message: String },
    #[error("Too many attempts. Try again in {seconds} s.")]
    TooMany { seconds: u32 },
    #[error("Something went wrong on the server. It was logged; try again.")]
    Internal,
}

impl ApiError {
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.to_owned(), message: message.into() }
    }
}
