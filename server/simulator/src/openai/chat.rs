//! `POST /v1/chat/completions`.

mod message;
mod reply;
mod request;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use self::reply::{Chunks, Completion, Usage};
use self::request::Request;
use super::call::{Call, Inbound, model_of};
use super::door::Door;
use super::error::Envelope;
use crate::exchange::{Answer, Exchange};
use crate::ids::Id;
use crate::script::{Part, Script};

/// Answers the request.
pub(super) async fn complete(inbound: Inbound<'_>) -> Response {
    let (id, door) = (inbound.simulator.ids.next(), inbound.door);
    match begin(inbound, id) {
        Ok((exchange, completion, streaming)) => {
            let tokens = completion.script.tokens() * completion.choices;
            exchange.perform(Reply { completion, id, door }, tokens, streaming).await
        }
        Err(mut refusal) => {
            door.dress(id, refusal.headers_mut());
            *refusal
        }
    }
}

/// Reads the request and writes its answer; the error is the refusal to send.
fn begin(inbound: Inbound<'_>, id: Id) -> Result<(Exchange, Completion, bool), Box<Response>> {
    let simulator = inbound.simulator;
    let (call, body) = Call::read(inbound, id.text("chatcmpl-", 29, 0))?;
    let mut request =
        Request::read(&body).map_err(|problem| call.bad_request(model_of(&body), &Envelope::from(problem)))?;
    let (model, exchange) = call.exchange(request.model)?;
    if model == "sim-reasoner" {
        request.prompt.thought = super::thought(request.effort);
    }
    let counts = simulator.cache.implicit(model, &request.segments, exchange.knobs.cache_min_tokens);
    let script = exchange.script(&request.prompt, counts, request.choices);
    let usage = exchange.tells_usage().then(|| Usage::new(counts, &script, request.choices));
    let completion = Completion {
        id: call.name,
        created: simulator.ids.now(),
        model: request.model.to_owned(),
        choices: request.choices,
        logprobs: request.logprobs,
        calls: call_ids(id, &script),
        script,
        usage,
        counted: request.counted,
        filtered: call.door == Door::Azure,
    };
    Ok((exchange, completion, request.streaming))
}

fn call_ids(id: Id, script: &Script) -> Vec<String> {
    let calls = script.passages.iter().filter(|passage| matches!(passage.part, Part::Call(_)));
    calls.enumerate().map(|(at, _)| id.text("call_", 24, 2 + at)).collect()
}

/// A completion and what its reply's headers are made from.
#[derive(Debug)]
struct Reply {
    completion: Completion,
    id: Id,
    door: Door,
}

impl Answer for Reply {
    type Frames = Chunks;

    fn frames(self) -> Chunks {
        Chunks::new(self.completion)
    }

    fn whole(&self) -> Vec<u8> {
        self.completion.whole()
    }

    fn failure(&self, status: StatusCode) -> Response {
        self.door.failure(status)
    }

    fn dress(&self, headers: &mut HeaderMap) {
        self.door.dress(self.id, headers);
    }
}
