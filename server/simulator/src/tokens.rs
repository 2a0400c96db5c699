//! What a token is here: prompts are weighed by their bytes, answers are cut into word-like pieces, one piece a token.
//!
//! A real tokenizer would make every count a riddle. These two rules can be checked by eye:
//! * a prompt of `b` bytes of text is `⌈b / 4⌉` tokens, and each message adds [`PER_MESSAGE`];
//! * an answer has as many tokens as the pieces it is sent in.

/// Tokens each message of a prompt costs beside its text.
pub(crate) const PER_MESSAGE: u32 = 3;

/// Tokens an image, a sound or a file in a prompt costs, whatever its size.
pub(crate) const PER_MEDIUM: u32 = 85;

const MAX_SPACES: usize = 4;
const MAX_LETTERS: usize = 8;
const MAX_MARKS: usize = 3;

/// Words of one piece each, to make an answer as long as asked.
const FILLER: [&str; 16] = [
    "and", "so", "the", "river", "carries", "small", "stones", "down", "to", "a", "wide", "grey", "sea", "where",
    "they", "rest",
];

/// Tokens of `bytes` bytes of prompt text.
pub(crate) fn weigh(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(4)).unwrap_or(u32::MAX)
}

/// Length in bytes of the first piece of `text`: some white space, then a few letters or a few marks. Zero only for an empty text.
pub(crate) fn first_piece(text: &str) -> usize {
    let spaces = run(text, MAX_SPACES, char::is_whitespace);
    let rest = &text[spaces..];
    let letters = run(rest, MAX_LETTERS, char::is_alphanumeric);
    if letters > 0 {
        return spaces + letters;
    }
    spaces + run(rest, MAX_MARKS, |c| !c.is_alphanumeric() && !c.is_whitespace())
}

/// Length in bytes of the leading run of at most `limit` characters that satisfy `belongs`.
fn run(text: &str, limit: usize, belongs: impl Fn(char) -> bool) -> usize {
    text.chars().take(limit).take_while(|c| belongs(*c)).map(char::len_utf8).sum()
}

/// The pieces of `text`, in order; together they are the text.
pub(crate) fn pieces(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (piece, rest) = text.split_at(first_piece(text));
        text = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Tokens of `text` as an answer.
pub(crate) fn count(text: &str) -> u32 {
    u32::try_from(pieces(text).count()).unwrap_or(u32::MAX)
}

/// Cuts `text` to at most `tokens` tokens.
pub(crate) fn shorten(text: &mut String, tokens: u32) {
    let kept: usize = pieces(text).take(tokens as usize).map(str::len).sum();
    text.truncate(kept);
}

/// Cuts or continues `text` so that it has exactly `tokens` tokens.
pub(crate) fn fit(text: &mut String, tokens: u32) {
    shorten(text, tokens);
    text.truncate(text.trim_end().len());
    for word in FILLER.iter().cycle().take(tokens.saturating_sub(count(text)) as usize) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_weighed_by_the_byte() {
        assert_eq!([weigh(0), weigh(1), weigh(4), weigh(5)], [0, 1, 1, 2]);
    }

    #[test]
    fn pieces_are_words_with_the_space_before_them() {
        let cut = |text| pieces(text).collect::<Vec<_>>();
        assert_eq!(cut("Hello there, world!"), ["Hello", " there", ",", " world", "!"]);
        assert_eq!(cut(r#"{"city":"Oslo"}"#), ["{\"", "city", "\":\"", "Oslo", "\"}"]);
        assert_eq!(cut("extraordinarily"), ["extraord", "inarily"]);
        assert_eq!(cut("      \n"), ["    ", "  \n"]);
        assert_eq!(cut("日本語😀é"), ["日本語", "😀", "é"]);
    }

    #[test]
    fn a_text_can_be_made_of_any_length() {
        for base in ["", "You said: hello.", "trailing   ", "日本語 😀😀😀😀😀 x"] {
            for tokens in [0, 1, 2, 3, 7, 500] {
                let mut text = base.to_owned();
                fit(&mut text, tokens);
                assert_eq!(count(&text), tokens, "{base:?} at {tokens}: {text:?}");
            }
        }
    }
}
