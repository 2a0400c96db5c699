//! One call to one endpoint: a canonical request goes out, canonical events come in.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use canon::{ErrorKind, Event, Task, TaskKind, UpstreamError};
use domain::Usage;
use futures::Stream;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::auth::Credential;
use crate::catalog::Dialect;
use crate::dialect::{self, Decoder, Encoded, Stops, Target};
use crate::transport::{Answer, Body, ERROR_BODY_LIMIT, Limits, Transport};

/// Where a call goes and how.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Without a trailing slash, placeholders filled.
    pub base_url: &'a str,
    pub dialect: Dialect,
    pub credential: &'a Credential,
    pub target: Target<'a>,
    pub limits: Limits,
}

/// Reaches every endpoint. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Upstream {
    transport: Transport,
}

impl Upstream {
    pub fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// Sends a request and waits until the provider accepts or refuses it.
    ///
    /// Nothing has been delivered yet when this returns: an error here may move on to another endpoint.
    pub async fn open(&self, call: Call<'_>, task: &Task) -> Result<Events, UpstreamError> {
        let Encoded { path, headers: extra_headers, body, reading } =
            dialect::encode(call.dialect, task, &call.target)?;
        let mut headers = HeaderMap::with_capacity(extra_headers.len() + 3);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let accepted = if reading.task == TaskKind::Chat { "text/event-stream" } else { "application/json" };
        headers.insert(ACCEPT, HeaderValue::from_static(accepted));
        headers.extend(extra_headers);
        let url = [call.base_url, &path].concat();
        call.credential.sign(&url, &body, &mut headers).await?;
        let Answer { status, headers, body } = self.transport.post(&url, headers, body, &call.limits).await?;
        if !status.is_success() {
            // An error whose body cannot be read is still that error.
            let body = body.read_at_most(ERROR_BODY_LIMIT).await.unwrap_or_else(|_| Bytes::new());
            let mut error = dialect::decode_error(call.dialect, status, &headers, &body);
            error.message = call.credential.redact(error.message);
            if is_the_operators(error.kind) {
                let words = call.credential.redact(String::from_utf8_lossy(&body).chars().take(500).collect());
                tracing::warn!(
                    host = call.base_url,
                    status = status.as_u16(),
                    words,
                    "a provider refuses this server's account"
                );
            }
            return Err(error);
        }
        let is_one_piece =
            headers.get(CONTENT_TYPE).is_some_and(|media_type| media_type.as_bytes().starts_with(b"application/json"));
        let decoder = if is_one_piece {
            Decoder::of_one_piece(call.dialect, reading)?
        } else {
            Decoder::new(call.dialect, reading)?
        };
        let stops = dialect::unsent_stops(call.dialect, task, &call.target);
        Ok(Events { body, decoder, stops, ready: VecDeque::with_capacity(8), state: State::Open })
    }
}

/// Between the operator and the provider: the customer is not told the words, so the log is.
const fn is_the_operators(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Authentication | ErrorKind::PermissionDenied | ErrorKind::PaymentRequired)
}

/// The events of an answer. After an error, or after the answer's proper end, it is over. Dropping it cancels the call.
#[derive(Debug)]
pub struct Events {
    body: Body,
    decoder: Decoder,
    stops: Option<Stops>,
    ready: VecDeque<Event>,
    state: State,
}

#[derive(Debug)]
enum State {
    Open,
    /// All events are known; what is left is to leave the connection in order.
    Complete,
    /// To be told when the events before it are out.
    Failed(UpstreamError),
    Over,
}

impl Events {
    /// What the provider has counted up to now: all there is to know of an answer that broke off.
    pub fn usage_so_far(&self) -> Option<Usage> {
        self.decoder.usage_so_far()
    }
}

impl Stream for Events {
    type Item = Result<Event, UpstreamError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(event) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            match std::mem::replace(&mut this.state, State::Over) {
                State::Over => return Poll::Ready(None),
                State::Failed(error) => return Poll::Ready(Some(Err(error))),
                State::Complete => {
                    this.state = State::Complete;
                    ready!(this.body.poll_end(cx));
                    this.state = State::Over;
                    return Poll::Ready(None);
                }
                State::Open => this.state = State::Open,
            }
            let Self { body, decoder, stops, ready, .. } = this;
            let step = match ready!(Pin::new(body).poll_next(cx)) {
                Some(Ok(piece)) => decoder.push(&piece, ready),
                Some(Err(error)) => Err(error.into()),
                None => {
                    this.state = State::Over;
                    decoder.end(ready)
                }
            };
            // Nothing was ready before this piece.
            if let Some(stops) = stops {
                stops.cut(0, ready);
            }
            match step {
                Err(error) => this.state = State::Failed(error),
                Ok(()) if this.decoder.is_done() && matches!(this.state, State::Open) => this.state = State::Complete,
                Ok(()) => {}
            }
        }
    }
}
