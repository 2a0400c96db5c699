//! OpenAI's error replies, in its own words.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::node::{Kind, Problem, Step, Wrong};

/// The body of an error reply, and the data of an error event.
#[derive(Debug, Serialize)]
pub(super) struct Envelope {
    error: Error,
}

#[derive(Debug, Serialize)]
struct Error {
    message: String,
    r#type: &'static str,
    param: Option<String>,
    code: Option<&'static str>,
}

/// What it says to a body that is not JSON.
pub(super) const NOT_JSON: &str = "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your \
    HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble \
    figuring out how to fix this, please contact us through our help center at help.openai.com.)";

impl Envelope {
    /// A refusal of the request as it is.
    pub fn bad_request(message: impl Into<String>, code: Option<&'static str>) -> Self {
        Self { error: Error { message: message.into(), r#type: "invalid_request_error", param: None, code } }
    }

    /// What OpenAI says with this status, for no fault of the request.
    pub fn of_status(status: StatusCode) -> Self {
        let (message, kind, code) = match status.as_u16() {
            401 => (
                "Incorrect API key provided: sk-sim. You can find your API key at \
                 https://platform.openai.com/account/api-keys.",
                "invalid_request_error",
                Some("invalid_api_key"),
            ),
            402 => ("You exceeded your current quota.", "insufficient_quota", Some("insufficient_quota")),
            403 => ("You are not allowed to sample from this model", "invalid_request_error", None),
            404 => (
                "The model `sim` does not exist or you do not have access to it.",
                "invalid_request_error",
                Some("model_not_found"),
            ),
            408 | 504 => ("Request timed out.", "timeout", None),
            429 => (
                "Rate limit reached for requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 120ms.",
                "requests",
                Some("rate_limit_exceeded"),
            ),
            503 => ("The engine is currently overloaded, please try again later.", "server_error", None),
            400..=499 => ("The request was refused by the simulator.", "invalid_request_error", None),
            _ => ("The server had an error while processing your request. Sorry about that!", "server_error", None),
        };
        Self { error: Error { message: message.to_owned(), r#type: kind, param: None, code } }
    }

    /// The same with the parameter it is about.
    pub fn about(mut self, param: &str) -> Self {
        self.error.param = Some(param.to_owned());
        self
    }

    /// A refusal in the words that are the same wherever the problem is, as the newer endpoints use them.
    pub fn plain(Problem { path, wrong }: Problem) -> Self {
        let place = show(&path);
        if path.is_empty() && matches!(wrong, Wrong::Kind { .. }) {
            return Self::bad_request(NOT_JSON, None);
        }
        let (message, code) = word(wrong, &place);
        let param = (!place.is_empty()).then_some(place);
        Self { error: Error { message, r#type: "invalid_request_error", param, code } }
    }

    /// A path as OpenAI writes it: `messages[0].content`.
    pub fn place(path: &[Step]) -> String {
        show(path)
    }

    /// The reply with this body.
    pub fn reply(&self, status: StatusCode) -> Response<Body> {
        let mut response = Response::new(Body::from(serde_json::to_vec_pretty(self).unwrap_or_default()));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

impl From<Problem> for Envelope {
    fn from(Problem { path, wrong }: Problem) -> Self {
        let place = show(&path);
        if wrong == Wrong::Missing && place == "model" {
            return Self::bad_request("you must provide a model parameter", None);
        }
        if wrong == Wrong::Unknown && path.len() == 1 {
            return Self::bad_request(format!("Unrecognized request argument supplied: {place}"), None);
        }
        Self::plain(Problem { path, wrong })
    }
}

/// The sentence and the code for what is wrong at `place`.
fn word(wrong: Wrong, place: &str) -> (String, Option<&'static str>) {
    match wrong {
        Wrong::Missing => (format!("Missing required parameter: '{place}'."), Some("missing_required_parameter")),
        Wrong::Unknown => (format!("Unknown parameter: '{place}'."), Some("unknown_parameter")),
        Wrong::Kind { expected, got } => {
            let expected = describe(expected);
            let message = format!("Invalid type for '{place}': expected {expected}, but got {got} instead.");
            (message, Some("invalid_type"))
        }
        Wrong::Word { got, allowed } => {
            let message = format!("Invalid value: '{got}'. Supported values are: {}.", list(allowed));
            (message, Some("invalid_value"))
        }
        Wrong::Below { got, least, integer } => {
            let (kind, code) =
                if integer { ("integer", "integer_below_min_value") } else { ("decimal", "decimal_below_min_value") };
            let expected = format!("Expected a value >= {least}, but got {got} instead.");
            (format!("Invalid '{place}': {kind} below minimum value. {expected}"), Some(code))
        }
        Wrong::Above { got, most, integer } => {
            let (kind, code) =
                if integer { ("integer", "integer_above_max_value") } else { ("decimal", "decimal_above_max_value") };
            let expected = format!("Expected a value <= {most}, but got {got} instead.");
            (format!("Invalid '{place}': {kind} above maximum value. {expected}"), Some(code))
        }
        Wrong::TooLong { got, most } => {
            let expected =
                format!("Expected an array with maximum length {most}, but got an array with length {got} instead.");
            (format!("Invalid '{place}': array too long. {expected}"), Some("array_above_max_length"))
        }
        Wrong::Empty => {
            let expected = "Expected an array with minimum length 1, but got an empty array instead.";
            (format!("Invalid '{place}': empty array. {expected}"), Some("empty_array"))
        }
        Wrong::Said { message, code } => (message, code),
    }
}

fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "an object",
        Kind::Array => "an array",
        Kind::String => "a string",
        Kind::Integer => "an integer",
        Kind::Number => "a decimal",
        Kind::Boolean => "a boolean",
        Kind::Content => "one of a string or array of objects",
    }
}

fn show(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            Step::Index(at) => drop(write!(text, "[{at}]")),
            Step::Variant(_) => {}
        }
    }
    text
}

/// `'a', 'b', and 'c'`.
fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => format!("'{one}'"),
        [one, two] => format!("'{one}' and '{two}'"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|word| format!("'{word}'")).collect();
            format!("{}, and '{last}'", first.join(", "))
        }
    }
}
