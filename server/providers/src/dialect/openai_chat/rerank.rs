//! `POST /rerank`: not OpenAI's, but so common beside its protocol that hosts agree on its shape.
//!
//! Written after Jina's "Reranker API", Voyage's "Rerankers" (`top_k`, `data`), Cohere's "Rerank" and vLLM's "Score and
//! Rerank": they differ in the names of few fields, all of which are understood here. The answer comes whole.

use std::collections::VecDeque;

use canon::{Event, RerankRequest, UpstreamError};
use domain::Usage;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{route, usage};
use crate::dialect::scores::{self, Score};
use crate::dialect::{EncodeError, Encoded, Reading, Target, count, failure, not_the_protocol, start};

pub fn encode(request: &RerankRequest, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    scores::encode(request, target, route::path("rerank", target))
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default, alias = "data")]
    results: Option<Vec<Score>>,
    #[serde(default, borrow)]
    usage: Option<&'a RawValue>,
    #[serde(default)]
    meta: Option<Meta>,
}

/// Where hosts that took over Cohere's shape count.
#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    billed_units: Option<Billed>,
}

#[derive(Default, Deserialize)]
struct Billed {
    #[serde(default, deserialize_with = "count::lenient")]
    search_units: u64,
}

/// Reads the answer.
pub fn read(body: &[u8], reading: Reading, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|_| not_the_protocol())?;
    let results = answer.results.ok_or_else(|| failure::of_stream(body))?;
    let tokens = answer.usage.and_then(|raw| usage::read_prompt(raw.get()));
    let billed = answer.meta.and_then(|meta| meta.billed_units);
    let search_units = billed.map_or(0, |billed| billed.search_units);
    let usage = (tokens.is_some() || search_units > 0).then(|| Usage { search_units, ..tokens.unwrap_or_default() });
    scores::tell(start(answer.id, answer.model), results, usage, reading, out)
}
