//! Anthropic's Messages API.
//!
//! Written after the pages "Messages" (reference), "Streaming messages", "Extended thinking", "Adaptive thinking", "Effort",
//! "Structured outputs", "Prompt caching", "Vision", "PDF support", "Tool use" and "Errors" of Anthropic's documentation.
//!
//! Choices made here:
//! - JSON schema output is asked for natively (`output_config.format`) where the catalog says that the model has it;
//!   otherwise by a tool that the model must call, whose arguments become the answer's text. `json_object`, which the
//!   protocol does not have, always goes by the tool.
//! - A model whose known efforts reach beyond `high`, or that is known to refuse a temperature, thinks adaptively; others
//!   get a budget in tokens.
//! - Where the protocol forbids a combination (thinking with a forced tool, sampling while thinking), the forced tool and the
//!   thinking win, in this order.

mod block;
mod decode;
mod encode;
mod message;
pub mod thinking;
mod usage;

pub use block::{Input, call_id, input};
pub use decode::Decoder;
pub use encode::encode;

/// How blocks of reasoning from this wire are marked, so that they find back to it. Their signatures hold wherever the same
/// models are served (Anthropic's "Extended thinking": compatible across platforms).
pub const REASONING_FORMAT: &str = "anthropic-claude-v1";
