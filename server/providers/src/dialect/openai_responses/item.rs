//! The items of a response's `output`, and the response itself, as they are read.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// A response: whole at the end of a stream or where the host does not stream, nearly empty at its beginning.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Response<'a> {
    pub id: Option<String>,
    pub model: Option<String>,
    pub status: Option<String>,
    pub service_tier: Option<String>,
    #[serde(borrow)]
    pub output: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub tool_usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
    pub incomplete_details: Option<IncompleteDetails>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct IncompleteDetails {
    pub reason: Option<String>,
}

/// An item of any type: what it does not have is not there. What differs between types is kept raw.
#[derive(Deserialize)]
pub struct Item<'a> {
    #[serde(borrow)]
    pub r#type: Cow<'a, str>,
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub call_id: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default, borrow)]
    pub arguments: Option<&'a RawValue>,
    /// Of a message or of reasoning.
    #[serde(default, borrow)]
    pub content: Option<&'a RawValue>,
    /// Of reasoning.
    #[serde(default, borrow)]
    pub summary: Option<&'a RawValue>,
    #[serde(default)]
    pub encrypted_content: Option<String>,
    /// Of a drawn picture: base64.
    #[serde(default, borrow)]
    pub result: Option<&'a RawValue>,
    #[serde(default)]
    pub output_format: Option<String>,
}

/// A part of a message's content, of reasoning, or of its summary.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    OutputText {
        #[serde(default)]
        text: String,
        #[serde(default)]
        annotations: Option<Vec<Value>>,
        #[serde(default)]
        logprobs: Option<Vec<Value>>,
    },
    Refusal {
        #[serde(default)]
        refusal: String,
    },
    ReasoningText {
        #[serde(default)]
        text: String,
    },
    SummaryText {
        #[serde(default)]
        text: String,
    },
    #[serde(other)]
    Other,
}

/// The parts of a list; what is no such list has none.
pub fn parts(raw: Option<&RawValue>) -> Vec<Content> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

/// The text of a value that should be a string.
pub fn string(raw: Option<&RawValue>) -> Option<String> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
}
