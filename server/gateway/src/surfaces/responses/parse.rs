//! From the body to a `Call` and what its response must repeat: all checks that need no provider are made here, each with its
//! field.

use canon::{JsonSchema, Reasoning, Request, ResponseFormat, Sampling, Task};
use serde_json::Map;

use super::echo::Echo;
use super::input::messages;
use super::tools::{Tools, tool_choice, tools};
use super::wire::{Body, WireFormat, WireReasoning};
use super::{Asked, SURFACE};
use crate::call::{Call, Origin, Routing};
use crate::error::GatewayError;
use crate::surfaces::fields::{in_range, known_effort, models, positive, stops};
use crate::surfaces::json;
use crate::surfaces::provider::ProviderWishes;

const LOGPROBS: &str = "message.output_text.logprobs";

/// Parses a body. Errors: `Invalid` with the field's path.
pub fn parse(body: &[u8], origin: Origin) -> Result<(Call, Asked), GatewayError> {
    let mut body: Body = json::read(body)?;
    refuse_memory(&body)?;
    check(&body)?;
    let models = models(body.model.take(), body.models.take())?;
    let routing = body.provider.take().map_or_else(|| Ok(Routing::default()), ProviderWishes::into_routing)?;
    let stream = body.stream.unwrap_or(false);
    let tools = tools(body.tools.take().unwrap_or_default())?;
    let include = body.include.take().unwrap_or_default();
    let logprobs = include.iter().any(|wanted| wanted == LOGPROBS);
    let mut request = request(&mut body, logprobs)?;
    let Tools { callable, custom, echo } = tools;
    request.tools = callable;
    let asked = Asked {
        model: models.first().cloned().unwrap_or_default(),
        stream,
        custom,
        logprobs,
        echo: Echo::new(body, echo),
    };
    Ok((Call { surface: SURFACE, models, task: Task::Chat(request), routing, stream, origin }, asked))
}

/// All but the tools. What is taken from the body is not repeated in the response.
fn request(body: &mut Body, logprobs: bool) -> Result<Request, GatewayError> {
    let text = body.text.as_ref();
    Ok(Request {
        messages: messages(body.instructions.as_deref(), body.input.take())?,
        tool_choice: body.tool_choice.as_deref().map(tool_choice).transpose()?,
        parallel_tool_calls: body.parallel_tool_calls,
        response_format: text.and_then(|text| text.format.clone()).map(format).transpose()?,
        max_tokens: body.max_output_tokens.as_ref().map(|n| positive("max_output_tokens", n)).transpose()?,
        stop: stops(body.stop.take())?,
        sampling: Sampling {
            temperature: body.temperature.clone(),
            top_p: body.top_p.clone(),
            top_k: body.top_k.take(),
            frequency_penalty: body.frequency_penalty.clone(),
            presence_penalty: body.presence_penalty.clone(),
            logprobs: logprobs.then_some(true),
            top_logprobs: body.top_logprobs.clone().filter(|_| logprobs),
            ..Sampling::default()
        },
        reasoning: body.reasoning.as_ref().map(reasoning).transpose()?,
        verbosity: text.and_then(|text| text.verbosity.clone()),
        cache_control: body.cache_control.map(Into::into),
        prompt_cache_key: body.prompt_cache_key.clone(),
        service_tier: body.service_tier.clone(),
        user: body.user.clone().or_else(|| body.safety_identifier.clone()),
        metadata: body.metadata.clone(),
        modalities: body.modalities.take().unwrap_or_default(),
        image_config: body.image_config.take(),
        extra: Map::new(),
        ..Request::default()
    })
}

/// Fields that ask for a memory. OpenRouter refuses them alike.
fn refuse_memory(body: &Body) -> Result<(), GatewayError> {
    let needs = [
        (
            body.store == Some(true),
            "store",
            "true is given: this server keeps no answers. Send store: false, and the whole conversation in input",
        ),
        (
            body.previous_response_id.is_some(),
            "previous_response_id",
            "is given: this server keeps no answers. Send the whole conversation in input",
        ),
        (
            body.conversation.is_some(),
            "conversation",
            "is given: this server keeps no conversations. Send the whole conversation in input",
        ),
        (
            body.background == Some(true),
            "background",
            "true is given: answers are not made in the background here. Stream them instead",
        ),
        (
            body.prompt.is_some(),
            "prompt",
            "is given: this server keeps no prompt templates. Send instructions and input",
        ),
    ];
    match needs.into_iter().find(|(is_asked, ..)| *is_asked) {
        Some((_, field, why)) => Err(GatewayError::invalid(field, why)),
        None => Ok(()),
    }
}

fn check(body: &Body) -> Result<(), GatewayError> {
    in_range("temperature", body.temperature.as_ref(), 0.0, 2.0)?;
    in_range("top_p", body.top_p.as_ref(), 0.0, 1.0)?;
    in_range("top_k", body.top_k.as_ref(), 0.0, f64::MAX)?;
    in_range("frequency_penalty", body.frequency_penalty.as_ref(), -2.0, 2.0)?;
    in_range("presence_penalty", body.presence_penalty.as_ref(), -2.0, 2.0)?;
    in_range("top_logprobs", body.top_logprobs.as_ref(), 0.0, 20.0)?;
    let known = |modality: &&String| !matches!(modality.as_str(), "text" | "image");
    if let Some(other) = body.modalities.iter().flatten().find(known) {
        return Err(GatewayError::invalid("modalities", format!("{other:?} is given, expected text or image")));
    }
    Ok(())
}

fn reasoning(wire: &WireReasoning) -> Result<Reasoning, GatewayError> {
    if let Some(effort) = &wire.effort {
        known_effort("reasoning.effort", effort)?;
    }
    let max_tokens = wire.max_tokens.as_ref().map(|n| positive("reasoning.max_tokens", n)).transpose()?;
    if wire.effort.is_some() && max_tokens.is_some() {
        return Err(GatewayError::invalid("reasoning", "give either effort or max_tokens, not both"));
    }
    Ok(Reasoning {
        enabled: wire.enabled,
        effort: wire.effort.clone(),
        max_tokens,
        exclude: wire.exclude,
        summary: wire.summary.clone().or_else(|| wire.generate_summary.clone()),
    })
}

fn format(wire: WireFormat) -> Result<ResponseFormat, GatewayError> {
    match wire.r#type.as_str() {
        "text" => Ok(ResponseFormat::Text),
        "json_object" => Ok(ResponseFormat::JsonObject),
        "json_schema" => {
            let missing = |field| GatewayError::invalid(field, "is missing");
            Ok(ResponseFormat::JsonSchema(JsonSchema {
                name: wire.name.ok_or_else(|| missing("text.format.name"))?,
                description: wire.description,
                strict: wire.strict,
                schema: wire.schema.ok_or_else(|| missing("text.format.schema"))?,
            }))
        }
        other => Err(GatewayError::invalid(
            "text.format.type",
            format!("{other:?} is given, expected text, json_object or json_schema"),
        )),
    }
}
