//! Cohere's API, version 2: chat, embed and rerank.
//!
//! Written after the pages "Chat", "Chat with Streaming", "Embed", "Rerank" and "Errors" of Cohere's API reference, its guides
//! "Reasoning", "Tool use" and "Structured outputs", and the types of its Python SDK, version 7.
//!
//! Choices made here:
//! - A tool plan is reasoning: its block has the id `tool_plan`, which tells it from thoughts when it is sent back.
//! - What the protocol cannot say about tools (that a certain one must be called, or one of some) is said by offering no others.
//! - Usage is what is billed (`billed_units`), not all that the model read: Cohere's own preamble is not charged.
//! - Vectors get the purpose `search_document` where the client names none: the protocol needs one.

mod decode;
pub mod embed;
mod encode;
mod message;
pub mod rerank;
mod usage;

pub use decode::Decoder;
pub use encode::encode;

use canon::{ErrorKind, UpstreamError};
use http::{HeaderMap, StatusCode};

use super::failure;

/// The id of the block of reasoning that is a tool plan.
const TOOL_PLAN: &str = "tool_plan";

/// "Invalid Token": the request or the answer holds a word on the provider's deny list.
const DENIED_WORD: u16 = 498;

/// Reads the body of an answer whose status is an error.
pub fn error(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> UpstreamError {
    let error = failure::of_answer(status, headers, body);
    let kind = if status.as_u16() == DENIED_WORD { ErrorKind::ContentPolicyViolation } else { error.kind };
    UpstreamError { kind, ..error }
}
