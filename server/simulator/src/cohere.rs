//! The Cohere dialect: chat, embed and rerank of API v2.
//!
//! Source: Cohere's API reference and the types of its Python SDK (`cohere`, `ClientV2`).

mod chat;
mod embed;
mod error;
mod events;
mod message;
mod reply;
mod request;
mod rerank;

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

use self::error::Refusal;
use crate::Simulator;
use crate::cache::Split;
use crate::exchange::{Answer, Exchange, refuse};
use crate::ids::Id;
use crate::node::{Node, Problem};
use crate::playback::Halves;

const DIALECT: &str = "cohere";

pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/v2/chat", post(chat::create))
        .route("/v2/embed", post(embed::create))
        .route("/v2/rerank", post(rerank::create))
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed)
}

/// A call as it came in.
struct Call<'s> {
    simulator: &'s Simulator,
    id: Id,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
}

impl Call<'_> {
    /// Refuses the request before its model is known to be good.
    fn refuse(&self, refusal: Refusal, model: &str) -> Box<Response> {
        let ticket = self.simulator.log.open(self.id.uuid(0), DIALECT, model);
        refuse(ticket, refusal.reply(self.id))
    }

    /// The body as JSON, of a caller who is let in.
    fn open(&self) -> Result<Value, Box<Response>> {
        if let Some(refusal) = unauthorized(self.simulator.config.api_key.as_deref(), &self.headers) {
            return Err(self.refuse(refusal, ""));
        }
        let body = self.body.as_ref().map_err(|rejection| self.refuse(Refusal::of_status(rejection.status()), ""))?;
        let bad = |error: serde_json::Error| {
            let message = format!("invalid request: request body is not valid JSON: {error}");
            self.refuse(Refusal::bad_request(message), "")
        };
        serde_json::from_slice(body).map_err(bad)
    }

    /// What `read` makes of `body`.
    fn read<'v, T>(
        &self,
        body: &'v Value,
        read: impl FnOnce(&Node<'_, 'v>) -> Result<T, Problem>,
    ) -> Result<T, Box<Response>> {
        let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
        read(&Node::root(body)).map_err(|problem| self.refuse(problem.into(), model))
    }

    /// Begins the exchange with `model`; also gives its bare name.
    fn begin<'m>(&self, model: &'m str) -> Result<(&'m str, Exchange), Box<Response>> {
        let ticket = self.simulator.log.open(self.id.uuid(0), DIALECT, model);
        let begun = Exchange::begin(self.simulator, DIALECT, model, &self.headers, ticket);
        begun.map_err(|(error, ticket)| {
            refuse(ticket, Refusal::bad_request(format!("invalid request: {error}")).reply(self.id))
        })
    }
}

/// Sends `refusal` with the headers of every reply.
fn refused(mut refusal: Response) -> Response {
    dress(refusal.headers_mut());
    refusal
}

fn unauthorized(expected: Option<&str>, headers: &HeaderMap) -> Option<Refusal> {
    let expected = expected?;
    match headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer ")) {
        Some(key) if key == expected => None,
        Some(_) => Some(Refusal::of_status(StatusCode::UNAUTHORIZED)),
        None => Some(Refusal::new(StatusCode::UNAUTHORIZED, "no api key supplied")),
    }
}

async fn unknown(State(simulator): State<Arc<Simulator>>) -> Response {
    Refusal::new(StatusCode::NOT_FOUND, "404 page not found").reply(simulator.ids.next())
}

async fn not_allowed(State(simulator): State<Arc<Simulator>>) -> Response {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed").reply(simulator.ids.next())
}

fn dress(headers: &mut HeaderMap) {
    headers.insert("x-api-warning", HeaderValue::from_static("simulated"));
    headers.insert("x-trial-endpoint-call-limit", HeaderValue::from_static("10000"));
}

/// An answer that is never streamed: embeddings, a ranking.
#[derive(Debug)]
struct Sheet {
    body: Value,
    id: Id,
}

impl Sheet {
    /// Enters the tokens of its prompt and sends it.
    async fn send(self, exchange: Exchange, prompt: u32) -> Response {
        exchange.count(Split { fresh: prompt, ..Split::default() }, 0);
        exchange.perform(self, 0, false).await
    }
}

impl Answer for Sheet {
    type Frames = Halves;

    fn frames(self) -> Halves {
        Halves::new(self.whole().into())
    }

    fn whole(&self) -> Vec<u8> {
        serde_json::to_vec(&self.body).unwrap_or_default()
    }

    fn failure(&self, status: StatusCode) -> Response {
        Refusal::of_status(status).reply(self.id)
    }

    fn dress(&self, headers: &mut HeaderMap) {
        dress(headers);
    }
}
