//! The vocabulary of an LLM call, between every surface and every dialect: request, events, errors, and the SSE codec.
//!
//! Pure: no clock, no I/O. A surface parses into these types and renders from them, a dialect encodes from them and decodes
//! into them; neither knows the other.

pub mod error;
pub mod event;
pub mod fold;
pub mod request;
pub mod sse;
pub mod task;

pub use error::{ErrorKind, UpstreamError};
pub use event::{AudioDelta, Event, FinishReason, ReasoningDelta, ReasoningKind};
pub use fold::{Choice, Completion, Finish, Fold};
pub use request::{
    CacheControl, CacheTtl, JsonSchema, Message, Part, Reasoning, ReasoningDetail, ReasoningDetailKind, Request,
    ResponseFormat, Sampling, Source, Tool, ToolCall, ToolChoice,
};
pub use task::{EmbedInput, EmbedRequest, RerankRequest, Task, TaskKind};
