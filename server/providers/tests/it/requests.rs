//! Canonical requests, and how each dialect writes them.

mod anthropic;
mod bedrock;
mod cohere;
mod gemini;
mod openai_chat;
mod openai_chat_quirks;
mod openai_responses;
mod vectors_and_scores;

use canon::{
    CacheControl, CacheTtl, JsonSchema, Message, Part, Reasoning, ReasoningDetail, ReasoningDetailKind, Request,
    ResponseFormat, Source, Task, Tool, ToolCall,
};
use providers::catalog::{Capabilities, Dialect};
use providers::dialect::{EncodeError, Encoded, Target, encode};
use providers::quirks::Quirks;
use serde_json::{Value, json};

/// An endpoint as its catalog entry tells it.
#[derive(Debug, Default)]
struct Offer {
    /// `the-model`, unless a test cares.
    upstream_id: Option<&'static str>,
    quirks: Quirks,
    max_output: Option<u64>,
    capabilities: Capabilities,
    efforts: Vec<String>,
    supported: Option<Vec<String>>,
}

impl Offer {
    fn encode(&self, dialect: Dialect, request: &Request) -> Result<Encoded, EncodeError> {
        self.encode_task(dialect, &Task::Chat(request.clone()))
    }

    fn encode_task(&self, dialect: Dialect, task: &Task) -> Result<Encoded, EncodeError> {
        let target = Target {
            upstream_id: self.upstream_id.unwrap_or("the-model"),
            quirks: &self.quirks,
            max_output: self.max_output,
            capabilities: self.capabilities,
            reasoning_efforts: &self.efforts,
            supported_parameters: self.supported.as_deref(),
        };
        encode(dialect, task, &target)
    }

    fn body(&self, dialect: Dialect, request: &Request) -> Value {
        serde_json::from_slice(&self.encode(dialect, request).unwrap().body).unwrap()
    }
}

fn efforts(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned(), cache_control: None }
}

fn marked(text: &str, ttl: CacheTtl) -> Part {
    Part::Text { text: text.to_owned(), cache_control: Some(CacheControl { ttl }) }
}

fn system(words: &str) -> Message {
    Message::System { parts: vec![text(words)], name: None }
}

fn user(words: &str) -> Message {
    Message::User { parts: vec![text(words)], name: None }
}

fn assistant(words: &str) -> Message {
    Message::Assistant {
        parts: vec![text(words)],
        name: None,
        refusal: None,
        reasoning: Vec::new(),
        tool_calls: Vec::new(),
    }
}

fn tool(name: &str) -> Tool {
    let parameters = Some(json!({"type": "object", "properties": {"city": {"type": "string"}}}));
    Tool {
        name: name.to_owned(),
        description: Some("Tells it".to_owned()),
        parameters,
        strict: Some(true),
        cache_control: None,
    }
}

fn schema() -> ResponseFormat {
    let schema = json!({"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]});
    ResponseFormat::JsonSchema(JsonSchema { name: "person".to_owned(), description: None, strict: Some(true), schema })
}

fn ask(words: &str) -> Request {
    Request { messages: vec![user(words)], ..Request::default() }
}

fn thinking(effort: &str) -> Option<Reasoning> {
    Some(Reasoning { effort: Some(effort.to_owned()), ..Reasoning::default() })
}

fn png() -> Source {
    Source::Data { media_type: "image/png".to_owned(), data: "iVBORw0KGgo=".to_owned() }
}

/// A tool loop in the middle: thoughts, two calls, two results (one with an image), a person with a name, a file.
fn long_talk() -> Vec<Message> {
    let thought =
        ReasoningDetailKind::Text { text: Some("Let me look".to_owned()), signature: Some("c2ln".to_owned()) };
    let anthropic = Some("anthropic-claude-v1".to_owned());
    let reasoning = vec![
        ReasoningDetail { kind: thought, id: None, format: anthropic.clone(), index: Some(0) },
        ReasoningDetail {
            kind: ReasoningDetailKind::Encrypted { data: "ZW5j".to_owned() },
            id: None,
            format: anthropic,
            index: Some(1),
        },
        ReasoningDetail {
            kind: ReasoningDetailKind::Text { text: Some("plain".to_owned()), signature: None },
            id: None,
            format: None,
            index: Some(2),
        },
    ];
    let call = |id: &str, name: &str, arguments: &str| ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        cache_control: None,
    };
    let tool_calls = vec![call("functions.look:0", "look", "{\"city\": \"Paris\"}"), call("call_2", "time", "")];
    let pdf = Source::Data { media_type: "application/pdf".to_owned(), data: "JVBERi0=".to_owned() };
    vec![
        Message::System { parts: vec![marked("Be kind.", CacheTtl::OneHour)], name: None },
        Message::Developer { parts: vec![text("Be brief.")], name: None },
        Message::User {
            parts: vec![
                text("Look:"),
                Part::Image {
                    source: Source::Url("https://example.org/a.png".to_owned()),
                    detail: Some("low".to_owned()),
                    cache_control: None,
                },
                Part::File {
                    filename: Some("a.pdf".to_owned()),
                    source: pdf,
                    cache_control: Some(CacheControl { ttl: CacheTtl::FiveMinutes }),
                },
            ],
            name: Some("Ada".to_owned()),
        },
        Message::Assistant { parts: Vec::new(), name: None, refusal: None, reasoning, tool_calls },
        Message::Tool {
            tool_call_id: "functions.look:0".to_owned(),
            parts: vec![
                text("a tower"),
                Part::Image {
                    source: png(),
                    detail: None,
                    cache_control: Some(CacheControl { ttl: CacheTtl::FiveMinutes }),
                },
            ],
            is_error: false,
        },
        Message::Tool { tool_call_id: "call_2".to_owned(), parts: vec![text("noon")], is_error: false },
        user("And now?"),
    ]
}

#[test]
fn dialects_that_are_not_spoken_are_refused() {
    let error = Offer::default().encode(Dialect::Other, &ask("Hi")).unwrap_err();
    assert!(matches!(error, EncodeError::NotSpoken(Dialect::Other)));
}
