//! Event streams for the tests: recordings are lines of text, put into AWS's binary frames by AWS's own writer.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};

/// Frames each line: `event NAME JSON`, `exception NAME JSON`, `error CODE WORDS`; `#` begins a comment.
pub fn framed(lines: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for line in lines.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.splitn(3, ' ');
        let [kind, name, rest] = [words.next().unwrap(), words.next().unwrap(), words.next().unwrap_or_default()];
        body.extend(frame(kind, name, rest));
    }
    body
}

/// One message.
pub fn frame(kind: &str, name: &str, rest: &str) -> Vec<u8> {
    let header = |name: &str, value: &str| Header::new(name.to_owned(), HeaderValue::String(value.to_owned().into()));
    let (headers, payload) = match kind {
        "error" => (vec![header(":error-code", name), header(":error-message", rest)], ""),
        _ => (vec![header(&format!(":{kind}-type"), name), header(":content-type", "application/json")], rest),
    };
    let headers = headers.into_iter().chain([header(":message-type", kind)]).collect();
    let mut bytes = Vec::new();
    write_message_to(&Message::new_from_parts(headers, payload.to_owned()), &mut bytes).unwrap();
    bytes
}

/// Where the frame that holds `words` ends.
pub fn end_of_frame_with(body: &[u8], words: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(length) = body[at..].first_chunk::<4>() {
        let end = at + u32::from_be_bytes(*length) as usize;
        if body[at..end].windows(words.len()).any(|window| window == words) {
            return Some(end);
        }
        at = end;
    }
    None
}
