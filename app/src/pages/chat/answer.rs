//! One model's answer to one prompt, as it grows.

use domain::GenerationId;
use serde::{Deserialize, Serialize};

use super::wire::{Heard, Problem, Tally};

/// Where an answer stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Sent; nothing has come yet.
    #[default]
    Waiting,
    Streaming,
    Done,
    /// By the reader.
    Stopped,
    Failed(Problem),
}

impl Phase {
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Waiting | Self::Streaming)
    }
}

/// How the transport ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The body came to its end.
    Closed,
    Stopped,
    /// The server answered with an error instead of a stream, or the connection broke.
    Failed(Problem),
}

/// An answer with all that was measured in this browser. Times are milliseconds since the prompt was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub phase: Phase,
    pub reasoning: String,
    pub text: String,
    pub generation: Option<GenerationId>,
    pub provider: Option<String>,
    pub finish: Option<String>,
    pub tally: Option<Tally>,
    pub first_token_ms: Option<u64>,
    pub total_ms: Option<u64>,
    /// `[DONE]` came: nothing is missing.
    pub done: bool,
}

impl Answer {
    /// Takes in one thing heard, `at` milliseconds after the prompt was sent.
    pub fn hear(&mut self, heard: Heard, at: u64) {
        match heard {
            Heard::From { generation, provider } => {
                self.generation = generation.or(self.generation.take());
                self.provider = provider.or(self.provider.take());
            }
            Heard::Reasoning(text) => {
                self.content_began(at);
                self.reasoning.push_str(&text);
            }
            Heard::Text(text) => {
                self.content_began(at);
                self.text.push_str(&text);
            }
            Heard::Finish(reason) => self.finish = Some(reason),
            Heard::Usage(tally) => self.tally = Some(tally),
            Heard::Failed(problem) => self.phase = Phase::Failed(problem),
            Heard::Done => self.done = true,
        }
    }

    /// Closes the answer, `at` milliseconds after the prompt was sent. A failure already heard stands.
    pub fn end(&mut self, ending: Ending, at: u64) {
        self.total_ms = Some(at);
        if !self.phase.is_running() {
            return;
        }
        self.phase = match ending {
            Ending::Closed if self.done => Phase::Done,
            Ending::Closed => Phase::Failed(Problem::new("The connection dropped before the answer's end.")),
            Ending::Stopped => Phase::Stopped,
            Ending::Failed(problem) => Phase::Failed(problem),
        };
    }

    /// Tokens a second after the first one; `None` unless both counts and times are known.
    pub fn tokens_per_second(&self) -> Option<u64> {
        let tokens = self.tally?.completion.checked_mul(1000)?;
        let span = self.total_ms?.checked_sub(self.first_token_ms?)?;
        tokens.checked_div(span)
    }

    /// Whether it can stand in a conversation: there is something the model said.
    pub fn has_text(&self) -> bool {
        !self.text.is_empty()
    }

    fn content_began(&mut self, at: u64) {
        self.first_token_ms.get_or_insert(at);
        if self.phase == Phase::Waiting {
            self.phase = Phase::Streaming;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(t: &str) -> Heard {
        Heard::Text(t.to_owned())
    }

    #[test]
    fn a_whole_answer_grows_and_ends_done() {
        let mut answer = Answer::default();
        answer.hear(Heard::From { generation: None, provider: Some("Novita".into()) }, 90);
        assert_eq!(answer.phase, Phase::Waiting);
        answer.hear(Heard::Reasoning("Hm".into()), 100);
        answer.hear(text("Hel"), 150);
        answer.hear(text("lo"), 160);
        answer.hear(Heard::Usage(Tally { completion: 40, ..Tally::default() }), 1100);
        answer.hear(Heard::Done, 1100);
        answer.end(Ending::Closed, 1100);
        assert_eq!((answer.text.as_str(), answer.reasoning.as_str()), ("Hello", "Hm"));
        assert_eq!(answer.phase, Phase::Done);
        assert_eq!(
            (answer.first_token_ms, answer.total_ms, answer.tokens_per_second()),
            (Some(100), Some(1100), Some(40))
        );
        assert_eq!(answer.provider.as_deref(), Some("Novita"));
    }

    #[test]
    fn a_stream_that_ends_without_done_has_dropped() {
        let mut answer = Answer::default();
        answer.hear(text("Hal"), 5);
        answer.end(Ending::Closed, 9);
        assert!(matches!(answer.phase, Phase::Failed(_)));
        assert_eq!(answer.text, "Hal");
    }

    #[test]
    fn a_failure_that_was_heard_is_not_replaced_by_the_way_the_stream_closed() {
        let mut answer = Answer::default();
        answer.hear(Heard::Failed(Problem::new("over capacity")), 5);
        answer.end(Ending::Closed, 6);
        assert_eq!(answer.phase, Phase::Failed(Problem::new("over capacity")));
    }

    #[test]
    fn stopping_keeps_what_arrived() {
        let mut answer = Answer::default();
        answer.hear(text("Once"), 5);
        answer.end(Ending::Stopped, 6);
        assert_eq!((answer.phase, answer.text.as_str()), (Phase::Stopped, "Once"));
    }

    #[test]
    fn no_speed_is_told_without_time_between_first_and_last_token() {
        let tally = Some(Tally { completion: 3, ..Tally::default() });
        let answer = Answer { tally, first_token_ms: Some(7), total_ms: Some(7), ..Answer::default() };
        assert_eq!(answer.tokens_per_second(), None);
    }
}
