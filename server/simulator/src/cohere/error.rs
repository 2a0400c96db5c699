//! Cohere's error replies: an id and a message, in its own words.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::ids::Id;
use crate::node::{Kind, Problem, Step, Wrong};

/// A request that is not served.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// What Cohere says with this status, for no fault of the request.
    pub fn of_status(status: StatusCode) -> Self {
        let message = match status.as_u16() {
            401 => "invalid api token",
            402 => {
                "Please add or update your payment method at https://dashboard.cohere.com/billing?tab=payment to continue."
            }
            403 => "your API key does not have access to this resource",
            404 => {
                "model 'sim' not found, make sure the correct model ID was used and that you have access to the model."
            }
            413 => "invalid request: the request body is too large",
            422 => "unprocessable entity",
            429 => {
                "You are past the per minute request limit, please wait and try again later. Reach out to support@cohere.com to \
                 request a higher limit."
            }
            498 => "invalid token",
            499 => "request cancelled by user",
            501 => "this feature is not implemented",
            503 => "service unavailable, please try again later",
            504 => "request timed out, please try again later",
            400..=499 => "invalid request: refused by the simulator",
            _ => "internal server error, this has been reported to our developers.",
        };
        Self::new(status, message)
    }

    /// The reply that says so.
    pub fn reply(&self, id: Id) -> Response<Body> {
        let body = json!({ "id": id.uuid(0), "message": self.message });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

impl From<Problem> for Refusal {
    fn from(Problem { path, wrong }: Problem) -> Self {
        let place = show(&path);
        let message = match wrong {
            Wrong::Unknown => {
                let docs = "For proper usage, please refer to https://docs.cohere.com/v2/reference";
                let message = format!("unknown field: parameter '{place}' is not a valid field. {docs}");
                return Self::new(StatusCode::UNPROCESSABLE_ENTITY, message);
            }
            Wrong::Missing if place == "model" => "a model parameter is required for this endpoint.".to_owned(),
            Wrong::Missing => format!("invalid request: {place} is required."),
            Wrong::Kind { expected, got } => {
                format!(
                    "invalid type: parameter {place} is of type {} but should be of type {}.",
                    plain(got),
                    name(expected)
                )
            }
            Wrong::Word { got, allowed } => {
                format!("invalid request: {place} must be one of {} - received {got}.", allowed.join(", "))
            }
            Wrong::Below { got, least, .. } => {
                format!("invalid request: {place} must be at least {least} inclusive - received {got}.")
            }
            Wrong::Above { got, most, .. } => {
                format!("invalid request: {place} must be at most {most} inclusive - received {got}.")
            }
            Wrong::TooLong { got, most } => {
                format!("invalid request: {place} must have at most {most} elements - received {got}.")
            }
            Wrong::Empty => format!("invalid request: list of {place} must not be empty"),
            Wrong::Said { message, .. } => message,
        };
        Self::bad_request(message)
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "object",
        Kind::Array => "array",
        Kind::String | Kind::Content => "string",
        Kind::Integer => "integer",
        Kind::Number => "float",
        Kind::Boolean => "boolean",
    }
}

/// `got` without its article.
fn plain(got: &str) -> &str {
    got.split_once(' ').map_or(got, |(_, kind)| kind)
}

fn show(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(at) => drop(write!(text, "[{at}]")),
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => drop(write!(text, ".{key}")),
            Step::Variant(_) => {}
        }
    }
    text
}
