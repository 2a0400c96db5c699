//! A canonical request as the body of `POST /messages`.

use std::borrow::Cow;

use canon::{Request, Tool, ToolChoice};
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::{Map, Number, Value, json};

use super::message;
use super::thinking::{self, Thinking};
use crate::dialect::body::{Body, CacheMark};
use crate::dialect::shape::{ANSWER_TOOL, ANSWER_TOOL_DESCRIPTION, Shape, no_arguments, with_type};
use crate::dialect::{EncodeError, Encoded, Reading, Target, schema};

const VERSION: (HeaderName, HeaderValue) =
    (HeaderName::from_static("anthropic-version"), HeaderValue::from_static("2023-06-01"));

/// What an answer may be long where neither client nor catalog says: every model of the protocol gives that much.
const DEFAULT_MAX_TOKENS: u64 = 4_096;

pub fn encode(request: &Request, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let max_output = target.max_output.unwrap_or(u64::MAX);
    let max_tokens = request.max_tokens.or(target.max_output).unwrap_or(DEFAULT_MAX_TOKENS).min(max_output);
    let shape = Shape::of(request, target.capabilities.structured_outputs == Some(true));
    let thinking =
        if shape.forces_a_call(request) { Thinking::default() } else { thinking::plan(request, target, max_tokens) };

    let mut body = Body::new(&request.extra, target);
    body.put("model", target.upstream_id)?;
    body.put("max_tokens", &max_tokens)?;
    let conversation = message::conversation(request)?;
    if !conversation.system.is_empty() {
        body.put("system", &conversation.system)?;
    }
    body.put("messages", &conversation.turns)?;
    put_tools(&mut body, request, target, &shape)?;
    put_output(&mut body, &thinking, &shape)?;
    put_sampling(&mut body, request, target, thinking.is_on())?;
    put_rest(&mut body, request)?;
    body.put("stream", &true)?;
    Ok(Encoded {
        path: "/messages".into(),
        headers: vec![VERSION],
        body: body.finish()?,
        reading: Reading {
            exclude_reasoning: request.reasoning.as_ref().is_some_and(|r| r.exclude == Some(true)),
            answer_tool: shape.is_tool(),
            ..Reading::default()
        },
    })
}

#[derive(Serialize)]
struct WireTool<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    input_schema: Cow<'a, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheMark>,
}

fn put_tools(
    body: &mut Body<'_>,
    request: &Request,
    target: &Target<'_>,
    shape: &Shape<'_>,
) -> Result<(), EncodeError> {
    let mut tools: Vec<WireTool<'_>> = request.callable_tools().map(|tool| wire_tool(tool, target)).collect();
    if let Shape::Tool { schema, description } = shape {
        let description = description.or(Some(ANSWER_TOOL_DESCRIPTION));
        let input_schema = with_type(Cow::Borrowed(schema.as_ref()));
        tools.push(WireTool { name: ANSWER_TOOL, description, input_schema, strict: None, cache_control: None });
    }
    if tools.is_empty() {
        return Ok(());
    }
    body.put("tools", &tools)?;
    let wants_one_call = request.parallel_tool_calls == Some(false) || shape.is_tool();
    let mut choice = match (&request.tool_choice, shape) {
        // With tools of the client's, the model may call these first; without, or when they are off, it must answer.
        (None | Some(ToolChoice::Auto | ToolChoice::Allowed { required: false, .. }), Shape::Tool { .. })
            if tools.len() > 1 =>
        {
            json!({"type": "any"})
        }
        (None | Some(ToolChoice::Auto | ToolChoice::None | ToolChoice::Allowed { .. }), Shape::Tool { .. }) => {
            json!({"type": "tool", "name": ANSWER_TOOL})
        }
        (Some(ToolChoice::None), _) => return body.put("tool_choice", &json!({"type": "none"})),
        (None, _) if !wants_one_call => return Ok(()),
        (None | Some(ToolChoice::Auto | ToolChoice::Allowed { required: false, .. }), _) => json!({"type": "auto"}),
        (Some(ToolChoice::Required | ToolChoice::Allowed { required: true, .. }), _) => json!({"type": "any"}),
        (Some(ToolChoice::Function(name)), _) => json!({"type": "tool", "name": name}),
    };
    if wants_one_call {
        choice["disable_parallel_tool_use"] = json!(true);
    }
    body.put("tool_choice", &choice)
}

fn wire_tool<'a>(tool: &'a Tool, target: &Target<'_>) -> WireTool<'a> {
    let is_strict =
        tool.strict == Some(true) && target.quirks.strict_tools && target.capabilities.structured_outputs == Some(true);
    let parameters = tool.parameters.as_ref().map_or_else(|| Cow::Owned(no_arguments()), Cow::Borrowed);
    WireTool {
        name: &tool.name,
        description: tool.description.as_deref(),
        input_schema: if is_strict { Cow::Owned(schema::strict(&parameters)) } else { with_type(parameters) },
        strict: is_strict.then_some(true),
        cache_control: tool.cache_control.map(CacheMark::from),
    }
}

fn put_output(body: &mut Body<'_>, thinking: &Thinking<'_>, shape: &Shape<'_>) -> Result<(), EncodeError> {
    if let Some(mode) = &thinking.mode {
        body.put("thinking", mode)?;
    }
    let mut config = Map::new();
    if let Some(effort) = &thinking.effort {
        config.insert("effort".to_owned(), json!(effort));
    }
    if let Shape::Native(schema) = shape {
        config.insert("format".to_owned(), json!({"type": "json_schema", "schema": schema}));
    }
    if config.is_empty() { Ok(()) } else { body.put("output_config", &config) }
}

/// The protocol has temperature (at most 1), `top_p` and `top_k`; while thinking only a `top_p` of 0.95 or more. Newer models
/// refuse temperature and `top_p` together, the newest refuse all three.
fn put_sampling(
    body: &mut Body<'_>,
    request: &Request,
    target: &Target<'_>,
    is_thinking: bool,
) -> Result<(), EncodeError> {
    let sampling = &request.sampling;
    if target.capabilities.temperature == Some(false) {
        return Ok(());
    }
    if is_thinking {
        let top_p = sampling.top_p.as_ref().filter(|top_p| top_p.as_f64() >= Some(0.95));
        return body.put_parameter("top_p", "top_p", top_p);
    }
    let temperature = sampling
        .temperature
        .as_ref()
        .map(|wanted| if wanted.as_f64() > Some(1.0) { Number::from(1) } else { wanted.clone() });
    body.put_parameter("temperature", "temperature", temperature.as_ref())?;
    if temperature.is_none() {
        body.put_parameter("top_p", "top_p", sampling.top_p.as_ref())?;
    }
    body.put_parameter("top_k", "top_k", sampling.top_k.as_ref().filter(|top_k| top_k.as_u64() > Some(0)))
}

fn put_rest(body: &mut Body<'_>, request: &Request) -> Result<(), EncodeError> {
    // One of white space alone is refused.
    let stop: Vec<&String> = request.stop.iter().filter(|stop| !stop.trim().is_empty()).collect();
    if !stop.is_empty() {
        body.put("stop_sequences", &stop)?;
    }
    if let Some(cache_control) = request.cache_control {
        body.put("cache_control", &CacheMark::from(cache_control))?;
    }
    if let Some(user) = &request.user {
        body.put("metadata", &json!({"user_id": user}))?;
    }
    let tier = match request.service_tier.as_deref() {
        Some("auto" | "priority") => Some("auto"),
        Some("default" | "standard_only") => Some("standard_only"),
        _ => None,
    };
    tier.map_or(Ok(()), |tier| body.put("service_tier", tier))
}
