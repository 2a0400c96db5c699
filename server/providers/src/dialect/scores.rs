//! Rankings: how they are asked for, which is alike everywhere but for a name, and the events that their scores are.

use std::borrow::Cow;
use std::collections::VecDeque;

use canon::{Event, RerankRequest, TaskKind, UpstreamError};
use domain::Usage;
use serde::Deserialize;

use super::body::Body;
use super::vectors::complete;
use super::{EncodeError, Encoded, Reading, Target, not_the_protocol};
use crate::quirks::RerankTop;

/// Writes a request to `path`.
pub fn encode(request: &RerankRequest, target: &Target<'_>, path: Cow<'static, str>) -> Result<Encoded, EncodeError> {
    let mut body = Body::new(&request.extra, target);
    body.put("model", target.upstream_id)?;
    body.put("query", &request.query)?;
    body.put("documents", &request.documents)?;
    if let Some(top_n) = request.top_n {
        let name = match target.quirks.rerank_top {
            RerankTop::TopN => "top_n",
            RerankTop::TopK => "top_k",
        };
        body.put(name, &top_n)?;
    }
    Ok(Encoded {
        path,
        headers: Vec::new(),
        body: body.finish()?,
        reading: Reading { task: TaskKind::Rerank, items: request.documents.len(), ..Reading::default() },
    })
}

/// One document's score. What providers repeat of the document is not read: the client's own words are at hand.
#[derive(Debug, Deserialize)]
pub struct Score {
    index: usize,
    #[serde(alias = "score")]
    relevance_score: f64,
}

/// Tells all scores of an answer. No document may have two; with `top_n`, some have none.
pub fn tell(
    start: Event,
    scores: Vec<Score>,
    usage: Option<Usage>,
    reading: Reading,
    out: &mut VecDeque<Event>,
) -> Result<(), UpstreamError> {
    let mut has_score = vec![false; reading.items];
    let mut events = Vec::with_capacity(scores.len());
    for Score { index, relevance_score } in scores {
        let seen = has_score.get_mut(index).ok_or_else(not_the_protocol)?;
        if std::mem::replace(seen, true) || !relevance_score.is_finite() {
            return Err(not_the_protocol());
        }
        let index = u32::try_from(index).map_err(|_| not_the_protocol())?;
        events.push(Event::Score { index, relevance: relevance_score });
    }
    if events.is_empty() {
        return Err(not_the_protocol());
    }
    out.push_back(start);
    out.extend(events);
    out.push_back(complete());
    out.extend(usage.map(Event::Usage));
    Ok(())
}
