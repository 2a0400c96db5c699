//! The one error that crosses from server functions to pages.

use api::ApiError;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Why a page got no answer. Its text is a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum AppError {
    #[error(transparent)]
    Api(ApiError),
    /// The question never arrived, or the answer was not understood.
    #[error("The server could not be reached. Try again.")]
    Transport(String),
}

impl AppError {
    /// What is wrong with one field of a form.
    pub fn of_field(&self, name: &str) -> Option<String> {
        match self {
            Self::Api(ApiError::Invalid { field, message }) if field == name => Some(message.clone()),
            _ => None,
        }
    }

    /// What is wrong with a form as a whole: anything that is not about one of `fields`.
    pub fn of_form(&self, fields: &[&str]) -> Option<String> {
        match self {
            Self::Api(ApiError::Invalid { field, .. }) if fields.contains(&field.as_str()) => None,
            other => Some(other.to_string()),
        }
    }

    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Api(ApiError::NotFound))
    }

    pub fn is_unauthenticated(&self) -> bool {
        matches!(self, Self::Api(ApiError::Unauthenticated))
    }
}

/// Where a server function is being answered, this also gives the answer its status.
impl From<ApiError> for AppError {
    fn from(error: ApiError) -> Self {
        crate::port::answer_with_error(&error);
        Self::Api(error)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self::Transport(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_a_field_is_not_a_fault_of_the_form() {
        let error = AppError::from(ApiError::invalid("email", "That address is taken."));
        assert_eq!(error.of_field("email").as_deref(), Some("That address is taken."));
        assert_eq!(error.of_field("password"), None);
        assert_eq!(error.of_form(&["email", "password"]), None);
        assert_eq!(error.of_form(&["password"]).as_deref(), Some("That address is taken."));
    }
}
