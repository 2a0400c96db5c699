//! The settings of a response that change no words of it: checked, and told back in the response as OpenAI does.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::node::{Kind, Node, Problem};

const EFFORTS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh", "max"];

const INCLUDABLE: &[&str] = &[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
];

/// What the response repeats of its request, and what it shows because of it.
#[derive(Debug)]
pub(super) struct Settings {
    /// The effort asked for, if reasoning was.
    pub effort: Option<&'static str>,
    /// The reasoning is summed up.
    pub summarized: bool,
    /// The reasoning is sent encrypted.
    pub encrypted: bool,
    /// Log probabilities are wanted, with so many alternatives.
    pub logprobs: Option<usize>,
    pub echo: Echo,
}

/// The request's parameters in the response, in the order of OpenAI's examples.
#[derive(Debug, Serialize)]
pub(super) struct Echo {
    pub instructions: Value,
    pub max_output_tokens: Value,
    pub max_tool_calls: Value,
    pub parallel_tool_calls: Value,
    pub previous_response_id: Value,
    pub prompt_cache_key: Value,
    pub reasoning: Value,
    pub safety_identifier: Value,
    pub service_tier: Value,
    pub store: Value,
    pub temperature: Value,
    pub text: Value,
    pub tool_choice: Value,
    pub tools: Value,
    pub top_logprobs: Value,
    pub top_p: Value,
    pub truncation: Value,
    pub user: Value,
    pub metadata: Value,
}

impl Settings {
    /// Reads them from the request.
    pub fn read(root: &Node) -> Result<Self, Problem> {
        check(root)?;
        let effort = reasoning(root)?;
        let included = included(root)?;
        let top = root.maybe("top_logprobs", |field| field.integer(0..=20))?;
        let logprobs = included.contains(&"message.output_text.logprobs");
        let summary = |reasoning: &Value| {
            let told = |key| reasoning.get(key).is_some_and(|wanted: &Value| !wanted.is_null());
            told("summary") || told("generate_summary")
        };
        Ok(Self {
            effort,
            summarized: root.value().get("reasoning").is_some_and(summary),
            encrypted: included.contains(&"reasoning.encrypted_content"),
            logprobs: logprobs.then(|| top.and_then(|top| usize::try_from(top).ok()).unwrap_or(0)),
            echo: Echo::of(root.value()),
        })
    }
}

fn check(root: &Node) -> Result<(), Problem> {
    root.maybe("temperature", |field| field.number(0.0..=2.0))?;
    root.maybe("top_p", |field| field.number(0.0..=1.0))?;
    root.maybe("store", |field| field.flag())?;
    root.maybe("max_tool_calls", |field| field.amount(1))?;
    for key in ["user", "safety_identifier", "prompt_cache_key"] {
        root.maybe(key, |field| field.text())?;
    }
    for key in ["access_programs", "background_options", "image", "moderation"] {
        root.maybe(key, |field| field.object())?;
    }
    root.maybe("context_management", |field| field.items()?.try_for_each(|item| item.object()))?;
    root.maybe("metadata", metadata)?;
    root.maybe("truncation", |field| field.word(&["auto", "disabled"]))?;
    root.maybe("prompt_cache_retention", |field| field.word(&["in_memory", "24h"]))?;
    root.maybe("prompt_cache_options", |field| {
        field.only(&["comparison_response_id", "mode", "prewarm", "ttl"])?;
        field.maybe("mode", |mode| mode.word(&["implicit", "explicit"]))?;
        field.maybe("ttl", |ttl| ttl.word(&["30m", "12h"]))
    })?;
    root.maybe("service_tier", |field| {
        field.word(&["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"])
    })?;
    Ok(())
}

/// Up to 16 texts by short keys.
fn metadata(metadata: &Node) -> Result<(), Problem> {
    let Value::Object(pairs) = metadata.value() else { return Err(metadata.unexpected(Kind::Object)) };
    if pairs.len() > 16 {
        let message = format!(
            "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with {} \
             properties instead.",
            pairs.len()
        );
        return Err(metadata.said(message, Some("object_above_max_properties")));
    }
    for key in pairs.keys() {
        metadata.need(key)?.text()?;
    }
    Ok(())
}

fn reasoning(root: &Node) -> Result<Option<&'static str>, Problem> {
    let Some(reasoning) = root.get("reasoning") else { return Ok(None) };
    reasoning.only(&["context", "effort", "generate_summary", "mode", "summary"])?;
    for key in ["summary", "generate_summary"] {
        reasoning.maybe(key, |field| field.word(&["auto", "concise", "detailed"]))?;
    }
    reasoning.maybe("context", |field| field.word(&["auto", "current_turn", "all_turns"]))?;
    reasoning.maybe("mode", |field| field.text())?;
    reasoning.maybe("effort", |field| field.word(EFFORTS))
}

fn included(root: &Node) -> Result<Vec<&'static str>, Problem> {
    let Some(list) = root.get("include") else { return Ok(Vec::new()) };
    list.items()?.map(|item| item.word(INCLUDABLE)).collect()
}

impl Echo {
    fn of(body: &Value) -> Self {
        let given = |key: &str| body.get(key).filter(|value| !value.is_null()).cloned();
        let or = |key: &str, default: Value| given(key).unwrap_or(default);
        let part = |key: &str, defaults: Value| {
            let mut whole = defaults;
            if let (Value::Object(whole), Some(Value::Object(told))) = (&mut whole, given(key)) {
                whole.extend(told);
            }
            whole
        };
        Self {
            instructions: or("instructions", Value::Null),
            max_output_tokens: or("max_output_tokens", Value::Null),
            max_tool_calls: or("max_tool_calls", Value::Null),
            parallel_tool_calls: or("parallel_tool_calls", true.into()),
            previous_response_id: Value::Null,
            prompt_cache_key: or("prompt_cache_key", Value::Null),
            reasoning: part("reasoning", json!({ "effort": null, "summary": null })),
            safety_identifier: or("safety_identifier", Value::Null),
            service_tier: tier(body),
            store: or("store", true.into()),
            temperature: or("temperature", 1.0.into()),
            text: part("text", json!({ "format": { "type": "text" }, "verbosity": "medium" })),
            tool_choice: or("tool_choice", "auto".into()),
            tools: Value::Array(body.get("tools").and_then(Value::as_array).into_iter().flatten().map(tool).collect()),
            top_logprobs: or("top_logprobs", 0.into()),
            top_p: or("top_p", 1.0.into()),
            truncation: or("truncation", "disabled".into()),
            user: or("user", Value::Null),
            metadata: or("metadata", Value::Object(Map::new())),
        }
    }
}

/// The tier that served the request: fast mode is told by its older name.
fn tier(body: &Value) -> Value {
    match body.get("service_tier").and_then(Value::as_str) {
        Some("fast" | "priority") => "priority".into(),
        Some(tier @ ("flex" | "scale" | "ultrafast")) => tier.into(),
        _ => "default".into(),
    }
}

/// A tool with the defaults of a function filled in.
fn tool(given: &Value) -> Value {
    let mut tool = given.clone();
    if let Value::Object(fields) = &mut tool
        && fields.get("type").is_some_and(|kind| kind == "function")
    {
        fields.entry("description").or_insert(Value::Null);
        fields.entry("parameters").or_insert(Value::Null);
        fields.entry("strict").or_insert(true.into());
    }
    tool
}
