//! Errors in Anthropic's envelope: `{"type": "error", "error": {type, message}, "request_id"}` (OPENROUTER.md §2.5, "Skins").

use axum::response::Response;
use canon::ErrorKind;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use uuid::Uuid;

use crate::error::GatewayError;
use crate::surfaces::error_response;

/// The header that names a request, as Anthropic's clients read it.
pub const REQUEST_ID: &str = "request-id";

/// The field that asks the server to keep the conversation.
pub const THREAD: &str = "thread";

/// Anthropic's own status for a provider that has too much to do.
const OVERLOADED: u16 = 529;

#[derive(Debug, Serialize)]
pub struct Envelope<'a> {
    r#type: &'static str,
    error: ErrorBody,
    request_id: &'a str,
}

#[derive(Debug, Serialize)]
struct ErrorBody {
    r#type: &'static str,
    message: String,
    /// OpenRouter's stable word.
    error_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

/// What clients act upon by themselves.
#[derive(Debug, Serialize)]
struct Details {
    error_code: &'static str,
    /// Which other fields are at fault: none.
    unsupported: [&'static str; 0],
}

/// Upon this, Anthropic's clients send the whole conversation instead.
const NO_THREADS: Details = Details { error_code: "thread_unsupported_request", unsupported: [] };

impl<'a> Envelope<'a> {
    pub fn new(request_id: &'a str, error: &GatewayError) -> Self {
        let body = ErrorBody {
            r#type: error_type(status(error)),
            message: error.for_client(),
            error_type: error.error_type(),
            details: matches!(error, GatewayError::Invalid { field: Some(field), .. } if field == THREAD)
                .then_some(NO_THREADS),
        };
        Self { r#type: "error", error: body, request_id }
    }
}

/// The status where it is not the other surfaces': Anthropic's clients know a missing model as 404.
fn status(error: &GatewayError) -> u16 {
    match error {
        GatewayError::ModelNotFound { .. } => 404,
        GatewayError::Upstream { error, .. } if error.kind == ErrorKind::ProviderOverloaded => OVERLOADED,
        error => error.status(),
    }
}

/// Anthropic's word for a status.
const fn error_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        408 | 504 => "timeout_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | OVERLOADED => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

/// The error of a request that left no record.
pub fn respond(error: &GatewayError) -> Response {
    respond_as(&format!("req_{}", Uuid::now_v7().simple()), error)
}

/// The error as a whole response, with the request's name in header and body.
pub fn respond_as(request_id: &str, error: &GatewayError) -> Response {
    let mut response = error_response(error, &Envelope::new(request_id, error));
    if let Ok(status) = StatusCode::from_u16(status(error)) {
        *response.status_mut() = status;
    }
    if let Ok(name) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, name);
    }
    response
}
