//! Gathers a stream of events into the answer it amounts to: what a client gets that did not ask for a stream.

use std::collections::BTreeMap;

use domain::Usage;
use serde_json::Value;

use crate::request::ReasoningDetailKind;
use crate::{AudioDelta, Event, FinishReason, ReasoningDelta, ReasoningDetail, ReasoningKind, Source, ToolCall};

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completion {
    pub upstream_id: Option<String>,
    pub upstream_model: Option<String>,
    pub system_fingerprint: Option<String>,
    pub service_tier: Option<String>,
    /// Choice 0: the only one, unless the client asked for several.
    pub answer: Choice,
    /// Choices 1, 2 …
    pub more: Vec<Choice>,
    /// By the number of the input.
    pub embeddings: BTreeMap<u32, Vec<f32>>,
    /// Document and relevance, in the provider's order.
    pub scores: Vec<(u32, f64)>,
    pub usage: Option<Usage>,
}

impl Completion {
    /// All choices, in the order of their numbers.
    pub fn choices(&self) -> impl Iterator<Item = &Choice> {
        std::iter::once(&self.answer).chain(&self.more)
    }
}

/// One answer of the model. Without `finish` it was cut off: what is here was delivered, no more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    pub text: String,
    pub refusal: Option<String>,
    /// The readable part of `reasoning_details`, in the order it came.
    pub reasoning: String,
    pub reasoning_details: Vec<ReasoningDetail>,
    pub tool_calls: Vec<ToolCall>,
    pub images: Vec<Source>,
    /// The pieces of speech as they came.
    pub audio: Vec<AudioDelta>,
    /// OpenAI's `logprobs`: the arrays of all pieces joined.
    pub logprobs: Option<Value>,
    pub annotations: Vec<Value>,
    pub finish: Option<Finish>,
}

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    pub reason: FinishReason,
    /// The provider's own word.
    pub native: String,
    /// The stop sequence that came, where the provider tells.
    pub stop_sequence: Option<String>,
}

/// The most choices that are folded: numbers beyond are a provider's slip, and go to the last one.
const MOST_CHOICES: u32 = 128;

/// An answer in the making.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    so_far: Completion,
    /// The choice that events belong to.
    choice: u32,
    /// Choice and event index of each tool call, by its place in `tool_calls`.
    calls: Vec<(u32, u32, usize)>,
}

impl Fold {
    pub fn push(&mut self, event: &Event) {
        match event {
            Event::Start { upstream_id, upstream_model, system_fingerprint, service_tier } => {
                let whole = &mut self.so_far;
                keep(&mut whole.upstream_id, upstream_id);
                keep(&mut whole.upstream_model, upstream_model);
                keep(&mut whole.system_fingerprint, system_fingerprint);
                keep(&mut whole.service_tier, service_tier);
            }
            Event::Choice(number) => self.choice = (*number).min(MOST_CHOICES - 1),
            Event::Text(text) => self.answer().text.push_str(text),
            Event::Refusal(text) => self.answer().refusal.get_or_insert_default().push_str(text),
            Event::Reasoning(delta) => add_reasoning(self.answer(), delta),
            Event::ToolCall { index, id, name } => {
                let call = self.call(*index);
                call.id.clone_from(id);
                call.name.clone_from(name);
            }
            Event::ToolArguments { index, delta } => self.call(*index).arguments.push_str(delta),
            Event::Image(source) => self.answer().images.push(source.clone()),
            Event::Audio(piece) => self.answer().audio.push(piece.clone()),
            Event::Logprobs(more) => join_logprobs(&mut self.answer().logprobs, more),
            Event::Annotation(annotation) => self.answer().annotations.push(annotation.clone()),
            Event::Embedding { index, vector } => {
                self.so_far.embeddings.insert(*index, vector.clone());
            }
            Event::Score { index, relevance } => self.so_far.scores.push((*index, *relevance)),
            Event::Finish { reason, native, stop_sequence } => {
                let (reason, native, stop_sequence) = (*reason, native.clone(), stop_sequence.clone());
                self.answer().finish = Some(Finish { reason, native, stop_sequence });
            }
            Event::Usage(usage) => self.so_far.usage = Some(*usage),
        }
    }

