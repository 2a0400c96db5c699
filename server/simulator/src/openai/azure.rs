//! Azure's front of the OpenAI dialect: the same endpoints by deployment and API version, or under `/openai/v1`.
//!
//! Source: Microsoft's "Azure OpenAI REST API reference" and its page on the v1 API.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use super::call::Inbound;
use super::door::{Door, raw};
use super::{Body, chat, embeddings, responses};
use crate::Simulator;

pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/openai/deployments/{deployment}/chat/completions", post(complete_at))
        .route("/openai/deployments/{deployment}/embeddings", post(embed_at))
        .route("/openai/v1/chat/completions", post(complete))
        .route("/openai/v1/responses", post(respond))
        .route("/openai/v1/embeddings", post(embed))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
}

#[derive(Debug, Deserialize)]
struct Version {
    #[serde(rename = "api-version")]
    api_version: Option<String>,
}

impl Version {
    /// Whether a version is named, as `2024-10-21` or `2025-04-01-preview`.
    fn is_named(&self) -> bool {
        self.api_version.as_deref().is_some_and(|version| {
            let date = version.strip_suffix("-preview").unwrap_or(version);
            date.len() == 10
                && date
                    .bytes()
                    .enumerate()
                    .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
        })
    }
}

async fn complete_at(
    State(simulator): State<Arc<Simulator>>,
    Path(deployment): Path<String>,
    Query(version): Query<Version>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !version.is_named() {
        return unknown().await;
    }
    chat::complete(azure(&simulator, Some(deployment), &headers, body)).await
}

async fn embed_at(
    State(simulator): State<Arc<Simulator>>,
    Path(deployment): Path<String>,
    Query(version): Query<Version>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !version.is_named() {
        return unknown().await;
    }
    embeddings::create(azure(&simulator, Some(deployment), &headers, body)).await
}

async fn complete(State(simulator): State<Arc<Simulator>>, headers: HeaderMap, body: Body) -> Response {
    chat::complete(azure(&simulator, None, &headers, body)).await
}

async fn respond(State(simulator): State<Arc<Simulator>>, headers: HeaderMap, body: Body) -> Response {
    responses::create(azure(&simulator, None, &headers, body)).await
}

async fn embed(State(simulator): State<Arc<Simulator>>, headers: HeaderMap, body: Body) -> Response {
    embeddings::create(azure(&simulator, None, &headers, body)).await
}

fn azure<'a>(simulator: &'a Simulator, deployment: Option<String>, headers: &'a HeaderMap, body: Body) -> Inbound<'a> {
    Inbound { simulator, door: Door::Azure, deployment, headers, body }
}

/// Also what Azure says to a request without an API version.
async fn unknown() -> Response {
    raw(StatusCode::NOT_FOUND, &json!({ "error": { "code": "404", "message": "Resource not found" } }))
}
