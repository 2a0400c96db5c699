//! Amazon's event stream encoding: binary messages of headers and a payload, each with checksums, cut out of pieces of a body.
//!
//! After the page "Event stream encoding" of AWS's documentation. A message of type `event` is a frame; one of type `exception`
//! or `error` is the provider's failure.

use std::ops::ControlFlow;

use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_types::event_stream::Message;
use canon::{UpstreamError, sse};

use super::{failure, not_the_protocol};

/// Bytes before the headers: two lengths and their checksum.
const PRELUDE: usize = 12;

/// The least message: a prelude and the checksum of it all.
const LEAST: usize = PRELUDE + 4;

/// Gathers pieces until messages are whole. Memory is bounded by `sse::DEFAULT_LIMIT`.
#[derive(Debug, Default)]
pub struct Frames {
    held: Vec<u8>,
}

impl Frames {
    /// Takes the next piece and gives each event that it completes to `on_frame`, which may stop the walk.
    pub fn push(
        &mut self,
        piece: &[u8],
        mut on_frame: impl FnMut(sse::Frame<'_>) -> Result<ControlFlow<()>, UpstreamError>,
    ) -> Result<(), UpstreamError> {
        self.held.extend_from_slice(piece);
        let mut done = 0;
        while let Some(length) = length(&self.held[done..])? {
            let Some(bytes) = self.held[done..].get(..length) else { break };
            let message = read_message_from(bytes).map_err(|_| not_the_protocol())?;
            done += length;
            let event = header(&message, ":event-type").unwrap_or_default();
            match header(&message, ":message-type") {
                Some("event") => {
                    let frame = sse::Frame { event: event.as_bytes(), data: message.payload() };
                    if on_frame(frame)?.is_break() {
                        return Ok(());
                    }
                }
                Some("exception") => {
                    let code = header(&message, ":exception-type").unwrap_or_default();
                    return Err(failure::of_exception(code, message.payload()));
                }
                Some("error") => {
                    let code = header(&message, ":error-code").unwrap_or_default();
                    let words = header(&message, ":error-message").unwrap_or_default();
                    return Err(failure::of_exception(code, words.as_bytes()));
                }
                _ => return Err(not_the_protocol()),
            }
        }
        self.held.drain(..done);
        Ok(())
    }
}

/// The length of the message that begins here, once its first bytes are known.
fn length(bytes: &[u8]) -> Result<Option<usize>, UpstreamError> {
    let Some(first) = bytes.first_chunk::<4>() else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes(*first)).unwrap_or(usize::MAX);
    match length {
        ..LEAST => Err(not_the_protocol()),
        _ if length > sse::DEFAULT_LIMIT => Err(sse::FrameTooLarge { limit: sse::DEFAULT_LIMIT }.into()),
        _ => Ok(Some(length)),
    }
}

fn header<'m>(message: &'m Message, name: &str) -> Option<&'m str> {
    let header = message.headers().iter().find(|header| header.name().as_str() == name)?;
    header.value().as_string().ok().map(|value| value.as_str())
}
