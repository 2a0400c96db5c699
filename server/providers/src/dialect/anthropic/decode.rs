//! A Messages stream (`message_start` … `message_stop`) as canonical events.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::ControlFlow;

use canon::{Event, FinishReason, ReasoningDelta, ReasoningKind, UpstreamError, sse};
use domain::Usage;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::REASONING_FORMAT;
use super::usage::{Counts, WireUsage};
use crate::dialect::shape::ANSWER_TOOL;
use crate::dialect::{Reading, cut_off, failure, not_the_protocol};

/// All events in one: a field that an event does not have is not there.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(default)]
    index: u32,
    #[serde(default)]
    message: Option<MessageStart>,
    #[serde(default, borrow)]
    content_block: Option<ContentBlock<'a>>,
    #[serde(default)]
    delta: Option<Delta>,
    #[serde(default)]
    usage: Option<WireUsage>,
    /// From here on: a whole message, where the host does not stream.
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default, borrow)]
    content: Option<Vec<ContentBlock<'a>>>,
    #[serde(default)]
    stop_reason: Option<String>,
    #[serde(default)]
    stop_sequence: Option<String>,
}

#[derive(Deserialize)]
struct MessageStart {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    usage: Option<WireUsage>,
}

#[derive(Deserialize)]
struct ContentBlock<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    thinking: String,
    #[serde(default)]
    signature: Option<String>,
    #[serde(default)]
    data: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default, borrow)]
    input: Option<&'a RawValue>,
}

/// Of a content block, or of the message.
#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    partial_json: Option<String>,
    #[serde(default)]
    thinking: Option<String>,
    #[serde(default)]
    signature: Option<String>,
    #[serde(default)]
    citation: Option<Value>,
    #[serde(default)]
    stop_reason: Option<String>,
    #[serde(default)]
    stop_sequence: Option<String>,
    #[serde(default)]
    stop_details: Option<StopDetails>,
}

#[derive(Deserialize)]
struct StopDetails {
    #[serde(default)]
    explanation: Option<String>,
}

#[derive(Debug)]
pub struct Decoder {
    answer_tool: bool,
    /// Open blocks that get JSON, by their index on the wire.
    open: Vec<OpenBlock>,
    /// Calls of the client's tools so far.
    calls: u32,
    counts: Counts,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
}

#[derive(Debug)]
struct OpenBlock {
    wire_index: u32,
    /// The number of the call; `None` for the answer tool, whose arguments are text.
    call: Option<u32>,
    has_arguments: bool,
}

impl Decoder {
    pub fn new(reading: Reading) -> Self {
        Self {
            answer_tool: reading.answer_tool,
            open: Vec::new(),
            calls: 0,
            counts: Counts::default(),
            stop_reason: None,
            stop_sequence: None,
        }
    }

    /// `message_stop` is the end, if a stop reason came before.
    pub fn read(&mut self, frame: sse::Frame<'_>, out: &mut VecDeque<Event>) -> Result<ControlFlow<()>, UpstreamError> {
        let data = frame.data.trim_ascii();
        if data.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let wire: Wire<'_> = match serde_json::from_slice(data) {
            Ok(wire) => wire,
            // Proxies in between tell errors in shapes of their own.
            Err(_) if frame.event == b"error" || holds_error(data) => return Err(failure::of_stream(data)),
            Err(_) => return Err(not_the_protocol()),
        };
        match wire.r#type.as_ref() {
            "message_start" => self.start(wire.message, out),
            "content_block_start" => {
                if let Some(block) = wire.content_block {
                    self.open_block(wire.index, block, out);
                }
            }
            "content_block_delta" => {
                if let Some(delta) = wire.delta {
                    self.delta(wire.index, delta, out);
                }
            }
            "content_block_stop" => self.close_block(wire.index, out),
            "message_delta" => {
                if let Some(usage) = &wire.usage {
                    self.counts.note(usage);
                }
                if let Some(delta) = wire.delta {
                    self.message_delta(delta, out);
                }
            }
            "message_stop" => {
                self.finish(out)?;
                return Ok(ControlFlow::Break(()));
            }
            "message" => {
                self.whole(wire, out)?;
                return Ok(ControlFlow::Break(()));
            }
            "error" => return Err(failure::of_stream(data)),
            // `ping`, and what may be added.
            _ => {}
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The prompt's counts come first, with `message_start`.
    pub fn usage_so_far(&self) -> Option<Usage> {
        self.counts.total()
    }

    /// The body is over without `message_stop`.
    pub fn end(&mut self) -> Result<(), UpstreamError> {
        Err(cut_off())
    }

    fn start(&mut self, message: Option<MessageStart>, out: &mut VecDeque<Event>) {
        let Some(MessageStart { id, model, usage }) = message else { return };
        let usage = usage.unwrap_or_default();
        self.counts.note(&usage);
        out.push_back(Event::Start {
            upstream_id: id,
            upstream_model: model,
            system_fingerprint: None,
            service_tier: usage.service_tier,
        });
    }

    fn whole(&mut self, wire: Wire<'_>, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        self.start(Some(MessageStart { id: wire.id, model: wire.model, usage: wire.usage }), out);
        for (index, block) in (0..).zip(wire.content.into_iter().flatten()) {
            self.open_block(index, block, out);
            self.close_block(index, out);
        }
        self.stop_reason = wire.stop_reason;
        self.stop_sequence = wire.stop_sequence;
        self.finish(out)
    }

