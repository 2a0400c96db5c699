//! From the body to a `Call`: all checks that need no provider are made here, each with its field.

use canon::request::ReasoningDetailKind;
use canon::{
    JsonSchema, Message, Reasoning, ReasoningDetail, Request, ResponseFormat, Sampling, Task, Tool, ToolCall,
    ToolChoice,
};
use serde_json::Number;

use super::SURFACE;
use super::wire::{
    AllowedTools, Body, ToolMode, WireMessage, WireReasoning, WireResponseFormat, WireTool, WireToolChoice,
    known_details,
};
use crate::call::{Call, Origin, Routing};
use crate::error::GatewayError;
use crate::surfaces::fields::{choices, in_range, known_effort, models, positive, stops};
use crate::surfaces::json;
use crate::surfaces::provider::ProviderWishes;

/// More tools than any provider takes.
const MOST_TOOLS: usize = 1_024;

/// Parses a body. Errors: `Invalid` with the field's path.
pub fn parse(body: &[u8], origin: Origin) -> Result<Call, GatewayError> {
    let body: Body = json::read(body)?;
    check_ranges(&body)?;
    let stream = body.stream.unwrap_or(false);
    let models = models(body.model, body.models)?;
    let routing = body.provider.map_or_else(|| Ok(Routing::default()), ProviderWishes::into_routing)?;
    let messages =
        body.messages.ok_or_else(|| GatewayError::invalid("messages", "is missing: a list of at least one message"))?;
    if messages.is_empty() {
        return Err(GatewayError::invalid("messages", "is empty: at least one message is needed"));
    }
    let request = Request {
        messages: messages.into_iter().enumerate().map(|(i, m)| message(i, m)).collect::<Result<_, _>>()?,
        tools: tools(body.tools.unwrap_or_default())?,
        tool_choice: body.tool_choice.map(tool_choice),
        parallel_tool_calls: body.parallel_tool_calls,
        response_format: body.response_format.map(response_format),
        max_tokens: max_tokens(body.max_completion_tokens, body.max_tokens)?,
        choices: choices(body.n.as_ref())?,
        stop: stops(body.stop)?,
        sampling: Sampling {
            temperature: body.temperature,
            top_p: body.top_p,
            top_k: body.top_k,
            min_p: body.min_p,
            top_a: body.top_a,
            frequency_penalty: body.frequency_penalty,
            presence_penalty: body.presence_penalty,
            repetition_penalty: body.repetition_penalty,
            seed: body.seed,
            logit_bias: body.logit_bias,
            logprobs: body.logprobs,
            top_logprobs: body.top_logprobs,
        },
        reasoning: reasoning(body.reasoning, body.reasoning_effort, body.include_reasoning)?,
        verbosity: body.verbosity,
        cache_control: body.cache_control.map(Into::into),
        prompt_cache_key: body.prompt_cache_key,
        service_tier: body.service_tier,
        user: body.user,
        metadata: body.metadata,
        prediction: body.prediction,
        modalities: body.modalities.unwrap_or_default(),
        audio: body.audio,
        image_config: body.image_config,
        extra: serde_json::Map::new(),
    };
    Ok(Call { surface: SURFACE, models, task: Task::Chat(request), routing, stream, origin })
}

fn check_ranges(body: &Body) -> Result<(), GatewayError> {
    let ranges: [(&str, &Option<Number>, f64, f64); 9] = [
        ("temperature", &body.temperature, 0.0, 2.0),
        ("top_p", &body.top_p, 0.0, 1.0),
        ("top_k", &body.top_k, 0.0, f64::MAX),
        ("min_p", &body.min_p, 0.0, 1.0),
        ("top_a", &body.top_a, 0.0, 1.0),
        ("frequency_penalty", &body.frequency_penalty, -2.0, 2.0),
        ("presence_penalty", &body.presence_penalty, -2.0, 2.0),
        ("repetition_penalty", &body.repetition_penalty, 0.0, 2.0),
        ("top_logprobs", &body.top_logprobs, 0.0, 20.0),
    ];
    ranges.into_iter().try_for_each(|(field, value, min, max)| in_range(field, value.as_ref(), min, max))
}

fn max_tokens(new: Option<Number>, old: Option<Number>) -> Result<Option<u64>, GatewayError> {
    let (field, value) = if new.is_some() { ("max_completion_tokens", new) } else { ("max_tokens", old) };
    value.map(|v| positive(field, &v)).transpose()
}

