//! Whether the server lives, and whether it can serve.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use gateway::ports::Snapshots;
use http::StatusCode;
use serde_json::{Value, json};

use super::Site;

/// `GET /healthz`: the process answers. Looks at nothing else, so that a slow database restarts nobody.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: 200 if requests can be served. A catalog that does not load is told, and is no reason to take us out of
/// service: the old one is in force.
pub async fn ready(State(site): State<Arc<Site>>) -> (StatusCode, Json<Value>) {
    let database = site.store.ping().await.inspect_err(|error| tracing::error!(%error, "the database does not answer"));
    let snapshot = site.catalog.current();
    let trouble = site.catalog.trouble();
    let body = json!({
        "ready": database.is_ok(),
        "database": if database.is_ok() { "ok" } else { "does not answer" },
        "catalog": {
            "digest": snapshot.catalog.digest,
            "models": snapshot.catalog.endpoints.len(),
            "in_force": if trouble.is_some() { "an older one: the files have faults" } else { "the files as they are" },
            "trouble": trouble,
        },
    });
    (if database.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(body))
}
