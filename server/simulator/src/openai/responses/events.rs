//! The events of a streamed response, numbered, in the order OpenAI's reference gives.

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::Serialize;

use super::reply::{Answered, Content, Failure, Item, Object, Summary};
use crate::openai::logprobs::{TokenLogprob, of_text};
use crate::playback::{Frame, Frames, Weight};
use crate::script::{Cursor, Part, Passage};

#[derive(Debug, Serialize)]
struct Event<'a> {
    r#type: &'static str,
    sequence_number: u64,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Whole {
        response: Object<'a>,
    },
    Item {
        output_index: usize,
        item: Item<'a>,
    },
    Part {
        item_id: String,
        output_index: usize,
        content_index: u32,
        part: Content<'a>,
    },
    TextDelta {
        item_id: String,
        output_index: usize,
        content_index: u32,
        delta: &'a str,
        logprobs: Vec<TokenLogprob<'a>>,
    },
    TextDone {
        item_id: String,
        output_index: usize,
        content_index: u32,
        logprobs: Vec<TokenLogprob<'a>>,
        text: &'a str,
    },
    RefusalDelta {
        item_id: String,
        output_index: usize,
        content_index: u32,
        delta: &'a str,
    },
    RefusalDone {
        item_id: String,
        output_index: usize,
        content_index: u32,
        refusal: &'a str,
    },
    SummaryPart {
        item_id: String,
        output_index: usize,
        summary_index: u32,
        part: Summary<'a>,
    },
    SummaryDelta {
        item_id: String,
        output_index: usize,
        summary_index: u32,
        delta: &'a str,
    },
    SummaryDone {
        item_id: String,
        output_index: usize,
        summary_index: u32,
        text: &'a str,
    },
    CallDelta {
        item_id: String,
        output_index: usize,
        delta: &'a str,
    },
    ArgumentsDone {
        item_id: String,
        output_index: usize,
        arguments: &'a str,
    },
    InputDone {
        item_id: String,
        output_index: usize,
        input: &'a str,
    },
    Error {
        code: &'static str,
        message: &'static str,
        param: Option<()>,
    },
}

const FAILED: &str = "The server had an error while processing your request. Sorry about that!";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Created,
    InProgress,
    ItemAdded,
    PartAdded,
    Content,
    ContentDone,
    PartDone,
    ItemDone,
    Ending,
    Over,
}

/// The events of one response; each item of the output is one passage of the script.
#[derive(Debug)]
pub(super) struct Events {
    answered: Answered,
    buffer: BytesMut,
    at: At,
    cursor: Cursor,
    number: u64,
}

impl Events {
    pub fn new(answered: Answered) -> Self {
        let buffer = BytesMut::with_capacity(8192);
        Self { answered, buffer, at: At::Created, cursor: Cursor::default(), number: 0 }
    }

    /// The state that begins the present item, or the end if there is none.
    fn item_or_end(&self) -> At {
        if self.cursor.passage < self.answered.script.passages.len() { At::ItemAdded } else { At::Ending }
    }

    fn item_added(&mut self) -> Option<Frame> {
        let output_index = self.cursor.passage;
        let passage = self.answered.script.passages.get(output_index)?;
        let item = self.answered.bare_item(output_index, passage);
        let is_call = matches!(passage.part, Part::Call(_));
        let has_parts = match passage.part {
            Part::Text | Part::Refusal => true,
            Part::Reasoning => self.answered.settings.summarized,
            Part::Call(_) => false,
        };
        let body = Body::Item { output_index, item };
        let bytes = write(&mut self.buffer, &mut self.number, "response.output_item.added", body);
        self.at = if has_parts { At::PartAdded } else { At::Content };
        Some(Frame { bytes, weight: if is_call { Weight::Tokens(1) } else { Weight::Structure } })
    }

    /// The present passage's part, empty when it is added and full when it is done.
    fn part(&mut self, is_done: bool) -> Option<Frame> {
        let output_index = self.cursor.passage;
        let passage = self.answered.script.passages.get(output_index)?;
        let item_id = self.answered.item_id(output_index, &passage.part);
        let text = if is_done { passage.text.as_str() } else { "" };
        let is_summary = passage.part == Part::Reasoning;
        let name = match (is_summary, is_done) {
            (true, false) => "response.reasoning_summary_part.added",
            (true, true) => "response.reasoning_summary_part.done",
            (false, false) => "response.content_part.added",
            (false, true) => "response.content_part.done",
        };
        let body = if is_summary {
            Body::SummaryPart { item_id, output_index, summary_index: 0, part: Summary::new(text) }
        } else {
            let part = Content::new(&passage.part, text, self.answered.settings.logprobs);
            Body::Part { item_id, output_index, content_index: 0, part }
        };
        let bytes = write(&mut self.buffer, &mut self.number, name, body);
        self.at = if is_done { At::ItemDone } else { At::Content };
        Some(Frame { bytes, weight: Weight::Structure })
    }

