//! What all endpoints of the OpenAI dialect do first: let the caller in, read the body, find out the model's knobs.

use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;

use super::door::Door;
use super::error::{Envelope, NOT_JSON};
use crate::Simulator;
use crate::exchange::{Exchange, refuse};
use crate::script::Ending;

/// A request as it came.
#[derive(Debug)]
pub(super) struct Inbound<'a> {
    pub simulator: &'a Simulator,
    pub door: Door,
    /// The deployment that Azure's path names; it is the model, whatever the body says.
    pub deployment: Option<String>,
    pub headers: &'a HeaderMap,
    pub body: Result<Bytes, BytesRejection>,
}

/// A request that is being read.
#[derive(Debug)]
pub(super) struct Call<'a> {
    simulator: &'a Simulator,
    headers: &'a HeaderMap,
    pub door: Door,
    /// The answer's id.
    pub name: String,
}

impl<'a> Call<'a> {
    /// The call and its body; the error is the refusal to send. `name` makes the answer's id.
    pub fn read(inbound: Inbound<'a>, name: String) -> Result<(Self, Value), Box<Response>> {
        let Inbound { simulator, door, deployment, headers, body } = inbound;
        let call = Self { simulator, headers, door, name };
        if let Some(refusal) = door.turn_away(simulator.config.api_key.as_deref(), headers) {
            return Err(call.refuse(refusal, ""));
        }
        let body = body.map_err(|rejection| {
            let envelope = Envelope::bad_request("Request body is too large.", None);
            call.refuse(envelope.reply(rejection.status()), "")
        })?;
        let mut body: Value =
            serde_json::from_slice(&body).map_err(|_| call.bad_request("", &Envelope::bad_request(NOT_JSON, None)))?;
        if let (Some(deployment), Value::Object(fields)) = (deployment, &mut body) {
            fields.insert("model".to_owned(), Value::String(deployment));
        }
        Ok((call, body))
    }

    /// The refusal of a bad request for `model`.
    pub fn bad_request(&self, model: &str, envelope: &Envelope) -> Box<Response> {
        self.refuse(envelope.reply(StatusCode::BAD_REQUEST), model)
    }

    /// `response` as a refusal, entered into the log.
    pub fn refuse(&self, response: Response, model: &str) -> Box<Response> {
        refuse(self.simulator.log.open(self.name.clone(), self.door.dialect(), model), response)
    }

    /// Begins the exchange for a good request. Also gives the bare model name.
    pub fn exchange<'m>(&self, model: &'m str) -> Result<(&'m str, Exchange), Box<Response>> {
        let dialect = self.door.dialect();
        let ticket = self.simulator.log.open(self.name.clone(), dialect, model);
        let (name, exchange) =
            Exchange::begin(self.simulator, dialect, model, self.headers, ticket).map_err(|(error, ticket)| {
                let envelope = Envelope::bad_request(error.to_string(), None);
                refuse(ticket, envelope.reply(StatusCode::BAD_REQUEST))
            })?;
        if exchange.knobs.ending == Some(Ending::PromptFilter) {
            return Err(exchange.refuse(self.door.filtered()));
        }
        Ok((name, exchange))
    }
}

/// The model a bad request asked for, as far as that can be told.
pub(super) fn model_of(body: &Value) -> &str {
    body.get("model").and_then(Value::as_str).unwrap_or_default()
}
