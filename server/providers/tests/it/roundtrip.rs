//! What is asked in canonical words, sent in a dialect to the simulator, and read back, is what was asked for.
//!
//! The simulator says back the last user message, counts pictures, calls the tools that are named and fills in schemas; it
//! refuses, as strictly as the provider would, what is not the dialect. So a field that an encoder loses or misplaces, and a
//! piece that a decoder loses, shows.

use std::time::Duration;

use canon::request::{CacheControl, CacheTtl};
use canon::{
    Choice, Completion, FinishReason, Fold, JsonSchema, Message, Part, Reasoning, Request, ResponseFormat, Sampling,
    Source, Task, TaskKind, Tool, ToolChoice, UpstreamError,
};
use futures::StreamExt;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use providers::auth::{Credential, Secret};
use providers::catalog::{Capabilities, Dialect};
use providers::dialect::{Target, is_spoken};
use providers::quirks::{MaxTokensField, PromptCaching, Quirks};
use providers::transport::{Limits, Transport};
use providers::upstream::{Call, Upstream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Each dialect's address at the simulator, and the header its key goes in (`None`: as a bearer token).
const WIRES: [(Dialect, &str, Option<&str>); 8] = [
    (Dialect::OpenaiChat, "/openai/v1", None),
    (Dialect::OpenaiResponses, "/openai/v1", None),
    (Dialect::Azure, "/azure/openai/v1", Some("api-key")),
    (Dialect::Anthropic, "/anthropic/v1", Some("x-api-key")),
    (Dialect::Gemini, "/gemini/v1beta", Some("x-goog-api-key")),
    (Dialect::Vertex, "/vertex/v1", Some("x-goog-api-key")),
    (Dialect::Bedrock, "/bedrock", None),
    (Dialect::Cohere, "/cohere/v2", None),
];

const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const TOOLS: [&str; 3] = ["get_weather", "get_time", "look-up"];

/// A question in as few words as decide its answer.
#[derive(Clone, Debug)]
struct Question {
    system: Option<String>,
    /// Earlier turns: what was said, and what was answered.
    history: Vec<(String, String)>,
    said: String,
    images: usize,
    /// How many of `TOOLS` there are, and which of those are named.
    tools: usize,
    named: Vec<bool>,
    choice: Option<ToolChoice>,
    /// Earlier turns end with a call of the first tool and its result.
    has_result: bool,
    schema: bool,
    stop: Option<String>,
    thinks: bool,
    hides_thoughts: bool,
    sampling: (bool, bool),
    marks: bool,
}

fn words(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec("[a-zA-Zéß漢😀\"\\\\'<&{}/,.!?-]{1,7}", 1..most).prop_map(|words| words.join(" "))
}

fn question() -> impl Strategy<Value = Question> {
    let text = (prop::option::of(words(5)), prop::collection::vec((words(4), words(4)), 0..3), words(9), 0..3usize);
    let tools = (0..=TOOLS.len(), prop::collection::vec(any::<bool>(), TOOLS.len()), 0..4u8, any::<bool>());
    let rest = (any::<bool>(), prop::option::of(Just("zzz".to_owned())), any::<bool>(), any::<bool>());
    (text, tools, rest, any::<(bool, bool)>(), any::<bool>()).prop_map(|(text, tools, rest, sampling, marks)| {
        let (system, history, said, images) = text;
        let (count, named, choice, has_result) = tools;
        let (schema, stop, thinks, hides_thoughts) = rest;
        let choice = match choice {
            0 if count > 0 => Some(ToolChoice::Auto),
            1 if count > 0 => Some(ToolChoice::None),
            _ => None,
        };
        let has_result = has_result && count > 0;
        let schema = schema && count == 0;
        Question {
            system,
            history,
            said,
            images: if has_result { 0 } else { images },
            tools: count,
            named,
            choice,
            has_result,
            schema,
            stop,
            // No provider's thoughts are at hand to send back with the result.
            thinks: thinks && !has_result,
            hides_thoughts,
            sampling,
            marks,
        }
    })
}

impl Question {
    fn schema() -> Value {
        json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false})
    }

    /// The tools that the model is to call, since they are named.
    fn called(&self) -> Vec<&'static str> {
        if self.choice == Some(ToolChoice::None) || self.has_result {
            return Vec::new();
        }
        TOOLS.iter().take(self.tools).zip(&self.named).filter(|(_, named)| **named).map(|(tool, _)| *tool).collect()
    }

    fn text(&self) -> String {
        let named = TOOLS.iter().zip(&self.named).filter(|(_, named)| **named).map(|(tool, _)| *tool);
        let stop = self.stop.as_ref().map(|stop| format!("before {stop} after"));
        let pieces: Vec<&str> = std::iter::once(self.said.as_str()).chain(named).chain(stop.as_deref()).collect();
        pieces.join(" ")
    }

    fn request(&self) -> Request {
        let mark = self.marks.then_some(CacheControl { ttl: CacheTtl::FiveMinutes });
        let text = |text: &str| Part::Text { text: text.to_owned(), cache_control: None };
        let mut messages = Vec::new();
        if let Some(system) = &self.system {
            let parts = vec![Part::Text { text: system.clone(), cache_control: mark }];
            messages.push(Message::System { parts, name: None });
        }
        for (said, answered) in &self.history {
            messages.push(Message::User { parts: vec![text(said)], name: None });
            messages.push(assistant(vec![text(answered)], Vec::new()));
        }
        let mut parts = vec![text(&self.text())];
        let picture = || Source::Data { media_type: "image/png".to_owned(), data: PNG.to_owned() };
        parts.extend((0..self.images).map(|_| Part::Image { source: picture(), detail: None, cache_control: None }));
        messages.push(Message::User { parts, name: None });
        if self.has_result {
            let id = "call_1".to_owned();
            let (name, arguments) = (TOOLS[0].to_owned(), r#"{"city":"Paris"}"#.to_owned());
            let call = canon::ToolCall { id: id.clone(), name, arguments, cache_control: None };
            messages.push(assistant(Vec::new(), vec![call]));
            messages.push(Message::Tool { tool_call_id: id, parts: vec![text("21 degrees")], is_error: false });
        }
        let tool = |name: &&str| Tool {
            name: (*name).to_owned(),
            description: Some("A tool.".to_owned()),
            parameters: Some(Self::schema()),
            strict: None,
            cache_control: None,
        };
        let format =
            JsonSchema { name: "answer".to_owned(), description: None, strict: Some(true), schema: Self::schema() };
        let reasoning = Reasoning {
            effort: Some("low".to_owned()),
            exclude: self.hides_thoughts.then_some(true),
            summary: Some("auto".to_owned()),
            ..Reasoning::default()
        };
        Request {
            messages,
            tools: TOOLS.iter().take(self.tools).map(tool).collect(),
            tool_choice: self.choice.clone(),
            response_format: self.schema.then_some(ResponseFormat::JsonSchema(format)),
            max_tokens: Some(8_000),
            stop: self.stop.iter().cloned().collect(),
            sampling: Sampling {
                temperature: self.sampling.0.then(|| 1.into()),
                top_p: self.sampling.1.then(|| 1.into()),
                ..Sampling::default()
            },
            reasoning: self.thinks.then_some(reasoning),
            ..Request::default()
        }
    }

    /// What is wrong with an answer.
    fn judge(&self, dialect: Dialect, answer: &Completion) -> Result<(), String> {
        let Choice { text, reasoning, tool_calls, finish, .. } = &answer.answer;
        let finish = finish.as_ref().ok_or("no finish")?;
        let names: Vec<&str> = tool_calls.iter().map(|call| call.name.as_str()).collect();
        let (called, usage) = (self.called(), answer.usage.ok_or("no usage")?);
        equal("tools called", &names, &called)?;
        for call in tool_calls {
            let arguments: Value = serde_json::from_str(&call.arguments).map_err(|e| format!("{e}: {call:?}"))?;
            holds(arguments["city"].is_string(), format!("arguments {arguments}"))?;
            holds(!call.id.is_empty(), "a call without id".to_owned())?;
        }
        if called.is_empty() {
            equal("finish", finish.reason, FinishReason::Stop)?;
            self.judge_text(text)?;
        } else {
            equal("finish", finish.reason, FinishReason::ToolCalls)?;
        }
        let shows = self.thinks && !self.hides_thoughts;
        // Before a call, the protocol has a plan in the place of thoughts, asked for or not.
        let plans = dialect == Dialect::Cohere && !called.is_empty();
        holds(shows || plans || reasoning.is_empty(), format!("thoughts that nobody asked for: {reasoning}"))?;
        holds(!shows || !reasoning.is_empty(), "no thoughts".to_owned())?;
        holds(usage.prompt > 0 && usage.completion > 0, format!("{usage:?}"))
    }

    fn judge_text(&self, text: &str) -> Result<(), String> {
        if self.has_result {
            return equal("text", text, &format!("The tool {} returned: 21 degrees", TOOLS[0]));
        }
        if self.schema {
            let answer: Value = serde_json::from_str(text).map_err(|e| format!("{e}: {text}"))?;
            return holds(answer["city"].is_string(), format!("not of the schema: {text}"));
        }
        let seen = match self.images {
            0 => String::new(),
            1 => " I see 1 image.".to_owned(),
            n => format!(" I see {n} images."),
        };
        let whole = format!("You said: {}{seen}", self.text());
        let wanted = self
            .stop
            .as_ref()
            .and_then(|stop| whole.split_once(stop.as_str()))
            .map_or(whole.as_str(), |(before, _)| before);
        equal("text", text, wanted)
    }
}

