//! One content block of a stream, from its first piece to its last.

use canon::{ReasoningDelta, Source};
use serde::Serialize;

use super::balance::Balance;
use super::citation::Citation;
use super::render::{BlockBody, Caller, Input, image};
use super::thinking::{self, Thought};
use crate::surfaces::write_event;

/// A block that is written, or waits until those before it are.
#[derive(Debug)]
pub struct Block {
    kind: Kind,
    /// Text, thoughts or JSON that came and is not written yet.
    unwritten: String,
    citations: Vec<Citation>,
    is_open: bool,
}

#[derive(Debug)]
enum Kind {
    Text {
        is_refusal: bool,
    },
    /// `hides`: its text is not shown.
    Thinking {
        thought: Thought,
        hides: bool,
    },
    Tool {
        call: u32,
        id: String,
        name: String,
        arguments: Balance,
    },
    Image(Source),
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum BlockEvent<'a> {
    #[serde(rename = "content_block_start")]
    Start { index: u32, content_block: BlockBody<'a> },
    #[serde(rename = "content_block_delta")]
    Delta { index: u32, delta: Delta<'a> },
    #[serde(rename = "content_block_stop")]
    Stop { index: u32 },
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Delta<'a> {
    #[serde(rename = "text_delta")]
    Text { text: &'a str },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: &'a str },
    #[serde(rename = "signature_delta")]
    Signature { signature: &'a str },
    #[serde(rename = "input_json_delta")]
    Input { partial_json: &'a str },
    #[serde(rename = "citations_delta")]
    Citation { citation: &'a Citation },
}

impl BlockEvent<'_> {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let name = match self {
            Self::Start { .. } => "content_block_start",
            Self::Delta { .. } => "content_block_delta",
            Self::Stop { .. } => "content_block_stop",
        };
        write_event(name, self, out)
    }
}

impl Block {
    pub fn text(is_refusal: bool) -> Self {
        Self::new(Kind::Text { is_refusal })
    }

    pub fn thinking(piece: &ReasoningDelta, hides: bool) -> Self {
        let mut thought = Thought::of(piece);
        let shown = thought.push(piece).filter(|_| !hides).unwrap_or_default().to_owned();
        Self { unwritten: shown, ..Self::new(Kind::Thinking { thought, hides }) }
    }

    pub fn tool(call: u32, id: String, name: String) -> Self {
        Self::new(Kind::Tool { call, id, name, arguments: Balance::default() })
    }

    pub fn image(source: Source) -> Self {
        Self::new(Kind::Image(source))
    }

    fn new(kind: Kind) -> Self {
        Self { kind, unwritten: String::new(), citations: Vec::new(), is_open: false }
    }

    /// Takes text, if this is a block of such text.
    pub fn add_text(&mut self, text: &str, refusal: bool) -> bool {
        let takes = matches!(self.kind, Kind::Text { is_refusal } if is_refusal == refusal);
        if takes {
            self.unwritten.push_str(text);
        }
        takes
    }

    pub fn add_citation(&mut self, citation: Citation) {
        self.citations.push(citation);
    }

    /// Takes a piece of reasoning, if it belongs here.
    pub fn add_reasoning(&mut self, piece: &ReasoningDelta) -> bool {
        let Kind::Thinking { thought, hides } = &mut self.kind else { return false };
        let takes = thought.takes(piece);
        if takes && let Some(text) = thought.push(piece).filter(|_| !*hides) {
            self.unwritten.push_str(text);
        }
        takes
    }

    /// Takes arguments, if this is that call.
    pub fn add_arguments(&mut self, index: u32, delta: &str) -> bool {
        let Kind::Tool { call, arguments, .. } = &mut self.kind else { return false };
        let takes = *call == index;
        if takes {
            arguments.push(delta);
            self.unwritten.push_str(delta);
        }
        takes
    }

    /// Whether nothing more can come for it, once another block has begun.
    pub fn may_close(&self) -> bool {
        match &self.kind {
            Kind::Tool { arguments, .. } => arguments.is_whole(),
            Kind::Text { .. } | Kind::Thinking { .. } | Kind::Image(_) => true,
        }
    }

    /// Writes what has come. A block that is written in one piece waits for its end.
    pub fn write(&mut self, index: u32, out: &mut Vec<u8>) -> serde_json::Result<()> {
        if matches!(&self.kind, Kind::Thinking { thought, .. } if thought.is_redacted()) {
            return Ok(());
        }
        if !self.is_open {
            self.is_open = true;
            BlockEvent::Start { index, content_block: self.empty() }.write(out)?;
        }
        if !self.unwritten.is_empty() {
            let text = self.unwritten.as_str();
            let delta = match &self.kind {
                Kind::Text { .. } | Kind::Image(_) => Delta::Text { text },
                Kind::Thinking { .. } => Delta::Thinking { thinking: text },
                Kind::Tool { .. } => Delta::Input { partial_json: text },
            };
            BlockEvent::Delta { index, delta }.write(out)?;
            self.unwritten.clear();
        }
        for citation in self.citations.drain(..) {
            BlockEvent::Delta { index, delta: Delta::Citation { citation: &citation } }.write(out)?;
        }
        Ok(())
    }

    /// Writes the rest, and the end.
    pub fn close(mut self, index: u32, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.write(index, out)?;
        if let Kind::Thinking { thought, hides } = self.kind {
            match thought.finish(hides) {
                thinking::Block::Redacted { data } => {
                    let content_block = BlockBody::RedactedThinking { data: &data };
                    BlockEvent::Start { index, content_block }.write(out)?;
                }
                thinking::Block::Thinking { signature, .. } => {
                    let delta = Delta::Signature { signature: &signature };
                    BlockEvent::Delta { index, delta }.write(out)?;
                }
            }
        }
        BlockEvent::Stop { index }.write(out)
    }

    /// How the block begins.
    fn empty(&self) -> BlockBody<'_> {
        match &self.kind {
            Kind::Text { .. } => BlockBody::Text { citations: None, text: "" },
            Kind::Thinking { .. } => BlockBody::Thinking { thinking: "", signature: "" },
            Kind::Tool { id, name, .. } => {
                BlockBody::ToolUse { id, name, input: Input::Empty {}, caller: Caller::Direct }
            }
            Kind::Image(source) => image(source),
        }
    }
}
