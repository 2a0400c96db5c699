//! The APIs we serve. A surface reads a request into a `Call` and writes the flow's replies in its own words; it knows no
//! dialect. `serve` runs any of them.

pub mod cache;
pub mod chat;
pub mod completions;
pub mod embeddings;
pub mod fields;
pub mod gemini;
pub mod json;
pub mod media;
pub mod messages;
pub mod provider;
pub mod rerank;
pub mod responses;
pub mod serve;
pub mod usage;

use axum::Json;
use axum::response::{IntoResponse, Response};
use canon::{Completion, Event};
use domain::GenerationId;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::call::Call;
use crate::deliver::{Ended, Started};
use crate::error::GatewayError;

/// An API we serve. A value of it is the writer of one answer: it holds what the answer must repeat of its request.
///
/// A streamed answer is `start`, any number of `content`, then `end`; an `error` may come in the place of any of them, and
/// is the last. Each appends whole frames to `out`. An answer in one piece is `whole`: surfaces that have no streams write
/// nothing else.
pub trait Surface: Sized + Send + 'static {
    /// Sent while there is nothing to say, lest a proxy between gives up.
    const KEEP_ALIVE: &'static [u8] = b": SOUK PROCESSING\n\n";

    /// A header that names the answer, besides `x-generation-id`.
    const ID_HEADER: Option<&'static str> = None;

    /// Reads a body; all that needs no provider is checked. `headers` are the client's.
    fn parse(body: &[u8], headers: &HeaderMap) -> Result<(Call, Self), GatewayError>;

    /// The media type of a streamed answer.
    fn stream_type(&self) -> &'static str {
        "text/event-stream; charset=utf-8"
    }

    fn start(&mut self, _started: Started, _out: &mut Vec<u8>) -> serde_json::Result<()> {
        Ok(())
    }

    /// One event of content, or the choice that those after it belong to.
    fn content(&mut self, _event: &Event, _out: &mut Vec<u8>) -> serde_json::Result<()> {
        Ok(())
    }

    /// The finish and the usage, when all is booked.
    fn end(&mut self, _ended: &Ended, _out: &mut Vec<u8>) -> serde_json::Result<()> {
        Ok(())
    }

    /// The answer broke off, or never began though the headers had gone out (`start` was not called then).
    fn error(&mut self, _id: &GenerationId, _error: &GatewayError, _out: &mut Vec<u8>) -> serde_json::Result<()> {
        Ok(())
    }

    /// A whole answer as JSON.
    fn whole(self, started: Started, answer: Completion, ended: &Ended) -> serde_json::Result<Vec<u8>>;

    /// An error before anything was sent, in this surface's envelope.
    fn refuse(error: &GatewayError) -> Response;

    /// The same for a call that was understood: some APIs tell some errors as an answer.
    fn fail(self, _: &GenerationId, error: &GatewayError) -> Response {
        Self::refuse(error)
    }
}

/// An error's response: its status, `Retry-After` where it is known, and the surface's envelope.
pub fn error_response(error: &GatewayError, envelope: &impl Serialize) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(envelope)).into_response();
    if let Some(retry_after) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
    }
    response
}

/// Writes `data: JSON` and the blank line that ends a server-sent event.
pub fn write_data(data: &impl Serialize, out: &mut Vec<u8>) -> serde_json::Result<()> {
    out.extend_from_slice(b"data: ");
    serde_json::to_writer(&mut *out, data)?;
    out.extend_from_slice(b"\n\n");
    Ok(())
}

/// The same with the event's name before it: `event: NAME`.
pub fn write_event(name: &str, data: &impl Serialize, out: &mut Vec<u8>) -> serde_json::Result<()> {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.push(b'\n');
    write_data(data, out)
}
