//! Token counts as the Responses API reports them.

use domain::Usage;
use serde::Deserialize;

use crate::dialect::count;

/// A `usage` object. Hosts leave out or null what they do not count.
#[derive(Deserialize, Default)]
#[serde(default)]
struct WireUsage {
    #[serde(deserialize_with = "count::lenient")]
    input_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    output_tokens: u64,
    input_tokens_details: Option<InputDetails>,
    output_tokens_details: Option<OutputDetails>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct InputDetails {
    #[serde(deserialize_with = "count::lenient")]
    cached_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    cache_write_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    audio_tokens: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OutputDetails {
    #[serde(deserialize_with = "count::lenient")]
    reasoning_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    audio_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    image_tokens: u64,
}

/// What tools that the provider runs have used.
#[derive(Deserialize, Default)]
#[serde(default)]
struct ToolUsage {
    web_search: Option<WebSearch>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WebSearch {
    #[serde(deserialize_with = "count::lenient")]
    num_requests: u64,
}

/// The counts of a `usage` value; `None` where it is no such object or counts nothing, which is not the same as free.
pub fn read(json: &str) -> Option<Usage> {
    let wire: WireUsage = serde_json::from_str(json).ok()?;
    let input = wire.input_tokens_details.unwrap_or_default();
    let output = wire.output_tokens_details.unwrap_or_default();
    (wire.input_tokens > 0 || wire.output_tokens > 0).then(|| Usage {
        prompt: wire.input_tokens,
        completion: wire.output_tokens,
        cache_read: input.cached_tokens,
        cache_write: input.cache_write_tokens,
        audio_in: input.audio_tokens,
        reasoning: output.reasoning_tokens,
        audio_out: output.audio_tokens,
        image_out: output.image_tokens,
        ..Usage::default()
    })
}

/// The billable searches of a `tool_usage` value.
pub fn searches(json: &str) -> Option<u64> {
    let usage: ToolUsage = serde_json::from_str(json).ok()?;
    usage.web_search.map(|searches| searches.num_requests)
}
