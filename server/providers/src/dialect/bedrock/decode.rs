//! A ConverseStream (`messageStart` … `messageStop`, `metadata`) as canonical events.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use canon::{Event, FinishReason, ReasoningDelta, ReasoningKind, Source, UpstreamError, sse};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::REASONING_FORMAT;
use super::usage::WireUsage;
use crate::dialect::shape::ANSWER_TOOL;
use crate::dialect::{Reading, cut_off, failure, not_the_protocol};

/// The payloads of all events in one: a field that an event does not have is not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(default)]
    content_block_index: u32,
    #[serde(default)]
    start: Option<Start>,
    #[serde(default)]
    delta: Option<Delta>,
    #[serde(default)]
    stop_reason: Option<String>,
    #[serde(default)]
    additional_model_response_fields: Option<Value>,
    #[serde(default)]
    usage: Option<WireUsage>,
    #[serde(default)]
    service_tier: Option<Tier>,
    /// The whole answer, where the host does not stream.
    #[serde(default, borrow)]
    output: Option<Output<'a>>,
}

#[derive(Deserialize)]
struct Tier {
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Start {
    #[serde(default)]
    tool_use: Option<ToolUseStart>,
    #[serde(default)]
    image: Option<ImageStart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolUseStart {
    tool_use_id: String,
    name: String,
    /// `server_tool_use`: the provider runs it itself.
    #[serde(default)]
    r#type: Option<String>,
}

#[derive(Deserialize)]
struct ImageStart {
    format: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delta {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    tool_use: Option<ToolUseDelta>,
    #[serde(default)]
    reasoning_content: Option<Thought>,
    #[serde(default)]
    citation: Option<Value>,
    #[serde(default)]
    image: Option<ImageDelta>,
}

#[derive(Deserialize)]
struct ToolUseDelta {
    input: String,
}

/// In a delta the fields themselves; in a whole answer, text and signature together.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Thought {
    text: Option<String>,
    signature: Option<String>,
    redacted_content: Option<String>,
    reasoning_text: Option<ReasoningText>,
}

#[derive(Deserialize)]
struct ReasoningText {
    text: String,
    #[serde(default)]
    signature: Option<String>,
}

#[derive(Deserialize)]
struct ImageDelta {
    #[serde(default)]
    source: Option<ImageSource>,
}

#[derive(Deserialize)]
struct ImageSource {
    #[serde(default)]
    bytes: Option<String>,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    message: WholeMessage<'a>,
}

#[derive(Deserialize)]
struct WholeMessage<'a> {
    #[serde(borrow)]
    content: Vec<WholeBlock<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WholeBlock<'a> {
    #[serde(default)]
    text: Option<String>,
    #[serde(default, borrow)]
    tool_use: Option<WholeToolUse<'a>>,
    #[serde(default)]
    reasoning_content: Option<Thought>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WholeToolUse<'a> {
    tool_use_id: String,
    name: String,
    #[serde(borrow)]
    input: &'a RawValue,
}

#[derive(Debug)]
pub struct Decoder {
    answer_tool: bool,
    reasoning_format: &'static str,
    /// Open blocks, by their index on the wire.
    open: Vec<OpenBlock>,
    has_begun: bool,
    /// Calls of the client's tools so far.
    calls: u32,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
}

#[derive(Debug)]
struct OpenBlock {
    wire_index: u32,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// The number of the call; `None` for the answer tool, whose arguments are text.
    Call {
        number: Option<u32>,
        has_arguments: bool,
    },
    Image {
        media_type: String,
        bytes: Vec<u8>,
    },
    /// The provider's own tool: not shown.
    Hidden,
}

impl Decoder {
    pub fn new(reading: Reading) -> Self {
        Self {
            answer_tool: reading.answer_tool,
            reasoning_format: reading.reasoning_format.unwrap_or(REASONING_FORMAT),
            open: Vec::new(),
            has_begun: false,
            calls: 0,
            stop_reason: None,
            stop_sequence: None,
        }
    }

