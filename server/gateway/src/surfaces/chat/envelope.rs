//! Errors in OpenRouter's envelope: `{"error": {code, message, metadata}}` (OPENROUTER.md §2.5).

use axum::response::{IntoResponse, Response};
use canon::ErrorKind;
use domain::Attempt;
use serde::Serialize;

use crate::error::GatewayError;
use crate::surfaces::error_response;

#[derive(Debug, Serialize)]
pub struct Envelope {
    error: ErrorBody,
}

/// The `error` object.
#[derive(Debug, Serialize)]
pub struct ErrorBody {
    /// The HTTP status, also where the status line had gone out before.
    pub code: u16,
    pub message: String,
    pub metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Availability>,
}

/// What went wrong, for programs.
#[derive(Debug, Serialize)]
pub struct Metadata {
    error_type: &'static str,
    /// The body's field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_name: Option<String>,
    /// The provider's own code, unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_code: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    previous_errors: Vec<PreviousError>,
}

#[derive(Debug, Serialize)]
struct PreviousError {
    provider: String,
    code: Option<String>,
    status: Option<u16>,
}

/// Whether and when it may be worth another try.
#[derive(Debug, Serialize)]
pub struct Availability {
    code: &'static str,
    retryable: bool,
    requested_models: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    excluded_by: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fallback_models: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

impl ErrorBody {
    pub fn new(error: &GatewayError) -> Self {
        let mut metadata = Metadata {
            error_type: error.error_type(),
            field: None,
            provider_name: None,
            provider_code: None,
            previous_errors: Vec::new(),
        };
        match error {
            GatewayError::Invalid { field, .. } => metadata.field.clone_from(field),
            GatewayError::Upstream { error, attempts } => {
                metadata.provider_code.clone_from(&error.code);
                if let Some((last, before)) = attempts.split_last() {
                    metadata.provider_name = Some(last.provider_name.clone());
                    metadata.previous_errors = before.iter().map(previous).collect();
                }
            }
            _ => {}
        }
        Self { code: error.status(), message: error.for_client(), metadata, availability: availability(error) }
    }
}

fn previous(attempt: &Attempt) -> PreviousError {
    let code = attempt.failure.as_ref().map(|f| f.code.clone().unwrap_or_else(|| f.error_type.clone()));
    PreviousError { provider: attempt.provider_name.clone(), code, status: attempt.status }
}

fn availability(error: &GatewayError) -> Option<Availability> {
    let retry_after = error.retry_after().map(|d| d.as_secs().max(1));
    let base = |code, retryable| Availability {
        code,
        retryable,
        requested_models: Vec::new(),
        excluded_by: Vec::new(),
        fallback_models: Vec::new(),
        retry_after,
    };
    match error {
        GatewayError::ModelNotFound { model, similar } => Some(Availability {
            requested_models: vec![model.clone()],
            fallback_models: similar.clone(),
            ..base("model_not_found", false)
        }),
        GatewayError::WrongEndpoint { model, .. } => {
            Some(Availability { requested_models: vec![model.clone()], ..base("wrong_endpoint", false) })
        }
        GatewayError::NoEndpoints { models, excluded, .. } => {
            let mut excluded_by: Vec<String> = excluded.iter().map(|e| e.reason.clone()).collect();
            excluded_by.sort();
            excluded_by.dedup();
            let code = if excluded.is_empty() { "no_endpoints" } else { "constraint_filtered" };
            Some(Availability { requested_models: models.clone(), excluded_by, ..base(code, false) })
        }
        GatewayError::Upstream { error, .. } => match error.kind {
            ErrorKind::RateLimitExceeded => Some(base("capacity_exhausted", true)),
            ErrorKind::ProviderOverloaded | ErrorKind::ProviderUnavailable | ErrorKind::Timeout | ErrorKind::Server => {
                Some(base("temporarily_unavailable", true))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The error as a whole response.
pub fn respond(error: &GatewayError) -> Response {
    error_response(error, &Envelope { error: ErrorBody::new(error) })
}

impl IntoResponse for GatewayError {
    fn into_response(self) -> Response {
        respond(&self)
    }
}
