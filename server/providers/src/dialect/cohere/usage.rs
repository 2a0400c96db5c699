//! Counts as Cohere reports them: what is billed, and what the model read and wrote.

use domain::Usage;
use serde::Deserialize;

use crate::dialect::count;

/// `usage` of a chat, `meta` of embeddings and rankings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireUsage {
    billed_units: Option<Billed>,
    tokens: Option<Tokens>,
    /// Of the prompt: those found in the cache.
    #[serde(deserialize_with = "count::lenient")]
    cached_tokens: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Billed {
    #[serde(deserialize_with = "count::lenient")]
    input_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    output_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    text_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    image_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    images: u64,
    #[serde(deserialize_with = "count::lenient")]
    search_units: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tokens {
    #[serde(deserialize_with = "count::lenient")]
    input_tokens: u64,
    #[serde(deserialize_with = "count::lenient")]
    output_tokens: u64,
}

impl WireUsage {
    /// What is billed, or where that is not told, what was read and written. Nothing counted is not the same as free: `None`.
    pub fn read(self) -> Option<Usage> {
        let Self { billed_units, tokens, cached_tokens } = self;
        let (billed, tokens) = (billed_units.unwrap_or_default(), tokens.unwrap_or_default());
        // `input_tokens` are the text's where pictures are counted apart.
        let text = billed.text_tokens.max(billed.input_tokens);
        let is_billed = text > 0 || billed.output_tokens > 0 || billed.image_tokens > 0;
        let (prompt, completion) = if is_billed {
            (text.saturating_add(billed.image_tokens), billed.output_tokens)
        } else {
            (tokens.input_tokens, tokens.output_tokens)
        };
        let usage = Usage {
            prompt,
            completion,
            cache_read: cached_tokens.min(prompt),
            image_in: billed.image_tokens,
            images: billed.images,
            search_units: billed.search_units,
            ..Usage::default()
        };
        (usage != Usage::default()).then_some(usage)
    }
}