fn message(index: usize, message: WireMessage) -> Result<Message, GatewayError> {
    let parts = |content: super::content::Content| {
        content.into_parts().map_err(|why| GatewayError::invalid(format!("messages[{index}].content"), why))
    };
    Ok(match message {
        WireMessage::System { content, name } => Message::System { parts: parts(content)?, name },
        WireMessage::Developer { content, name } => Message::Developer { parts: parts(content)?, name },
        WireMessage::User { content, name } => Message::User { parts: parts(content)?, name },
        WireMessage::Tool { content, tool_call_id } => {
            Message::Tool { tool_call_id, parts: parts(content)?, is_error: false }
        }
        WireMessage::Assistant { content, name, refusal, reasoning, reasoning_details, tool_calls } => {
            Message::Assistant {
                parts: parts(content)?,
                name,
                refusal,
                reasoning: replayed(reasoning, reasoning_details.map(known_details)),
                tool_calls: tool_calls
                    .unwrap_or_default()
                    .into_iter()
                    .map(|c| ToolCall {
                        id: c.id,
                        name: c.function.name,
                        arguments: c.function.arguments,
                        cache_control: None,
                    })
                    .collect(),
            }
        }
    })
}

/// Reasoning of an earlier turn: its blocks, or else its plain text as one block of unknown origin.
fn replayed(text: Option<String>, details: Option<Vec<ReasoningDetail>>) -> Vec<ReasoningDetail> {
    match (details, text) {
        (Some(details), _) if !details.is_empty() => details,
        (_, Some(text)) if !text.is_empty() => {
            let kind = ReasoningDetailKind::Text { text: Some(text), signature: None };
            vec![ReasoningDetail { kind, id: None, format: None, index: None }]
        }
        _ => Vec::new(),
    }
}

fn tools(tools: Vec<WireTool>) -> Result<Vec<Tool>, GatewayError> {
    if tools.len() > MOST_TOOLS {
        return Err(GatewayError::invalid("tools", format!("{} given, at most {MOST_TOOLS}", tools.len())));
    }
    let tool = |(index, WireTool::Function { function, cache_control }): (usize, WireTool)| {
        if function.name.is_empty() {
            return Err(GatewayError::invalid(format!("tools[{index}].function.name"), "is empty"));
        }
        if function.parameters.as_ref().is_some_and(|p| !p.is_object()) {
            return Err(GatewayError::invalid(
                format!("tools[{index}].function.parameters"),
                "expected a JSON Schema object",
            ));
        }
        Ok(Tool {
            name: function.name,
            description: function.description,
            parameters: function.parameters,
            strict: function.strict,
            cache_control: cache_control.map(Into::into),
        })
    };
    tools.into_iter().enumerate().map(tool).collect()
}

fn tool_choice(choice: WireToolChoice) -> ToolChoice {
    match choice {
        WireToolChoice::Mode(ToolMode::None) => ToolChoice::None,
        WireToolChoice::Mode(ToolMode::Auto) => ToolChoice::Auto,
        WireToolChoice::Mode(ToolMode::Required) => ToolChoice::Required,
        WireToolChoice::Function { function } => ToolChoice::Function(function.name),
        WireToolChoice::Allowed { allowed_tools: AllowedTools { mode, tools } } => ToolChoice::Allowed {
            required: matches!(mode, ToolMode::Required),
            names: tools.into_iter().map(|tool| tool.function.name).collect(),
        },
    }
}

fn response_format(format: WireResponseFormat) -> ResponseFormat {
    match format {
        WireResponseFormat::Text => ResponseFormat::Text,
        WireResponseFormat::JsonObject => ResponseFormat::JsonObject,
        WireResponseFormat::JsonSchema { json_schema: s } => ResponseFormat::JsonSchema(JsonSchema {
            name: s.name,
            description: s.description,
            strict: s.strict,
            schema: s.schema,
        }),
    }
}

/// `reasoning`, with OpenAI's `reasoning_effort` and OpenRouter's old `include_reasoning` folded in.
fn reasoning(
    wire: Option<WireReasoning>,
    effort: Option<String>,
    include: Option<bool>,
) -> Result<Option<Reasoning>, GatewayError> {
    let (field, mut reasoning) = match (wire, effort, include) {
        (None, None, None) => return Ok(None),
        (Some(w), ..) => {
            let max_tokens = w.max_tokens.map(|v| positive("reasoning.max_tokens", &v)).transpose()?;
            (
                "reasoning.effort",
                Reasoning { enabled: w.enabled, effort: w.effort, max_tokens, exclude: w.exclude, summary: w.summary },
            )
        }
        (None, Some(effort), _) => ("reasoning_effort", Reasoning { effort: Some(effort), ..Reasoning::default() }),
        (None, None, Some(shown)) => {
            let (enabled, exclude) = if shown { (Some(true), None) } else { (None, Some(true)) };
            ("include_reasoning", Reasoning { enabled, exclude, ..Reasoning::default() })
        }
    };
    if reasoning.effort.is_some() && reasoning.max_tokens.is_some() {
        return Err(GatewayError::invalid("reasoning", "give either effort or max_tokens, not both"));
    }
    if let Some(effort) = &reasoning.effort {
        known_effort(field, effort)?;
    }
    if include == Some(false) {
        reasoning.exclude = Some(true);
    }
    Ok(Some(reasoning))
}
