//! A message on the wire, whole or as events, field for field as Anthropic's API reference shows them.

use std::borrow::Cow;

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cache::Split;
use crate::media;
use crate::playback::{Frame, Frames, Weight};
use crate::script::{Cursor, Finish, Part, Passage, Script};

/// An answer ready to be written.
#[derive(Debug)]
pub(super) struct Message {
    pub id: String,
    pub model: String,
    pub script: Script,
    /// Ids of the tool calls, in order.
    pub calls: Vec<String>,
    pub hides_thinking: bool,
    /// What the prompt's tokens were, if token counts are told.
    pub prompt: Option<Split>,
}

#[derive(Debug, Serialize)]
struct Whole<'a> {
    model: &'a str,
    id: &'a str,
    r#type: &'static str,
    role: &'static str,
    content: Vec<Block<'a>>,
    stop_reason: Option<&'static str>,
    stop_sequence: Option<&'a str>,
    stop_details: Option<StopDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Thinking { thinking: &'a str, signature: Cow<'a, str> },
    Text { text: &'a str },
    ToolUse { id: &'a str, name: &'a str, input: Cow<'a, RawValue> },
}

/// Why an answer was refused.
#[derive(Debug, Serialize)]
struct StopDetails {
    r#type: &'static str,
    category: Option<()>,
    explanation: Option<()>,
}

#[derive(Debug, Serialize)]
struct Usage {
    input_tokens: u32,
    cache_creation_input_tokens: u32,
    cache_read_input_tokens: u32,
    cache_creation: Written,
    output_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens_details: Option<OutputDetails>,
    service_tier: &'static str,
    inference_geo: &'static str,
}

#[derive(Debug, Serialize)]
struct OutputDetails {
    thinking_tokens: u32,
}

#[derive(Debug, Serialize)]
struct Written {
    ephemeral_5m_input_tokens: u32,
    ephemeral_1h_input_tokens: u32,
}

impl Usage {
    /// Before the answer is known.
    fn opening(prompt: Split) -> Self {
        Self {
            input_tokens: prompt.fresh,
            cache_creation_input_tokens: prompt.written_5m + prompt.written_1h,
            cache_read_input_tokens: prompt.read,
            cache_creation: Written {
                ephemeral_5m_input_tokens: prompt.written_5m,
                ephemeral_1h_input_tokens: prompt.written_1h,
            },
            output_tokens: 1,
            output_tokens_details: None,
            service_tier: "standard",
            inference_geo: "not_available",
        }
    }
}

impl Message {
    /// The body of a reply that is not streamed.
    pub fn whole(&self) -> Vec<u8> {
        let mut calls = self.calls.iter();
        let block = |passage| Some(self.block(passage, &mut calls));
        let whole = Whole {
            content: self.script.passages.iter().filter_map(block).collect(),
            stop_reason: Some(self.stop_reason()),
            stop_sequence: self.stop_sequence(),
            stop_details: self.stop_details(),
            usage: self.prompt.map(|prompt| Usage {
                output_tokens: self.script.tokens(),
                output_tokens_details: Some(self.output_details()),
                ..Usage::opening(prompt)
            }),
            ..self.opening()
        };
        serde_json::to_vec(&whole).unwrap_or_default()
    }

    /// The message before anything is in it.
    fn opening(&self) -> Whole<'_> {
        Whole {
            model: &self.model,
            id: &self.id,
            r#type: "message",
            role: "assistant",
            content: Vec::new(),
            stop_reason: None,
            stop_sequence: None,
            stop_details: None,
            usage: self.prompt.map(Usage::opening),
        }
    }

    fn block<'a>(&self, passage: &'a Passage, calls: &mut impl Iterator<Item = &'a String>) -> Block<'a> {
        match &passage.part {
            Part::Reasoning => Block::Thinking {
                thinking: if self.hides_thinking { "" } else { &passage.text },
                signature: media::seal(&passage.text).into(),
            },
            Part::Text | Part::Refusal => Block::Text { text: &passage.text },
            Part::Call(name) => Block::ToolUse {
                id: calls.next().map_or("", String::as_str),
                name,
                // Cut short by the token limit, the arguments are no JSON.
                input: serde_json::from_str(&passage.text).map_or_else(|_| empty_input(), Cow::Borrowed),
            },
        }
    }

    fn stop_reason(&self) -> &'static str {
        match self.script.finish {
            Finish::Stop => "end_turn",
            Finish::StopSequence(_) => "stop_sequence",
            Finish::Length => "max_tokens",
            Finish::ToolCalls => "tool_use",
            Finish::ContentFilter | Finish::Refusal => "refusal",
        }
    }

    fn stop_details(&self) -> Option<StopDetails> {
        (self.stop_reason() == "refusal").then_some(StopDetails {
            r#type: "refusal",
            category: None,
            explanation: None,
        })
    }

    fn output_details(&self) -> OutputDetails {
        OutputDetails { thinking_tokens: self.script.reasoning_tokens() }
    }

    fn stop_sequence(&self) -> Option<&str> {
        match &self.script.finish {
            Finish::StopSequence(stop) => Some(stop),
            _ => None,
        }
    }
}

