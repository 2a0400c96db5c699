//! `POST /messages`: Anthropic's Messages API over any model, with OpenRouter's additions (OPENROUTER.md §1.2, §2.4, §2.5).
//!
//! Written after the types of Anthropic's own clients, which are what parses our answers.

pub mod balance;
pub mod block;
pub mod citation;
pub mod content;
pub mod count;
pub mod envelope;
pub mod events;
pub mod parse;
pub mod render;
pub mod thinking;
pub mod usage;
pub mod wire;

use axum::response::Response;
use canon::{Completion, Event};
use domain::GenerationId;
use http::HeaderMap;

use self::events::Events;
use super::Surface;
use crate::admit::origin;
use crate::call::Call;
use crate::deliver::{Ended, Started};
use crate::error::GatewayError;

/// The name in records.
pub const SURFACE: &str = "messages";

/// Writes messages.
#[derive(Debug)]
pub struct Messages {
    /// The client wants its thoughts signed, but not shown.
    hides_thoughts: bool,
    events: Option<Events>,
}

impl Messages {
    pub const fn new(hides_thoughts: bool) -> Self {
        Self { hides_thoughts, events: None }
    }
}

impl Surface for Messages {
    const KEEP_ALIVE: &'static [u8] = b"event: ping\ndata: {\"type\":\"ping\"}\n\n";
    const ID_HEADER: Option<&'static str> = Some(envelope::REQUEST_ID);

    fn parse(body: &[u8], headers: &HeaderMap) -> Result<(Call, Self), GatewayError> {
        parse::parse(body, origin(headers))
    }

    fn start(&mut self, started: Started, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.events.insert(Events::new(started, self.hides_thoughts)).start(out)
    }

    fn content(&mut self, event: &Event, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.events.as_mut().map_or(Ok(()), |events| events.content(event, out))
    }

    fn end(&mut self, ended: &Ended, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.events.as_mut().map_or(Ok(()), |events| events.end(ended, out))
    }

    fn error(&mut self, id: &GenerationId, error: &GatewayError, out: &mut Vec<u8>) -> serde_json::Result<()> {
        events::error(id, error, out)
    }

    fn whole(self, started: Started, answer: Completion, ended: &Ended) -> serde_json::Result<Vec<u8>> {
        render::message(&started, &answer, ended, self.hides_thoughts)
    }

    fn refuse(error: &GatewayError) -> Response {
        envelope::respond(error)
    }

    fn fail(self, id: &GenerationId, error: &GatewayError) -> Response {
        match error {
            GatewayError::Upstream { .. } => envelope::respond_as(id.as_str(), error),
            // No provider was called: nothing is recorded under the id.
            error => envelope::respond(error),
        }
    }
}
