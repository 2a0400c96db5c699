//! Anthropic's disjoint token counts, gathered over a stream and added up to our totals.

use domain::Usage;
use serde::Deserialize;

/// A `usage` object: in `message_start` what is known at the beginning, in `message_delta` running totals.
#[derive(Deserialize, Debug, Default)]
#[serde(default)]
pub struct WireUsage {
    /// Without those read from or written to a cache.
    input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation: Option<CacheCreation>,
    output_tokens: Option<u64>,
    output_tokens_details: Option<OutputDetails>,
    server_tool_use: Option<ServerToolUse>,
    pub service_tier: Option<String>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(default)]
struct CacheCreation {
    ephemeral_5m_input_tokens: Option<u64>,
    ephemeral_1h_input_tokens: Option<u64>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(default)]
struct OutputDetails {
    thinking_tokens: Option<u64>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(default)]
struct ServerToolUse {
    web_search_requests: Option<u64>,
}

/// The highest count of each kind seen so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    input: u64,
    cache_read: u64,
    cache_write: u64,
    cache_write_1h: u64,
    output: u64,
    thinking: u64,
    web_searches: u64,
}

impl Counts {
    pub fn note(&mut self, wire: &WireUsage) {
        let raise = |count: &mut u64, seen: Option<u64>| *count = (*count).max(seen.unwrap_or_default());
        raise(&mut self.input, wire.input_tokens);
        raise(&mut self.cache_read, wire.cache_read_input_tokens);
        raise(&mut self.cache_write, wire.cache_creation_input_tokens);
        if let Some(creation) = &wire.cache_creation {
            let (short, long) = (creation.ephemeral_5m_input_tokens, creation.ephemeral_1h_input_tokens);
            raise(&mut self.cache_write, Some(short.unwrap_or_default().saturating_add(long.unwrap_or_default())));
            raise(&mut self.cache_write_1h, long);
        }
        raise(&mut self.output, wire.output_tokens);
        raise(&mut self.thinking, wire.output_tokens_details.as_ref().and_then(|details| details.thinking_tokens));
        raise(&mut self.web_searches, wire.server_tool_use.as_ref().and_then(|tools| tools.web_search_requests));
    }

    /// Nothing counted is not the same as free: `None`.
    pub fn total(self) -> Option<Usage> {
        let prompt = self.input.saturating_add(self.cache_read).saturating_add(self.cache_write);
        (prompt > 0 || self.output > 0).then(|| Usage {
            prompt,
            completion: self.output,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            cache_write_1h: self.cache_write_1h,
            reasoning: self.thinking,
            web_searches: self.web_searches,
            ..Usage::default()
        })
    }
}