    fn open_block(&mut self, wire_index: u32, block: ContentBlock<'_>, out: &mut VecDeque<Event>) {
        match block.r#type.as_ref() {
            "text" => push_text(block.text, out),
            "thinking" => {
                push_thought(wire_index, ReasoningKind::Text(block.thinking), out);
                push_thought(wire_index, ReasoningKind::Signature(block.signature.unwrap_or_default()), out);
            }
            "redacted_thinking" => push_thought(wire_index, ReasoningKind::Encrypted(block.data), out),
            "tool_use" => {
                let is_answer = self.answer_tool && block.name == ANSWER_TOOL;
                let call = (!is_answer).then_some(self.calls);
                if let Some(index) = call {
                    self.calls += 1;
                    out.push_back(Event::ToolCall { index, id: block.id, name: block.name });
                }
                self.open.push(OpenBlock { wire_index, call, has_arguments: false });
                // Hosts that do not stream arguments give them at once; an empty object only announces them.
                if let Some(input) = block.input.filter(|input| !is_empty_object(input.get())) {
                    self.arguments(wire_index, input.get().to_owned(), out);
                }
            }
            // The provider's own tools: their results come as text.
            _ => {}
        }
    }

    fn delta(&mut self, wire_index: u32, delta: Delta, out: &mut VecDeque<Event>) {
        if let Some(text) = delta.text {
            push_text(text, out);
        }
        if let Some(thinking) = delta.thinking {
            push_thought(wire_index, ReasoningKind::Text(thinking), out);
        }
        if let Some(signature) = delta.signature {
            push_thought(wire_index, ReasoningKind::Signature(signature), out);
        }
        if let Some(json) = delta.partial_json {
            self.arguments(wire_index, json, out);
        }
        out.extend(delta.citation.as_ref().and_then(annotation).map(Event::Annotation));
    }

    fn arguments(&mut self, wire_index: u32, delta: String, out: &mut VecDeque<Event>) {
        let Some(block) = self.open.iter_mut().rev().find(|block| block.wire_index == wire_index) else { return };
        if delta.is_empty() {
            return;
        }
        block.has_arguments = true;
        out.push_back(match block.call {
            Some(index) => Event::ToolArguments { index, delta },
            None => Event::Text(delta),
        });
    }

    /// A call without arguments still has an object of them: clients parse it.
    fn close_block(&mut self, wire_index: u32, out: &mut VecDeque<Event>) {
        let at = self.open.iter().position(|block| block.wire_index == wire_index);
        if at.is_some_and(|at| self.open.get(at).is_some_and(|block| !block.has_arguments)) {
            self.arguments(wire_index, "{}".to_owned(), out);
        }
        if let Some(at) = at {
            self.open.swap_remove(at);
        }
    }

    fn message_delta(&mut self, delta: Delta, out: &mut VecDeque<Event>) {
        if let Some(explanation) =
            delta.stop_details.and_then(|details| details.explanation).filter(|text| !text.is_empty())
        {
            out.push_back(Event::Refusal(explanation));
        }
        if delta.stop_reason.is_some() {
            self.stop_reason = delta.stop_reason;
            self.stop_sequence = delta.stop_sequence;
        }
    }

    fn finish(&mut self, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        let native = self.stop_reason.take().ok_or_else(cut_off)?;
        let reason = match native.as_str() {
            "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
            "refusal" => FinishReason::ContentFilter,
            // The answer tool alone is no call that the client knows of.
            "tool_use" if self.calls > 0 || !self.answer_tool => FinishReason::ToolCalls,
            _ => FinishReason::Stop,
        };
        out.push_back(Event::Finish { reason, native, stop_sequence: self.stop_sequence.take() });
        out.extend(self.counts.total().map(Event::Usage));
        Ok(())
    }
}

fn push_text(text: String, out: &mut VecDeque<Event>) {
    if !text.is_empty() {
        out.push_back(Event::Text(text));
    }
}

fn push_thought(index: u32, kind: ReasoningKind, out: &mut VecDeque<Event>) {
    let (ReasoningKind::Text(content)
    | ReasoningKind::Summary(content)
    | ReasoningKind::Signature(content)
    | ReasoningKind::Encrypted(content)) = &kind;
    if !content.is_empty() {
        out.push_back(Event::Reasoning(ReasoningDelta {
            index,
            kind,
            id: None,
            format: Some(REASONING_FORMAT.to_owned()),
        }));
    }
}

/// A citation of a web page in OpenAI's shape. Places in the client's own documents have no such shape.
fn annotation(citation: &Value) -> Option<Value> {
    let url = citation["url"].as_str()?;
    Some(json!({
        "type": "url_citation",
        "url_citation": {"url": url, "title": citation["title"], "content": citation["cited_text"]},
    }))
}

fn is_empty_object(json: &str) -> bool {
    json.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(|inside| inside.trim().is_empty())
        || json == "null"
}

fn holds_error(data: &[u8]) -> bool {
    serde_json::from_slice::<Value>(data).is_ok_and(|json| !json["error"].is_null())
}
