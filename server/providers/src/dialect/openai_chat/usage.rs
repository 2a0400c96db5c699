//! Token counts as Chat Completions reports them, wherever hosts put the details.

use domain::Usage;
use serde::Deserialize;

use crate::dialect::count;
use crate::quirks::{CountedAs, UsageQuirks};

/// A `usage` object. All counts are optional: hosts leave out, null or rename what they do not count.
#[derive(Deserialize, Default)]
#[serde(default)]
struct WireUsage {
    #[serde(deserialize_with = "count::lenient")]
    prompt_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    completion_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    total_tokens: u64,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
    /// DeepSeek's cached tokens; those of Moonshot, and of hosts of Claude.
    #[serde(deserialize_with = "count::lenient")]
    prompt_cache_hit_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    cached_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    cache_read_input_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    cache_creation_input_tokens: u64,
    /// Perplexity and others: details outside of their object.
    #[serde(deserialize_with = "count::lenient")]
    reasoning_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    num_search_queries: u64,
    /// Of the sources it read, beside prompt and completion.
    #[serde(deserialize_with = "count::lenient")]
    citation_tokens: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PromptDetails {
    #[serde(deserialize_with = "count::lenient")]
    cached_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    cache_write_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    cache_creation_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    audio_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    image_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    video_tokens: u64,
    cached_tokens_details: Option<CachedDetails>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CachedDetails {
    #[serde(deserialize_with = "count::lenient")]
    audio_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    image_tokens: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CompletionDetails {
    #[serde(deserialize_with = "count::lenient")]
    reasoning_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    audio_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    image_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    accepted_prediction_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    rejected_prediction_tokens: u64,
}

/// The counts of a `usage` value; `None` where it is no such object or counts nothing, which is not the same as free.
pub fn read(json: &str, quirks: UsageQuirks) -> Option<Usage> {
    let wire: WireUsage = serde_json::from_str(json).ok()?;
    let prompt_details = wire.prompt_tokens_details.unwrap_or_default();
    let cached_details = prompt_details.cached_tokens_details.unwrap_or_default();
    let completion_details = wire.completion_tokens_details.unwrap_or_default();
    let cached =
        [prompt_details.cached_tokens, wire.prompt_cache_hit_tokens, wire.cached_tokens, wire.cache_read_input_tokens];
    let written =
        [prompt_details.cache_write_tokens, prompt_details.cache_creation_tokens, wire.cache_creation_input_tokens];
    let cache_read = cached.into_iter().max().unwrap_or_default();
    let cache_write = written.into_iter().max().unwrap_or_default();
    let reasoning = completion_details.reasoning_tokens.max(wire.reasoning_tokens);
    let (mut prompt, mut completion) = (wire.prompt_tokens, wire.completion_tokens);
    // Some hosts count reasoning beside the completion, which at most of them their total tells.
    let both = prompt.saturating_add(completion);
    if quirks.reasoning == CountedAs::Beside || (reasoning > 0 && wire.total_tokens == both.saturating_add(reasoning)) {
        completion = completion.saturating_add(reasoning);
    }
    if quirks.cached == CountedAs::Beside {
        prompt = prompt.saturating_add(cache_read).saturating_add(cache_write);
    }
    (prompt > 0 || completion > 0).then(|| Usage {
        prompt,
        completion,
        cache_read,
        cache_write,
        audio_in: prompt_details.audio_tokens,
        image_in: prompt_details.image_tokens,
        video_in: prompt_details.video_tokens,
        audio_cache_read: cached_details.audio_tokens,
        image_cache_read: cached_details.image_tokens,
        reasoning,
        audio_out: completion_details.audio_tokens,
        image_out: completion_details.image_tokens,
        accepted_prediction: completion_details.accepted_prediction_tokens,
        rejected_prediction: completion_details.rejected_prediction_tokens,
        citations: wire.citation_tokens,
        web_searches: wire.num_search_queries,
        ..Usage::default()
    })
}

/// The counts of an answer that only has a prompt, embeddings or a ranking: some hosts name just the total.
pub fn read_prompt(json: &str) -> Option<Usage> {
    let wire: WireUsage = serde_json::from_str(json).ok()?;
    let prompt = if wire.prompt_tokens > 0 { wire.prompt_tokens } else { wire.total_tokens };
    let images = wire.prompt_tokens_details.unwrap_or_default().image_tokens;
    (prompt > 0).then(|| Usage { prompt, image_in: images, ..Usage::default() })
}
