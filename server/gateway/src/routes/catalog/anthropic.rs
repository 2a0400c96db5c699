//! The catalog as Anthropic's API tells it, to clients that say which version of it they speak.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Serialize;

use super::body::{Listing, unix_day};
use super::{ModelsQuery, listings};
use crate::error::GatewayError;
use crate::gateway::Gateway;
use crate::surfaces::messages::envelope::respond;

const VERSION: &str = "anthropic-version";
const DEFAULT_PAGE: usize = 20;
const LARGEST_PAGE: usize = 1_000;

#[derive(Serialize)]
struct Page {
    data: Vec<ModelInfo>,
    has_more: bool,
    first_id: Option<String>,
    last_id: Option<String>,
}

#[derive(Clone, Serialize)]
struct ModelInfo {
    r#type: &'static str,
    id: String,
    display_name: String,
    /// RFC 3339; where the day is not known, the first of 1970, as Anthropic has it.
    created_at: String,
    lifecycle: &'static str,
    max_input_tokens: Option<u64>,
    max_tokens: Option<u64>,
}

/// Whether the client speaks Anthropic's API.
pub fn is_asked_by(headers: &HeaderMap) -> bool {
    headers.contains_key(VERSION)
}

/// `GET /models`.
pub fn models(gateway: &Gateway, query: &ModelsQuery) -> Response {
    let snapshot = gateway.deps.snapshots.current();
    let all: Vec<ModelInfo> = listings(&snapshot.catalog).filter(|l| query.lets_through(l)).map(|l| info(&l)).collect();
    match page(&all, query) {
        Ok(page) => Json(page).into_response(),
        Err(error) => respond(&error),
    }
}

/// `GET /models/{id}`.
pub fn model(listing: Result<Listing<'_>, GatewayError>) -> Response {
    match listing {
        Ok(listing) => Json(info(&listing)).into_response(),
        Err(error) => respond(&error),
    }
}

/// What stands after one id, or before another.
fn page(all: &[ModelInfo], query: &ModelsQuery) -> Result<Page, GatewayError> {
    let limit = query.limit.unwrap_or(DEFAULT_PAGE).clamp(1, LARGEST_PAGE);
    let place = |field: &str, id: &str| {
        let at = all.iter().position(|model| model.id == id);
        at.ok_or_else(|| GatewayError::invalid(field, format!("{id} is not a model of this server")))
    };
    let (from, to, has_more) = match (&query.after_id, &query.before_id) {
        (Some(_), Some(_)) => {
            return Err(GatewayError::invalid("before_id", "give either after_id or before_id, not both"));
        }
        (None, Some(id)) => {
            let to = place("before_id", id)?;
            let from = to.saturating_sub(limit);
            (from, to, from > 0)
        }
        (after, None) => {
            let from = after.as_ref().map_or(Ok(0), |id| place("after_id", id).map(|at| at + 1))?;
            let to = from.saturating_add(limit).min(all.len());
            (from, to, to < all.len())
        }
    };
    let data = all.get(from..to).unwrap_or_default().to_vec();
    let (first_id, last_id) = (data.first().map(|model| model.id.clone()), data.last().map(|model| model.id.clone()));
    Ok(Page { data, has_more, first_id, last_id })
}

fn info(l: &Listing<'_>) -> ModelInfo {
    let released = l.model.released.as_deref().and_then(unix_day).unwrap_or(0);
    let date = time::OffsetDateTime::from_unix_timestamp(released).unwrap_or(time::OffsetDateTime::UNIX_EPOCH).date();
    ModelInfo {
        r#type: "model",
        id: l.slug.to_string(),
        display_name: l.model.name.clone(),
        created_at: format!("{:04}-{:02}-{:02}T00:00:00Z", date.year(), u8::from(date.month()), date.day()),
        lifecycle: "active",
        max_input_tokens: l.model.context_length,
        max_tokens: l.model.max_output,
    }
}
