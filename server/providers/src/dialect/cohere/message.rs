//! Canonical messages as Cohere's.

use canon::{Message, Part, ReasoningDetail, ReasoningDetailKind, ToolCall};
use serde::Serialize;

use super::TOOL_PLAN;
use crate::dialect::EncodeError;
use crate::dialect::body::SourceUrl;

#[derive(Default, Serialize)]
pub struct WireMessage<'a> {
    role: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    content: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_plan: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<WireCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: &'a str },
    Thinking { thinking: &'a str },
    ImageUrl { image_url: ImageUrl<'a> },
}

#[derive(Serialize)]
struct ImageUrl<'a> {
    url: SourceUrl<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

#[derive(Serialize)]
struct WireCall<'a> {
    id: &'a str,
    r#type: &'static str,
    function: CalledFunction<'a>,
}

#[derive(Serialize)]
struct CalledFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

/// All messages, in order. Pictures in tool results, which a `tool` message cannot hold, follow in a `user` message.
pub fn all(messages: &[Message]) -> Result<Vec<WireMessage<'_>>, EncodeError> {
    let mut wire = Vec::with_capacity(messages.len());
    let mut pictures = Vec::new();
    for message in messages {
        if !matches!(message, Message::Tool { .. }) {
            flush(&mut pictures, &mut wire);
        }
        let turn = match message {
            Message::System { parts, .. } | Message::Developer { parts, .. } => turn("system", blocks(parts)?),
            Message::User { parts, .. } => turn("user", blocks(parts)?),
            Message::Assistant { parts, refusal, reasoning, tool_calls, .. } => {
                assistant(parts, refusal.as_deref(), reasoning, tool_calls)?
            }
            Message::Tool { tool_call_id, parts, .. } => {
                let (texts, others): (Vec<_>, Vec<_>) =
                    blocks(parts)?.into_iter().partition(|block| matches!(block, Block::Text { .. }));
                pictures.extend(others);
                // An empty list is refused.
                let content = if texts.is_empty() { vec![Block::Text { text: "" }] } else { texts };
                WireMessage { tool_call_id: Some(tool_call_id), ..turn("tool", content) }
            }
        };
        wire.push(turn);
    }
    flush(&mut pictures, &mut wire);
    Ok(wire)
}

fn turn<'a>(role: &'static str, content: Vec<Block<'a>>) -> WireMessage<'a> {
    WireMessage { role, content, ..WireMessage::default() }
}

fn flush<'a>(pictures: &mut Vec<Block<'a>>, wire: &mut Vec<WireMessage<'a>>) {
    if !pictures.is_empty() {
        let mut content = vec![Block::Text { text: "Pictures returned by the tools called:" }];
        content.append(pictures);
        wire.push(turn("user", content));
    }
}

fn blocks(parts: &[Part]) -> Result<Vec<Block<'_>>, EncodeError> {
    parts.iter().map(block).collect()
}

fn block(part: &Part) -> Result<Block<'_>, EncodeError> {
    match part {
        Part::Text { text, .. } => Ok(Block::Text { text }),
        Part::Image { source, detail, .. } => {
            Ok(Block::ImageUrl { image_url: ImageUrl { url: SourceUrl(source), detail: detail.as_deref() } })
        }
        Part::Audio { .. } => Err(EncodeError::NoWay("audio")),
        Part::File { .. } => Err(EncodeError::NoWay("files")),
        Part::Video { .. } => Err(EncodeError::NoWay("video")),
    }
}

fn assistant<'a>(
    parts: &'a [Part],
    refusal: Option<&'a str>,
    reasoning: &'a [ReasoningDetail],
    tool_calls: &'a [ToolCall],
) -> Result<WireMessage<'a>, EncodeError> {
    let plan: String = reasoning.iter().filter(|detail| is_plan(detail)).filter_map(own_text).collect();
    let thoughts = reasoning.iter().filter(|detail| !is_plan(detail)).filter_map(own_text);
    let mut content: Vec<Block<'_>> = thoughts.map(|thinking| Block::Thinking { thinking }).collect();
    content.extend(blocks(parts)?);
    content.extend(refusal.map(|text| Block::Text { text }));
    Ok(WireMessage {
        tool_plan: Some(plan).filter(|plan| !plan.is_empty()),
        tool_calls: tool_calls.iter().map(call).collect(),
        ..turn("assistant", content)
    })
}

fn is_plan(detail: &ReasoningDetail) -> bool {
    detail.id.as_deref() == Some(TOOL_PLAN)
}

/// The text of a block that came over this wire: it has no format, since the wire signs nothing.
fn own_text(detail: &ReasoningDetail) -> Option<&str> {
    match (&detail.kind, detail.format.as_deref()) {
        (ReasoningDetailKind::Text { text, .. }, None | Some("unknown")) => text.as_deref(),
        _ => None,
    }
}

fn call(call: &ToolCall) -> WireCall<'_> {
    // They are parsed: nothing at all is no JSON.
    let arguments = if call.arguments.is_empty() { "{}" } else { &call.arguments };
    WireCall { id: &call.id, r#type: "function", function: CalledFunction { name: &call.name, arguments } }
}
