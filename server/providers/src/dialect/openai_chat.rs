//! OpenAI's Chat Completions, and all who speak it too.
//!
//! Written after OpenAI's API reference, "Chat Completions" (create, object, streaming), and the guides "Function calling",
//! "Structured model outputs", "Images and vision" and "Audio"; the deviations after the public references of those who took
//! the protocol over. What one host does differently is a quirk in its file; what many do (fields left out, sent twice or in
//! another place) is simply understood here.

mod calls;
mod decode;
pub mod embeddings;
mod encode;
mod message;
pub mod rerank;
mod usage;

pub use decode::Decoder;
pub use encode::encode;
