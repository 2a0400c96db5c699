//! `POST /v1/responses`, without memory: nothing is stored, so that each request must bring all that was said before.

mod events;
mod input;
mod reply;
mod request;
mod settings;
mod tools;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use self::events::Events;
use self::reply::{Answered, Usage};
use self::request::Request;
use super::call::{Call, Inbound, model_of};
use super::door::Door;
use super::error::Envelope;
use crate::exchange::{Answer, Exchange};
use crate::ids::Id;

/// Answers the request.
pub(super) async fn create(inbound: Inbound<'_>) -> Response {
    let (id, door) = (inbound.simulator.ids.next(), inbound.door);
    match begin(inbound, id) {
        Ok((exchange, answered, streaming)) => {
            let tokens = answered.script.tokens();
            exchange.perform(Reply { answered, id, door }, tokens, streaming).await
        }
        Err(mut refusal) => {
            door.dress(id, refusal.headers_mut());
            *refusal
        }
    }
}

/// Reads the request and writes its answer; the error is the refusal to send.
fn begin(inbound: Inbound<'_>, id: Id) -> Result<(Exchange, Answered, bool), Box<Response>> {
    let simulator = inbound.simulator;
    let (call, body) = Call::read(inbound, id.text("resp_", 48, 0))?;
    let mut request =
        Request::read(&body).map_err(|problem| call.bad_request(model_of(&body), &Envelope::plain(problem)))?;
    if let Some(lost) = request.lost {
        return Err(call.refuse(not_stored(lost), request.model));
    }
    let (model, exchange) = call.exchange(request.model)?;
    if model == "sim-reasoner" || request.settings.effort.is_some() {
        request.prompt.thought = super::thought(request.settings.effort);
    }
    let counts = simulator.cache.implicit(model, &request.segments, exchange.knobs.cache_min_tokens);
    let script = exchange.script(&request.prompt, counts, 1);
    let usage = exchange.tells_usage().then(|| Usage::new(counts, &script));
    let answered = Answered {
        name: call.name,
        id,
        created_at: simulator.ids.now(),
        model: request.model.to_owned(),
        script,
        usage,
        custom_tools: request.custom_tools.into_iter().map(str::to_owned).collect(),
        settings: request.settings,
    };
    Ok((exchange, answered, request.streaming))
}

/// What OpenAI says of an item named by its id alone, when nothing is stored.
fn not_stored(id: &str) -> Response {
    let message = format!(
        "Item with id '{id}' not found. Items are not persisted when `store` is set to false. Try again with `store` set to \
         true, or remove this item from your input."
    );
    Envelope::bad_request(message, None).about("input").reply(StatusCode::NOT_FOUND)
}

/// A response and what its reply's headers are made from.
#[derive(Debug)]
struct Reply {
    answered: Answered,
    id: Id,
    door: Door,
}

impl Answer for Reply {
    type Frames = Events;

    fn frames(self) -> Events {
        Events::new(self.answered)
    }

    fn whole(&self) -> Vec<u8> {
        self.answered.whole()
    }

    fn failure(&self, status: StatusCode) -> Response {
        self.door.failure(status)
    }

    fn dress(&self, headers: &mut HeaderMap) {
        self.door.dress(self.id, headers);
    }
}
