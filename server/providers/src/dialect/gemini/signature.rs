//! Which signature belongs on which part of an earlier answer.

use canon::{ReasoningDetail, ReasoningDetailKind};

use super::REASONING_FORMAT;

/// The id of the block that holds the signature of picture number `at`.
pub fn of_picture(at: usize) -> String {
    format!("image-{at}")
}

/// What Google takes in place of a signature that another model's call cannot have ("Thought signatures", FAQ).
pub const NONE_GIVEN: &str = "skip_thought_signature_validator";

/// The signatures that came with an earlier answer.
#[derive(Clone, Copy, Debug)]
pub struct Signatures<'a>(&'a [ReasoningDetail]);

impl<'a> Signatures<'a> {
    pub fn of(reasoning: &'a [ReasoningDetail]) -> Self {
        Self(reasoning)
    }

    /// Thoughts with their signature. A thought without one proves nothing, and is not worth its tokens.
    pub fn thoughts(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.own().filter_map(|detail| match &detail.kind {
            ReasoningDetailKind::Text { text, signature: Some(signature) } => {
                Some((text.as_deref().unwrap_or_default(), signature.as_str()))
            }
            _ => None,
        })
    }

    /// The last signature of the call or picture with this id; `None` is the answer's text.
    pub fn on(self, id: Option<&str>) -> Option<&'a str> {
        self.own().rev().find_map(|detail| match &detail.kind {
            ReasoningDetailKind::Encrypted { data } if detail.id.as_deref() == id => Some(data.as_str()),
            _ => None,
        })
    }

    fn own(self) -> impl DoubleEndedIterator<Item = &'a ReasoningDetail> {
        self.0.iter().filter(|detail| detail.format.as_deref() == Some(REASONING_FORMAT))
    }
}
