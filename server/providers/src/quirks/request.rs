//! What deviates in requests for chats: names, values, and which messages may stand where.

use serde::{Deserialize, Serialize};

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
    /// A part of the content, `{type: "thinking", thinking: [{type: "text", text}]}` (Mistral).
    Parts,
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
    /// `reasoning: {enabled: true | false}`, with `reasoning_effort` beside it (Together).
    Switch,
    /// `enable_thinking: true | false` and `thinking_budget` (Alibaba, SiliconFlow).
    EnableThinking,
    /// `chat_template_kwargs: {enable_thinking, thinking}`, both names that templates know (vLLM, SGLang and those who run them).
    TemplateKwargs,
    /// The model decides; nothing can be asked.
    None,
}

/// How the call of some tool, no matter which, is demanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequiredChoice {
    /// `tool_choice: "required"` (OpenAI).
    #[default]
    Required,
    /// `tool_choice: "any"` (Mistral).
    Any,
    /// It cannot be: `auto` is the most there is.
    Auto,
}

/// How the call of one tool is demanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunctionChoice {
    /// `tool_choice: {type: "function", function: {name}}` (OpenAI).
    #[default]
    Object,
    /// It cannot be said: the other tools are not offered, and one is required.
    OnlyTool,
}

/// What ids of tool calls must look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolCallIds {
    /// Like anything.
    #[default]
    Any,
    /// Nine letters or digits (Mistral): other ids are replaced, in calls and results alike.
    NineAlphanumerics,
}

/// Where system messages may stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemMessages {
    #[default]
    Anywhere,
    /// Only before all others: later ones are sent as the user's.
    Leading,
    /// One alone, as the first: all are joined into it.
    Merged,
    /// Nowhere: they are sent as the user's.
    None,
}

/// What becomes of the name of a message's author.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorNames {
    /// It goes as `name` (OpenAI).
    #[default]
    Field,
    /// `name` is refused: the text begins with `NAME: `.
    Prefix,
}

/// How the JSON schema of the answer is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonSchemaForm {
    /// `{type: "json_schema", json_schema: {name, schema, strict}}` (OpenAI).
    #[default]
    Native,
    /// `{type: "json_object", schema}` (llama.cpp, and Fireworks before it took the other over).
    WithObject,
    /// `{type: "json_object"}`, and the schema in words, in a system message.
    InWords,
}

/// The path of a route behind the base URL, with its query: `/deployments/{model}/{route}?api-version=2024-10-21`.
///
/// `{route}` stands for `chat/completions`, `embeddings` or `rerank`, `{model}` for the provider's name of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoutePath(String);

/// The text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a path such as \"/{{route}}\": it begins with a slash, and knows {{route}} and {{model}}")]
pub struct NotAPath(String);

impl RoutePath {
    /// With the route's own name and the model, as one segment, in their places.
    pub fn filled(&self, route: &str, model_segment: &str) -> String {
        self.0.replace("{route}", route).replace("{model}", model_segment)
    }
}

impl TryFrom<String> for RoutePath {
    type Error = NotAPath;

    fn try_from(text: String) -> Result<Self, NotAPath> {
        let rest = text.replace("{route}", "").replace("{model}", "");
        let is_plain = |c: char| c.is_ascii_graphic() && !"{}#".contains(c);
        if text.starts_with('/') && rest.chars().all(is_plain) { Ok(Self(text)) } else { Err(NotAPath(text)) }
    }
}

impl From<RoutePath> for String {
    fn from(path: RoutePath) -> Self {
        path.0
    }
}
