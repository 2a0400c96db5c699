//! Canonical messages as the Messages API has them: the system's words on top, then user and assistant in turn.

use std::borrow::Cow;

use canon::{Message, Part, Request};
use serde::Serialize;

use super::block::{self, Block};
use crate::dialect::EncodeError;
use crate::dialect::body::CacheMark;

#[derive(Default)]
pub struct Conversation<'a> {
    pub system: Vec<Block<'a>>,
    pub turns: Vec<Turn<'a>>,
}

#[derive(Serialize)]
pub struct Turn<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

/// Consecutive messages of one role become one turn; a tool's results are the user's.
pub fn conversation(request: &Request) -> Result<Conversation<'_>, EncodeError> {
    let mut conversation = Conversation::default();
    for message in &request.messages {
        match message {
            Message::System { parts, name } | Message::Developer { parts, name } => {
                if parts.iter().any(|part| !matches!(part, Part::Text { .. })) {
                    return Err(EncodeError::NoWay("media in a system message"));
                }
                conversation.system.extend(blocks(parts, name.as_deref())?);
            }
            Message::User { parts, name } => conversation.add("user", blocks(parts, name.as_deref())?),
            Message::Tool { tool_call_id, parts, is_error } => {
                conversation.add("user", vec![tool_result(tool_call_id, parts, *is_error)?]);
            }
            Message::Assistant { parts, name, refusal, reasoning, tool_calls } => {
                let mut content: Vec<Block<'_>> = reasoning.iter().filter_map(block::of_reasoning).collect();
                content.extend(blocks(parts, name.as_deref())?);
                content.extend(refusal.as_deref().filter(|text| !text.is_empty()).map(plain));
                content.extend(tool_calls.iter().map(block::of_call));
                conversation.add("assistant", content);
            }
        }
    }
    conversation.trim_prefill();
    Ok(conversation)
}

impl<'a> Conversation<'a> {
    fn add(&mut self, role: &'static str, content: Vec<Block<'a>>) {
        match self.turns.last_mut() {
            _ if content.is_empty() => {}
            Some(last) if last.role == role => last.content.extend(content),
            _ => self.turns.push(Turn { role, content }),
        }
    }

    /// The beginning of an answer that the model shall go on with must not end in white space.
    fn trim_prefill(&mut self) {
        let Some(last) = self.turns.last_mut().filter(|turn| turn.role == "assistant") else { return };
        let Some(Block::Text { text, .. }) = last.content.last_mut() else { return };
        let end = text.trim_end().len();
        match text {
            Cow::Borrowed(borrowed) => *text = Cow::Borrowed(&borrowed[..end]),
            Cow::Owned(owned) => owned.truncate(end),
        }
        if end == 0 {
            last.content.pop();
        }
        if last.content.is_empty() {
            self.turns.pop();
        }
    }
}

/// The protocol has no names: they go before the words, as people write them.
fn blocks<'a>(parts: &'a [Part], name: Option<&str>) -> Result<Vec<Block<'a>>, EncodeError> {
    let mut blocks = Vec::with_capacity(parts.len());
    for part in parts {
        blocks.extend(block::of_part(part)?);
    }
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        match blocks.first_mut() {
            Some(Block::Text { text, .. }) => *text = Cow::Owned(format!("{name}: {text}")),
            Some(_) => blocks.insert(0, plain_owned(format!("{name}:"))),
            None => {}
        }
    }
    Ok(blocks)
}

/// A mark on a part of the result caches up to its end: parts inside cannot be marked themselves.
fn tool_result<'a>(id: &'a str, parts: &'a [Part], is_error: bool) -> Result<Block<'a>, EncodeError> {
    let mut content = blocks(parts, None)?;
    for block in &mut content {
        if let Block::Text { cache_control, .. }
        | Block::Image { cache_control, .. }
        | Block::Document { cache_control, .. } = block
        {
            *cache_control = None;
        }
    }
    // Of all parts: an empty text, which makes no block, may hold it.
    let mark = parts.iter().rev().find_map(cache_mark);
    Ok(Block::ToolResult { tool_use_id: block::call_id(id), content, is_error, cache_control: mark })
}

fn cache_mark(part: &Part) -> Option<CacheMark> {
    match part {
        Part::Text { cache_control, .. } | Part::Image { cache_control, .. } | Part::File { cache_control, .. } => {
            cache_control.map(CacheMark::from)
        }
        Part::Audio { .. } | Part::Video { .. } => None,
    }
}

fn plain(text: &str) -> Block<'_> {
    Block::Text { text: Cow::Borrowed(text), cache_control: None }
}

fn plain_owned(text: String) -> Block<'static> {
    Block::Text { text: Cow::Owned(text), cache_control: None }
}
