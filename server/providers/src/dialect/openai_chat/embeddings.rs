//! `POST /embeddings`, after OpenAI's API reference, "Create embeddings". The answer comes whole.
//!
//! Text and pictures for one vector go as OpenRouter has them (`{content: [parts]}`): OpenAI's own models take none.

use std::collections::VecDeque;

use canon::{EmbedInput, EmbedRequest, Event, TaskKind, UpstreamError};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{route, usage};
use crate::dialect::body::Body;
use crate::dialect::vectors::{self, Parts, Vector};
use crate::dialect::{EncodeError, Encoded, Reading, Target, failure, not_the_protocol, start};
use crate::quirks::{EmbeddingDimensions, EmbeddingEncoding, EmbeddingInputType};

#[derive(Serialize)]
#[serde(untagged)]
enum Input<'a> {
    Text(&'a str),
    Tokens(&'a [u32]),
    Parts(Parts<'a>),
}

pub fn encode(request: &EmbedRequest, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let mut body = Body::new(&request.extra, target);
    let inputs: Vec<Input<'_>> = request.inputs.iter().map(input).collect::<Result<_, _>>()?;
    body.put("model", target.upstream_id)?;
    body.put("input", &inputs)?;
    let encoding = match target.quirks.embedding_encoding {
        EmbeddingEncoding::Float => Some("float"),
        EmbeddingEncoding::Base64 => Some("base64"),
        EmbeddingEncoding::Unsaid => None,
    };
    if let Some(encoding) = encoding {
        body.put("encoding_format", encoding)?;
    }
    if let Some(dimensions) = request.dimensions {
        let name = match target.quirks.embedding_dimensions {
            EmbeddingDimensions::Dimensions => "dimensions",
            EmbeddingDimensions::OutputDimension => "output_dimension",
        };
        body.put(name, &dimensions)?;
    }
    let purpose = request.input_type.as_deref();
    if let Some(input_type) = purpose.and_then(|word| input_type(word, target.quirks.embedding_input_type)) {
        body.put("input_type", input_type)?;
    }
    if let Some(user) = &request.user {
        body.put("user", user)?;
    }
    Ok(Encoded {
        path: route::path("embeddings", target),
        headers: Vec::new(),
        body: body.finish()?,
        reading: Reading { task: TaskKind::Embed, items: request.inputs.len(), ..Reading::default() },
    })
}

/// What vectors are for, in words that the host knows.
fn input_type(wanted: &str, known: EmbeddingInputType) -> Option<&str> {
    let document = match known {
        EmbeddingInputType::Unsaid => return None,
        EmbeddingInputType::AsGiven => return Some(wanted),
        EmbeddingInputType::QueryDocument => "document",
        EmbeddingInputType::QueryPassage => "passage",
    };
    match wanted {
        "search_query" | "query" => Some("query"),
        "search_document" | "document" | "passage" => Some(document),
        _ => None,
    }
}

fn input(input: &EmbedInput) -> Result<Input<'_>, EncodeError> {
    Ok(match input {
        EmbedInput::Text(text) => Input::Text(text),
        EmbedInput::Tokens(tokens) => Input::Tokens(tokens),
        EmbedInput::Parts(parts) => Input::Parts(parts.as_slice().try_into()?),
    })
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    data: Option<Vec<Embedding>>,
    #[serde(default, borrow)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Embedding {
    /// Left out by some hosts: then the order counts.
    #[serde(default)]
    index: Option<usize>,
    embedding: Vector,
}

/// Reads the answer.
pub fn read(body: &[u8], reading: Reading, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|_| not_the_protocol())?;
    // Some hosts answer an error with a status that says all is well.
    let data = answer.data.ok_or_else(|| failure::of_stream(body))?;
    let usage = answer.usage.and_then(|raw| usage::read_prompt(raw.get()));
    let vectors = data.into_iter().enumerate().map(|(at, item)| (item.index.unwrap_or(at), item.embedding));
    vectors::tell(start(answer.id, answer.model), vectors, usage, reading, out)
}
