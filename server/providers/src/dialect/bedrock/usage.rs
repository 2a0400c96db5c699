//! Converse's token counts, which are disjoint, added up to our totals.

use domain::Usage;
use serde::Deserialize;

#[derive(Deserialize, Debug, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct WireUsage {
    /// Without those read from or written to a cache.
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
    cache_details: Option<Vec<CacheDetail>>,
}

/// Tokens written to a cache, by how long they live.
#[derive(Deserialize, Debug, Default)]
#[serde(default, rename_all = "camelCase")]
struct CacheDetail {
    ttl: String,
    input_tokens: u64,
}

impl WireUsage {
    /// Nothing counted is not the same as free: `None`.
    pub fn total(&self) -> Option<Usage> {
        let details = self.cache_details.as_deref().unwrap_or_default();
        let written = |matches: fn(&str) -> bool| {
            let counts = details.iter().filter(|detail| matches(&detail.ttl)).map(|detail| detail.input_tokens);
            counts.fold(0, u64::saturating_add)
        };
        let cache_read = self.cache_read_input_tokens.unwrap_or_default();
        let cache_write = self.cache_write_input_tokens.unwrap_or_default().max(written(|_| true));
        let prompt = self.input_tokens.saturating_add(cache_read).saturating_add(cache_write);
        (prompt > 0 || self.output_tokens > 0).then(|| Usage {
            prompt,
            completion: self.output_tokens,
            cache_read,
            cache_write,
            cache_write_1h: written(|ttl| ttl == "1h"),
            ..Usage::default()
        })
    }
}
