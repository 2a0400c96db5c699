//! What some providers sell by the piece instead of by the token: pictures to embed, searches of a ranking.

use canon::{EmbedInput, Part, RerankRequest, Task};

/// Of one request, no more than this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// How many prompts a model reads one by one: inputs to embed, documents to rank. A context's length holds for each.
    pub contexts: u64,
    pub pictures: u64,
    /// 0 for anything but a ranking.
    pub search_units: u64,
}

const TOKENS_PER_CHUNK: u64 = 500;
const DOCUMENTS_PER_SEARCH: u64 = 100;

impl Pieces {
    pub fn of(task: &Task) -> Self {
        match task {
            Task::Chat(_) => Self { contexts: 1, ..Self::default() },
            Task::Embed(request) => {
                let pictures = request.inputs.iter().map(pictures).sum();
                Self { contexts: request.inputs.len() as u64, pictures, search_units: 0 }
            }
            Task::Rerank(request) => {
                let search_units = search_units(request);
                Self { contexts: request.documents.len() as u64, pictures: 0, search_units }
            }
        }
    }
}

fn pictures(input: &EmbedInput) -> u64 {
    match input {
        EmbedInput::Parts(parts) => parts.iter().filter(|part| matches!(part, Part::Image { .. })).count() as u64,
        EmbedInput::Text(_) | EmbedInput::Tokens(_) => 0,
    }
}

/// A search unit is a query with up to 100 documents; a document of more than 500 tokens together with the query counts as
/// several (Cohere's page "Pricing"). No tokenizer makes more tokens than bytes.
fn search_units(request: &RerankRequest) -> u64 {
    let room = TOKENS_PER_CHUNK.saturating_sub(request.query.len() as u64).max(TOKENS_PER_CHUNK / 10);
    let chunks: u64 = request.documents.iter().map(|document| (document.len() as u64).div_ceil(room).max(1)).sum();
    chunks.div_ceil(DOCUMENTS_PER_SEARCH)
}
