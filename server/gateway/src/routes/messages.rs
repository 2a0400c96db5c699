//! Anthropic's routes beside `POST /messages`: counting, and what is not there, each in Anthropic's envelope.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method};

use super::inference::whole;
use crate::admit::authenticate;
use crate::error::GatewayError;
use crate::gateway::Gateway;
use crate::plan::find_model;
use crate::surfaces::Surface;
use crate::surfaces::messages::Messages;
use crate::surfaces::messages::count::TokensCount;
use crate::surfaces::messages::envelope::respond;

/// `POST /messages/count_tokens`: needs a key, costs nothing.
pub async fn count_tokens(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match count(&gateway, &headers, body).await {
        Ok(count) => Json(count).into_response(),
        Err(error) => respond(&error),
    }
}

async fn count(
    gateway: &Gateway,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<TokensCount, GatewayError> {
    authenticate(&*gateway.deps.keys, headers).await?;
    let (call, _) = Messages::parse(&whole(body)?, headers)?;
    let snapshot = gateway.deps.snapshots.current();
    call.models.iter().try_for_each(|name| find_model(&snapshot.catalog, name).map(|_| ()))?;
    Ok(TokensCount::of(&call.task).await)
}

pub async fn no_route() -> Response {
    respond(&GatewayError::NotFound(
        "API route below /messages: there are POST /messages and POST /messages/count_tokens",
    ))
}

pub async fn method_not_allowed(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    respond(&GatewayError::MethodNotAllowed(format!("{method} is not a method of {}: use POST", uri.path())))
}
