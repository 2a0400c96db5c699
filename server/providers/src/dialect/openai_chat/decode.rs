//! A stream of `chat.completion.chunk` objects as canonical events.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use canon::{
    AudioDelta, ErrorKind, Event, FinishReason, ReasoningDelta, ReasoningDetail, ReasoningDetailKind, ReasoningKind,
    Source, UpstreamError, sse,
};
use domain::Usage;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::calls::Calls;
use super::chunk::{Audio, Choice, Chunk, Delta};
use super::think::Think;
use super::usage;
use crate::dialect::{Reading, cut_off, failure, not_the_protocol};
use crate::quirks::UsageQuirks;

/// Finish and usage are kept until the stream's end: hosts send either twice, in either order.
#[derive(Debug, Default)]
pub struct Decoder {
    has_started: bool,
    answer_id: Option<String>,
    /// How many were asked for, if more than one.
    asked: Option<u32>,
    usage_quirks: UsageQuirks,
    think_tags: bool,
    /// By their numbers.
    choices: Vec<ChoiceState>,
    /// The choice whose events were told last.
    current: usize,
    usage: Option<Usage>,
}

#[derive(Debug, Default)]
struct ChoiceState {
    calls: Calls,
    think: Think,
    finish: Option<Finish>,
}

/// More choices than any host gives.
const MOST_CHOICES: u32 = 128;

#[derive(Debug)]
struct Finish {
    /// `finish_reason`.
    word: String,
    native: Option<String>,
}

impl Decoder {
    pub fn new(reading: Reading) -> Self {
        Self { asked: reading.choices, usage_quirks: reading.usage, think_tags: reading.think_tags, ..Self::default() }
    }

    /// `[DONE]` is the end, if a choice has finished before.
    pub fn read(&mut self, frame: sse::Frame<'_>, out: &mut VecDeque<Event>) -> Result<ControlFlow<()>, UpstreamError> {
        let data = frame.data.trim_ascii();
        if data.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        if data == b"[DONE]" {
            self.end(out)?;
            return Ok(ControlFlow::Break(()));
        }
        let chunk: Chunk<'_> = match serde_json::from_slice(data) {
            Ok(chunk) => chunk,
            Err(_) if frame.event == b"error" => return Err(failure::of_stream(data)),
            Err(_) => return Err(not_the_protocol()),
        };
        let is_error = frame.event == b"error" || chunk.object.is_some_and(|object| object.get() == "\"error\"");
        let is_refused = chunk.base_resp.as_ref().is_some_and(|verdict| verdict.status_code != 0);
        if is_error || is_refused || chunk.error.is_some() {
            return Err(failure::of_stream(data));
        }
        self.start(&chunk, out);
        for choice in chunk.choices.into_iter().flatten() {
            self.choice(choice, out)?;
        }
        self.note_usage(chunk.x_groq.and_then(|own| own.usage));
        self.note_usage(chunk.usage);
        Ok(ControlFlow::Continue(()))
    }

    /// A running total, at hosts that send one with each piece.
    pub fn usage_so_far(&self) -> Option<Usage> {
        self.usage
    }

    /// The body is over, or `[DONE]` came.
    pub fn end(&mut self, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        if self.choices.is_empty() || self.choices.iter().any(|choice| choice.finish.is_none()) {
            return Err(cut_off());
        }
        for at in 0..self.choices.len() {
            self.turn_to(at, out);
            let Some(ChoiceState { calls, think, finish }) = self.choices.get_mut(at) else { continue };
            think.end(out);
            calls.flush(out);
            if let Some(Finish { word, native }) = finish.take() {
                let reason = reason_of(&word, !calls.is_empty());
                out.push_back(Event::Finish { reason, native: native.unwrap_or(word), stop_sequence: None });
            }
        }
        out.extend(self.usage.take().map(Event::Usage));
        Ok(())
    }

    fn start(&mut self, chunk: &Chunk<'_>, out: &mut VecDeque<Event>) {
        // Azure's verdict on the prompt comes before the answer, which has no id yet.
        let [id, model] = [chunk.id, chunk.model].map(|raw| raw.and_then(string).filter(|text| !text.is_empty()));
        let is_before = id.is_none() && model.is_none() && chunk.choices.as_ref().is_none_or(Vec::is_empty);
        if is_before || std::mem::replace(&mut self.has_started, true) {
            return;
        }
        self.answer_id = id;
        out.push_back(Event::Start {
            upstream_id: self.answer_id.clone(),
            upstream_model: model,
            system_fingerprint: chunk.system_fingerprint.and_then(string),
            service_tier: chunk.service_tier.and_then(string),
        });
    }

    /// Says that what follows belongs to choice number `at`.
    fn turn_to(&mut self, at: usize, out: &mut VecDeque<Event>) {
        if let (true, Ok(number)) = (self.current != at, u32::try_from(at)) {
            self.current = at;
            out.push_back(Event::Choice(number));
        }
    }

    fn choice(&mut self, choice: Choice<'_>, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        let number = choice.index.unwrap_or_default();
        if number >= self.asked.unwrap_or(1).clamp(1, MOST_CHOICES) {
            return Ok(());
        }
        let at = number as usize;
        if self.choices.len() <= at {
            self.choices.resize_with(at + 1, ChoiceState::default);
        }
        self.turn_to(at, out);
        if let Some(delta) = choice.delta.or(choice.message) {
            self.delta(delta, out);
        }
        if let Some(logprobs) = choice.logprobs {
            out.push_back(Event::Logprobs(logprobs));
        }
        self.note_usage(choice.usage);
        if let Some(error) = choice.error {
            return Err(failure::of_stream(error.get().as_bytes()));
        }
        let Some(word) = choice.finish_reason.and_then(string).filter(|reason| !reason.is_empty()) else {
            return Ok(());
        };
        if is_failure(&word) {
            let error = UpstreamError::new(ErrorKind::ProviderOverloaded, "The provider gave up midway.");
            return Err(UpstreamError { code: Some(word), ..error });
        }
        let native = choice.native_finish_reason.and_then(string);
        if let Some(choice) = self.choices.get_mut(at) {
            choice.finish.get_or_insert(Finish { word, native });
        }
        Ok(())
    }

    fn delta(&mut self, delta: Delta<'_>, out: &mut VecDeque<Event>) {
        match delta.reasoning_details {
            Some(details) if !details.is_empty() => {
                details
                    .into_iter()
                    .filter_map(|value| serde_json::from_value(value).ok())
                    .for_each(|detail| push_detail(detail, out));
            }
            // Some hosts send the same text in both fields.
            _ => {
                let plain = delta.reasoning.and_then(string);
                if let Some(text) = delta.reasoning_content.filter(|text| !text.is_empty()).or(plain) {
                    push_thought(text, out);
                }
            }
        }
        if let Some(content) = delta.content {
            let think = self.choices.get_mut(self.current).map(|choice| &mut choice.think).filter(|_| self.think_tags);
            push_content(content, think, out);
        }
        if let Some(refusal) = delta.refusal.filter(|text| !text.is_empty()) {
            out.push_back(Event::Refusal(refusal));
        }
        for call in delta.tool_calls.into_iter().flatten() {
            if let Some(choice) = self.choices.get_mut(self.current) {
                choice.calls.take(call, self.answer_id.as_deref(), out);
            }
        }
        out.extend(delta.images.into_iter().flatten().map(|image| Event::Image(source_of(image.image_url.url))));
        if let Some(Audio { id, data, transcript, expires_at }) = delta.audio {
            out.push_back(Event::Audio(AudioDelta { id, data, transcript, expires_at }));
        }
        out.extend(delta.annotations.into_iter().flatten().map(Event::Annotation));
    }

    /// The last one counts: some hosts send running totals.
    fn note_usage(&mut self, usage: Option<&RawValue>) {
        if let Some(usage) = usage.and_then(|raw| usage::read(raw.get(), self.usage_quirks)) {
            self.usage = Some(usage);
        }
    }
}

