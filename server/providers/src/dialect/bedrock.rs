//! Amazon Bedrock's Converse API, streamed: `POST /model/{modelId}/converse-stream`.
//!
//! Written after botocore's model of `bedrock-runtime` (2023-09-30) and the pages "Converse", "ConverseStream", "Tool use", "Prompt
//! caching", "Extended thinking", "Adaptive thinking", "Structured outputs" and "Nova: extended thinking" of AWS's documentation.
//!
//! Choices made here:
//! - What a model takes beyond the protocol (`top_k`, thinking) goes to `additionalModelRequestFields` in the words of the
//!   model's vendor, which its id names: see `family`.
//! - JSON schema output is asked for natively (`outputConfig.textFormat`) where the catalog says that the model has it, otherwise
//!   by a tool that the model must call, as in the Messages API.
//! - The protocol has no way to forbid tools: with `tool_choice: "none"` they are left out, unless the talk has calls already, for
//!   which it wants them declared.
//! - Media are sent by their bytes, or by an address in S3.

mod block;
mod decode;
mod encode;
mod family;
mod message;
mod native;
mod tools;
mod usage;

pub use decode::Decoder;
pub use encode::encode;

/// How blocks of reasoning are marked that only this wire can take back.
const REASONING_FORMAT: &str = "bedrock-converse-v1";
