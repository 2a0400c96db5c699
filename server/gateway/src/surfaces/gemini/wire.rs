//! The request body as it is written, in camel case or, as Google takes it too, in snake case. Fields that are not named here
//! are ignored.

use serde::Deserialize;
use serde_json::{Map, Number, Value};

use crate::surfaces::provider::ProviderWishes;

/// `GenerateContentRequest`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Body {
    pub model: Option<String>,
    pub contents: Option<Contents>,
    #[serde(alias = "system_instruction")]
    pub system_instruction: Option<WireContent>,
    pub tools: Option<Vec<WireTool>>,
    #[serde(alias = "tool_config")]
    pub tool_config: Option<ToolConfig>,
    #[serde(default, alias = "generation_config")]
    pub generation_config: GenerationConfig,
    #[serde(alias = "cached_content")]
    pub cached_content: Option<String>,
    #[serde(alias = "service_tier")]
    pub service_tier: Option<String>,
    /// Ours: as in the other APIs.
    pub models: Option<Vec<String>>,
    pub provider: Option<ProviderWishes>,
}

/// One content may stand without a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a list of contents such as {\"role\": \"user\", \"parts\": [{\"text\": …}]}")]
pub enum Contents {
    Many(Vec<WireContent>),
    One(WireContent),
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct WireContent {
    /// `user`, `model`, or in old clients `function`; left out it is the user.
    pub role: Option<String>,
    #[serde(default)]
    pub parts: Parts,
}

/// One part may stand without a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a list of parts such as {\"text\": …}")]
pub enum Parts {
    Many(Vec<WirePart>),
    One(Box<WirePart>),
}

impl Default for Parts {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Parts {
    pub fn into_list(self) -> Vec<WirePart> {
        match self {
            Self::Many(parts) => parts,
            Self::One(part) => vec![*part],
        }
    }
}

/// A part: one of its data fields is set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WirePart {
    pub text: Option<String>,
    #[serde(default)]
    pub thought: bool,
    #[serde(alias = "thought_signature")]
    pub thought_signature: Option<String>,
    #[serde(alias = "inline_data")]
    pub inline_data: Option<Blob>,
    #[serde(alias = "file_data")]
    pub file_data: Option<FileData>,
    #[serde(alias = "function_call")]
    pub function_call: Option<FunctionCall>,
    #[serde(alias = "function_response")]
    pub function_response: Option<FunctionResponse>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Blob {
    #[serde(alias = "mime_type")]
    pub mime_type: String,
    /// Base64, in either alphabet.
    pub data: String,
    #[serde(alias = "display_name")]
    pub display_name: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileData {
    #[serde(alias = "mime_type")]
    pub mime_type: Option<String>,
    #[serde(alias = "file_uri")]
    pub file_uri: String,
    #[serde(alias = "display_name")]
    pub display_name: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct FunctionCall {
    pub id: Option<String>,
    pub name: String,
    pub args: Option<Map<String, Value>>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct FunctionResponse {
    pub id: Option<String>,
    pub name: String,
    #[serde(default)]
    pub response: Value,
    /// Media that the function gave back.
    #[serde(default)]
    pub parts: Vec<WirePart>,
}

/// Functions of the client's, or one of the tools that Google runs itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WireTool {
    #[serde(default, alias = "function_declarations")]
    pub function_declarations: Vec<FunctionDeclaration>,
    #[serde(flatten)]
    pub built_in: Map<String, Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionDeclaration {
    pub name: String,
    pub description: Option<String>,
    /// Google's `Schema`.
    pub parameters: Option<Value>,
    #[serde(alias = "parameters_json_schema")]
    pub parameters_json_schema: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolConfig {
    #[serde(alias = "function_calling_config")]
    pub function_calling_config: Option<FunctionCallingConfig>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionCallingConfig {
    pub mode: Option<String>,
    #[serde(default, alias = "allowed_function_names")]
    pub allowed_function_names: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GenerationConfig {
    pub temperature: Option<Number>,
    #[serde(alias = "top_p")]
    pub top_p: Option<Number>,
    #[serde(alias = "top_k")]
    pub top_k: Option<Number>,
    #[serde(alias = "candidate_count")]
    pub candidate_count: Option<Number>,
    #[serde(alias = "max_output_tokens")]
    pub max_output_tokens: Option<Number>,
    #[serde(default, alias = "stop_sequences")]
    pub stop_sequences: Vec<String>,
    #[serde(alias = "presence_penalty")]
    pub presence_penalty: Option<Number>,
    #[serde(alias = "frequency_penalty")]
    pub frequency_penalty: Option<Number>,
    pub seed: Option<Number>,
    #[serde(alias = "response_logprobs")]
    pub response_logprobs: Option<bool>,
    pub logprobs: Option<Number>,
    #[serde(alias = "response_mime_type")]
    pub response_mime_type: Option<String>,
    /// Google's `Schema`.
    #[serde(alias = "response_schema")]
    pub response_schema: Option<Value>,
    #[serde(alias = "response_json_schema", alias = "_responseJsonSchema")]
    pub response_json_schema: Option<Value>,
    #[serde(default, alias = "response_modalities")]
    pub response_modalities: Vec<String>,
    #[serde(alias = "thinking_config")]
    pub thinking_config: Option<ThinkingConfig>,
    #[serde(alias = "speech_config")]
    pub speech_config: Option<Value>,
    #[serde(alias = "image_config")]
    pub image_config: Option<Map<String, Value>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThinkingConfig {
    #[serde(default, alias = "include_thoughts")]
    pub include_thoughts: bool,
    /// 0 is off, -1 as the model likes.
    #[serde(alias = "thinking_budget")]
    pub thinking_budget: Option<i64>,
    #[serde(alias = "thinking_level")]
    pub thinking_level: Option<String>,
}
