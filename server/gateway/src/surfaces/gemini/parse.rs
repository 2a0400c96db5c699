//! From the body to a `Call`.

use canon::{JsonSchema, Reasoning, Request, ResponseFormat, Sampling, Task, Tool, ToolChoice};
use serde_json::{Map, Value, json};

use super::SURFACE;
use super::content::messages;
use super::media::SPEECH_FORMAT;
use super::schema::json_schema;
use super::wire::{Body, FunctionDeclaration, GenerationConfig, ThinkingConfig, ToolConfig, WireTool};
use crate::call::{Call, Origin, Routing};
use crate::error::GatewayError;
use crate::surfaces::fields::{self, in_range, known_effort, positive};
use crate::surfaces::json;
use crate::surfaces::provider::ProviderWishes;

/// More tools than any provider takes.
const MOST_TOOLS: usize = 1_024;
/// As many as Google gives.
const MOST_CANDIDATES: u64 = 8;

/// Parses a body. `model` is that of the path; without it the body must name one. Also says whether the client wants to see
/// thoughts. Errors: `Invalid` with the field's path.
pub fn parse(model: Option<&str>, stream: bool, body: &[u8], origin: Origin) -> Result<(Call, bool), GatewayError> {
    let body: Body = json::read(body)?;
    if body.cached_content.is_some() {
        let message =
            "is given: contents cached at Google are not at hand here. Send them; providers cache by themselves";
        return Err(GatewayError::invalid("cachedContent", message));
    }
    let config = body.generation_config;
    let models = wanted_models(model.map(str::to_owned).or(body.model), body.models)?;
    let contents =
        body.contents.ok_or_else(|| GatewayError::invalid("contents", "is missing: a list of at least one content"))?;
    let messages = messages(body.system_instruction, contents)?;
    if messages.is_empty() {
        return Err(GatewayError::invalid("contents", "is empty: at least one content with a part is needed"));
    }
    let shows_thoughts = config.thinking_config.as_ref().is_some_and(|thinking| thinking.include_thoughts);
    let request = Request {
        messages,
        tools: tools(body.tools.unwrap_or_default())?,
        tool_choice: body.tool_config.map(tool_choice).transpose()?.flatten(),
        response_format: response_format(&config)?,
        max_tokens: config
            .max_output_tokens
            .as_ref()
            .map(|n| positive("generationConfig.maxOutputTokens", n))
            .transpose()?,
        choices: choices(&config)?,
        sampling: sampling(&config)?,
        audio: audio(&config),
        modalities: config.response_modalities.iter().map(|word| word.to_lowercase()).collect(),
        image_config: config
            .image_config
            .map(|fields| fields.into_iter().map(|(name, value)| (snake(&name), value)).collect()),
        reasoning: config.thinking_config.map(reasoning).transpose()?,
        stop: config.stop_sequences,
        service_tier: body.service_tier.map(|tier| tier.to_lowercase()),
        ..Request::default()
    };
    let call = Call {
        surface: SURFACE,
        models,
        task: Task::Chat(request),
        routing: body.provider.map_or_else(|| Ok(Routing::default()), ProviderWishes::into_routing)?,
        stream,
        origin,
    };
    Ok((call, shows_thoughts))
}

/// Models as the other APIs name them, or behind `models/` as Google's clients do.
pub fn wanted_models(model: Option<String>, more: Option<Vec<String>>) -> Result<Vec<String>, GatewayError> {
    let bare = |name: String| name.strip_prefix("models/").map(str::to_owned).unwrap_or(name);
    fields::models(model.map(bare), more.map(|names| names.into_iter().map(bare).collect()))
}

fn choices(config: &GenerationConfig) -> Result<Option<u32>, GatewayError> {
    let read = |n: &serde_json::Number| {
        let whole = n.as_u64().filter(|n| (1..=MOST_CANDIDATES).contains(n)).and_then(|n| u32::try_from(n).ok());
        let message = format!("{n} is given, expected a whole number from 1 to {MOST_CANDIDATES}");
        whole.ok_or_else(|| GatewayError::invalid("generationConfig.candidateCount", message))
    };
    config.candidate_count.as_ref().map(read).transpose().map(|n| n.filter(|n| *n > 1))
}

fn sampling(config: &GenerationConfig) -> Result<Sampling, GatewayError> {
    in_range("generationConfig.temperature", config.temperature.as_ref(), 0.0, 2.0)?;
    in_range("generationConfig.topP", config.top_p.as_ref(), 0.0, 1.0)?;
    in_range("generationConfig.topK", config.top_k.as_ref(), 0.0, f64::MAX)?;
    in_range("generationConfig.presencePenalty", config.presence_penalty.as_ref(), -2.0, 2.0)?;
    in_range("generationConfig.frequencyPenalty", config.frequency_penalty.as_ref(), -2.0, 2.0)?;
    in_range("generationConfig.logprobs", config.logprobs.as_ref(), 0.0, 20.0)?;
    Ok(Sampling {
        temperature: config.temperature.clone(),
        top_p: config.top_p.clone(),
        top_k: config.top_k.clone(),
        presence_penalty: config.presence_penalty.clone(),
        frequency_penalty: config.frequency_penalty.clone(),
        seed: config.seed.clone(),
        logprobs: config.response_logprobs,
        top_logprobs: config.logprobs.clone(),
        ..Sampling::default()
    })
}

