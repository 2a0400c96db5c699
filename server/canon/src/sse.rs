//! Server-sent events, as bytes in and frames out, and back.
//!
//! The decoder follows the HTML standard's "Interpreting an event stream": lines end in CR, LF or CRLF, a leading byte order
//! mark is dropped, `data:` lines of one event are joined by LF, comments and unknown fields are skipped. `id:` and `retry:`
//! have no meaning here. An event whose blank line never comes is never reported.

use std::ops::ControlFlow;

use crate::{ErrorKind, UpstreamError};

/// The size of one event at which a stream is refused, unless told otherwise: 8 MiB.
pub const DEFAULT_LIMIT: usize = 8 * 1024 * 1024;

/// One event. It borrows from the decoder or from the piece just pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The name, empty where the stream gave none.
    pub event: &'a [u8],
    pub data: &'a [u8],
}

/// One event, or one line of it, is longer than the decoder may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than {limit} bytes")]
pub struct FrameTooLarge {
    pub limit: usize,
}

impl From<FrameTooLarge> for UpstreamError {
    fn from(error: FrameTooLarge) -> Self {
        Self::new(ErrorKind::ProviderUnavailable, format!("The provider's answer is broken: {error}."))
    }
}

/// Turns pieces of a stream, however they are cut, into frames.
///
/// Each byte is looked at once and copied at most twice; memory is bounded by `limit`.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    /// The start of a line whose end has not come yet.
    line: Vec<u8>,
    event: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// The last byte was CR: an LF right after it belongs to the same line end.
    after_cr: bool,
    first_line: bool,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }
}

impl Decoder {
    /// `limit`: the most bytes of one event.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            event: Vec::new(),
            data: Vec::new(),
            has_data: false,
            after_cr: false,
            first_line: true,
        }
    }

    /// Takes the next piece and gives each frame that it completes to `on_frame`, which may stop the walk.
    ///
    /// What follows in the piece after `Break` is lost: the caller is done with the stream.
    pub fn push<E: From<FrameTooLarge>>(
        &mut self,
        piece: &[u8],
        mut on_frame: impl FnMut(Frame<'_>) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let mut rest = piece;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
            let (head, tail) = rest.split_at(end);
            rest = match tail {
                [b'\r', b'\n', after @ ..] => after,
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                [_, after @ ..] => after,
                [] => &[],
            };
            self.check_room(head.len())?;
            let is_end = if self.line.is_empty() {
                self.take_line(head)
            } else {
                self.line.extend_from_slice(head);
                let line = std::mem::take(&mut self.line);
                let is_end = self.take_line(&line);
                self.line = line;
                self.line.clear();
                is_end
            };
            if is_end && self.dispatch(&mut on_frame)?.is_break() {
                return Ok(());
            }
        }
        self.check_room(rest.len())?;
        self.line.extend_from_slice(rest);
        Ok(())
    }

    fn check_room(&self, more: usize) -> Result<(), FrameTooLarge> {
        let held = self.line.len() + self.data.len() + self.event.len();
        if held + more > self.limit { Err(FrameTooLarge { limit: self.limit }) } else { Ok(()) }
    }

    /// Takes one whole line; true if it is the blank one that ends an event.
    fn take_line(&mut self, line: &[u8]) -> bool {
        let line = if std::mem::take(&mut self.first_line) {
            line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
        } else {
            line
        };
        if line.is_empty() {
            return true;
        }
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
            }
            b"event" => {
                self.event.clear();
                self.event.extend_from_slice(value);
            }
            _ => {}
        }
        false
    }

    fn dispatch<E>(
        &mut self,
        on_frame: &mut impl FnMut(Frame<'_>) -> Result<ControlFlow<()>, E>,
    ) -> Result<ControlFlow<()>, E> {
        let next = if std::mem::take(&mut self.has_data) {
            on_frame(Frame { event: &self.event, data: &self.data })
        } else {
            Ok(ControlFlow::Continue(()))
        };
        self.event.clear();
        self.data.clear();
        next
    }
}

/// Appends `data: …` and the blank line; a line break inside becomes a further `data:` line.
pub fn write_data(out: &mut Vec<u8>, data: &[u8]) {
    for line in data.split(|byte| *byte == b'\n') {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.push(b'\n');
}

/// Appends an event with a name, which holds no line break.
pub fn write_event(out: &mut Vec<u8>, name: &str, data: &[u8]) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.push(b'\n');
    write_data(out, data);
}

/// Appends a comment of one line: a sign of life that clients skip.
pub fn write_comment(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b": ");
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"\n\n");
}

#[cfg(test)]
mod tests;
