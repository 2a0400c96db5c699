//! Embeddings, one or a batch, and the counting of tokens.

use serde::Serialize;
use serde_json::Value;

use super::door::Door;
use super::error::FIELD;
use super::part::{self, Body};
use crate::node::{Node, Problem};
use crate::tokens;
use crate::vector::Vector;

const FIELDS: [&str; 6] = ["model", "content", "taskType", "title", "outputDimensionality", "embedContentConfig"];

const TASKS: &[&str] = &[
    "TASK_TYPE_UNSPECIFIED",
    "RETRIEVAL_QUERY",
    "RETRIEVAL_DOCUMENT",
    "SEMANTIC_SIMILARITY",
    "CLASSIFICATION",
    "CLUSTERING",
    "QUESTION_ANSWERING",
    "FACT_VERIFICATION",
    "CODE_RETRIEVAL_QUERY",
];

/// Most requests of one batch.
const MAX_BATCH: usize = 100;

/// Length of a vector, at most and if nothing is said.
const DIMENSIONS: i64 = 3072;

/// The answers to one call, ready to be written.
#[derive(Debug)]
pub(super) struct Embeddings {
    pub vectors: Vec<Embedding>,
    /// It was a batch, even if of one.
    pub is_batch: bool,
    pub tokens: u32,
}

#[derive(Debug, Serialize)]
pub(super) struct Embedding {
    values: Vec<f32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding: Option<&'a Embedding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embeddings: Option<&'a [Embedding]>,
    usage_metadata: Usage,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    prompt_token_count: u32,
}

impl Embeddings {
    /// Reads an `EmbedContentRequest` and answers it.
    pub fn one(root: &Node) -> Result<Self, Problem> {
        let (vector, tokens) = embed(root)?;
        Ok(Self { vectors: vec![vector], is_batch: false, tokens })
    }

    /// Reads a `BatchEmbedContentsRequest` to `model` and answers it.
    pub fn batch(root: &Node, model: &str) -> Result<Self, Problem> {
        root.only(&["model", "requests"])?;
        let requests = root.need("requests")?;
        let items = requests.items()?;
        if items.len() == 0 || items.len() > MAX_BATCH {
            return Err(
                requests.said(format!("at least 1 and at most {MAX_BATCH} requests can be in one batch"), FIELD)
            );
        }
        let mut batch = Self { vectors: Vec::with_capacity(items.len()), is_batch: true, tokens: 0 };
        for request in items {
            request.object()?;
            let named = request.need("model")?;
            if named.text()?.strip_prefix("models/") != Some(model) {
                return Err(named.said("must match the model of the batch", FIELD));
            }
            let (vector, tokens) = embed(&request)?;
            batch.vectors.push(vector);
            batch.tokens += tokens;
        }
        Ok(batch)
    }

    /// The body of the reply.
    pub fn whole(&self) -> Vec<u8> {
        let whole = Whole {
            embedding: self.vectors.first().filter(|_| !self.is_batch),
            embeddings: self.is_batch.then_some(&self.vectors),
            usage_metadata: Usage { prompt_token_count: self.tokens },
        };
        serde_json::to_vec_pretty(&whole).unwrap_or_default()
    }
}

fn embed(request: &Node) -> Result<(Embedding, u32), Problem> {
    request.only(&FIELDS)?;
    request.maybe("taskType", |task| task.word(TASKS))?;
    request.maybe("title", |title| title.text())?;
    let dimensions = request.maybe("outputDimensionality", |field| {
        let wanted = field.integer(i64::from(i32::MIN)..=i64::from(i32::MAX))?;
        if (1..=DIMENSIONS).contains(&wanted) {
            return Ok(wanted);
        }
        Err(field.said(format!("must be in the range [1, {DIMENSIONS}]."), FIELD))
    })?;
    let content = request.need("content")?;
    content.only(&["role", "parts"])?;
    let mut text = String::new();
    for item in content.need("parts")?.items_within(1..=usize::MAX)? {
        match part::read(&item, Door::Gemini)?.body {
            Body::Text(words) => text.push_str(words),
            _ => text.push_str(&item.value().to_string()),
        }
    }
    if text.is_empty() {
        return Err(content.said("Content to embed is empty.", None));
    }
    let length = usize::try_from(dimensions.unwrap_or(DIMENSIONS)).unwrap_or_default();
    let mut vector = Vector::new(DIMENSIONS as usize);
    vector.read(&text);
    Ok((Embedding { values: vector.unit(length) }, tokens::weigh(text.len())))
}

/// The `GenerateContentRequest` that a `CountTokensRequest` counts: inside it, or the request itself.
pub(super) fn counted<'v>(root: &Node<'_, 'v>) -> Result<&'v Value, Problem> {
    match root.get("generateContentRequest") {
        Some(inner) => {
            root.only(&["generateContentRequest"])?;
            inner.object()?;
            Ok(inner.value())
        }
        None => Ok(root.value()),
    }
}
