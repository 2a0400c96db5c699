//! The catalog as OpenRouter's API tells it: models, their endpoints, providers. Anybody may read it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use domain::{ModelSlug, PriceSheet, Prices, Rate, Unit};
use providers::catalog::{Capabilities, Catalog, Endpoint, EndpointStatus, Modality, Model};
use providers::quirks::PromptCaching;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::GatewayError;
use crate::gateway::Gateway;
use crate::plan::find_model;

#[derive(Serialize)]
struct Data<T> {
    data: T,
}

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
    offset: Option<usize>,
    limit: Option<usize>,
}

const MOST_MODELS_A_PAGE: usize = 1_000;

/// `GET /models`.
pub async fn models(State(gateway): State<Arc<Gateway>>, Query(query): Query<ModelsQuery>) -> impl IntoResponse {
    let snapshot = gateway.deps.snapshots.current();
    let rows: Vec<Listing<'_>> = listings(&snapshot.catalog).filter(|l| query.lets_through(l)).collect();
    let total_count = rows.len();
    let offset = query.offset.unwrap_or(0);
    let pages = query.limit.or(query.offset.map(|_| 500)).map(|limit| limit.clamp(1, MOST_MODELS_A_PAGE));
    let data: Vec<ModelBody> = rows.iter().skip(offset).take(pages.unwrap_or(usize::MAX)).map(ModelBody::new).collect();
    let next =
        pages.filter(|page| offset + page < total_count).map(|page| format!("?offset={}&limit={page}", offset + page));
    Json(json!({ "data": data, "total_count": total_count, "links": { "next": next } }))
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

/// A model with its variant and what is offered of it.
struct Listing<'a> {
    slug: &'a ModelSlug,
    model: &'a Model,
    endpoints: &'a [Arc<Endpoint>],
}

/// All models that are offered, the newest first.
fn listings(catalog: &Catalog) -> impl Iterator<Item = Listing<'_>> {
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

fn one<'a>(catalog: &'a Catalog, author: &str, slug: &str) -> Result<Listing<'a>, GatewayError> {
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
            || l.model.output_modalities.iter().any(|m| outputs.split(',').any(|w| w.trim() == modality(*m)));
        let q = self.q.as_deref().unwrap_or_default().to_lowercase();
        answers
            && (q.is_empty() || l.slug.as_str().contains(&q) || l.model.name.to_lowercase().contains(&q))
            && all(&self.input_modalities, &|w| l.model.input_modalities.iter().any(|m| modality(*m) == w))
            && all(&self.supported_parameters, &|w| parameters(l).contains(&w))
            && any(&self.model_authors, &|w| l.slug.author() == w)
            && any(&self.providers, &|w| l.endpoints.iter().any(|e| e.tag.matches(w)))
    }
}

#[derive(Serialize)]
struct ModelBody {
    id: String,
    canonical_slug: String,
    hugging_face_id: Option<String>,
    name: String,
    created: i64,
    description: String,
    context_length: Option<u64>,
    architecture: Value,
    pricing: Value,
    top_provider: Value,
    per_request_limits: Option<Value>,
    supported_parameters: Vec<&'static str>,
    default_parameters: Option<Value>,
    supported_voices: Option<Vec<String>>,
    knowledge_cutoff: Option<String>,
    expiration_date: Option<String>,
    links: Value,
}

