//! The scores of a ranking, and the events that they are.

use std::collections::VecDeque;

use canon::{Event, UpstreamError};
use domain::Usage;
use serde::Deserialize;

use super::vectors::complete;
use super::{Reading, not_the_protocol};

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
