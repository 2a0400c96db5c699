//! A stream of `POST /v2/chat`, or its answer in one piece, as canonical events.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use canon::{ErrorKind, Event, FinishReason, ReasoningDelta, ReasoningKind, UpstreamError, sse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::TOOL_PLAN;
use super::usage::WireUsage;
use crate::dialect::{failure, not_the_protocol, start};

/// An event of the stream, or a whole answer: it has no `type`.
#[derive(Deserialize)]
struct Frame {
    #[serde(default)]
    r#type: Option<String>,
    #[serde(default)]
    id: Option<String>,
    /// Of the content block or the call.
    #[serde(default)]
    index: Option<u32>,
    #[serde(default)]
    delta: Option<Delta>,
    #[serde(default)]
    logprobs: Option<OneOrMany<LogprobItem>>,
    // Of a whole answer.
    #[serde(default)]
    message: Option<Value>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    usage: Option<WireUsage>,
}

#[derive(Default, Deserialize)]
struct Delta {
    #[serde(default)]
    message: Option<Message>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    usage: Option<WireUsage>,
    #[serde(default)]
    error: Option<String>,
}

/// A message in a delta has one of each, a whole one has lists.
#[derive(Default, Deserialize)]
struct Message {
    #[serde(default)]
    content: Option<OneOrMany<Content>>,
    #[serde(default)]
    tool_plan: Option<String>,
    #[serde(default)]
    tool_calls: Option<OneOrMany<Call>>,
    #[serde(default)]
    citations: Option<OneOrMany<Citation>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn into_list(self) -> Vec<T> {
        match self {
            Self::Many(many) => many,
            Self::One(one) => vec![one],
        }
    }
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    thinking: Option<String>,
}

#[derive(Deserialize)]
struct Call {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: Option<Function>,
}

#[derive(Default, Deserialize)]
struct Function {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<String>,
}

#[derive(Deserialize)]
struct Citation {
    #[serde(default)]
    start: Option<u64>,
    #[serde(default)]
    end: Option<u64>,
    #[serde(default)]
    sources: Vec<Value>,
}

/// The tokens of one chunk of text.
#[derive(Deserialize)]
struct LogprobItem {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    logprobs: Vec<f64>,
}

#[derive(Debug, Default)]
pub struct Decoder {
    has_started: bool,
    /// Blocks of reasoning, in the order they began: the content's index on the wire, or the tool plan.
    blocks: Vec<Option<u32>>,
    /// Indexes of calls on the wire, in the order they began.
    calls: Vec<u32>,
}

