//! Bedrock's error replies: the exception's name in a header, AWS's sentence in the body.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::node::{Kind, Problem, Step, Wrong};

/// What AWS puts behind an exception's name; clients must cut it off.
const NAMESPACE: &str = "http://internal.amazon.com/coral/com.amazon.bedrock/";

const VALIDATION: &str = "ValidationException";

/// A request that is not served.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    exception: &'static str,
    message: String,
}

impl Refusal {
    pub fn new(status: StatusCode, exception: &'static str, message: impl Into<String>) -> Self {
        Self { status, exception, message: message.into() }
    }

    /// The request is not as it should be.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, VALIDATION, message)
    }

    /// The caller is not let in: all of these are 403.
    pub fn access(exception: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, exception, message)
    }

    pub fn not_json() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "SerializationException", "Failed to parse the request body as JSON.")
    }

    pub fn unknown_operation() -> Self {
        let message = "The operation is not known. Check the method and the path of the request.";
        Self::new(StatusCode::NOT_FOUND, "UnknownOperationException", message)
    }

    /// What Bedrock says with this status, for no fault of the request.
    pub fn of_status(status: StatusCode) -> Self {
        let (exception, message) = match status.as_u16() {
            403 => ("AccessDeniedException", "You don't have access to the model with the specified model ID."),
            404 => (
                "ResourceNotFoundException",
                "Could not resolve the foundation model from the provided model identifier.",
            ),
            408 => ("ModelTimeoutException", "Model has timed out in processing the request. Try your request again."),
            413 => ("RequestEntityTooLargeException", "The request is larger than the service accepts."),
            424 => ("ModelErrorException", "The model returned an error while processing the request."),
            429 => ("ThrottlingException", "Too many requests, please wait before trying again."),
            503 | 529 => ("ServiceUnavailableException", "Bedrock is unable to process your request."),
            400..=499 => (VALIDATION, "The request was refused by the simulator."),
            _ => (
                "InternalServerException",
                "The system encountered an unexpected error during processing. Try your request again.",
            ),
        };
        Self::new(status, exception, message)
    }

    /// The reply that says so.
    pub fn reply(&self) -> Response<Body> {
        let mut response = Response::new(Body::from(json!({ "message": self.message }).to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(name) = HeaderValue::try_from(format!("{}:{NAMESPACE}", self.exception)) {
            headers.insert("x-amzn-errortype", name);
        }
        response
    }
}

impl From<Problem> for Refusal {
    fn from(Problem { path, wrong }: Problem) -> Self {
        let place = member(&path);
        let broken = |value: Option<String>, rule: String| {
            let value = value.map_or_else(String::new, |value| format!(" '{value}'"));
            Self::validation(format!(
                "1 validation error detected: Value{value} at '{place}' failed to satisfy constraint: Member must {rule}"
            ))
        };
        match wrong {
            Wrong::Missing => broken(None, "not be null".to_owned()),
            Wrong::Unknown => Self::validation(format!(
                "Malformed input request: #{}: extraneous key [{}] is not permitted, please reformat your input and try again.",
                pointer(path.get(..path.len().saturating_sub(1)).unwrap_or_default()),
                place.rsplit('.').next().unwrap_or_default(),
            )),
            Wrong::Kind { expected, got } => {
                Self::new(StatusCode::BAD_REQUEST, "SerializationException", misread(expected, got))
            }
            Wrong::Word { got, allowed } => {
                broken(Some(got), format!("satisfy enum value set: [{}]", allowed.join(", ")))
            }
            Wrong::Below { got, least, .. } => {
                broken(Some(got), format!("have value greater than or equal to {least}"))
            }
            Wrong::Above { got, most, .. } => broken(Some(got), format!("have value less than or equal to {most}")),
            Wrong::TooLong { most, .. } => broken(None, format!("have length less than or equal to {most}")),
            Wrong::Empty => broken(None, "have length greater than or equal to 1".to_owned()),
            Wrong::Said { message, code } => Self::new(StatusCode::BAD_REQUEST, code.unwrap_or(VALIDATION), message),
        }
    }
}

/// What the reader of the body says to a value of the wrong kind.
fn misread(expected: Kind, got: &str) -> String {
    let wanted = match expected {
        Kind::String | Kind::Content => "String",
        Kind::Integer => "Integer",
        Kind::Number => "Float",
        Kind::Boolean => "Boolean",
        Kind::Object | Kind::Array => return "Unexpected field type".to_owned(),
    };
    let found = match got {
        "an object" => return "Start of structure or map found where not expected.".to_owned(),
        "an array" => return "Start of list found where not expected".to_owned(),
        "a boolean" => "BOOLEAN_VALUE",
        "a decimal" => "DECIMAL_VALUE",
        "an integer" => "NUMBER_VALUE",
        _ => "STRING_VALUE",
    };
    format!("{found} can not be converted to {wanted}")
}

/// A path as AWS's validator of constraints writes it, counting from one: `messages.1.member.role`.
pub(super) fn member(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        if !text.is_empty() {
            text.push('.');
        }
        match step {
            Step::Key(key) => text.push_str(key),
            Step::Index(at) => drop(write!(text, "{}.member", at + 1)),
            Step::Variant(name) => text.push_str(name),
        }
    }
    text
}

/// A path as Converse's own sentences write it, counting from zero: `messages.0.content.1`.
pub(super) fn place(path: &[Step]) -> String {
    join(path, ".").get(1..).unwrap_or_default().to_owned()
}

/// A path as a JSON pointer.
fn pointer(path: &[Step]) -> String {
    join(path, "/")
}

fn join(path: &[Step], before: &str) -> String {
    let mut text = String::new();
    for step in path {
        text.push_str(before);
        match step {
            Step::Key(key) => text.push_str(key),
            Step::Index(at) => drop(write!(text, "{at}")),
            Step::Variant(name) => text.push_str(name),
        }
    }
    text
}

/// What Bedrock says when the model's own validator refuses: the model's sentence behind a preface.
pub(super) fn by_model(sentence: impl AsRef<str>) -> Problem {
    let message = format!("The model returned the following errors: {}", sentence.as_ref());
    Problem { path: Vec::new(), wrong: Wrong::Said { message, code: None } }
}
