//! A `GenerateContentResponse` on the wire, field for field as Google's REST reference has it, and laid out as Google does.

use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use super::content::Media;
use super::door::Door;
use crate::cache::Split;
use crate::tokens;

const LIKELIEST: f32 = -0.125;
const STEP: f32 = 1.5;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_feedback: Option<Feedback>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_metadata: Option<Usage>,
    pub model_version: &'a str,
    pub response_id: &'a str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<&'static str>,
    pub index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_ratings: Option<[Rating; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avg_logprobs: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs_result: Option<Logprobs<'a>>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Content<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part<'a>>,
    pub role: &'static str,
}

#[derive(Debug, Default, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_call: Option<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thought: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thought_signature: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Call<'a> {
    pub name: &'a str,
    pub args: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Rating {
    category: &'static str,
    probability: &'static str,
    blocked: bool,
}

impl Rating {
    pub const BLOCKED: Self = Self { category: "HARM_CATEGORY_DANGEROUS_CONTENT", probability: "HIGH", blocked: true };
}

/// Why a prompt got no candidates.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback {
    pub block_reason: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Usage {
    prompt_token_count: u32,
    #[serde(skip_serializing_if = "is_zero")]
    candidates_token_count: u32,
    total_token_count: u32,
    #[serde(skip_serializing_if = "is_zero")]
    cached_content_token_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    traffic_type: Option<&'static str>,
    prompt_tokens_details: Vec<Modality>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cache_tokens_details: Vec<Modality>,
    #[serde(skip_serializing_if = "is_zero")]
    thoughts_token_count: u32,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Modality {
    modality: &'static str,
    token_count: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What a prompt of one request weighs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weighed {
    pub split: Split,
    pub media: Media,
    pub door: Door,
}

impl Weighed {
    /// The counts once so many tokens of the answer and of the thoughts before it are sent.
    pub fn usage(self, candidates: u32, thoughts: u32) -> Usage {
        let prompt = self.split.total();
        let cached = Modality { modality: "TEXT", token_count: self.split.read };
        Usage {
            prompt_token_count: prompt,
            candidates_token_count: candidates,
            total_token_count: prompt.saturating_add(candidates).saturating_add(thoughts),
            cached_content_token_count: self.split.read,
            traffic_type: (self.door == Door::Vertex).then_some("ON_DEMAND"),
            prompt_tokens_details: modalities(prompt, self.media),
            cache_tokens_details: if self.split.read > 0 { vec![cached] } else { Vec::new() },
            thoughts_token_count: thoughts,
        }
    }
}

/// A prompt's tokens by what they stand for.
pub(super) fn modalities(prompt: u32, media: Media) -> Vec<Modality> {
    let counts = [
        ("TEXT", prompt.saturating_sub(media.total())),
        ("IMAGE", media.image),
        ("VIDEO", media.video),
        ("AUDIO", media.audio),
        ("DOCUMENT", media.document),
    ];
    let told = counts.into_iter().filter(|(_, tokens)| *tokens > 0);
    told.map(|(modality, token_count)| Modality { modality, token_count }).collect()
}

/// Log probabilities, made up: each token is the likeliest, its alternatives follow at even distances.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Logprobs<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    top_candidates: Vec<Top>,
    chosen_candidates: Vec<Token<&'a str>>,
}

#[derive(Debug, Clone, Serialize)]
struct Top {
    candidates: Vec<Token<String>>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Token<T> {
    token: T,
    token_id: u32,
    log_probability: f32,
}

impl<'a> Logprobs<'a> {
    /// Those of each token of `text`, with `top` alternatives each.
    pub fn of_text(text: &'a str, top: usize) -> Self {
        let chosen = |piece| Token { token: piece, token_id: number(piece), log_probability: LIKELIEST };
        let alternative = |piece: &str, at: usize| {
            let token = if at == 0 { piece.to_owned() } else { format!("{piece}{at}") };
            Token { token_id: number(&token), log_probability: LIKELIEST - STEP * at as f32, token }
        };
        let alternatives = |piece| Top { candidates: (0..top).map(|at| alternative(piece, at)).collect() };
        let tops = if top > 0 { tokens::pieces(text).map(alternatives).collect() } else { Vec::new() };
        Self { top_candidates: tops, chosen_candidates: tokens::pieces(text).map(chosen).collect() }
    }

    /// Their average.
    pub fn average(&self) -> Option<f32> {
        (!self.chosen_candidates.is_empty()).then_some(LIKELIEST)
    }
}

/// A number for a token, always the same.
fn number(token: &str) -> u32 {
    token.bytes().fold(7, |number: u32, byte| number.wrapping_mul(31).wrapping_add(u32::from(byte))) % 256_000
}

/// Writes `value` in one line as Google does: a space after each colon, none after a comma.
pub(super) fn write_line(buffer: &mut impl io::Write, value: &impl Serialize) {
    // Writing plain fields to memory cannot fail.
    let _ = value.serialize(&mut Serializer::with_formatter(buffer, OneLine));
}

struct OneLine;

impl Formatter for OneLine {
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}