    fn content(&mut self) -> Option<Frame> {
        let output_index = self.cursor.passage;
        let passage = self.answered.script.passages.get(output_index)?;
        let shows = passage.part != Part::Reasoning || self.answered.settings.summarized;
        let Some(delta) = self.cursor.piece(&self.answered.script) else {
            self.at = if shows { At::ContentDone } else { At::ItemDone };
            return self.next();
        };
        let weight = Weight::Tokens(1);
        if !shows {
            return Some(Frame { bytes: Bytes::new(), weight });
        }
        let item_id = self.answered.item_id(output_index, &passage.part);
        let (name, body) = match &passage.part {
            Part::Reasoning => (
                "response.reasoning_summary_text.delta",
                Body::SummaryDelta { item_id, output_index, summary_index: 0, delta },
            ),
            Part::Text => {
                let logprobs = self.answered.settings.logprobs;
                let logprobs = logprobs.map(|top| vec![TokenLogprob::new(delta, top)]).unwrap_or_default();
                let body = Body::TextDelta { item_id, output_index, content_index: 0, delta, logprobs };
                ("response.output_text.delta", body)
            }
            Part::Refusal => {
                ("response.refusal.delta", Body::RefusalDelta { item_id, output_index, content_index: 0, delta })
            }
            Part::Call(name) => {
                let is_custom = self.answered.is_custom(name);
                let name = if is_custom {
                    "response.custom_tool_call_input.delta"
                } else {
                    "response.function_call_arguments.delta"
                };
                (name, Body::CallDelta { item_id, output_index, delta })
            }
        };
        Some(Frame { bytes: write(&mut self.buffer, &mut self.number, name, body), weight })
    }

    fn content_done(&mut self) -> Option<Frame> {
        let output_index = self.cursor.passage;
        let Passage { part, text, .. } = self.answered.script.passages.get(output_index)?;
        let item_id = self.answered.item_id(output_index, part);
        let (name, body) = match part {
            Part::Reasoning => (
                "response.reasoning_summary_text.done",
                Body::SummaryDone { item_id, output_index, summary_index: 0, text },
            ),
            Part::Text => {
                let logprobs = self.answered.settings.logprobs.map(|top| of_text(text, top)).unwrap_or_default();
                let body = Body::TextDone { item_id, output_index, content_index: 0, logprobs, text };
                ("response.output_text.done", body)
            }
            Part::Refusal => {
                ("response.refusal.done", Body::RefusalDone { item_id, output_index, content_index: 0, refusal: text })
            }
            Part::Call(name) if self.answered.is_custom(name) => {
                ("response.custom_tool_call_input.done", Body::InputDone { item_id, output_index, input: text })
            }
            Part::Call(_) => (
                "response.function_call_arguments.done",
                Body::ArgumentsDone { item_id, output_index, arguments: text },
            ),
        };
        self.at = if matches!(part, Part::Call(_)) { At::ItemDone } else { At::PartDone };
        Some(Frame { bytes: write(&mut self.buffer, &mut self.number, name, body), weight: Weight::Structure })
    }

    fn item_done(&mut self) -> Option<Frame> {
        let output_index = self.cursor.passage;
        let passage = self.answered.script.passages.get(output_index)?;
        let body = Body::Item { output_index, item: self.answered.item(output_index, passage) };
        let bytes = write(&mut self.buffer, &mut self.number, "response.output_item.done", body);
        self.cursor.turn();
        self.at = self.item_or_end();
        Some(Frame { bytes, weight: Weight::Structure })
    }
}

impl Frames for Events {
    fn next(&mut self) -> Option<Frame> {
        match self.at {
            At::ItemAdded => return self.item_added(),
            At::PartAdded => return self.part(false),
            At::Content => return self.content(),
            At::ContentDone => return self.content_done(),
            At::PartDone => return self.part(true),
            At::ItemDone => return self.item_done(),
            At::Created | At::InProgress | At::Ending => {}
            At::Over => return None,
        }
        let (name, response, weight, next) = match self.at {
            At::Created => ("response.created", self.answered.opening(), Weight::Structure, At::InProgress),
            At::InProgress => ("response.in_progress", self.answered.opening(), Weight::Structure, self.item_or_end()),
            _ if self.answered.incomplete().is_some() => {
                ("response.incomplete", self.answered.completed(), Weight::Last, At::Over)
            }
            _ => ("response.completed", self.answered.completed(), Weight::Last, At::Over),
        };
        let bytes = write(&mut self.buffer, &mut self.number, name, Body::Whole { response });
        self.at = next;
        Some(Frame { bytes, weight })
    }

    /// The error, and the response as it failed.
    fn error(&mut self) -> Bytes {
        let error = Body::Error { code: "server_error", message: FAILED, param: None };
        let first = write(&mut self.buffer, &mut self.number, "error", error);
        let response = self.answered.failed(Failure { code: "server_error", message: FAILED });
        let second = write(&mut self.buffer, &mut self.number, "response.failed", Body::Whole { response });
        [first, second].concat().into()
    }

    fn garbage(&mut self) -> Bytes {
        Bytes::from_static(b"event: response.output_text.delta\ndata: {\"type\":\"response.output_text.del\n\n")
    }
}

fn write(buffer: &mut BytesMut, number: &mut u64, name: &'static str, body: Body) -> Bytes {
    let event = Event { r#type: name, sequence_number: *number, body };
    *number += 1;
    buffer.put_slice(b"event: ");
    buffer.put_slice(name.as_bytes());
    buffer.put_slice(b"\ndata: ");
    // Writing plain fields to memory cannot fail.
    let _ = serde_json::to_writer((&mut *buffer).writer(), &event);
    buffer.put_slice(b"\n\n");
    buffer.split().freeze()
}
