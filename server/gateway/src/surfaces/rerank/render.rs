//! Rankings as OpenRouter writes them: the best document first.

use canon::Completion;
use domain::{GenerationId, NanoUsd};
use serde::Serialize;

use crate::deliver::{Ended, Started};
use crate::surfaces::json::dollars;

#[derive(Serialize)]
struct Ranking<'a> {
    id: &'a GenerationId,
    model: &'a str,
    provider: &'a str,
    results: Vec<Ranked<'a>>,
    usage: Usage,
}

#[derive(Serialize)]
struct Ranked<'a> {
    index: u32,
    relevance_score: f64,
    document: Document<'a>,
}

#[derive(Serialize)]
struct Document<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Usage {
    total_tokens: u64,
    /// Where the provider sells by the search.
    #[serde(skip_serializing_if = "Option::is_none")]
    search_units: Option<u64>,
    #[serde(serialize_with = "dollars")]
    cost: NanoUsd,
}

/// Writes the whole answer. `top_n` holds also where the provider gave more.
pub fn ranking(
    started: &Started,
    answer: &Completion,
    ended: &Ended,
    documents: &[String],
    top_n: Option<u64>,
) -> serde_json::Result<Vec<u8>> {
    let ranked = |(index, relevance_score): &(u32, f64)| Ranked {
        index: *index,
        relevance_score: *relevance_score,
        document: Document { text: documents.get(*index as usize).map_or("", String::as_str) },
    };
    let mut results: Vec<Ranked<'_>> = answer.scores.iter().map(ranked).collect();
    results.sort_by(|a, b| b.relevance_score.total_cmp(&a.relevance_score));
    results.truncate(top_n.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX));
    serde_json::to_vec(&Ranking {
        id: &started.id,
        model: started.model.as_str(),
        provider: &started.provider_name,
        results,
        usage: Usage {
            total_tokens: ended.usage.total_tokens(),
            search_units: Some(ended.usage.search_units).filter(|units| *units > 0),
            cost: ended.charged,
        },
    })
}
