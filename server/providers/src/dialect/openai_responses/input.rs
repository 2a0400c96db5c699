//! Canonical messages as the items of a response's `input`.

use std::borrow::Cow;

use canon::{Message, Part, ReasoningDetail, ReasoningDetailKind, Request, Source, ToolCall};
use serde::Serialize;

use super::REASONING_FORMAT;
use crate::dialect::body::SourceUrl;
use crate::dialect::{EncodeError, Target};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Item<'a> {
    Message {
        role: &'static str,
        content: Content<'a>,
    },
    Reasoning {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        summary: Vec<Thought<'a>>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Thought<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<&'a str>,
    },
    FunctionCall {
        call_id: &'a str,
        name: &'a str,
        arguments: &'a str,
    },
    FunctionCallOutput {
        call_id: &'a str,
        output: Content<'a>,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
pub enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<WirePart<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type")]
pub enum WirePart<'a> {
    #[serde(rename = "input_text")]
    Text { text: Cow<'a, str> },
    #[serde(rename = "input_image")]
    Image { image_url: SourceUrl<'a>, detail: &'a str },
    #[serde(rename = "input_file")]
    File {
        #[serde(skip_serializing_if = "Option::is_none")]
        filename: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_data: Option<SourceUrl<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_url: Option<&'a str>,
    },
    #[serde(rename = "input_audio")]
    Audio { input_audio: InputAudio<'a> },
}

#[derive(Serialize)]
pub struct InputAudio<'a> {
    data: &'a str,
    format: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Thought<'a> {
    SummaryText { text: &'a str },
    ReasoningText { text: &'a str },
}

/// All messages, in order.
pub fn all<'a>(request: &'a Request, target: &Target<'_>) -> Result<Vec<Item<'a>>, EncodeError> {
    let mut items = Vec::with_capacity(request.messages.len());
    for message in &request.messages {
        match message {
            Message::System { parts, name } => items.push(said("system", parts, name.as_deref())?),
            Message::Developer { parts, name } => {
                let role = if target.quirks.developer_role { "developer" } else { "system" };
                items.push(said(role, parts, name.as_deref())?);
            }
            Message::User { parts, name } => items.push(said("user", parts, name.as_deref())?),
            Message::Tool { tool_call_id, parts, .. } => {
                let output = content(parts, None)?;
                items.push(Item::FunctionCallOutput { call_id: tool_call_id, output });
            }
            Message::Assistant { parts, name, refusal, reasoning, tool_calls } => {
                items.extend(thoughts(reasoning));
                items.extend(answer(parts, name.as_deref())?);
                items.extend(refusal.as_deref().filter(|text| !text.is_empty()).map(|refusal| Item::Message {
                    role: "assistant",
                    content: Content::Text(Cow::Borrowed(refusal)),
                }));
                items.extend(tool_calls.iter().map(call));
            }
        }
    }
    Ok(items)
}

fn said<'a>(role: &'static str, parts: &'a [Part], name: Option<&str>) -> Result<Item<'a>, EncodeError> {
    Ok(Item::Message { role, content: content(parts, name)? })
}

/// What the assistant said, as one text: a list would have to hold parts that only the provider itself can make.
fn answer<'a>(parts: &'a [Part], name: Option<&str>) -> Result<Option<Item<'a>>, EncodeError> {
    let texts: Option<Vec<&str>> = parts
        .iter()
        .map(|part| match part {
            Part::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let Some(texts) = texts else { return Err(EncodeError::NoWay("media in an assistant message")) };
    let text = match texts.as_slice() {
        [] => return Ok(None),
        [one] => named(name, one),
        many => Cow::Owned(named(name, &many.join("\n")).into_owned()),
    };
    Ok((!text.is_empty()).then_some(Item::Message { role: "assistant", content: Content::Text(text) }))
}

fn call(call: &ToolCall) -> Item<'_> {
    // Nothing at all is no JSON.
    let arguments = if call.arguments.is_empty() { "{}" } else { &call.arguments };
    Item::FunctionCall { call_id: &call.id, name: &call.name, arguments }
}

/// One string where there is one text, otherwise a list.
fn content<'a>(parts: &'a [Part], name: Option<&str>) -> Result<Content<'a>, EncodeError> {
    match parts {
        [] => Ok(Content::Text(Cow::Borrowed(""))),
        [Part::Text { text, .. }] => Ok(Content::Text(named(name, text))),
        _ => {
            let mut parts = parts.iter().map(wire_part).collect::<Result<Vec<_>, _>>()?;
            match (name.filter(|name| !name.is_empty()), parts.first_mut()) {
                (Some(name), Some(WirePart::Text { text })) => *text = Cow::Owned(format!("{name}: {text}")),
                (Some(name), _) => parts.insert(0, WirePart::Text { text: Cow::Owned(format!("{name}:")) }),
                (None, _) => {}
            }
            Ok(Content::Parts(parts))
        }
    }
}

fn named<'a>(name: Option<&str>, text: &'a str) -> Cow<'a, str> {
    match name.filter(|name| !name.is_empty()) {
        Some(name) => Cow::Owned(format!("{name}: {text}")),
        None => Cow::Borrowed(text),
    }
}

fn wire_part(part: &Part) -> Result<WirePart<'_>, EncodeError> {
    Ok(match part {
        Part::Text { text, .. } => WirePart::Text { text: Cow::Borrowed(text) },
        Part::Image { source, detail, .. } => {
            WirePart::Image { image_url: SourceUrl(source), detail: detail.as_deref().unwrap_or("auto") }
        }
        Part::Audio { data, format } => WirePart::Audio { input_audio: InputAudio { data, format } },
        Part::File { filename, source, .. } => match source {
            Source::Url(url) => WirePart::File { filename: filename.as_deref(), file_data: None, file_url: Some(url) },
            // Data without a name is refused.
            Source::Data { .. } => {
                let filename = Some(filename.as_deref().unwrap_or("file"));
                WirePart::File { filename, file_data: Some(SourceUrl(source)), file_url: None }
            }
        },
        Part::Video { .. } => return Err(EncodeError::NoWay("video")),
    })
}

/// The items that blocks of reasoning came from: neighbours with one id are of one item, of which the ciphertext is the end.
/// Some clients send no ids back.
fn thoughts(reasoning: &[ReasoningDetail]) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    for detail in reasoning.iter().filter(|detail| detail.format.as_deref() == Some(REASONING_FORMAT)) {
        let id = detail.id.as_deref();
        match items.last() {
            Some(Item::Reasoning { id: last, encrypted_content: None, .. }) if *last == id => {}
            _ => items.push(Item::Reasoning { id, summary: Vec::new(), content: Vec::new(), encrypted_content: None }),
        }
        let Some(Item::Reasoning { summary, content, encrypted_content, .. }) = items.last_mut() else { continue };
        match &detail.kind {
            ReasoningDetailKind::Summary { summary: text } => summary.push(Thought::SummaryText { text }),
            ReasoningDetailKind::Text { text, .. } => {
                content.extend(text.as_deref().map(|text| Thought::ReasoningText { text }));
            }
            ReasoningDetailKind::Encrypted { data } => *encrypted_content = Some(data),
        }
    }
    items.retain(is_readable);
    items
}

/// Whether the provider can make something of an item that it does not keep: a summary alone names thoughts that are gone.
fn is_readable(item: &Item<'_>) -> bool {
    match item {
        Item::Reasoning { content, encrypted_content, .. } => encrypted_content.is_some() || !content.is_empty(),
        _ => true,
    }
}