fn tools(wire: Vec<WireTool>) -> Result<Vec<Tool>, GatewayError> {
    let mut tools = Vec::new();
    for (at, tool) in wire.into_iter().enumerate() {
        if let Some(name) = tool.built_in.keys().next() {
            let message = "runs at Google alone: only functionDeclarations can be called over every provider";
            return Err(GatewayError::invalid(format!("tools[{at}].{name}"), message));
        }
        for (n, declaration) in tool.function_declarations.into_iter().enumerate() {
            tools.push(function(declaration, &format!("tools[{at}].functionDeclarations[{n}]"))?);
        }
    }
    if tools.len() > MOST_TOOLS {
        return Err(GatewayError::invalid("tools", format!("{} functions given, at most {MOST_TOOLS}", tools.len())));
    }
    Ok(tools)
}

fn function(declaration: FunctionDeclaration, path: &str) -> Result<Tool, GatewayError> {
    let FunctionDeclaration { name, description, parameters, parameters_json_schema } = declaration;
    if name.is_empty() {
        return Err(GatewayError::invalid(format!("{path}.name"), "is empty"));
    }
    let parameters = parameters_json_schema.or_else(|| parameters.as_ref().map(json_schema));
    if parameters.as_ref().is_some_and(|schema| !schema.is_object()) {
        return Err(GatewayError::invalid(format!("{path}.parameters"), "expected a schema, which is an object"));
    }
    Ok(Tool { name, description, parameters, strict: None, cache_control: None })
}

fn tool_choice(config: ToolConfig) -> Result<Option<ToolChoice>, GatewayError> {
    let Some(config) = config.function_calling_config else { return Ok(None) };
    let mut names = config.allowed_function_names;
    Ok(match config.mode.as_deref().map(str::to_uppercase).as_deref() {
        Some("NONE") => Some(ToolChoice::None),
        Some("ANY") if names.is_empty() => Some(ToolChoice::Required),
        Some("ANY") if names.len() == 1 => names.pop().map(ToolChoice::Function),
        Some("ANY") => Some(ToolChoice::Allowed { required: true, names }),
        None | Some("AUTO" | "VALIDATED" | "MODE_UNSPECIFIED") if names.is_empty() => Some(ToolChoice::Auto),
        None | Some("AUTO" | "VALIDATED" | "MODE_UNSPECIFIED") => Some(ToolChoice::Allowed { required: false, names }),
        Some(other) => {
            let message = format!("{other:?} is given, expected AUTO, ANY, NONE or VALIDATED");
            return Err(GatewayError::invalid("toolConfig.functionCallingConfig.mode", message));
        }
    })
}

fn response_format(config: &GenerationConfig) -> Result<Option<ResponseFormat>, GatewayError> {
    let schema = config.response_json_schema.clone().or_else(|| config.response_schema.as_ref().map(json_schema));
    let is_json = match config.response_mime_type.as_deref() {
        Some("application/json") => true,
        None | Some("text/plain" | "") => false,
        Some(other) => {
            let message = format!("{other:?} is given, expected text/plain or application/json");
            return Err(GatewayError::invalid("generationConfig.responseMimeType", message));
        }
    };
    match (is_json, schema) {
        (true, Some(schema)) => {
            let name = "answer".to_owned();
            Ok(Some(ResponseFormat::JsonSchema(JsonSchema { name, description: None, strict: None, schema })))
        }
        (true, None) => Ok(Some(ResponseFormat::JsonObject)),
        (false, Some(_)) => {
            let message = "must be application/json where a response schema is given";
            Err(GatewayError::invalid("generationConfig.responseMimeType", message))
        }
        (false, None) => Ok(None),
    }
}

/// Thoughts are asked for even where they are not shown: what proves them goes back with the next turn.
fn reasoning(thinking: ThinkingConfig) -> Result<Reasoning, GatewayError> {
    let ThinkingConfig { thinking_budget, thinking_level, .. } = thinking;
    let effort = thinking_level.map(|level| level.to_lowercase()).filter(|level| level != "thinking_level_unspecified");
    if effort.is_some() && thinking_budget.is_some() {
        let message = "give either thinkingLevel or thinkingBudget, not both";
        return Err(GatewayError::invalid("generationConfig.thinkingConfig", message));
    }
    if let Some(effort) = &effort {
        known_effort("generationConfig.thinkingConfig.thinkingLevel", effort)?;
    }
    let (enabled, max_tokens) = match thinking_budget {
        _ if effort.is_some() => (None, None),
        Some(0) => (Some(false), None),
        Some(budget) => (Some(true), u64::try_from(budget).ok()),
        None => (Some(true), None),
    };
    Ok(Reasoning { enabled, effort, max_tokens, ..Reasoning::default() })
}

/// The voice, as OpenAI's `audio` has it.
fn audio(config: &GenerationConfig) -> Option<Value> {
    let speech = config.speech_config.as_ref()?;
    let camel = &speech["voiceConfig"]["prebuiltVoiceConfig"]["voiceName"];
    let voice = camel.as_str().or_else(|| speech["voice_config"]["prebuilt_voice_config"]["voice_name"].as_str());
    let mut audio = Map::new();
    audio.extend(voice.map(|voice| ("voice".to_owned(), json!(voice))));
    audio.insert("format".to_owned(), json!(SPEECH_FORMAT));
    Some(Value::Object(audio))
}

fn snake(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 4);
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
