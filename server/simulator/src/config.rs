//! How a simulator behaves when a request does not say otherwise.

use std::time::Duration;

/// Defaults of one simulator. [`Config::default`] answers everything at once, asks for no key and has no faults.
#[derive(Debug, Clone)]
pub struct Config {
    /// Time from a request to the first token of its answer.
    pub first_token: Duration,
    /// Tokens a second after the first; `None` is as fast as the client reads.
    pub tokens_per_second: Option<f64>,
    /// Smallest prompt prefix, in tokens, that the prompt cache keeps; providers say 1,024.
    pub cache_min_tokens: u32,
    /// The only API key let in; `None` lets in everyone, with or without a key.
    pub api_key: Option<String>,
    /// Largest request body in bytes.
    pub max_body: usize,
    /// With a Unix time in seconds, every answer claims to be made then and ids start over at each start: for tests of exact bytes.
    pub frozen_at: Option<u64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            first_token: Duration::ZERO,
            tokens_per_second: None,
            cache_min_tokens: 1024,
            api_key: None,
            max_body: 32 << 20,
            frozen_at: None,
        }
    }
}
