//! AWS's binary event stream: how one event is framed.
//!
//! A message is its whole length and its headers' length (32 bits each, big-endian), the CRC-32 of these 8 bytes, the headers, the
//! payload, and the CRC-32 of all before it. A header is its name's length (8 bits), its name, its type (7: a text), the
//! value's length (16 bits) and the value. Source: Smithy, "Amazon Event Stream Specification".

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::Serialize;

pub(super) const MEDIA_TYPE: &str = "application/vnd.amazon.eventstream";

/// Type of a header whose value is a text.
const TEXT: u8 = 7;

/// Bytes before the headers and after the payload.
const PRELUDE: usize = 12;
const CHECKSUM: usize = 4;

/// An event called `name`.
pub(super) fn event(name: &str, payload: &impl Serialize) -> Bytes {
    // Writing plain fields to memory cannot fail.
    frame(":event-type", name, "event", &serde_json::to_vec(payload).unwrap_or_default())
}

/// An exception called `name`: the stream ends with it.
pub(super) fn exception(name: &str, payload: &impl Serialize) -> Bytes {
    frame(":exception-type", name, "exception", &serde_json::to_vec(payload).unwrap_or_default())
}

/// A message of `kind` whose name stands under `key`.
pub(super) fn frame(key: &str, name: &str, kind: &str, payload: &[u8]) -> Bytes {
    let headers = [(key, name), (":content-type", "application/json"), (":message-type", kind)];
    let headers_length: usize = headers.iter().map(|(key, value)| 1 + key.len() + 1 + 2 + value.len()).sum();
    let length = PRELUDE + headers_length + payload.len() + CHECKSUM;
    let mut buffer = BytesMut::with_capacity(length);
    buffer.put_u32(length as u32);
    buffer.put_u32(headers_length as u32);
    buffer.put_u32(crc32fast::hash(&buffer));
    for (key, value) in headers {
        buffer.put_u8(key.len() as u8);
        buffer.put_slice(key.as_bytes());
        buffer.put_u8(TEXT);
        buffer.put_u16(value.len() as u16);
        buffer.put_slice(value.as_bytes());
    }
    buffer.put_slice(payload);
    buffer.put_u32(crc32fast::hash(&buffer));
    buffer.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frame that botocore's own tests decode (`payload_one_str_header`) has one header; ours have three, framed alike.
    #[test]
    fn a_frame_has_lengths_checksums_headers_and_payload_in_their_places() {
        let frame = event("messageStop", &serde_json::json!({"stopReason": "end_turn"}));
        assert_eq!(frame[..4], (frame.len() as u32).to_be_bytes());
        assert_eq!(frame[8..12], crc32fast::hash(&frame[..8]).to_be_bytes());
        assert_eq!(frame[12..28], *b"\x0b:event-type\x07\x00\x0bm");
        assert!(frame.ends_with(&crc32fast::hash(&frame[..frame.len() - 4]).to_be_bytes()));
        let payload = PRELUDE + u32::from_be_bytes([frame[4], frame[5], frame[6], frame[7]]) as usize;
        assert_eq!(frame[payload..frame.len() - 4], *b"{\"stopReason\":\"end_turn\"}");
    }
}
