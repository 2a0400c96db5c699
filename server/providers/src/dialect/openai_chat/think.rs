//! Takes reasoning out of the text of hosts that send it there, between `<think>` and `</think>`.
//!
//! Only at the beginning of an answer: a model that talks of the tags later on means the words.

use std::collections::VecDeque;

use canon::{Event, ReasoningDelta, ReasoningKind};

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// One choice's text, as far as it has come.
#[derive(Debug, Default)]
pub struct Think {
    state: State,
    /// The end of the text so far, if it may be the beginning of a tag.
    held: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing but white space has come.
    #[default]
    Before,
    Within,
    /// The thought is over: white space that follows belongs to neither.
    Between,
    Answer,
}

impl Think {
    /// Takes a piece of text and tells what of it is what.
    pub fn take(&mut self, piece: &str, out: &mut VecDeque<Event>) {
        if self.state == State::Answer {
            push_text(piece.to_owned(), out);
            return;
        }
        let mut text = std::mem::take(&mut self.held) + piece;
        if self.state == State::Before {
            let start = text.trim_start();
            if let Some(rest) = start.strip_prefix(OPEN) {
                text = rest.to_owned();
                self.state = State::Within;
            } else if OPEN.starts_with(start) {
                self.held = text;
                return;
            } else {
                self.state = State::Answer;
            }
        }
        if self.state == State::Within {
            let Some((thought, rest)) = text.split_once(CLOSE) else {
                let sure = text.len() - beginning_of(CLOSE, &text);
                self.held = text.split_off(sure);
                push_thought(text, out);
                return;
            };
            push_thought(thought.to_owned(), out);
            text = rest.to_owned();
            self.state = State::Between;
        }
        if self.state == State::Between {
            text = text.trim_start().to_owned();
            if text.is_empty() {
                return;
            }
            self.state = State::Answer;
        }
        push_text(text, out);
    }

    /// The answer is over: what was held is what it looked like.
    pub fn end(&mut self, out: &mut VecDeque<Event>) {
        let rest = std::mem::take(&mut self.held);
        if self.state == State::Within { push_thought(rest, out) } else { push_text(rest, out) }
    }
}

/// How many bytes at the end of `text` may be the beginning of `tag`.
fn beginning_of(tag: &str, text: &str) -> usize {
    (1..tag.len()).rev().find(|length| tag.get(..*length).is_some_and(|begin| text.ends_with(begin))).unwrap_or(0)
}

fn push_text(text: String, out: &mut VecDeque<Event>) {
    if !text.is_empty() {
        out.push_back(Event::Text(text));
    }
}

fn push_thought(text: String, out: &mut VecDeque<Event>) {
    if !text.is_empty() {
        let kind = ReasoningKind::Text(text);
        out.push_back(Event::Reasoning(ReasoningDelta { index: 0, kind, id: None, format: None }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was thought and what was said, however the text is cut.
    fn check(text: &str, thought: &str, said: &str) {
        for size in 1..=text.len() {
            let (mut think, mut out) = (Think::default(), VecDeque::new());
            let chars: Vec<char> = text.chars().collect();
            chars.chunks(size).for_each(|piece| think.take(&piece.iter().collect::<String>(), &mut out));
            think.end(&mut out);
            let (mut thoughts, mut words) = (String::new(), String::new());
            for event in out {
                match event {
                    Event::Text(text) => words.push_str(&text),
                    Event::Reasoning(ReasoningDelta { kind: ReasoningKind::Text(text), .. }) => {
                        thoughts.push_str(&text)
                    }
                    other => unreachable!("{other:?}"),
                }
            }
            assert_eq!((thoughts.as_str(), words.as_str()), (thought, said), "{text:?} in pieces of {size}");
        }
    }

    #[test]
    fn a_thought_at_the_beginning_is_told_from_the_answer() {
        check("<think>Hm, ü < 3.</think>\n\nYes.", "Hm, ü < 3.", "Yes.");
        check("\n<think>\nHm</think>Yes </think>", "\nHm", "Yes </think>");
        check("<think></think>Yes", "", "Yes");
    }

    #[test]
    fn text_that_only_looks_like_a_tag_is_text() {
        check("<thin air", "", "<thin air");
        check("Say <think>no</think>", "", "Say <think>no</think>");
        check("<", "", "<");
        check(" \n", "", " \n");
    }

    #[test]
    fn a_thought_that_broke_off_is_a_thought() {
        check("<think>Hm</thi", "Hm</thi", "");
    }
}