fn assistant(parts: Vec<Part>, tool_calls: Vec<canon::ToolCall>) -> Message {
    Message::Assistant { parts, name: None, refusal: None, reasoning: Vec::new(), tool_calls }
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, got: T, wanted: T) -> Result<(), String> {
    holds(got == wanted, format!("{what}: got {got:?}, wanted {wanted:?}"))
}

fn holds(holds: bool, otherwise: String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise) }
}

async fn ask(
    upstream: &Upstream,
    base_url: &str,
    dialect: Dialect,
    header: Option<&str>,
    question: &Question,
) -> Result<Completion, UpstreamError> {
    let secret = Secret::new("a key");
    let credential = header
        .map_or_else(|| Credential::Bearer(secret.clone()), |name| Credential::Header(name.to_owned(), secret.clone()));
    let prompt_caching = match dialect {
        Dialect::OpenaiChat | Dialect::Azure => PromptCaching::Implicit,
        _ => PromptCaching::Explicit,
    };
    let quirks = Quirks { max_tokens: MaxTokensField::MaxCompletionTokens, prompt_caching, ..Quirks::default() };
    let reasons = question.thinks;
    let capabilities = Capabilities {
        tools: Some(true),
        structured_outputs: Some(true),
        reasoning: Some(reasons),
        ..Capabilities::default()
    };
    let target = Target {
        upstream_id: match (dialect, reasons) {
            // Here the maker's name in the id says in which words to ask for thoughts.
            (Dialect::Bedrock, true) => "anthropic.sim-reasoner?thinking=9",
            (_, true) => "sim-reasoner?thinking=9",
            (_, false) => "sim-echo",
        },
        quirks: &quirks,
        max_output: Some(16_000),
        capabilities,
        reasoning_efforts: &[],
        supported_parameters: None,
    };
    let limits = Limits::default();
    let call = Call { base_url, dialect, credential: &credential, target, limits };
    let mut events = upstream.open(call, &Task::Chat(question.request())).await?;
    let mut fold = Fold::default();
    while let Some(event) = events.next().await {
        fold.push(&event?);
    }
    Ok(fold.finish())
}

