//! Tokens as Anthropic counts them, each once, and their cost as OpenRouter tells it.

use domain::{NanoUsd, Usage};
use serde::Serialize;

use crate::deliver::Ended;
use crate::surfaces::json::maybe_dollars;
use crate::surfaces::usage::CostDetails;

/// `usage`.
#[derive(Debug, Default, Serialize)]
pub struct UsageBody {
    /// Neither read from a cache nor written to one.
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    cache_creation: CacheCreation,
    output_tokens: u64,
    output_tokens_details: OutputDetails,
    server_tool_use: Option<ServerTools>,
    service_tier: String,
    inference_geo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "maybe_dollars")]
    cost: Option<NanoUsd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_byok: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_details: Option<CostDetails>,
}

#[derive(Debug, Default, Serialize)]
struct CacheCreation {
    ephemeral_5m_input_tokens: u64,
    ephemeral_1h_input_tokens: u64,
}

#[derive(Debug, Default, Serialize)]
struct OutputDetails {
    thinking_tokens: u64,
}

#[derive(Debug, Serialize)]
struct ServerTools {
    web_search_requests: u64,
    web_fetch_requests: u64,
}

impl UsageBody {
    /// At the beginning of a stream nothing is counted yet.
    pub fn unknown(tier: Option<&str>) -> Self {
        Self { service_tier: tier_name(tier), ..Self::default() }
    }

    pub fn new(ended: &Ended, tier: Option<&str>) -> Self {
        Self {
            cost: Some(ended.charged),
            is_byok: Some(false),
            cost_details: Some(CostDetails::of(&ended.cost)),
            ..Self::counted(&ended.usage, tier)
        }
    }

    fn counted(usage: &Usage, tier: Option<&str>) -> Self {
        let search = ServerTools { web_search_requests: usage.web_searches, web_fetch_requests: 0 };
        Self {
            input_tokens: usage.prompt.saturating_sub(usage.cache_read).saturating_sub(usage.cache_write),
            cache_creation_input_tokens: usage.cache_write,
            cache_read_input_tokens: usage.cache_read,
            cache_creation: CacheCreation {
                ephemeral_5m_input_tokens: usage.cache_write.saturating_sub(usage.cache_write_1h),
                ephemeral_1h_input_tokens: usage.cache_write_1h,
            },
            output_tokens: usage.completion,
            output_tokens_details: OutputDetails { thinking_tokens: usage.reasoning },
            server_tool_use: Some(search).filter(|search| search.web_search_requests > 0),
            ..Self::unknown(tier)
        }
    }
}

/// The base tier has several names.
fn tier_name(tier: Option<&str>) -> String {
    match tier {
        None | Some("default" | "auto" | "") => "standard".to_owned(),
        Some(tier) => tier.to_owned(),
    }
}
