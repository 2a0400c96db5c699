//! A stream of `GenerateContentResponse` as canonical events.
//!
//! There is no last frame: the body's end is the end, if every candidate has told why it finished.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use canon::{AudioDelta, Event, FinishReason, ReasoningDelta, ReasoningKind, Source, UpstreamError, sse};
use domain::Usage;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::REASONING_FORMAT;
use super::grounding::{CitationMetadata, GroundingMetadata, Told};
use super::logprobs::LogprobsResult;
use super::signature::of_picture;
use super::usage::UsageMetadata;
use crate::dialect::shape::ANSWER_TOOL;
use crate::dialect::{Reading, cut_off, failure, not_the_protocol};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    #[serde(default, borrow)]
    candidates: Option<Vec<Candidate<'a>>>,
    #[serde(default)]
    prompt_feedback: Option<PromptFeedback>,
    #[serde(default)]
    usage_metadata: Option<UsageMetadata>,
    #[serde(default)]
    model_version: Option<String>,
    #[serde(default)]
    response_id: Option<String>,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptFeedback {
    #[serde(default)]
    block_reason: Option<String>,
    #[serde(default)]
    block_reason_message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(default)]
    index: u32,
    #[serde(default, borrow)]
    content: Option<Content<'a>>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    finish_message: Option<String>,
    #[serde(default)]
    logprobs_result: Option<LogprobsResult>,
    #[serde(default)]
    grounding_metadata: Option<GroundingMetadata>,
    #[serde(default)]
    citation_metadata: Option<CitationMetadata>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(default, borrow)]
    parts: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    thought: bool,
    #[serde(default)]
    thought_signature: Option<String>,
    #[serde(default, borrow)]
    function_call: Option<FunctionCall<'a>>,
    #[serde(default)]
    inline_data: Option<Blob>,
    #[serde(default)]
    file_data: Option<FileData>,
}

