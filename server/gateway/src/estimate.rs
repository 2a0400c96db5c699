//! How many tokens a prompt may be, before any provider has counted it.
//!
//! Two figures with two purposes. The *bound* is for holds: no byte-level tokenizer makes more tokens than bytes, so text counts
//! a token per byte, and a prompt can hardly cost more than was held. The *estimate* is for answers whose provider never
//! reported usage: four bytes a token, the usual mean of English text, rounded down, in the customer's favour.

use canon::request::ReasoningDetailKind;
use canon::{EmbedInput, Message, Part, Request, ResponseFormat, Source, Task};

const BYTES_PER_TOKEN: u64 = 4;
/// Chat templates put markers around each message and each tool.
const TOKENS_PER_MESSAGE: u64 = 16;
const TOKENS_PER_TOOL: u64 = 64;
/// What large images come to at providers that count them as tokens.
const TOKENS_PER_IMAGE: u64 = 4_000;
/// PDF pages and seconds of audio and video, by the size of their base64.
const TOKENS_PER_MEDIUM: u64 = 4_000;
const BASE64_BYTES_PER_TOKEN: u64 = 10;

/// The size of a prompt in both figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PromptSize {
    /// No more tokens than this, as far as can be known.
    pub bound: u64,
    /// About this many.
    pub estimate: u64,
}

/// Sizes a task's prompt.
pub fn prompt_size(task: &Task) -> PromptSize {
    let (text, other) = match task {
        Task::Chat(request) => chat_size(request),
        Task::Embed(request) => request.inputs.iter().map(input_size).fold((0, 0), add),
        Task::Rerank(request) => {
            let texts = request.documents.iter().map(|document| bytes(document) + bytes(&request.query)).sum();
            (texts, TOKENS_PER_MESSAGE * request.documents.len() as u64)
        }
    };
    PromptSize { bound: text + other, estimate: text / BYTES_PER_TOKEN }
}

fn add(a: (u64, u64), b: (u64, u64)) -> (u64, u64) {
    (a.0 + b.0, a.1 + b.1)
}

fn input_size(input: &EmbedInput) -> (u64, u64) {
    match input {
        EmbedInput::Text(text) => (bytes(text), TOKENS_PER_MESSAGE),
        EmbedInput::Tokens(tokens) => (tokens.len() as u64 * BYTES_PER_TOKEN, TOKENS_PER_MESSAGE),
        EmbedInput::Parts(parts) => parts.iter().map(part_size).fold((0, TOKENS_PER_MESSAGE), add),
    }
}

/// Bytes of text, and tokens of what else there is.
fn part_size(part: &Part) -> (u64, u64) {
    match part {
        Part::Text { text, .. } => (bytes(text), 0),
        Part::Image { .. } => (0, TOKENS_PER_IMAGE),
        Part::Audio { data, .. } => (0, medium_tokens(data)),
        Part::File { source, .. } | Part::Video { source } => (0, source_tokens(source)),
    }
}

/// Messages, tools and the schema of the answer.
fn chat_size(request: &Request) -> (u64, u64) {
    let mut text = 0;
    let mut other = TOKENS_PER_MESSAGE;
    for message in &request.messages {
        other += TOKENS_PER_MESSAGE;
        let parts = match message {
            Message::System { parts, name } | Message::Developer { parts, name } | Message::User { parts, name } => {
                text += name.as_ref().map_or(0, |n| bytes(n));
                parts
            }
            Message::Tool { tool_call_id, parts, .. } => {
                text += bytes(tool_call_id);
                parts
            }
            Message::Assistant { parts, name, refusal, reasoning, tool_calls } => {
                text += name.iter().chain(refusal).map(|s| bytes(s)).sum::<u64>();
                text += tool_calls.iter().map(|c| bytes(&c.id) + bytes(&c.name) + bytes(&c.arguments)).sum::<u64>();
                text += reasoning.iter().map(|r| reasoning_bytes(&r.kind)).sum::<u64>();
                parts
            }
        };
        (text, other) = parts.iter().map(part_size).fold((text, other), add);
    }
    for tool in &request.tools {
        other += TOKENS_PER_TOOL;
        text += bytes(&tool.name) + tool.description.as_ref().map_or(0, |d| bytes(d));
        text += tool.parameters.as_ref().map_or(0, json_bytes);
    }
    if let Some(ResponseFormat::JsonSchema(schema)) = &request.response_format {
        text += json_bytes(&schema.schema);
    }
    (text, other)
}

/// Tokens of an answer of so many bytes.
pub fn completion_tokens(bytes: u64) -> u64 {
    bytes / BYTES_PER_TOKEN
}

fn reasoning_bytes(kind: &ReasoningDetailKind) -> u64 {
    match kind {
        ReasoningDetailKind::Text { text, .. } => text.as_ref().map_or(0, |t| bytes(t)),
        ReasoningDetailKind::Summary { summary } => bytes(summary),
        ReasoningDetailKind::Encrypted { data } => bytes(data),
    }
}

fn source_tokens(source: &Source) -> u64 {
    match source {
        Source::Url(_) => TOKENS_PER_MEDIUM,
        Source::Data { data, .. } => medium_tokens(data),
    }
}

fn medium_tokens(base64: &str) -> u64 {
    TOKENS_PER_MEDIUM + bytes(base64) / BASE64_BYTES_PER_TOKEN
}

fn bytes(s: &str) -> u64 {
    u64::try_from(s.len()).unwrap_or(u64::MAX)
}

/// The length of the JSON text, counted without writing it.
fn json_bytes(value: &serde_json::Value) -> u64 {
    struct Count(u64);
    impl std::io::Write for Count {
        fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
            self.0 += buf.len() as u64;
            Ok(buf.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Writing a Value into a counter cannot fail; if it did, the count so far would stand.
    drop(serde_json::to_writer(&mut count, value));
    count.0
}
