//! Content blocks of the Messages API, as they are written.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use canon::{Part, ReasoningDetail, ReasoningDetailKind, Source, ToolCall};
use serde::Serialize;
use serde_json::value::RawValue;

use super::REASONING_FORMAT;
use crate::dialect::EncodeError;
use crate::dialect::body::CacheMark;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block<'a> {
    Text {
        text: Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheMark>,
    },
    Image {
        source: WireSource<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheMark>,
    },
    Document {
        source: WireSource<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheMark>,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a str,
    },
    RedactedThinking {
        data: &'a str,
    },
    ToolUse {
        id: Cow<'a, str>,
        name: &'a str,
        input: Input<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheMark>,
    },
    ToolResult {
        tool_use_id: Cow<'a, str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Self>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheMark>,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WireSource<'a> {
    Url { url: &'a str },
    Base64 { media_type: &'a str, data: &'a str },
    Text { media_type: &'static str, data: String },
}

/// A tool's arguments, which must be an object here.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Input<'a> {
    Object(&'a RawValue),
    /// The model wrote something else; it is shown to it again as it was.
    Broken {
        arguments: &'a str,
    },
    Empty {},
}

/// A part of a message. Empty texts, which the protocol refuses, are `None`.
pub fn of_part(part: &Part) -> Result<Option<Block<'_>>, EncodeError> {
    Ok(Some(match part {
        Part::Text { text, .. } if text.is_empty() => return Ok(None),
        Part::Text { text, cache_control } => {
            Block::Text { text: Cow::Borrowed(text), cache_control: cache_control.map(CacheMark::from) }
        }
        Part::Image { source, cache_control, .. } => image(source, cache_control.map(CacheMark::from)),
        Part::File { filename, source, cache_control } => {
            file(filename.as_deref(), source, cache_control.map(CacheMark::from))
        }
        Part::Audio { .. } => return Err(EncodeError::NoWay("audio")),
        Part::Video { .. } => return Err(EncodeError::NoWay("video")),
    }))
}

fn image(source: &Source, cache_control: Option<CacheMark>) -> Block<'_> {
    let source = match source {
        Source::Url(url) => WireSource::Url { url },
        Source::Data { media_type, data } => WireSource::Base64 { media_type, data },
    };
    Block::Image { source, cache_control }
}

fn file<'a>(title: Option<&'a str>, source: &'a Source, cache_control: Option<CacheMark>) -> Block<'a> {
    let source = match source {
        Source::Url(url) => WireSource::Url { url },
        Source::Data { media_type, .. } if media_type.starts_with("image/") => return image(source, cache_control),
        Source::Data { media_type, data } => match text_of(media_type, data) {
            Some(data) => WireSource::Text { media_type: "text/plain", data },
            None => WireSource::Base64 { media_type, data },
        },
    };
    Block::Document { source, title, cache_control }
}

/// The protocol wants text documents as text.
fn text_of(media_type: &str, data: &str) -> Option<String> {
    let is_text = media_type.starts_with("text/") || media_type == "application/json";
    is_text.then(|| STANDARD.decode(data).ok().and_then(|bytes| String::from_utf8(bytes).ok())).flatten()
}

/// A block of reasoning, if it came from this wire: others the protocol refuses. Unsigned text proves nothing.
pub fn of_reasoning(detail: &ReasoningDetail) -> Option<Block<'_>> {
    let is_ours = detail.format.as_deref() == Some(REASONING_FORMAT);
    match &detail.kind {
        ReasoningDetailKind::Text { text, signature: Some(signature) } if is_ours || detail.format.is_none() => {
            Some(Block::Thinking { thinking: text.as_deref().unwrap_or_default(), signature })
        }
        ReasoningDetailKind::Encrypted { data } if is_ours => Some(Block::RedactedThinking { data }),
        _ => None,
    }
}

pub fn of_call(call: &ToolCall) -> Block<'_> {
    let cache_control = call.cache_control.map(CacheMark::from);
    Block::ToolUse { id: call_id(&call.id), name: &call.name, input: input(call), cache_control }
}

/// A call's arguments as an object.
pub fn input(call: &ToolCall) -> Input<'_> {
    let arguments = call.arguments.trim();
    match serde_json::from_str::<&RawValue>(arguments) {
        Ok(raw) if arguments.starts_with('{') => Input::Object(raw),
        _ if arguments.is_empty() => Input::Empty {},
        _ => Input::Broken { arguments: &call.arguments },
    }
}

/// Other wires' ids hold characters that are refused here. Changed alike in call and result, they still fit together.
pub fn call_id(id: &str) -> Cow<'_, str> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if id.chars().all(is_fine) { Cow::Borrowed(id) } else { Cow::Owned(id.replace(|c| !is_fine(c), "_")) }
}
