//! A stream as Anthropic writes it: `message_start`, blocks strictly one after another, `message_delta`, `message_stop`.

use std::collections::VecDeque;

use canon::{AudioDelta, Event};
use domain::GenerationId;
use serde::Serialize;

use super::block::Block;
use super::citation;
use super::envelope::Envelope;
use super::render::{Message, Stop};
use super::usage::UsageBody;
use crate::deliver::{Ended, Started};
use crate::error::GatewayError;
use crate::surfaces::write_event;

/// Writes the events of one stream.
///
/// The first block of `blocks` is being written; the others wait, as they do where parallel calls come interleaved.
#[derive(Debug)]
pub struct Events {
    started: Started,
    hides_thoughts: bool,
    blocks: VecDeque<Block>,
    /// The number of the first block.
    index: u32,
    /// What the model said as it refused.
    refusal: String,
    /// The choice that events belong to: there is only one here.
    choice: u32,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum MessageEvent<'a> {
    #[serde(rename = "message_start")]
    Start { message: Message<'a> },
    #[serde(rename = "message_delta")]
    Delta { delta: Stop<'a>, usage: UsageBody },
    #[serde(rename = "message_stop")]
    Stop,
}

impl Events {
    pub const fn new(started: Started, hides_thoughts: bool) -> Self {
        Self { started, hides_thoughts, blocks: VecDeque::new(), index: 0, refusal: String::new(), choice: 0 }
    }

    pub fn start(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        write_event("message_start", &MessageEvent::Start { message: Message::begun(&self.started) }, out)
    }

    /// One piece of content.
    pub fn content(&mut self, event: &Event, out: &mut Vec<u8>) -> serde_json::Result<()> {
        if let Event::Choice(number) = event {
            self.choice = *number;
        }
        if self.choice == 0 {
            self.take(event);
        }
        self.flush(out)
    }

    /// The end of the last blocks, then the finish with the usage.
    pub fn end(&mut self, ended: &Ended, out: &mut Vec<u8>) -> serde_json::Result<()> {
        for block in std::mem::take(&mut self.blocks) {
            block.close(self.index, out)?;
            self.index += 1;
        }
        let delta = Stop::of(ended.finish(), Some(&self.refusal));
        let usage = UsageBody::new(ended, self.started.service_tier.as_deref());
        write_event("message_delta", &MessageEvent::Delta { delta, usage }, out)?;
        write_event("message_stop", &MessageEvent::Stop, out)
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Text(text) | Event::Audio(AudioDelta { transcript: Some(text), .. }) => self.text(text, false),
            Event::Refusal(text) => {
                self.refusal.push_str(text);
                self.text(text, true);
            }
            Event::Reasoning(piece) => {
                if !self.blocks.back_mut().is_some_and(|last| last.add_reasoning(piece)) {
                    self.blocks.push_back(Block::thinking(piece, self.hides_thoughts));
                }
            }
            Event::ToolCall { index, id, name } => {
                self.blocks.push_back(Block::tool(*index, id.clone(), name.clone()));
            }
            // Those of a call that is closed already are blanks behind its last bracket.
            Event::ToolArguments { index, delta } => {
                self.blocks.iter_mut().rev().any(|block| block.add_arguments(*index, delta));
            }
            Event::Annotation(annotation) => {
                if let Some(citation) = citation::of(annotation) {
                    self.text("", false);
                    self.blocks.back_mut().into_iter().for_each(|last| last.add_citation(citation.clone()));
                }
            }
            Event::Image(source) => self.blocks.push_back(Block::image(source.clone())),
            Event::Start { .. }
            | Event::Choice(_)
            | Event::Audio(_)
            | Event::Logprobs(_)
            | Event::Embedding { .. }
            | Event::Score { .. }
            | Event::Finish { .. }
            | Event::Usage(_) => {}
        }
    }

    fn text(&mut self, text: &str, is_refusal: bool) {
        if !self.blocks.back_mut().is_some_and(|last| last.add_text(text, is_refusal)) {
            let mut block = Block::text(is_refusal);
            block.add_text(text, is_refusal);
            self.blocks.push_back(block);
        }
    }

    /// Writes the first block, and ends it when another has begun and it may.
    fn flush(&mut self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        while self.blocks.len() > 1 && self.blocks.front().is_some_and(Block::may_close) {
            if let Some(block) = self.blocks.pop_front() {
                block.close(self.index, out)?;
                self.index += 1;
            }
        }
        self.blocks.front_mut().map_or(Ok(()), |block| block.write(self.index, out))
    }
}

/// The answer broke off, or never began: the error, and no `message_stop`.
pub fn error(id: &GenerationId, error: &GatewayError, out: &mut Vec<u8>) -> serde_json::Result<()> {
    write_event("error", &Envelope::new(id.as_str(), error), out)
}
