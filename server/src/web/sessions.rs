//! Sessions of the site: in Postgres, found by a signed cookie that no script can read.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http::header::SET_COOKIE;
use store::Store;
use time::Duration;
use tower_sessions::cookie::SameSite;
use tower_sessions::service::SignedCookie;
use tower_sessions::{Expiry, SessionManagerLayer};

use super::{Site, visit};

const COOKIE: &str = "souk_session";
/// A session ends so long after it was last changed, which is when one signs in.
const LASTS: Duration = Duration::days(30);

pub fn layer(site: &Site) -> SessionManagerLayer<Store, SignedCookie> {
    SessionManagerLayer::new(site.store.clone())
        .with_name(COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(false) // `secure_cookies` knows better
        .with_expiry(Expiry::OnInactivity(LASTS))
        .with_signed(site.cookie_key.clone())
}

/// Marks cookies `Secure` where people reach us by https: only the request tells, since we speak http behind a proxy.
pub async fn secure_cookies(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let by_https = visit::is_https(request.headers(), request.extensions(), &site.config);
    let mut response = next.run(request).await;
    if by_https && response.headers().contains_key(SET_COOKIE) {
        let cookies: Vec<HeaderValue> = response.headers().get_all(SET_COOKIE).iter().filter_map(secured).collect();
        response.headers_mut().remove(SET_COOKIE);
        for cookie in cookies {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

fn secured(cookie: &HeaderValue) -> Option<HeaderValue> {
    HeaderValue::from_bytes(&[cookie.as_bytes(), b"; Secure"].concat()).ok()
}