    /// `metadata` is the end, if a stop reason came before.
    pub fn read(&mut self, frame: sse::Frame<'_>, out: &mut VecDeque<Event>) -> Result<ControlFlow<()>, UpstreamError> {
        let wire: Wire<'_> = match serde_json::from_slice(frame.data) {
            Ok(wire) => wire,
            Err(_) => return Err(not_the_protocol()),
        };
        match frame.event {
            b"messageStart" => self.begin(None, out),
            b"contentBlockStart" => {
                self.begin(None, out);
                if let Some(start) = wire.start {
                    self.open_block(wire.content_block_index, start, out);
                }
            }
            b"contentBlockDelta" => {
                self.begin(None, out);
                if let Some(delta) = wire.delta {
                    self.delta(wire.content_block_index, delta, out)?;
                }
            }
            b"contentBlockStop" => self.close_block(wire.content_block_index, out),
            b"messageStop" => self.stop(wire.stop_reason, wire.additional_model_response_fields.as_ref()),
            b"metadata" => {
                self.finish(wire.usage, out)?;
                return Ok(ControlFlow::Break(()));
            }
            b"" => {
                self.whole(wire, frame.data, out)?;
                return Ok(ControlFlow::Break(()));
            }
            // What may be added.
            _ => {}
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The body is over without `metadata`: after `messageStop` the answer is whole, only uncounted.
    pub fn end(&mut self, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        self.finish(None, out)
    }

    fn begin(&mut self, service_tier: Option<String>, out: &mut VecDeque<Event>) {
        if !std::mem::replace(&mut self.has_begun, true) {
            out.push_back(Event::Start {
                upstream_id: None,
                upstream_model: None,
                system_fingerprint: None,
                service_tier,
            });
        }
    }

    fn whole(&mut self, wire: Wire<'_>, data: &[u8], out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        let Some(output) = wire.output else { return Err(failure::of_stream(data)) };
        self.begin(wire.service_tier.map(|tier| tier.r#type), out);
        for (index, block) in (0..).zip(output.message.content) {
            if let Some(call) = block.tool_use {
                let start = ToolUseStart { tool_use_id: call.tool_use_id, name: call.name, r#type: None };
                self.open_block(index, Start { tool_use: Some(start), image: None }, out);
                self.arguments(index, call.input.get().to_owned(), out);
                self.close_block(index, out);
            }
            push_text(block.text, out);
            if let Some(thought) = block.reasoning_content {
                self.thought(index, thought, out);
            }
        }
        self.stop(wire.stop_reason, wire.additional_model_response_fields.as_ref());
        self.finish(wire.usage, out)
    }

    fn open_block(&mut self, wire_index: u32, start: Start, out: &mut VecDeque<Event>) {
        let content = match start {
            Start { tool_use: Some(call), .. } if call.r#type.is_some() => Content::Hidden,
            Start { tool_use: Some(call), .. } if self.answer_tool && call.name == ANSWER_TOOL => {
                Content::Call { number: None, has_arguments: false }
            }
            Start { tool_use: Some(call), .. } => {
                let index = self.calls;
                self.calls += 1;
                out.push_back(Event::ToolCall { index, id: call.tool_use_id, name: call.name });
                Content::Call { number: Some(index), has_arguments: false }
            }
            Start { image: Some(image), .. } => {
                Content::Image { media_type: format!("image/{}", image.format), bytes: Vec::new() }
            }
            // Results of the provider's own tools, and what may be added.
            Start { .. } => Content::Hidden,
        };
        self.open.push(OpenBlock { wire_index, content });
    }

    fn delta(&mut self, wire_index: u32, delta: Delta, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        push_text(delta.text, out);
        if let Some(thought) = delta.reasoning_content {
            self.thought(wire_index, thought, out);
        }
        if let Some(call) = delta.tool_use {
            self.arguments(wire_index, call.input, out);
        }
        out.extend(delta.citation.as_ref().and_then(annotation).map(Event::Annotation));
        match delta.image.and_then(|image| image.source?.bytes) {
            Some(piece) => self.image(wire_index, &piece),
            None => Ok(()),
        }
    }

    fn block(&mut self, wire_index: u32) -> Option<&mut Content> {
        self.open.iter_mut().rev().find(|block| block.wire_index == wire_index).map(|block| &mut block.content)
    }

    fn arguments(&mut self, wire_index: u32, delta: String, out: &mut VecDeque<Event>) {
        let Some(Content::Call { number, has_arguments }) = self.block(wire_index) else { return };
        if delta.is_empty() {
            return;
        }
        *has_arguments = true;
        out.push_back(match *number {
            Some(index) => Event::ToolArguments { index, delta },
            None => Event::Text(delta),
        });
    }

    /// Pieces of a picture are encoded on their own.
    fn image(&mut self, wire_index: u32, piece: &str) -> Result<(), UpstreamError> {
        let Some(Content::Image { bytes, .. }) = self.block(wire_index) else { return Ok(()) };
        let piece = STANDARD.decode(piece).map_err(|_| not_the_protocol())?;
        if bytes.len() + piece.len() > sse::DEFAULT_LIMIT {
            return Err(sse::FrameTooLarge { limit: sse::DEFAULT_LIMIT }.into());
        }
        bytes.extend_from_slice(&piece);
        Ok(())
    }

    fn thought(&self, index: u32, thought: Thought, out: &mut VecDeque<Event>) {
        let (text, signature) = match thought.reasoning_text {
            Some(whole) => (Some(whole.text), whole.signature),
            None => (thought.text, thought.signature),
        };
        let mut push = |kind: Option<ReasoningKind>, format: &str| {
            let delta = |kind| ReasoningDelta { index, kind, id: None, format: Some(format.to_owned()) };
            out.extend(kind.map(delta).map(Event::Reasoning));
        };
        let full = |text: &String| !text.is_empty();
        push(text.filter(full).map(ReasoningKind::Text), self.reasoning_format);
        push(signature.filter(full).map(ReasoningKind::Signature), self.reasoning_format);
        push(thought.redacted_content.filter(full).map(ReasoningKind::Encrypted), REASONING_FORMAT);
    }

    fn close_block(&mut self, wire_index: u32, out: &mut VecDeque<Event>) {
        // A call without arguments still has an object of them: clients parse it.
        if let Some(Content::Call { has_arguments: false, .. }) = self.block(wire_index) {
            self.arguments(wire_index, "{}".to_owned(), out);
        }
        let Some(at) = self.open.iter().rposition(|block| block.wire_index == wire_index) else { return };
        if let Content::Image { media_type, bytes } = self.open.swap_remove(at).content
            && !bytes.is_empty()
        {
            out.push_back(Event::Image(Source::Data { media_type, data: STANDARD.encode(bytes) }));
        }
    }

    fn stop(&mut self, reason: Option<String>, more: Option<&Value>) {
        self.stop_reason = reason;
        self.stop_sequence = more.and_then(|more| more["stop_sequence"].as_str()).map(str::to_owned);
    }

    fn finish(&mut self, usage: Option<WireUsage>, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        let native = self.stop_reason.take().ok_or_else(cut_off)?;
        let reason = match native.as_str() {
            "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
            "content_filtered" | "guardrail_intervened" => FinishReason::ContentFilter,
            "malformed_model_output" | "malformed_tool_use" => FinishReason::Error,
            // The answer tool alone is no call that the client knows of.
            "tool_use" if self.calls > 0 || !self.answer_tool => FinishReason::ToolCalls,
            _ => FinishReason::Stop,
        };
        out.push_back(Event::Finish { reason, native, stop_sequence: self.stop_sequence.take() });
        out.extend(usage.and_then(|usage| usage.total()).map(Event::Usage));
        Ok(())
    }
}

fn push_text(text: Option<String>, out: &mut VecDeque<Event>) {
    out.extend(text.filter(|text| !text.is_empty()).map(Event::Text));
}

/// A citation of a web page in OpenAI's shape. Places in the client's own documents have no such shape.
fn annotation(citation: &Value) -> Option<Value> {
    let url = citation["location"]["web"]["url"].as_str()?;
    let words: String =
        citation["sourceContent"].as_array()?.iter().filter_map(|piece| piece["text"].as_str()).collect();
    Some(json!({
        "type": "url_citation",
        "url_citation": {"url": url, "title": citation["title"], "content": words},
    }))
}
