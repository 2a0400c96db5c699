//! From the body to a `Call`: all checks that need no provider are made here, each with its field.

use canon::{JsonSchema, Message, Reasoning, Request, ResponseFormat, Sampling, Task, Tool, ToolChoice};

use super::envelope::THREAD;
use super::wire::{
    Body, Display, OutputFormat, ServiceTier, Speed, ThinkingType, ToolChoiceType, WireMessage, WireThinking, WireTool,
    WireToolChoice,
};
use super::{Messages, SURFACE, content};
use crate::call::{Call, Origin, Routing};
use crate::error::GatewayError;
use crate::surfaces::fields::{in_range, known_effort, models, positive};
use crate::surfaces::json;
use crate::surfaces::provider::ProviderWishes;

/// More tools than any provider takes.
const MOST_TOOLS: usize = 1_024;
/// OpenRouter's own limit.
const MOST_FALLBACKS: usize = 3;
/// OpenRouter's own limit on `session_id` and `user`, in characters.
const LONGEST_ID: usize = 256;
/// Anthropic's own limit.
const LEAST_BUDGET: u64 = 1_024;

/// Parses a body. Errors: `Invalid` with the field's path.
pub fn parse(body: &[u8], origin: Origin) -> Result<(Call, Messages), GatewayError> {
    let body: Body = json::read(body)?;
    in_range("temperature", body.temperature.as_ref(), 0.0, 2.0)?;
    in_range("top_p", body.top_p.as_ref(), 0.0, 1.0)?;
    in_range("top_k", body.top_k.as_ref(), 0.0, f64::MAX)?;
    short("session_id", body.session_id.as_deref())?;
    short("user", body.user.as_deref())?;
    if body.thread.is_some() {
        return Err(GatewayError::invalid(
            THREAD,
            "no conversation is kept here: send the whole of it, without thread",
        ));
    }
    let models = wanted_models(&body)?;
    let (effort, format) = body.output_config.map_or((None, None), |config| (config.effort, config.format));
    if let Some(effort) = &effort {
        known_effort("output_config.effort", effort)?;
    }
    let hides_thoughts = body.thinking.as_ref().is_some_and(|thinking| thinking.display == Some(Display::Omitted));
    let (reasoning, verbosity) = reasoning(body.thinking, effort)?;
    let tools = tools(body.tools.unwrap_or_default())?;
    let parallel = body.tool_choice.as_ref().and_then(|choice| choice.disable_parallel_tool_use).map(|off| !off);
    let request = Request {
        messages: conversation(body.system, body.messages)?,
        tool_choice: body.tool_choice.map(|choice| tool_choice(choice, &tools)).transpose()?,
        tools,
        parallel_tool_calls: parallel,
        response_format: format.or(body.output_format).map(response_format),
        max_tokens: body.max_tokens.map(|n| positive("max_tokens", &n)).transpose()?,
        stop: body.stop_sequences.unwrap_or_default(),
        sampling: Sampling {
            temperature: body.temperature,
            top_p: body.top_p,
            top_k: body.top_k,
            ..Sampling::default()
        },
        reasoning,
        verbosity,
        cache_control: body.cache_control.map(Into::into),
        service_tier: service_tier(body.service_tier, body.speed),
        user: body.user.or_else(|| body.metadata.and_then(|metadata| metadata.user_id)),
        ..Request::default()
    };
    let call = Call {
        surface: SURFACE,
        models,
        task: Task::Chat(request),
        routing: body.provider.map_or_else(|| Ok(Routing::default()), ProviderWishes::into_routing)?,
        stream: body.stream.unwrap_or(false),
        origin,
    };
    Ok((call, Messages::new(hides_thoughts)))
}

/// `model`, then `models` or `fallbacks`.
fn wanted_models(body: &Body) -> Result<Vec<String>, GatewayError> {
    let fallbacks = body.fallbacks.as_deref().unwrap_or_default();
    if !fallbacks.is_empty() && body.models.is_some() {
        return Err(GatewayError::invalid("fallbacks", "give either fallbacks or models, not both"));
    }
    if fallbacks.len() > MOST_FALLBACKS {
        let message = format!("{} given, at most {MOST_FALLBACKS}", fallbacks.len());
        return Err(GatewayError::invalid("fallbacks", message));
    }
    let more = body.models.clone().unwrap_or_else(|| fallbacks.iter().map(|other| other.model.clone()).collect());
    models(body.model.clone(), Some(more))
}

fn conversation(
    system: Option<content::Content>,
    messages: Option<Vec<WireMessage>>,
) -> Result<Vec<Message>, GatewayError> {
    let messages =
        messages.ok_or_else(|| GatewayError::invalid("messages", "is missing: a list of at least one message"))?;
    if messages.is_empty() {
        return Err(GatewayError::invalid("messages", "is empty: at least one message is needed"));
    }
    let mut all: Vec<Message> = system.map(content::system).transpose()?.into_iter().collect();
    for (index, WireMessage { role, content }) in messages.into_iter().enumerate() {
        let at = format!("messages[{index}]");
        let content = content.ok_or_else(|| GatewayError::invalid(format!("{at}.content"), "is missing"))?;
        all.extend(content::messages(role, content, &at)?);
    }
    Ok(all)
}

