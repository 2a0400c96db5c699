//! The Anthropic dialect: Messages.

mod error;
mod message;
mod reply;
mod request;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use serde_json::Value;

use self::error::Envelope;
use self::reply::{Events, Message};
use self::request::{Request, Version};
use crate::Simulator;
use crate::exchange::{Answer, Exchange, refuse};
use crate::ids::Id;
use crate::script::{Part, Script};

pub(crate) use self::error::sentence;
pub(crate) use self::request::{thinking, tokens_at};

const DIALECT: &str = "anthropic";

pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new().route("/v1/messages", post(create)).fallback(unknown).method_not_allowed_fallback(not_allowed)
}

async fn create(
    State(simulator): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let id = simulator.ids.next();
    match begin(&simulator, id, &headers, body) {
        Ok((exchange, message, streaming)) => {
            let tokens = message.script.tokens();
            exchange.perform(Reply { message, id }, tokens, streaming).await
        }
        Err(mut refusal) => {
            dress(id, refusal.headers_mut());
            *refusal
        }
    }
}

/// Reads the request and writes its answer; the error is the refusal to send.
fn begin(
    simulator: &Simulator,
    id: Id,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(Exchange, Message, bool), Box<Response>> {
    let name = id.text("msg_01", 22, 0);
    let unread = |status, message: String, model: &str| {
        let envelope = Envelope::new(status, message, request_id(id));
        refuse(simulator.log.open(name.clone(), DIALECT, model), envelope.reply(status))
    };
    if let Some(message) = unauthorized(simulator.config.api_key.as_deref(), headers) {
        return Err(unread(StatusCode::UNAUTHORIZED, message.to_owned(), ""));
    }
    let version = version(headers).map_err(|message| unread(StatusCode::BAD_REQUEST, message, ""))?;
    let body =
        body.map_err(|rejection| unread(rejection.status(), "Request exceeds the maximum size".to_owned(), ""))?;
    let body: Value = serde_json::from_slice(&body)
        .map_err(|error| unread(StatusCode::BAD_REQUEST, format!("The request body is not valid JSON: {error}"), ""))?;
    let request = Request::read(&body, version).map_err(|problem| {
        let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
        unread(StatusCode::BAD_REQUEST, sentence(problem), model)
    })?;
    let ticket = simulator.log.open(name.clone(), DIALECT, request.model);
    let (model, exchange) =
        Exchange::begin(simulator, DIALECT, request.model, headers, ticket).map_err(|(error, ticket)| {
            let status = StatusCode::BAD_REQUEST;
            refuse(ticket, Envelope::new(status, error.to_string(), request_id(id)).reply(status))
        })?;
    let counts = simulator.cache.explicit(model, &request.segments, exchange.knobs.cache_min_tokens);
    let script = exchange.script(&request.prompt, counts, 1);
    let message = Message {
        id: name,
        model: request.model.to_owned(),
        calls: call_ids(id, &script),
        script,
        hides_thinking: request.hides_thinking,
        prompt: exchange.tells_usage().then_some(counts),
    };
    Ok((exchange, message, request.streaming))
}

fn call_ids(id: Id, script: &Script) -> Vec<String> {
    let calls = script.passages.iter().filter(|passage| matches!(passage.part, Part::Call(_)));
    calls.enumerate().map(|(at, _)| id.text("toolu_01", 22, 2 + at)).collect()
}

fn request_id(id: Id) -> String {
    id.text("req_011C", 20, 1)
}

fn unauthorized(expected: Option<&str>, headers: &HeaderMap) -> Option<&'static str> {
    let expected = expected?;
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match headers.get("x-api-key").and_then(|value| value.to_str().ok()).or(bearer) {
        Some(key) if key == expected => None,
        Some(_) => Some("invalid x-api-key"),
        None => Some("x-api-key header is required"),
    }
}

/// The version that each request must name; the error is what is wrong with it.
fn version(headers: &HeaderMap) -> Result<Version, String> {
    match headers.get("anthropic-version").map(HeaderValue::to_str) {
        None => Err("anthropic-version: header is required".to_owned()),
        Some(Ok("2023-06-01")) => Ok(Version::Of2023),
        Some(Ok("2026-10-21")) => Ok(Version::Of2026),
        Some(other) => Err(format!("anthropic-version: \"{}\" is not a valid version", other.unwrap_or_default())),
    }
}

async fn unknown(State(simulator): State<Arc<Simulator>>) -> Response {
    let status = StatusCode::NOT_FOUND;
    Envelope::new(status, "Not found", request_id(simulator.ids.next())).reply(status)
}

async fn not_allowed(State(simulator): State<Arc<Simulator>>) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    Envelope::new(status, "Method Not Allowed", request_id(simulator.ids.next())).reply(status)
}

/// A message and what its reply's headers are made from.
#[derive(Debug)]
struct Reply {
    message: Message,
    id: Id,
}

impl Answer for Reply {
    type Frames = Events;

    fn frames(self) -> Events {
        Events::new(self.message)
    }

    fn whole(&self) -> Vec<u8> {
        self.message.whole()
    }

    fn failure(&self, status: StatusCode) -> Response {
        Envelope::of_status(status, request_id(self.id)).reply(status)
    }

    fn dress(&self, headers: &mut HeaderMap) {
        dress(self.id, headers);
    }
}

fn dress(id: Id, headers: &mut HeaderMap) {
    headers.insert("anthropic-organization-id", HeaderValue::from_static("01890000-0000-7000-8000-000000000000"));
    headers.insert("anthropic-ratelimit-requests-limit", HeaderValue::from_static("10000"));
    headers.insert("anthropic-ratelimit-requests-remaining", HeaderValue::from_static("9999"));
    if let Ok(value) = HeaderValue::try_from(request_id(id)) {
        headers.insert("request-id", value);
    }
}
