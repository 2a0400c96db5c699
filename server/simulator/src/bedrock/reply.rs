//! A Converse answer on the wire, whole, member for member as in AWS's service model.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;

use super::thought::Thoughts;
use crate::cache::Split;
use crate::media;
use crate::script::{Finish, Part, Passage, Script};

/// Milliseconds that every answer claims to have taken.
const LATENCY_MS: u32 = 42;

/// An answer ready to be written.
#[derive(Debug)]
pub(super) struct Message {
    pub script: Script,
    /// Ids of the tool calls, in order.
    pub calls: Vec<String>,
    pub thoughts: Thoughts,
    /// The stop sequence is told, as asked for.
    pub names_stop: bool,
    pub latency: Option<&'static str>,
    pub tier: Option<&'static str>,
    /// What the prompt's tokens were, if token counts are told.
    pub prompt: Option<Split>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a> {
    metrics: Metrics,
    output: Output<'a>,
    stop_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_model_response_fields: Option<StopFields<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(flatten)]
    service: Service,
}

/// How the request was served, where it asked for something special.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    #[serde(skip_serializing_if = "Option::is_none")]
    performance_config: Option<Performance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<Tier>,
}

#[derive(Debug, Serialize)]
struct Performance {
    latency: &'static str,
}

#[derive(Debug, Serialize)]
struct Tier {
    r#type: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metrics {
    latency_ms: u32,
}

#[derive(Debug, Serialize)]
struct Output<'a> {
    message: Said<'a>,
}

#[derive(Debug, Serialize)]
struct Said<'a> {
    content: Vec<Block<'a>>,
    role: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct StopFields<'a> {
    stop_sequence: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Block<'a> {
    Text(&'a str),
    ReasoningContent(Reasoning<'a>),
    #[serde(rename_all = "camelCase")]
    ToolUse {
        input: Cow<'a, RawValue>,
        name: &'a str,
        tool_use_id: &'a str,
    },
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Reasoning<'a> {
    ReasoningText { signature: String, text: &'a str },
    RedactedContent(String),
}

/// Token counts; cached ones are not among `input_tokens`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Usage {
    input_tokens: u32,
    output_tokens: u32,
    total_tokens: u32,
    cache_read_input_tokens: u32,
    cache_write_input_tokens: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cache_details: Vec<Written>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    ttl: &'static str,
    input_tokens: u32,
}

impl Message {
    /// The body of a reply that is not streamed.
    pub fn whole(&self) -> Vec<u8> {
        let mut calls = self.calls.iter();
        let content = self.script.passages.iter().map(|passage| self.block(passage, &mut calls)).collect();
        let whole = Whole {
            metrics: Metrics::default(),
            output: Output { message: Said { content, role: "assistant" } },
            stop_reason: self.stop_reason(),
            additional_model_response_fields: self.stop_fields(),
            usage: self.usage(),
            service: self.service(),
        };
        serde_json::to_vec(&whole).unwrap_or_default()
    }

    fn block<'a>(&'a self, passage: &'a Passage, calls: &mut impl Iterator<Item = &'a String>) -> Block<'a> {
        match &passage.part {
            Part::Reasoning if self.thoughts == Thoughts::Redacted => {
                Block::ReasoningContent(Reasoning::RedactedContent(redacted(&passage.text)))
            }
            Part::Reasoning => Block::ReasoningContent(Reasoning::ReasoningText {
                signature: media::seal(&passage.text),
                text: if self.thoughts == Thoughts::Hidden { "" } else { &passage.text },
            }),
            Part::Text | Part::Refusal => Block::Text(&passage.text),
            Part::Call(name) => Block::ToolUse {
                // Cut short by the token limit, the arguments are no JSON.
                input: serde_json::from_str(&passage.text).map_or_else(|_| empty_input(), Cow::Borrowed),
                name,
                tool_use_id: calls.next().map_or("", String::as_str),
            },
        }
    }

    pub fn stop_reason(&self) -> &'static str {
        match self.script.finish {
            Finish::Stop => "end_turn",
            Finish::StopSequence(_) => "stop_sequence",
            Finish::Length => "max_tokens",
            Finish::ToolCalls => "tool_use",
            Finish::ContentFilter => "content_filtered",
            Finish::Refusal => "guardrail_intervened",
        }
    }

    /// The fields of the model's own answer that were asked for.
    pub fn stop_fields(&self) -> Option<StopFields<'_>> {
        let stop_sequence = match &self.script.finish {
            Finish::StopSequence(stop) => Some(stop.as_str()),
            _ => None,
        };
        self.names_stop.then_some(StopFields { stop_sequence })
    }

    pub fn usage(&self) -> Option<Usage> {
        let prompt = self.prompt?;
        let output_tokens = self.script.tokens();
        let details = [("5m", prompt.written_5m), ("1h", prompt.written_1h)];
        let written = details.into_iter().filter(|(_, tokens)| *tokens > 0);
        Some(Usage {
            input_tokens: prompt.fresh,
            output_tokens,
            total_tokens: prompt.total().saturating_add(output_tokens),
            cache_read_input_tokens: prompt.read,
            cache_write_input_tokens: prompt.written_5m + prompt.written_1h,
            cache_details: written.map(|(ttl, input_tokens)| Written { ttl, input_tokens }).collect(),
        })
    }

    pub fn service(&self) -> Service {
        Service {
            performance_config: self.latency.map(|latency| Performance { latency }),
            service_tier: self.tier.map(|tier| Tier { r#type: tier }),
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self { latency_ms: LATENCY_MS }
    }
}

/// Reasoning that only the model can read, as base64: a seal on it.
pub(super) fn redacted(text: &str) -> String {
    STANDARD.encode(media::seal(text))
}

/// Whether `content` was made by [`redacted`].
pub(super) fn is_redacted(content: &str) -> bool {
    let seal = STANDARD.decode(content).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    seal.is_some_and(|seal| media::is_seal(&seal, ""))
}

fn empty_input<'a>() -> Cow<'a, RawValue> {
    Cow::Owned(RawValue::from_string("{}".to_owned()).unwrap_or_default())
}
