//! The APIs we serve. Each parses its requests into a `Call` and renders replies and errors in its own envelope.

pub mod chat;
pub mod json;
