//! A stream of response events (`response.created` … `response.completed`) as canonical events.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

use canon::{AudioDelta, Event, FinishReason, ReasoningDelta, ReasoningKind, Source, UpstreamError, sse};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::item::{self, Content, Item, Response};
use super::{REASONING_FORMAT, usage};
use crate::dialect::{Reading, cut_off, failure, not_the_protocol};

/// All events in one: a field that an event does not have is not there. Fields that differ between events are kept raw.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default, borrow)]
    r#type: Cow<'a, str>,
    /// `response`, where the host does not stream.
    #[serde(default, borrow)]
    object: Option<&'a RawValue>,
    #[serde(default)]
    output_index: u32,
    #[serde(default)]
    content_index: u32,
    #[serde(default)]
    summary_index: u32,
    #[serde(default)]
    item_id: Option<String>,
    #[serde(default, borrow)]
    delta: Option<&'a RawValue>,
    #[serde(default, borrow)]
    text: Option<&'a RawValue>,
    #[serde(default, borrow)]
    refusal: Option<&'a RawValue>,
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(default)]
    logprobs: Option<Vec<Value>>,
    #[serde(default)]
    annotation: Option<Value>,
    #[serde(default, borrow)]
    item: Option<&'a RawValue>,
    #[serde(default, borrow)]
    response: Option<&'a RawValue>,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
}

/// A piece of an output item that is told in deltas, in full when it is done, and in the finished item once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Piece {
    Text(u32),
    Refusal(u32),
    Thought(u32),
    Summary(u32),
    Annotations,
    /// The whole item.
    Done,
}

#[derive(Debug, Default)]
pub struct Decoder {
    has_started: bool,
    tier: Option<String>,
    /// Pieces that were told, by the index of their item → the number of the block, for those of reasoning.
    told: HashMap<(u32, Piece), u32>,
    /// Blocks of reasoning so far.
    blocks: u32,
    /// Calls by the index of their item.
    calls: HashMap<u32, Call>,
}

#[derive(Debug)]
struct Call {
    index: u32,
    has_arguments: bool,
}

impl Decoder {
    pub fn new(_: Reading) -> Self {
        Self::default()
    }

