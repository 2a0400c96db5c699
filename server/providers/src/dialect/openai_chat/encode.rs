//! A canonical request as the body of `POST /chat/completions`.

use canon::{Request, ResponseFormat, Tool, ToolChoice};
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::{Value, json};

use super::message;
use crate::dialect::body::{Body, CacheMark};
use crate::dialect::{EncodeError, Encoded, Reading, Target, effort};
use crate::quirks::{MaxTokensField, PromptCaching, ReasoningRequest};

/// Keeps a conversation on the machine that holds its prompt cache, at hosts whose quirks say so.
const SESSION_AFFINITY: HeaderName = HeaderName::from_static("x-session-affinity");

pub fn encode(request: &Request, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let mut body = Body::new(&request.extra, target);
    body.put("model", target.upstream_id)?;
    body.put("messages", &message::all(request, target)?)?;
    put_tools(&mut body, request, target)?;
    put_limits(&mut body, request, target)?;
    put_sampling(&mut body, request, target)?;
    put_reasoning(&mut body, request, target)?;
    put_rest(&mut body, request, target)?;
    body.put("stream", &true)?;
    if target.quirks.stream_usage {
        body.put("stream_options", &json!({"include_usage": true}))?;
    }
    let affinity = request.prompt_cache_key.as_ref().filter(|_| target.quirks.session_affinity_headers);
    let affinity = affinity.and_then(|key| HeaderValue::try_from(key).ok());
    Ok(Encoded {
        path: "/chat/completions".into(),
        headers: affinity.map(|key| (SESSION_AFFINITY, key)).into_iter().collect(),
        body: body.finish()?,
        reading: Reading {
            choices: request.choices,
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
    let tools: Vec<WireTool<'_>> = request.callable_tools().map(tool).collect();
    body.put("tools", &tools)?;
    let choice = request.tool_choice.as_ref().map(|choice| match choice {
        ToolChoice::None => json!("none"),
        ToolChoice::Auto => json!("auto"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Function(name) => json!({"type": "function", "function": {"name": name}}),
        // Hosts of this dialect rarely know `allowed_tools`: the others are not offered.
        ToolChoice::Allowed { required, .. } => json!(if *required { "required" } else { "auto" }),
    });
    body.put_parameter("tool_choice", "tool_choice", choice.as_ref())?;
    body.put_parameter("parallel_tool_calls", "parallel_tool_calls", request.parallel_tool_calls.as_ref())
}

fn put_limits(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let name = match target.quirks.max_tokens {
        MaxTokensField::MaxTokens => "max_tokens",
        MaxTokensField::MaxCompletionTokens => "max_completion_tokens",
    };
    if let Some(max_tokens) = request.max_tokens {
        body.put(name, &max_tokens)?;
    }
    body.put_parameter("n", "n", request.choices.filter(|choices| *choices > 1).as_ref())?;
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

fn put_reasoning(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let Some(reasoning) = &request.reasoning else { return Ok(()) };
    if target.capabilities.reasoning == Some(false) {
        return Ok(());
    }
    let wanted = effort::wanted(request, target);
    match target.quirks.reasoning_request {
        ReasoningRequest::Effort => body.put_parameter("reasoning_effort", "reasoning", wanted.as_deref()),
        ReasoningRequest::Object => {
            let fields = [
                ("enabled", reasoning.enabled.map(Value::from)),
                ("effort", reasoning.effort.as_deref().map(Value::from)),
                ("max_tokens", reasoning.max_tokens.map(Value::from)),
                ("exclude", reasoning.exclude.map(Value::from)),
                ("summary", reasoning.summary.as_deref().map(Value::from)),
            ];
            let object = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
            body.put("reasoning", &Value::Object(object))
        }
        ReasoningRequest::Thinking => {
            if reasoning.is_off() {
                body.put("thinking", &json!({"type": "disabled"}))?;
            } else if effort::is_on(reasoning) {
                body.put("thinking", &json!({"type": "enabled"}))?;
            }
            let graded = wanted.filter(|_| !reasoning.is_off() && !target.reasoning_efforts.is_empty());
            body.put_parameter("reasoning_effort", "reasoning", graded.as_deref())
        }
        ReasoningRequest::None => Ok(()),
    }
}

/// `metadata` is not sent: OpenAI takes it only together with `store`, and it is the gateway's to keep.
fn put_rest(body: &mut Body<'_>, request: &Request, target: &Target<'_>) -> Result<(), EncodeError> {
    let format = request.response_format.as_ref().map(response_format);
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
    body.put_parameter("prediction", "prediction", request.prediction.as_ref())?;
    body.put_parameter("audio", "audio", request.audio.as_ref())?;
    body.put_parameter("image_config", "image_config", request.image_config.as_ref())?;
    let modalities = Some(&request.modalities).filter(|wanted| wanted.iter().any(|m| m != "text"));
    body.put_parameter("modalities", "modalities", modalities)
}

fn response_format(format: &ResponseFormat) -> Value {
    match format {
        ResponseFormat::Text => json!({"type": "text"}),
        ResponseFormat::JsonObject => json!({"type": "json_object"}),
        ResponseFormat::JsonSchema(schema) => {
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
