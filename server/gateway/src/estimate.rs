//! How many tokens a text is, where no provider has counted it.
//!
//! Three figures with three purposes. The *bound* is for holds: no byte-level tokenizer makes more tokens than bytes, so text
//! counts a token per byte, and a prompt can hardly cost more than was held. The *guess* helps to choose endpoints: four bytes
//! a token, the usual mean of English text. Neither costs more than a walk over lengths. The *count* is for bills and for
//! clients that ask: exact tokens of one named vocabulary (`Tokenizer::CURRENT`), made off the async runtime, and only where the
//! provider told none. It leaves out what only providers know (markers of chat templates, what a picture comes to), so that a
//! doubt is in the customer's favour.
//!
//! The library is `bpe-openai` (GitHub's, MIT): its time is linear in the text whatever the text is, where `tiktoken-rs` takes
//! seconds for a megabyte of one letter and panics on a megabyte of spaces. It counts some 8 MB of English a second on one
//! core. Its vocabulary adds 32 MB to the program, and 70 MB to the process once something had to be counted.

mod count;
mod pieces;
mod prompt;
mod texts;
mod transcript;

use canon::Task;

pub use count::{condense, count_answer, count_prompt};
pub use pieces::Pieces;
pub use transcript::{AnswerTokens, Transcript, Voice};

use self::prompt::{Reader, read_prompt};

const BYTES_PER_TOKEN: u64 = 4;

/// The size of a prompt, without a tokenizer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PromptSize {
    /// No more tokens than this, as far as can be known.
    pub bound: u64,
    /// About this many: to choose by, never to bill by.
    pub guess: u64,
    pub pieces: Pieces,
}

/// Sizes a task's prompt.
pub fn prompt_size(task: &Task) -> PromptSize {
    let mut size = Size::default();
    read_prompt(task, &mut size);
    PromptSize {
        bound: size.bytes.saturating_add(size.more),
        guess: size.bytes / BYTES_PER_TOKEN,
        pieces: Pieces::of(task),
    }
}

#[derive(Default)]
struct Size {
    /// Of text.
    bytes: u64,
    /// Tokens of what is not text, at most.
    more: u64,
}

impl Reader for Size {
    fn text(&mut self, text: &str) {
        self.bytes += text.len() as u64;
    }

    fn again(&mut self, text: &str) {
        self.bytes += text.len() as u64;
    }

    fn opaque(&mut self, data: &str) {
        self.bytes += data.len() as u64;
    }

    fn json(&mut self, value: &serde_json::Value) {
        // Writing a Value into a counter cannot fail; if it did, the count so far would stand.
        drop(serde_json::to_writer(Counter(&mut self.bytes), value));
    }

    fn tokens(&mut self, count: u64) {
        self.bytes += count * BYTES_PER_TOKEN;
    }

    fn at_most(&mut self, tokens: u64) {
        self.more += tokens;
    }
}

/// Counts what is written, and drops it.
struct Counter<'a>(&'a mut u64);

impl std::io::Write for Counter<'_> {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        *self.0 += buf.len() as u64;
        Ok(buf.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
