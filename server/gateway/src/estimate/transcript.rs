//! What an answer said, kept so that its tokens can be counted should the provider never tell them.

use std::collections::BTreeMap;
use std::ops::AddAssign;

/// The most text that is kept of one answer: some 64,000 tokens of English.
const MOST_KEPT: usize = 256 * 1024;

/// Which of the voices of one choice speaks: they come in turns, and each is a text of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Voice {
    Answer,
    Thought,
    /// Name and arguments of the call of this number.
    Call(u32),
}

/// Tokens of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswerTokens {
    /// All of them.
    pub completion: u64,
    /// Of them: reasoning.
    pub reasoning: u64,
}

impl AddAssign for AnswerTokens {
    fn add_assign(&mut self, more: Self) {
        self.completion += more.completion;
        self.reasoning += more.reasoning;
    }
}

/// The delivered text of one answer, by choice and voice.
///
/// Kept rather than counted as it comes: nearly every provider tells its count in the end, and a copy of a piece costs a
/// thousandth of counting it. Only an answer that outgrows `MOST_KEPT` is counted on the way, that much at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    voices: BTreeMap<(u32, Voice), String>,
    kept: usize,
    /// Of the text that was counted and let go.
    counted: AnswerTokens,
}

impl Transcript {
    /// A transcript of one text.
    pub fn of(text: &str) -> Self {
        let mut transcript = Self::default();
        transcript.push(0, Voice::Answer, text);
        transcript
    }

    pub fn push(&mut self, choice: u32, voice: Voice, text: &str) {
        if !text.is_empty() {
            self.voices.entry((choice, voice)).or_default().push_str(text);
            self.kept += text.len();
        }
    }

    /// Whether nothing that can be read was delivered.
    pub fn is_empty(&self) -> bool {
        self.kept == 0 && self.counted == AnswerTokens::default()
    }

    /// Whether so much is kept that it must be counted now, with `condense`.
    pub fn is_full(&self) -> bool {
        self.kept > MOST_KEPT
    }

    /// Counts what is kept, and keeps only the beginning of the next word: a cut within a word would make more tokens of it.
    pub fn condense(&mut self, count: impl Fn(&str) -> u64) {
        let mut counted = AnswerTokens::default();
        self.kept = 0;
        for ((_, voice), text) in &mut self.voices {
            let end = last_word(text);
            counted += tokens(*voice, count(text.get(..end).unwrap_or_default()));
            *text = text.get(end..).unwrap_or_default().to_owned();
            self.kept += text.len();
        }
        self.counted += counted;
    }

    /// All tokens of it. `count` counts one text.
    pub fn tokens(&self, count: impl Fn(&str) -> u64) -> AnswerTokens {
        let mut all = self.counted;
        for ((_, voice), text) in &self.voices {
            all += tokens(*voice, count(text));
        }
        all
    }
}

fn tokens(voice: Voice, count: u64) -> AnswerTokens {
    AnswerTokens { completion: count, reasoning: if voice == Voice::Thought { count } else { 0 } }
}

/// Where the last word begins, with the space before it: vocabularies cut texts there too. The text's end, if none is near.
fn last_word(text: &str) -> usize {
    let near = text.floor_char_boundary(text.len().saturating_sub(1024));
    let bytes = text.as_bytes();
    let begins = |at: &usize| bytes.get(*at) == Some(&b' ') && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic);
    (near..text.len()).rev().find(begins).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many tokens as words.
    fn words(text: &str) -> u64 {
        text.split_whitespace().count() as u64
    }

    #[test]
    fn voices_that_take_turns_are_each_one_text() {
        let mut transcript = Transcript::default();
        for (choice, voice, text) in [
            (0, Voice::Answer, "Hel"),
            (1, Voice::Answer, "Bon"),
            (0, Voice::Thought, "so then"),
            (0, Voice::Call(0), "get_weather"),
            (0, Voice::Answer, "lo"),
            (1, Voice::Answer, "jour"),
        ] {
            transcript.push(choice, voice, text);
        }
        assert_eq!(transcript.tokens(words), AnswerTokens { completion: 5, reasoning: 2 });
    }

    #[test]
    fn a_long_answer_is_counted_on_the_way_and_no_word_twice() {
        let mut transcript = Transcript::default();
        let mut most = 0;
        for _ in 0..100_000 {
            transcript.push(0, Voice::Answer, "twelve lette");
            transcript.push(0, Voice::Thought, "rs a");
            most = most.max(transcript.kept);
            if transcript.is_full() {
                transcript.condense(words);
                assert!(!transcript.is_full());
            }
        }
        assert!(most <= MOST_KEPT + 16);
        // Joined without spaces: "twelve lettetwelve lette…" and "rs ars ars a".
        assert_eq!(transcript.tokens(words), AnswerTokens { completion: 200_002, reasoning: 100_001 });
    }

    #[test]
    fn a_text_without_words_is_cut_anywhere_and_lost_nowhere() {
        let mut transcript = Transcript::of(&"漢".repeat(MOST_KEPT / 3 + 1));
        transcript.condense(|text| text.chars().count() as u64);
        assert_eq!(transcript.kept, 0);
        assert!(!transcript.is_empty());
        assert_eq!(transcript.tokens(words).completion, (MOST_KEPT / 3 + 1) as u64);
    }
}
