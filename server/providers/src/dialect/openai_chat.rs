//! OpenAI's Chat Completions, and all who speak it too.
//!
//! Written after OpenAI's API reference, "Chat Completions" (create, object, streaming), and the guides "Function calling",
//! "Structured model outputs", "Images and vision" and "Audio"; the deviations after the public references of those who took
//! the protocol over. What one host does differently is a quirk in its file; what many do (fields left out, sent twice or in
//! another place) is simply understood here.
//!
//! Azure OpenAI speaks it too, after Microsoft's "Azure OpenAI in Microsoft Foundry Models REST API reference": below `/openai/v1`
//! as OpenAI does, or below `/openai/deployments/{model}` with an `api-version` (the quirk `path`).

mod calls;
mod chunk;
mod decode;
pub mod embeddings;
mod encode;
mod message;
mod reasoning;
pub mod rerank;
mod route;
mod think;
mod usage;

pub use decode::Decoder;
pub use encode::encode;
