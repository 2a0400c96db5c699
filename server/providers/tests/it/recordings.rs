//! Answers shaped after the providers' documentation, and the events they mean.
//!
//! Each file under `tests/recordings` names its source in its first line.

mod chat_completions;
mod cohere;
mod converse;
mod generate_content;
mod messages;
mod responses;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::Path;

use canon::{Event, Fold, TaskKind, UpstreamError};
use providers::catalog::Dialect;
use providers::dialect::{Decoder, Reading};
use providers::quirks::{CountedAs, UsageQuirks};

use crate::framing::framed;

/// A recorded answer.
#[derive(Debug)]
pub struct Recording {
    pub name: String,
    pub dialect: Dialect,
    pub reading: Reading,
    pub body: Vec<u8>,
}

impl Recording {
    pub fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(name);
        let dialect = match name.split_once('/') {
            Some(("anthropic", _)) => Dialect::Anthropic,
            Some(("openai_responses", _)) => Dialect::OpenaiResponses,
            Some(("bedrock", _)) => Dialect::Bedrock,
            Some(("cohere", _)) => Dialect::Cohere,
            Some(("gemini", _)) => Dialect::Gemini,
            _ => Dialect::OpenaiChat,
        };
        let reading = Reading {
            task: if name.contains("embeddings") { TaskKind::Embed } else { TaskKind::Chat },
            choices: name.contains("choices").then_some(2),
            items: if name.contains("embeddings") { 2 } else { 0 },
            answer_tool: name.contains("answer_tool"),
            think_tags: name.contains("think_tags"),
            usage: UsageQuirks {
                reasoning: if name.contains("think_tags") { CountedAs::Beside } else { CountedAs::Within },
                ..UsageQuirks::default()
            },
            ..Reading::default()
        };
        let body = std::fs::read(path).unwrap();
        let is_binary = name.ends_with(".events");
        let body = if is_binary { framed(std::str::from_utf8(&body).unwrap()) } else { body };
        Self { name: name.to_owned(), dialect, reading, body }
    }

    /// All of them that are streams.
    pub fn streams() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
        let mut names = Vec::new();
        for dialect in ["openai_chat", "openai_responses", "anthropic", "bedrock", "cohere", "gemini"] {
            for file in std::fs::read_dir(folder.join(dialect)).unwrap() {
                let name = file.unwrap().file_name().into_string().unwrap();
                names
                    .extend((name.ends_with(".sse") || name.ends_with(".events")).then(|| format!("{dialect}/{name}")));
            }
        }
        assert!(names.len() >= 10, "{names:?}");
        names.iter().map(|name| Self::read(name)).collect()
    }

    pub fn decode<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Event>, Result<(), UpstreamError>) {
        let one_piece = self.name.ends_with(".json");
        let new = if one_piece { Decoder::of_one_piece } else { Decoder::new };
        run(new(self.dialect, self.reading).unwrap(), pieces)
    }
}

/// Decodes pieces until an error or the end.
pub fn run<'a>(
    mut decoder: Decoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Result<(), UpstreamError>) {
    let mut events = VecDeque::new();
    let result = pieces
        .into_iter()
        .try_for_each(|piece| decoder.push(piece, &mut events))
        .and_then(|()| decoder.end(&mut events));
    (events.into(), result)
}

/// One line per event, and how it ended.
fn decoded(name: &str) -> String {
    let recording = Recording::read(name);
    let (events, result) = recording.decode([recording.body.as_slice()]);
    let mut text = String::new();
    for event in &events {
        writeln!(text, "{event:?}").unwrap();
    }
    match result {
        Ok(()) => text.push_str("end"),
        Err(error) => write!(text, "{error:?}").unwrap(),
    }
    text
}

#[test]
fn what_was_thought_folds_into_blocks_that_can_be_sent_back() {
    let recording = Recording::read("anthropic/thinking_and_tools.sse");
    let mut fold = Fold::default();
    recording.decode([recording.body.as_slice()]).0.iter().for_each(|event| fold.push(event));
    insta::assert_debug_snapshot!(fold.finish().answer.reasoning_details, @r#"
    [
        ReasoningDetail {
            kind: Text {
                text: Some(
                    "The weather in two cities.",
                ),
                signature: Some(
                    "EqQBCgIYAhIM1gbcDa9GJwZA2b3h",
                ),
            },
            id: None,
            format: Some(
                "anthropic-claude-v1",
            ),
            index: Some(
                0,
            ),
        },
        ReasoningDetail {
            kind: Encrypted {
                data: "EmwKAhgBEgy3va3pzix",
            },
            id: None,
            format: Some(
                "anthropic-claude-v1",
            ),
            index: Some(
                1,
            ),
        },
    ]
    "#);
}

#[test]
fn reasoning_that_the_client_wants_left_out_is_left_out() {
    for name in [
        "anthropic/thinking_and_tools.sse",
        "openai_chat/reasoning_content.sse",
        "openai_responses/reasoning_and_tools.sse",
        "gemini/thinking_and_tools.sse",
    ] {
        let mut recording = Recording::read(name);
        recording.reading.exclude_reasoning = true;
        let (events, result) = recording.decode([recording.body.as_slice()]);
        result.unwrap();
        assert!(events.len() > 3 && !events.iter().any(|event| matches!(event, Event::Reasoning(_))), "{events:?}");
    }
}
