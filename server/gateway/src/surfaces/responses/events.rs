//! One event of a streamed response: numbered, and named twice, as OpenAI does.

use serde::Serialize;
use serde_json::Value;

use super::items::{Item, Part, PartKind};
use super::render::Reply;
use crate::surfaces::write_event;

/// The fields of all events in one; each event has those that are set.
#[derive(Debug, Default, Serialize)]
pub struct Event<'a> {
    pub r#type: &'static str,
    pub sequence_number: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<&'a Reply<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotation_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<&'a Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<&'a Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<&'a [Value]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotation: Option<&'a Value>,
}

/// The event `error`.
#[derive(Debug, Serialize)]
pub struct ErrorEvent<'a> {
    pub r#type: &'static str,
    pub sequence_number: u64,
    pub code: &'static str,
    pub message: &'a str,
    pub param: Option<&'a str>,
    /// OpenRouter's stable word.
    pub error_type: &'static str,
}

/// Numbers the events of one response and writes them.
#[derive(Debug, Default)]
pub struct Sequence {
    next: u64,
}

impl Sequence {
    pub fn write(&mut self, event: Event<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let event = Event { sequence_number: self.next, ..event };
        self.next += 1;
        write_event(event.r#type, &event, out)
    }

    pub fn write_error(&mut self, error: ErrorEvent<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let error = ErrorEvent { sequence_number: self.next, ..error };
        self.next += 1;
        write_event(error.r#type, &error, out)
    }
}

/// The four moments of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Added,
    Delta,
    TextDone,
    Done,
}

impl PartKind {
    pub const fn event(self, moment: Moment) -> &'static str {
        match (self, moment) {
            (Self::SummaryText, Moment::Added) => "response.reasoning_summary_part.added",
            (Self::SummaryText, Moment::Delta) => "response.reasoning_summary_text.delta",
            (Self::SummaryText, Moment::TextDone) => "response.reasoning_summary_text.done",
            (Self::SummaryText, Moment::Done) => "response.reasoning_summary_part.done",
            (_, Moment::Added) => "response.content_part.added",
            (_, Moment::Done) => "response.content_part.done",
            (Self::OutputText, Moment::Delta) => "response.output_text.delta",
            (Self::OutputText, Moment::TextDone) => "response.output_text.done",
            (Self::Refusal, Moment::Delta) => "response.refusal.delta",
            (Self::Refusal, Moment::TextDone) => "response.refusal.done",
            (Self::ReasoningText, Moment::Delta) => "response.reasoning_text.delta",
            (Self::ReasoningText, Moment::TextDone) => "response.reasoning_text.done",
        }
    }
}
