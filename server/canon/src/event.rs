//! What a model answers, piece by piece: the one stream every dialect decodes into and every surface renders from.

use domain::Usage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Source;

/// One piece of an answer, in the order of the wire.
///
/// A well-ended stream has exactly one `Finish` for each choice and at most one `Usage`, after all content. A stream that just
/// stops is not ended: the decoder reports an error instead of inventing a finish. Embeddings and scores come whole, the
/// finish after them.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The provider accepted the request. No content yet.
    Start {
        upstream_id: Option<String>,
        upstream_model: Option<String>,
        system_fingerprint: Option<String>,
        service_tier: Option<String>,
    },
    /// What follows belongs to this choice. Choice 0 needs no such event.
    Choice(u32),
    Text(String),
    Refusal(String),
    Reasoning(ReasoningDelta),
    /// The call number `index` of this answer begins.
    ToolCall {
        index: u32,
        id: String,
        name: String,
    },
    /// More of the arguments (JSON text) of call `index`.
    ToolArguments {
        index: u32,
        delta: String,
    },
    /// A whole picture.
    Image(Source),
    Audio(AudioDelta),
    /// OpenAI's `choices[].logprobs`, passed on.
    Logprobs(Value),
    /// OpenAI's `annotations[]`, passed on.
    Annotation(Value),
    /// The vector of input number `index`.
    Embedding {
        index: u32,
        vector: Vec<f32>,
    },
    /// How well document number `index` answers the query, 1 being best.
    Score {
        index: u32,
        relevance: f64,
    },
    Finish {
        reason: FinishReason,
        /// The provider's own word.
        native: String,
        /// The stop sequence that came, where the provider tells.
        stop_sequence: Option<String>,
    },
    Usage(Usage),
}

impl Event {
    /// Whether the client would see something of the answer: from here on another endpoint can no longer take over.
    pub fn is_content(&self) -> bool {
        !matches!(self, Self::Start { .. } | Self::Choice(_) | Self::Finish { .. } | Self::Usage(_))
    }
}

/// A piece of reasoning. Pieces with the same `index` belong to one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasoningDelta {
    pub index: u32,
    pub kind: ReasoningKind,
    pub id: Option<String>,
    /// As in `ReasoningDetail::format`.
    pub format: Option<String>,
}

/// The content of a piece of reasoning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReasoningKind {
    Text(String),
    Summary(String),
    /// Proves the text of this block to the provider when it is sent back.
    Signature(String),
    Encrypted(String),
}

/// A piece of speech, as OpenAI's `delta.audio` has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AudioDelta {
    pub id: Option<String>,
    /// Base64. Pieces are encoded on their own: decode each, then join.
    pub data: Option<String>,
    /// What is said.
    pub transcript: Option<String>,
    /// Unix seconds until which the provider keeps it under `id`.
    pub expires_at: Option<i64>,
}

/// Why an answer ended, in OpenRouter's vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    Stop,
    Length,
    ToolCalls,
    ContentFilter,
    Error,
}

impl FinishReason {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Error => "error",
        }
    }
}
