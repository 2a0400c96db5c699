//! The OpenAI dialect: chat completions, responses, embeddings and the list of models, as OpenAI and as Azure serve them.

mod azure;
mod call;
mod chat;
mod door;
mod embeddings;
mod error;
mod filter;
mod function;
mod logprobs;
mod media;
mod responses;
mod strict;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::json;

pub(crate) use self::azure::routes as azure_routes;
use self::call::Inbound;
use self::door::Door;
use self::error::Envelope;
use crate::Simulator;

/// The models that `GET /models` lists.
const MODELS: [&str; 5] = ["sim-echo", "sim-reasoner", "sim-tools", "sim-slow", "sim-flaky"];

type Body = Result<Bytes, BytesRejection>;

pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/v1/chat/completions", post(complete))
        .route("/v1/responses", post(respond))
        .route("/v1/embeddings", post(embed))
        .route("/v1/models", get(models))
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed)
}

async fn complete(State(simulator): State<Arc<Simulator>>, headers: HeaderMap, body: Body) -> Response {
    chat::complete(openai(&simulator, &headers, body)).await
}

async fn respond(State(simulator): State<Arc<Simulator>>, headers: HeaderMap, body: Body) -> Response {
    responses::create(openai(&simulator, &headers, body)).await
}

async fn embed(State(simulator): State<Arc<Simulator>>, headers: HeaderMap, body: Body) -> Response {
    embeddings::create(openai(&simulator, &headers, body)).await
}

fn openai<'a>(simulator: &'a Simulator, headers: &'a HeaderMap, body: Body) -> Inbound<'a> {
    Inbound { simulator, door: Door::OpenAi, deployment: None, headers, body }
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

async fn models(State(simulator): State<Arc<Simulator>>, headers: HeaderMap) -> Response {
    if let Some(refusal) = Door::OpenAi.turn_away(simulator.config.api_key.as_deref(), &headers) {
        return refusal;
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