fn empty_input<'a>() -> Cow<'a, RawValue> {
    Cow::Owned(RawValue::from_string("{}".to_owned()).unwrap_or_default())
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event<'a> {
    MessageStart {
        message: Whole<'a>,
    },
    ContentBlockStart {
        index: usize,
        content_block: Block<'a>,
    },
    Ping,
    ContentBlockDelta {
        index: usize,
        delta: Delta<'a>,
    },
    ContentBlockStop {
        index: usize,
    },
    MessageDelta {
        delta: Ending<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        usage: Option<FinalUsage>,
    },
    MessageStop,
}

impl Event<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::MessageStart { .. } => "message_start",
            Self::ContentBlockStart { .. } => "content_block_start",
            Self::Ping => "ping",
            Self::ContentBlockDelta { .. } => "content_block_delta",
            Self::ContentBlockStop { .. } => "content_block_stop",
            Self::MessageDelta { .. } => "message_delta",
            Self::MessageStop => "message_stop",
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(tag = "type")]
enum Delta<'a> {
    #[serde(rename = "text_delta")]
    Text { text: &'a str },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: &'a str },
    #[serde(rename = "signature_delta")]
    Signature { signature: &'a str },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: &'a str },
}

#[derive(Debug, Serialize)]
struct Ending<'a> {
    stop_reason: &'static str,
    stop_sequence: Option<&'a str>,
    stop_details: Option<StopDetails>,
}

/// Counts of the whole message; those of the prompt are told again.
#[derive(Debug, Serialize)]
struct FinalUsage {
    input_tokens: u32,
    cache_creation_input_tokens: u32,
    cache_read_input_tokens: u32,
    output_tokens: u32,
    output_tokens_details: OutputDetails,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    MessageStart,
    BlockStart,
    Ping,
    /// The empty piece of JSON that opens a tool's input.
    Input,
    Content,
    BlockStop,
    MessageDelta,
    MessageStop,
    Over,
}

/// The events of a streamed message.
#[derive(Debug)]
pub(super) struct Events {
    message: Message,
    buffer: BytesMut,
    at: At,
    cursor: Cursor,
    /// Calls begun so far.
    calls: usize,
}

impl Events {
    pub fn new(message: Message) -> Self {
        let buffer = BytesMut::with_capacity(4096);
        Self { message, buffer, at: At::MessageStart, cursor: Cursor::default(), calls: 0 }
    }

    /// The state that begins the present block, or the end if there is none.
    fn block_or_end(&self) -> At {
        if self.cursor.passage < self.message.script.passages.len() { At::BlockStart } else { At::MessageDelta }
    }

