//! Replies as OpenAI wrote them: `text_completion`, whole or in pieces, with OpenRouter's additions.

use std::borrow::Cow;
use std::collections::BTreeMap;

use canon::{Completion, Event, ReasoningKind};
use domain::{GenerationId, Timestamp};
use serde::Serialize;

use super::logprobs::Logprobs;
use crate::deliver::{Ended, Started};
use crate::surfaces::chat::envelope::ErrorBody;
use crate::surfaces::usage::UsageBody;
use crate::surfaces::write_data;

/// A whole answer, or a piece of one.
#[derive(Debug, Serialize)]
struct TextCompletion<'a> {
    id: &'a GenerationId,
    object: &'static str,
    created: i64,
    model: &'a str,
    provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_fingerprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorBody>,
    choices: Vec<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageBody>,
}

#[derive(Debug, Default, Serialize)]
struct Choice<'a> {
    index: u32,
    text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<&'a str>,
    finish_reason: Option<&'static str>,
    native_finish_reason: Option<&'a str>,
    logprobs: Option<Logprobs>,
}

impl<'a> TextCompletion<'a> {
    fn new(started: &'a Started, choices: Vec<Choice<'a>>) -> Self {
        Self {
            id: &started.id,
            object: "text_completion",
            created: started.created_at.unix_seconds(),
            model: started.model.as_str(),
            provider: &started.provider_name,
            system_fingerprint: started.system_fingerprint.as_deref(),
            error: None,
            choices,
            usage: None,
        }
    }
}

/// Writes a whole answer as JSON; each choice begins with `echo`.
pub fn completion(started: &Started, answer: &Completion, ended: &Ended, echo: &str) -> serde_json::Result<Vec<u8>> {
    let choices = (0..).zip(answer.choices()).map(|(index, choice)| whole_choice(index, choice, ended, echo));
    let body = TextCompletion::new(started, choices.collect());
    serde_json::to_vec(&TextCompletion { usage: Some(UsageBody::new(ended)), ..body })
}

fn whole_choice<'a>(index: u32, choice: &'a canon::Choice, ended: &'a Ended, echo: &str) -> Choice<'a> {
    let finish = ended.finishes.get(&index);
    let mut offset = echo.chars().count();
    Choice {
        index,
        text: [echo, &choice.text, choice.refusal.as_deref().unwrap_or_default()].concat().into(),
        reasoning: Some(choice.reasoning.as_str()).filter(|text| !text.is_empty()),
        finish_reason: finish.map(|finish| finish.reason.name()),
        native_finish_reason: finish.map(|finish| finish.native.as_str()),
        logprobs: choice.logprobs.as_ref().map(|logprobs| Logprobs::new(logprobs, &mut offset)),
    }
}

/// Writes the pieces of one stream.
#[derive(Debug)]
pub struct Writer {
    started: Started,
    /// The choice that events belong to.
    choice: u32,
    /// Where the next token of each choice begins, in characters.
    offsets: BTreeMap<u32, usize>,
}

impl Writer {
    pub fn new(started: Started) -> Self {
        Self { started, choice: 0, offsets: BTreeMap::new() }
    }

    /// The prompt, before an answer.
    pub fn echo(&mut self, index: u32, prompt: &str, into: &mut Vec<u8>) -> serde_json::Result<()> {
        self.offsets.insert(index, prompt.chars().count());
        self.write(Choice { index, text: prompt.into(), ..Choice::default() }, into)
    }

    /// One piece of content.
    pub fn content(&mut self, event: &Event, into: &mut Vec<u8>) -> serde_json::Result<()> {
        let mut piece = Choice { index: self.choice, ..Choice::default() };
        match event {
            Event::Text(text) | Event::Refusal(text) => piece.text = text.into(),
            Event::Reasoning(delta) => match &delta.kind {
                ReasoningKind::Text(text) | ReasoningKind::Summary(text) => piece.reasoning = Some(text),
                ReasoningKind::Signature(_) | ReasoningKind::Encrypted(_) => return Ok(()),
            },
            Event::Logprobs(value) => {
                piece.logprobs = Some(Logprobs::new(value, self.offsets.entry(self.choice).or_default()));
            }
            Event::Choice(number) => {
                self.choice = *number;
                return Ok(());
            }
            // Nothing else was asked for.
            _ => return Ok(()),
        }
        self.write(piece, into)
    }

    /// The finishes, then the usage in a piece of its own, then the end.
    pub fn end(&self, ended: &Ended, into: &mut Vec<u8>) -> serde_json::Result<()> {
        for (index, finish) in &ended.finishes {
            let (finish_reason, native_finish_reason) = (Some(finish.reason.name()), Some(finish.native.as_str()));
            self.write(Choice { index: *index, finish_reason, native_finish_reason, ..Choice::default() }, into)?;
        }
        let last = TextCompletion::new(&self.started, Vec::new());
        write_data(&TextCompletion { usage: Some(UsageBody::new(ended)), ..last }, into)?;
        into.extend_from_slice(b"data: [DONE]\n\n");
        Ok(())
    }

    /// The answer broke off: the error, and no `[DONE]`.
    pub fn error(&self, error: ErrorBody, into: &mut Vec<u8>) -> serde_json::Result<()> {
        let last = TextCompletion::new(&self.started, vec![broken(self.choice)]);
        write_data(&TextCompletion { error: Some(error), ..last }, into)
    }

    fn write(&self, piece: Choice<'_>, into: &mut Vec<u8>) -> serde_json::Result<()> {
        write_data(&TextCompletion::new(&self.started, vec![piece]), into)
    }
}

/// An error before any answer, but after the headers had gone out: no model can be named yet.
pub fn late_error(id: &GenerationId, at: Timestamp, error: ErrorBody, into: &mut Vec<u8>) -> serde_json::Result<()> {
    let last = TextCompletion {
        id,
        object: "text_completion",
        created: at.unix_seconds(),
        model: "",
        provider: "",
        system_fingerprint: None,
        error: Some(error),
        choices: vec![broken(0)],
        usage: None,
    };
    write_data(&last, into)
}

fn broken(index: u32) -> Choice<'static> {
    Choice { index, finish_reason: Some("error"), ..Choice::default() }
}
