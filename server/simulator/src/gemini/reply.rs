//! An answer on its way to the wire: whole, as server-sent events with Google's line ends, or as a streamed array.

use bytes::{BufMut as _, Bytes, BytesMut};
use serde_json::Value;

use super::error::Envelope;
use super::wire::{Call, Candidate, Content, Feedback, Logprobs, Part, Rating, Response, Usage, Weighed, write_line};
use crate::media;
use crate::playback::{Frame, Frames, Weight};
use crate::script::{Cursor, Finish, Part as Said, Passage, Script};

/// An answer ready to be written.
#[derive(Debug)]
pub(super) struct Generation {
    pub id: String,
    pub model: String,
    pub script: Script,
    pub candidates: u32,
    /// Thoughts are sent, not only counted.
    pub shows_thoughts: bool,
    pub logprobs: Option<usize>,
    /// Ids of the function calls, in order; none if the API gives none.
    pub calls: Vec<String>,
    /// What the prompt weighs, if token counts are told.
    pub prompt: Option<Weighed>,
    /// Streamed as an array rather than as events.
    pub listed: bool,
}

impl Generation {
    /// The prompt was blocked: there are no candidates.
    fn is_blocked(&self) -> bool {
        self.script.finish == Finish::Refusal
    }

    /// The body of a reply that is not streamed.
    pub fn whole(&self) -> Vec<u8> {
        let thoughts = self.script.reasoning_tokens();
        let usage = self.usage(self.script.tokens() - thoughts, thoughts);
        let mut calls = 0;
        let mut parts: Vec<Part> = Vec::new();
        for passage in &self.script.passages {
            parts.extend(match &passage.part {
                Said::Reasoning if !self.shows_thoughts => None,
                Said::Call(name) => self.call(name, passage, &mut calls),
                part => Some(Part {
                    text: Some(&passage.text),
                    thought: (*part == Said::Reasoning).then_some(true),
                    ..Part::default()
                }),
            });
        }
        if let (0, Some(last)) = (calls, parts.last_mut().filter(|part| part.thought.is_none())) {
            last.thought_signature = self.seal();
        }
        let text = self.script.passages.iter().find(|passage| passage.part == Said::Text);
        let logprobs = self.logprobs.and_then(|top| Some(Logprobs::of_text(&text?.text, top)));
        let response = self.response(parts, logprobs, Some(self.finish_reason()), usage);
        let mut body = serde_json::to_vec_pretty(&response).unwrap_or_default();
        body.push(b'\n');
        body
    }

    /// A response with `parts` in each candidate.
    fn response<'a>(
        &'a self,
        parts: Vec<Part<'a>>,
        logprobs: Option<Logprobs<'a>>,
        finish_reason: Option<&'static str>,
        usage_metadata: Option<Usage>,
    ) -> Response<'a> {
        let filtered = finish_reason == Some("SAFETY");
        let candidate = |index| Candidate {
            content: (!filtered || !parts.is_empty()).then(|| Content { parts: parts.clone(), role: "model" }),
            finish_reason,
            index,
            safety_ratings: filtered.then_some([Rating::BLOCKED]),
            avg_logprobs: logprobs.as_ref().and_then(Logprobs::average),
            logprobs_result: logprobs.clone(),
        };
        let blocked = self.is_blocked();
        let count = if blocked { 0 } else { self.candidates };
        Response {
            candidates: (0..count).map(candidate).collect(),
            prompt_feedback: blocked.then_some(Feedback { block_reason: "PROHIBITED_CONTENT" }),
            usage_metadata,
            model_version: &self.model,
            response_id: &self.id,
        }
    }

    /// A call, or nothing if the token limit has cut its arguments.
    fn call<'a>(&'a self, name: &'a str, passage: &Passage, calls: &mut usize) -> Option<Part<'a>> {
        let args: Value = serde_json::from_str(&passage.text).ok()?;
        let signature = (*calls == 0 && self.thought()).then(|| media::seal(name));
        let id = self.calls.get(*calls).map(String::as_str);
        *calls += 1;
        Some(Part { function_call: Some(Call { name, args, id }), thought_signature: signature, ..Part::default() })
    }

    fn usage(&self, candidates: u32, thoughts: u32) -> Option<Usage> {
        let all = |tokens: u32| tokens.saturating_mul(self.candidates);
        self.prompt.map(|prompt| prompt.usage(all(candidates), all(thoughts)))
    }

    fn thought(&self) -> bool {
        self.script.passages.iter().any(|passage| passage.part == Said::Reasoning)
    }

    /// The signature of the thoughts behind a text.
    fn seal(&self) -> Option<String> {
        let thoughts = self.script.passages.iter().find(|passage| passage.part == Said::Reasoning);
        thoughts.map(|thoughts| media::seal(&thoughts.text))
    }

    fn finish_reason(&self) -> &'static str {
        match self.script.finish {
            Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls | Finish::Refusal => "STOP",
            Finish::Length => "MAX_TOKENS",
            Finish::ContentFilter => "SAFETY",
        }
    }
}

