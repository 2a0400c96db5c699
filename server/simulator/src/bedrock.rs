//! The Amazon Bedrock dialect: Converse and ConverseStream.
//!
//! Source: the service model of Bedrock Runtime that AWS publishes in botocore (`bedrock-runtime`, 2023-09-30).

mod content;
mod error;
mod events;
mod frame;
mod message;
mod reply;
mod request;
mod signature;
mod thought;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::BytesRejection;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use serde_json::Value;

use self::error::Refusal;
use self::events::Events;
use self::reply::Message;
use self::request::Request;
use self::signature::Signed;
use crate::Simulator;
use crate::exchange::{Answer, Exchange, refuse};
use crate::ids::Id;
use crate::script::{Part, Script};

const DIALECT: &str = "bedrock";

/// Most tokens of a prompt.
const CONTEXT: u32 = 200_000;

/// Longest model id, and the marks it may have beside letters and digits; the `?` part of the knobs is not the model's.
const MAX_MODEL: usize = 2048;
const MODEL_MARKS: &str = "-_.:/";

pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/model/{model}/converse", post(converse))
        .route("/model/{model}/converse-stream", post(converse_stream))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
}

/// A call as it came in.
struct Call {
    /// The path as the client wrote and signed it.
    uri: Uri,
    model: String,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
}

async fn converse(
    State(simulator): State<Arc<Simulator>>,
    OriginalUri(uri): OriginalUri,
    Path(model): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer(&simulator, Call { uri, model, headers, body }, false).await
}

async fn converse_stream(
    State(simulator): State<Arc<Simulator>>,
    OriginalUri(uri): OriginalUri,
    Path(model): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer(&simulator, Call { uri, model, headers, body }, true).await
}

async fn answer(simulator: &Simulator, call: Call, streaming: bool) -> Response {
    let id = simulator.ids.next();
    match begin(simulator, id, call) {
        Ok((exchange, message)) => {
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
fn begin(simulator: &Simulator, id: Id, call: Call) -> Result<(Exchange, Message), Box<Response>> {
    let name = id.uuid(0);
    let model = call.model.as_str();
    let unread = |refusal: Refusal| refuse(simulator.log.open(name.clone(), DIALECT, model), refusal.reply());
    let body = call.body.map_err(|rejection| unread(Refusal::of_status(rejection.status())))?;
    let now = simulator.config.frozen_at.is_none().then(|| simulator.ids.now());
    let signed = Signed { method: Method::POST, uri: &call.uri, headers: &call.headers, body: &body };
    signed.check(simulator.config.api_key.as_deref(), now).map_err(unread)?;
    check_model(model).map_err(unread)?;
    let body: Value = serde_json::from_slice(&body).map_err(|_| unread(Refusal::not_json()))?;
    let schema = request::text_schema(&body).map_err(|problem| unread(problem.into()))?;
    let request = Request::read(&body, schema.as_ref()).map_err(|problem| unread(problem.into()))?;
    let ticket = simulator.log.open(name.clone(), DIALECT, model);
    let (model, exchange) = Exchange::begin(simulator, DIALECT, model, &call.headers, ticket)
        .map_err(|(error, ticket)| refuse(ticket, Refusal::validation(error.to_string()).reply()))?;
    let counts = simulator.cache.explicit(model, &request.segments, exchange.knobs.cache_min_tokens);
    let script = exchange.script(&request.prompt, counts, 1);
    let message = Message {
        calls: call_ids(id, &script),
        script,
        thoughts: request.thoughts,
        names_stop: request.names_stop,
        latency: request.latency,
        tier: request.tier,
        prompt: exchange.tells_usage().then_some(counts),
    };
    Ok((exchange, message))
}

fn check_model(model: &str) -> Result<(), Refusal> {
    let (name, _) = model.split_once('?').unwrap_or((model, ""));
    let fits = |c: char| c.is_ascii_alphanumeric() || MODEL_MARKS.contains(c);
    if name.is_empty() || name.len() > MAX_MODEL || !name.chars().all(fits) {
        return Err(Refusal::validation("The provided model identifier is invalid."));
    }
    Ok(())
}

fn call_ids(id: Id, script: &Script) -> Vec<String> {
    let calls = script.passages.iter().filter(|passage| matches!(passage.part, Part::Call(_)));
    calls.enumerate().map(|(at, _)| id.text("tooluse_", 22, 2 + at)).collect()
}

async fn unknown(State(simulator): State<Arc<Simulator>>) -> Response {
    let mut response = Refusal::unknown_operation().reply();
    dress(simulator.ids.next(), response.headers_mut());
    response
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

    fn stream_type(&self) -> &'static str {
        frame::MEDIA_TYPE
    }

    fn failure(&self, status: StatusCode) -> Response {
        Refusal::of_status(status).reply()
    }

    fn dress(&self, headers: &mut HeaderMap) {
        dress(self.id, headers);
    }
}

fn dress(id: Id, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::try_from(id.uuid(0)) {
        headers.insert("x-amzn-requestid", value);
    }
}