#[derive(Deserialize)]
struct FunctionCall<'a> {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default, borrow)]
    args: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blob {
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileData {
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    file_uri: String,
}

#[derive(Debug)]
pub struct Decoder {
    answer_tool: bool,
    /// How many candidates were asked for, if more than one.
    asked: Option<u32>,
    has_started: bool,
    answer_id: Option<String>,
    /// By their numbers.
    candidates: Vec<State>,
    /// The candidate whose events were told last.
    current: usize,
    usage: UsageMetadata,
    told: Told,
}

#[derive(Debug, Default)]
struct State {
    calls: u32,
    pictures: usize,
    /// The number of the next block of reasoning.
    block: u32,
    /// The last piece was a thought, whose block goes on.
    is_thinking: bool,
    finish: Option<String>,
    /// It is no candidate, but the refusal of the prompt.
    is_blocked: bool,
}

/// More candidates than Google gives.
const MOST_CANDIDATES: u32 = 128;

impl Decoder {
    pub fn new(reading: Reading) -> Self {
        Self {
            answer_tool: reading.answer_tool,
            asked: reading.choices,
            has_started: false,
            answer_id: None,
            candidates: Vec::new(),
            current: 0,
            usage: UsageMetadata::default(),
            told: Told::default(),
        }
    }

    pub fn read(&mut self, frame: sse::Frame<'_>, out: &mut VecDeque<Event>) -> Result<ControlFlow<()>, UpstreamError> {
        let data = frame.data.trim_ascii();
        if data.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        if data.first() == Some(&b'[') {
            // Not asked for as events, a stream is a list.
            let list: Vec<&RawValue> = serde_json::from_slice(data).map_err(|_| not_the_protocol())?;
            list.into_iter().try_for_each(|item| self.response(item.get().as_bytes(), out))?;
        } else {
            self.response(data, out)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The body is over.
    pub fn end(&mut self, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        if self.candidates.is_empty() || self.candidates.iter().any(|candidate| candidate.finish.is_none()) {
            return Err(cut_off());
        }
        for at in 0..self.candidates.len() {
            self.turn_to(at, out);
            let Some(State { calls, finish, is_blocked, .. }) = self.candidates.get_mut(at) else { continue };
            if let Some(native) = finish.take() {
                let reason = if *is_blocked { FinishReason::ContentFilter } else { reason_of(&native, *calls > 0) };
                out.push_back(Event::Finish { reason, native, stop_sequence: None });
            }
        }
        out.extend(self.usage_so_far().map(Event::Usage));
        Ok(())
    }

    /// Each chunk tells running totals.
    pub fn usage_so_far(&self) -> Option<Usage> {
        self.usage.total(self.told.searches)
    }

    fn response(&mut self, data: &[u8], out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
        let response: Response<'_> = serde_json::from_slice(data).map_err(|_| not_the_protocol())?;
        if response.error.is_some() {
            return Err(failure::of_stream(data));
        }
        self.start(&response, out);
        if let Some(usage) = response.usage_metadata {
            self.usage = usage;
        }
        let candidates = response.candidates.unwrap_or_default();
        if let (true, Some(feedback)) = (candidates.is_empty(), response.prompt_feedback) {
            self.block(feedback, out);
        }
        for candidate in candidates {
            self.candidate(candidate, out);
        }
        Ok(())
    }

    fn start(&mut self, response: &Response<'_>, out: &mut VecDeque<Event>) {
        if std::mem::replace(&mut self.has_started, true) {
            return;
        }
        self.answer_id.clone_from(&response.response_id);
        out.push_back(Event::Start {
            upstream_id: response.response_id.clone(),
            upstream_model: response.model_version.clone(),
            system_fingerprint: None,
            service_tier: response.usage_metadata.as_ref().and_then(UsageMetadata::tier),
        });
    }

    /// The prompt was refused before anything was generated: that is the whole answer.
    fn block(&mut self, feedback: PromptFeedback, out: &mut VecDeque<Event>) {
        let Some(reason) = feedback.block_reason.filter(|reason| !reason.is_empty()) else { return };
        out.extend(feedback.block_reason_message.filter(|words| !words.is_empty()).map(Event::Refusal));
        if self.candidates.is_empty() {
            self.candidates.push(State { finish: Some(reason), is_blocked: true, ..State::default() });
        }
    }

    /// Says that what follows belongs to candidate number `at`.
    fn turn_to(&mut self, at: usize, out: &mut VecDeque<Event>) {
        if let (true, Ok(number)) = (self.current != at, u32::try_from(at)) {
            self.current = at;
            out.push_back(Event::Choice(number));
        }
    }

    fn candidate(&mut self, candidate: Candidate<'_>, out: &mut VecDeque<Event>) {
        if candidate.index >= self.asked.unwrap_or(1).clamp(1, MOST_CANDIDATES) {
            return;
        }
        let at = candidate.index as usize;
        if self.candidates.len() <= at {
            self.candidates.resize_with(at + 1, State::default);
        }
        self.turn_to(at, out);
        for part in candidate.content.and_then(|content| content.parts).into_iter().flatten() {
            self.part(part, out);
        }
        out.extend(candidate.logprobs_result.and_then(|logprobs| logprobs.shaped()).map(Event::Logprobs));
        let mut pages = Vec::new();
        if let Some(metadata) = candidate.grounding_metadata {
            self.told.grounding(metadata, &mut pages);
        }
        if let Some(metadata) = candidate.citation_metadata {
            self.told.citations(metadata, &mut pages);
        }
        out.extend(pages.into_iter().map(Event::Annotation));
        let Some(native) = candidate.finish_reason.filter(|reason| !reason.is_empty()) else { return };
        let words = candidate.finish_message.filter(|words| !words.is_empty());
        if reason_of(&native, false) == FinishReason::ContentFilter {
            out.extend(words.map(Event::Refusal));
        }
        if let Some(state) = self.candidates.get_mut(at) {
            state.finish = Some(native);
        }
    }

    fn part(&mut self, part: Part<'_>, out: &mut VecDeque<Event>) {
        let Some(state) = self.candidates.get_mut(self.current) else { return };
        let signature = part.thought_signature.filter(|signature| !signature.is_empty());
        if part.thought {
            // Pictures drawn while thinking are drafts.
            state.think(part.text.unwrap_or_default(), signature, out);
            return;
        }
        let has_content = part.function_call.is_some() || part.inline_data.is_some() || part.file_data.is_some();
        if let Some(text) = part.text.filter(|text| !text.is_empty()) {
            state.pause();
            out.push_back(Event::Text(text));
        }
        if let Some(call) = part.function_call {
            let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| {
                let answer = self.answer_id.as_deref().unwrap_or("0");
                format!("call_{answer}_{}_{}", self.current, state.calls)
            });
            // Before the call: surfaces that stream blocks in order keep the signature with what follows it.
            state.seal(Some(id.clone()), signature, out);
            let arguments = call.args.map_or("{}", RawValue::get).to_owned();
            if self.answer_tool && call.name == ANSWER_TOOL {
                out.push_back(Event::Text(arguments));
                return;
            }
            let index = state.calls;
            state.calls += 1;
            out.push_back(Event::ToolCall { index, id, name: call.name });
            out.push_back(Event::ToolArguments { index, delta: arguments });
            return;
        }
        if let Some(event) = part.inline_data.and_then(medium).or_else(|| part.file_data.and_then(picture)) {
            if matches!(event, Event::Image(_)) {
                state.seal(Some(of_picture(state.pictures)), signature, out);
                state.pictures += 1;
            }
            state.pause();
            out.push_back(event);
            return;
        }
        if !has_content {
            state.seal(None, signature, out);
        }
    }
}

impl State {
    fn think(&mut self, text: String, signature: Option<String>, out: &mut VecDeque<Event>) {
        let mut push = |kind| {
            let format = Some(REASONING_FORMAT.to_owned());
            out.push_back(Event::Reasoning(ReasoningDelta { index: self.block, kind, id: None, format }));
        };
        if !text.is_empty() {
            self.is_thinking = true;
            push(ReasoningKind::Text(text));
        }
        if let Some(signature) = signature {
            push(ReasoningKind::Signature(signature));
            self.block += 1;
            self.is_thinking = false;
        }
    }

    /// The thought so far is over.
    fn pause(&mut self) {
        self.block += u32::from(std::mem::take(&mut self.is_thinking));
    }

    /// A signature that is on no thought: a block of its own.
    fn seal(&mut self, id: Option<String>, signature: Option<String>, out: &mut VecDeque<Event>) {
        self.pause();
        let Some(signature) = signature else { return };
        let (kind, format) = (ReasoningKind::Encrypted(signature), Some(REASONING_FORMAT.to_owned()));
        out.push_back(Event::Reasoning(ReasoningDelta { index: self.block, kind, id, format }));
        self.block += 1;
    }
}

fn medium(blob: Blob) -> Option<Event> {
    if blob.data.is_empty() {
        return None;
    }
    if blob.mime_type.starts_with("audio/") {
        return Some(Event::Audio(AudioDelta { data: Some(blob.data), ..AudioDelta::default() }));
    }
    blob.mime_type
        .starts_with("image/")
        .then_some(Event::Image(Source::Data { media_type: blob.mime_type, data: blob.data }))
}

fn picture(file: FileData) -> Option<Event> {
    let is_picture = file.mime_type.starts_with("image/") && !file.file_uri.is_empty();
    is_picture.then_some(Event::Image(Source::Url(file.file_uri)))
}

/// All reasons of the reference. Google says `STOP` after calls too; clients wait for `tool_calls` to run them.
fn reason_of(native: &str, has_calls: bool) -> FinishReason {
    match native {
        "STOP" if has_calls => FinishReason::ToolCalls,
        "STOP" => FinishReason::Stop,
        "MAX_TOKENS" | "CONTINUATION" => FinishReason::Length,
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR"
        | "ESCALATION" => FinishReason::ContentFilter,
        // OTHER, MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL, TOO_MANY_TOOL_CALLS, MISSING_THOUGHT_SIGNATURE,
        // MALFORMED_RESPONSE, IMAGE_OTHER, NO_IMAGE, and what may be added.
        _ => FinishReason::Error,
    }
}