    /// `response.completed` and `response.incomplete` are the end.
    pub fn read(&mut self, frame: sse::Frame<'_>, out: &mut VecDeque<Event>) -> Result<ControlFlow<()>, UpstreamError> {
        let data = frame.data.trim_ascii();
        if data.is_empty() || data == b"[DONE]" {
            return Ok(ControlFlow::Continue(()));
        }
        let wire: Wire<'_> = match serde_json::from_slice(data) {
            Ok(wire) => wire,
            Err(_) if frame.event == b"error" => return Err(failure::of_stream(data)),
            Err(_) => return Err(not_the_protocol()),
        };
        if wire.object.is_some_and(|object| object.get() == "\"response\"") {
            let response: Response<'_> = serde_json::from_slice(data).map_err(|_| not_the_protocol())?;
            self.start(&response, out);
            self.end_with(&response, out)?;
            return Ok(ControlFlow::Break(()));
        }
        // Proxies in between tell errors in shapes of their own.
        if wire.r#type == "error" || frame.event == b"error" || wire.error.is_some() {
            return Err(failure::of_stream(data));
        }
        self.event(wire, out)
    }

    /// The body is over without the response's end.
    pub fn end(&mut self) -> Result<(), UpstreamError> {
        Err(cut_off())
    }

    fn event(&mut self, wire: Wire<'_>, out: &mut VecDeque<Event>) -> Result<ControlFlow<()>, UpstreamError> {
        let at = wire.output_index;
        let delta = || item::string(wire.delta).unwrap_or_default();
        match wire.r#type.as_ref() {
            "response.output_text.delta" => {
                self.text(at, Piece::Text(wire.content_index), delta(), out);
                push_logprobs(wire.logprobs, out);
            }
            "response.output_text.done" => {
                let text = item::string(wire.text).unwrap_or_default();
                self.rest_of_text(at, wire.content_index, text, wire.logprobs, out);
            }
            "response.refusal.delta" => self.text(at, Piece::Refusal(wire.content_index), delta(), out),
            "response.refusal.done" => {
                self.rest(at, Piece::Refusal(wire.content_index), item::string(wire.refusal), out);
            }
            "response.reasoning_summary_text.delta" => {
                self.think(at, Piece::Summary(wire.summary_index), delta(), wire.item_id, out);
            }
            "response.reasoning_text.delta" => {
                self.think(at, Piece::Thought(wire.content_index), delta(), wire.item_id, out);
            }
            "response.function_call_arguments.delta" => self.arguments(at, delta(), out),
            "response.function_call_arguments.done" => self.rest_of_arguments(at, wire.arguments, out),
            "response.output_text.annotation.added" => {
                self.told.insert((at, Piece::Annotations), 0);
                out.extend(wire.annotation.and_then(annotation).map(Event::Annotation));
            }
            "response.output_item.added" => {
                let item: Option<Item<'_>> = wire.item.and_then(|raw| serde_json::from_str(raw.get()).ok());
                if let Some(item) = item.filter(|item| item.r#type == "function_call") {
                    self.call(at, item.call_id.or(item.id), item.name, out);
                }
            }
            "response.output_item.done" => self.item(at, wire.item, out),
            "response.audio.delta" => {
                out.push_back(Event::Audio(AudioDelta { data: Some(delta()), ..AudioDelta::default() }));
            }
            "response.audio.transcript.delta" => {
                out.push_back(Event::Audio(AudioDelta { transcript: Some(delta()), ..AudioDelta::default() }));
            }
            _ => return self.milestone(&wire, out),
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Events about the response as a whole; others, and those that may be added, tell nothing that is not told elsewhere.
    fn milestone(&mut self, wire: &Wire<'_>, out: &mut VecDeque<Event>) -> Result<ControlFlow<()>, UpstreamError> {
        let response = || wire.response.and_then(|raw| serde_json::from_str::<Response<'_>>(raw.get()).ok());
        match wire.r#type.as_ref() {
            "response.created" | "response.in_progress" | "response.queued" => {
                if let (false, Some(response)) = (self.has_started, response()) {
                    self.start(&response, out);
                }
                Ok(ControlFlow::Continue(()))
            }
            "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled" => {
                let mut response = response().ok_or_else(not_the_protocol)?;
                response.status.get_or_insert_with(|| wire.r#type.trim_start_matches("response.").to_owned());
                self.start(&response, out);
                self.end_with(&response, out)?;
                Ok(ControlFlow::Break(()))
            }
            _ => Ok(ControlFlow::Continue(())),
        }
    }

    /// Tells that the answer begins, and again if the tier that serves it is only known later.
    fn start(&mut self, response: &Response<'_>, out: &mut VecDeque<Event>) {
        // `auto` is what was asked for, not what serves.
        let tier = response.service_tier.clone().filter(|tier| tier != "auto");
        let is_news = tier.is_some() && tier != self.tier;
        if std::mem::replace(&mut self.has_started, true) && !is_news {
            return;
        }
        self.tier.clone_from(&tier);
        out.push_back(Event::Start {
            upstream_id: response.id.clone(),
            upstream_model: response.model.clone(),
            system_fingerprint: None,
            service_tier: tier,
        });
    }

    fn end_with(&mut self, response: &Response<'_>, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        // Hosts that do not stream, or stream no items, give them here.
        if self.told.is_empty() && self.calls.is_empty() {
            for (at, raw) in (0..).zip(response.output.iter().flatten()) {
                self.item(at, Some(*raw), out);
            }
        }
        let mut usage = response.usage.and_then(|raw| usage::read(raw.get()));
        if let (Some(usage), Some(searches)) =
            (&mut usage, response.tool_usage.and_then(|raw| usage::searches(raw.get())))
        {
            usage.web_searches = searches;
        }
        let has_calls = !self.calls.is_empty();
        let reason = response.incomplete_details.as_ref().and_then(|details| details.reason.clone());
        let finish = match (response.status.as_deref(), reason) {
            _ if response.error.is_some() => None,
            (Some("completed"), _) if has_calls => Some((FinishReason::ToolCalls, "completed".to_owned())),
            (Some("completed"), _) => Some((FinishReason::Stop, "completed".to_owned())),
            (Some("incomplete"), Some(reason)) if reason == "content_filter" => {
                Some((FinishReason::ContentFilter, reason))
            }
            (Some("incomplete"), reason) => {
                Some((FinishReason::Length, reason.unwrap_or_else(|| "incomplete".to_owned())))
            }
            _ => None,
        };
        if let Some((reason, native)) = finish {
            out.push_back(Event::Finish { reason, native, stop_sequence: None });
        }
        out.extend(usage.map(Event::Usage));
        match response.error {
            Some(error) => Err(failure::of_stream(error.get().as_bytes())),
            None if matches!(response.status.as_deref(), Some("completed" | "incomplete")) => Ok(()),
            None => Err(cut_off()),
        }
    }

    /// What a finished item holds that was not told before.
    fn item(&mut self, at: u32, raw: Option<&RawValue>, out: &mut VecDeque<Event>) {
        let Some(item) = raw.and_then(|raw| serde_json::from_str::<Item<'_>>(raw.get()).ok()) else { return };
        if self.told.insert((at, Piece::Done), 0).is_some() {
            return;
        }
        match item.r#type.as_ref() {
            "message" => {
                for (index, part) in (0..).zip(item::parts(item.content)) {
                    match part {
                        Content::OutputText { text, annotations, logprobs } => {
                            self.rest_of_text(at, index, text, logprobs, out);
                            if !self.told.contains_key(&(at, Piece::Annotations)) {
                                let annotations = annotations.into_iter().flatten().filter_map(annotation);
                                out.extend(annotations.map(Event::Annotation));
                            }
                        }
                        Content::Refusal { refusal } => self.rest(at, Piece::Refusal(index), Some(refusal), out),
                        _ => {}
                    }
                }
            }
            "reasoning" => self.reasoning(at, item, out),
            "function_call" => {
                let arguments = item.arguments;
                self.call(at, item.call_id.or(item.id), item.name, out);
                self.rest_of_arguments(at, arguments, out);
                // A call without arguments still has an object of them: clients parse it.
                if self.calls.get(&at).is_some_and(|call| !call.has_arguments) {
                    self.arguments(at, "{}".to_owned(), out);
                }
            }
            "image_generation_call" => {
                if let Some(data) = item::string(item.result).filter(|data| !data.is_empty()) {
                    let format = item.output_format.as_deref().unwrap_or("png");
                    let media_type =
                        if format == "svg" { "image/svg+xml".to_owned() } else { format!("image/{format}") };
                    out.push_back(Event::Image(Source::Data { media_type, data }));
                }
            }
            // The provider's own tools: their results come as text.
            _ => {}
        }
    }

    fn reasoning(&mut self, at: u32, item: Item<'_>, out: &mut VecDeque<Event>) {
        let parts = (0..).zip(item::parts(item.summary)).chain((0..).zip(item::parts(item.content)));
        for (index, part) in parts {
            let (piece, text) = match part {
                Content::SummaryText { text } => (Piece::Summary(index), text),
                Content::ReasoningText { text } => (Piece::Thought(index), text),
                _ => continue,
            };
            if !self.told.contains_key(&(at, piece)) {
                self.think(at, piece, text, item.id.clone(), out);
            }
        }
        if let Some(data) = item.encrypted_content.filter(|data| !data.is_empty()) {
            push_thought(self.blocks, ReasoningKind::Encrypted(data), item.id, out);
            self.blocks += 1;
        }
    }

    fn think(&mut self, at: u32, piece: Piece, text: String, id: Option<String>, out: &mut VecDeque<Event>) {
        if text.is_empty() {
            return;
        }
        let block = *self.told.entry((at, piece)).or_insert_with(|| {
            self.blocks += 1;
            self.blocks - 1
        });
        let kind =
            if matches!(piece, Piece::Summary(_)) { ReasoningKind::Summary(text) } else { ReasoningKind::Text(text) };
        push_thought(block, kind, id, out);
    }

    fn text(&mut self, at: u32, piece: Piece, text: String, out: &mut VecDeque<Event>) {
        if text.is_empty() {
            return;
        }
        self.told.insert((at, piece), 0);
        out.push_back(if matches!(piece, Piece::Refusal(_)) { Event::Refusal(text) } else { Event::Text(text) });
    }

    /// A text in full, unless pieces of it came before.
    fn rest(&mut self, at: u32, piece: Piece, text: Option<String>, out: &mut VecDeque<Event>) {
        if let (Some(text), false) = (text, self.told.contains_key(&(at, piece))) {
            self.text(at, piece, text, out);
        }
    }

    fn rest_of_text(
        &mut self,
        at: u32,
        index: u32,
        text: String,
        logprobs: Option<Vec<Value>>,
        out: &mut VecDeque<Event>,
    ) {
        let piece = Piece::Text(index);
        if !self.told.contains_key(&(at, piece)) {
            self.text(at, piece, text, out);
            push_logprobs(logprobs, out);
        }
    }

    fn call(&mut self, at: u32, id: Option<String>, name: Option<String>, out: &mut VecDeque<Event>) {
        let index = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        self.calls.entry(at).or_insert_with(|| {
            let (id, name) = (id.unwrap_or_else(|| format!("call_{index}")), name.unwrap_or_default());
            out.push_back(Event::ToolCall { index, id, name });
            Call { index, has_arguments: false }
        });
    }

    fn arguments(&mut self, at: u32, delta: String, out: &mut VecDeque<Event>) {
        if let (Some(call), false) = (self.calls.get_mut(&at), delta.is_empty()) {
            call.has_arguments = true;
            out.push_back(Event::ToolArguments { index: call.index, delta });
        }
    }

    fn rest_of_arguments(&mut self, at: u32, arguments: Option<&RawValue>, out: &mut VecDeque<Event>) {
        if self.calls.get(&at).is_some_and(|call| !call.has_arguments) {
            self.arguments(at, item::string(arguments).unwrap_or_default(), out);
        }
    }
}

fn push_thought(index: u32, kind: ReasoningKind, id: Option<String>, out: &mut VecDeque<Event>) {
    out.push_back(Event::Reasoning(ReasoningDelta { index, kind, id, format: Some(REASONING_FORMAT.to_owned()) }));
}

/// The list of tokens as Chat Completions has it around them.
fn push_logprobs(logprobs: Option<Vec<Value>>, out: &mut VecDeque<Event>) {
    if let Some(content) = logprobs.filter(|tokens| !tokens.is_empty()) {
        out.push_back(Event::Logprobs(json!({"content": content, "refusal": null})));
    }
}

/// An annotation in Chat Completions' shape: `{type, url, …}` as `{type, url_citation: {url, …}}`.
fn annotation(annotation: Value) -> Option<Value> {
    let Value::Object(mut fields) = annotation else { return None };
    let Some(Value::String(kind)) = fields.shift_remove("type") else { return None };
    let mut nested = Map::new();
    nested.insert("type".to_owned(), Value::String(kind.clone()));
    nested.insert(kind, Value::Object(fields));
    Some(Value::Object(nested))
}
