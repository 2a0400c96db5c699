//! Replies as Google writes them: a stream and a whole answer are made of the same `GenerateContentResponse`.

use std::collections::BTreeMap;

use canon::fold::Finish;
use canon::request::ReasoningDetailKind;
use canon::{Choice, Completion, Event, FinishReason, ReasoningDelta, ReasoningDetail, ReasoningKind};
use domain::{GenerationId, Usage};
use serde::Serialize;
use serde_json::{Value, json};

use super::turn::{PartBody, Turn};
use crate::deliver::{Ended, Started};

/// All reasons of Google's that an answer may end for. A provider that is Google is believed.
const WORDS: [&str; 21] = [
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_OTHER",
    "NO_IMAGE",
    "IMAGE_RECITATION",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "MALFORMED_RESPONSE",
    "MODEL_ARMOR",
    "ESCALATION",
];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    candidates: &'a [Candidate<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage_metadata: Option<UsageBody>,
    model_version: &'a str,
    response_id: &'a GenerationId,
}

/// `Candidate`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate<'a> {
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_message: Option<String>,
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    citation_metadata: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs_result: Option<Value>,
}

#[derive(Debug, Serialize)]
struct Content<'a> {
    parts: Vec<PartBody<'a>>,
    role: &'static str,
}

impl Default for Content<'_> {
    fn default() -> Self {
        Self { parts: Vec::new(), role: "model" }
    }
}