impl ModelBody {
    fn new(l: &Listing<'_>) -> Self {
        let (model, top) = (l.model, cheapest(l.endpoints));
        let limit = |own: Option<u64>, of_top: Option<u64>| own.or(of_top);
        let context_length = limit(model.context_length, top.and_then(|e| e.context_length));
        Self {
            id: l.slug.to_string(),
            canonical_slug: model.canonical_slug.clone().unwrap_or_else(|| model.slug.to_string()),
            hugging_face_id: model.hugging_face_id.clone(),
            name: model.name.clone(),
            created: model.released.as_deref().and_then(unix_day).unwrap_or(0),
            description: model.description.clone().unwrap_or_default(),
            context_length,
            architecture: architecture(model),
            pricing: top.map_or_else(|| pricing(&PriceSheet::default()), |e| pricing(&e.prices)),
            top_provider: json!({
                "context_length": context_length,
                "max_completion_tokens": limit(top.and_then(|e| e.max_output), model.max_output),
                "is_moderated": false,
            }),
            per_request_limits: None,
            supported_parameters: parameters(l),
            default_parameters: None,
            supported_voices: None,
            knowledge_cutoff: model.knowledge_cutoff.clone(),
            expiration_date: model.expires.clone(),
            links: json!({ "details": format!("/api/v1/models/{}/endpoints", l.slug) }),
        }
    }
}

#[derive(Serialize)]
struct EndpointBody {
    name: String,
    model_id: String,
    model_name: String,
    context_length: u64,
    pricing: Value,
    provider_name: String,
    tag: String,
    quantization: Option<String>,
    max_completion_tokens: Option<u64>,
    max_prompt_tokens: Option<u64>,
    supported_parameters: Vec<&'static str>,
    status: i8,
    /// Not measured yet.
    uptime_last_5m: Option<f32>,
    uptime_last_30m: Option<f32>,
    uptime_last_1d: Option<f32>,
    latency_last_30m: Option<f32>,
    throughput_last_30m: Option<f32>,
    supports_implicit_caching: bool,
}

impl EndpointBody {
    fn new(e: &Endpoint, l: &Listing<'_>) -> Self {
        Self {
            name: format!("{}: {}", e.provider.name, l.model.name),
            model_id: l.slug.to_string(),
            model_name: l.model.name.clone(),
            context_length: e.context_length.or(l.model.context_length).unwrap_or(0),
            pricing: pricing(&e.prices),
            provider_name: e.provider.name.clone(),
            tag: e.tag.to_string(),
            quantization: e.quantization.clone(),
            max_completion_tokens: e.max_output,
            max_prompt_tokens: e.max_prompt_tokens,
            supported_parameters: endpoint_parameters(e),
            status: if matches!(e.status, EndpointStatus::Current | EndpointStatus::Beta) { 0 } else { -1 },
            uptime_last_5m: None,
            uptime_last_30m: None,
            uptime_last_1d: None,
            latency_last_30m: None,
            throughput_last_30m: None,
            supports_implicit_caching: matches!(
                e.provider.quirks.prompt_caching,
                PromptCaching::Implicit | PromptCaching::Both
            ),
        }
    }
}

/// The cheapest endpoint that is current, by prompt and completion price.
fn cheapest(endpoints: &[Arc<Endpoint>]) -> Option<&Endpoint> {
    let price = |e: &Endpoint| {
        let of = |unit| e.prices.prices.listed(unit).map(Rate::dollars);
        (e.status == EndpointStatus::Unconfirmed, of(Unit::Prompt).is_none(), of(Unit::Prompt), of(Unit::Completion))
    };
    endpoints.iter().map(|e| &**e).min_by_key(|e| price(e))
}

fn architecture(model: &Model) -> Value {
    let names = |list: &[Modality]| list.iter().map(|m| modality(*m)).collect::<Vec<_>>();
    let (input, output) = (names(&model.input_modalities), names(&model.output_modalities));
    json!({
        "modality": format!("{}->{}", input.join("+"), output.join("+")),
        "input_modalities": input,
        "output_modalities": output,
        "tokenizer": model.tokenizer,
        "instruct_type": null,
    })
}

