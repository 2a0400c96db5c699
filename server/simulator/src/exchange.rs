//! What every dialect does alike: find out the knobs and the fault of a request, and send its answer, or go wrong as ordered.

use std::future::pending;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::stream;

use crate::Simulator;
use crate::cache::Split;
use crate::fault::Fault;
use crate::knobs::{BadKnob, Knobs};
use crate::log::{State, Ticket};
use crate::playback::{Frames, Halves, Pace, Playback, cut};
use crate::script::{Prompt, Script};

/// An answer in its dialect's words.
pub(crate) trait Answer {
    type Frames: Frames + Send + Unpin + 'static;

    /// Turns the answer into the pieces of a stream.
    fn frames(self) -> Self::Frames;

    /// The body of a reply that is not streamed.
    fn whole(&self) -> Vec<u8>;

    /// The media type of a streamed reply.
    fn stream_type(&self) -> &'static str {
        "text/event-stream; charset=utf-8"
    }

    /// The provider's own error reply with this status.
    fn failure(&self, status: StatusCode) -> Response;

    /// The same, telling after how many seconds to come again: by header, unless the provider tells it elsewhere.
    fn failure_after(&self, status: StatusCode, seconds: u32) -> Response {
        let mut response = self.failure(status);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        response
    }

    /// Adds the headers that each of the provider's replies has.
    fn dress(&self, headers: &mut HeaderMap);
}

/// A good request on its way to an answer.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub knobs: Knobs,
    fault: Option<Fault>,
    pace: Pace,
    ticket: Ticket,
}

impl Exchange {
    /// Begins the exchange for a request entered as `ticket`. Also gives the bare model name.
    pub fn begin<'m>(
        simulator: &Simulator,
        dialect: &'static str,
        model: &'m str,
        headers: &HeaderMap,
        ticket: Ticket,
    ) -> Result<(&'m str, Self), (BadKnob, Ticket)> {
        let (name, mut knobs) = match Knobs::read(&simulator.config, model, headers) {
            Ok(read) => read,
            Err(error) => return Err((error, ticket)),
        };
        let flaky =
            (name == "sim-flaky" && dialect == "openai").then_some(Fault::Status { code: 503, retry_after: None });
        let fault = knobs.fault.or_else(|| simulator.rules.take(dialect, name)).or(flaky);
        if fault == Some(Fault::Slow) {
            knobs.first_token = std::time::Duration::from_secs(5);
            knobs.tokens_per_second = Some(5.0);
        }
        let pace = Pace::new(knobs.first_token, knobs.tokens_per_second);
        Ok((name, Self { knobs, fault, pace, ticket }))
    }

    /// The answer to `prompt`, and its token counts entered.
    pub fn script(&self, prompt: &Prompt, counted: Split, choices: u32) -> Script {
        let script = match self.fault {
            Some(Fault::Empty) => Script::default(),
            _ => Script::write(prompt, &self.knobs),
        };
        self.count(counted, script.tokens().saturating_mul(choices));
        script
    }

    /// Enters the token counts, where they are others than those of the script.
    pub fn count(&self, prompt: Split, completion: u32) {
        self.ticket.count(prompt.total(), prompt.read, completion);
    }

    /// `response` as the refusal of a good request.
    pub fn refuse(self, response: Response) -> Box<Response> {
        refuse(self.ticket, response)
    }

    /// Whether the answer tells its token counts.
    pub fn tells_usage(&self) -> bool {
        self.knobs.tells_usage && self.fault != Some(Fault::NoUsage)
    }

    /// Sends the answer, `tokens` tokens in all, or does what the fault says.
    pub async fn perform<A: Answer>(mut self, answer: A, tokens: u32, streaming: bool) -> Response {
        let ok = StatusCode::OK;
        self.ticket.reply(ok.as_u16());
        match self.fault {
            Some(Fault::Status { code, retry_after }) => self.fail(&answer, code, retry_after),
            Some(Fault::ErrorAfter(_)) if !streaming => self.fail(&answer, 500, None),
            Some(Fault::Hang) => pending().await,
            Some(Fault::Refuse) => {
                self.ticket.reply(0);
                self.ticket.close(State::Failed);
                Body::from_stream(stream::iter([Err::<Bytes, _>(cut())])).into_response()
            }
            Some(Fault::Blank) => {
                self.ticket.close(State::Failed);
                ok.into_response()
            }
            Some(Fault::Invalid) => {
                self.ticket.close(State::Failed);
                let page = "<html><body><h1>It works!</h1></body></html>\n";
                ([(CONTENT_TYPE, HeaderValue::from_static("text/html"))], page).into_response()
            }
            _ if streaming => self.stream(answer),
            _ => self.whole(answer, tokens).await,
        }
    }

    fn stream(self, answer: impl Answer) -> Response {
        let mut head = HeaderMap::new();
        answer.dress(&mut head);
        head.insert(CONTENT_TYPE, HeaderValue::from_static(answer.stream_type()));
        head.insert("cache-control", HeaderValue::from_static("no-cache"));
        let playback = Playback::new(answer.frames(), self.pace, self.fault, self.ticket);
        (head, Body::from_stream(playback)).into_response()
    }

    async fn whole(mut self, answer: impl Answer, tokens: u32) -> Response {
        self.pace.whole(tokens).await;
        let mut head = HeaderMap::new();
        answer.dress(&mut head);
        head.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = Bytes::from(answer.whole());
        let breaks = matches!(
            self.fault,
            Some(Fault::Drop | Fault::DropAfter(_) | Fault::StallAfter(_) | Fault::GarbageAfter(_))
        );
        if breaks {
            head.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
            let playback = Playback::new(Halves::new(body), self.pace, self.fault, self.ticket);
            return (head, Body::from_stream(playback)).into_response();
        }
        self.ticket.sent(tokens);
        self.ticket.close(State::Completed);
        (head, body).into_response()
    }

    fn fail(mut self, answer: &impl Answer, code: u16, retry_after: Option<u32>) -> Response {
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match retry_after {
            Some(seconds) => answer.failure_after(status, seconds),
            None => answer.failure(status),
        };
        answer.dress(response.headers_mut());
        self.ticket.reply(code);
        self.ticket.close(State::Failed);
        response
    }
}

/// Enters the refusal of a bad request into the log.
pub(crate) fn refuse(mut ticket: Ticket, response: Response) -> Box<Response> {
    ticket.reply(response.status().as_u16());
    ticket.close(State::Failed);
    Box::new(response)
}
