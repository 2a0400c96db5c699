//! Where a provider deviates from its dialect: typed, documented, and read from the provider's file.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// Every field has the dialect's plain behaviour as its default; an unknown field in a file is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// The name of the limit on completion tokens.
    pub max_tokens: MaxTokensField,
    /// The field of messages and deltas that carries reasoning text, in both directions.
    pub reasoning_field: ReasoningField,
    /// How reasoning is asked for.
    pub reasoning_request: ReasoningRequest,
    /// Whether summaries of reasoning may be asked for (Responses): OpenAI refuses accounts that it has not verified.
    pub reasoning_summaries: bool,
    /// Whether a `developer` message is understood; otherwise it is sent as `system`.
    pub developer_role: bool,
    /// Whether `strict` on function tools is understood; otherwise it is left out.
    pub strict_tools: bool,
    /// Whether `stream_options.include_usage` is understood.
    pub stream_usage: bool,
    /// Whether message content must be one string; otherwise parts may be sent.
    pub content_must_be_string: bool,
    /// Whether reasoning of earlier turns must be sent back with tool results.
    pub reasoning_replay: bool,
    /// Request parameters (dialect's own names) the provider refuses: they are left out.
    pub omit: Vec<String>,
    /// The highest temperature accepted, as a decimal; a higher one is cut.
    #[serde(deserialize_with = "decimal")]
    pub temperature_max: Option<String>,
    /// How tokens are counted.
    pub usage: UsageQuirks,
    /// Whether dropping the connection of a stream stops the bill. Unknown: no.
    pub cancels_on_disconnect: Option<bool>,
    /// How prompts are cached.
    pub prompt_caching: PromptCaching,
    /// Whether a header keeps a session on one machine, so that its prompt cache is found again.
    pub session_affinity_headers: bool,
    /// How an embedding model's vectors are asked for.
    pub embedding_encoding: EmbeddingEncoding,
    /// The name of the length of vectors.
    pub embedding_dimensions: EmbeddingDimensions,
    /// In which words it can be told what vectors are for.
    pub embedding_input_type: EmbeddingInputType,
    /// The name of how many of the best documents a ranking shall hold.
    pub rerank_top: RerankTop,
    /// Facts that no field says yet.
    pub notes: Vec<String>,
}

fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match rust_decimal::Decimal::from_str_exact(&text) {
        Ok(_) => Ok(Some(text)),
        Err(_) => Err(D::Error::custom(format_args!("`{text}` is not a decimal number such as \"1.99\""))),
    }
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            max_tokens: MaxTokensField::default(),
            reasoning_field: ReasoningField::default(),
            reasoning_request: ReasoningRequest::default(),
            reasoning_summaries: true,
            developer_role: false,
            strict_tools: true,
            stream_usage: true,
            content_must_be_string: false,
            reasoning_replay: false,
            omit: Vec::new(),
            temperature_max: None,
            usage: UsageQuirks::default(),
            cancels_on_disconnect: None,
            prompt_caching: PromptCaching::default(),
            session_affinity_headers: false,
            embedding_encoding: EmbeddingEncoding::default(),
            embedding_dimensions: EmbeddingDimensions::default(),
            embedding_input_type: EmbeddingInputType::default(),
            rerank_top: RerankTop::default(),
            notes: Vec::new(),
        }
    }
}

/// The name of the limit on completion tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    #[default]
    MaxTokens,
    MaxCompletionTokens,
}

/// The field that carries reasoning text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningField {
    /// DeepSeek's name, the most common one.
    #[default]
    ReasoningContent,
    /// OpenRouter's name.
    Reasoning,
}

/// How reasoning is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningRequest {
    /// `reasoning_effort: "low"` (OpenAI).
    #[default]
    Effort,
    /// `reasoning: {effort | max_tokens, exclude}` (OpenRouter).
    Object,
    /// `thinking: {type: "enabled" | "disabled"}`.
    Thinking,
    /// The model decides; nothing can be asked.
    None,
}

/// What the totals of a usage report hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UsageQuirks {
    /// Where reasoning tokens are: within the completion tokens, or beside them. Hosts whose `total_tokens` shows that they are
    /// beside need not be told of.
    pub reasoning: CountedAs,
    /// Where the tokens read from and written to a cache are: within the prompt tokens, or beside them.
    pub cached: CountedAs,
}

/// Where a kind of token is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedAs {
    #[default]
    Within,
    Beside,
}

/// How prompts are cached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptCaching {
    #[default]
    Unknown,
    Implicit,
    Explicit,
    Both,
}

/// How an embedding model's vectors are asked for. Whatever comes is understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingEncoding {
    /// As lists of numbers, which every host knows.
    #[default]
    Float,
    /// As bytes in base64: a third of the size.
    Base64,
    /// The host refuses the parameter.
    Unsaid,
}

/// The name of the length of vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingDimensions {
    #[default]
    Dimensions,
    /// Voyage's and Cohere's name.
    OutputDimension,
}

/// In which words it can be told what vectors are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingInputType {
    /// The host knows no `input_type`: it is left out.
    #[default]
    Unsaid,
    /// As the client says it: `search_query`, `search_document` …
    AsGiven,
    /// `query` and `document` (Voyage).
    QueryDocument,
    /// `query` and `passage` (NVIDIA).
    QueryPassage,
}

/// The name of how many of the best documents a ranking shall hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerankTop {
    #[default]
    TopN,
    /// Voyage's name.
    TopK,
}
