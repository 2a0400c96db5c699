//! Replies as OpenRouter writes them: one `chat.completion`, or a stream of `chat.completion.chunk`.

use canon::{Completion, Event, ToolCall};
use domain::{GenerationId, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::envelope::ErrorBody;
use super::media::{Audio, ImageBody};
use super::reasoning::{DetailBody, readable};
use crate::deliver::{Ended, Started};
use crate::surfaces::usage::UsageBody;
use crate::surfaces::write_data;

/// A whole answer.
#[derive(Debug, Serialize)]
pub struct ChatCompletion<'a> {
    id: &'a GenerationId,
    object: &'static str,
    created: i64,
    model: &'a str,
    provider: &'a str,
    system_fingerprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
    choices: Vec<Choice<'a>>,
    usage: UsageBody,
}

#[derive(Debug, Serialize)]
struct Choice<'a> {
    index: u32,
    message: AnswerMessage<'a>,
    finish_reason: Option<&'static str>,
    native_finish_reason: Option<&'a str>,
    logprobs: Option<&'a Value>,
}

#[derive(Debug, Serialize)]
struct AnswerMessage<'a> {
    role: &'static str,
    content: Option<&'a str>,
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasoning_details: Vec<DetailBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCallBody<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    annotations: &'a [Value],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<ImageBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<Audio>,
}

#[derive(Debug, Serialize)]
struct ToolCallBody<'a> {
    index: usize,
    id: &'a str,
    r#type: &'static str,
    function: FunctionBody<'a>,
}

#[derive(Debug, Serialize)]
struct FunctionBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

/// Writes a whole answer as JSON.
pub fn completion(started: &Started, answer: &Completion, ended: &Ended) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&ChatCompletion {
        id: &started.id,
        object: "chat.completion",
        created: started.created_at.unix_seconds(),
        model: started.model.as_str(),
        provider: &started.provider_name,
        system_fingerprint: started.system_fingerprint.as_deref(),
        service_tier: started.service_tier.as_deref(),
        choices: (0..).zip(answer.choices()).map(|(index, choice)| whole_choice(index, choice, ended)).collect(),
        usage: UsageBody::new(ended),
    })
}

fn whole_choice<'a>(index: u32, answer: &'a canon::Choice, ended: &'a Ended) -> Choice<'a> {
    let content = Some(answer.text.as_str()).filter(|text| !text.is_empty() || answer.tool_calls.is_empty());
    let finish = ended.finishes.get(&index);
    Choice {
        index,
        message: AnswerMessage {
            role: "assistant",
            content,
            refusal: answer.refusal.as_deref(),
            reasoning: Some(answer.reasoning.as_str()).filter(|text| !text.is_empty()),
            reasoning_details: answer.reasoning_details.iter().map(DetailBody::of_block).collect(),
            tool_calls: answer.tool_calls.iter().enumerate().map(tool_call).collect(),
            annotations: &answer.annotations,
            images: (0..).zip(&answer.images).map(|(index, source)| ImageBody::new(index, source)).collect(),
            audio: Audio::joined(&answer.audio),
        },
        finish_reason: finish.map(|finish| finish.reason.name()),
        native_finish_reason: finish.map(|finish| finish.native.as_str()),
        logprobs: answer.logprobs.as_ref(),
    }
}

fn tool_call((index, call): (usize, &ToolCall)) -> ToolCallBody<'_> {
    let function = FunctionBody { name: Some(&call.name), arguments: &call.arguments };
    ToolCallBody { index, id: &call.id, r#type: "function", function }
}

/// One piece of a stream.
#[derive(Debug, Serialize)]
struct Chunk<'a> {
    id: &'a GenerationId,
    object: &'static str,
    created: i64,
    model: &'a str,
    provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_fingerprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorBody>,
    choices: &'a [ChunkChoice<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageBody>,
}

#[derive(Debug, Serialize)]
struct ChunkChoice<'a> {
    index: u32,
    delta: Delta<'a>,
    finish_reason: Option<&'static str>,
    native_finish_reason: Option<&'a str>,
    logprobs: Option<&'a Value>,
}

