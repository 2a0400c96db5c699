//! Models and endpoints as they are written (`Model` and `PublicEndpoint` in OpenRouter's schema).

use std::sync::Arc;

use domain::{ModelSlug, PriceSheet, Rate, Unit};
use providers::catalog::{Endpoint, EndpointStatus, Modality, Model, ModelKind};
use providers::quirks::PromptCaching;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::parameters::endpoint_parameters;
use super::pricing::pricing;

/// A model with its variant and what is offered of it.
#[derive(Debug)]
pub struct Listing<'a> {
    pub slug: &'a ModelSlug,
    pub model: &'a Model,
    pub endpoints: &'a [Arc<Endpoint>],
}

#[derive(Serialize)]
pub struct ModelBody {
    pub id: String,
    /// `model`, and the author: what OpenAI's clients know of a model.
    object: &'static str,
    owned_by: String,
    canonical_slug: String,
    hugging_face_id: Option<String>,
    pub name: String,
    pub created: i64,
    pub description: String,
    context_length: Option<u64>,
    pub architecture: Value,
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
    pub fn new(l: &Listing<'_>) -> Self {
        let (model, top) = (l.model, cheapest(l.endpoints));
        let limit = |own: Option<u64>, of_top: Option<u64>| own.or(of_top);
        let context_length = limit(model.context_length, top.and_then(|e| e.context_length));
        Self {
            id: l.slug.to_string(),
            object: "model",
            owned_by: l.slug.author().to_owned(),
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
pub struct EndpointBody {
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
    supports_tool_choice: ToolChoices,
    /// The provider's own tools and their prices: none are offered here.
    native_tools: Map<String, Value>,
    /// Of an endpoint that is one tier of its provider's: tiers are asked for by `service_tier` here.
    service_tier: Option<String>,
    supports_diarization: bool,
}

/// The values of `tool_choice` that are known to be understood.
#[derive(Serialize)]
struct ToolChoices {
    auto: bool,
    none: bool,
    required: bool,
    function: bool,
}

impl ToolChoices {
    fn of(e: &Endpoint) -> Self {
        let known = |of_endpoint: Option<bool>, of_model: Option<bool>| of_endpoint.or(of_model) == Some(true);
        let (mine, model) = (e.capabilities, e.model.capabilities);
        let tools = known(mine.tools, model.tools);
        let choice = tools && known(mine.tool_choice, model.tool_choice);
        Self { auto: tools, none: choice, required: choice, function: choice }
    }
}

impl EndpointBody {
    pub fn new(e: &Endpoint, l: &Listing<'_>) -> Self {
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
            supports_tool_choice: ToolChoices::of(e),
            native_tools: Map::new(),
            service_tier: None,
            supports_diarization: false,
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
    let input: Vec<&str> = model.input_modalities.iter().map(|m| modality(*m)).collect();
    let output: Vec<&str> = model.output_modalities.iter().map(|m| made(model, *m)).collect();
    json!({
        "modality": format!("{}->{}", input.join("+"), output.join("+")),
        "input_modalities": input,
        "output_modalities": output,
        "tokenizer": model.tokenizer.as_deref().unwrap_or("Other"),
        "instruct_type": null,
    })
}

pub fn modality(m: Modality) -> &'static str {
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

/// What a model makes, where the medium has no name but that of the model's kind.
pub fn made(model: &Model, m: Modality) -> &'static str {
    match (m, model.kind) {
        (Modality::Other, ModelKind::Rerank) => "rerank",
        (Modality::Other, ModelKind::Transcription) => "transcription",
        _ => modality(m),
    }
}

/// What some endpoint of the model takes, as far as known.
pub fn parameters(l: &Listing<'_>) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = l.endpoints.iter().flat_map(|e| endpoint_parameters(e)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Seconds since 1970 at the start of a day written `2026-11-22`; `2026-11` and `2026` mean their first day.
pub fn unix_day(day: &str) -> Option<i64> {
    let mut numbers = day.split('-').map(|part| part.parse::<u16>().ok());
    let year = numbers.next()??;
    let month = numbers.next().flatten().unwrap_or(1);
    let date = numbers.next().flatten().unwrap_or(1);
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = time::Date::from_calendar_date(i32::from(year), month, u8::try_from(date).ok()?).ok()?;
    Some(date.midnight().assume_utc().unix_timestamp())
}
