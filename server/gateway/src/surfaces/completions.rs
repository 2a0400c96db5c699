//! `POST /completions`: OpenAI's text completions of old. The prompt becomes the one message of a user (OPENROUTER.md §1.2).

pub mod logprobs;
pub mod parse;
pub mod render;

use axum::response::Response;
use canon::{Completion, Event};
use domain::GenerationId;
use http::HeaderMap;

use self::render::Writer;
use super::Surface;
use super::chat::envelope::{ErrorBody, respond};
use crate::admit::origin;
use crate::call::Call;
use crate::clock;
use crate::deliver::{Ended, Started};
use crate::error::GatewayError;

/// The name in records.
pub const SURFACE: &str = "completions";

/// Writes text completions.
#[derive(Debug)]
pub struct Completions {
    /// Said again before each answer, where the client wants its prompt echoed.
    echo: Option<String>,
    /// How many answers were asked for.
    choices: u32,
    writer: Option<Writer>,
}

impl Surface for Completions {
    fn parse(body: &[u8], headers: &HeaderMap) -> Result<(Call, Self), GatewayError> {
        let (call, echo) = parse::parse(body, origin(headers))?;
        let choices = call.task.as_chat().and_then(|request| request.choices).unwrap_or(1);
        Ok((call, Self { echo, choices, writer: None }))
    }

    fn start(&mut self, started: Started, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let writer = self.writer.insert(Writer::new(started));
        match &self.echo {
            Some(prompt) => (0..self.choices).try_for_each(|choice| writer.echo(choice, prompt, out)),
            None => Ok(()),
        }
    }

    fn content(&mut self, event: &Event, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.writer.as_mut().map_or(Ok(()), |writer| writer.content(event, out))
    }

    fn end(&mut self, ended: &Ended, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.writer.as_mut().map_or(Ok(()), |writer| writer.end(ended, out))
    }

    fn error(&mut self, id: &GenerationId, error: &GatewayError, out: &mut Vec<u8>) -> serde_json::Result<()> {
        match &self.writer {
            Some(writer) => writer.error(ErrorBody::new(error), out),
            None => render::late_error(id, clock::now(), ErrorBody::new(error), out),
        }
    }

    fn whole(self, started: Started, answer: Completion, ended: &Ended) -> serde_json::Result<Vec<u8>> {
        render::completion(&started, &answer, ended, self.echo.as_deref().unwrap_or_default())
    }

    fn refuse(error: &GatewayError) -> Response {
        respond(error)
    }
}
