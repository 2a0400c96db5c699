//! A canonical request as the body of `POST /v2/chat`.

use canon::{Request, ResponseFormat, Tool, ToolChoice};
use serde::Serialize;
use serde_json::{Number, Value, json};

use super::message;
use crate::dialect::body::Body;
use crate::dialect::{EncodeError, Encoded, Reading, Target, effort};

#[derive(Serialize)]
struct WireTool<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// Required by the protocol.
    parameters: Option<&'a Value>,
}

pub fn encode(request: &Request, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let mut body = Body::new(&request.extra, target);
    body.put("model", target.upstream_id)?;
    body.put("messages", &message::all(&request.messages)?)?;
    put_tools(&mut body, request, target)?;
    put_format(&mut body, request)?;
    put_limits(&mut body, request)?;
    put_sampling(&mut body, request, target)?;
    put_thinking(&mut body, request, target)?;
    body.put("stream", &true)?;
    Ok(Encoded {
        path: "/chat".into(),
        headers: Vec::new(),
        body: body.finish()?,
        reading: Reading {
            exclude_reasoning: request.reasoning.as_ref().is_some_and(|r| r.exclude == Some(true)),
            ..Reading::default()
        },
    })
}

/// The tools that are offered: all that the choice lets be called.
fn offered(request: &Request) -> Vec<&Tool> {
    match &request.tool_choice {
        Some(ToolChoice::Function(name)) => request.tools.iter().filter(|tool| tool.name == *name).collect(),
        _ => request.callable_tools().collect(),
    }
}

fn put_tools(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let tools = offered(request);
    if tools.is_empty() {
        return Ok(());
    }
    let nothing = json!({"type": "object", "properties": {}});
    let wire: Vec<WireTool<'_>> = tools
        .iter()
        .map(|tool| WireTool {
            r#type: "function",
            function: Function {
                name: &tool.name,
                description: tool.description.as_deref(),
                parameters: Some(tool.parameters.as_ref().unwrap_or(&nothing)),
            },
        })
        .collect();
    body.put("tools", &wire)?;
    if target.quirks.strict_tools && tools.iter().all(|tool| can_be_strict(tool)) {
        body.put("strict_tools", &true)?;
    }
    let choice = match &request.tool_choice {
        Some(ToolChoice::None) => Some("NONE"),
        Some(ToolChoice::Required | ToolChoice::Function(_) | ToolChoice::Allowed { required: true, .. }) => {
            Some("REQUIRED")
        }
        Some(ToolChoice::Auto | ToolChoice::Allowed { required: false, .. }) | None => None,
    };
    body.put_parameter("tool_choice", "tool_choice", choice)
}

/// The provider holds all tools to their schemas or none, and refuses to where one has no required parameter.
fn can_be_strict(tool: &Tool) -> bool {
    let required = tool.parameters.as_ref().and_then(|schema| schema.get("required")?.as_array());
    tool.strict == Some(true) && required.is_some_and(|names| !names.is_empty())
}

fn put_format(body: &mut Body<'_>, request: &Request) -> Result<(), EncodeError> {
    let format = match &request.response_format {
        None | Some(ResponseFormat::Text) => return Ok(()),
        Some(ResponseFormat::JsonObject) => json!({"type": "json_object"}),
        Some(ResponseFormat::JsonSchema(schema)) => json!({"type": "json_object", "json_schema": schema.schema}),
    };
    if !offered(request).is_empty() {
        return Err(EncodeError::NoWay("a response format together with tools"));
    }
    body.put("response_format", &format)
}

fn put_limits(body: &mut Body<'_>, request: &Request) -> Result<(), EncodeError> {
    if let Some(max_tokens) = request.max_tokens {
        body.put("max_tokens", &max_tokens)?;
    }
    let stop = Some(&request.stop).filter(|stop| !stop.is_empty());
    body.put_parameter("stop_sequences", "stop", stop)
}

/// Values beyond the provider's ranges, which are narrower than OpenAI's, are moved to their ends.
fn put_sampling(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let s = &request.sampling;
    let within = |wanted: &Option<Number>, least: f64, most: f64| wanted.as_ref().map(|n| clamped(n, least, most));
    if target.capabilities.temperature != Some(false) {
        body.put_parameter("temperature", "temperature", s.temperature.as_ref())?;
        body.put_parameter("p", "top_p", within(&s.top_p, 0.01, 0.99).as_ref())?;
    }
    body.put_parameter("k", "top_k", within(&s.top_k, 0.0, 500.0).as_ref())?;
    let penalty = within(&s.frequency_penalty, 0.0, 1.0);
    body.put_parameter("frequency_penalty", "frequency_penalty", penalty.as_ref())?;
    let penalty = within(&s.presence_penalty, 0.0, 1.0);
    body.put_parameter("presence_penalty", "presence_penalty", penalty.as_ref())?;
    body.put_parameter("seed", "seed", s.seed.as_ref())?;
    body.put_parameter("logprobs", "logprobs", s.logprobs.as_ref())
}

fn clamped(wanted: &Number, least: f64, most: f64) -> Number {
    let outside = wanted.as_f64().filter(|value| !(least..=most).contains(value));
    let end = outside.map(|value| if value < least { least } else { most });
    end.and_then(Number::from_f64).unwrap_or_else(|| wanted.clone())
}

fn put_thinking(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let Some(reasoning) = request.reasoning.as_ref().filter(|_| target.capabilities.reasoning != Some(false)) else {
        return Ok(());
    };
    if reasoning.is_off() {
        return body.put_parameter("thinking", "reasoning", Some(&json!({"type": "disabled"})));
    }
    if !effort::is_on(reasoning) {
        return Ok(());
    }
    let limit = request.max_tokens.or(target.max_output);
    let is_graded = reasoning.max_tokens.is_some() || reasoning.effort.is_some();
    let budget = match (reasoning.max_tokens, limit) {
        (Some(budget), _) => Some(budget),
        (None, Some(limit)) if is_graded => reasoning.budget(limit),
        _ => None,
    };
    let mut thinking = json!({"type": "enabled"});
    if let Some(budget) = budget {
        thinking["token_budget"] = budget.into();
    }
    body.put_parameter("thinking", "reasoning", Some(&thinking))
}
