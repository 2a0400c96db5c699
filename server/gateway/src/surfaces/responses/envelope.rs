//! Errors in OpenAI's envelope, `{"error": {message, type, param, code}}`, as OpenRouter fills it: `code` is the HTTP status, the stable
//! word is in `metadata` (OPENROUTER.md §2.5).

use axum::response::Response;
use canon::ErrorKind;
use serde::Serialize;

use super::render::{Ending, Failure};
use crate::error::GatewayError;
use crate::surfaces::chat::envelope::{Availability, ErrorBody, Metadata};
use crate::surfaces::error_response;

#[derive(Debug, Serialize)]
struct Envelope {
    error: OpenAiError,
}

#[derive(Debug, Serialize)]
struct OpenAiError {
    message: String,
    r#type: &'static str,
    /// The body's field at fault.
    param: Option<String>,
    code: u16,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    availability: Option<Availability>,
}

/// The error as a whole response.
pub fn respond(error: &GatewayError) -> Response {
    let ErrorBody { code, message, metadata, availability } = ErrorBody::new(error);
    let error_body = OpenAiError { message, r#type: kind(error), param: param(error), code, metadata, availability };
    error_response(error, &Envelope { error: error_body })
}

/// The body's field at fault.
pub fn param(error: &GatewayError) -> Option<String> {
    match error {
        GatewayError::Invalid { field, .. } => field.clone(),
        GatewayError::ModelNotFound { .. } => Some("model".to_owned()),
        _ => None,
    }
}

/// OpenAI's word for the kind of error.
fn kind(error: &GatewayError) -> &'static str {
    match error.status() {
        402 => "insufficient_quota",
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

/// How a response ends because of an error: one of length is an answer that is incomplete, any other is a failure.
pub fn ending(error: &GatewayError) -> Ending {
    let error_type = error.error_type();
    if is_length(error) {
        return Ending::Incomplete { reason: "max_output_tokens", error_type: Some(error_type) };
    }
    Ending::Failed { error: Failure { code: failure_code(error), message: error.for_client() }, error_type }
}

/// Whether a provider found the prompt, or what was to be answered, too long.
pub const fn is_length(error: &GatewayError) -> bool {
    matches!(error, GatewayError::Upstream { error, .. } if matches!(error.kind, ErrorKind::ContextLengthExceeded | ErrorKind::MaxTokensExceeded))
}

/// `error.code` of a failed response: OpenAI has but these.
fn failure_code(error: &GatewayError) -> &'static str {
    match error {
        GatewayError::Invalid { .. } => "invalid_prompt",
        GatewayError::Upstream { error, .. } => match error.kind {
            ErrorKind::RateLimitExceeded => "rate_limit_exceeded",
            ErrorKind::InvalidImage => "invalid_image",
            ErrorKind::InvalidRequest
            | ErrorKind::ContentPolicyViolation
            | ErrorKind::Refusal
            | ErrorKind::PayloadTooLarge
            | ErrorKind::Unprocessable => "invalid_prompt",
            _ => "server_error",
        },
        _ => "server_error",
    }
}
