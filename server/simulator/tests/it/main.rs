//! The simulator over real connections: the bytes it sends, the faults it makes, the requests it refuses.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panic")]

mod anthropic;
mod azure;
mod bedrock;
mod client;
mod cohere;
mod control;
mod embeddings;
mod faults;
mod gemini;
mod gemini_refusals;
mod openai;
mod refusals;
mod responses;
