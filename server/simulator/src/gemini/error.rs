//! Google's error replies: a `google.rpc.Status` as JSON, in the words of its JSON parser and of its validators.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use super::place::{Place, type_name};
use crate::node::{Problem, Step, Wrong};

/// Marks a [`Wrong::Said`] as a validator's sentence, which Google tells with the field in front.
pub(super) const FIELD: Option<&str> = Some("FIELD");

/// Marks a [`Wrong::Said`] as the parser's complaint about a value: `Invalid value at 'contents[0].parts[0]' (oneof), …`.
pub(super) const VALUE: Option<&str> = Some("VALUE");

/// Marks a [`Wrong::Said`] as a refusal of what belongs to someone else.
pub(super) const DENIED: Option<&str> = Some("PERMISSION_DENIED");

/// The body of an error reply, and what a stream says when it breaks.
#[derive(Debug, Serialize)]
pub(super) struct Envelope {
    error: Error,
}

#[derive(Debug, Serialize)]
struct Error {
    code: u16,
    message: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Value>,
}

impl Envelope {
    pub fn new(code: StatusCode, message: impl Into<String>) -> Self {
        let error =
            Error { code: code.as_u16(), message: message.into(), status: canonical(code), details: Vec::new() };
        Self { error }
    }

    /// Adds a detail of the type `google.rpc.{kind}`.
    pub fn with(mut self, kind: &str, mut detail: Value) -> Self {
        if let Value::Object(fields) = &mut detail {
            fields.shift_insert(0, "@type".to_owned(), format!("type.googleapis.com/google.rpc.{kind}").into());
        }
        self.error.details.push(detail);
        self
    }

    /// Adds the reason that a program can read.
    pub fn because(self, reason: &str) -> Self {
        let metadata = json!({ "service": "generativelanguage.googleapis.com" });
        self.with("ErrorInfo", json!({ "reason": reason, "domain": "googleapis.com", "metadata": metadata }))
    }

    /// What Google says to a `body`, read as the message `request`, that has this problem.
    pub fn of_problem(Problem { path, wrong }: Problem, request: &str, body: &Value) -> Self {
        let place = Place { path: &path, body };
        let bad = StatusCode::BAD_REQUEST;
        match wrong {
            Wrong::Unknown => place.unknown("Cannot find field."),
            Wrong::Kind { got: "an array", .. } => place.unknown("Proto field is not repeating, cannot start list."),
            Wrong::Kind { expected, .. } => place.invalid(&type_name(expected, &path), &place.value()),
            Wrong::Word { .. } => place.invalid(&place.message_type(), &place.value()),
            Wrong::Below { integer, .. } | Wrong::Above { integer, .. } => {
                place.invalid(if integer { "TYPE_INT32" } else { "TYPE_FLOAT" }, &place.value())
            }
            Wrong::Missing if path.last() == Some(&Step::Key("contents".to_owned())) => {
                Self::new(bad, format!("* {request}.{}: contents is not specified\n", place.validated()))
            }
            Wrong::Missing => Self::new(bad, format!("* {request}.{}: missing field.\n", place.validated())),
            Wrong::Empty => Self::new(bad, format!("* {request}.{}: must not be empty.\n", place.validated())),
            Wrong::TooLong { most, .. } => {
                Self::new(bad, format!("* {request}.{}: at most {most} are allowed\n", place.validated()))
            }
            Wrong::Said { message, code } if code == FIELD => {
                Self::new(bad, format!("* {request}.{}: {message}\n", place.validated()))
            }
            Wrong::Said { message, code } if code == VALUE => place.complain(message),
            Wrong::Said { message, code } if code == DENIED => Self::new(StatusCode::FORBIDDEN, message),
            Wrong::Said { message, .. } => Self::new(bad, message),
        }
    }

    /// What Google says with this status, for no fault of the request; `retry` seconds are told as a detail.
    pub fn of_status(status: StatusCode, retry: Option<u32>) -> Self {
        let message = match status.as_u16() {
            401 => UNAUTHENTICATED,
            403 => "The caller does not have permission",
            404 => "models/sim is not found for API version v1beta, or is not supported for generateContent.",
            429 => "Resource has been exhausted (e.g. check quota).",
            499 => "The operation was cancelled.",
            503 => "The model is overloaded. Please try again later.",
            504 => "The request timed out. Please try again.",
            400..=499 => "Request contains an invalid argument.",
            _ => {
                "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"
            }
        };
        let envelope = Self::new(status, message);
        match retry {
            Some(seconds) => envelope.with("RetryInfo", json!({ "retryDelay": format!("{seconds}s") })),
            None => envelope,
        }
    }

    /// The body, as Google lays it out.
    pub fn text(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// The reply with this body; `listed` in an array, as a stream of JSON that is not server-sent events has it.
    pub fn reply(&self, listed: bool) -> Response<Body> {
        let text = if listed { [b"[", self.text().as_slice(), b"]\n"].concat() } else { self.text() };
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = StatusCode::from_u16(self.error.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let json = HeaderValue::from_static("application/json; charset=UTF-8");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }
}

/// What it says to a caller of Vertex AI without a good token.
pub(super) const UNAUTHENTICATED: &str = "Request had invalid authentication credentials. Expected OAuth 2 access token, \
    login cookie or other valid authentication credential. See \
    https://developers.google.com/identity/sign-in/web/devconsole-project.";

/// The canonical code of `google.rpc.Code` for an HTTP status.
fn canonical(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        501 => "UNIMPLEMENTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        400..=499 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    }
}
