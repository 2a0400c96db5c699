//! `embedContent` and `batchEmbedContents`: vectors in Google's words, over any embedding model.

use axum::response::Response;
use canon::{Completion, EmbedInput, EmbedRequest, Part, Task};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number};

use super::content::media_parts;
use super::envelope::respond;
use super::parse::wanted_models;
use super::render::UsageBody;
use super::wire::WireContent;
use crate::admit::origin;
use crate::call::{Call, Origin, Routing};
use crate::deliver::{Ended, Started};
use crate::error::GatewayError;
use crate::surfaces::provider::ProviderWishes;
use crate::surfaces::{Surface, fields, json};

/// The name in records.
pub const SURFACE: &str = "embed_content";

/// More than Google takes.
const MOST_REQUESTS: usize = 2_048;

/// Writes vectors: one, or a list.
#[derive(Clone, Copy, Debug)]
pub struct EmbedContent {
    is_batch: bool,
}

/// `EmbedContentRequest`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct One {
    model: Option<String>,
    content: Option<WireContent>,
    #[serde(alias = "task_type")]
    task_type: Option<String>,
    #[serde(alias = "output_dimensionality")]
    output_dimensionality: Option<Number>,
    provider: Option<ProviderWishes>,
}

/// `BatchEmbedContentsRequest`.
#[derive(Debug, Deserialize)]
struct Batch {
    requests: Vec<One>,
    provider: Option<ProviderWishes>,
}

impl EmbedContent {
    /// Reads the body of `embedContent`, or of `batchEmbedContents`.
    pub fn parse_for(
        model: Option<&str>,
        is_batch: bool,
        body: &[u8],
        origin: Origin,
    ) -> Result<(Call, Self), GatewayError> {
        let (requests, provider) = if is_batch {
            let Batch { requests, provider } = json::read(body)?;
            (requests, provider)
        } else {
            let mut one: One = json::read(body)?;
            let provider = one.provider.take();
            (vec![one], provider)
        };
        if requests.is_empty() || requests.len() > MOST_REQUESTS {
            let message = format!("{} given, expected from 1 to {MOST_REQUESTS}", requests.len());
            return Err(GatewayError::invalid("requests", message));
        }
        let models = wanted_models(model.map(str::to_owned).or_else(|| requests.first()?.model.clone()), None)?;
        let call = Call {
            surface: SURFACE,
            models,
            task: Task::Embed(request(requests, is_batch)?),
            routing: provider.map_or_else(|| Ok(Routing::default()), ProviderWishes::into_routing)?,
            stream: false,
            origin,
        };
        Ok((call, Self { is_batch }))
    }
}

/// All of a batch must ask for the same: one call goes to one provider.
fn request(requests: Vec<One>, is_batch: bool) -> Result<EmbedRequest, GatewayError> {
    let mut whole: Option<EmbedRequest> = None;
    for (at, one) in requests.into_iter().enumerate() {
        let path = if is_batch { format!("requests[{at}].") } else { String::new() };
        let dimensions = one
            .output_dimensionality
            .map(|n| fields::positive(&format!("{path}outputDimensionality"), &n))
            .transpose()?;
        let input_type = one.task_type.as_deref().and_then(purpose);
        let content = one.content.ok_or_else(|| GatewayError::invalid(format!("{path}content"), "is missing"))?;
        let input = input(content, &format!("{path}content"))?;
        let request = whole.get_or_insert_with(|| EmbedRequest {
            dimensions,
            input_type: input_type.clone(),
            extra: Map::new(),
            ..EmbedRequest::default()
        });
        if request.dimensions != dimensions || request.input_type != input_type {
            let message =
                "differs from the first in taskType or outputDimensionality: send those in a batch of their own";
            return Err(GatewayError::invalid(format!("requests[{at}]"), message));
        }
        request.inputs.push(input);
    }
    Ok(whole.unwrap_or_default())
}

/// One vector for all parts of a content.
fn input(content: WireContent, path: &str) -> Result<EmbedInput, GatewayError> {
    let mut parts = media_parts(content.parts, path)?;
    if parts.len() == 1
        && let Some(Part::Text { text, .. }) = parts.pop_if(|part| matches!(part, Part::Text { .. }))
    {
        return if text.is_empty() {
            Err(GatewayError::invalid(format!("{path}.parts[0].text"), "is empty"))
        } else {
            Ok(EmbedInput::Text(text))
        };
    }
    if parts.is_empty() { Err(GatewayError::invalid(path, "has no parts")) } else { Ok(EmbedInput::Parts(parts)) }
}

/// What vectors are for, in the words that other providers have too; Google's own others stay.
fn purpose(task_type: &str) -> Option<String> {
    let word = match task_type.to_uppercase().as_str() {
        "" | "TASK_TYPE_UNSPECIFIED" => return None,
        "RETRIEVAL_QUERY" => "search_query",
        "RETRIEVAL_DOCUMENT" => "search_document",
        "CLASSIFICATION" => "classification",
        "CLUSTERING" => "clustering",
        _ => task_type,
    };
    Some(word.to_owned())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding: Option<Vector<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embeddings: Option<Vec<Vector<'a>>>,
    usage_metadata: UsageBody,
}

/// `ContentEmbedding`.
#[derive(Serialize)]
struct Vector<'a> {
    values: &'a [f32],
}

impl Surface for EmbedContent {
    fn parse(body: &[u8], headers: &HeaderMap) -> Result<(Call, Self), GatewayError> {
        Self::parse_for(None, false, body, origin(headers))
    }

    fn whole(self, _: Started, answer: Completion, ended: &Ended) -> serde_json::Result<Vec<u8>> {
        let mut vectors = answer.embeddings.values().map(|values| Vector { values });
        let (embedding, embeddings) =
            if self.is_batch { (None, Some(vectors.collect())) } else { (vectors.next(), None) };
        serde_json::to_vec(&Answer { embedding, embeddings, usage_metadata: UsageBody::new(&ended.usage) })
    }

    fn refuse(error: &GatewayError) -> Response {
        respond(error)
    }
}
