//! What must hold of every decoder, whatever bytes come: it does not panic, the cuts of the body change nothing, and an
//! answer that ended well has its finish, once for each choice, with no content after it.

use std::collections::VecDeque;

use canon::{Event, TaskKind, UpstreamError};
use providers::catalog::Dialect;
use providers::dialect::{Decoder, Reading};

/// The first byte chooses how the rest is read: as a stream or in one piece, as which task, and where it is cut.
pub fn decode(dialect: Dialect, input: &[u8]) {
    let Some((how, body)) = input.split_first() else { return };
    let task = match how >> 1 & 3 {
        0 => TaskKind::Embed,
        1 => TaskKind::Rerank,
        _ => TaskKind::Chat,
    };
    let reading = Reading {
        task,
        answer_tool: how & 8 != 0,
        exclude_reasoning: how & 16 != 0,
        choices: (how & 32 != 0).then_some(3),
        ..Reading::default()
    };
    let one_piece = how & 1 == 1;
    let size = 1 + usize::from(how >> 6) * 7;
    let whole = run(dialect, reading, one_piece, std::iter::once(body));
    let pieces = run(dialect, reading, one_piece, body.chunks(size));
    let (Some(whole), Some(pieces)) = (whole, pieces) else { return };
    assert_eq!(whole, pieces, "the cuts changed what was read");
    let (events, result) = whole;
    if result.is_ok() {
        let first = events.iter().position(|event| matches!(event, Event::Finish { .. }));
        let first = first.expect("an end without a finish");
        assert!(!events.range(first..).any(Event::is_content), "content after the finish");
    }
}

type Read = (VecDeque<Event>, Result<(), UpstreamError>);

/// `None` where the dialect has no such task.
fn run<'a>(
    dialect: Dialect,
    reading: Reading,
    one_piece: bool,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Option<Read> {
    let new = if one_piece { Decoder::of_one_piece } else { Decoder::new };
    let mut decoder = new(dialect, reading).ok()?;
    let mut events = VecDeque::new();
    for piece in pieces {
        if let Err(error) = decoder.push(piece, &mut events) {
            return Some((events, Err(error)));
        }
    }
    let end = decoder.end(&mut events);
    Some((events, end))
}
