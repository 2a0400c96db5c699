//! How the model shall think: a level, or a budget in tokens.

use canon::Request;
use serde::Serialize;

use crate::dialect::{Target, effort};
use crate::quirks::ReasoningRequest;

/// The largest budget that every model with budgets takes.
const MOST_BUDGET: u64 = 24_576;

/// The budget with which the model decides itself.
const DYNAMIC: i64 = -1;

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ThinkingConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    include_thoughts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<String>,
}

/// Whether the model is told how to think by levels: its efforts are known.
pub fn has_levels(target: &Target<'_>) -> bool {
    !target.reasoning_efforts.is_empty()
}

/// `None` where nothing was asked, or where the model does not think: Google refuses to be asked then.
pub fn plan(request: &Request, target: &Target<'_>) -> Option<ThinkingConfig> {
    let reasoning = request.reasoning.as_ref()?;
    if target.capabilities.reasoning == Some(false) || target.quirks.reasoning_request == ReasoningRequest::None {
        return None;
    }
    let is_off = reasoning.is_off();
    if !is_off && !effort::is_on(reasoning) {
        return None;
    }
    let shows = !is_off && reasoning.exclude != Some(true);
    let mut config = ThinkingConfig { include_thoughts: shows.then_some(true), ..ThinkingConfig::default() };
    let has_grade = is_off || reasoning.effort.is_some() || reasoning.max_tokens.is_some();
    if has_levels(target) {
        let level = effort::wanted(request, target).filter(|_| has_grade);
        // There is no level of not thinking: what came out as none is the model's own habit.
        config.thinking_level = level.filter(|level| level != "none").map(|level| level.to_ascii_uppercase());
        return Some(config);
    }
    let limit = request.max_tokens.or(target.max_output).unwrap_or(MOST_BUDGET);
    let budget = match reasoning.max_tokens {
        _ if is_off => 0,
        _ if !has_grade => DYNAMIC,
        Some(exact) => i64::try_from(exact.min(MOST_BUDGET)).unwrap_or(DYNAMIC),
        None => {
            let share = reasoning.budget(limit).unwrap_or_default().min(MOST_BUDGET).min(limit.saturating_sub(1));
            i64::try_from(share).unwrap_or(DYNAMIC)
        }
    };
    config.thinking_budget = Some(budget);
    Some(config)
}