#[derive(Debug, Default, Serialize)]
struct Delta<'a> {
    role: &'static str,
    /// Always a string: clients join it.
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_details: Option<[DetailBody<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[ToolCallDelta<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<[&'a Value; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<[ImageBody<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<Audio>,
}

#[derive(Debug, Serialize)]
struct ToolCallDelta<'a> {
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    function: FunctionBody<'a>,
}

/// Writes the chunks of one stream.
#[derive(Debug)]
pub struct Chunks {
    started: Started,
    /// The choice that events belong to.
    choice: u32,
    /// Pictures so far.
    images: u32,
}

impl Chunks {
    pub fn new(started: Started) -> Self {
        Self { started, choice: 0, images: 0 }
    }

    /// One piece of content.
    pub fn content(&mut self, event: &Event, into: &mut Vec<u8>) -> serde_json::Result<()> {
        let mut logprobs = None;
        let mut delta = Delta { role: "assistant", ..Delta::default() };
        match event {
            Event::Text(text) => delta.content = text,
            Event::Refusal(text) => delta.refusal = Some(text),
            Event::Reasoning(piece) => {
                delta.reasoning = readable(piece);
                delta.reasoning_details = Some([DetailBody::of_piece(piece)]);
            }
            Event::ToolCall { index, id, name } => {
                let function = FunctionBody { name: Some(name), arguments: "" };
                delta.tool_calls =
                    Some([ToolCallDelta { index: *index, id: Some(id), r#type: Some("function"), function }]);
            }
            Event::ToolArguments { index, delta: arguments } => {
                let function = FunctionBody { name: None, arguments };
                delta.tool_calls = Some([ToolCallDelta { index: *index, id: None, r#type: None, function }]);
            }
            Event::Logprobs(value) => logprobs = Some(value),
            Event::Annotation(annotation) => delta.annotations = Some([annotation]),
            Event::Image(source) => {
                delta.images = Some([ImageBody::new(self.images, source)]);
                self.images += 1;
            }
            Event::Audio(piece) => delta.audio = Some(Audio::of(piece)),
            Event::Choice(number) => {
                self.choice = *number;
                return Ok(());
            }
            Event::Start { .. }
            | Event::Embedding { .. }
            | Event::Score { .. }
            | Event::Finish { .. }
            | Event::Usage(_) => return Ok(()),
        }
        let choice =
            ChunkChoice { index: self.choice, delta, finish_reason: None, native_finish_reason: None, logprobs };
        self.write(&[choice], None, None, into)
    }

    /// The finish, then the usage in a chunk of its own, then the end.
    pub fn end(&self, ended: &Ended, into: &mut Vec<u8>) -> serde_json::Result<()> {
        for (index, finish) in &ended.finishes {
            let choice = ChunkChoice {
                index: *index,
                delta: Delta { role: "assistant", ..Delta::default() },
                finish_reason: Some(finish.reason.name()),
                native_finish_reason: Some(&finish.native),
                logprobs: None,
            };
            self.write(&[choice], None, None, into)?;
        }
        self.write(&[], Some(UsageBody::new(ended)), None, into)?;
        into.extend_from_slice(b"data: [DONE]\n\n");
        Ok(())
    }

    /// The answer broke off: the error, and no `[DONE]`.
    pub fn error(&self, error: ErrorBody, into: &mut Vec<u8>) -> serde_json::Result<()> {
        self.write(&[broken(self.choice)], None, Some(error), into)
    }

    fn write(
        &self,
        choices: &[ChunkChoice<'_>],
        usage: Option<UsageBody>,
        error: Option<ErrorBody>,
        into: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        let started = &self.started;
        let chunk = Chunk {
            id: &started.id,
            object: "chat.completion.chunk",
            created: started.created_at.unix_seconds(),
            model: started.model.as_str(),
            provider: &started.provider_name,
            system_fingerprint: started.system_fingerprint.as_deref(),
            error,
            choices,
            usage,
        };
        write_data(&chunk, into)
    }
}

/// An error before any answer, but after the headers had gone out: no model can be named yet.
pub fn late_error(id: &GenerationId, at: Timestamp, error: ErrorBody, into: &mut Vec<u8>) -> serde_json::Result<()> {
    let chunk = Chunk {
        id,
        object: "chat.completion.chunk",
        created: at.unix_seconds(),
        model: "",
        provider: "",
        system_fingerprint: None,
        error: Some(error),
        choices: &[broken(0)],
        usage: None,
    };
    write_data(&chunk, into)
}

fn broken(index: u32) -> ChunkChoice<'static> {
    let delta = Delta { role: "assistant", ..Delta::default() };
    ChunkChoice { index, delta, finish_reason: Some("error"), native_finish_reason: None, logprobs: None }
}
