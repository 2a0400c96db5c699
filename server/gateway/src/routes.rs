//! Every route of the API, grouped by who may call it.

pub mod account;
pub mod catalog;
pub mod google;
pub mod inference;
pub mod messages;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::http::Method;
use axum::response::Response;
use axum::routing::{any, get, post};
use serde::Serialize;

use crate::error::GatewayError;
use crate::gateway::Gateway;
use crate::surfaces::chat::Chat;
use crate::surfaces::chat::envelope::respond;
use crate::surfaces::completions::Completions;
use crate::surfaces::embeddings::Embeddings;
use crate::surfaces::messages::Messages;
use crate::surfaces::rerank::Rerank;
use crate::surfaces::responses::Responses;

/// The largest request body: prompts with several large images or files fit.
pub const BODY_LIMIT_MIB: usize = 16;

/// The API, to be mounted at `/api/v1` and at `/v1`.
pub fn api_router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        // With a key.
        .route("/chat/completions", post(inference::with_key::<Chat>))
        .route("/completions", post(inference::with_key::<Completions>))
        .route("/responses", post(inference::with_key::<Responses>))
        .route("/messages", post(inference::with_key::<Messages>).fallback(messages::method_not_allowed))
        .route("/messages/count_tokens", post(messages::count_tokens).fallback(messages::method_not_allowed))
        .route("/messages/{*rest}", any(messages::no_route))
        .route("/embeddings", post(inference::with_key::<Embeddings>))
        .route("/rerank", post(inference::with_key::<Rerank>))
        .route("/generation", get(account::generation))
        .route("/key", get(account::key))
        .route("/auth/key", get(account::key))
        .route("/credits", get(account::credits))
        // For anybody; Google's clients hang a method on a model's name, and need a key for it.
        .route("/models", get(catalog::models))
        .route("/models/count", get(catalog::count))
        .route("/models/{id}", get(catalog::retrieve_by_id).post(google::call))
        .route("/models/{author}/{slug}", get(catalog::retrieve).post(google::call_by_parts))
        .route("/models/{author}/{slug}/endpoints", get(catalog::endpoints))
        .route("/model/{author}/{slug}", get(catalog::model))
        .route("/embeddings/models", get(catalog::embedding_models))
        .route("/providers", get(catalog::providers))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(no_route)
        .layer(DefaultBodyLimit::max(BODY_LIMIT_MIB << 20))
        .with_state(gateway)
}

/// Google's API, to be mounted at `/v1beta` and at `/api/v1beta`.
pub fn google_router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/models", get(google::models))
        // A slug has a slash; a method hangs on it behind a colon.
        .route("/models/{*name}", get(google::model).post(google::call))
        .method_not_allowed_fallback(google::method_not_allowed)
        .fallback(google::no_route)
        .layer(DefaultBodyLimit::max(BODY_LIMIT_MIB << 20))
        .with_state(gateway)
}

/// The site's own chat: the caller is the signed-in account, put into the request's extensions by the server.
pub fn site_router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/chat/completions", post(inference::on_site))
        .layer(DefaultBodyLimit::max(BODY_LIMIT_MIB << 20))
        .with_state(gateway)
}

/// The envelope of every answer but a completion.
#[derive(Serialize)]
struct Data<T> {
    data: T,
}

async fn no_route() -> Response {
    respond(&GatewayError::NotFound("API route: see README, or GET /api/v1/models"))
}

async fn method_not_allowed(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    respond(&GatewayError::MethodNotAllowed(format!("{method} is not a method of {}", uri.path())))
}
