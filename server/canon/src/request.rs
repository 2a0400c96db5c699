//! What a client asks of a model, whichever surface it came through.
//!
//! A field the client left out is `None` and is left out upstream: no defaults are injected. Numbers that are only passed on
//! are `serde_json::Number`, so that they reach the provider as they were written.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// One call, without the choice of model and provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    pub messages: Vec<Message>,
    pub tools: Vec<Tool>,
    pub tool_choice: Option<ToolChoice>,
    pub parallel_tool_calls: Option<bool>,
    pub response_format: Option<ResponseFormat>,
    /// The most completion tokens, reasoning included.
    pub max_tokens: Option<u64>,
    /// How many answers are wanted; `None` is one.
    pub choices: Option<u32>,
    pub stop: Vec<String>,
    pub sampling: Sampling,
    pub reasoning: Option<Reasoning>,
    /// `low`, `medium`, `high` …
    pub verbosity: Option<String>,
    /// Caches the longest prefix (Anthropic's automatic caching).
    pub cache_control: Option<CacheControl>,
    pub prompt_cache_key: Option<String>,
    pub service_tier: Option<String>,
    /// The client's end user.
    pub user: Option<String>,
    pub metadata: Option<Map<String, Value>>,
    /// OpenAI's predicted output, passed on as it is.
    pub prediction: Option<Value>,
    /// What the answer may consist of: `text`, `image`, `audio`. Empty is the model's habit.
    pub modalities: Vec<String>,
    /// Voice and format of spoken answers, as OpenAI's `audio`, passed on as it is.
    pub audio: Option<Value>,
    /// `aspect_ratio`, `image_size` … of drawn answers (OpenRouter's `image_config`).
    pub image_config: Option<Map<String, Value>>,
    /// Provider-specific fields for the endpoint at hand, merged into the request body last.
    pub extra: Map<String, Value>,
}

/// Samplers, as numbers to pass on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sampling {
    pub temperature: Option<Number>,
    pub top_p: Option<Number>,
    pub top_k: Option<Number>,
    pub min_p: Option<Number>,
    pub top_a: Option<Number>,
    pub frequency_penalty: Option<Number>,
    pub presence_penalty: Option<Number>,
    pub repetition_penalty: Option<Number>,
    pub seed: Option<Number>,
    pub logit_bias: Option<Map<String, Value>>,
    pub logprobs: Option<bool>,
    pub top_logprobs: Option<Number>,
}

/// One turn.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    System {
        parts: Vec<Part>,
        name: Option<String>,
    },
    Developer {
        parts: Vec<Part>,
        name: Option<String>,
    },
    User {
        parts: Vec<Part>,
        name: Option<String>,
    },
    /// `reasoning` is replayed unmodified and in order.
    Assistant {
        parts: Vec<Part>,
        name: Option<String>,
        refusal: Option<String>,
        reasoning: Vec<ReasoningDetail>,
        tool_calls: Vec<ToolCall>,
    },
    /// The result of one tool call; `is_error`: the tool failed, and the parts say how.
    Tool {
        tool_call_id: String,
        parts: Vec<Part>,
        is_error: bool,
    },
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Text {
        text: String,
        cache_control: Option<CacheControl>,
    },
    /// `detail`: OpenAI's `auto`, `low`, `high`.
    Image {
        source: Source,
        detail: Option<String>,
        cache_control: Option<CacheControl>,
    },
    /// Base64 data in a container format such as `wav`.
    Audio {
        data: String,
        format: String,
    },
    File {
        filename: Option<String>,
        source: Source,
        cache_control: Option<CacheControl>,
    },
    Video {
        source: Source,
    },
}

/// Where the bytes of a medium are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Url(String),
    /// Base64.
    Data {
        media_type: String,
        data: String,
    },
}

/// Marks the end of a prefix worth caching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheControl {
    pub ttl: CacheTtl,
}

/// How long a cached prefix lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheTtl {
    #[default]
    FiveMinutes,
    OneHour,
}

/// A function the model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    pub name: String,
    pub description: Option<String>,
    /// JSON Schema of the arguments.
    pub parameters: Option<Value>,
    pub strict: Option<bool>,
    pub cache_control: Option<CacheControl>,
}

/// Which tool must be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    None,
    Auto,
    Required,
    Function(String),
    /// Only these of the tools may be called; `required`: at least one must be.
    Allowed {
        required: bool,
        names: Vec<String>,
    },
}

/// A call the model made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    /// JSON text as the model wrote it: it may be broken.
    pub arguments: String,
    /// On calls that are sent back.
    pub cache_control: Option<CacheControl>,
}

/// The shape the answer must have.
#[derive(Clone, Debug, PartialEq)]
pub enum ResponseFormat {
    Text,
    JsonObject,
    JsonSchema(JsonSchema),
}

/// A named JSON Schema.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonSchema {
    pub name: String,
    pub description: Option<String>,
    pub strict: Option<bool>,
    pub schema: Value,
}

/// How much to think, and whether to show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasoning {
    pub enabled: Option<bool>,
    /// `max`, `xhigh`, `high`, `medium`, `low`, `minimal`, `none`; not together with `max_tokens`.
    pub effort: Option<String>,
    pub max_tokens: Option<u64>,
    /// Think, but leave the thoughts out of the answer.
    pub exclude: Option<bool>,
    /// `auto`, `concise`, `detailed`.
    pub summary: Option<String>,
}

impl Request {
    /// The tools that may be called: all, or those the choice allows. For dialects that cannot name a part of the tools.
    pub fn callable_tools(&self) -> impl Iterator<Item = &Tool> {
        self.tools.iter().filter(|tool| match &self.tool_choice {
            Some(ToolChoice::Allowed { names, .. }) => names.contains(&tool.name),
            _ => true,
        })
    }
}

impl Reasoning {
    /// Whether the client switched reasoning off.
    pub fn is_off(&self) -> bool {
        self.enabled == Some(false) || self.effort.as_deref() == Some("none")
    }

    /// The budget in tokens for models that want one: `max_tokens`, or the effort's share of `limit`; at least 1,024
    /// (OPENROUTER.md §2.2). `None` when off.
    pub fn budget(&self, limit: u64) -> Option<u64> {
        if self.is_off() {
            return None;
        }
        let percent = match self.effort.as_deref() {
            Some("max" | "xhigh") => 95,
            Some("high") => 80,
            Some("low") => 20,
            Some("minimal") => 10,
            _ => 50,
        };
        Some(self.max_tokens.unwrap_or_else(|| (limit.saturating_mul(percent) / 100).min(128_000)).max(1_024))
    }
}

/// One block of reasoning as clients see it in `reasoning_details` and send it back (OPENROUTER.md §2.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasoningDetail {
    #[serde(flatten)]
    pub kind: ReasoningDetailKind,
    #[serde(default)]
    pub id: Option<String>,
    /// Which wire it came from, such as `anthropic-claude-v1`; only that wire gets it back.
    #[serde(default)]
    pub format: Option<String>,
    #[serde(default)]
    pub index: Option<u32>,
}

/// The content of a block of reasoning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum ReasoningDetailKind {
    #[serde(rename = "reasoning.text")]
    Text {
        #[serde(default)]
        text: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
    },
    #[serde(rename = "reasoning.summary")]
    Summary { summary: String },
    #[serde(rename = "reasoning.encrypted")]
    Encrypted { data: String },
}
