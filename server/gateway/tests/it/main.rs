//! The gateway's stages without network or database, and the whole of it over the simulator.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

mod cancel;
mod completions;
mod fixture;
mod gemini_parse;
mod gemini_render;
mod hold;
mod messages_parse;
mod messages_render;
mod parse;
mod plan;
mod render;
mod responses_parse;
mod responses_render;
mod running;
mod settle;
mod tiers;
mod vectors_and_rankings;
