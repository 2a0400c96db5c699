//! What Azure's content filter says of a prompt or of a piece of an answer, in each chunk.
//!
//! Source: Microsoft's "Content filtering" page of Azure OpenAI.

use serde::Serialize;

/// Verdicts by category; `{}` where there was nothing to judge.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Filters {
    #[serde(skip_serializing_if = "Option::is_none")]
    hate: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    self_harm: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sexual: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    violence: Option<Verdict>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Verdict {
    filtered: bool,
    severity: &'static str,
}

const SAFE: Verdict = Verdict { filtered: false, severity: "safe" };

impl Filters {
    /// Nothing to judge.
    pub const NONE: Self = Self { hate: None, self_harm: None, sexual: None, violence: None };

    /// Nothing found.
    pub const SAFE: Self = Self { hate: Some(SAFE), self_harm: Some(SAFE), sexual: Some(SAFE), violence: Some(SAFE) };

    /// Stopped.
    pub const STRUCK: Self = Self { violence: Some(Verdict { filtered: true, severity: "medium" }), ..Self::SAFE };
}

/// The verdict on one prompt of a request.
#[derive(Debug, Serialize)]
pub(super) struct PromptFilter {
    prompt_index: u32,
    content_filter_results: Filters,
}

impl PromptFilter {
    /// Of the only prompt, in which nothing was found.
    pub const SAFE: Self = Self { prompt_index: 0, content_filter_results: Filters::SAFE };
}
