//! Reads what went wrong out of a provider's error, wherever it puts the words.
//!
//! After OpenAI's guide "Error codes", Anthropic's page "Errors", Google's error model (`google.rpc.Status`), and the bodies that widespread servers and proxies answer
//! with. The provider's own code decides first, then its words, then the status: many hosts answer 400 to everything.

mod kind;
mod retry;

use std::time::Duration;

use canon::{ErrorKind, UpstreamError};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// The most characters of a provider's message that are passed on.
const MESSAGE_LIMIT: usize = 1_000;

/// The error of an answer whose status is one.
pub fn of_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> UpstreamError {
    let mut words = Words::of(body);
    words.codes.extend(aws_code(headers));
    let error = error(&words, Some(status.as_u16()));
    UpstreamError { retry_after: retry::after(headers).or(words.retry_after), ..error }
}

/// The error that a stream tells midway, whose head said that all is well.
pub fn of_stream(data: &[u8]) -> UpstreamError {
    let words = Words::of(data);
    let status = words.codes.iter().find_map(|code| code.parse().ok().filter(|status| (400..600).contains(status)));
    UpstreamError { retry_after: words.retry_after, ..error(&words, status) }
}

/// The failure that a stream tells apart from its events, with a code of its own.
pub fn of_exception(code: &str, data: &[u8]) -> UpstreamError {
    let mut words = Words::of(data);
    words.codes.insert(0, bounded(code, 100));
    error(&words, None)
}

/// AWS names the failure in a header: `ThrottlingException:http://internal.amazon.com/coral/…`.
fn aws_code(headers: &HeaderMap) -> Option<String> {
    let code = headers.get("x-amzn-errortype")?.to_str().ok()?.split(':').next()?;
    Some(bounded(code, 100))
}

fn error(words: &Words, status: Option<u16>) -> UpstreamError {
    let kind = kind::of(&words.codes, &words.message, status);
    let message = match kind {
        // These are between the operator and the provider, and their words may hold parts of the operator's key.
        ErrorKind::Authentication | ErrorKind::PermissionDenied => {
            "The provider does not accept this server's key.".to_owned()
        }
        ErrorKind::PaymentRequired => "This server's account at the provider has no funds or quota left.".to_owned(),
        _ if words.message.is_empty() => status.map_or_else(
            || "The provider reported an error.".to_owned(),
            |s| format!("The provider answered with status {s}."),
        ),
        _ => words.message.clone(),
    };
    // A bare number says nothing that the status does not.
    let code = words.codes.iter().find(|code| code.parse::<u16>().is_err()).or(words.codes.first()).cloned();
    UpstreamError { kind, status, code, message, retry_after: None }
}

/// What a body says.
#[derive(Debug, Default)]
struct Words {
    /// The provider's codes and types, the most telling first.
    codes: Vec<String>,
    /// At most [`MESSAGE_LIMIT`] characters.
    message: String,
    /// Told in the body.
    retry_after: Option<Duration>,
}

impl Words {
    fn of(body: &[u8]) -> Self {
        let Ok(json) = serde_json::from_slice::<Value>(body) else { return Self::of_text(body) };
        // Some answer with a list of one.
        let json = match json {
            Value::Array(mut list) if !list.is_empty() => list.swap_remove(0),
            other => other,
        };
        let inner = match &json["error"] {
            Value::Null => json["errors"].get(0).unwrap_or(&json),
            found => found,
        };
        let own = &json["base_resp"]["status_code"];
        let codes =
            [&inner["code"], &inner["type"], &inner["status"], &json["code"], &json["type"], &json["__type"], own];
        let codes = codes
            .into_iter()
            .filter_map(scalar)
            .filter(|code| code != "error")
            // `com.amazon.coral.service#UnknownOperationException`
            .map(|code| code.rsplit_once('#').map_or(code.clone(), |(_, code)| code.to_owned()))
            .map(|code| bounded(&code, 100))
            .collect();
        let texts = [
            inner,
            &inner["message"],
            &json["message"],
            &json["Message"],
            &json["detail"],
            &inner["detail"],
            &json["msg"],
            &json["base_resp"]["status_msg"],
            &json["error_description"],
        ];
        let message = texts.into_iter().find_map(text).unwrap_or_default();
        Self { codes, message: bounded(&message, MESSAGE_LIMIT), retry_after: retry::told(&inner["details"]) }
    }

    /// A page of a proxy in between tells nothing to a customer, a line of text may.
    fn of_text(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        let message = if text.starts_with('<') { String::new() } else { bounded(text, MESSAGE_LIMIT) };
        Self { message, ..Self::default() }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A text, or the texts of a validator's list: `[{loc, msg}]`.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Array(list) => {
            let all: Vec<&str> =
                list.iter().filter_map(|item| item["msg"].as_str().or_else(|| item["message"].as_str())).collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
        Value::Object(_) => value["message"].as_str().filter(|text| !text.is_empty()).map(str::to_owned),
        _ => None,
    }
}

fn bounded(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests;
