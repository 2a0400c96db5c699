//! The site's own chat calls the gateway as the account that is signed in.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use gateway::ports::Caller;
use http::{HeaderName, StatusCode};
use tower_sessions::Session;

use super::visit::account_of;

/// Only our own script sends it: no form can, and another site's script would have to ask first.
const OURS: HeaderName = HeaderName::from_static("x-souk-csrf");

/// Says who calls. Nobody signed in: the gateway refuses in its own words.
pub async fn identify(mut request: Request, next: Next) -> Response {
    if !request.headers().contains_key(OURS) {
        return (StatusCode::FORBIDDEN, "The site's chat asks for the header x-souk-csrf. Programs call /api/v1.\n")
            .into_response();
    }
    let session = request.extensions().get::<Session>().cloned();
    let account = match session {
        Some(session) => account_of(&session).await.ok().flatten(),
        None => None,
    };
    if let Some(account) = account {
        request.extensions_mut().insert(Caller { account, key: None });
    }
    next.run(request).await
}
