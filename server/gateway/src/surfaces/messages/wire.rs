//! The request body as it is written. Fields that are not named here are ignored, as Anthropic's clients expect.
//!
//! What has a `type` is one flat struct for all its types: so an error names the very field, however deep.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Number, Value};

use super::content::Content;
use crate::surfaces::cache::WireCacheControl;
use crate::surfaces::provider::ProviderWishes;

#[derive(Debug, Deserialize)]
pub struct Body {
    pub model: Option<String>,
    pub messages: Option<Vec<WireMessage>>,
    pub system: Option<Content>,
    pub max_tokens: Option<Number>,
    pub stream: Option<bool>,
    pub stop_sequences: Option<Vec<String>>,
    pub temperature: Option<Number>,
    pub top_k: Option<Number>,
    pub top_p: Option<Number>,
    pub tools: Option<Vec<WireTool>>,
    pub tool_choice: Option<WireToolChoice>,
    pub thinking: Option<WireThinking>,
    pub output_config: Option<OutputConfig>,
    /// The beta's place of `output_config.format`.
    pub output_format: Option<OutputFormat>,
    pub cache_control: Option<WireCacheControl>,
    pub metadata: Option<Metadata>,
    pub service_tier: Option<ServiceTier>,
    pub speed: Option<Speed>,
    /// A conversation that the server would keep.
    pub thread: Option<IgnoredAny>,
    // From here on OpenRouter's.
    pub models: Option<Vec<String>>,
    pub fallbacks: Option<Vec<Fallback>>,
    pub provider: Option<ProviderWishes>,
    pub session_id: Option<String>,
    pub user: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct WireMessage {
    pub role: Role,
    pub content: Option<Content>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    User,
    Assistant,
    System,
}

/// A tool of the client's (`custom`, or no type), or one of those that Anthropic defines.
#[derive(Debug, Deserialize)]
pub struct WireTool {
    pub r#type: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub input_schema: Option<Value>,
    pub strict: Option<bool>,
    pub cache_control: Option<WireCacheControl>,
}

#[derive(Debug, Deserialize)]
pub struct WireToolChoice {
    pub r#type: ToolChoiceType,
    pub name: Option<String>,
    pub disable_parallel_tool_use: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoiceType {
    Auto,
    Any,
    Tool,
    None,
}

#[derive(Debug, Deserialize)]
pub struct WireThinking {
    pub r#type: ThinkingType,
    pub budget_tokens: Option<Number>,
    pub display: Option<Display>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThinkingType {
    Enabled,
    Disabled,
    Adaptive,
    BetweenTools,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    Summarized,
    Omitted,
}

#[derive(Debug, Deserialize)]
pub struct OutputConfig {
    pub effort: Option<String>,
    pub format: Option<OutputFormat>,
}

#[derive(Debug, Deserialize)]
pub struct OutputFormat {
    #[serde(rename = "type")]
    _type: JsonSchemaType,
    pub schema: Value,
}

/// The only format there is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum JsonSchemaType {
    JsonSchema,
}

#[derive(Debug, Deserialize)]
pub struct Metadata {
    pub user_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    Auto,
    StandardOnly,
    /// OpenRouter's further words, which other providers have.
    Default,
    Flex,
    Priority,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speed {
    Standard,
    Fast,
}

/// An element of `fallbacks`.
#[derive(Debug, Deserialize)]
pub struct Fallback {
    pub model: String,
}