    /// What has come so far.
    pub fn so_far(&self) -> &Completion {
        &self.so_far
    }

    pub fn finish(self) -> Completion {
        self.so_far
    }

    /// The choice that events belong to now.
    fn answer(&mut self) -> &mut Choice {
        let Completion { answer, more, .. } = &mut self.so_far;
        let Some(at) = self.choice.checked_sub(1) else { return answer };
        let at = at as usize;
        if more.len() <= at {
            more.resize_with(at + 1, Choice::default);
        }
        &mut more[at]
    }

    fn call(&mut self, index: u32) -> &mut ToolCall {
        let choice = self.choice;
        let known = self.calls.iter().find(|(of, number, _)| (*of, *number) == (choice, index)).map(|(_, _, at)| *at);
        let at = known.unwrap_or_else(|| {
            let calls = &mut self.answer().tool_calls;
            calls.push(ToolCall::default());
            let at = calls.len() - 1;
            self.calls.push((choice, index, at));
            at
        });
        &mut self.answer().tool_calls[at]
    }
}

fn keep(slot: &mut Option<String>, new: &Option<String>) {
    if new.is_some() {
        slot.clone_from(new);
    }
}

/// Adds a piece to its block: the one with the same index and the same kind, text and signature being one kind.
fn add_reasoning(answer: &mut Choice, delta: &ReasoningDelta) {
    if let ReasoningKind::Text(text) | ReasoningKind::Summary(text) = &delta.kind {
        answer.reasoning.push_str(text);
    }
    let known = answer
        .reasoning_details
        .iter_mut()
        .rev()
        .find(|d| d.index == Some(delta.index) && is_same_kind(&d.kind, &delta.kind));
    let Some(detail) = known else {
        let kind = match delta.kind.clone() {
            ReasoningKind::Text(text) => ReasoningDetailKind::Text { text: Some(text), signature: None },
            ReasoningKind::Signature(signature) => ReasoningDetailKind::Text { text: None, signature: Some(signature) },
            ReasoningKind::Summary(summary) => ReasoningDetailKind::Summary { summary },
            ReasoningKind::Encrypted(data) => ReasoningDetailKind::Encrypted { data },
        };
        let (id, format) = (delta.id.clone(), delta.format.clone());
        answer.reasoning_details.push(ReasoningDetail { kind, id, format, index: Some(delta.index) });
        return;
    };
    keep(&mut detail.id, &delta.id);
    keep(&mut detail.format, &delta.format);
    match (&mut detail.kind, &delta.kind) {
        (ReasoningDetailKind::Text { text, .. }, ReasoningKind::Text(more)) => {
            text.get_or_insert_default().push_str(more)
        }
        (ReasoningDetailKind::Text { signature, .. }, ReasoningKind::Signature(more)) => {
            signature.get_or_insert_default().push_str(more);
        }
        (ReasoningDetailKind::Summary { summary: all }, ReasoningKind::Summary(more))
        | (ReasoningDetailKind::Encrypted { data: all }, ReasoningKind::Encrypted(more)) => all.push_str(more),
        _ => {}
    }
}

const fn is_same_kind(detail: &ReasoningDetailKind, delta: &ReasoningKind) -> bool {
    matches!(
        (detail, delta),
        (ReasoningDetailKind::Text { .. }, ReasoningKind::Text(_) | ReasoningKind::Signature(_))
            | (ReasoningDetailKind::Summary { .. }, ReasoningKind::Summary(_))
            | (ReasoningDetailKind::Encrypted { .. }, ReasoningKind::Encrypted(_))
    )
}

/// `{content: […], refusal: […]}`: arrays grow, anything else is replaced.
fn join_logprobs(all: &mut Option<Value>, more: &Value) {
    let (Some(Value::Object(all)), Value::Object(more)) = (all.as_mut(), more) else {
        *all = Some(more.clone());
        return;
    };
    for (key, value) in more {
        match (all.get_mut(key), value) {
            (Some(Value::Array(known)), Value::Array(new)) => known.extend(new.iter().cloned()),
            (_, Value::Null) => {}
            _ => {
                all.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;
