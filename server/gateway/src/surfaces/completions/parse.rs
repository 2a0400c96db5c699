//! From the body to a `Call`: all checks that need no provider are made here, each with its field.

use canon::{Message, Part, Request, Sampling, Task};
use serde::Deserialize;
use serde_json::{Map, Number, Value};

use super::SURFACE;
use crate::call::{Call, Origin, Routing};
use crate::error::GatewayError;
use crate::surfaces::fields::{Stop, choices, in_range, models, positive, stops};
use crate::surfaces::json;
use crate::surfaces::provider::ProviderWishes;

/// The request body. Fields that are not named here are ignored, as OpenAI's and OpenRouter's clients expect.
#[derive(Debug, Deserialize)]
struct Body {
    model: Option<String>,
    models: Option<Vec<String>>,
    provider: Option<ProviderWishes>,
    prompt: Option<Value>,
    suffix: Option<String>,
    echo: Option<bool>,
    stream: Option<bool>,
    max_tokens: Option<Number>,
    n: Option<Number>,
    best_of: Option<Number>,
    /// How many alternatives of each token; 0 is the token alone.
    logprobs: Option<Number>,
    stop: Option<Stop>,
    temperature: Option<Number>,
    top_p: Option<Number>,
    top_k: Option<Number>,
    min_p: Option<Number>,
    top_a: Option<Number>,
    frequency_penalty: Option<Number>,
    presence_penalty: Option<Number>,
    repetition_penalty: Option<Number>,
    seed: Option<Number>,
    logit_bias: Option<Map<String, Value>>,
    user: Option<String>,
}

/// Parses a body; also gives the prompt, if it is to be echoed. Errors: `Invalid` with the field's path.
pub fn parse(body: &[u8], origin: Origin) -> Result<(Call, Option<String>), GatewayError> {
    let body: Body = json::read(body)?;
    check(&body)?;
    let models = models(body.model, body.models)?;
    let routing = body.provider.map_or_else(|| Ok(Routing::default()), ProviderWishes::into_routing)?;
    let prompt = prompt(body.prompt)?;
    let echo = body.echo.unwrap_or(false).then(|| prompt.clone());
    let message = Message::User { parts: vec![Part::Text { text: prompt, cache_control: None }], name: None };
    let request = Request {
        messages: vec![message],
        max_tokens: body.max_tokens.as_ref().map(|n| positive("max_tokens", n)).transpose()?,
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
            logprobs: body.logprobs.is_some().then_some(true),
            top_logprobs: body.logprobs.filter(|n| n.as_u64() != Some(0)),
        },
        user: body.user,
        ..Request::default()
    };
    let stream = body.stream.unwrap_or(false);
    Ok((Call { surface: SURFACE, models, task: Task::Chat(request), routing, stream, origin }, echo))
}

fn check(body: &Body) -> Result<(), GatewayError> {
    in_range("temperature", body.temperature.as_ref(), 0.0, 2.0)?;
    in_range("top_p", body.top_p.as_ref(), 0.0, 1.0)?;
    in_range("top_k", body.top_k.as_ref(), 0.0, f64::MAX)?;
    in_range("min_p", body.min_p.as_ref(), 0.0, 1.0)?;
    in_range("top_a", body.top_a.as_ref(), 0.0, 1.0)?;
    in_range("frequency_penalty", body.frequency_penalty.as_ref(), -2.0, 2.0)?;
    in_range("presence_penalty", body.presence_penalty.as_ref(), -2.0, 2.0)?;
    in_range("repetition_penalty", body.repetition_penalty.as_ref(), 0.0, 2.0)?;
    in_range("logprobs", body.logprobs.as_ref(), 0.0, 20.0)?;
    if body.suffix.as_ref().is_some_and(|suffix| !suffix.is_empty()) {
        return Err(GatewayError::invalid("suffix", "is given: chat models cannot fill in between two texts"));
    }
    if body.best_of.as_ref().is_some_and(|n| n.as_u64() != Some(1)) {
        return Err(GatewayError::invalid("best_of", "is given: answers are not chosen among here. Use n"));
    }
    Ok(())
}

fn prompt(prompt: Option<Value>) -> Result<String, GatewayError> {
    let wrong = |why: String| GatewayError::invalid("prompt", why);
    let is_tokens = |value: &Value| value.is_number() || value.is_array();
    match prompt {
        None | Some(Value::Null) => Err(wrong("is missing: a text is needed".to_owned())),
        Some(Value::String(text)) => Ok(text),
        Some(Value::Array(list)) if list.iter().any(is_tokens) => {
            Err(wrong("is given as tokens: their meaning differs from model to model. Send the text".to_owned()))
        }
        Some(Value::Array(list)) => match <[Value; 1]>::try_from(list) {
            Ok([Value::String(text)]) => Ok(text),
            Ok(_) => Err(wrong("expected a text, or a list of one".to_owned())),
            Err(list) => Err(wrong(format!("{} texts are given: send one with each request", list.len()))),
        },
        Some(_) => Err(wrong("expected a text, or a list of one".to_owned())),
    }
}
