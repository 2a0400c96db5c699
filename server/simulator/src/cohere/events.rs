//! The events of a streamed chat answer.

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::Serialize;

use super::reply::{Call, Content, Function, Logprob, Message, Usage};
use crate::playback::{Frame, Frames, Weight};
use crate::script::{Cursor, Part};

const DONE: &[u8] = b"data: [DONE]\n\n";

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Event<'a> {
    MessageStart {
        id: &'a str,
        delta: Delta<Opening>,
    },
    ContentStart {
        index: usize,
        delta: Delta<Contents<'a>>,
    },
    ContentDelta {
        index: usize,
        delta: Delta<Pieces<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        logprobs: Option<Logprob<'a>>,
    },
    ContentEnd {
        index: usize,
    },
    ToolPlanDelta {
        delta: Delta<Plan<'a>>,
    },
    ToolCallStart {
        index: usize,
        delta: Delta<Calls<Call<'a>>>,
    },
    ToolCallDelta {
        index: usize,
        delta: Delta<Calls<Arguments<'a>>>,
    },
    ToolCallEnd {
        index: usize,
    },
    MessageEnd {
        id: &'a str,
        delta: End,
    },
}

#[derive(Debug, Serialize)]
struct Delta<T> {
    message: T,
}

#[derive(Debug, Serialize)]
struct Opening {
    role: &'static str,
    content: [(); 0],
    tool_plan: &'static str,
    tool_calls: [(); 0],
    citations: [(); 0],
}

#[derive(Debug, Serialize)]
struct Contents<'a> {
    content: Content<'a>,
}

#[derive(Debug, Serialize)]
struct Pieces<'a> {
    content: Piece<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Piece<'a> {
    Thinking(&'a str),
    Text(&'a str),
}

#[derive(Debug, Serialize)]
struct Plan<'a> {
    tool_plan: &'a str,
}

#[derive(Debug, Serialize)]
struct Calls<T> {
    tool_calls: T,
}

#[derive(Debug, Serialize)]
struct Arguments<'a> {
    function: Function<'a>,
}

#[derive(Debug, Serialize)]
struct End {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    finish_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

impl Event<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::MessageStart { .. } => "message-start",
            Self::ContentStart { .. } => "content-start",
            Self::ContentDelta { .. } => "content-delta",
            Self::ContentEnd { .. } => "content-end",
            Self::ToolPlanDelta { .. } => "tool-plan-delta",
            Self::ToolCallStart { .. } => "tool-call-start",
            Self::ToolCallDelta { .. } => "tool-call-delta",
            Self::ToolCallEnd { .. } => "tool-call-end",
            Self::MessageEnd { .. } => "message-end",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    MessageStart,
    Start,
    Pieces,
    End,
    MessageEnd,
    Done,
    Over,
}

/// The events of one answer.
#[derive(Debug)]
pub(super) struct Events {
    message: Message,
    buffer: BytesMut,
    at: At,
    cursor: Cursor,
    /// Number of the next content block.
    content: usize,
    /// Number of the next tool call.
    call: usize,
}

impl Events {
    pub fn new(message: Message) -> Self {
        let buffer = BytesMut::with_capacity(4096);
        Self { message, buffer, at: At::MessageStart, cursor: Cursor::default(), content: 0, call: 0 }
    }

