//! Log probabilities, made up: each token is the likeliest, its alternatives follow at even distances.

use serde::Serialize;

use crate::tokens;

const LIKELIEST: f32 = -0.125;
const STEP: f32 = 1.5;

#[derive(Debug, Clone, Serialize)]
pub(super) struct Logprobs<'a> {
    content: Vec<TokenLogprob<'a>>,
    refusal: Option<()>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct TokenLogprob<'a> {
    token: &'a str,
    logprob: f32,
    bytes: &'a [u8],
    top_logprobs: Vec<Alternative>,
}

#[derive(Debug, Clone, Serialize)]
struct Alternative {
    token: String,
    logprob: f32,
    bytes: Vec<u8>,
}

/// Those of each token of `text`, with `top` alternatives each.
pub(super) fn of_text(text: &str, top: usize) -> Vec<TokenLogprob<'_>> {
    tokens::pieces(text).map(|piece| TokenLogprob::new(piece, top)).collect()
}

impl<'a> Logprobs<'a> {
    /// Those of each token of `text`, with `top` alternatives each.
    pub fn of_text(text: &'a str, top: usize) -> Self {
        Self::of_tokens(of_text(text, top))
    }

    pub fn of_tokens(content: Vec<TokenLogprob<'a>>) -> Self {
        Self { content, refusal: None }
    }
}

impl<'a> TokenLogprob<'a> {
    pub fn new(token: &'a str, top: usize) -> Self {
        let alternative = |at: usize| {
            let token = if at == 0 { token.to_owned() } else { format!("{token}{at}") };
            Alternative { bytes: token.clone().into_bytes(), logprob: LIKELIEST - STEP * at as f32, token }
        };
        Self { token, logprob: LIKELIEST, bytes: token.as_bytes(), top_logprobs: (0..top).map(alternative).collect() }
    }
}
