//! Sends an answer piece by piece at the pace asked for, and breaks off where a fault says so.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use tokio::time::{Instant, Sleep};

use crate::fault::Fault;
use crate::log::{State, Ticket};

/// The pieces of one streamed reply, made one at a time when the client can take them.
pub(crate) trait Frames {
    /// The next piece, or `None` after the last.
    fn next(&mut self) -> Option<Frame>;

    /// The dialect's event for an error in mid-stream.
    fn error(&mut self) -> Bytes;

    /// A piece in the place of an event that no reader can parse.
    fn garbage(&mut self) -> Bytes;
}

/// One piece of a reply.
#[derive(Debug)]
pub(crate) struct Frame {
    pub bytes: Bytes,
    pub weight: Weight,
}

/// What a piece counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Framing around the content.
    Structure,
    /// So many completion tokens.
    Tokens(u32),
    /// What follows the content: no fault comes after it.
    Closing,
    /// The very last piece.
    Last,
}

/// When each token is due.
#[derive(Debug)]
pub(crate) struct Pace {
    start: Instant,
    first_token: Duration,
    /// Tokens a second after the first; `None` is all at once.
    rate: Option<f64>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub fn new(first_token: Duration, rate: Option<f64>) -> Self {
        Self { start: Instant::now(), first_token, rate, timer: None }
    }

    /// When a piece is due that has `sent` tokens before it.
    fn due(&self, sent: u32) -> Instant {
        let rest = self.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(f64::from(sent) / rate));
        self.start + self.first_token + rest
    }

    /// Whether everything is due at once: no clock is read then.
    fn is_unpaced(&self) -> bool {
        self.first_token.is_zero() && self.rate.is_none()
    }

    fn poll(&mut self, cx: &mut Context<'_>, sent: u32) -> Poll<()> {
        if self.is_unpaced() {
            return Poll::Ready(());
        }
        let due = self.due(sent);
        if due <= Instant::now() {
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(cx)
    }

    /// Waits until an answer of `tokens` tokens is complete.
    pub async fn whole(&self, tokens: u32) {
        if !self.is_unpaced() {
            tokio::time::sleep_until(self.due(tokens)).await;
        }
    }
}

/// How a stream goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Playing,
    Cutting,
    Stalled,
    Ended,
}

/// A reply on its way: the body of a response.
#[derive(Debug)]
pub(crate) struct Playback<F> {
    frames: F,
    /// A piece that is not due yet.
    held: Option<Frame>,
    pace: Pace,
    fault: Option<Fault>,
    ticket: Ticket,
    sent: u32,
    mode: Mode,
}

impl<F: Frames> Playback<F> {
    pub fn new(frames: F, pace: Pace, fault: Option<Fault>, ticket: Ticket) -> Self {
        Self { frames, held: None, pace, fault, ticket, sent: 0, mode: Mode::Playing }
    }

    /// Whether the fault strikes instead of a piece of this weight.
    fn strikes(&self, weight: Weight) -> bool {
        let reached = |n: u32| match weight {
            Weight::Structure => false,
            Weight::Tokens(_) => self.sent >= n,
            Weight::Closing | Weight::Last => true,
        };
        match self.fault {
            Some(Fault::Drop) => true,
            Some(Fault::DropAfter(n) | Fault::ErrorAfter(n) | Fault::StallAfter(n) | Fault::GarbageAfter(n)) => {
                reached(n)
            }
            _ => false,
        }
    }

    fn strike(&mut self, cx: &Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let last_words = match self.fault.take() {
            Some(Fault::StallAfter(_)) => {
                self.mode = Mode::Stalled;
                return Poll::Pending;
            }
            Some(Fault::ErrorAfter(_)) => self.frames.error(),
            Some(Fault::GarbageAfter(_)) => self.frames.garbage(),
            _ => {
                // What was sent so far is still in the server's buffer, and an error would discard it: let it go out first.
                self.mode = Mode::Cutting;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        };
        self.mode = Mode::Ended;
        self.ticket.close(State::Failed);
        Poll::Ready(Some(Ok(last_words)))
    }

    fn play(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let Some(frame) = self.held.take().or_else(|| self.frames.next()) else {
            self.mode = Mode::Ended;
            return Poll::Ready(None);
        };
        if self.pace.poll(cx, self.sent).is_pending() {
            self.held = Some(frame);
            return Poll::Pending;
        }
        if self.strikes(frame.weight) {
            return self.strike(cx);
        }
        match frame.weight {
            Weight::Structure | Weight::Closing => {}
            Weight::Tokens(tokens) => {
                self.sent += tokens;
                self.ticket.sent(tokens);
            }
            Weight::Last => self.ticket.close(State::Completed),
        }
        Poll::Ready(Some(Ok(frame.bytes)))
    }
}

impl<F: Frames + Unpin> Stream for Playback<F> {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        match this.mode {
            Mode::Playing => Poll::Ready(ready!(this.play(cx))),
            Mode::Cutting => {
                this.mode = Mode::Ended;
                this.ticket.close(State::Failed);
                Poll::Ready(Some(Err(cut())))
            }
            Mode::Stalled => Poll::Pending,
            Mode::Ended => Poll::Ready(None),
        }
    }
}

/// The error that makes the server close the connection in the middle of a body.
pub(crate) fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "cut by a fault of the simulator")
}

/// A reply that is not streamed, in two halves, so that a fault can come between them.
#[derive(Debug)]
pub(crate) struct Halves {
    body: Bytes,
    half: usize,
    step: u8,
}

impl Halves {
    pub fn new(body: Bytes) -> Self {
        Self { half: body.len() / 2, body, step: 0 }
    }
}

impl Frames for Halves {
    fn next(&mut self) -> Option<Frame> {
        self.step += 1;
        match self.step {
            1 => Some(Frame { bytes: self.body.slice(..self.half), weight: Weight::Structure }),
            2 => Some(Frame { bytes: self.body.slice(self.half..), weight: Weight::Last }),
            _ => None,
        }
    }

    fn error(&mut self) -> Bytes {
        self.garbage()
    }

    /// As many bytes as were promised, none of them JSON.
    fn garbage(&mut self) -> Bytes {
        vec![b'?'; self.body.len() - self.half].into()
    }
}
