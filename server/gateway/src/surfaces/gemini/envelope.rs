//! Errors in the envelope of Google's APIs: `{"error": {code, message, status, details}}`.

use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::GatewayError;
use crate::surfaces::error_response;

#[derive(Debug, Serialize)]
pub struct ErrorBody {
    error: Status,
}

/// `google.rpc.Status`, in JSON.
#[derive(Debug, Serialize)]
struct Status {
    /// The HTTP status, also where the status line had gone out before.
    code: u16,
    message: String,
    status: &'static str,
    details: Vec<Value>,
    /// Ours: the one word that errors have in every API.
    error_type: &'static str,
}

impl ErrorBody {
    pub fn new(error: &GatewayError) -> Self {
        let mut details = vec![json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": error.error_type().to_uppercase(),
            "domain": "souk",
        })];
        if let GatewayError::Invalid { field: Some(field), message } = error {
            let violation = json!({"field": field, "description": message});
            details.push(json!({
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [violation],
            }));
        }
        if let Some(wait) = error.retry_after() {
            let delay = format!("{}s", wait.as_secs().max(1));
            details.push(json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}));
        }
        let code = error.status();
        let (message, error_type) = (error.for_client(), error.error_type());
        Self { error: Status { code, message, status: word(code), details, error_type } }
    }
}

/// The name of a code (`google.rpc.Code`). Google has none for credits that ran out.
const fn word(status: u16) -> &'static str {
    match status {
        400 | 413 | 422 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        402 => "FAILED_PRECONDITION",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        405 => "UNIMPLEMENTED",
        408 | 504 => "DEADLINE_EXCEEDED",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        502 | 503 => "UNAVAILABLE",
        500..=599 => "INTERNAL",
        _ => "UNKNOWN",
    }
}

/// The error as a whole response.
pub fn respond(error: &GatewayError) -> Response {
    error_response(error, &ErrorBody::new(error))
}
