//! The catalog as OpenRouter's API tells it: models, their endpoints, providers. Anybody may read it.

mod anthropic;
mod body;
mod parameters;
mod pricing;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use providers::catalog::Catalog;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) use self::body::Listing;
use self::body::{EndpointBody, ModelBody, made, modality, parameters};
use crate::error::GatewayError;
use crate::gateway::Gateway;
use crate::plan::find_model;
use crate::routes::{Data, google};

/// Filters of `GET /models` that the catalog can answer; others are ignored.
#[derive(Debug, Default, Deserialize)]
pub struct ModelsQuery {
    /// Part of the slug or the name.
    q: Option<String>,
    /// Comma-separated; default `text`; `all`.
    output_modalities: Option<String>,
    input_modalities: Option<String>,
    supported_parameters: Option<String>,
    model_authors: Option<String>,
    providers: Option<String>,
    /// Google's names of a page's length and beginning.
    #[serde(rename = "pageSize")]
    page_size: Option<usize>,
    #[serde(rename = "pageToken")]
    page_token: Option<usize>,
    offset: Option<usize>,
    limit: Option<usize>,
    /// Anthropic's way to turn pages.
    after_id: Option<String>,
    before_id: Option<String>,
}

const MOST_MODELS_A_PAGE: usize = 1_000;

/// `GET /models`.
pub async fn models(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    Query(query): Query<ModelsQuery>,
) -> Response {
    if anthropic::is_asked_by(&headers) {
        anthropic::models(&gateway, &query)
    } else if google::is_asked_by(&headers) {
        google::list(&gateway, query.page_size, query.page_token)
    } else {
        list(&gateway, &query)
    }
}

/// `GET /embeddings/models`.
pub async fn embedding_models(State(gateway): State<Arc<Gateway>>, Query(query): Query<ModelsQuery>) -> Response {
    list(&gateway, &ModelsQuery { output_modalities: Some("embeddings".to_owned()), ..query })
}

/// In OpenRouter's shape, which is also OpenAI's: its clients look at `object` and `data`.
fn list(gateway: &Gateway, query: &ModelsQuery) -> Response {
    let snapshot = gateway.deps.snapshots.current();
    let rows: Vec<Listing<'_>> = listings(&snapshot.catalog).filter(|l| query.lets_through(l)).collect();
    let total_count = rows.len();
    let offset = query.offset.unwrap_or(0);
    let pages = query.limit.or(query.offset.map(|_| 500)).map(|limit| limit.clamp(1, MOST_MODELS_A_PAGE));
    let data: Vec<ModelBody> = rows.iter().skip(offset).take(pages.unwrap_or(usize::MAX)).map(ModelBody::new).collect();
    let next =
        pages.filter(|page| offset + page < total_count).map(|page| format!("?offset={}&limit={page}", offset + page));
    Json(json!({ "object": "list", "data": data, "total_count": total_count, "links": { "next": next } }))
        .into_response()
}

/// `GET /models/count`.
pub async fn count(State(gateway): State<Arc<Gateway>>, Query(query): Query<ModelsQuery>) -> impl IntoResponse {
    let snapshot = gateway.deps.snapshots.current();
    let count = listings(&snapshot.catalog).filter(|l| query.lets_through(l)).count();
    Json(json!({ "data": { "count": count } }))
}

/// `GET /model/{author}/{slug}`.
pub async fn model(
    State(gateway): State<Arc<Gateway>>,
    Path((author, slug)): Path<(String, String)>,
) -> Result<impl IntoResponse, GatewayError> {
    let snapshot = gateway.deps.snapshots.current();
    let listing = one(&snapshot.catalog, &author, &slug)?;
    Ok(Json(Data { data: ModelBody::new(&listing) }).into_response())
}

/// `GET /models/{author}/{slug}`, as OpenAI's, Anthropic's and Google's clients retrieve a model.
pub async fn retrieve(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    Path((author, slug)): Path<(String, String)>,
) -> Response {
    retrieved(&gateway, &headers, &author, &slug)
}

/// `GET /models/{id}`: a slug whose slash is escaped, as clients send it.
pub async fn retrieve_by_id(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let (author, slug) = id.split_once('/').unwrap_or(("", &id));
    retrieved(&gateway, &headers, author, slug)
}

