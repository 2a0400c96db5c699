//! The web pages that an answer rests on, as annotations in OpenAI's shape.

use serde::Deserialize;
use serde_json::{Value, json};

/// `groundingMetadata` of a candidate.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct GroundingMetadata {
    web_search_queries: Vec<String>,
    grounding_chunks: Vec<Chunk>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chunk {
    web: Option<Page>,
}

/// `citationMetadata` of a candidate: long quotations.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CitationMetadata {
    #[serde(alias = "citationSources")]
    citations: Vec<Page>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Page {
    uri: Option<String>,
    title: Option<String>,
}

/// What has been told of an answer: chunks repeat what earlier ones said.
#[derive(Debug, Default)]
pub struct Told {
    pages: Vec<String>,
    /// Searches that Google ran.
    pub searches: u64,
}

/// The most pages told of one answer.
const MOST_PAGES: usize = 256;

impl Told {
    pub fn grounding(&mut self, metadata: GroundingMetadata, out: &mut impl Extend<Value>) {
        self.searches = self.searches.max(metadata.web_search_queries.len() as u64);
        out.extend(metadata.grounding_chunks.into_iter().filter_map(|chunk| self.page(chunk.web?)));
    }

    pub fn citations(&mut self, metadata: CitationMetadata, out: &mut impl Extend<Value>) {
        out.extend(metadata.citations.into_iter().filter_map(|page| self.page(page)));
    }

    fn page(&mut self, page: Page) -> Option<Value> {
        let uri = page.uri.filter(|uri| !uri.is_empty() && !self.pages.contains(uri))?;
        if self.pages.len() >= MOST_PAGES {
            return None;
        }
        let annotation = json!({"type": "url_citation", "url_citation": {"url": uri, "title": page.title}});
        self.pages.push(uri);
        Some(annotation)
    }
}
