//! The OpenAI dialect: chat completions and the list of models.

mod error;
mod logprobs;
mod message;
mod reply;
mod request;
mod strict;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::{Value, json};

use self::error::{Envelope, NOT_JSON};
use self::reply::{Chunks, Completion, Usage};
use self::request::Request;
use crate::Simulator;
use crate::exchange::{Answer, Exchange, refuse};
use crate::ids::Id;
use crate::script::{Part, Script};

const DIALECT: &str = "openai";

/// The models that `GET /models` lists.
const MODELS: [&str; 5] = ["sim-echo", "sim-reasoner", "sim-tools", "sim-slow", "sim-flaky"];

pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/v1/chat/completions", post(complete))
        .route("/v1/models", get(models))
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed)
}

async fn complete(
    State(simulator): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let id = simulator.ids.next();
    match begin(&simulator, id, &headers, body) {
        Ok((exchange, completion, streaming)) => {
            let tokens = completion.script.tokens() * completion.choices;
            exchange.perform(Reply { completion, id }, tokens, streaming).await
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
) -> Result<(Exchange, Completion, bool), Box<Response>> {
    let name = id.text("chatcmpl-", 29, 0);
    let unread = |status, envelope: Envelope, model: &str| {
        refuse(simulator.log.open(name.clone(), DIALECT, model), envelope.reply(status))
    };
    if let Some(envelope) = unauthorized(simulator.config.api_key.as_deref(), headers) {
        return Err(unread(StatusCode::UNAUTHORIZED, envelope, ""));
    }
    let body = body.map_err(|rejection| {
        unread(rejection.status(), Envelope::bad_request("Request body is too large.", None), "")
    })?;
    let body: Value = serde_json::from_slice(&body)
        .map_err(|_| unread(StatusCode::BAD_REQUEST, Envelope::bad_request(NOT_JSON, None), ""))?;
    let mut request = Request::read(&body).map_err(|problem| {
        let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
        unread(StatusCode::BAD_REQUEST, problem.into(), model)
    })?;
    let ticket = simulator.log.open(name.clone(), DIALECT, request.model);
    let (model, exchange) =
        Exchange::begin(simulator, DIALECT, request.model, headers, ticket).map_err(|(error, ticket)| {
            let envelope = Envelope::bad_request(error.to_string(), None);
            refuse(ticket, envelope.reply(StatusCode::BAD_REQUEST))
        })?;
    if model == "sim-reasoner" {
        request.prompt.thought = thought(request.effort);
    }
    let counts = simulator.cache.implicit(model, &request.segments, exchange.knobs.cache_min_tokens);
    let script = exchange.script(&request.prompt, counts, request.choices);
    let usage = exchange.tells_usage().then(|| Usage::new(counts, &script, request.choices));
    let completion = Completion {
        id: name,
        created: simulator.ids.now(),
        model: request.model.to_owned(),
        choices: request.choices,
        logprobs: request.logprobs,
        calls: call_ids(id, &script),
        script,
        usage,
        counted: request.counted,
    };
    Ok((exchange, completion, request.streaming))
}

/// Tokens of reasoning at each effort.
fn thought(effort: Option<&str>) -> u32 {
    match effort {
        Some("none") => 0,
        Some("minimal") => 8,
        Some("low") => 20,
        Some("high") => 160,
        Some("xhigh") => 240,
        Some("max") => 320,
        _ => 60,
    }
}

fn call_ids(id: Id, script: &Script) -> Vec<String> {
    let calls = script.passages.iter().filter(|passage| matches!(passage.part, Part::Call(_)));
    calls.enumerate().map(|(at, _)| id.text("call_", 24, 2 + at)).collect()
}

fn unauthorized(expected: Option<&str>, headers: &HeaderMap) -> Option<Envelope> {
    let expected = expected?;
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match given {
        Some(key) if key == expected => None,
        Some(_) => Some(Envelope::of_status(StatusCode::UNAUTHORIZED)),
        None => Some(Envelope::bad_request(
            "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer \
             auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the \
             API from your browser and are prompted for a username and password. You can obtain an API key from \
             https://platform.openai.com/account/api-keys.",
            None,
        )),
    }
}

async fn models(State(simulator): State<Arc<Simulator>>, headers: HeaderMap) -> Response {
    use axum::response::IntoResponse as _;
    if let Some(envelope) = unauthorized(simulator.config.api_key.as_deref(), &headers) {
        return envelope.reply(StatusCode::UNAUTHORIZED);
    }
    let model = |id| json!({ "id": id, "object": "model", "created": 1_735_689_600, "owned_by": "simulator" });
    Json(json!({ "object": "list", "data": MODELS.map(model) })).into_response()
}

async fn unknown(method: Method, uri: Uri) -> Response {
    let envelope = Envelope::bad_request(format!("Invalid URL ({method} {})", uri.path()), None);
    envelope.reply(StatusCode::NOT_FOUND)
}

async fn not_allowed(method: Method, uri: Uri) -> Response {
    let hint = "(HINT: Perhaps you meant to use a different HTTP method?)";
    let message = format!("Not allowed to {method} on {}. {hint}", uri.path());
    Envelope::bad_request(message, Some("method_not_supported")).reply(StatusCode::METHOD_NOT_ALLOWED)
}

/// A completion and what its reply's headers are made from.
#[derive(Debug)]
struct Reply {
    completion: Completion,
    id: Id,
}

impl Answer for Reply {
    type Frames = Chunks;

    fn frames(self) -> Chunks {
        Chunks::new(self.completion)
    }

    fn whole(&self) -> Vec<u8> {
        self.completion.whole()
    }

    fn failure(&self, status: StatusCode) -> Response {
        Envelope::of_status(status).reply(status)
    }

    fn dress(&self, headers: &mut HeaderMap) {
        dress(self.id, headers);
    }
}

fn dress(id: Id, headers: &mut HeaderMap) {
    headers.insert("openai-version", HeaderValue::from_static("2020-10-01"));
    headers.insert("openai-processing-ms", HeaderValue::from_static("1"));
    headers.insert("x-ratelimit-limit-requests", HeaderValue::from_static("10000"));
    headers.insert("x-ratelimit-remaining-requests", HeaderValue::from_static("9999"));
    if let Ok(value) = HeaderValue::try_from(id.text("req_", 32, 1)) {
        headers.insert("x-request-id", value);
    }
}