/// `UsageMetadata`. Kinds of tokens that there were none of are left out, as Google does.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageBody {
    prompt_token_count: u64,
    candidates_token_count: u64,
    total_token_count: u64,
    #[serde(skip_serializing_if = "is_zero")]
    thoughts_token_count: u64,
    #[serde(skip_serializing_if = "is_zero")]
    cached_content_token_count: u64,
    prompt_tokens_details: Vec<Modality>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates_tokens_details: Vec<Modality>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Modality {
    modality: &'static str,
    token_count: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl UsageBody {
    pub fn new(usage: &Usage) -> Self {
        let spoken = usage.completion.saturating_sub(usage.reasoning);
        let split = |total: u64, image: u64, audio: u64, video: u64| {
            let text = total.saturating_sub(image).saturating_sub(audio).saturating_sub(video);
            let counts = [("TEXT", text), ("IMAGE", image), ("AUDIO", audio), ("VIDEO", video)];
            let counted = counts.into_iter().filter(|(_, count)| *count > 0);
            counted.map(|(modality, token_count)| Modality { modality, token_count }).collect::<Vec<_>>()
        };
        let has_media = usage.image_out > 0 || usage.audio_out > 0;
        Self {
            prompt_token_count: usage.prompt,
            candidates_token_count: spoken,
            total_token_count: usage.total_tokens(),
            thoughts_token_count: usage.reasoning,
            cached_content_token_count: usage.cache_read,
            prompt_tokens_details: split(usage.prompt, usage.image_in, usage.audio_in, usage.video_in),
            candidates_tokens_details: if has_media {
                split(spoken, usage.image_out, usage.audio_out, 0)
            } else {
                Vec::new()
            },
        }
    }
}

/// Makes the responses of one answer.
#[derive(Debug)]
pub struct Responses {
    started: Started,
    shows_thoughts: bool,
    /// The choice that events belong to.
    choice: u32,
    turns: BTreeMap<u32, Turn>,
}

impl Responses {
    pub fn new(started: Started, shows_thoughts: bool) -> Self {
        Self { started, shows_thoughts, choice: 0, turns: BTreeMap::new() }
    }

    fn turn(&mut self, choice: u32) -> &mut Turn {
        let shows_thoughts = self.shows_thoughts;
        self.turns.entry(choice).or_insert_with(|| Turn::new(shows_thoughts))
    }

    /// The candidate that an event adds to, if it has something to say already.
    pub fn content<'a>(&mut self, event: &'a Event) -> Option<Candidate<'a>> {
        let index = self.choice;
        let mut candidate = Candidate { index, ..Candidate::default() };
        match event {
            Event::Choice(number) => {
                self.choice = *number;
                return None;
            }
            Event::Logprobs(logprobs) => candidate.logprobs_result = Some(logprobs_result(logprobs)),
            Event::Annotation(annotation) => candidate.citation_metadata = Some(citations([annotation])?),
            event => {
                candidate.content.parts = self.turn(index).parts(event);
                if candidate.content.parts.is_empty() {
                    return None;
                }
            }
        }
        Some(candidate)
    }

    /// What is left of each choice, and how it ended.
    pub fn end<'a>(&mut self, ended: &'a Ended) -> Vec<Candidate<'a>> {
        ended.finishes.iter().map(|(index, finish)| self.ending(*index, finish)).collect()
    }

    fn ending<'a>(&mut self, index: u32, finish: &'a Finish) -> Candidate<'a> {
        let turn = self.turn(index);
        let mut parts = turn.rest();
        if parts.is_empty() {
            parts.push(PartBody::empty());
        }
        let finish_message = turn.malformed().map(str::to_owned);
        let word = if finish_message.is_some() { "MALFORMED_FUNCTION_CALL" } else { word(finish) };
        let content = Content { parts, ..Content::default() };
        Candidate { content, finish_reason: Some(word), finish_message, index, ..Candidate::default() }
    }

    /// A whole candidate.
    fn candidate<'a>(&mut self, index: u32, told: &'a Told, ended: &'a Ended) -> Candidate<'a> {
        let mut parts: Vec<PartBody<'a>> = Vec::new();
        for event in &told.events {
            parts.extend(self.turn(index).parts(event));
        }
        let mut candidate = match ended.finishes.get(&index) {
            Some(finish) => self.ending(index, finish),
            None => Candidate { index, ..Candidate::default() },
        };
        let rest = std::mem::take(&mut candidate.content.parts);
        parts.extend(rest.into_iter().filter(|part| !part.is_empty()));
        candidate.content.parts = parts;
        candidate.logprobs_result = told.logprobs.as_ref().map(logprobs_result);
        candidate.citation_metadata = citations(&told.annotations);
        candidate
    }

    /// Writes a piece of the stream.
    pub fn write(&self, candidate: &Candidate<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.response(std::slice::from_ref(candidate), None, out)
    }

    /// Writes the last piece.
    pub fn write_last(&self, candidates: &[Candidate<'_>], ended: &Ended, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.response(candidates, Some(UsageBody::new(&ended.usage)), out)
    }

    fn response(
        &self,
        candidates: &[Candidate<'_>],
        usage_metadata: Option<UsageBody>,
        out: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        let (model_version, response_id) = (self.started.model.as_str(), &self.started.id);
        serde_json::to_writer(out, &Response { candidates, usage_metadata, model_version, response_id })
    }
}

/// Writes a whole answer.
pub fn whole(started: Started, shows_thoughts: bool, answer: Completion, ended: &Ended) -> serde_json::Result<Vec<u8>> {
    let mut responses = Responses::new(started, shows_thoughts);
    let choices = std::iter::once(answer.answer).chain(answer.more);
    let told: Vec<Told> = choices.map(Told::from).collect();
    let candidates: Vec<Candidate<'_>> =
        (0..).zip(&told).map(|(index, told)| responses.candidate(index, told, ended)).collect();
    let mut out = Vec::with_capacity(1_024);
    responses.write_last(&candidates, ended, &mut out)?;
    Ok(out)
}

/// A folded choice: the events it may have come in, and what stands beside its parts.
struct Told {
    events: Vec<Event>,
    logprobs: Option<Value>,
    annotations: Vec<Value>,
}

impl From<Choice> for Told {
    fn from(choice: Choice) -> Self {
        let mut events: Vec<Event> = choice.reasoning_details.into_iter().flat_map(pieces).collect();
        events.extend(Some(choice.text).filter(|text| !text.is_empty()).map(Event::Text));
        events.extend(choice.refusal.map(Event::Refusal));
        events.extend(choice.images.into_iter().map(Event::Image));
        events.extend(choice.audio.into_iter().map(Event::Audio));
        for (index, call) in (0..).zip(choice.tool_calls) {
            events.push(Event::ToolCall { index, id: call.id, name: call.name });
            events.push(Event::ToolArguments { index, delta: call.arguments });
        }
        Self { events, logprobs: choice.logprobs, annotations: choice.annotations }
    }
}

fn pieces(detail: ReasoningDetail) -> Vec<Event> {
    let ReasoningDetail { kind, id, format, index } = detail;
    let kinds = match kind {
        ReasoningDetailKind::Text { text, signature } => {
            text.map(ReasoningKind::Text).into_iter().chain(signature.map(ReasoningKind::Signature)).collect()
        }
        ReasoningDetailKind::Summary { summary } => vec![ReasoningKind::Summary(summary)],
        ReasoningDetailKind::Encrypted { data } => vec![ReasoningKind::Encrypted(data)],
    };
    let piece = |kind| {
        let (id, format) = (id.clone(), format.clone());
        Event::Reasoning(ReasoningDelta { index: index.unwrap_or_default(), kind, id, format })
    };
    kinds.into_iter().map(piece).collect()
}

/// Why an answer ended, in Google's words. Google says `STOP` after calls too.
fn word(finish: &Finish) -> &str {
    match finish.reason {
        _ if WORDS.contains(&finish.native.as_str()) => &finish.native,
        FinishReason::Stop | FinishReason::ToolCalls => "STOP",
        FinishReason::Length => "MAX_TOKENS",
        FinishReason::ContentFilter => "SAFETY",
        FinishReason::Error => "OTHER",
    }
}

/// From OpenAI's `logprobs`.
fn logprobs_result(logprobs: &Value) -> Value {
    let token = |t: &Value| json!({"token": t["token"], "logProbability": t["logprob"]});
    let tokens = || logprobs["content"].as_array().into_iter().flatten();
    let chosen: Vec<Value> = tokens().map(token).collect();
    let top: Vec<Value> = tokens()
        .map(|t| {
            let likely: Vec<Value> = t["top_logprobs"].as_array().into_iter().flatten().map(token).collect();
            json!({"candidates": likely})
        })
        .collect();
    json!({"chosenCandidates": chosen, "topCandidates": top})
}

/// From OpenAI's `annotations[]`: those that cite an address.
fn citations<'a>(annotations: impl IntoIterator<Item = &'a Value>) -> Option<Value> {
    let sources: Vec<Value> = annotations
        .into_iter()
        .map(|annotation| &annotation["url_citation"])
        .filter(|citation| citation["url"].is_string())
        .map(|c| json!({"startIndex": c["start_index"], "endIndex": c["end_index"], "uri": c["url"], "title": c["title"]}))
        .collect();
    (!sources.is_empty()).then(|| json!({"citationSources": sources}))
}
