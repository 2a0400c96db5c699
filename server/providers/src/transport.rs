//! The one place that does I/O with providers: connections, time limits, bounded bodies.
//!
//! Dropping a call or its body drops the connection's stream: that is how a call is cancelled. Redirects are not followed.
//! Errors say which limit or phase failed and never name a URL: it may hold a secret.

use std::error::Error as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use canon::{ErrorKind, UpstreamError};
use futures::Stream;
use http::{HeaderMap, StatusCode};
use http_body::Body as _;
use tokio::time::{Instant, Sleep};

/// How long the end of a body may take whose content is known to be complete.
///
/// Where it comes in time, and it nearly always comes with the last content, the connection serves the next call; otherwise
/// it is closed, and the next call pays for a new one.
const END_GRACE: Duration = Duration::from_millis(10);

/// The most bytes of an error's body that are read.
pub const ERROR_BODY_LIMIT: usize = 64 * 1024;

/// How long each phase of a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Name lookup, TCP and TLS.
    pub connect: Duration,
    /// From the call's start to the first byte of the answer's body.
    pub first_byte: Duration,
    /// Between two pieces of the body.
    pub idle: Duration,
    /// From the call's start to the body's end.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(120),
            idle: Duration::from_secs(120),
            total: Duration::from_secs(1_800),
        }
    }
}

/// A phase of a call that has a time limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Connect,
    FirstByte,
    Idle,
    Total,
}

impl Phase {
    const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::FirstByte => "first byte",
            Self::Idle => "idle",
            Self::Total => "total",
        }
    }
}

/// Why bytes did not get there or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    #[error("The provider took too long: the {} limit of {limit:?} passed.", phase.name())]
    TooSlow { phase: Phase, limit: Duration },
    #[error("The provider cannot be reached.")]
    Unreachable,
    #[error("The connection to the provider broke.")]
    Broken,
    #[error("The provider's address in the catalog is not a valid URL.")]
    BadUrl,
}

impl From<TransportError> for UpstreamError {
    fn from(error: TransportError) -> Self {
        let kind = match error {
            TransportError::TooSlow { .. } => ErrorKind::Timeout,
            TransportError::Unreachable | TransportError::Broken | TransportError::BadUrl => {
                ErrorKind::ProviderUnavailable
            }
        };
        Self::new(kind, error.to_string())
    }
}

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct SetupError(#[source] reqwest::Error);

/// A pool of connections to all providers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Transport {
    client: reqwest::Client,
    connect: Duration,
}

impl Transport {
    /// `connect` is the limit to connect within; it is the same for all calls, since they share their connections.
    pub fn new(connect: Duration) -> Result<Self, SetupError> {
        // Somebody may have installed one before: then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("souk/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(connect)
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .pool_idle_timeout(Duration::from_secs(90))
            .no_proxy()
            .build()
            .map_err(SetupError)?;
        Ok(Self { client, connect })
    }

    /// Posts a body and waits for the answer's head. `limits.connect` is not looked at: it is the transport's own.
    pub async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
        limits: &Limits,
    ) -> Result<Answer, TransportError> {
        let start = Instant::now();
        let url = reqwest::Url::parse(url).map_err(|_| TransportError::BadUrl)?;
        let call = self.client.post(url).headers(headers).body(body).send();
        let limit = limits.first_byte.min(limits.total);
        let phase = if limits.first_byte <= limits.total { Phase::FirstByte } else { Phase::Total };
        let response = tokio::time::timeout(limit, call)
            .await
            .map_err(|_| TransportError::TooSlow { phase, limit })?
            .map_err(|error| self.classify(&error))?;
        let (head, body) = http::Response::<reqwest::Body>::from(response).into_parts();
        let timer = Timer { start, last: start, has_begun: false, limits: *limits, sleep: None };
        Ok(Answer { status: head.status, headers: head.headers, body: Body { inner: body, timer, grace: None } })
    }

    fn classify(&self, error: &reqwest::Error) -> TransportError {
        if error.is_connect() && error.is_timeout() {
            TransportError::TooSlow { phase: Phase::Connect, limit: self.connect }
        } else if error.is_connect() {
            // The source names no key or URL, only the network's own words.
            tracing::debug!(cause = error.source().map(tracing::field::display), "a provider cannot be reached");
            TransportError::Unreachable
        } else {
            TransportError::Broken
        }
    }
}

/// The head of an answer, and its body to come.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Body,
}

/// The pieces of an answer's body, watched by the limits. Dropping it cancels the call.
#[derive(Debug)]
pub struct Body {
    inner: reqwest::Body,
    timer: Timer,
    grace: Option<Pin<Box<Sleep>>>,
}

impl Body {
    /// Waits a moment for the end of a body whose content is complete, so that its connection can be used again.
    pub fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // More than a trailer is no end: whoever goes on is not waited for.
        for _ in 0..4 {
            match Pin::new(&mut self.inner).poll_frame(cx) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.poll_grace(cx),
            }
        }
        Poll::Ready(())
    }

    fn poll_grace(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.grace.get_or_insert_with(|| Box::pin(tokio::time::sleep(END_GRACE))).as_mut().poll(cx)
    }

    /// Reads up to `limit` bytes and leaves the rest.
    pub async fn read_at_most(mut self, limit: usize) -> Result<Bytes, TransportError> {
        let mut all = BytesMut::new();
        while all.len() < limit {
            let Some(piece) = futures::StreamExt::next(&mut self).await else { break };
            let piece = piece?;
            all.extend_from_slice(&piece[..piece.len().min(limit - all.len())]);
        }
        Ok(all.freeze())
    }
}

impl Stream for Body {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match Pin::new(&mut self.inner).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.timer.note_piece();
                    // Trailers carry nothing of an answer.
                    let Ok(piece) = frame.into_data() else { continue };
                    if let Err(error) = self.timer.check_total() {
                        return Poll::Ready(Some(Err(error)));
                    }
                    return Poll::Ready(Some(Ok(piece)));
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Some(Err(TransportError::Broken))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return self.timer.poll_expired(cx).map(|error| Some(Err(error))),
            }
        }
    }
}

/// Watches first byte, idle gap and total. A piece only notes the time; the clock's alarm is moved when it rings, not per piece.
#[derive(Debug)]
struct Timer {
    start: Instant,
    last: Instant,
    has_begun: bool,
    limits: Limits,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    fn note_piece(&mut self) {
        self.last = Instant::now();
        self.has_begun = true;
    }

    fn check_total(&self) -> Result<(), TransportError> {
        let limit = self.limits.total;
        if self.last >= self.start + limit {
            Err(TransportError::TooSlow { phase: Phase::Total, limit })
        } else {
            Ok(())
        }
    }

    /// The next limit to pass.
    fn deadline(&self) -> (Instant, Phase, Duration) {
        let Limits { first_byte, idle, total, .. } = self.limits;
        let gap = if self.has_begun {
            (self.last + idle, Phase::Idle, idle)
        } else {
            (self.start + first_byte, Phase::FirstByte, first_byte)
        };
        let end = (self.start + total, Phase::Total, total);
        if gap.0 <= end.0 { gap } else { end }
    }

    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<TransportError> {
        loop {
            let (at, phase, limit) = self.deadline();
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
            std::task::ready!(sleep.as_mut().poll(cx));
            if at <= Instant::now() {
                return Poll::Ready(TransportError::TooSlow { phase, limit });
            }
            sleep.as_mut().reset(at);
        }
    }
}