    fn block_start(&mut self) -> Option<Frame> {
        let index = self.cursor.passage;
        let passage = self.message.script.passages.get(index)?;
        let (content_block, weight) = match &passage.part {
            Part::Reasoning => (Block::Thinking { thinking: "", signature: "".into() }, Weight::Structure),
            Part::Text | Part::Refusal => (Block::Text { text: "" }, Weight::Structure),
            Part::Call(name) => {
                let id = self.message.calls.get(self.calls).map_or("", String::as_str);
                self.calls += 1;
                (Block::ToolUse { id, name, input: empty_input() }, Weight::Tokens(1))
            }
        };
        let bytes = write(&mut self.buffer, &Event::ContentBlockStart { index, content_block });
        self.at = match &passage.part {
            _ if index == 0 => At::Ping,
            Part::Call(_) => At::Input,
            _ => At::Content,
        };
        Some(Frame { bytes, weight })
    }

    fn content(&mut self) -> Option<Frame> {
        let index = self.cursor.passage;
        let passage = self.message.script.passages.get(index)?;
        let Some(piece) = self.cursor.piece(&self.message.script) else {
            self.at = At::BlockStop;
            if passage.part != Part::Reasoning {
                return self.next();
            }
            let signature = media::seal(&passage.text);
            let delta = Delta::Signature { signature: &signature };
            let bytes = write(&mut self.buffer, &Event::ContentBlockDelta { index, delta });
            return Some(Frame { bytes, weight: Weight::Structure });
        };
        let delta = match passage.part {
            Part::Reasoning if self.message.hides_thinking => {
                return Some(Frame { bytes: Bytes::new(), weight: Weight::Tokens(1) });
            }
            Part::Reasoning => Delta::Thinking { thinking: piece },
            Part::Text | Part::Refusal => Delta::Text { text: piece },
            Part::Call(_) => Delta::InputJson { partial_json: piece },
        };
        let bytes = write(&mut self.buffer, &Event::ContentBlockDelta { index, delta });
        Some(Frame { bytes, weight: Weight::Tokens(1) })
    }

    fn message_delta(&mut self) -> Bytes {
        let message = &self.message;
        let usage = message.prompt.map(|prompt| FinalUsage {
            input_tokens: prompt.fresh,
            cache_creation_input_tokens: prompt.written_5m + prompt.written_1h,
            cache_read_input_tokens: prompt.read,
            output_tokens: message.script.tokens(),
            output_tokens_details: message.output_details(),
        });
        let delta = Ending {
            stop_reason: message.stop_reason(),
            stop_sequence: message.stop_sequence(),
            stop_details: message.stop_details(),
        };
        write(&mut self.buffer, &Event::MessageDelta { delta, usage })
    }

    fn is_call(&self) -> bool {
        matches!(self.message.script.passages.get(self.cursor.passage), Some(Passage { part: Part::Call(_), .. }))
    }
}

impl Frames for Events {
    fn next(&mut self) -> Option<Frame> {
        let index = self.cursor.passage;
        let (bytes, weight, next) = match self.at {
            At::BlockStart => return self.block_start(),
            At::Content => return self.content(),
            At::Over => return None,
            At::MessageStart => {
                let opening = Event::MessageStart { message: self.message.opening() };
                (write(&mut self.buffer, &opening), Weight::Structure, self.block_or_end())
            }
            At::Ping => {
                let next = if self.is_call() { At::Input } else { At::Content };
                (write(&mut self.buffer, &Event::Ping), Weight::Structure, next)
            }
            At::Input => {
                let delta = Delta::InputJson { partial_json: "" };
                let bytes = write(&mut self.buffer, &Event::ContentBlockDelta { index, delta });
                (bytes, Weight::Structure, At::Content)
            }
            At::BlockStop => {
                let bytes = write(&mut self.buffer, &Event::ContentBlockStop { index });
                self.cursor.turn();
                (bytes, Weight::Structure, self.block_or_end())
            }
            At::MessageDelta => (self.message_delta(), Weight::Closing, At::MessageStop),
            At::MessageStop => (write(&mut self.buffer, &Event::MessageStop), Weight::Last, At::Over),
        };
        self.at = next;
        Some(Frame { bytes, weight })
    }

    fn error(&mut self) -> Bytes {
        Bytes::from_static(
            b"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
        )
    }

    fn garbage(&mut self) -> Bytes {
        Bytes::from_static(b"event: content_block_delta\ndata: {\"type\":\"content_block_de\n\n")
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
