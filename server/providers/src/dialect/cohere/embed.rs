//! `POST /v2/embed`. The answer comes whole.

use std::collections::VecDeque;

use canon::{EmbedInput, EmbedRequest, Event, TaskKind, UpstreamError};
use serde::Deserialize;
use serde_json::json;

use super::usage::WireUsage;
use crate::dialect::body::Body;
use crate::dialect::vectors::{self, Parts, Vector};
use crate::dialect::{EncodeError, Encoded, Reading, Target, failure, not_the_protocol, start};
use crate::quirks::EmbeddingEncoding;

pub fn encode(request: &EmbedRequest, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let mut body = Body::new(&request.extra, target);
    body.put("model", target.upstream_id)?;
    let texts: Option<Vec<&str>> = request.inputs.iter().map(only_text).collect();
    match texts {
        Some(texts) => body.put("texts", &texts)?,
        None => {
            let inputs: Vec<Parts<'_>> = request.inputs.iter().map(input).collect::<Result<_, _>>()?;
            body.put("inputs", &inputs)?;
        }
    }
    body.put("input_type", purpose(request.input_type.as_deref()))?;
    let encoding = match target.quirks.embedding_encoding {
        EmbeddingEncoding::Base64 => "base64",
        EmbeddingEncoding::Float | EmbeddingEncoding::Unsaid => "float",
    };
    body.put("embedding_types", &json!([encoding]))?;
    if let Some(dimensions) = request.dimensions {
        body.put("output_dimension", &dimensions)?;
    }
    Ok(Encoded {
        path: "/embed".into(),
        headers: Vec::new(),
        body: body.finish()?,
        reading: Reading { task: TaskKind::Embed, items: request.inputs.len(), ..Reading::default() },
    })
}

/// The purpose by Cohere's name, from its own, Voyage's and NVIDIA's (`query`, `document`, `passage`) and Google's.
fn purpose(input_type: Option<&str>) -> &str {
    match input_type {
        None | Some("document" | "passage" | "RETRIEVAL_DOCUMENT") => "search_document",
        Some("query" | "RETRIEVAL_QUERY") => "search_query",
        Some("CLASSIFICATION") => "classification",
        Some("CLUSTERING") => "clustering",
        Some(other) => other,
    }
}

const fn only_text(input: &EmbedInput) -> Option<&str> {
    match input {
        EmbedInput::Text(text) => Some(text.as_str()),
        EmbedInput::Tokens(_) | EmbedInput::Parts(_) => None,
    }
}

fn input(input: &EmbedInput) -> Result<Parts<'_>, EncodeError> {
    match input {
        EmbedInput::Text(text) => Ok(Parts::text(text)),
        EmbedInput::Tokens(_) => Err(EncodeError::NoWay("tokens in place of text")),
        EmbedInput::Parts(parts) => parts.as_slice().try_into(),
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    embeddings: Option<ByType>,
    #[serde(default)]
    meta: Option<WireUsage>,
}

#[derive(Deserialize)]
struct ByType {
    #[serde(default)]
    float: Option<Vec<Vector>>,
    #[serde(default)]
    base64: Option<Vec<Vector>>,
}

/// Reads the answer.
pub fn read(body: &[u8], reading: Reading, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| not_the_protocol())?;
    let by_type = answer.embeddings.ok_or_else(|| failure::of_stream(body))?;
    let list = by_type.float.or(by_type.base64).ok_or_else(not_the_protocol)?;
    let usage = answer.meta.and_then(WireUsage::read);
    vectors::tell(start(answer.id, None), list.into_iter().enumerate(), usage, reading, out)
}
