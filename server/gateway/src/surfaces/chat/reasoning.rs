//! Elements of `reasoning_details` as OpenRouter writes them (OPENROUTER.md §2.2).

use canon::request::ReasoningDetailKind;
use canon::{ReasoningDelta, ReasoningDetail, ReasoningKind};
use serde::Serialize;

/// What `format` says where the provider's wire names none. Clients that see no format at all take one for granted (the AI SDK:
/// Anthropic's), and drop blocks that are not signed as it demands.
pub const UNKNOWN_FORMAT: &str = "unknown";

/// One block of reasoning, or a piece of it.
#[derive(Debug, Serialize)]
pub struct DetailBody<'a> {
    #[serde(flatten)]
    content: Content<'a>,
    id: Option<&'a str>,
    format: &'a str,
    index: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type")]
enum Content<'a> {
    #[serde(rename = "reasoning.text")]
    Text {
        text: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        signature: Option<&'a str>,
    },
    #[serde(rename = "reasoning.summary")]
    Summary { summary: &'a str },
    #[serde(rename = "reasoning.encrypted")]
    Encrypted { data: &'a str },
}

impl<'a> DetailBody<'a> {
    pub fn of_block(block: &'a ReasoningDetail) -> Self {
        let content = match &block.kind {
            ReasoningDetailKind::Text { text, signature } => {
                Content::Text { text: text.as_deref(), signature: signature.as_deref() }
            }
            ReasoningDetailKind::Summary { summary } => Content::Summary { summary },
            ReasoningDetailKind::Encrypted { data } => Content::Encrypted { data },
        };
        Self::new(content, block.id.as_deref(), block.format.as_deref(), block.index)
    }

    pub fn of_piece(piece: &'a ReasoningDelta) -> Self {
        let content = match &piece.kind {
            ReasoningKind::Text(text) => Content::Text { text: Some(text), signature: None },
            ReasoningKind::Signature(signature) => Content::Text { text: None, signature: Some(signature) },
            ReasoningKind::Summary(summary) => Content::Summary { summary },
            ReasoningKind::Encrypted(data) => Content::Encrypted { data },
        };
        Self::new(content, piece.id.as_deref(), piece.format.as_deref(), Some(piece.index))
    }

    fn new(content: Content<'a>, id: Option<&'a str>, format: Option<&'a str>, index: Option<u32>) -> Self {
        Self { content, id, format: format.unwrap_or(UNKNOWN_FORMAT), index }
    }
}

/// The part of a piece that people read.
pub fn readable(piece: &ReasoningDelta) -> Option<&str> {
    match &piece.kind {
        ReasoningKind::Text(text) | ReasoningKind::Summary(text) => Some(text),
        ReasoningKind::Signature(_) | ReasoningKind::Encrypted(_) => None,
    }
}