/// What a `data:` URL holds, or the address.
fn source_of(url: String) -> Source {
    let data = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    match data {
        Some((media_type, data)) => Source::Data { media_type: media_type.to_owned(), data: data.to_owned() },
        None => Source::Url(url),
    }
}

/// The text of a value that should be a string.
fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// A part of a message's content, at hosts that stream lists of them.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ContentPart {
    Text {
        text: String,
    },
    Thinking {
        thinking: Vec<ContentPart>,
    },
    #[serde(other)]
    Other,
}

/// `think` looks for thoughts in the text, at hosts that send them there.
fn push_content(content: &RawValue, think: Option<&mut Think>, out: &mut VecDeque<Event>) {
    if let Some(text) = string(content) {
        match think {
            _ if text.is_empty() => {}
            Some(think) => think.take(&text, out),
            None => out.push_back(Event::Text(text)),
        }
        return;
    }
    let parts: Vec<ContentPart> = serde_json::from_str(content.get()).unwrap_or_default();
    for part in parts {
        match part {
            ContentPart::Text { text } if !text.is_empty() => out.push_back(Event::Text(text)),
            ContentPart::Thinking { thinking } => {
                for thought in thinking {
                    if let ContentPart::Text { text } = thought {
                        push_thought(text, out);
                    }
                }
            }
            ContentPart::Text { .. } | ContentPart::Other => {}
        }
    }
}

fn push_thought(text: String, out: &mut VecDeque<Event>) {
    if !text.is_empty() {
        out.push_back(Event::Reasoning(ReasoningDelta {
            index: 0,
            kind: ReasoningKind::Text(text),
            id: None,
            format: None,
        }));
    }
}

/// A block of `reasoning_details`, from a host that has our vocabulary.
fn push_detail(detail: ReasoningDetail, out: &mut VecDeque<Event>) {
    let ReasoningDetail { kind, id, format, index } = detail;
    let mut push = |kind| {
        let delta = ReasoningDelta { index: index.unwrap_or_default(), kind, id: id.clone(), format: format.clone() };
        out.push_back(Event::Reasoning(delta));
    };
    match kind {
        ReasoningDetailKind::Text { text, signature } => {
            text.into_iter().for_each(|text| push(ReasoningKind::Text(text)));
            signature.into_iter().for_each(|signature| push(ReasoningKind::Signature(signature)));
        }
        ReasoningDetailKind::Summary { summary } => push(ReasoningKind::Summary(summary)),
        ReasoningDetailKind::Encrypted { data } => push(ReasoningKind::Encrypted(data)),
    }
}

/// Words for a finish that is none: the answer was given up.
fn is_failure(word: &str) -> bool {
    matches!(word, "error" | "insufficient_system_resource" | "abort")
}

/// Hosts say `stop` after tool calls too; clients wait for `tool_calls` to run them.
fn reason_of(word: &str, has_calls: bool) -> FinishReason {
    match word {
        "length" | "max_tokens" | "model_length" | "max_output_tokens" | "MAX_TOKENS" => FinishReason::Length,
        "content_filter" | "safety" | "SAFETY" | "sensitive" | "refusal" => FinishReason::ContentFilter,
        _ if has_calls => FinishReason::ToolCalls,
        "tool_calls" | "function_call" | "tool_use" => FinishReason::ToolCalls,
        _ => FinishReason::Stop,
    }
}