impl Decoder {
    /// `message-end` is the end.
    pub fn read(&mut self, frame: sse::Frame<'_>, out: &mut VecDeque<Event>) -> Result<ControlFlow<()>, UpstreamError> {
        let data = frame.data.trim_ascii();
        if data.is_empty() || data == b"[DONE]" {
            return Ok(ControlFlow::Continue(()));
        }
        let wire: Frame = serde_json::from_slice(data).map_err(|_| not_the_protocol())?;
        let delta = wire.delta.unwrap_or_default();
        let message = delta.message.unwrap_or_default();
        match wire.r#type.as_deref() {
            None => return self.whole(wire.id, wire.message, wire.finish_reason, wire.usage, wire.logprobs, data, out),
            Some("message-start") => self.start(wire.id, out),
            Some("content-start" | "content-delta") => {
                self.content(wire.index.unwrap_or_default(), message, out);
                out.extend(wire.logprobs.map(logprobs));
            }
            Some("tool-plan-delta") => self.plan(message.tool_plan, out),
            Some("tool-call-start" | "tool-call-delta") => {
                for call in message.tool_calls.into_iter().flat_map(OneOrMany::into_list) {
                    self.call(wire.index.unwrap_or_default(), call, out);
                }
            }
            Some("citation-start") => cite(message, out),
            Some("message-end") => {
                finish(delta.finish_reason, delta.error, delta.usage, out)?;
                return Ok(ControlFlow::Break(()));
            }
            Some("error") => return Err(failure::of_stream(data)),
            // Ends of blocks say nothing that their successors do not; unknown events are for others.
            Some(_) => {}
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The answer of a host that does not stream.
    #[expect(clippy::too_many_arguments, reason = "the fields of one object")]
    fn whole(
        &mut self,
        id: Option<String>,
        message: Option<Value>,
        finish_reason: Option<String>,
        usage: Option<WireUsage>,
        logprob_items: Option<OneOrMany<LogprobItem>>,
        data: &[u8],
        out: &mut VecDeque<Event>,
    ) -> Result<ControlFlow<()>, UpstreamError> {
        // The message of an error is text.
        let message = message.filter(Value::is_object).ok_or_else(|| failure::of_stream(data))?;
        let mut message: Message = serde_json::from_value(message).map_err(|_| not_the_protocol())?;
        self.start(id, out);
        self.plan(message.tool_plan.take(), out);
        let content = message.content.take().map(OneOrMany::into_list).unwrap_or_default();
        for (index, block) in (0..).zip(content) {
            let content = Some(OneOrMany::One(block));
            self.content(index, Message { content, ..Message::default() }, out);
        }
        out.extend(logprob_items.map(logprobs));
        let calls = message.tool_calls.take().map(OneOrMany::into_list).unwrap_or_default();
        for (index, call) in (0..).zip(calls) {
            self.call(index, call, out);
        }
        cite(message, out);
        finish(finish_reason, None, usage, out)?;
        Ok(ControlFlow::Break(()))
    }

    fn start(&mut self, upstream_id: Option<String>, out: &mut VecDeque<Event>) {
        if !std::mem::replace(&mut self.has_started, true) {
            out.push_back(start(upstream_id, None));
        }
    }

    fn content(&mut self, index: u32, message: Message, out: &mut VecDeque<Event>) {
        for Content { text, thinking } in message.content.into_iter().flat_map(OneOrMany::into_list) {
            if let Some(thought) = thinking.filter(|text| !text.is_empty()) {
                self.reason(Some(index), thought, out);
            }
            out.extend(text.filter(|text| !text.is_empty()).map(Event::Text));
        }
    }

    fn plan(&mut self, plan: Option<String>, out: &mut VecDeque<Event>) {
        if let Some(plan) = plan.filter(|plan| !plan.is_empty()) {
            self.reason(None, plan, out);
        }
    }

    /// `block` is the content's index, or `None` for the tool plan.
    fn reason(&mut self, block: Option<u32>, text: String, out: &mut VecDeque<Event>) {
        let at = self.blocks.iter().position(|known| *known == block).unwrap_or_else(|| {
            self.blocks.push(block);
            self.blocks.len() - 1
        });
        out.push_back(Event::Reasoning(ReasoningDelta {
            index: u32::try_from(at).unwrap_or(u32::MAX),
            kind: ReasoningKind::Text(text),
            id: block.is_none().then(|| TOOL_PLAN.to_owned()),
            format: None,
        }));
    }

    fn call(&mut self, wire_index: u32, call: Call, out: &mut VecDeque<Event>) {
        let Function { name, arguments } = call.function.unwrap_or_default();
        let known = self.calls.iter().position(|known| *known == wire_index);
        let at = known.unwrap_or_else(|| {
            self.calls.push(wire_index);
            self.calls.len() - 1
        });
        let index = u32::try_from(at).unwrap_or(u32::MAX);
        if known.is_none() {
            let (id, name) = (call.id.unwrap_or_default(), name.unwrap_or_default());
            out.push_back(Event::ToolCall { index, id, name });
        }
        out.extend(arguments.filter(|text| !text.is_empty()).map(|delta| Event::ToolArguments { index, delta }));
    }
}

fn finish(
    word: Option<String>,
    error: Option<String>,
    usage: Option<WireUsage>,
    out: &mut VecDeque<Event>,
) -> Result<(), UpstreamError> {
    let word = word.unwrap_or_default();
    let failed = |kind, words: &str| UpstreamError { code: Some(word.clone()), ..UpstreamError::new(kind, words) };
    let reason = match (word.as_str(), error) {
        (_, Some(words)) => return Err(failed(ErrorKind::Server, &words)),
        ("ERROR" | "", None) => return Err(failed(ErrorKind::Server, "The provider gave up midway.")),
        ("TIMEOUT", None) => return Err(failed(ErrorKind::Timeout, "The provider took too long and gave up midway.")),
        ("MAX_TOKENS", None) => FinishReason::Length,
        ("TOOL_CALL", None) => FinishReason::ToolCalls,
        ("ERROR_TOXIC", None) => FinishReason::ContentFilter,
        _ => FinishReason::Stop,
    };
    out.push_back(Event::Finish { reason, native: word, stop_sequence: None });
    out.extend(usage.and_then(WireUsage::read).map(Event::Usage));
    Ok(())
}

/// Citations of documents that have an address, in OpenAI's words; others cite what the client itself sent.
fn cite(message: Message, out: &mut VecDeque<Event>) {
    for citation in message.citations.into_iter().flat_map(OneOrMany::into_list) {
        for source in &citation.sources {
            let document = &source["document"];
            if let Some(url) = document["url"].as_str() {
                let title = document["title"].as_str().unwrap_or(url);
                let (start_index, end_index) = (citation.start, citation.end);
                out.push_back(Event::Annotation(json!({
                    "type": "url_citation",
                    "url_citation": {"url": url, "title": title, "start_index": start_index, "end_index": end_index},
                })));
            }
        }
    }
}

/// In OpenAI's shape. A chunk of several tokens is told as one whose probability is that of them all.
fn logprobs(items: OneOrMany<LogprobItem>) -> Event {
    let items = items.into_list();
    let content: Vec<Value> = items
        .into_iter()
        .map(|item| {
            let text = item.text.unwrap_or_default();
            let sum: f64 = item.logprobs.iter().sum();
            json!({"token": text, "logprob": sum, "bytes": text.as_bytes(), "top_logprobs": []})
        })
        .collect();
    Event::Logprobs(json!({"content": content, "refusal": null}))
}
