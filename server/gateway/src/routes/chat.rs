//! The chat completions route: with a key, or from the site.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use super::BODY_LIMIT_MIB;
use crate::admit::{authenticate, origin};
use crate::call::Admitted;
use crate::clock::Stopwatch;
use crate::error::GatewayError;
use crate::gateway::Gateway;
use crate::ports::Caller;
use crate::surfaces::chat::parse::parse;
use crate::surfaces::chat::serve::serve;

/// `POST /chat/completions` with `Authorization: Bearer`.
pub async fn with_key(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, GatewayError> {
    let stopwatch = Stopwatch::start();
    let caller = authenticate(&*gateway.deps.keys, &headers).await?;
    answer(&gateway, caller, &headers, body, stopwatch).await
}

/// The same for the signed-in account.
pub async fn on_site(
    State(gateway): State<Arc<Gateway>>,
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, GatewayError> {
    let stopwatch = Stopwatch::start();
    let Extension(caller) = caller.ok_or_else(|| GatewayError::Unauthenticated("Sign in to chat here".to_owned()))?;
    answer(&gateway, caller, &headers, body, stopwatch).await
}

async fn answer(
    gateway: &Arc<Gateway>,
    caller: Caller,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    stopwatch: Stopwatch,
) -> Result<Response, GatewayError> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => GatewayError::TooLarge { limit_mib: BODY_LIMIT_MIB },
        _ => GatewayError::Invalid { field: None, message: "The request body could not be read".to_owned() },
    })?;
    let call = parse(&body, origin(headers))?;
    Ok(serve(gateway, Admitted { caller, call, stopwatch }).await)
}