fn tools(tools: Vec<WireTool>) -> Result<Vec<Tool>, GatewayError> {
    if tools.len() > MOST_TOOLS {
        return Err(GatewayError::invalid("tools", format!("{} given, at most {MOST_TOOLS}", tools.len())));
    }
    tools.into_iter().enumerate().map(|(index, wire)| tool(wire, &format!("tools[{index}]"))).collect()
}

fn tool(tool: WireTool, at: &str) -> Result<Tool, GatewayError> {
    if let Some(kind) = tool.r#type.filter(|kind| kind != "custom") {
        let message = format!(
            "{kind} is one of Anthropic's own tools, which this server does not run: give a tool of your own with name, description and input_schema"
        );
        return Err(GatewayError::invalid(format!("{at}.type"), message));
    }
    let name = tool.name.filter(|name| !name.is_empty());
    let schema = tool.input_schema.filter(serde_json::Value::is_object);
    Ok(Tool {
        name: name.ok_or_else(|| GatewayError::invalid(format!("{at}.name"), "is missing or empty"))?,
        description: tool.description,
        parameters: Some(
            schema
                .ok_or_else(|| GatewayError::invalid(format!("{at}.input_schema"), "expected a JSON Schema object"))?,
        ),
        strict: tool.strict,
        cache_control: tool.cache_control.map(Into::into),
    })
}

fn tool_choice(choice: WireToolChoice, tools: &[Tool]) -> Result<ToolChoice, GatewayError> {
    Ok(match choice.r#type {
        ToolChoiceType::Auto => ToolChoice::Auto,
        ToolChoiceType::Any => ToolChoice::Required,
        ToolChoiceType::None => ToolChoice::None,
        ToolChoiceType::Tool => {
            let name = choice.name.ok_or_else(|| GatewayError::invalid("tool_choice.name", "is missing"))?;
            if !tools.iter().any(|tool| tool.name == name) {
                return Err(GatewayError::invalid("tool_choice.name", format!("{name:?} is not one of the tools")));
            }
            ToolChoice::Function(name)
        }
    })
}

/// What the models shall think, and their verbosity: an effort without thinking is one of the answer alone.
fn reasoning(
    thinking: Option<WireThinking>,
    effort: Option<String>,
) -> Result<(Option<Reasoning>, Option<String>), GatewayError> {
    let Some(WireThinking { r#type, budget_tokens, .. }) = thinking else { return Ok((None, effort)) };
    let on = Reasoning { enabled: Some(true), ..Reasoning::default() };
    Ok(match r#type {
        ThinkingType::Disabled => (Some(Reasoning { enabled: Some(false), ..on }), effort),
        ThinkingType::Adaptive | ThinkingType::BetweenTools => (Some(Reasoning { effort, ..on }), None),
        ThinkingType::Enabled => {
            let field = "thinking.budget_tokens";
            let budget = budget_tokens.ok_or_else(|| GatewayError::invalid(field, "is missing"))?;
            let max_tokens = Some(positive(field, &budget)?).filter(|budget| *budget >= LEAST_BUDGET);
            if max_tokens.is_none() {
                let message = format!("{budget} is given, expected {LEAST_BUDGET} or more");
                return Err(GatewayError::invalid(field, message));
            }
            (Some(Reasoning { max_tokens, ..on }), effort)
        }
    })
}

fn response_format(format: OutputFormat) -> ResponseFormat {
    let (name, schema) = ("answer".to_owned(), format.schema);
    ResponseFormat::JsonSchema(JsonSchema { name, description: None, strict: Some(true), schema })
}

/// In the words that all surfaces share.
fn service_tier(tier: Option<ServiceTier>, speed: Option<Speed>) -> Option<String> {
    let word = match (speed, tier) {
        (Some(Speed::Fast), _) | (_, Some(ServiceTier::Priority)) => "priority",
        (_, Some(ServiceTier::Auto)) => "auto",
        (_, Some(ServiceTier::StandardOnly | ServiceTier::Default)) => "default",
        (_, Some(ServiceTier::Flex)) => "flex",
        (_, None) => return None,
    };
    Some(word.to_owned())
}

fn short(field: &str, value: Option<&str>) -> Result<(), GatewayError> {
    match value.map(|value| value.chars().count()) {
        Some(length) if length > LONGEST_ID => {
            Err(GatewayError::invalid(field, format!("has {length} characters, at most {LONGEST_ID}")))
        }
        _ => Ok(()),
    }
}
