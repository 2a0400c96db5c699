//! One candidate's answer, event by event, as the parts it consists of.

use canon::{Event, ReasoningDelta, ReasoningKind};
use serde::Serialize;
use serde_json::{Map, Value};

use super::media::{BlobBody, FileBody, picture, speech};
use super::signature::{GOOGLE, Pack};

/// A part as it is written.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    thought: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    inline_data: Option<BlobBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_data: Option<FileBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<CallBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thought_signature: Option<String>,
}

#[derive(Debug, Serialize)]
struct CallBody {
    id: String,
    name: String,
    args: Map<String, Value>,
}

impl PartBody<'_> {
    /// A part that says nothing: the last piece of a stream has one.
    pub fn empty() -> Self {
        Self { text: Some(""), ..Self::default() }
    }

    /// Whether the part says nothing and carries nothing.
    pub fn is_empty(&self) -> bool {
        self.text == Some("") && self.thought_signature.is_none()
    }

    /// A part that only carries a signature.
    fn seal(thought: bool, signature: String) -> Self {
        Self { text: Some(""), thought, thought_signature: Some(signature), ..Self::default() }
    }
}

/// Parts so far: calls wait until they are whole, signatures for the part they belong on.
#[derive(Debug, Default)]
pub struct Turn {
    shows_thoughts: bool,
    calls: Vec<Call>,
    pack: Pack,
    /// Google's signatures, with the id of what they belong on.
    seals: Vec<(Option<String>, String)>,
    pictures: usize,
    /// A call whose arguments are no JSON object.
    malformed: Option<String>,
}

#[derive(Debug)]
struct Call {
    index: u32,
    id: String,
    name: String,
    arguments: String,
}

impl Turn {
    pub fn new(shows_thoughts: bool) -> Self {
        Self { shows_thoughts, ..Self::default() }
    }

    /// The parts that an event completes.
    pub fn parts<'a>(&mut self, event: &'a Event) -> Vec<PartBody<'a>> {
        match event {
            Event::Reasoning(piece) => self.reasoning(event, piece),
            Event::ToolCall { index, id, name } => {
                let (id, name) = (id.clone(), name.clone());
                self.calls.push(Call { index: *index, id, name, arguments: String::new() });
                Vec::new()
            }
            Event::ToolArguments { index, delta } => {
                if let Some(call) = self.calls.iter_mut().rev().find(|call| call.index == *index) {
                    call.arguments.push_str(delta);
                }
                Vec::new()
            }
            Event::Text(text) | Event::Refusal(text) => {
                self.after_calls(PartBody { text: Some(text), ..PartBody::default() })
            }
            Event::Image(source) => {
                // The id that this wire's signatures of pictures have.
                let signature = self.seal_of(&format!("image-{}", self.pictures));
                self.pictures += 1;
                let (inline_data, file_data) = picture(source);
                self.after_calls(PartBody {
                    inline_data,
                    file_data,
                    thought_signature: signature,
                    ..PartBody::default()
                })
            }
            Event::Audio(piece) => match speech(piece) {
                Some(data) => self.after_calls(PartBody { inline_data: Some(data), ..PartBody::default() }),
                None => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// What is left when the answer is over.
    pub fn rest(&mut self) -> Vec<PartBody<'static>> {
        let mut parts = self.flush();
        parts.extend(self.seals.drain(..).map(|(_, signature)| PartBody::seal(false, signature)));
        parts.extend(self.pack.take(self.shows_thoughts).map(|signature| PartBody::seal(false, signature)));
        parts
    }

    /// Names the call whose arguments no client could read.
    pub fn malformed(&self) -> Option<&str> {
        self.malformed.as_deref()
    }

    fn reasoning<'a>(&mut self, event: &Event, piece: &'a ReasoningDelta) -> Vec<PartBody<'a>> {
        let is_googles = piece.format.as_deref() == Some(GOOGLE);
        let sealed = match &piece.kind {
            ReasoningKind::Signature(signature) if is_googles => vec![PartBody::seal(true, signature.clone())],
            ReasoningKind::Encrypted(signature) if is_googles => {
                self.seals.push((piece.id.clone(), signature.clone()));
                Vec::new()
            }
            ReasoningKind::Text(text) | ReasoningKind::Summary(text) if self.shows_thoughts && !text.is_empty() => {
                vec![PartBody { text: Some(text), thought: true, ..PartBody::default() }]
            }
            _ => Vec::new(),
        };
        if !is_googles {
            self.pack.push(event);
        }
        sealed
    }

    fn after_calls<'a>(&mut self, part: PartBody<'a>) -> Vec<PartBody<'a>> {
        let mut parts: Vec<PartBody<'a>> = self.flush();
        parts.push(part);
        parts
    }

    /// The calls that wait: no more of them comes.
    fn flush(&mut self) -> Vec<PartBody<'static>> {
        let mut parts = Vec::with_capacity(self.calls.len());
        for call in std::mem::take(&mut self.calls) {
            let written = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
            let Ok(args) = serde_json::from_str(written) else {
                self.malformed.get_or_insert_with(|| format!("Malformed function call: {}({written})", call.name));
                continue;
            };
            let signature = self.seal_of(&call.id).or_else(|| self.pack.take(self.shows_thoughts));
            let function_call = Some(CallBody { id: call.id, name: call.name, args });
            parts.push(PartBody { function_call, thought_signature: signature, ..PartBody::default() });
        }
        parts
    }

    fn seal_of(&mut self, id: &str) -> Option<String> {
        let at = self.seals.iter().position(|(of, _)| of.as_deref() == Some(id))?;
        Some(self.seals.remove(at).1)
    }
}