/// The pieces of a streamed answer: a text in as many as it has tokens, a function call always in one.
#[derive(Debug)]
pub(super) struct Chunks {
    generation: Generation,
    buffer: BytesMut,
    cursor: Cursor,
    /// Calls sent so far.
    calls: usize,
    /// Tokens of the answer and of the thoughts sent so far.
    answered: u32,
    thought: u32,
    begun: bool,
    over: bool,
}

impl Chunks {
    pub fn new(generation: Generation) -> Self {
        Self {
            generation,
            buffer: BytesMut::with_capacity(4096),
            cursor: Cursor::default(),
            calls: 0,
            answered: 0,
            thought: 0,
            begun: false,
            over: false,
        }
    }

    /// The next piece of the content, or `None` at its end.
    fn content(&mut self) -> Option<Frame> {
        let mut next = self.cursor;
        let (passage, piece) = loop {
            let passage = self.generation.script.passages.get(next.passage)?;
            if matches!(passage.part, Said::Call(_)) {
                break (passage, None);
            }
            match next.piece(&self.generation.script) {
                Some(piece) => break (passage, Some(piece)),
                None => next.turn(),
            }
        };
        let tokens = if piece.is_some() { 1 } else { passage.tokens };
        let is_thought = passage.part == Said::Reasoning;
        *(if is_thought { &mut self.thought } else { &mut self.answered }) += tokens;
        let part = match (&passage.part, piece) {
            (Said::Call(name), _) => {
                next.turn();
                self.generation.call(name, passage, &mut self.calls)
            }
            (Said::Reasoning, _) if !self.generation.shows_thoughts => None,
            (_, text) => Some(Part { text, thought: is_thought.then_some(true), ..Part::default() }),
        };
        self.cursor = next;
        let weight = Weight::Tokens(tokens.saturating_mul(self.generation.candidates));
        let Some(part) = part else { return Some(Frame { bytes: Bytes::new(), weight }) };
        let top = self.generation.logprobs.filter(|_| passage.part == Said::Text);
        let logprobs = top.and_then(|top| Some(Logprobs::of_text(piece?, top)));
        let usage = self.generation.usage(self.answered, self.thought);
        let response = self.generation.response(vec![part], logprobs, None, usage);
        let bytes = write(&mut self.buffer, &response, self.generation.listed, &mut self.begun);
        Some(Frame { bytes, weight })
    }

    /// The last piece: an empty text, which carries the signature of an answer without calls, and the reason of the end.
    fn finish(&mut self) -> Frame {
        self.over = true;
        let generation = &self.generation;
        let signature = if self.calls == 0 { generation.seal() } else { None };
        let is_bare = generation.script.passages.is_empty() || generation.script.finish == Finish::ContentFilter;
        let text = Part { text: Some(""), thought_signature: signature, ..Part::default() };
        let parts = if is_bare { Vec::new() } else { vec![text] };
        let usage = generation.usage(self.answered, self.thought);
        let response = generation.response(parts, None, Some(generation.finish_reason()), usage);
        let mut bytes = write(&mut self.buffer, &response, generation.listed, &mut self.begun);
        if generation.listed {
            bytes = [&bytes[..], b"]"].concat().into();
        }
        Frame { bytes, weight: Weight::Last }
    }
}

impl Frames for Chunks {
    fn next(&mut self) -> Option<Frame> {
        if self.over {
            return None;
        }
        let piece = self.content();
        Some(piece.unwrap_or_else(|| self.finish()))
    }

    /// An error comes in the middle of a stream as it would come instead of one: not as an event.
    fn error(&mut self) -> Bytes {
        let text = Envelope::of_status(axum::http::StatusCode::SERVICE_UNAVAILABLE, None).text();
        if !self.generation.listed {
            return text.into();
        }
        let opening: &[u8] = if self.begun { b",\r\n" } else { b"[" };
        [opening, &text, b"]"].concat().into()
    }

    fn garbage(&mut self) -> Bytes {
        let torn: &[u8] = if self.generation.listed {
            b"{\"candidates\": [{\"cont]"
        } else {
            b"data: {\"candidates\": [{\"cont\r\n\r\n"
        };
        Bytes::from_static(torn)
    }
}

fn write(buffer: &mut BytesMut, response: &Response, listed: bool, begun: &mut bool) -> Bytes {
    let is_first = !std::mem::replace(begun, true);
    if listed {
        buffer.put_slice(if is_first { b"[" } else { b",\r\n" });
        // Writing plain fields to memory cannot fail.
        let _ = serde_json::to_writer_pretty((&mut *buffer).writer(), response);
        buffer.put_slice(b"\n");
    } else {
        buffer.put_slice(b"data: ");
        write_line(&mut (&mut *buffer).writer(), response);
        buffer.put_slice(b"\r\n\r\n");
    }
    buffer.split().freeze()
}
