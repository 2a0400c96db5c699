//! Which request parameters an endpoint takes, under OpenRouter's names.

use providers::catalog::{Capabilities, Endpoint};

/// Where the catalog lists no parameters: those that every chat endpoint takes, and those of its known capabilities.
pub fn endpoint_parameters(e: &Endpoint) -> Vec<&'static str> {
    const KNOWN: [&str; 26] = [
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "top_a",
        "frequency_penalty",
        "presence_penalty",
        "repetition_penalty",
        "max_tokens",
        "max_completion_tokens",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "prediction",
        "seed",
        "response_format",
        "structured_outputs",
        "stop",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "include_reasoning",
        "reasoning",
        "reasoning_effort",
        "web_search_options",
        "verbosity",
    ];
    if let Some(listed) = &e.supported_parameters {
        return KNOWN.into_iter().filter(|name| listed.iter().any(|l| l == name)).collect();
    }
    let (mine, model) = (e.capabilities, e.model.capabilities);
    let can = |get: fn(&Capabilities) -> Option<bool>| get(&mine).or(get(&model)) == Some(true);
    let mut list = vec!["max_tokens", "stop"];
    if can(|c| c.temperature) {
        list.extend(["temperature", "top_p"]);
    }
    if can(|c| c.tools) {
        list.extend(["tools", "tool_choice"]);
    }
    if can(|c| c.parallel_tool_calls) {
        list.push("parallel_tool_calls");
    }
    if can(|c| c.structured_outputs) {
        list.extend(["structured_outputs", "response_format"]);
    }
    if can(|c| c.reasoning) {
        list.extend(["reasoning", "include_reasoning"]);
    }
    list
}
