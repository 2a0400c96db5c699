//! `POST /v2/chat`: from a request to its answer.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use super::error::Refusal;
use super::events::Events;
use super::reply::Message;
use super::request::Request;
use super::{Call, dress, refused};
use crate::Simulator;
use crate::exchange::{Answer, Exchange};
use crate::ids::Id;
use crate::script::{Finish, Part, Passage, Script};

pub(super) async fn create(
    State(simulator): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let id = simulator.ids.next();
    match begin(&Call { simulator: &simulator, id, headers, body }) {
        Ok((exchange, message, streaming)) => {
            let tokens = message.script.tokens();
            exchange.perform(Reply { message, id }, tokens, streaming).await
        }
        Err(refusal) => refused(*refusal),
    }
}

/// Reads the request and writes its answer; the error is the refusal to send.
fn begin(call: &Call) -> Result<(Exchange, Message, bool), Box<Response>> {
    let body = call.open()?;
    let mut request = call.read(&body, Request::read)?;
    let (model, exchange) = call.begin(request.model)?;
    request.prompt.thought = request.thinking.tokens(model);
    let thinks = request.prompt.thought > 0;
    let counts = call.simulator.cache.implicit(model, &request.segments, exchange.knobs.cache_min_tokens);
    let mut script = exchange.script(&request.prompt, counts, 1);
    if !thinks && plan(&mut script, request.prompt.limit) {
        exchange.count(counts, script.tokens());
    }
    let message = Message {
        id: call.id.uuid(0),
        calls: call_ids(call.id, &script),
        script,
        plans: !thinks,
        logprobs: request.logprobs,
        prompt: exchange.tells_usage().then_some(counts),
    };
    Ok((exchange, message, request.streaming))
}

/// Puts a plan before calls of tools, as the models do that do not think, if `limit` leaves room for it.
fn plan(script: &mut Script, limit: Option<u32>) -> bool {
    let names = script.passages.iter().filter_map(|passage| match &passage.part {
        Part::Call(name) => Some(name.as_str()),
        _ => None,
    });
    let plan = Passage::new(Part::Reasoning, format!("I will use {}.", names.collect::<Vec<_>>().join(" and ")));
    let fits = limit.is_none_or(|limit| script.tokens() + plan.tokens <= limit);
    if script.finish != Finish::ToolCalls || !fits {
        return false;
    }
    script.passages.insert(0, plan);
    true
}

fn call_ids(id: Id, script: &Script) -> Vec<String> {
    let names = script.passages.iter().filter_map(|passage| match &passage.part {
        Part::Call(name) => Some(name),
        _ => None,
    });
    names.enumerate().map(|(at, name)| id.text(&format!("{name}_"), 12, 2 + at).to_lowercase()).collect()
}

/// A message and what its reply's headers are made from.
#[derive(Debug)]
struct Reply {
    message: Message,
    id: Id,
}

impl Answer for Reply {
    type Frames = Events;

    fn frames(self) -> Events {
        Events::new(self.message)
    }

    fn whole(&self) -> Vec<u8> {
        self.message.whole()
    }

    fn failure(&self, status: StatusCode) -> Response {
        Refusal::of_status(status).reply(self.id)
    }

    fn dress(&self, headers: &mut HeaderMap) {
        dress(headers);
    }
}
