//! `POST /chat/completions`: OpenAI's chat API with OpenRouter's additions (OPENROUTER.md §2.1–2.5).

pub mod content;
pub mod envelope;
pub mod parse;
pub mod provider;
pub mod render;
pub mod serve;
pub mod wire;

/// The name in records.
pub const SURFACE: &str = "chat.completions";
