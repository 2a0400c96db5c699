//! Google's `generateContent` and `streamGenerateContent`, under `/v1beta`: for Google's own clients, over any model.
//!
//! Written after the Gemini API's reference ("Generating content", "Models", "Counting tokens", "Embeddings"), its guides
//! "Function calling", "Structured outputs", "Thinking" and "Thought signatures", and Google's Python SDK (`google-genai`).
//!
//! Choices made here:
//! - Tool calls are told whole, with an id each; a client that sends a result without one means the call of that name.
//! - `thoughtSignature` carries reasoning of any maker back and forth (`signature`).
//! - Tools that Google runs itself are refused: no other provider has them.

pub mod content;
pub mod count;
pub mod embed;
pub mod envelope;
pub mod media;
pub mod parse;
pub mod render;
pub mod schema;
pub mod signature;
pub mod turn;
pub mod wire;

use axum::response::Response;
use canon::{Completion, Event};
use domain::GenerationId;
use http::HeaderMap;

use self::envelope::{ErrorBody, respond};
use self::render::Responses;
use super::Surface;
use crate::admit::origin;
use crate::call::Call;
use crate::deliver::{Ended, Started};
use crate::error::GatewayError;

/// The name in records.
pub const SURFACE: &str = "generate_content";

/// How a stream is cut into pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events (`alt=sse`).
    #[default]
    Events,
    /// One JSON array, an element at a time.
    Array,
}

/// Writes `GenerateContentResponse`s.
#[derive(Debug, Default)]
pub struct Gemini {
    framing: Framing,
    /// Whether anything was written yet.
    has_begun: bool,
    shows_thoughts: bool,
    responses: Option<Responses>,
}

impl Gemini {
    /// Reads the body of a call of `model`; `stream` says how its answer is streamed, if it is.
    pub fn parse_for(
        model: &str,
        stream: Option<Framing>,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<(Call, Self), GatewayError> {
        let (call, shows_thoughts) = parse::parse(Some(model), stream.is_some(), body, origin(headers))?;
        let surface = Self { framing: stream.unwrap_or_default(), shows_thoughts, ..Self::default() };
        Ok((call, surface))
    }

    /// Frames what `write` writes.
    fn frame(
        &mut self,
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    ) -> serde_json::Result<()> {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        out.extend_from_slice(match (self.framing, is_first) {
            (Framing::Events, _) => b"data: ",
            (Framing::Array, true) => b"[",
            (Framing::Array, false) => b",\n",
        });
        write(out)?;
        if self.framing == Framing::Events {
            out.extend_from_slice(b"\n\n");
        }
        Ok(())
    }

    /// The end of the stream: server-sent events just stop.
    fn close(&self, out: &mut Vec<u8>) {
        if self.framing == Framing::Array {
            out.extend_from_slice(b"]\n");
        }
    }
}

impl Surface for Gemini {
    /// Nothing in either framing; Google's clients take a comment for JSON.
    const KEEP_ALIVE: &'static [u8] = b"\n";

    fn parse(body: &[u8], headers: &HeaderMap) -> Result<(Call, Self), GatewayError> {
        let (call, shows_thoughts) = parse::parse(None, false, body, origin(headers))?;
        Ok((call, Self { shows_thoughts, ..Self::default() }))
    }

    fn stream_type(&self) -> &'static str {
        match self.framing {
            Framing::Events => "text/event-stream",
            Framing::Array => "application/json; charset=utf-8",
        }
    }

    fn start(&mut self, started: Started, _: &mut Vec<u8>) -> serde_json::Result<()> {
        self.responses = Some(Responses::new(started, self.shows_thoughts));
        Ok(())
    }

    fn content(&mut self, event: &Event, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let Some(mut responses) = self.responses.take() else { return Ok(()) };
        let written = match responses.content(event) {
            Some(piece) => self.frame(out, |out| responses.write(&piece, out)),
            None => Ok(()),
        };
        self.responses = Some(responses);
        written
    }

    fn end(&mut self, ended: &Ended, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let Some(mut responses) = self.responses.take() else { return Ok(()) };
        let last = responses.end(ended);
        self.frame(out, |out| responses.write_last(&last, ended, out))?;
        self.close(out);
        Ok(())
    }

    fn error(&mut self, _: &GenerationId, error: &GatewayError, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.frame(out, |out| serde_json::to_writer(out, &ErrorBody::new(error)))?;
        self.close(out);
        Ok(())
    }

    fn whole(self, started: Started, answer: Completion, ended: &Ended) -> serde_json::Result<Vec<u8>> {
        render::whole(started, self.shows_thoughts, answer, ended)
    }

    fn refuse(error: &GatewayError) -> Response {
        respond(error)
    }
}
