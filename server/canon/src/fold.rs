//! Gathers a stream of events into the answer it amounts to: what a client gets that did not ask for a stream.

use domain::Usage;
use serde_json::Value;

use crate::request::ReasoningDetailKind;
use crate::{Event, FinishReason, ReasoningDelta, ReasoningDetail, ReasoningKind, ToolCall};

/// A whole answer. Without `finish` it was cut off: what is here was delivered, no more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completion {
    pub upstream_id: Option<String>,
    pub upstream_model: Option<String>,
    pub system_fingerprint: Option<String>,
    pub service_tier: Option<String>,
    pub text: String,
    pub refusal: Option<String>,
    /// The readable part of `reasoning_details`, in the order it came.
    pub reasoning: String,
    pub reasoning_details: Vec<ReasoningDetail>,
    pub tool_calls: Vec<ToolCall>,
    /// OpenAI's `logprobs`: the arrays of all pieces joined.
    pub logprobs: Option<Value>,
    pub annotations: Vec<Value>,
    pub finish: Option<Finish>,
    pub usage: Option<Usage>,
}

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    pub reason: FinishReason,
    /// The provider's own word.
    pub native: String,
}

/// An answer in the making.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    so_far: Completion,
    /// The event index of each of `so_far.tool_calls`.
    call_indices: Vec<u32>,
}

impl Fold {
    pub fn push(&mut self, event: &Event) {
        let answer = &mut self.so_far;
        match event {
            Event::Start { upstream_id, upstream_model, system_fingerprint, service_tier } => {
                keep(&mut answer.upstream_id, upstream_id);
                keep(&mut answer.upstream_model, upstream_model);
                keep(&mut answer.system_fingerprint, system_fingerprint);
                keep(&mut answer.service_tier, service_tier);
            }
            Event::Text(text) => answer.text.push_str(text),
            Event::Refusal(text) => answer.refusal.get_or_insert_default().push_str(text),
            Event::Reasoning(delta) => add_reasoning(answer, delta),
            Event::ToolCall { index, id, name } => {
                let call = self.call(*index);
                call.id.clone_from(id);
                call.name.clone_from(name);
            }
            Event::ToolArguments { index, delta } => self.call(*index).arguments.push_str(delta),
            Event::Logprobs(more) => join_logprobs(&mut answer.logprobs, more),
            Event::Annotation(annotation) => answer.annotations.push(annotation.clone()),
            Event::Finish { reason, native } => {
                answer.finish = Some(Finish { reason: *reason, native: native.clone() })
            }
            Event::Usage(usage) => answer.usage = Some(*usage),
        }
    }

    /// What has come so far.
    pub fn so_far(&self) -> &Completion {
        &self.so_far
    }

    pub fn finish(self) -> Completion {
        self.so_far
    }

    fn call(&mut self, index: u32) -> &mut ToolCall {
        let calls = &mut self.so_far.tool_calls;
        let at = self.call_indices.iter().position(|known| *known == index).unwrap_or_else(|| {
            self.call_indices.push(index);
            calls.push(ToolCall::default());
            calls.len() - 1
        });
        &mut calls[at]
    }
}

fn keep(slot: &mut Option<String>, new: &Option<String>) {
    if new.is_some() {
        slot.clone_from(new);
    }
}

/// Adds a piece to its block: the one with the same index and the same kind, text and signature being one kind.
fn add_reasoning(answer: &mut Completion, delta: &ReasoningDelta) {
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
