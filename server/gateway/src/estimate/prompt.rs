//! Walks over all that a model reads of a task, so that each figure sees the same.

use canon::request::ReasoningDetailKind;
use canon::{EmbedInput, Message, Part, Request, ResponseFormat, Source, Task, Tool};
use serde_json::Value;

/// Chat templates put markers around each message and each tool.
const TOKENS_PER_MESSAGE: u64 = 16;
const TOKENS_PER_TOOL: u64 = 64;
/// What large images come to at providers that count them as tokens.
const TOKENS_PER_IMAGE: u64 = 4_000;
/// PDF pages and seconds of audio and video, by the size of their base64.
const TOKENS_PER_MEDIUM: u64 = 4_000;
const BASE64_BYTES_PER_TOKEN: u64 = 10;

/// Is told the pieces of a prompt.
pub trait Reader {
    fn text(&mut self, text: &str);

    /// Text that was told before, and that some providers count each time it is used.
    fn again(&mut self, text: &str);

    /// Text that only the provider can read.
    fn opaque(&mut self, data: &str);

    /// Read as text by the model, in a form of the provider's.
    fn json(&mut self, value: &Value);

    /// Tokens that are already such.
    fn tokens(&mut self, count: u64);

    /// What is no text, or not in the client's request: it comes to this many tokens at most.
    fn at_most(&mut self, tokens: u64);
}

/// Tells `reader` the prompt of a task.
pub fn read_prompt(task: &Task, reader: &mut impl Reader) {
    match task {
        Task::Chat(request) => read_chat(request, reader),
        Task::Embed(request) => request.inputs.iter().for_each(|input| read_input(input, reader)),
        Task::Rerank(request) => {
            for (at, document) in request.documents.iter().enumerate() {
                if at == 0 {
                    reader.text(&request.query)
                } else {
                    reader.again(&request.query)
                }
                reader.text(document);
                reader.at_most(TOKENS_PER_MESSAGE);
            }
        }
    }
}

fn read_input(input: &EmbedInput, reader: &mut impl Reader) {
    reader.at_most(TOKENS_PER_MESSAGE);
    match input {
        EmbedInput::Text(text) => reader.text(text),
        EmbedInput::Tokens(tokens) => reader.tokens(tokens.len() as u64),
        EmbedInput::Parts(parts) => read_parts(parts, reader),
    }
}

/// Messages, tools and the schema of the answer.
fn read_chat(request: &Request, reader: &mut impl Reader) {
    reader.at_most(TOKENS_PER_MESSAGE);
    for message in &request.messages {
        reader.at_most(TOKENS_PER_MESSAGE);
        read_message(message, reader);
    }
    request.tools.iter().for_each(|tool| read_tool(tool, reader));
    if let Some(ResponseFormat::JsonSchema(schema)) = &request.response_format {
        reader.json(&schema.schema);
    }
}

fn read_message(message: &Message, reader: &mut impl Reader) {
    match message {
        Message::System { parts, name } | Message::Developer { parts, name } | Message::User { parts, name } => {
            name.iter().for_each(|name| reader.text(name));
            read_parts(parts, reader);
        }
        Message::Tool { tool_call_id, parts, .. } => {
            // Few templates show the id.
            reader.at_most(tool_call_id.len() as u64);
            read_parts(parts, reader);
        }
        Message::Assistant { parts, name, refusal, reasoning, tool_calls } => {
            name.iter().chain(refusal).for_each(|text| reader.text(text));
            for call in tool_calls {
                reader.at_most(call.id.len() as u64);
                reader.text(&call.name);
                reader.text(&call.arguments);
            }
            for detail in reasoning {
                match &detail.kind {
                    ReasoningDetailKind::Text { text, .. } => text.iter().for_each(|text| reader.text(text)),
                    ReasoningDetailKind::Summary { summary } => reader.text(summary),
                    ReasoningDetailKind::Encrypted { data } => reader.opaque(data),
                }
            }
            read_parts(parts, reader);
        }
    }
}

fn read_tool(tool: &Tool, reader: &mut impl Reader) {
    reader.at_most(TOKENS_PER_TOOL);
    reader.text(&tool.name);
    tool.description.iter().for_each(|text| reader.text(text));
    tool.parameters.iter().for_each(|schema| reader.json(schema));
}

fn read_parts(parts: &[Part], reader: &mut impl Reader) {
    for part in parts {
        match part {
            Part::Text { text, .. } => reader.text(text),
            Part::Image { .. } => reader.at_most(TOKENS_PER_IMAGE),
            Part::Audio { data, .. } => reader.at_most(medium_tokens(data)),
            Part::File { source, .. } | Part::Video { source } => reader.at_most(match source {
                Source::Url(_) => TOKENS_PER_MEDIUM,
                Source::Data { data, .. } => medium_tokens(data),
            }),
        }
    }
}

fn medium_tokens(base64: &str) -> u64 {
    TOKENS_PER_MEDIUM + base64.len() as u64 / BASE64_BYTES_PER_TOKEN
}
