//! What a key may ask about itself, its account's credits and its generations (OPENROUTER.md §2.9, §2.10).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use domain::{Attempt, Generation, GenerationState, NanoUsd, Tokenizer};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::admit::authenticate;
use crate::error::GatewayError;
use crate::gateway::Gateway;
use crate::ports::KeyFacts;
use crate::routes::Data;
use crate::surfaces::json::{dollars, maybe_dollars};

/// `GET /key`: the calling key.
pub async fn key(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Result<impl IntoResponse, GatewayError> {
    let caller = authenticate(&*gateway.deps.keys, &headers).await?;
    let id = caller.key.ok_or(GatewayError::Internal)?;
    let facts = gateway.deps.keys.key_facts(&id).await?;
    Ok(Json(Data { data: KeyBody::from(facts) }))
}

#[derive(Serialize)]
struct KeyBody {
    label: String,
    name: String,
    #[serde(serialize_with = "maybe_dollars")]
    limit: Option<NanoUsd>,
    #[serde(serialize_with = "maybe_dollars")]
    limit_remaining: Option<NanoUsd>,
    limit_reset: Option<&'static str>,
    include_byok_in_limit: bool,
    #[serde(serialize_with = "dollars")]
    usage: NanoUsd,
    #[serde(serialize_with = "dollars")]
    usage_daily: NanoUsd,
    #[serde(serialize_with = "dollars")]
    usage_weekly: NanoUsd,
    #[serde(serialize_with = "dollars")]
    usage_monthly: NanoUsd,
    byok_usage: u8,
    byok_usage_daily: u8,
    byok_usage_weekly: u8,
    byok_usage_monthly: u8,
    is_free_tier: bool,
    is_management_key: bool,
    is_provisioning_key: bool,
    expires_at: Option<String>,
    creator_user_id: Option<String>,
    rate_limit: RateLimit,
}

/// Kept for old clients: there is no limit on requests.
#[derive(Serialize)]
struct RateLimit {
    requests: i8,
    interval: &'static str,
    note: &'static str,
}

impl From<KeyFacts> for KeyBody {
    fn from(key: KeyFacts) -> Self {
        let remaining = |limit: NanoUsd| limit.checked_sub(key.spent).unwrap_or_default().max(NanoUsd::ZERO);
        Self {
            label: key.label,
            name: key.name,
            limit: key.limit,
            limit_remaining: key.limit.map(remaining),
            limit_reset: None,
            include_byok_in_limit: false,
            usage: key.spent,
            usage_daily: key.spent_today,
            usage_weekly: key.spent_this_week,
            usage_monthly: key.spent_this_month,
            byok_usage: 0,
            byok_usage_daily: 0,
            byok_usage_weekly: 0,
            byok_usage_monthly: 0,
            is_free_tier: key.is_free_tier,
            is_management_key: false,
            is_provisioning_key: false,
            expires_at: key.expires_at.map(|at| at.to_string()),
            creator_user_id: None,
            rate_limit: RateLimit {
                requests: -1,
                interval: "10s",
                note: "This field is deprecated and safe to ignore.",
            },
        }
    }
}

/// `GET /credits`: what the account was granted and has spent.
pub async fn credits(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, GatewayError> {
    let caller = authenticate(&*gateway.deps.keys, &headers).await?;
    let facts = gateway.deps.keys.credit_facts(&caller.account).await?;
    Ok(Json(Data { data: CreditsBody { total_credits: facts.granted, total_usage: facts.spent } }))
}

#[derive(Serialize)]
struct CreditsBody {
    #[serde(serialize_with = "dollars")]
    total_credits: NanoUsd,
    #[serde(serialize_with = "dollars")]
    total_usage: NanoUsd,
}

#[derive(Debug, Deserialize)]
pub struct GenerationQuery {
    id: Option<String>,
}

/// `GET /generation?id=`: the record of one of the account's generations.
pub async fn generation(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    Query(query): Query<GenerationQuery>,
) -> Result<impl IntoResponse, GatewayError> {
    let caller = authenticate(&*gateway.deps.keys, &headers).await?;
    let id = query.id.ok_or_else(|| GatewayError::invalid("id", "is missing: a generation id such as gen-…"))?;
    let Ok(id) = id.parse() else { return Err(GatewayError::NotFound("generation")) };
    let found = gateway.deps.records.generation(&caller.account, &id).await?;
    let generation = found.ok_or(GatewayError::NotFound("generation"))?;
    Ok(Json(Data { data: GenerationBody::from(generation) }))
}

#[derive(Serialize)]
struct GenerationBody {
    id: String,
    request_id: Option<String>,
    session_id: Option<String>,
    upstream_id: Option<String>,
    api_type: &'static str,
    created_at: String,
    model: String,
    provider_name: Option<String>,
    router: Option<String>,
    preset_id: Option<String>,
    app_id: Option<u64>,
    origin: String,
    http_referer: Option<String>,
    user_agent: Option<String>,
    external_user: Option<String>,
    workspace_id: Option<String>,
    data_region: &'static str,
    service_tier: Option<String>,
    streamed: bool,
    cancelled: bool,
    finish_reason: Option<String>,
    native_finish_reason: Option<String>,
    latency: Option<u32>,
    moderation_latency: Option<u32>,
    generation_time: Option<u32>,
    #[serde(serialize_with = "dollars")]
    total_cost: NanoUsd,
    #[serde(serialize_with = "dollars")]
    usage: NanoUsd,
    #[serde(serialize_with = "dollars")]
    upstream_inference_cost: NanoUsd,
    #[serde(serialize_with = "maybe_dollars")]
    cache_discount: Option<NanoUsd>,
    is_byok: bool,
    tokens_prompt: u64,
    tokens_completion: u64,
    native_tokens_prompt: u64,
    native_tokens_completion: u64,
    native_tokens_reasoning: u64,
    native_tokens_cached: u64,
    native_tokens_completion_images: u64,
    num_media_prompt: u32,
    num_media_completion: u32,
    num_input_audio_prompt: u32,
    num_search_results: Option<u64>,
    num_fetches: Option<u64>,
    web_search_engine: Option<String>,
    response_cache_source_id: Option<String>,
    provider_responses: Vec<ProviderResponse>,
    /// From here on ours: the kinds of tokens that OpenRouter does not tell apart.
    native_tokens_cache_write: u64,
    native_tokens_cache_write_1h: u64,
    native_tokens_prompt_audio: u64,
    native_tokens_prompt_images: u64,
    native_tokens_prompt_video: u64,
    native_tokens_completion_audio: u64,
    /// Counted by us, not by the provider, and what with.
    usage_is_estimated: bool,
    tokenizer: Option<&'static str>,
}

#[derive(Serialize)]
struct ProviderResponse {
    endpoint_id: String,
    provider_name: String,
    model_permaslug: String,
    status: Option<u16>,
    latency: u32,
    is_byok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    routed_service_tier: Option<String>,
}

impl From<Attempt> for ProviderResponse {
    fn from(attempt: Attempt) -> Self {
        Self {
            endpoint_id: format!("{}@{}", attempt.model, attempt.tag),
            latency: attempt.first_token_ms.unwrap_or(attempt.ended_ms).saturating_sub(attempt.started_ms),
            provider_name: attempt.provider_name,
            model_permaslug: attempt.model.to_string(),
            status: attempt.status,
            is_byok: false,
            routed_service_tier: None,
        }
    }
}

impl From<Generation> for GenerationBody {
    fn from(g: Generation) -> Self {
        let usage = g.usage;
        Self {
            id: g.id.to_string(),
            request_id: None,
            session_id: None,
            upstream_id: g.upstream_id,
            api_type: api_type(&g.surface),
            created_at: g.created_at.to_string(),
            model: g.served_by.as_ref().map_or(g.requested_model, |s| s.model.to_string()),
            provider_name: g.served_by.map(|s| s.provider_name),
            router: None,
            preset_id: None,
            app_id: None,
            origin: g.app.clone().unwrap_or_default(),
            http_referer: g.app,
            user_agent: None,
            external_user: g.user,
            workspace_id: None,
            data_region: "global",
            service_tier: g.service_tier,
            streamed: g.streamed,
            cancelled: g.state == GenerationState::Cancelled,
            finish_reason: g.finish_reason,
            native_finish_reason: g.native_finish_reason,
            latency: g.first_token_ms,
            moderation_latency: None,
            generation_time: g.first_token_ms.map(|first| g.duration_ms.saturating_sub(first)),
            total_cost: g.cost.total,
            usage: g.cost.total,
            upstream_inference_cost: g.cost.total,
            cache_discount: g.cache_discount,
            is_byok: false,
            tokens_prompt: usage.prompt,
            tokens_completion: usage.completion,
            native_tokens_prompt: usage.prompt,
            native_tokens_completion: usage.completion,
            native_tokens_reasoning: usage.reasoning,
            native_tokens_cached: usage.cache_read,
            native_tokens_completion_images: usage.image_out,
            num_media_prompt: g.media.prompt,
            num_media_completion: g.media.completion,
            num_input_audio_prompt: g.media.prompt_audio,
            num_search_results: None,
            num_fetches: None,
            web_search_engine: None,
            response_cache_source_id: None,
            provider_responses: g.attempts.into_iter().map(Into::into).collect(),
            native_tokens_cache_write: usage.cache_write,
            native_tokens_cache_write_1h: usage.cache_write_1h,
            native_tokens_prompt_audio: usage.audio_in,
            native_tokens_prompt_images: usage.image_in,
            native_tokens_prompt_video: usage.video_in,
            native_tokens_completion_audio: usage.audio_out,
            usage_is_estimated: usage.estimated,
            tokenizer: usage.tokenizer.map(Tokenizer::name),
        }
    }
}

/// The contract's word for the kind of API.
fn api_type(surface: &str) -> &'static str {
    match surface {
        "embeddings" => "embeddings",
        "rerank" => "rerank",
        _ => "completions",
    }
}
