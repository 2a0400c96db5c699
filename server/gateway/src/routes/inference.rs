//! The routes that call models, each in its surface: with a key, or from the site.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use super::BODY_LIMIT_MIB;
use crate::admit::authenticate;
use crate::call::{Admitted, Call};
use crate::clock::Stopwatch;
use crate::error::GatewayError;
use crate::gateway::Gateway;
use crate::ports::Caller;
use crate::surfaces::Surface;
use crate::surfaces::chat::Chat;
use crate::surfaces::serve::serve;

/// `POST` in any surface, with a key.
pub async fn with_key<S: Surface>(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let stopwatch = Stopwatch::start();
    match authenticate(&*gateway.deps.keys, &headers).await {
        Ok(caller) => answer(&gateway, caller, body, stopwatch, |body| S::parse(body, &headers)).await,
        Err(error) => S::refuse(&error),
    }
}

/// The site's own chat: for the signed-in account.
pub async fn on_site(
    State(gateway): State<Arc<Gateway>>,
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let stopwatch = Stopwatch::start();
    match caller {
        Some(Extension(caller)) => answer(&gateway, caller, body, stopwatch, |body| Chat::parse(body, &headers)).await,
        None => Chat::refuse(&GatewayError::Unauthenticated("Sign in to chat here".to_owned())),
    }
}

/// Reads the body with `parse`, and runs the call to its response.
pub async fn answer<S: Surface>(
    gateway: &Arc<Gateway>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
    stopwatch: Stopwatch,
    parse: impl FnOnce(&[u8]) -> Result<(Call, S), GatewayError>,
) -> Response {
    match whole(body).and_then(|body| parse(&body)) {
        Ok((call, surface)) => serve(gateway, Admitted { caller, call, stopwatch }, surface).await,
        Err(error) => S::refuse(&error),
    }
}

/// The body, if it could be read whole.
pub fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes, GatewayError> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => GatewayError::TooLarge { limit_mib: BODY_LIMIT_MIB },
        _ => GatewayError::Invalid { field: None, message: "The request body could not be read".to_owned() },
    })
}
