//! The request body as it is written. Fields that are not named here are ignored, as OpenAI's and OpenRouter's clients expect.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::surfaces::cache::WireCacheControl;
use crate::surfaces::fields::Stop;
use crate::surfaces::provider::ProviderWishes;

#[derive(Debug, Deserialize)]
pub struct Body {
    pub model: Option<String>,
    pub models: Option<Vec<String>>,
    pub provider: Option<ProviderWishes>,
    pub stream: Option<bool>,
    /// Items are read one by one, each as its type has it, so that errors can name the field.
    pub input: Option<TextOr<Box<RawValue>>>,
    pub instructions: Option<String>,
    pub tools: Option<Vec<WireTool>>,
    pub tool_choice: Option<Box<RawValue>>,
    pub parallel_tool_calls: Option<bool>,
    pub max_tool_calls: Option<Number>,
    pub max_output_tokens: Option<Number>,
    pub temperature: Option<Number>,
    pub top_p: Option<Number>,
    pub top_k: Option<Number>,
    pub frequency_penalty: Option<Number>,
    pub presence_penalty: Option<Number>,
    pub top_logprobs: Option<Number>,
    pub stop: Option<Stop>,
    pub reasoning: Option<WireReasoning>,
    pub text: Option<WireText>,
    pub include: Option<Vec<String>>,
    pub metadata: Option<Map<String, Value>>,
    pub service_tier: Option<String>,
    pub prompt_cache_key: Option<String>,
    pub user: Option<String>,
    pub safety_identifier: Option<String>,
    pub cache_control: Option<WireCacheControl>,
    pub modalities: Option<Vec<String>>,
    pub image_config: Option<Map<String, Value>>,
    // What needs a memory, which this server does not have: refused, not ignored.
    pub store: Option<bool>,
    pub background: Option<bool>,
    pub previous_response_id: Option<Value>,
    pub conversation: Option<Value>,
    pub prompt: Option<Value>,
}

/// A text, or a list.
#[derive(Clone, Debug)]
pub enum TextOr<T> {
    Text(String),
    List(Vec<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = TextOr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<TextOr<T>, E> {
                Ok(TextOr::Text(text.to_owned()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<TextOr<T>, E> {
                Ok(TextOr::Text(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<TextOr<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(element) = elements.next_element()? {
                    list.push(element);
                }
                Ok(TextOr::List(list))
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}

/// A tool of any type; which fields count depends on it.
#[derive(Clone, Debug, Deserialize)]
pub struct WireTool {
    pub r#type: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub parameters: Option<Value>,
    pub strict: Option<bool>,
    /// Of a `custom` tool: `{type: text}` or `{type: grammar, syntax, definition}`.
    pub format: Option<Map<String, Value>>,
    pub cache_control: Option<WireCacheControl>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct WireReasoning {
    pub effort: Option<String>,
    pub summary: Option<String>,
    /// The older name of `summary`.
    pub generate_summary: Option<String>,
    // OpenRouter's additions.
    pub enabled: Option<bool>,
    pub max_tokens: Option<Number>,
    pub exclude: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct WireText {
    pub format: Option<WireFormat>,
    pub verbosity: Option<String>,
}

/// `text.format`; which fields count depends on the type.
#[derive(Clone, Debug, Deserialize)]
pub struct WireFormat {
    pub r#type: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub schema: Option<Value>,
    pub strict: Option<bool>,
}

/// `tool_choice` where it is no single word.
#[derive(Clone, Debug, Deserialize)]
pub struct NamedTool {
    pub r#type: String,
    pub name: Option<String>,
    /// Of `allowed_tools`.
    pub mode: Option<String>,
    /// Of `allowed_tools`.
    pub tools: Option<Vec<Self>>,
}

// === Items ===

/// What tells an item's type.
#[derive(Debug, Deserialize)]
pub struct Head {
    pub r#type: Option<String>,
    pub role: Option<String>,
    pub id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct WireMessage {
    pub role: Role,
    pub content: Option<TextOr<WirePart>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    System,
    Developer,
    User,
    Assistant,
}

/// A part of any type; which fields count depends on it.
#[derive(Clone, Debug, Deserialize)]
pub struct WirePart {
    pub r#type: String,
    pub text: Option<String>,
    pub refusal: Option<String>,
    pub image_url: Option<String>,
    pub detail: Option<String>,
    pub file_id: Option<String>,
    pub file_url: Option<String>,
    pub file_data: Option<String>,
    pub filename: Option<String>,
    pub input_audio: Option<WireAudio>,
    pub video_url: Option<String>,
    pub cache_control: Option<WireCacheControl>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct WireAudio {
    pub data: String,
    pub format: String,
}

#[derive(Debug, Deserialize)]
pub struct WireReasoningItem {
    pub id: Option<String>,
    pub summary: Option<Vec<WireThought>>,
    pub content: Option<Vec<WireThought>>,
    pub encrypted_content: Option<String>,
    // OpenRouter's additions.
    pub format: Option<String>,
    pub signature: Option<String>,
}

/// `{type: summary_text | reasoning_text, text}`.
#[derive(Debug, Deserialize)]
pub struct WireThought {
    pub text: String,
}

#[derive(Debug, Deserialize)]
pub struct WireFunctionCall {
    pub call_id: String,
    pub name: String,
    #[serde(default)]
    pub arguments: String,
    pub cache_control: Option<WireCacheControl>,
}

#[derive(Debug, Deserialize)]
pub struct WireCustomCall {
    pub call_id: String,
    pub name: String,
    #[serde(default)]
    pub input: String,
}

/// What a tool gave back, of a function or a custom tool.
#[derive(Debug, Deserialize)]
pub struct WireOutput {
    pub call_id: String,
    pub output: TextOr<WirePart>,
}

#[derive(Debug, Deserialize)]
pub struct WireImageCall {
    pub result: Option<String>,
    pub output_format: Option<String>,
}
