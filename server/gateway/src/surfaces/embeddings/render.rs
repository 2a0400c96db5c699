//! Vectors as OpenAI writes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use canon::Completion;
use domain::{GenerationId, NanoUsd};
use serde::Serialize;

use super::Encoding;
use crate::deliver::{Ended, Started};
use crate::surfaces::json::dollars;
use crate::surfaces::usage::CostDetails;

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    id: &'a GenerationId,
    model: &'a str,
    provider: &'a str,
    data: Vec<Embedding<'a>>,
    usage: Usage,
}

#[derive(Serialize)]
struct Embedding<'a> {
    object: &'static str,
    index: u32,
    embedding: Vector<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Vector<'a> {
    Floats(&'a [f32]),
    Base64(String),
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: u64,
    total_tokens: u64,
    #[serde(serialize_with = "dollars")]
    cost: NanoUsd,
    is_byok: bool,
    cost_details: CostDetails,
    /// Only of prompts of several media.
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Serialize)]
struct PromptDetails {
    text_tokens: u64,
    image_tokens: u64,
}

/// Writes the whole answer.
pub fn list(started: &Started, answer: &Completion, ended: &Ended, encoding: Encoding) -> serde_json::Result<Vec<u8>> {
    let usage = &ended.usage;
    serde_json::to_vec(&List {
        object: "list",
        id: &started.id,
        model: started.model.as_str(),
        provider: &started.provider_name,
        data: answer.embeddings.iter().map(|(index, vector)| Embedding::new(*index, vector, encoding)).collect(),
        usage: Usage {
            prompt_tokens: usage.prompt,
            total_tokens: usage.total_tokens(),
            cost: ended.charged,
            is_byok: false,
            cost_details: CostDetails::of(&ended.cost),
            prompt_tokens_details: (usage.image_in > 0).then(|| PromptDetails {
                text_tokens: usage.prompt.saturating_sub(usage.image_in),
                image_tokens: usage.image_in,
            }),
        },
    })
}

impl<'a> Embedding<'a> {
    fn new(index: u32, vector: &'a [f32], encoding: Encoding) -> Self {
        let embedding = match encoding {
            Encoding::Float => Vector::Floats(vector),
            Encoding::Base64 => Vector::Base64(base64(vector)),
        };
        Self { object: "embedding", index, embedding }
    }
}

fn base64(vector: &[f32]) -> String {
    STANDARD.encode(vector.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
}
