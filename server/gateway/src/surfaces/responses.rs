//! `POST /responses`: OpenAI's Responses API, without memory: each call brings its whole conversation (OPENROUTER.md §1.2).

pub mod echo;
pub mod envelope;
pub mod events;
pub mod input;
pub mod items;
pub mod output;
pub mod parse;
pub mod reasoning;
pub mod render;
pub mod tools;
pub mod wire;

use axum::response::{IntoResponse, Response};
use canon::{Completion, Event as Piece};
use domain::GenerationId;
use http::{HeaderMap, header};

use self::echo::Echo;
use self::events::{ErrorEvent, Event};
use self::output::Output;
use self::render::{Ending, Head, Reply, UsageBody};
use super::Surface;
use crate::admit::origin;
use crate::call::Call;
use crate::clock;
use crate::deliver::{Ended, Started};
use crate::error::GatewayError;

/// The name in records.
pub const SURFACE: &str = "responses";

/// What a response must know of its request.
#[derive(Debug)]
pub struct Asked {
    /// The most wanted model: the response's, as long as none answers.
    pub model: String,
    pub stream: bool,
    /// Names of tools that take a free text.
    pub custom: Vec<String>,
    /// Log probabilities are wanted.
    pub logprobs: bool,
    pub echo: Echo,
}

/// Writes a response.
#[derive(Debug)]
pub struct Responses {
    asked: Asked,
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    head: Head,
    output: Output,
}

impl Surface for Responses {
    fn parse(body: &[u8], headers: &HeaderMap) -> Result<(Call, Self), GatewayError> {
        let (call, asked) = parse::parse(body, origin(headers))?;
        Ok((call, Self { asked, begun: None }))
    }

    fn start(&mut self, started: Started, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.begin(started.into(), out)
    }

    fn content(&mut self, event: &Piece, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.begun.as_mut().map_or(Ok(()), |begun| begun.output.push(event, out))
    }

    fn end(&mut self, ended: &Ended, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let ending = Ending::of(ended);
        if let Some(begun) = &mut self.begun {
            begun.output.close(ending.is_cut(), out)?;
        }
        self.last(&ending, Some(UsageBody::new(ended)), out)
    }

    fn error(&mut self, id: &GenerationId, error: &GatewayError, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let usage = match &self.begun {
            Some(_) => None,
            None => {
                let head = self.unanswered(id);
                self.begin(head, out)?;
                // Nothing came, so nothing is charged.
                Some(UsageBody::default())
            }
        };
        let ending = envelope::ending(error);
        if let Some(Begun { output, .. }) = &mut self.begun {
            output.break_off(out)?;
            if let Ending::Failed { error: failure, error_type } = &ending {
                let (code, message, param) = (failure.code, failure.message.as_str(), envelope::param(error));
                let (r#type, param) = ("error", param.as_deref());
                let event = ErrorEvent { r#type, sequence_number: 0, code, message, param, error_type };
                output.sequence.write_error(event, out)?;
            }
        }
        self.last(&ending, usage, out)
    }

    fn whole(self, started: Started, answer: Completion, ended: &Ended) -> serde_json::Result<Vec<u8>> {
        let Self { mut asked, .. } = self;
        let head = Head::from(started);
        let mut output = Output::new(head.id.as_str(), std::mem::take(&mut asked.custom), asked.logprobs);
        let (ending, mut events) = (Ending::of(ended), Vec::new());
        output.push_all(&answer.answer, &mut events)?;
        output.close(ending.is_cut(), &mut events)?;
        let usage = Some(UsageBody::new(ended));
        serde_json::to_vec(&Reply::ended(&head, &asked, &output, &ending, usage, clock::now()))
    }

    fn refuse(error: &GatewayError) -> Response {
        envelope::respond(error)
    }

    /// A prompt that is too long gets an answer without content: so OpenRouter has it.
    fn fail(mut self, id: &GenerationId, error: &GatewayError) -> Response {
        if !envelope::is_length(error) {
            return Self::refuse(error);
        }
        let mut body = Vec::new();
        let (written, media_type) = if self.asked.stream {
            (self.error(id, error, &mut body), self.stream_type())
        } else {
            let (head, ending) = (self.unanswered(id), envelope::ending(error));
            let output = Output::new(id.as_str(), Vec::new(), false);
            let usage = Some(UsageBody::default());
            let reply = Reply::ended(&head, &self.asked, &output, &ending, usage, head.created_at);
            (serde_json::to_writer(&mut body, &reply), "application/json")
        };
        match written {
            Ok(()) => ([(header::CONTENT_TYPE, media_type)], body).into_response(),
            Err(_) => Self::refuse(&GatewayError::Internal),
        }
    }
}

impl Responses {
    fn begin(&mut self, head: Head, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let mut output = Output::new(head.id.as_str(), self.asked.custom.clone(), self.asked.logprobs);
        let opening = Reply::opening(&head, &self.asked);
        for r#type in ["response.created", "response.in_progress"] {
            output.sequence.write(Event { r#type, response: Some(&opening), ..Event::default() }, out)?;
        }
        self.begun = Some(Begun { head, output });
        Ok(())
    }

    /// The last event: the whole response.
    fn last(&mut self, ending: &Ending, usage: Option<UsageBody>, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let Some(Begun { head, output }) = &mut self.begun else { return Ok(()) };
        let mut sequence = std::mem::take(&mut output.sequence);
        let reply = Reply::ended(head, &self.asked, output, ending, usage, clock::now());
        sequence.write(Event { r#type: ending.event(), response: Some(&reply), ..Event::default() }, out)
    }

    /// Of a response that no model answered.
    fn unanswered(&self, id: &GenerationId) -> Head {
        let model = self.asked.model.clone();
        Head { id: id.clone(), created_at: clock::now(), model, provider: None, service_tier: None }
    }
}
