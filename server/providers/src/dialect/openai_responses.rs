//! OpenAI's Responses API, and all who speak it too, without its memory: nothing is stored, everything is sent again.
//!
//! Written after OpenAI's API reference, "Responses" (create, object, streaming events), the guides "Conversation state",
//! "Reasoning", "Function calling" and "Structured model outputs", and the types of its Python package.
//!
//! Choices made here:
//! - The protocol has no stop sequences, seed, penalties, logit bias, several answers or names of speakers. A name goes before the
//!   words, as people write it; the others are left out.
//! - Functions are strict here unless the request says otherwise, so it always says.
//! - What the assistant said earlier goes as plain messages: the ids that its own messages have are not kept. Reasoning goes back item
//!   by item as it came, but only items that the provider can read: those it encrypted, or whose text it showed.

mod decode;
mod encode;
mod input;
mod item;
mod usage;

pub use decode::Decoder;
pub use encode::encode;

/// How blocks of reasoning from this wire are marked, so that they find back to it.
pub(super) const REASONING_FORMAT: &str = "openai-responses-v1";
