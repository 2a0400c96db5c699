//! The request body as it is written. Fields that are not named here are ignored, as OpenAI's and OpenRouter's clients expect.

use canon::ReasoningDetail;
use serde::Deserialize;
use serde_json::{Map, Number, Value};

use super::content::Content;
use super::reasoning::UNKNOWN_FORMAT;
use crate::surfaces::cache::WireCacheControl;
use crate::surfaces::fields::Stop;
use crate::surfaces::provider::ProviderWishes;

#[derive(Clone, Debug, Deserialize)]
pub struct Body {
    pub model: Option<String>,
    pub models: Option<Vec<String>>,
    pub messages: Option<Vec<WireMessage>>,
    pub provider: Option<ProviderWishes>,
    pub stream: Option<bool>,
    pub max_tokens: Option<Number>,
    pub max_completion_tokens: Option<Number>,
    pub n: Option<Number>,
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
    pub stop: Option<Stop>,
    pub tools: Option<Vec<WireTool>>,
    pub tool_choice: Option<WireToolChoice>,
    pub parallel_tool_calls: Option<bool>,
    pub response_format: Option<WireResponseFormat>,
    pub reasoning: Option<WireReasoning>,
    pub reasoning_effort: Option<String>,
    pub include_reasoning: Option<bool>,
    pub verbosity: Option<String>,
    pub cache_control: Option<WireCacheControl>,
    pub prompt_cache_key: Option<String>,
    pub service_tier: Option<String>,
    pub user: Option<String>,
    pub metadata: Option<Map<String, Value>>,
    pub prediction: Option<Value>,
    pub modalities: Option<Vec<String>>,
    pub audio: Option<Value>,
    pub image_config: Option<Map<String, Value>>,
}

/// One message; which fields count depends on the role.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum WireMessage {
    System {
        content: Content,
        name: Option<String>,
    },
    Developer {
        content: Content,
        name: Option<String>,
    },
    User {
        content: Content,
        name: Option<String>,
    },
    Assistant {
        #[serde(default)]
        content: Content,
        name: Option<String>,
        refusal: Option<String>,
        /// OpenRouter's plain text; `reasoning_content` is DeepSeek's name for it.
        #[serde(alias = "reasoning_content")]
        reasoning: Option<String>,
        reasoning_details: Option<Vec<Value>>,
        tool_calls: Option<Vec<WireToolCall>>,
    },
    Tool {
        content: Content,
        tool_call_id: String,
    },
}

#[derive(Clone, Debug, Deserialize)]
pub struct WireToolCall {
    pub id: String,
    pub function: WireFunctionCall,
}

#[derive(Clone, Debug, Deserialize)]
pub struct WireFunctionCall {
    pub name: String,
    #[serde(default)]
    pub arguments: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WireTool {
    Function { function: WireFunction, cache_control: Option<WireCacheControl> },
}

#[derive(Clone, Debug, Deserialize)]
pub struct WireFunction {
    pub name: String,
    pub description: Option<String>,
    pub parameters: Option<Value>,
    pub strict: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "none, auto, required or {\"type\": \"function\", \"function\": {\"name\": …}}")]
pub enum WireToolChoice {
    Mode(ToolMode),
    Function { function: NamedFunction },
    Allowed { allowed_tools: AllowedTools },
}

/// Only these of the tools may be called; `mode` is `auto` or `required`.
#[derive(Clone, Debug, Deserialize)]
pub struct AllowedTools {
    pub mode: ToolMode,
    pub tools: Vec<AllowedTool>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct AllowedTool {
    pub function: NamedFunction,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolMode {
    None,
    Auto,
    Required,
}

#[derive(Clone, Debug, Deserialize)]
pub struct NamedFunction {
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WireResponseFormat {
    Text,
    JsonObject,
    JsonSchema { json_schema: WireJsonSchema },
}

#[derive(Clone, Debug, Deserialize)]
pub struct WireJsonSchema {
    #[serde(default = "unnamed_schema")]
    pub name: String,
    pub description: Option<String>,
    pub strict: Option<bool>,
    pub schema: Value,
}

fn unnamed_schema() -> String {
    "answer".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
pub struct WireReasoning {
    pub enabled: Option<bool>,
    pub effort: Option<String>,
    pub max_tokens: Option<Number>,
    pub exclude: Option<bool>,
    pub summary: Option<String>,
}

/// Blocks of reasoning that came from elsewhere than us may hold kinds we do not know: these are left out. A format that is
/// said to be unknown is none.
pub fn known_details(details: Vec<Value>) -> Vec<ReasoningDetail> {
    let known = |detail: Value| {
        let mut detail: ReasoningDetail = serde_json::from_value(detail).ok()?;
        detail.format = detail.format.filter(|format| format != UNKNOWN_FORMAT);
        Some(detail)
    };
    details.into_iter().filter_map(known).collect()
}
