//! A canonical request as the body of `POST /responses`.

use std::borrow::Cow;

use canon::{Request, ResponseFormat, TaskKind, Tool, ToolChoice};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::input;
use crate::dialect::body::Body;
use crate::dialect::{EncodeError, Encoded, Reading, Target, effort};
use crate::quirks::ReasoningRequest;

pub fn encode(request: &Request, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let mut body = Body::new(&request.extra, target);
    body.put("model", target.upstream_id)?;
    body.put("input", &input::all(request, target)?)?;
    put_tools(&mut body, request, target)?;
    if let Some(max_tokens) = request.max_tokens {
        body.put("max_output_tokens", &max_tokens)?;
    }
    put_sampling(&mut body, request, target)?;
    put_reasoning(&mut body, request, target)?;
    put_text(&mut body, request, target)?;
    let passed_on = [
        ("prompt_cache_key", &request.prompt_cache_key),
        ("service_tier", &request.service_tier),
        ("user", &request.user),
    ];
    for (name, value) in passed_on {
        if let Some(value) = value {
            body.put(name, value)?;
        }
    }
    let included = included(request, target);
    if !included.is_empty() {
        body.put("include", &included)?;
    }
    body.put("store", &false)?;
    body.put("stream", &true)?;
    Ok(Encoded {
        path: "/responses".into(),
        headers: Vec::new(),
        body: body.finish()?,
        reading: Reading {
            task: TaskKind::Chat,
            exclude_reasoning: request.reasoning.as_ref().is_some_and(|r| r.exclude == Some(true)),
            ..Reading::default()
        },
    })
}

#[derive(Serialize)]
struct WireTool<'a> {
    r#type: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    parameters: Cow<'a, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

fn put_tools(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    if request.tools.is_empty() {
        return Ok(());
    }
    let strict = |tool: &Tool| target.quirks.strict_tools.then_some(tool.strict == Some(true));
    let tools: Vec<WireTool<'_>> = request
        .tools
        .iter()
        .map(|wanted| WireTool {
            r#type: "function",
            name: &wanted.name,
            description: wanted.description.as_deref(),
            parameters: wanted
                .parameters
                .as_ref()
                .map_or_else(|| Cow::Owned(json!({"type": "object", "properties": {}})), Cow::Borrowed),
            strict: strict(wanted),
        })
        .collect();
    body.put("tools", &tools)?;
    let choice = request.tool_choice.as_ref().map(|choice| match choice {
        ToolChoice::None => json!("none"),
        ToolChoice::Auto => json!("auto"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Function(name) => json!({"type": "function", "name": name}),
        ToolChoice::Allowed { required, names } => {
            let mode = if *required { "required" } else { "auto" };
            let tools: Vec<Value> = names.iter().map(|name| json!({"type": "function", "name": name})).collect();
            json!({"type": "allowed_tools", "mode": mode, "tools": tools})
        }
    });
    body.put_parameter("tool_choice", "tool_choice", choice.as_ref())?;
    body.put_parameter("parallel_tool_calls", "parallel_tool_calls", request.parallel_tool_calls.as_ref())
}

fn put_sampling(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let sampling = &request.sampling;
    if target.capabilities.temperature != Some(false) {
        let temperature = sampling.temperature.as_ref().map(|wanted| target.temperature(wanted));
        body.put_parameter("temperature", "temperature", temperature.as_ref())?;
        body.put_parameter("top_p", "top_p", sampling.top_p.as_ref())?;
    }
    body.put_parameter("top_logprobs", "top_logprobs", sampling.top_logprobs.as_ref())
}

/// Thoughts are only shown as a summary, and that only if asked for: clients of other protocols see them without asking.
fn put_reasoning(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let Some(reasoning) = &request.reasoning else { return Ok(()) };
    let is_fixed = target.quirks.reasoning_request == ReasoningRequest::None;
    if is_fixed || target.capabilities.reasoning == Some(false) {
        return Ok(());
    }
    let mut object = Map::new();
    if let Some(effort) = effort::wanted(request, target) {
        object.insert("effort".to_owned(), Value::from(effort.as_ref()));
    }
    let habit = effort::is_on(reasoning) && reasoning.exclude != Some(true);
    let summary = reasoning.summary.as_deref().or(habit.then_some("auto"));
    if let Some(summary) = summary.filter(|_| target.quirks.reasoning_summaries && !reasoning.is_off()) {
        object.insert("summary".to_owned(), Value::from(summary));
    }
    let object = (!object.is_empty()).then_some(object);
    body.put_parameter("reasoning", "reasoning", object.as_ref())
}

/// The shape of the answer's text, and how long-winded it is.
fn put_text(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let mut text = Map::new();
    if let Some(format) = request.response_format.as_ref().filter(|_| target.supports("response_format")) {
        text.insert("format".to_owned(), text_format(format));
    }
    if let Some(verbosity) = request.verbosity.as_ref().filter(|_| target.supports("verbosity")) {
        text.insert("verbosity".to_owned(), json!(verbosity));
    }
    if text.is_empty() { Ok(()) } else { body.put("text", &text) }
}

fn text_format(format: &ResponseFormat) -> Value {
    match format {
        ResponseFormat::Text => json!({"type": "text"}),
        ResponseFormat::JsonObject => json!({"type": "json_object"}),
        ResponseFormat::JsonSchema(schema) => {
            let mut format = json!({"type": "json_schema", "name": schema.name, "schema": schema.schema});
            if let Some(description) = &schema.description {
                format["description"] = json!(description);
            }
            if let Some(strict) = schema.strict {
                format["strict"] = json!(strict);
            }
            format
        }
    }
}

/// What the answer shall hold besides. Models that do not reason refuse to be asked for encrypted reasoning.
fn included(request: &Request, target: &Target<'_>) -> Vec<&'static str> {
    let mut included = Vec::new();
    if target.capabilities.reasoning != Some(false) {
        included.push("reasoning.encrypted_content");
    }
    if request.sampling.logprobs == Some(true) && target.supports("logprobs") {
        included.push("message.output_text.logprobs");
    }
    included
}
