//! A whole answer as Anthropic writes it: one `message`.

use canon::fold::Finish;
use canon::{Completion, FinishReason, Source, ToolCall};
use domain::GenerationId;
use serde::Serialize;
use serde_json::value::RawValue;

use super::citation::{self, Citation};
use super::thinking::{self, Block};
use super::usage::UsageBody;
use crate::deliver::{Ended, Started};

/// A message; at the beginning of a stream still empty.
#[derive(Debug, Serialize)]
pub struct Message<'a> {
    id: &'a GenerationId,
    r#type: &'static str,
    role: &'static str,
    model: &'a str,
    provider: &'a str,
    content: Vec<BlockBody<'a>>,
    #[serde(flatten)]
    stop: Stop<'a>,
    usage: UsageBody,
}

/// A content block.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BlockBody<'a> {
    Text {
        citations: Option<Vec<Citation>>,
        text: &'a str,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a str,
    },
    RedactedThinking {
        data: &'a str,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: Input<'a>,
        caller: Caller,
    },
    /// In the shape that requests have: Anthropic's models draw nothing, others do.
    Image {
        source: ImageSource<'a>,
    },
}

/// The model itself called the tool.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Caller {
    Direct,
}

/// A tool's arguments, which must be an object here.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Input<'a> {
    Object(&'a RawValue),
    /// The model wrote something else; what is broken is shown, not hidden.
    Broken {
        arguments: &'a str,
    },
    Empty {},
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ImageSource<'a> {
    Base64 { media_type: &'a str, data: &'a str },
    Url { url: &'a str },
}

/// Why an answer ended: fields of a message, and of `message_delta`.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Stop<'a> {
    container: Option<()>,
    stop_reason: Option<&'static str>,
    stop_sequence: Option<&'a str>,
    stop_details: Option<RefusalDetails<'a>>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct RefusalDetails<'a> {
    r#type: &'static str,
    category: Option<&'a str>,
    explanation: Option<&'a str>,
}

impl<'a> Message<'a> {
    /// The message that a stream begins with.
    pub fn begun(started: &'a Started) -> Self {
        let usage = UsageBody::unknown(started.service_tier.as_deref());
        Self::new(started, Vec::new(), Stop::default(), usage)
    }

    fn new(started: &'a Started, content: Vec<BlockBody<'a>>, stop: Stop<'a>, usage: UsageBody) -> Self {
        Self {
            id: &started.id,
            r#type: "message",
            role: "assistant",
            model: started.model.as_str(),
            provider: &started.provider_name,
            content,
            stop,
            usage,
        }
    }
}

impl<'a> Stop<'a> {
    /// `refusal`: what the model said as it refused.
    pub fn of(finish: Option<&'a Finish>, refusal: Option<&'a str>) -> Self {
        let Some(finish) = finish else { return Self::default() };
        let refusal = refusal.filter(|text| !text.is_empty());
        let stop_reason = match finish.reason {
            FinishReason::ToolCalls => "tool_use",
            FinishReason::Length if finish.native == "model_context_window_exceeded" => "model_context_window_exceeded",
            FinishReason::Length => "max_tokens",
            FinishReason::ContentFilter => "refusal",
            FinishReason::Stop if refusal.is_some() => "refusal",
            FinishReason::Stop if finish.stop_sequence.is_some() => "stop_sequence",
            FinishReason::Stop => "end_turn",
            // No word of Anthropic's says so.
            FinishReason::Error => return Self::default(),
        };
        let details = RefusalDetails { r#type: "refusal", category: None, explanation: refusal };
        Self {
            container: None,
            stop_reason: Some(stop_reason),
            stop_sequence: finish.stop_sequence.as_deref(),
            stop_details: (stop_reason == "refusal").then_some(details),
        }
    }
}

/// Writes a whole answer as JSON: thoughts, then text, then what was drawn, then calls.
pub fn message(started: &Started, answer: &Completion, ended: &Ended, hides: bool) -> serde_json::Result<Vec<u8>> {
    let answer = &answer.answer;
    let thoughts = thinking::blocks(&answer.reasoning_details, hides);
    let citations: Vec<Citation> = answer.annotations.iter().filter_map(citation::of).collect();
    let spoken = answer.audio.iter().filter_map(|piece| piece.transcript.as_deref()).collect::<String>();
    let mut content: Vec<BlockBody<'_>> = thoughts.iter().map(thought).collect();
    if !answer.text.is_empty() || !citations.is_empty() {
        content.push(BlockBody::Text { citations: Some(citations).filter(|all| !all.is_empty()), text: &answer.text });
    }
    let more = answer.refusal.iter().chain([&spoken]).filter(|text| !text.is_empty());
    content.extend(more.map(|text| BlockBody::Text { citations: None, text }));
    content.extend(answer.images.iter().map(image));
    content.extend(answer.tool_calls.iter().map(call));
    let stop = Stop::of(ended.finish(), answer.refusal.as_deref());
    let usage = UsageBody::new(ended, started.service_tier.as_deref());
    serde_json::to_vec(&Message::new(started, content, stop, usage))
}

fn thought(block: &Block) -> BlockBody<'_> {
    match block {
        Block::Thinking { thinking, signature } => BlockBody::Thinking { thinking, signature },
        Block::Redacted { data } => BlockBody::RedactedThinking { data },
    }
}

pub fn image(source: &Source) -> BlockBody<'_> {
    let source = match source {
        Source::Data { media_type, data } => ImageSource::Base64 { media_type, data },
        Source::Url(url) => ImageSource::Url { url },
    };
    BlockBody::Image { source }
}

fn call(call: &ToolCall) -> BlockBody<'_> {
    let arguments = call.arguments.trim();
    let input = match serde_json::from_str::<&RawValue>(arguments) {
        Ok(raw) if arguments.starts_with('{') => Input::Object(raw),
        _ if arguments.is_empty() => Input::Empty {},
        _ => Input::Broken { arguments: &call.arguments },
    };
    BlockBody::ToolUse { id: &call.id, name: &call.name, input, caller: Caller::Direct }
}
