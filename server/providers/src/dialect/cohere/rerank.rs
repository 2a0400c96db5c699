//! `POST /v2/rerank`. The answer comes whole.

use std::collections::VecDeque;

use canon::{Event, RerankRequest, TaskKind, UpstreamError};
use serde::Deserialize;

use super::usage::WireUsage;
use crate::dialect::body::Body;
use crate::dialect::scores::{self, Score};
use crate::dialect::{EncodeError, Encoded, Reading, Target, failure, not_the_protocol, start};

pub fn encode(request: &RerankRequest, target: &Target<'_>) -> Result<Encoded, EncodeError> {
    let mut body = Body::new(&request.extra, target);
    body.put("model", target.upstream_id)?;
    body.put("query", &request.query)?;
    body.put("documents", &request.documents)?;
    if let Some(top_n) = request.top_n {
        body.put("top_n", &top_n)?;
    }
    Ok(Encoded {
        path: "/rerank".into(),
        headers: Vec::new(),
        body: body.finish()?,
        reading: Reading { task: TaskKind::Rerank, items: request.documents.len(), ..Reading::default() },
    })
}

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
