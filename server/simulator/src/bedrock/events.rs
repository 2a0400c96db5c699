//! The events of a ConverseStream answer, each a binary frame.
//!
//! Only a tool's block is opened by an event: those of text and reasoning begin with their first delta, as Bedrock does. Each payload
//! ends with `p`, letters of varying number that hide the content's length from those who watch the wire.

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

use super::frame;
use super::reply::{Message, Metrics, Service, StopFields, Usage, redacted};
use super::thought::Thoughts;
use crate::media;
use crate::playback::{Frame, Frames, Weight};
use crate::script::{Cursor, Part, Passage};

const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

#[derive(Debug, Serialize)]
struct Padded<'a, T> {
    #[serde(flatten)]
    event: T,
    p: &'a str,
}

#[derive(Debug, Serialize)]
struct MessageStart {
    role: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockStart<'a> {
    content_block_index: usize,
    start: Start<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Start<'a> {
    #[serde(rename_all = "camelCase")]
    ToolUse { name: &'a str, tool_use_id: &'a str },
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockDelta<'a> {
    content_block_index: usize,
    delta: Delta<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Delta<'a> {
    Text(&'a str),
    ToolUse { input: &'a str },
    ReasoningContent(Reasoning<'a>),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Reasoning<'a> {
    Text(&'a str),
    Signature(String),
    RedactedContent(String),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockStop {
    content_block_index: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageStop<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_model_response_fields: Option<StopFields<'a>>,
    stop_reason: &'static str,
}

#[derive(Debug, Serialize)]
struct Metadata {
    metrics: Metrics,
    usage: Usage,
    #[serde(flatten)]
    service: Service,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    MessageStart,
    BlockStart,
    Content,
    BlockStop,
    MessageStop,
    Metadata,
    Over,
}

/// The events of one answer.
#[derive(Debug)]
pub(super) struct Events {
    message: Message,
    at: At,
    cursor: Cursor,
    /// Number of the next tool call.
    call: usize,
}

impl Events {
    pub fn new(message: Message) -> Self {
        Self { message, at: At::MessageStart, cursor: Cursor::default(), call: 0 }
    }

    fn block_start(&mut self) -> Option<Frame> {
        let Some(passage) = self.message.script.passages.get(self.cursor.passage) else {
            self.at = At::MessageStop;
            return self.next();
        };
        self.at = At::Content;
        let Part::Call(name) = &passage.part else { return self.next() };
        let tool_use_id = self.message.calls.get(self.call).map_or("", String::as_str);
        self.call += 1;
        let start = Start::ToolUse { name, tool_use_id };
        let bytes = write("contentBlockStart", BlockStart { content_block_index: self.cursor.passage, start });
        Some(Frame { bytes, weight: Weight::Tokens(1) })
    }

    fn content(&mut self) -> Option<Frame> {
        let content_block_index = self.cursor.passage;
        let piece = self.cursor.piece(&self.message.script);
        let passage = self.message.script.passages.get(content_block_index)?;
        let delta = |delta| write("contentBlockDelta", BlockDelta { content_block_index, delta });
        let Some(piece) = piece else {
            self.at = At::BlockStop;
            let Some(seal) = self.seal(passage) else { return self.next() };
            return Some(Frame { bytes: delta(Delta::ReasoningContent(seal)), weight: Weight::Structure });
        };
        let bytes = match passage.part {
            Part::Reasoning if self.message.thoughts == Thoughts::Shown => {
                delta(Delta::ReasoningContent(Reasoning::Text(piece)))
            }
            Part::Reasoning => Bytes::new(),
            Part::Text | Part::Refusal => delta(Delta::Text(piece)),
            Part::Call(_) => delta(Delta::ToolUse { input: piece }),
        };
        Some(Frame { bytes, weight: Weight::Tokens(1) })
    }

    /// What ends a block of reasoning.
    fn seal(&self, passage: &Passage) -> Option<Reasoning<'static>> {
        match (&passage.part, self.message.thoughts) {
            (Part::Reasoning, Thoughts::Redacted) => Some(Reasoning::RedactedContent(redacted(&passage.text))),
            (Part::Reasoning, _) => Some(Reasoning::Signature(media::seal(&passage.text))),
            _ => None,
        }
    }

    fn message_stop(&mut self) -> Frame {
        let stop_reason = self.message.stop_reason();
        let event = MessageStop { additional_model_response_fields: self.message.stop_fields(), stop_reason };
        let bytes = write("messageStop", event);
        let (at, weight) =
            if self.message.prompt.is_some() { (At::Metadata, Weight::Closing) } else { (At::Over, Weight::Last) };
        self.at = at;
        Frame { bytes, weight }
    }
}

impl Frames for Events {
    fn next(&mut self) -> Option<Frame> {
        match self.at {
            At::MessageStart => {
                self.at = At::BlockStart;
                let bytes = write("messageStart", MessageStart { role: "assistant" });
                Some(Frame { bytes, weight: Weight::Structure })
            }
            At::BlockStart => self.block_start(),
            At::Content => self.content(),
            At::BlockStop => {
                let bytes = write("contentBlockStop", BlockStop { content_block_index: self.cursor.passage });
                self.cursor.turn();
                self.at = At::BlockStart;
                Some(Frame { bytes, weight: Weight::Structure })
            }
            At::MessageStop => Some(self.message_stop()),
            At::Metadata => {
                self.at = At::Over;
                let (usage, service) = (self.message.usage()?, self.message.service());
                let bytes = write("metadata", Metadata { metrics: Metrics::default(), usage, service });
                Some(Frame { bytes, weight: Weight::Last })
            }
            At::Over => None,
        }
    }

    fn error(&mut self) -> Bytes {
        let message = "An error occurred while processing the streaming response. Retry your request.";
        frame::exception("modelStreamErrorException", &json!({ "message": message, "originalStatusCode": 500 }))
    }

    fn garbage(&mut self) -> Bytes {
        frame::frame(":event-type", "contentBlockDelta", "event", b"{\"contentBlockIndex\":0,\"delta\":{\"te")
    }
}

fn write(name: &str, event: impl Serialize) -> Bytes {
    let size = serde_json::to_vec(&event).map_or(0, |bytes| bytes.len());
    frame::event(name, &Padded { event, p: &PADDING[..1 + size * 7 % PADDING.len()] })
}
