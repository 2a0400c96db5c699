//! Runs a call and writes its replies to the client, in any surface: as one body, or as a stream while they come.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use canon::{Completion, Fold};
use domain::GenerationId;
use futures::Stream;
use futures::stream::unfold;
use http::{HeaderValue, header};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, timeout};

use super::Surface;
use crate::call::Admitted;
use crate::deliver::{Ended, Reply, Started};
use crate::error::GatewayError;
use crate::gateway::Gateway;

/// A client that waits longer than this for the first token gets its headers and comments, lest a proxy between gives up. An
/// error after that comes as an event.
const PATIENCE: Duration = Duration::from_secs(8);
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(8);
/// Chunks that are ready at once go out in one write.
const BATCH: usize = 32;

const GENERATION_ID: &str = "x-generation-id";

/// Runs an admitted call to its response.
pub async fn serve<S: Surface>(gateway: &Arc<Gateway>, admitted: Admitted, surface: S) -> Response {
    let stream = admitted.call.stream;
    let (id, mut replies) = gateway.start(admitted);
    let (mut response, is_recorded) = if stream {
        match first(&mut replies).await {
            Ok(first) => (streamed(&id, replies, first, surface), true),
            Err(error) => failed(&id, &error, surface),
        }
    } else {
        match whole(&mut replies).await {
            Ok((started, answer, ended)) => (in_one_piece(surface, started, answer, &ended), true),
            Err(error) => failed(&id, &error, surface),
        }
    };
    if let (true, Ok(value)) = (is_recorded, HeaderValue::from_str(id.as_str())) {
        if let Some(name) = S::ID_HEADER {
            response.headers_mut().insert(name, value.clone());
        }
        response.headers_mut().insert(GENERATION_ID, value);
    }
    response
}

/// What was refused before any provider was called left no record to look up.
fn failed<S: Surface>(id: &GenerationId, error: &GatewayError, surface: S) -> (Response, bool) {
    (surface.fail(id, error), matches!(error, GatewayError::Upstream { .. }))
}

/// An answer in one piece is a fold of the stream.
async fn whole(replies: &mut Receiver<Reply>) -> Result<(Started, Completion, Ended), GatewayError> {
    let mut head: Option<Started> = None;
    let mut fold = Fold::default();
    loop {
        match replies.recv().await.ok_or(GatewayError::Internal)? {
            Reply::Started(started) => head = Some(started),
            Reply::Content(event) => fold.push(&event),
            Reply::Failed(error) => return Err(error),
            Reply::Ended(ended) => return Ok((head.ok_or(GatewayError::Internal)?, fold.finish(), ended)),
        }
    }
}

fn in_one_piece<S: Surface>(surface: S, started: Started, answer: Completion, ended: &Ended) -> Response {
    match surface.whole(started, answer, ended) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            S::refuse(&GatewayError::Internal)
        }
    }
}

/// The first reply, unless it is long in coming. An error still is a response of its own then.
async fn first(replies: &mut Receiver<Reply>) -> Result<Option<Reply>, GatewayError> {
    match timeout(PATIENCE, replies.recv()).await {
        Ok(Some(Reply::Failed(error))) => Err(error),
        Ok(None) => Err(GatewayError::Internal),
        Ok(Some(reply)) => Ok(Some(reply)),
        Err(_) => Ok(None),
    }
}

fn streamed<S: Surface>(id: &GenerationId, replies: Receiver<Reply>, first: Option<Reply>, surface: S) -> Response {
    let is_late = first.is_none();
    let media_type = surface.stream_type();
    let writer = Writer { id: id.clone(), replies, is_late, first, surface, is_over: false };
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "no-cache"),
        // nginx holds a stream back otherwise.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(writer.into_stream())).into_response()
}

/// Writes one stream. Dropped with the connection: the call then sees that nobody listens.
struct Writer<S> {
    id: GenerationId,
    replies: Receiver<Reply>,
    /// Nothing was there to begin with: the client is told at once that its request is worked on.
    is_late: bool,
    first: Option<Reply>,
    surface: S,
    is_over: bool,
}

impl<S: Surface> Writer<S> {
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        unfold(self, |mut writer| async move { writer.next().await.map(|bytes| (Ok(bytes), writer)) })
    }

    async fn next(&mut self) -> Option<Bytes> {
        if std::mem::take(&mut self.is_late) {
            return Some(Bytes::from_static(S::KEEP_ALIVE));
        }
        let mut ready = Vec::with_capacity(BATCH);
        while !self.is_over {
            let mut out = Vec::with_capacity(512);
            if let Some(first) = self.first.take() {
                ready.push(first);
            } else {
                let deadline = Instant::now() + KEEP_ALIVE_EVERY;
                match tokio::time::timeout_at(deadline, self.replies.recv_many(&mut ready, BATCH)).await {
                    Err(_) => return Some(Bytes::from_static(S::KEEP_ALIVE)),
                    Ok(0) => self.is_over = true,
                    Ok(_) => {}
                }
            }
            for reply in ready.drain(..) {
                self.write(reply, &mut out);
            }
            if !out.is_empty() {
                return Some(Bytes::from(out));
            }
        }
        None
    }

    fn write(&mut self, reply: Reply, out: &mut Vec<u8>) {
        let written = match reply {
            Reply::Started(started) => self.surface.start(started, out),
            Reply::Content(event) => self.surface.content(&event, out),
            Reply::Ended(ended) => {
                self.is_over = true;
                self.surface.end(&ended, out)
            }
            Reply::Failed(error) => {
                self.is_over = true;
                self.surface.error(&self.id, &error, out)
            }
        };
        if let Err(error) = written {
            tracing::error!(%error, generation = %self.id, "a chunk could not be written");
            self.is_over = true;
        }
    }
}
