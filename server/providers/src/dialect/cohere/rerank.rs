//! The answer of `POST /v2/rerank`, which comes whole.

use std::collections::VecDeque;

use canon::{Event, UpstreamError};
use serde::Deserialize;

use super::usage::WireUsage;
use crate::dialect::scores::{self, Score};
use crate::dialect::{Reading, failure, not_the_protocol, start};

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    results: Option<Vec<Score>>,
    #[serde(default)]
    meta: Option<WireUsage>,
}

/// Reads the answer.
pub fn read(body: &[u8], reading: Reading, out: &mut VecDeque<Event>) -> Result<(), UpstreamError> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| not_the_protocol())?;
    let results = answer.results.ok_or_else(|| failure::of_stream(body))?;
    scores::tell(start(answer.id, None), results, answer.meta.and_then(WireUsage::read), reading, out)
}