fn retrieved(gateway: &Gateway, headers: &HeaderMap, author: &str, slug: &str) -> Response {
    let snapshot = gateway.deps.snapshots.current();
    let listing = one(&snapshot.catalog, author, slug);
    if anthropic::is_asked_by(headers) {
        return anthropic::model(listing);
    }
    if google::is_asked_by(headers) {
        return google::told(listing);
    }
    match listing {
        Ok(listing) => Json(ModelBody::new(&listing)).into_response(),
        Err(error) => error.into_response(),
    }
}

/// `GET /models/{author}/{slug}/endpoints`.
pub async fn endpoints(
    State(gateway): State<Arc<Gateway>>,
    Path((author, slug)): Path<(String, String)>,
) -> Result<impl IntoResponse, GatewayError> {
    let snapshot = gateway.deps.snapshots.current();
    let listing = one(&snapshot.catalog, &author, &slug)?;
    let body = ModelBody::new(&listing);
    let endpoints: Vec<EndpointBody> = listing.endpoints.iter().map(|e| EndpointBody::new(e, &listing)).collect();
    Ok(Json(json!({ "data": {
        "id": body.id, "name": body.name, "created": body.created, "description": body.description,
        "architecture": body.architecture, "endpoints": endpoints,
    } }))
    .into_response())
}

/// `GET /providers`: those that offer something.
pub async fn providers(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    let snapshot = gateway.deps.snapshots.current();
    let rows: Vec<Value> = snapshot
        .catalog
        .providers
        .values()
        .map(|p| {
            json!({
                "name": p.name, "slug": p.slug, "headquarters": p.headquarters,
                "datacenters": Some(&p.datacenters).filter(|d| !d.is_empty()),
                "privacy_policy_url": p.privacy_policy_url, "terms_of_service_url": p.terms_of_service_url,
                "status_page_url": p.status_page_url,
            })
        })
        .collect();
    Json(Data { data: rows })
}

/// All models that are offered, the newest first.
pub(super) fn listings(catalog: &Catalog) -> impl Iterator<Item = Listing<'_>> {
    let mut rows: Vec<Listing<'_>> = catalog
        .endpoints
        .iter()
        .filter_map(|(slug, endpoints)| {
            let model = &endpoints.first()?.model;
            Some(Listing { slug, model, endpoints })
        })
        .collect();
    rows.sort_by(|a, b| b.model.released.cmp(&a.model.released).then_with(|| a.slug.cmp(b.slug)));
    rows.into_iter()
}

pub(super) fn one<'a>(catalog: &'a Catalog, author: &str, slug: &str) -> Result<Listing<'a>, GatewayError> {
    let (slug, endpoints) =
        find_model(catalog, &format!("{author}/{slug}").to_lowercase()).map_err(|_| GatewayError::NotFound("model"))?;
    let (slug, endpoints) = match catalog.endpoints.get_key_value(&slug) {
        Some((slug, _)) => (slug, endpoints),
        None => (&catalog.models.get_key_value(&slug).ok_or(GatewayError::NotFound("model"))?.1.slug, endpoints),
    };
    let model = catalog.models.get(&slug.base()).ok_or(GatewayError::NotFound("model"))?;
    Ok(Listing { slug, model, endpoints })
}

impl ModelsQuery {
    fn lets_through(&self, l: &Listing<'_>) -> bool {
        let any = |wanted: &Option<String>, has: &dyn Fn(&str) -> bool| {
            wanted.as_deref().is_none_or(|list| list.split(',').map(str::trim).filter(|w| !w.is_empty()).any(has))
        };
        let all = |wanted: &Option<String>, has: &dyn Fn(&str) -> bool| {
            wanted.as_deref().is_none_or(|list| list.split(',').map(str::trim).filter(|w| !w.is_empty()).all(has))
        };
        let outputs = self.output_modalities.clone().unwrap_or_else(|| "text".to_owned());
        let answers = outputs == "all"
            || l.model.output_modalities.iter().any(|m| outputs.split(',').any(|w| w.trim() == made(l.model, *m)));
        let q = self.q.as_deref().unwrap_or_default().to_lowercase();
        answers
            && (q.is_empty() || l.slug.as_str().contains(&q) || l.model.name.to_lowercase().contains(&q))
            && all(&self.input_modalities, &|w| l.model.input_modalities.iter().any(|m| modality(*m) == w))
            && all(&self.supported_parameters, &|w| parameters(l).contains(&w))
            && any(&self.model_authors, &|w| l.slug.author() == w)
            && any(&self.providers, &|w| l.endpoints.iter().any(|e| e.tag.matches(w)))
    }
}
