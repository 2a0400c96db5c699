//! Anthropic's error replies, in its own words: those of its request validator, with the path in front.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::node::{Kind, Problem, Step, Wrong};

/// The body of an error reply.
#[derive(Debug, Serialize)]
pub(super) struct Envelope {
    r#type: &'static str,
    error: Error,
    request_id: String,
}

#[derive(Debug, Serialize)]
struct Error {
    r#type: &'static str,
    message: String,
}

impl Envelope {
    /// An error of the type that belongs to `status`.
    pub fn new(status: StatusCode, message: impl Into<String>, request_id: String) -> Self {
        Self { r#type: "error", error: Error { r#type: kind(status), message: message.into() }, request_id }
    }

    /// What Anthropic says with this status, for no fault of the request.
    pub fn of_status(status: StatusCode, request_id: String) -> Self {
        let message = match status.as_u16() {
            401 => "invalid x-api-key",
            402 => {
                "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or \
                    purchase credits."
            }
            403 => "Your API key does not have permission to use the specified resource.",
            404 => "model: sim",
            413 => "Request exceeds the maximum size",
            429 => "This request would exceed your organization's rate limit of 50 requests per minute.",
            504 => "The request timed out while processing.",
            503 | 529 => "Overloaded",
            400..=499 => "The request was refused by the simulator.",
            _ => "Internal server error",
        };
        Self::new(status, message, request_id)
    }

    /// The reply with this body.
    pub fn reply(&self, status: StatusCode) -> Response<Body> {
        let mut response = Response::new(Body::from(serde_json::to_vec(self).unwrap_or_default()));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

fn kind(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

/// The sentence for a problem: `max_tokens: Field required`.
pub(crate) fn sentence(Problem { path, wrong }: Problem) -> String {
    let what = match wrong {
        Wrong::Missing => "Field required".to_owned(),
        Wrong::Unknown => "Extra inputs are not permitted".to_owned(),
        Wrong::Kind { expected, .. } => format!("Input should be {}", describe(expected)),
        Wrong::Word { allowed, .. } => format!("Input should be {}", list(allowed)),
        Wrong::Below { least, .. } => format!("Input should be greater than or equal to {least}"),
        Wrong::Above { most, .. } => format!("Input should be less than or equal to {most}"),
        Wrong::TooLong { got, most } => format!("List should have at most {most} items after validation, not {got}"),
        Wrong::Empty => "List should have at least 1 item after validation, not 0".to_owned(),
        Wrong::Said { message, .. } => message,
    };
    let place = show(&path);
    if place.is_empty() { what } else { format!("{place}: {what}") }
}

fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "a valid dictionary",
        Kind::Array | Kind::Content => "a valid list",
        Kind::String => "a valid string",
        Kind::Integer => "a valid integer",
        Kind::Number => "a valid number",
        Kind::Boolean => "a valid boolean",
    }
}

fn show(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        if !text.is_empty() {
            text.push('.');
        }
        match step {
            Step::Key(key) => text.push_str(key),
            Step::Index(at) => drop(write!(text, "{at}")),
            Step::Variant(name) => text.push_str(name),
        }
    }
    text
}

/// `'a', 'b' or 'c'`.
fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => format!("'{one}'"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|word| format!("'{word}'")).collect();
            format!("{} or '{last}'", first.join(", "))
        }
    }
}