    /// What opens a passage; a plan is not opened.
    fn start(&mut self) -> Option<Frame> {
        let Some(passage) = self.message.script.passages.get(self.cursor.passage) else {
            self.at = At::MessageEnd;
            return self.next();
        };
        self.at = At::Pieces;
        let index = self.content;
        let (event, weight) = match &passage.part {
            Part::Reasoning if self.message.plans => return self.next(),
            Part::Reasoning => (opened(index, Content::Thinking { thinking: "" }), Weight::Structure),
            Part::Text | Part::Refusal => (opened(index, Content::Text { text: "" }), Weight::Structure),
            Part::Call(name) => {
                let id = self.message.calls.get(self.call).map_or("", String::as_str);
                let function = Function { name: Some(name), arguments: "" };
                let delta = Delta { message: Calls { tool_calls: Call { id, r#type: "function", function } } };
                (Event::ToolCallStart { index: self.call, delta }, Weight::Tokens(1))
            }
        };
        Some(Frame { bytes: write(&mut self.buffer, &event), weight })
    }

    fn piece(&mut self) -> Option<Frame> {
        let passage = self.message.script.passages.get(self.cursor.passage)?;
        let Some(piece) = self.cursor.piece(&self.message.script) else {
            self.at = At::End;
            return self.next();
        };
        let index = self.content;
        let event = match &passage.part {
            Part::Reasoning if self.message.plans => {
                Event::ToolPlanDelta { delta: Delta { message: Plan { tool_plan: piece } } }
            }
            Part::Reasoning => {
                let delta = Delta { message: Pieces { content: Piece::Thinking(piece) } };
                Event::ContentDelta { index, delta, logprobs: None }
            }
            Part::Text | Part::Refusal => {
                let delta = Delta { message: Pieces { content: Piece::Text(piece) } };
                let logprobs = self.message.logprobs.then(|| Logprob::new(piece));
                Event::ContentDelta { index, delta, logprobs }
            }
            Part::Call(_) => {
                let function = Function { name: None, arguments: piece };
                let delta = Delta { message: Calls { tool_calls: Arguments { function } } };
                Event::ToolCallDelta { index: self.call, delta }
            }
        };
        Some(Frame { bytes: write(&mut self.buffer, &event), weight: Weight::Tokens(1) })
    }

    fn end(&mut self) -> Option<Frame> {
        let passage = self.message.script.passages.get(self.cursor.passage)?;
        let event = match &passage.part {
            Part::Reasoning if self.message.plans => None,
            Part::Call(_) => {
                self.call += 1;
                Some(Event::ToolCallEnd { index: self.call - 1 })
            }
            _ => {
                self.content += 1;
                Some(Event::ContentEnd { index: self.content - 1 })
            }
        };
        self.cursor.turn();
        self.at = At::Start;
        match event {
            Some(event) => Some(Frame { bytes: write(&mut self.buffer, &event), weight: Weight::Structure }),
            None => self.next(),
        }
    }
}

fn opened<'a>(index: usize, content: Content<'a>) -> Event<'a> {
    Event::ContentStart { index, delta: Delta { message: Contents { content } } }
}

impl Frames for Events {
    fn next(&mut self) -> Option<Frame> {
        match self.at {
            At::MessageStart => {
                self.at = At::Start;
                let opening = Opening { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] };
                let event = Event::MessageStart { id: &self.message.id, delta: Delta { message: opening } };
                Some(Frame { bytes: write(&mut self.buffer, &event), weight: Weight::Structure })
            }
            At::Start => self.start(),
            At::Pieces => self.piece(),
            At::End => self.end(),
            At::MessageEnd => {
                self.at = At::Done;
                let (finish_reason, usage) = (self.message.finish_reason(), self.message.usage());
                let delta = End { error: None, finish_reason, usage };
                let event = Event::MessageEnd { id: &self.message.id, delta };
                Some(Frame { bytes: write(&mut self.buffer, &event), weight: Weight::Closing })
            }
            At::Done => {
                self.at = At::Over;
                Some(Frame { bytes: Bytes::from_static(DONE), weight: Weight::Last })
            }
            At::Over => None,
        }
    }

    fn error(&mut self) -> Bytes {
        let error = "internal server error, this has been reported to our developers.";
        let delta = End { error: Some(error), finish_reason: "ERROR", usage: None };
        write(&mut self.buffer, &Event::MessageEnd { id: &self.message.id, delta })
    }

    fn garbage(&mut self) -> Bytes {
        Bytes::from_static(b"event: content-delta\ndata: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"mess\n\n")
    }
}

fn write(buffer: &mut BytesMut, event: &Event) -> Bytes {
    buffer.put_slice(b"event: ");
    buffer.put_slice(event.name().as_bytes());
    buffer.put_slice(b"\ndata: ");
    // Writing plain fields to memory cannot fail.
    let _ = serde_json::to_writer((&mut *buffer).writer(), event);
    buffer.put_slice(b"\n\n");
    buffer.split().freeze()
}
