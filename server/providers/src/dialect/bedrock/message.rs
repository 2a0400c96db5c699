//! Canonical messages as Converse has them: the system's words apart, then user and assistant in turn.

use std::borrow::Cow;

use canon::{CacheControl, Message, Part, Request};
use serde::Serialize;

use super::block::{self, Block, CachePoint, Names};
use crate::dialect::{EncodeError, Target};

pub struct Conversation<'a> {
    pub system: Vec<Block<'a>>,
    pub turns: Vec<Turn<'a>>,
    names: Names,
    /// The model is not known to refuse cache points.
    caches: bool,
}

#[derive(Serialize)]
pub struct Turn<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

/// Consecutive messages of one role become one turn; a tool's results are the user's.
pub fn conversation<'a>(request: &'a Request, target: &Target<'_>) -> Result<Conversation<'a>, EncodeError> {
    let caches = target.capabilities.prompt_caching != Some(false);
    let mut talk = Conversation { system: Vec::new(), turns: Vec::new(), names: Names::default(), caches };
    for message in &request.messages {
        match message {
            Message::System { parts, name } | Message::Developer { parts, name } => {
                if parts.iter().any(|part| !matches!(part, Part::Text { .. })) {
                    return Err(EncodeError::NoWay("media in a system message"));
                }
                let blocks = talk.blocks(parts, name.as_deref())?;
                talk.system.extend(blocks);
            }
            Message::User { parts, name } => {
                let blocks = talk.blocks(parts, name.as_deref())?;
                talk.add("user", blocks);
            }
            Message::Tool { tool_call_id, parts, is_error } => {
                let result = talk.result(tool_call_id, parts, *is_error)?;
                talk.add("user", result);
            }
            Message::Assistant { parts, name, refusal, reasoning, tool_calls } => {
                let mut content: Vec<Block<'_>> = reasoning.iter().filter_map(block::of_reasoning).collect();
                content.extend(talk.blocks(parts, name.as_deref())?);
                let refusal = refusal.as_deref().filter(|text| !text.trim().is_empty());
                content.extend(refusal.map(|text| Block::Text(Cow::Borrowed(text))));
                for call in tool_calls {
                    content.push(block::of_call(call));
                    content.extend(talk.mark(call.cache_control));
                }
                talk.add("assistant", content);
            }
        }
    }
    talk.trim_prefill();
    talk.cache_all(request.cache_control);
    Ok(talk)
}

impl<'a> Conversation<'a> {
    fn add(&mut self, role: &'static str, content: Vec<Block<'a>>) {
        match self.turns.last_mut() {
            _ if content.is_empty() => {}
            Some(last) if last.role == role => last.content.extend(content),
            _ => self.turns.push(Turn { role, content }),
        }
    }

    fn mark(&self, cache_control: Option<CacheControl>) -> Option<Block<'a>> {
        cache_control.filter(|_| self.caches).map(|mark| Block::CachePoint(CachePoint::from(mark)))
    }

    /// The protocol has no names: they go before the words, as people write them.
    fn blocks(&mut self, parts: &'a [Part], name: Option<&str>) -> Result<Vec<Block<'a>>, EncodeError> {
        let mut blocks = Vec::with_capacity(parts.len());
        for part in parts {
            let Some((block, mark)) = block::of_part(part, &mut self.names)? else { continue };
            blocks.push(block);
            blocks.extend(self.mark(mark));
        }
        match (blocks.first_mut(), name.filter(|name| !name.is_empty())) {
            (Some(Block::Text(text)), Some(name)) => *text = Cow::Owned(format!("{name}: {text}")),
            (Some(_), Some(name)) => blocks.insert(0, Block::Text(Cow::Owned(format!("{name}:")))),
            _ => {}
        }
        Ok(blocks)
    }

    /// A mark on a part of the result caches up to its end: parts inside cannot be marked themselves.
    fn result(&mut self, id: &'a str, parts: &'a [Part], is_error: bool) -> Result<Vec<Block<'a>>, EncodeError> {
        let (marks, content): (Vec<_>, Vec<_>) =
            self.blocks(parts, None)?.into_iter().partition(|block| matches!(block, Block::CachePoint(_)));
        if content.iter().any(|block| matches!(block, Block::Audio(_))) {
            return Err(EncodeError::NoWay("audio in a tool's result"));
        }
        Ok(std::iter::once(block::of_result(id, content, is_error)).chain(marks.into_iter().next_back()).collect())
    }

    /// The beginning of an answer that the model shall go on with must not end in white space.
    fn trim_prefill(&mut self) {
        let last = self.turns.last_mut().filter(|turn| turn.role == "assistant");
        if let Some(Block::Text(text)) = last.and_then(|turn| turn.content.last_mut()) {
            let end = text.trim_end().len();
            match text {
                Cow::Borrowed(borrowed) => *text = Cow::Borrowed(&borrowed[..end]),
                Cow::Owned(owned) => owned.truncate(end),
            }
        }
    }

    /// Marks the end of all, where the client wants the longest prefix cached.
    fn cache_all(&mut self, cache_control: Option<CacheControl>) {
        let mark = self.mark(cache_control);
        if let Some(last) = self.turns.last_mut()
            && !matches!(last.content.last(), Some(Block::CachePoint(_)))
        {
            last.content.extend(mark);
        }
    }
}
