//! Tokens and cost of an answer, as OpenRouter reports them.

use domain::{Cost, CostLine, NanoUsd};
use serde::Serialize;

use crate::deliver::Ended;
use crate::hold::COMPLETION_UNITS;
use crate::surfaces::json::dollars;

/// `usage` (OPENROUTER.md §2.3).
#[derive(Debug, Serialize)]
pub struct UsageBody {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    #[serde(serialize_with = "dollars")]
    cost: NanoUsd,
    is_byok: bool,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
    cost_details: CostDetails,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_tool_use_details: Option<ServerToolUse>,
}

#[derive(Debug, Serialize)]
struct PromptDetails {
    cached_tokens: u64,
    cache_write_tokens: u64,
    audio_tokens: u64,
    video_tokens: u64,
    /// Ours: OpenRouter does not tell pictures apart.
    image_tokens: u64,
}

#[derive(Debug, Serialize)]
struct CompletionDetails {
    reasoning_tokens: u64,
    audio_tokens: u64,
    image_tokens: u64,
    accepted_prediction_tokens: u64,
    rejected_prediction_tokens: u64,
}

#[derive(Debug, Serialize)]
struct ServerToolUse {
    web_search_requests: u64,
}

/// What the provider will bill, and which share of it the prompt has.
#[derive(Debug, Serialize)]
pub struct CostDetails {
    #[serde(serialize_with = "dollars")]
    pub upstream_inference_cost: NanoUsd,
    #[serde(serialize_with = "dollars")]
    pub upstream_inference_prompt_cost: NanoUsd,
    #[serde(serialize_with = "dollars")]
    pub upstream_inference_completions_cost: NanoUsd,
}

impl UsageBody {
    pub fn new(ended: &Ended) -> Self {
        let usage = &ended.usage;
        Self {
            prompt_tokens: usage.prompt,
            completion_tokens: usage.completion,
            total_tokens: usage.total_tokens(),
            cost: ended.charged,
            is_byok: false,
            prompt_tokens_details: PromptDetails {
                cached_tokens: usage.cache_read,
                cache_write_tokens: usage.cache_write,
                audio_tokens: usage.audio_in,
                video_tokens: usage.video_in,
                image_tokens: usage.image_in,
            },
            completion_tokens_details: CompletionDetails {
                reasoning_tokens: usage.reasoning,
                audio_tokens: usage.audio_out,
                image_tokens: usage.image_out,
                accepted_prediction_tokens: usage.accepted_prediction,
                rejected_prediction_tokens: usage.rejected_prediction,
            },
            cost_details: CostDetails::of(&ended.cost),
            server_tool_use_details: (usage.web_searches > 0)
                .then_some(ServerToolUse { web_search_requests: usage.web_searches }),
        }
    }
}

impl CostDetails {
    /// The two parts add up to the whole: what the rounding of one takes, the other has.
    pub fn of(cost: &Cost) -> Self {
        let answers = cost.lines.iter().filter(|line| COMPLETION_UNITS.contains(&line.unit));
        let completions =
            answers.map(CostLine::amount).sum::<Result<_, _>>().and_then(NanoUsd::round_from).unwrap_or_default();
        Self {
            upstream_inference_cost: cost.total,
            upstream_inference_prompt_cost: cost.total.checked_sub(completions).unwrap_or_default(),
            upstream_inference_completions_cost: completions,
        }
    }
}
