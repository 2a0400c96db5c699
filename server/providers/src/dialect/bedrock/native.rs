//! What is asked of a model in its vendor's own words: thinking, and samplers the protocol does not have.

use std::borrow::Cow;

use canon::Request;
use serde_json::{Map, Value, json};

use super::family::Family;
use crate::dialect::anthropic::thinking;
use crate::dialect::{Target, effort};
use crate::quirks::ReasoningRequest;

/// What a thinking budget is a share of where neither client nor catalog says.
const DEFAULT_MAX_TOKENS: u64 = 4_096;

#[derive(Debug, Default)]
pub struct Native<'a> {
    /// `additionalModelRequestFields`.
    pub fields: Map<String, Value>,
    /// `outputConfig.effort`.
    pub effort: Option<Cow<'a, str>>,
    /// A limit that the fields need to be said beside them.
    pub max_tokens: Option<u64>,
    pub is_thinking: bool,
}

/// `is_forced`: a tool must be called, which thinking forbids.
pub fn plan<'a>(request: &'a Request, target: &Target<'_>, family: Family, is_forced: bool) -> Native<'a> {
    let mut native = match family {
        Family::Claude if !is_forced => claude(request, target),
        Family::Nova => nova(request, target),
        Family::Effort => by_effort(request, target),
        Family::Claude | Family::Other => Native::default(),
    };
    let takes_top_k = target.capabilities.temperature != Some(false) && !native.is_thinking && target.supports("top_k");
    if let Some(top_k) = request.sampling.top_k.as_ref().filter(|top_k| takes_top_k && top_k.as_u64() > Some(0)) {
        match family {
            Family::Claude => drop(native.fields.insert("top_k".to_owned(), json!(top_k))),
            Family::Nova => drop(native.fields.insert("inferenceConfig".to_owned(), json!({"topK": top_k}))),
            Family::Effort | Family::Other => {}
        }
    }
    native
}

fn claude<'a>(request: &'a Request, target: &Target<'_>) -> Native<'a> {
    let limit = request.max_tokens.or(target.max_output).unwrap_or(DEFAULT_MAX_TOKENS);
    let limit = limit.min(target.max_output.unwrap_or(u64::MAX));
    let thinking = thinking::plan(request, target, limit);
    let mut fields = Map::new();
    if let Some(mode) = &thinking.mode {
        fields.insert("thinking".to_owned(), json!(mode));
    }
    let max_tokens = matches!(thinking.mode, Some(thinking::Mode::Enabled { .. })).then_some(limit);
    Native { fields, max_tokens, is_thinking: thinking.is_on(), effort: thinking.effort }
}

/// Thinks at three efforts. At the highest it refuses limits and samplers: where these are given, it thinks at the one below.
fn nova<'a>(request: &'a Request, target: &Target<'_>) -> Native<'a> {
    // The first generation does not think, and refuses to be asked.
    let is_asked = target.capabilities.reasoning == Some(true) && request.reasoning.as_ref().is_some_and(effort::is_on);
    let Some(effort) = wanted(request, target).filter(|_| is_asked) else { return Native::default() };
    let sampling = &request.sampling;
    let is_bound = request.max_tokens.is_some() || sampling.temperature.is_some() || sampling.top_p.is_some();
    let effort = match effort.as_ref() {
        "minimal" | "low" => "low",
        "high" | "xhigh" | "max" if !is_bound => "high",
        _ => "medium",
    };
    let config = json!({"type": "enabled", "maxReasoningEffort": effort});
    let fields = Map::from_iter([("reasoningConfig".to_owned(), config)]);
    Native { fields, is_thinking: true, ..Native::default() }
}

fn by_effort<'a>(request: &'a Request, target: &Target<'_>) -> Native<'a> {
    let effort = wanted(request, target).filter(|effort| effort != "none");
    let fields = effort.map(|effort| ("reasoning_effort".to_owned(), json!(effort))).into_iter().collect();
    Native { fields, ..Native::default() }
}

fn wanted<'a>(request: &'a Request, target: &Target<'_>) -> Option<Cow<'a, str>> {
    let can_think =
        target.capabilities.reasoning != Some(false) && target.quirks.reasoning_request != ReasoningRequest::None;
    effort::wanted(request, target).filter(|_| can_think)
}
