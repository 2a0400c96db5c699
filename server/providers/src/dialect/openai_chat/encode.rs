//! A canonical request as the body of `POST /chat/completions`.

use canon::{Request, ResponseFormat, Tool, ToolChoice};
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::{Value, json};

use super::{message, reasoning, route};
use crate::dialect::body::{Body, CacheMark};
use crate::dialect::{EncodeError, Encoded, Reading, Target};
use crate::quirks::{FunctionChoice, JsonSchemaForm, MaxTokensField, PromptCaching, RequiredChoice};

/// Keeps a conversation on the machine that holds its prompt cache, at hosts whose quirks say so.
const SESSION_AFFINITY: HeaderName = HeaderName::from_static("x-session-affinity");

pub fn encode(request: &Request, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let mut body = Body::new(&request.extra, target);
    body.put("model", target.upstream_id)?;
    body.put("messages", &message::all(request, target)?)?;
    put_tools(&mut body, request, target)?;
    put_limits(&mut body, request, target)?;
    put_sampling(&mut body, request, target)?;
    reasoning::put(&mut body, request, target)?;
    put_rest(&mut body, request, target)?;
    body.put("stream", &true)?;
    if target.quirks.stream_usage {
        body.put("stream_options", &json!({"include_usage": true}))?;
    }
    body.put_additions()?;
    let affinity = request.prompt_cache_key.as_ref().filter(|_| target.quirks.session_affinity_headers);
    let affinity = affinity.and_then(|key| HeaderValue::try_from(key).ok());
    Ok(Encoded {
        path: route::path("chat/completions", target),
        headers: affinity.map(|key| (SESSION_AFFINITY, key)).into_iter().collect(),
        body: body.finish()?,
        reading: Reading {
            choices: choices(request, target),
            think_tags: target.quirks.think_tags,
            exclude_reasoning: request.reasoning.as_ref().is_some_and(|r| r.exclude == Some(true)),
            usage: target.quirks.usage,
            ..Reading::default()
        },
    })
}

#[derive(Serialize)]
struct WireTool<'a> {
    r#type: &'static str,
    function: Function<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheMark>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

fn put_tools<'a>(body: &mut Body<'_>, request: &'a Request, target: &Target<'_>) -> Result<(), EncodeError> {
    if request.tools.is_empty() {
        return Ok(());
    }
    let tool = |tool: &'a Tool| WireTool {
        r#type: "function",
        function: Function {
            name: &tool.name,
            description: tool.description.as_deref(),
            parameters: tool.parameters.as_ref(),
            strict: tool.strict.filter(|_| target.quirks.strict_tools),
        },
        cache_control: tool.cache_control.filter(|_| marks_caches(target)).map(CacheMark::from),
    };
    let only = match &request.tool_choice {
        Some(ToolChoice::Function(name)) if target.quirks.tool_choice_function == FunctionChoice::OnlyTool => {
            Some(name)
        }
        _ => None,
    };
    let offered = request.callable_tools().filter(|tool| only.is_none_or(|name| tool.name == *name));
    let tools: Vec<WireTool<'_>> = offered.map(tool).collect();
    body.put("tools", &tools)?;
    let required = match target.quirks.tool_choice_required {
        RequiredChoice::Required => "required",
        RequiredChoice::Any => "any",
        RequiredChoice::Auto => "auto",
    };
    let choice = request.tool_choice.as_ref().map(|choice| match choice {
        ToolChoice::None => json!("none"),
        ToolChoice::Auto => json!("auto"),
        ToolChoice::Required => json!(required),
        ToolChoice::Function(_) if only.is_some() => json!(required),
        ToolChoice::Function(name) => json!({"type": "function", "function": {"name": name}}),
        // Hosts of this dialect rarely know `allowed_tools`: the others are not offered.
        ToolChoice::Allowed { required: true, .. } => json!(required),
        ToolChoice::Allowed { .. } => json!("auto"),
    });
    body.put_parameter("tool_choice", "tool_choice", choice.as_ref())?;
    body.put_parameter("parallel_tool_calls", "parallel_tool_calls", request.parallel_tool_calls.as_ref())
}