/// Prices under OpenRouter's names, as exact decimal strings per unit. An unknown price is left out, but for the two that the
/// schema requires: these are "-1", as OpenRouter writes a price that is not fixed.
fn pricing(sheet: &PriceSheet) -> Value {
    let mut body = serde_json::Map::new();
    fill(&mut body, &sheet.prices);
    for required in ["prompt", "completion"] {
        body.entry(required).or_insert_with(|| Value::from("-1"));
    }
    if !sheet.overrides.is_empty() {
        let overrides: Vec<Value> = sheet
            .overrides
            .iter()
            .map(|o| {
                let mut row = serde_json::Map::new();
                if let Some(above) = o.min_prompt_tokens {
                    row.insert("min_prompt_tokens".to_owned(), above.into());
                }
                if let Some((from, to)) = o.utc_minutes {
                    let clock = |m: u16| format!("{:02}{:02}", m / 60, m % 60);
                    row.insert("utc_start".to_owned(), clock(from).into());
                    row.insert("utc_end".to_owned(), clock(to).into());
                }
                if !o.utc_days.is_empty() {
                    row.insert("utc_days".to_owned(), json!(o.utc_days));
                }
                fill(&mut row, &o.prices);
                Value::Object(row)
            })
            .collect();
        body.insert("overrides".to_owned(), overrides.into());
    }
    Value::Object(body)
}

fn fill(body: &mut serde_json::Map<String, Value>, prices: &Prices) {
    for (unit, rate) in &prices.0 {
        let name = match unit {
            Unit::CacheRead => "input_cache_read",
            Unit::CacheWrite => "input_cache_write",
            Unit::CacheWrite1h => "input_cache_write_1h",
            Unit::AudioCacheRead => "input_audio_cache",
            unit => unit.name(),
        };
        body.insert(name.to_owned(), rate.to_string().into());
    }
}

fn modality(m: Modality) -> &'static str {
    match m {
        Modality::Text => "text",
        Modality::Image => "image",
        Modality::Audio => "audio",
        Modality::Video => "video",
        Modality::File => "file",
        Modality::Embeddings => "embeddings",
        Modality::Other => "other",
    }
}

/// What some endpoint of the model takes, as far as known.
fn parameters(l: &Listing<'_>) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = l.endpoints.iter().flat_map(|e| endpoint_parameters(e)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Where the catalog lists no parameters: those that every chat endpoint takes, and those of its known capabilities.
fn endpoint_parameters(e: &Endpoint) -> Vec<&'static str> {
    const KNOWN: [&str; 26] = [
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "top_a",
        "frequency_penalty",
        "presence_penalty",
        "repetition_penalty",
        "max_tokens",
        "max_completion_tokens",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "prediction",
        "seed",
        "response_format",
        "structured_outputs",
        "stop",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "include_reasoning",
        "reasoning",
        "reasoning_effort",
        "web_search_options",
        "verbosity",
    ];
    if let Some(listed) = &e.supported_parameters {
        return KNOWN.into_iter().filter(|name| listed.iter().any(|l| l == name)).collect();
    }
    let (mine, model) = (e.capabilities, e.model.capabilities);
    let can = |get: fn(&Capabilities) -> Option<bool>| get(&mine).or(get(&model)) == Some(true);
    let mut list = vec!["max_tokens", "stop"];
    if can(|c| c.temperature) {
        list.extend(["temperature", "top_p"]);
    }
    if can(|c| c.tools) {
        list.extend(["tools", "tool_choice"]);
    }
    if can(|c| c.parallel_tool_calls) {
        list.push("parallel_tool_calls");
    }
    if can(|c| c.structured_outputs) {
        list.extend(["structured_outputs", "response_format"]);
    }
    if can(|c| c.reasoning) {
        list.extend(["reasoning", "include_reasoning"]);
    }
    list
}

/// Seconds since 1970 at the start of a day written `2026-11-22`; `2026-11` and `2026` mean their first day.
fn unix_day(day: &str) -> Option<i64> {
    let mut numbers = day.split('-').map(|part| part.parse::<u16>().ok());
    let year = numbers.next()??;
    let month = numbers.next().flatten().unwrap_or(1);
    let date = numbers.next().flatten().unwrap_or(1);
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = time::Date::from_calendar_date(i32::from(year), month, u8::try_from(date).ok()?).ok()?;
    Some(date.midnight().assume_utc().unix_timestamp())
}
