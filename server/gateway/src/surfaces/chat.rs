//! `POST /chat/completions`: OpenAI's chat API with OpenRouter's additions (OPENROUTER.md §2.1–2.5).

pub mod content;
pub mod envelope;
pub mod media;
pub mod parse;
pub mod reasoning;
pub mod render;
pub mod wire;

use axum::response::Response;
use canon::{Completion, Event};
use domain::GenerationId;
use http::HeaderMap;

use self::envelope::{ErrorBody, respond};
use self::render::Chunks;
use super::Surface;
use crate::admit::origin;
use crate::call::Call;
use crate::clock;
use crate::deliver::{Ended, Started};
use crate::error::GatewayError;

/// The name in records.
pub const SURFACE: &str = "chat.completions";

/// Writes chat completions.
#[derive(Debug, Default)]
pub struct Chat {
    chunks: Option<Chunks>,
}

impl Surface for Chat {
    fn parse(body: &[u8], headers: &HeaderMap) -> Result<(Call, Self), GatewayError> {
        Ok((parse::parse(body, origin(headers))?, Self::default()))
    }

    fn start(&mut self, started: Started, _: &mut Vec<u8>) -> serde_json::Result<()> {
        self.chunks = Some(Chunks::new(started));
        Ok(())
    }

    fn content(&mut self, event: &Event, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.chunks.as_mut().map_or(Ok(()), |chunks| chunks.content(event, out))
    }

    fn end(&mut self, ended: &Ended, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.chunks.as_mut().map_or(Ok(()), |chunks| chunks.end(ended, out))
    }

    fn error(&mut self, id: &GenerationId, error: &GatewayError, out: &mut Vec<u8>) -> serde_json::Result<()> {
        match &self.chunks {
            Some(chunks) => chunks.error(ErrorBody::new(error), out),
            None => render::late_error(id, clock::now(), ErrorBody::new(error), out),
        }
    }

    fn whole(self, started: Started, answer: Completion, ended: &Ended) -> serde_json::Result<Vec<u8>> {
        render::completion(&started, &answer, ended)
    }

    fn refuse(error: &GatewayError) -> Response {
        respond(error)
    }
}
