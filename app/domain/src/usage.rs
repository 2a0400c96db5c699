//! How much of each kind a generation consumed, and who counted it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Unit;

/// Counts of one generation, in the provider's native tokens.
///
/// `prompt` and `completion` are totals; the other token counts are parts of them, as in OpenAI's `usage` object.
/// A dialect whose provider reports disjoint counts (Anthropic) adds them up when it decodes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// All prompt tokens, cached ones included.
    pub prompt: u64,
    /// All completion tokens, reasoning included.
    pub completion: u64,
    /// Of `prompt`: read from a cache.
    pub cache_read: u64,
    /// Of `prompt`: written to a cache (any lifetime).
    pub cache_write: u64,
    /// Of `cache_write`: with a lifetime of one hour.
    pub cache_write_1h: u64,
    /// Of `prompt`: audio, cached or not.
    pub audio_in: u64,
    /// Of `prompt`: images, cached or not.
    pub image_in: u64,
    /// Of `prompt`: video.
    pub video_in: u64,
    /// Of both `audio_in` and `cache_read`.
    pub audio_cache_read: u64,
    /// Of both `image_in` and `cache_read`.
    pub image_cache_read: u64,
    /// Of `completion`: reasoning.
    pub reasoning: u64,
    /// Of `completion`: audio.
    pub audio_out: u64,
    /// Of `completion`: image tokens.
    pub image_out: u64,
    /// Of `completion`: tokens of OpenAI's predicted output that the model took over. Priced like any other.
    pub accepted_prediction: u64,
    /// Of `completion`: predicted tokens that it did not. Priced like any other.
    pub rejected_prediction: u64,
    /// Tokens of the sources it cites, at providers that count them beside prompt and completion.
    pub citations: u64,
    /// Searches the provider ran.
    pub web_searches: u64,
    /// Pictures in the prompt, at providers that count them instead of their tokens.
    pub images: u64,
    /// What a ranking counts as at providers that sell it by the search: each costs what a request costs. 0 is one.
    pub search_units: u64,
    /// Counted by us, since the provider reported none (it died midway, or never counts). What a provider had reported
    /// before it died (its prompt, say) is kept.
    pub estimated: bool,
    /// What we counted with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<Tokenizer>,
}

/// How a text is cut into tokens when nobody tells their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tokenizer {
    /// OpenAI's vocabulary since GPT-4o, as the library `bpe-openai` counts it.
    #[serde(rename = "o200k_base")]
    O200kBase,
}

impl Tokenizer {
    /// What is counted with now; older records may name another.
    pub const CURRENT: Self = Self::O200kBase;

    pub const fn name(self) -> &'static str {
        match self {
            Self::O200kBase => "o200k_base",
        }
    }

    /// The library that counts.
    pub const fn library(self) -> &'static str {
        match self {
            Self::O200kBase => "bpe-openai",
        }
    }
}

impl Usage {
    pub fn total_tokens(&self) -> u64 {
        self.prompt.saturating_add(self.completion)
    }

    /// The counts as disjoint billable lines: every token is in exactly one of them.
    ///
    /// Parts larger than their total (a provider's slip) are cut to it, so that no token is billed twice.
    pub fn billable(&self) -> [(Unit, u64); 17] {
        let mut prompt = self.prompt;
        let mut cached = take(&mut prompt, self.cache_read);
        let audio_cached = take(&mut cached, self.audio_cache_read.min(self.audio_in));
        let image_cached = take(&mut cached, self.image_cache_read.min(self.image_in));
        let mut cache_write = take(&mut prompt, self.cache_write);
        let cache_write_1h = take(&mut cache_write, self.cache_write_1h);
        let audio_in = take(&mut prompt, self.audio_in.saturating_sub(audio_cached));
        let image_in = take(&mut prompt, self.image_in.saturating_sub(image_cached));
        let video_in = take(&mut prompt, self.video_in);
        let mut completion = self.completion;
        let audio_out = take(&mut completion, self.audio_out);
        let image_out = take(&mut completion, self.image_out);
        let reasoning = take(&mut completion, self.reasoning);
        [
            (Unit::Prompt, prompt),
            (Unit::CacheRead, cached),
            (Unit::CacheWrite, cache_write),
            (Unit::CacheWrite1h, cache_write_1h),
            (Unit::Audio, audio_in),
            (Unit::AudioCacheRead, audio_cached),
            (Unit::ImageToken, image_in),
            (Unit::ImageCacheRead, image_cached),
            (Unit::Video, video_in),
            (Unit::Completion, completion),
            (Unit::InternalReasoning, reasoning),
            (Unit::AudioOutput, audio_out),
            (Unit::ImageOutput, image_out),
            (Unit::Citation, self.citations),
            (Unit::WebSearch, self.web_searches),
            (Unit::Image, self.images),
            (Unit::Request, self.search_units.max(1)),
        ]
    }
}

/// Takes up to `wanted` out of `rest` and says how much that was.
fn take(rest: &mut u64, wanted: u64) -> u64 {
    let taken = wanted.min(*rest);
    *rest -= taken;
    taken
}

/// Only what was counted: most counts of most generations are zero.
impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            ("prompt", self.prompt),
            ("completion", self.completion),
            ("cache_read", self.cache_read),
            ("cache_write", self.cache_write),
            ("cache_write_1h", self.cache_write_1h),
            ("audio_in", self.audio_in),
            ("image_in", self.image_in),
            ("video_in", self.video_in),
            ("audio_cache_read", self.audio_cache_read),
            ("image_cache_read", self.image_cache_read),
            ("reasoning", self.reasoning),
            ("audio_out", self.audio_out),
            ("image_out", self.image_out),
            ("accepted_prediction", self.accepted_prediction),
            ("rejected_prediction", self.rejected_prediction),
            ("citations", self.citations),
            ("web_searches", self.web_searches),
            ("images", self.images),
            ("search_units", self.search_units),
        ];
        let mut shown = f.debug_struct("Usage");
        for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            shown.field(name, &count);
        }
        if self.estimated {
            shown.field("estimated", &self.tokenizer);
        }
        shown.finish()
    }
}
