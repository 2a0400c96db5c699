//! Fields that several surfaces take, read alike in each.

use serde::Deserialize;
use serde_json::Number;

use crate::error::GatewayError;

const MOST_MODELS: usize = 32;
/// OpenRouter's own limit.
const MOST_STOPS: usize = 16;
/// How hard a model may be asked to think (OPENROUTER.md §2.2).
const EFFORTS: [&str; 7] = ["max", "xhigh", "high", "medium", "low", "minimal", "none"];

/// `model` first, then `models`, each once.
pub fn models(model: Option<String>, more: Option<Vec<String>>) -> Result<Vec<String>, GatewayError> {
    let mut models: Vec<String> = Vec::new();
    for name in model.into_iter().chain(more.unwrap_or_default()) {
        let name = name.trim().to_lowercase();
        if !name.is_empty() && !models.contains(&name) {
            models.push(name);
        }
    }
    match models.len() {
        0 => Err(GatewayError::invalid(
            "model",
            "is missing: name a model such as openai/gpt-4o-mini; GET /api/v1/models lists them",
        )),
        1..=MOST_MODELS => Ok(models),
        n => Err(GatewayError::invalid("models", format!("{n} given, at most {MOST_MODELS}"))),
    }
}

/// Refuses a number outside of `min..=max`; `f64::MAX` is no upper bound.
pub fn in_range(field: &str, value: Option<&Number>, min: f64, max: f64) -> Result<(), GatewayError> {
    match value {
        Some(value) if !value.as_f64().is_some_and(|v| (min..=max).contains(&v)) => {
            let range = if max == f64::MAX { format!("{min} or more") } else { format!("from {min} to {max}") };
            Err(GatewayError::invalid(field, format!("{value} is given, expected a number {range}")))
        }
        _ => Ok(()),
    }
}

/// A count that providers take: at least 1, within 31 bits.
pub fn positive(field: &str, value: &Number) -> Result<u64, GatewayError> {
    let wrong =
        || GatewayError::invalid(field, format!("{value} is given, expected a whole number from 1 to 2147483647"));
    value.as_u64().filter(|v| (1..=2_147_483_647).contains(v)).ok_or_else(wrong)
}

/// Refuses an effort that no provider knows.
pub fn known_effort(field: &str, effort: &str) -> Result<(), GatewayError> {
    if EFFORTS.contains(&effort) {
        return Ok(());
    }
    Err(GatewayError::invalid(field, format!("{effort:?} is given, expected one of {}", EFFORTS.join(", "))))
}

/// `stop`: one sequence or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a string or a list of strings")]
pub enum Stop {
    One(String),
    Many(Vec<String>),
}

/// The sequences of `stop`.
pub fn stops(stop: Option<Stop>) -> Result<Vec<String>, GatewayError> {
    let stops = match stop {
        None => Vec::new(),
        Some(Stop::One(one)) => vec![one],
        Some(Stop::Many(many)) => many,
    };
    if stops.len() > MOST_STOPS {
        return Err(GatewayError::invalid("stop", format!("{} sequences given, at most {MOST_STOPS}", stops.len())));
    }
    Ok(stops)
}

/// `n`, as high as OpenAI has it; one answer is `None`.
pub fn choices(n: Option<&Number>) -> Result<Option<u32>, GatewayError> {
    let Some(n) = n else { return Ok(None) };
    let whole = n.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=128).contains(n));
    let wrong = || GatewayError::invalid("n", format!("{n} is given, expected a whole number from 1 to 128"));
    whole.map(|n| Some(n).filter(|n| *n > 1)).ok_or_else(wrong)
}
