//! The items of `output`, as they are written in events and in the whole response.

use canon::Source;
use serde::Serialize;
use serde_json::{Value, json};

/// How far an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    InProgress,
    Completed,
    /// Cut off.
    Incomplete,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Item {
    /// `content` is raw reasoning; `summary` is what a provider makes of it for people. Has no status.
    Reasoning {
        id: String,
        summary: Vec<Part>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Part>,
        #[serde(skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<String>,
        /// OpenRouter's addition: the wire it came from.
        #[serde(skip_serializing_if = "Option::is_none")]
        format: Option<String>,
    },
    Message {
        id: String,
        status: Status,
        role: &'static str,
        content: Vec<Part>,
    },
    FunctionCall {
        id: String,
        status: Status,
        call_id: String,
        name: String,
        arguments: String,
    },
    CustomToolCall {
        id: String,
        status: Status,
        call_id: String,
        name: String,
        input: String,
    },
    ImageGenerationCall {
        id: String,
        status: Status,
        /// Base64, or the address where the provider keeps the picture.
        result: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        output_format: Option<String>,
    },
}

/// A part of a message or of a reasoning item.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    OutputText { text: String, annotations: Vec<Value>, logprobs: Vec<Value> },
    Refusal { refusal: String },
    ReasoningText { text: String },
    SummaryText { text: String },
}

/// What a part is, without its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    OutputText,
    Refusal,
    ReasoningText,
    SummaryText,
}

impl PartKind {
    pub fn empty(self) -> Part {
        let text = String::new();
        match self {
            Self::OutputText => Part::OutputText { text, annotations: Vec::new(), logprobs: Vec::new() },
            Self::Refusal => Part::Refusal { refusal: text },
            Self::ReasoningText => Part::ReasoningText { text },
            Self::SummaryText => Part::SummaryText { text },
        }
    }
}

impl Part {
    pub fn kind(&self) -> PartKind {
        match self {
            Self::OutputText { .. } => PartKind::OutputText,
            Self::Refusal { .. } => PartKind::Refusal,
            Self::ReasoningText { .. } => PartKind::ReasoningText,
            Self::SummaryText { .. } => PartKind::SummaryText,
        }
    }

    pub fn text(&self) -> &str {
        match self {
            Self::OutputText { text, .. }
            | Self::Refusal { refusal: text }
            | Self::ReasoningText { text }
            | Self::SummaryText { text } => text,
        }
    }

    pub fn text_mut(&mut self) -> &mut String {
        match self {
            Self::OutputText { text, .. }
            | Self::Refusal { refusal: text }
            | Self::ReasoningText { text }
            | Self::SummaryText { text } => text,
        }
    }
}

impl Item {
    pub fn id(&self) -> &str {
        match self {
            Self::Reasoning { id, .. }
            | Self::Message { id, .. }
            | Self::FunctionCall { id, .. }
            | Self::CustomToolCall { id, .. }
            | Self::ImageGenerationCall { id, .. } => id,
        }
    }

    pub fn set_status(&mut self, new: Status) {
        match self {
            Self::Reasoning { .. } => {}
            Self::Message { status, .. }
            | Self::FunctionCall { status, .. }
            | Self::CustomToolCall { status, .. }
            | Self::ImageGenerationCall { status, .. } => *status = new,
        }
    }

    /// The parts of this kind that the item has room for.
    pub fn parts_mut(&mut self, kind: PartKind) -> Option<&mut Vec<Part>> {
        match (self, kind) {
            (Self::Message { content, .. }, PartKind::OutputText | PartKind::Refusal)
            | (Self::Reasoning { content, .. }, PartKind::ReasoningText) => Some(content),
            (Self::Reasoning { summary, .. }, PartKind::SummaryText) => Some(summary),
            _ => None,
        }
    }

    /// A picture that is there.
    pub fn picture(id: String, source: &Source) -> Self {
        let (result, output_format) = match source {
            Source::Url(url) => (url.clone(), None),
            Source::Data { media_type, data } => (data.clone(), media_type.strip_prefix("image/").map(str::to_owned)),
        };
        Self::ImageGenerationCall { id, status: Status::Completed, result: Some(result), output_format }
    }
}

/// All that was said in `output_text` parts, as SDKs join it.
pub fn output_text<'a>(items: impl Iterator<Item = &'a Item>) -> String {
    let mut all = String::new();
    for item in items {
        if let Item::Message { content, .. } = item {
            content
                .iter()
                .filter(|part| part.kind() == PartKind::OutputText)
                .for_each(|part| all.push_str(part.text()));
        }
    }
    all
}

/// An annotation of OpenAI's chat API, `{type, url_citation: {…}}`, as Responses have it: flat, and with all its fields.
pub fn flat_annotation(annotation: &Value) -> Value {
    let kind = annotation.get("type").and_then(Value::as_str).unwrap_or_default();
    let Some(Value::Object(fields)) = annotation.get(kind) else { return annotation.clone() };
    let mut flat = fields.clone();
    flat.insert("type".to_owned(), json!(kind));
    if kind == "url_citation" {
        for (field, value) in
            [("start_index", json!(0)), ("end_index", json!(0)), ("title", json!("")), ("url", json!(""))]
        {
            flat.entry(field).or_insert(value);
        }
    }
    Value::Object(flat)
}