/// As many answers as are wanted and can be had, where that is more than one.
fn choices(request: &Request, target: &Target<'_>) -> Option<u32> {
    let most = target.quirks.most_choices.unwrap_or(u32::MAX);
    request.choices.map(|wanted| wanted.min(most)).filter(|choices| *choices > 1)
}

fn put_limits(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let name = match target.quirks.max_tokens {
        MaxTokensField::MaxTokens => "max_tokens",
        MaxTokensField::MaxCompletionTokens => "max_completion_tokens",
    };
    if let Some(max_tokens) = request.max_tokens {
        body.put(name, &max_tokens)?;
    }
    body.put_parameter("n", "n", choices(request, target).as_ref())?;
    if !request.stop.is_empty() {
        body.put_parameter("stop", "stop", Some(&request.stop))?;
    }
    Ok(())
}

fn put_sampling(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let s = &request.sampling;
    if target.capabilities.temperature != Some(false) {
        let temperature = s.temperature.as_ref().map(|wanted| target.temperature(wanted));
        body.put_parameter("temperature", "temperature", temperature.as_ref())?;
        body.put_parameter("top_p", "top_p", s.top_p.as_ref())?;
    }
    body.put_parameter("top_k", "top_k", s.top_k.as_ref())?;
    body.put_parameter("min_p", "min_p", s.min_p.as_ref())?;
    body.put_parameter("top_a", "top_a", s.top_a.as_ref())?;
    body.put_parameter("frequency_penalty", "frequency_penalty", s.frequency_penalty.as_ref())?;
    body.put_parameter("presence_penalty", "presence_penalty", s.presence_penalty.as_ref())?;
    body.put_parameter("repetition_penalty", "repetition_penalty", s.repetition_penalty.as_ref())?;
    body.put_parameter("seed", "seed", s.seed.as_ref())?;
    body.put_parameter("logit_bias", "logit_bias", s.logit_bias.as_ref())?;
    body.put_parameter("logprobs", "logprobs", s.logprobs.as_ref())?;
    body.put_parameter("top_logprobs", "top_logprobs", s.top_logprobs.as_ref())
}

fn put_rest(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let format = request.response_format.as_ref().map(|format| response_format(format, target.quirks.json_schema));
    body.put_parameter("response_format", "response_format", format.as_ref())?;
    body.put_parameter("verbosity", "verbosity", request.verbosity.as_ref())?;
    let cache_control = request.cache_control.filter(|_| marks_caches(target)).map(CacheMark::from);
    if let Some(mark) = cache_control {
        body.put("cache_control", &mark)?;
    }
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
    if let Some(metadata) = request.metadata.as_ref().filter(|_| target.quirks.metadata) {
        body.put("metadata", metadata)?;
    }
    body.put_parameter("prediction", "prediction", request.prediction.as_ref())?;
    body.put_parameter("audio", "audio", request.audio.as_ref())?;
    body.put_parameter("image_config", "image_config", request.image_config.as_ref())?;
    let modalities = Some(&request.modalities).filter(|wanted| wanted.iter().any(|m| m != "text"));
    body.put_parameter("modalities", "modalities", modalities)
}

fn response_format(format: &ResponseFormat, form: JsonSchemaForm) -> Value {
    match (format, form) {
        (ResponseFormat::Text, _) => json!({"type": "text"}),
        // The schema stands in a message.
        (ResponseFormat::JsonObject, _) | (ResponseFormat::JsonSchema(_), JsonSchemaForm::InWords) => {
            json!({"type": "json_object"})
        }
        (ResponseFormat::JsonSchema(schema), JsonSchemaForm::WithObject) => {
            json!({"type": "json_object", "schema": schema.schema})
        }
        (ResponseFormat::JsonSchema(schema), JsonSchemaForm::Native) => {
            let mut inner = json!({"name": schema.name, "schema": schema.schema});
            if let Some(description) = &schema.description {
                inner["description"] = json!(description);
            }
            if let Some(strict) = schema.strict {
                inner["strict"] = json!(strict);
            }
            json!({"type": "json_schema", "json_schema": inner})
        }
    }
}

/// Whether `cache_control` is understood: elsewhere an unknown field may be refused, and the cache needs no mark.
pub fn marks_caches(target: &Target<'_>) -> bool {
    matches!(target.quirks.prompt_caching, PromptCaching::Explicit | PromptCaching::Both)
}
