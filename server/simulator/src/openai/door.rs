//! The two fronts the OpenAI dialect is served behind: OpenAI's own, and Azure's, which has other keys, errors and headers.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::error::Envelope;
use super::filter::Filters;
use crate::ids::Id;

/// Whose front a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    OpenAi,
    Azure,
}

impl Door {
    /// The dialect's name in the log and in ordered faults.
    pub fn dialect(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Azure => "azure",
        }
    }

    /// The refusal of a caller without the right key. Azure always asks for a key, in `api-key` or as a bearer token.
    pub fn turn_away(self, expected: Option<&str>, headers: &HeaderMap) -> Option<Response<Body>> {
        let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let status = StatusCode::UNAUTHORIZED;
        match self {
            Self::OpenAi => match (expected?, bearer) {
                (expected, Some(key)) if key == expected => None,
                (_, Some(_)) => Some(Envelope::of_status(status).reply(status)),
                (_, None) => Some(Envelope::bad_request(NO_KEY, None).reply(status)),
            },
            Self::Azure => {
                let key = headers.get("api-key").and_then(|value| value.to_str().ok()).or(bearer);
                let is_let_in = key.is_some_and(|key| expected.is_none_or(|expected| key == expected));
                (!is_let_in).then(|| self.failure(status))
            }
        }
    }

    /// The error reply with this status, for no fault of the request.
    pub fn failure(self, status: StatusCode) -> Response<Body> {
        match self {
            Self::OpenAi => Envelope::of_status(status).reply(status),
            Self::Azure => {
                let (code, message) = azure_words(status);
                raw(status, &json!({ "error": { "code": code, "message": message } }))
            }
        }
    }

    /// The refusal of a prompt that a filter stopped.
    pub fn filtered(self) -> Response<Body> {
        let status = StatusCode::BAD_REQUEST;
        match self {
            Self::OpenAi => Envelope::bad_request(FLAGGED, Some("invalid_prompt")).reply(status),
            Self::Azure => raw(
                status,
                &json!({ "error": {
                    "message": FILTERED,
                    "type": null,
                    "param": "prompt",
                    "code": "content_filter",
                    "status": 400,
                    "innererror": {
                        "code": "ResponsibleAIPolicyViolation",
                        "content_filter_result": Filters::STRUCK,
                    },
                } }),
            ),
        }
    }

    /// Adds the headers of every reply to the request `id`.
    pub fn dress(self, id: Id, headers: &mut HeaderMap) {
        let mut put = |name: &'static str, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
        put("openai-version", "2020-10-01");
        put("openai-processing-ms", "1");
        put("x-ratelimit-limit-requests", "10000");
        put("x-ratelimit-remaining-requests", "9999");
        if self == Self::Azure {
            put("x-ms-region", "Sweden Central");
            if let Ok(value) = HeaderValue::try_from(guid(id)) {
                headers.insert("apim-request-id", value);
            }
        }
        if let Ok(value) = HeaderValue::try_from(id.text("req_", 32, 1)) {
            headers.insert("x-request-id", value);
        }
    }
}

const NO_KEY: &str = "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer \
     auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the \
     API from your browser and are prompted for a username and password. You can obtain an API key from \
     https://platform.openai.com/account/api-keys.";

const FLAGGED: &str = "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a \
     different prompt: https://platform.openai.com/docs/guides/reasoning#advice-on-prompting";

const FILTERED: &str = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please \
     modify your prompt and retry. To learn more about our content filtering policies please read our documentation: \
     https://go.microsoft.com/fwlink/?linkid=2198766";

/// The code and the sentence of Azure's own gateway, which stands before OpenAI's models.
fn azure_words(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        401 => (
            "401",
            "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an \
             active subscription and use a correct regional API endpoint for your resource.",
        ),
        403 => ("403", "Access denied due to Virtual Network/Firewall rules."),
        404 => (
            "DeploymentNotFound",
            "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, \
             please wait a moment and try again.",
        ),
        408 => ("Timeout", "The operation was timeout."),
        429 => (
            "429",
            "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token \
             rate limit of your current OpenAI S0 pricing tier. Please retry after 7 seconds. Please go here: \
             https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.",
        ),
        503 => {
            ("ServiceUnavailable", "The service is temporarily unable to process your request. Please try again later.")
        }
        400..=499 => ("BadRequest", "The request was refused by the simulator."),
        _ => ("InternalServerError", "Backend returned unexpected response. Please contact Microsoft for help."),
    }
}

/// A reply with `body`, as Azure's gateway writes it.
pub(super) fn raw(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An id in the form of a GUID.
fn guid(id: Id) -> String {
    let letters = id.text("", 32, 3);
    let mut text = String::with_capacity(36);
    for (at, letter) in letters.bytes().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "{:x}", letter % 16);
    }
    text
}
