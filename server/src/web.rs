//! Everything that is served, in one place: which route goes where, and what stands in front of it.

mod chat;
mod csrf;
mod files;
mod headers;
mod health;
mod pages;
mod ports;
mod request;
mod sessions;
mod visit;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use gateway::{Gateway, api_router, google_router, site_router};
use http::Method;
use store::Store;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};
use tower_http::limit::RequestBodyLimitLayer;
use tower_sessions::cookie::Key;

use crate::accounts::Accounts;
use crate::catalog::LiveCatalog;
use crate::config::SiteConfig;
use crate::listing::Latest;

/// Forms of the site are small; prompts go to the API, which has a limit of its own.
const LARGEST_FORM: usize = 256 << 10;

/// What the site stands on.
#[derive(Debug)]
pub struct Site {
    pub config: SiteConfig,
    pub store: Store,
    pub catalog: Arc<LiveCatalog>,
    pub listing: Latest,
    pub accounts: Accounts,
    pub cookie_key: Key,
}

/// The whole server.
pub fn router(site: Arc<Site>, gateway: Arc<Gateway>) -> Router {
    Router::new()
        // For machines that watch over us.
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready).with_state(site.clone()))
        // For programs, with a key.
        .nest_service("/api/v1", for_programs(api_router(gateway.clone())))
        .nest_service("/v1", for_programs(api_router(gateway.clone())))
        .nest_service("/api/v1beta", for_programs(google_router(gateway.clone())))
        .nest_service("/v1beta", for_programs(google_router(gateway.clone())))
        // For people, with a session.
        .merge(for_people(&site, gateway))
        // The last one stands outermost. A panic is caught inside of what names the request; headers are on every answer.
        .layer(CatchPanicLayer::new())
        .layer(axum::middleware::from_fn(headers::secure))
        .layer(axum::middleware::from_fn(request::trace))
}

/// Any page of anybody may call it, since a key, not a cookie, says who calls.
fn for_programs(api: Router) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request()) // `*` would leave out Authorization
        .expose_headers(Any)
        .max_age(std::time::Duration::from_secs(7200));
    api.layer(cors)
}

fn for_people(site: &Arc<Site>, gateway: Arc<Gateway>) -> Router {
    let chat = site_router(gateway).layer(axum::middleware::from_fn(chat::identify));
    let pages = pages::router(site).layer(CompressionLayer::new()).layer(RequestBodyLimitLayer::new(LARGEST_FORM));
    pages
        .merge(chat)
        .layer(sessions::layer(site))
        .layer(axum::middleware::from_fn_with_state(site.clone(), sessions::secure_cookies))
        // Outside of sessions: another site's form costs no query.
        .layer(axum::middleware::from_fn_with_state(site.clone(), csrf::refuse_other_sites))
}