fn comes_back(dialect: Dialect) {
    assert!(is_spoken(dialect, TaskKind::Chat), "{dialect:?} is not spoken");
    let (_, path, header) = *WIRES.iter().find(|(known, ..)| *known == dialect).unwrap();
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let base_url = format!("http://{}{path}", listener.local_addr().unwrap());
    runtime.spawn(simulator::serve(listener, simulator::Config::default(), std::future::pending()));
    let upstream = {
        // The pool of connections belongs to this runtime.
        let _inside = runtime.enter();
        Upstream::new(Transport::new(Duration::from_secs(5)).unwrap())
    };
    let mut runner = TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let result = runner.run(&question(), |question| {
        let answer = runtime.block_on(ask(&upstream, &base_url, dialect, header, &question));
        let answer = answer.map_err(|e| TestCaseError::fail(format!("{e:?}")))?;
        question.judge(dialect, &answer).map_err(|why| TestCaseError::fail(format!("{why}\n{answer:#?}")))
    });
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

#[test]
fn what_is_asked_over_chat_completions_comes_back() {
    comes_back(Dialect::OpenaiChat);
}

#[test]
fn what_is_asked_over_messages_comes_back() {
    comes_back(Dialect::Anthropic);
}

#[test]
fn what_is_asked_over_responses_comes_back() {
    comes_back(Dialect::OpenaiResponses);
}

#[test]
fn what_is_asked_over_converse_comes_back() {
    comes_back(Dialect::Bedrock);
}

#[test]
fn what_is_asked_over_cohere_comes_back() {
    comes_back(Dialect::Cohere);
}

#[test]
fn what_is_asked_over_generate_content_comes_back() {
    comes_back(Dialect::Gemini);
}

#[test]
fn what_is_asked_over_generate_content_of_vertex_comes_back() {
    comes_back(Dialect::Vertex);
}
