//! Embeddings: `batchEmbedContents`, and `predict` for the models of Vertex AI that know only that.

use std::collections::VecDeque;

use canon::{EmbedInput, EmbedRequest, Event, Part, TaskKind, UpstreamError};
use domain::Usage;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Service;
use super::part::{WirePart, of_part};
use crate::dialect::body::Body;
use crate::dialect::vectors::{self, Vector};
use crate::dialect::{EncodeError, Encoded, Reading, Target, failure, not_the_protocol, start};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OneRequest<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    content: OneContent<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<u64>,
    /// Where Vertex AI has the two before it.
    #[serde(skip_serializing_if = "Map::is_empty")]
    embed_content_config: Map<String, Value>,
}

#[derive(Serialize)]
struct OneContent<'a> {
    parts: Vec<WirePart<'a>>,
}

pub fn encode(service: Service, request: &EmbedRequest, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let mut body = Body::new(&request.extra, target);
    // Models that take more than text are the newer ones, which know `predict` no more.
    let has_parts = request.inputs.iter().any(|input| matches!(input, EmbedInput::Parts(_)));
    let predicts = service == Service::Vertex && !has_parts && target.capabilities.attachments != Some(true);
    let task_type = request.input_type.as_deref().map(task_type);
    let method = if predicts {
        let instances: Result<Vec<Value>, EncodeError> = request
            .inputs
            .iter()
            .map(|input| match (input, &task_type) {
                (EmbedInput::Text(text), Some(task)) => Ok(json!({"content": text, "task_type": task})),
                (EmbedInput::Text(text), None) => Ok(json!({"content": text})),
                _ => Err(EncodeError::NoWay("token numbers as input")),
            })
            .collect();
        body.put("instances", &instances?)?;
        if let Some(dimensions) = request.dimensions {
            body.put("parameters", &json!({"outputDimensionality": dimensions}))?;
        }
        "predict"
    } else {
        let requests: Result<Vec<OneRequest<'_>>, EncodeError> =
            request.inputs.iter().map(|input| one(service, input, task_type.clone(), request, target)).collect();
        body.put("requests", &requests?)?;
        "batchEmbedContents"
    };
    Ok(Encoded {
        path: service.path(target.upstream_id, method),
        headers: Vec::new(),
        body: body.finish()?,
        reading: Reading { task: TaskKind::Embed, items: request.inputs.len(), ..Reading::default() },
    })
}

fn one<'a>(
    service: Service,
    input: &'a EmbedInput,
    task_type: Option<String>,
    request: &EmbedRequest,
    target: &Target<'_>,
) -> Result<OneRequest<'a>, EncodeError> {
    let parts = match input {
        EmbedInput::Text(text) => vec![WirePart::text(text.as_str())],
        EmbedInput::Parts(parts) => parts.iter().filter_map(|part: &Part| of_part(part)).collect(),
        EmbedInput::Tokens(_) => return Err(EncodeError::NoWay("token numbers as input")),
    };
    let content = OneContent { parts };
    if service == Service::GeminiApi {
        let model = Some(format!("models/{}", target.upstream_id));
        let output_dimensionality = request.dimensions;
        return Ok(OneRequest { model, content, task_type, output_dimensionality, embed_content_config: Map::new() });
    }
    let mut embed_content_config = Map::new();
    embed_content_config.extend(task_type.map(|task| ("taskType".to_owned(), json!(task))));
    embed_content_config.extend(request.dimensions.map(|length| ("outputDimensionality".to_owned(), json!(length))));
    Ok(OneRequest { model: None, content, task_type: None, output_dimensionality: None, embed_content_config })
}

/// What vectors are for, in Google's words.
fn task_type(input_type: &str) -> String {
    match input_type {
        "search_document" | "document" | "passage" => "RETRIEVAL_DOCUMENT".to_owned(),
        "search_query" | "query" => "RETRIEVAL_QUERY".to_owned(),
        other => other.to_ascii_uppercase(),
    }
}

/// Answers of all methods in one: a field that a method does not have is not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    embeddings: Option<Vec<Embedding>>,
    #[serde(default)]
    predictions: Option<Vec<Prediction>>,
    #[serde(default)]
    usage_metadata: Option<Counts>,
}

#[derive(Deserialize)]
struct Embedding {
    #[serde(default)]
    values: Option<Vector>,
    /// Vertex AI puts the vector one deeper.
    #[serde(default)]
    embedding: Option<Values>,
    #[serde(default)]
    statistics: Option<Statistics>,
}

#[derive(Deserialize)]
struct Values {
    values: Vector,
}

#[derive(Deserialize)]
struct Prediction {
    embeddings: Embedding,
}

#[derive(Deserialize)]
struct Statistics {
    /// A whole number, written as `4.0` too.
    #[serde(default)]
    token_count: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    #[serde(default)]
    prompt_token_count: Option<u64>,
}

/// Reads the one piece that embeddings come in.
pub fn read(body: &[u8], reading: Reading, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
    let response: Response = serde_json::from_slice(body).map_err(|_| not_the_protocol())?;
    let predictions = response.predictions.map(|all| all.into_iter().map(|one| one.embeddings).collect());
    let embeddings: Vec<Embedding> = response.embeddings.or(predictions).ok_or_else(|| failure::of_stream(body))?;
    let counted = embeddings.iter().filter_map(|one| one.statistics.as_ref()).map(|one| whole(one.token_count)).sum();
    let prompt = response.usage_metadata.and_then(|usage| usage.prompt_token_count).unwrap_or(counted);
    let usage = (prompt > 0).then(|| Usage { prompt, ..Usage::default() });
    // A missing vector is an empty one, which is refused.
    let vector =
        |one: Embedding| one.values.or(one.embedding.map(|deeper| deeper.values)).unwrap_or(Vector(Vec::new()));
    vectors::tell(start(None, None), embeddings.into_iter().map(vector).enumerate(), usage, reading, out)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and a count is whole and not negative"
)]
const fn whole(count: f64) -> u64 {
    count as u64
}
