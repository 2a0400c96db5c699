//! The `response` object, at any moment of its making (OPENROUTER.md §1.2).

use canon::FinishReason;
use domain::{GenerationId, NanoUsd, Timestamp};
use serde::Serialize;

use super::Asked;
use super::echo::Echo;
use super::items::{Item, output_text};
use super::output::Output;
use crate::deliver::{Ended, Started};
use crate::surfaces::json::dollars;
use crate::surfaces::usage::CostDetails;

/// What is known of a response when it begins.
#[derive(Clone, Debug)]
pub struct Head {
    pub id: GenerationId,
    pub created_at: Timestamp,
    /// What answers; as long as nothing does, what was asked for.
    pub model: String,
    pub provider: Option<String>,
    pub service_tier: Option<String>,
}

impl From<Started> for Head {
    fn from(started: Started) -> Self {
        Self {
            id: started.id,
            created_at: started.created_at,
            model: started.model.as_str().to_owned(),
            provider: Some(started.provider_name),
            service_tier: started.service_tier,
        }
    }
}

/// How a response ends.
#[derive(Debug)]
pub enum Ending {
    Completed,
    /// `max_output_tokens` or `content_filter`; the word of the error where one was the cause.
    Incomplete {
        reason: &'static str,
        error_type: Option<&'static str>,
    },
    Failed {
        error: Failure,
        error_type: &'static str,
    },
}

/// `error` of a failed response.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    pub code: &'static str,
    pub message: String,
}

/// A response.
#[derive(Debug, Serialize)]
pub struct Reply<'a> {
    id: &'a GenerationId,
    object: &'static str,
    created_at: i64,
    status: &'static str,
    completed_at: Option<i64>,
    error: Option<&'a Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'static str>,
    incomplete_details: Option<IncompleteDetails>,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    output: Vec<&'a Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_text: Option<String>,
    service_tier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageBody>,
    #[serde(flatten)]
    echo: &'a Echo,
}

#[derive(Debug, Serialize)]
struct IncompleteDetails {
    reason: &'static str,
}

impl Ending {
    /// By the finish of the answer.
    pub fn of(ended: &Ended) -> Self {
        match ended.finish().map(|finish| finish.reason) {
            None | Some(FinishReason::Stop | FinishReason::ToolCalls) => Self::Completed,
            Some(FinishReason::Length) => Self::Incomplete { reason: "max_output_tokens", error_type: None },
            Some(FinishReason::ContentFilter) => Self::Incomplete { reason: "content_filter", error_type: None },
            Some(FinishReason::Error) => {
                let message = "The provider ended its answer with an error".to_owned();
                Self::Failed { error: Failure { code: "server_error", message }, error_type: "provider_unavailable" }
            }
        }
    }

    pub const fn is_cut(&self) -> bool {
        !matches!(self, Self::Completed)
    }

    /// The name of the last event.
    pub const fn event(&self) -> &'static str {
        match self {
            Self::Completed => "response.completed",
            Self::Incomplete { .. } => "response.incomplete",
            Self::Failed { .. } => "response.failed",
        }
    }
}

impl<'a> Reply<'a> {
    /// Before anything is in it.
    pub fn opening(head: &'a Head, asked: &'a Asked) -> Self {
        Self {
            id: &head.id,
            object: "response",
            created_at: head.created_at.unix_seconds(),
            status: "in_progress",
            completed_at: None,
            error: None,
            error_type: None,
            incomplete_details: None,
            model: &head.model,
            provider: head.provider.as_deref(),
            output: Vec::new(),
            output_text: None,
            service_tier: head.service_tier.as_deref(),
            usage: None,
            echo: &asked.echo,
        }
    }

    /// With all that came of it.
    pub fn ended(
        head: &'a Head,
        asked: &'a Asked,
        output: &'a Output,
        ending: &'a Ending,
        usage: Option<UsageBody>,
        at: Timestamp,
    ) -> Self {
        let (status, error, error_type, incomplete_details) = match ending {
            Ending::Completed => ("completed", None, None, None),
            Ending::Incomplete { reason, error_type } => {
                ("incomplete", None, *error_type, Some(IncompleteDetails { reason }))
            }
            Ending::Failed { error, error_type } => ("failed", Some(error), Some(*error_type), None),
        };
        Self {
            status,
            completed_at: matches!(ending, Ending::Completed).then(|| at.unix_seconds()),
            error,
            error_type,
            incomplete_details,
            output: output.items().collect(),
            output_text: Some(output_text(output.items())),
            usage,
            ..Self::opening(head, asked)
        }
    }
}

/// `usage`, with OpenRouter's cost fields.
#[derive(Debug, Default, Serialize)]
pub struct UsageBody {
    input_tokens: u64,
    input_tokens_details: InputDetails,
    output_tokens: u64,
    output_tokens_details: OutputDetails,
    total_tokens: u64,
    #[serde(serialize_with = "dollars")]
    cost: NanoUsd,
    is_byok: bool,
    cost_details: Costs,
}

#[derive(Debug, Default, Serialize)]
struct InputDetails {
    cached_tokens: u64,
    cache_write_tokens: u64,
}

#[derive(Debug, Default, Serialize)]
struct OutputDetails {
    reasoning_tokens: u64,
}

#[derive(Debug, Default, Serialize)]
struct Costs {
    #[serde(serialize_with = "dollars")]
    upstream_inference_cost: NanoUsd,
    #[serde(serialize_with = "dollars")]
    upstream_inference_input_cost: NanoUsd,
    #[serde(serialize_with = "dollars")]
    upstream_inference_output_cost: NanoUsd,
}

impl UsageBody {
    pub fn new(ended: &Ended) -> Self {
        let usage = &ended.usage;
        let cost = CostDetails::of(&ended.cost);
        Self {
            input_tokens: usage.prompt,
            input_tokens_details: InputDetails {
                cached_tokens: usage.cache_read,
                cache_write_tokens: usage.cache_write,
            },
            output_tokens: usage.completion,
            output_tokens_details: OutputDetails { reasoning_tokens: usage.reasoning },
            total_tokens: usage.total_tokens(),
            cost: ended.charged,
            is_byok: false,
            cost_details: Costs {
                upstream_inference_cost: cost.upstream_inference_cost,
                upstream_inference_input_cost: cost.upstream_inference_prompt_cost,
                upstream_inference_output_cost: cost.upstream_inference_completions_cost,
            },
        }
    }
}
