//! Splits, line ends and limits of the event stream codec.

use super::*;

fn decode(pieces: &[&[u8]]) -> Vec<(String, String)> {
    let mut frames = Vec::new();
    let mut decoder = Decoder::default();
    for piece in pieces {
        decoder
            .push(piece, |frame| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                frames.push((text(frame.event), text(frame.data)));
                Ok::<_, FrameTooLarge>(ControlFlow::Continue(()))
            })
            .unwrap();
    }
    frames
}

fn frame(event: &str, data: &str) -> (String, String) {
    (event.to_owned(), data.to_owned())
}

#[test]
fn all_line_ends_comments_names_and_the_byte_order_mark_are_understood() {
    let lf =
        "\u{feff}data: a\n\n: alive\n\nevent: ping\ndata:b\ndata:  c\nid: 7\n\nevent: nothing\n\ndata\n\ndata: cut off";
    let expected = [frame("", "a"), frame("ping", "b\n c"), frame("", "")];
    for stream in [lf.to_owned(), lf.replace('\n', "\r\n"), lf.replace('\n', "\r")] {
        assert_eq!(decode(&[stream.as_bytes()]), expected, "{stream:?}");
    }
}

#[test]
fn a_stream_means_the_same_wherever_it_is_cut() {
    let stream = "\u{feff}data: a\r\n\r\n: hm\rdata: ü\rdata: €\r\revent: x\ndata: y\n\n".as_bytes();
    let whole = decode(&[stream]);
    assert_eq!(whole.len(), 3);
    for first in 0..stream.len() {
        for second in first..stream.len() {
            assert_eq!(
                decode(&[&stream[..first], &stream[first..second], &stream[second..]]),
                whole,
                "{first} {second}"
            );
        }
    }
    let bytes: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(decode(&bytes), whole);
}

#[test]
fn an_event_beyond_the_limit_is_refused_however_it_arrives() {
    let push = |decoder: &mut Decoder, piece: &[u8]| {
        decoder.push(piece, |_| Ok::<_, FrameTooLarge>(ControlFlow::Continue(())))
    };
    let refused = Err(FrameTooLarge { limit: 64 });
    assert_eq!(push(&mut Decoder::with_limit(64), &[b'x'; 65]), refused);
    let mut by_lines = Decoder::with_limit(64);
    assert_eq!((0..20).try_for_each(|_| push(&mut by_lines, b"data: 123456\n")), refused);
    let mut many_events = Decoder::with_limit(64);
    assert_eq!((0..20).try_for_each(|_| push(&mut many_events, b"data: 123456\n\n")), Ok(()));
}

#[test]
fn a_long_event_in_tiny_pieces_takes_linear_time() {
    let mut decoder = Decoder::default();
    let mut frames = 0;
    let mut push = |piece: &[u8]| {
        let count = |_: Frame<'_>| {
            frames += 1;
            Ok::<_, FrameTooLarge>(ControlFlow::Continue(()))
        };
        decoder.push(piece, count).unwrap();
    };
    push(b"data: ");
    for _ in 0..4_000_000 {
        push(b"x");
    }
    push(b"\n\n");
    assert_eq!(frames, 1);
}

#[test]
fn what_is_written_reads_back() {
    let mut out = Vec::new();
    write_comment(&mut out, "alive");
    write_data(&mut out, b"{\"a\":1}");
    write_event(&mut out, "message_stop", b"one\ntwo");
    let expected: &[u8] = b": alive\n\ndata: {\"a\":1}\n\nevent: message_stop\ndata: one\ndata: two\n\n";
    assert_eq!(out, expected);
    assert_eq!(decode(&[&out]), [frame("", "{\"a\":1}"), frame("message_stop", "one\ntwo")]);
}
