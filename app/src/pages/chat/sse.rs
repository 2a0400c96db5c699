//! Server-sent events out of bytes that may be cut anywhere, even inside a character or a line end.

/// Collects bytes and gives the data of each complete event (WHATWG HTML §9.2.6; only `data` matters here).
///
/// Comments and other fields are skipped. An event that the stream breaks off is never given.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    line: Vec<u8>,
    data: Option<String>,
    /// The last byte was a carriage return: a line feed right after it belongs to the same line end.
    after_return: bool,
    begun: bool,
}

impl Reader {
    /// Takes the next bytes; answers with the data of the events they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for &byte in bytes {
            let continues_line_end = self.after_return && byte == b'\n';
            self.after_return = byte == b'\r';
            match byte {
                b'\n' if continues_line_end => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                other => self.line.push(other),
            }
        }
        events
    }

    /// Lines end at ASCII bytes, so a line always holds whole characters.
    fn end_line(&mut self) -> Option<String> {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let line = if std::mem::replace(&mut self.begun, true) {
            &text
        } else {
            text.strip_prefix('\u{feff}').unwrap_or(&text)
        };
        if line.is_empty() {
            return self.data.take();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": SOUK PROCESSING\n\ndata: {\"a\":\"é—😀\"}\r\n\r\nevent: x\nid: 7\ndata:one\ndata: two\n\n:\n\ndata: [DONE]\r\r";

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let mut reader = Reader::default();
        pieces.iter().flat_map(|piece| reader.push(piece)).collect()
    }

    #[test]
    fn events_come_out_whole_wherever_the_bytes_are_cut() {
        let whole = events(&[STREAM.as_bytes()]);
        assert_eq!(whole, ["{\"a\":\"é—😀\"}", "one\ntwo", "[DONE]"]);
        for cut in 0..=STREAM.len() {
            let (head, tail) = STREAM.as_bytes().split_at(cut);
            assert_eq!(events(&[head, tail]), whole, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = STREAM.as_bytes().chunks(1).collect();
        assert_eq!(events(&bytes), whole);
    }

    #[test]
    fn an_event_without_its_blank_line_is_not_given() {
        assert!(events(&[b"data: half\n"]).is_empty());
    }

    #[test]
    fn comments_alone_are_no_events() {
        assert!(events(&[b": keep-alive\n\n: again\n\n"]).is_empty());
    }

    #[test]
    fn a_byte_order_mark_at_the_start_is_skipped() {
        assert_eq!(events(&["\u{feff}data: x\n\n".as_bytes()]), ["x"]);
    }

    #[test]
    fn bytes_that_are_not_utf_8_do_not_stop_the_stream() {
        assert_eq!(events(&[b"data: \xff\n\ndata: y\n\n"]), ["\u{fffd}", "y"]);
    }
}
