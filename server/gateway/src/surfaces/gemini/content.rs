//! Google's contents as canonical messages.

use std::collections::VecDeque;

use canon::request::ReasoningDetailKind;
use canon::{Message, Part, ReasoningDetail, ToolCall};
use serde_json::Value;

use super::media;
use super::signature::{GOOGLE, of_google, unpack};
use super::wire::{Contents, FunctionResponse, Parts, WireContent, WirePart};
use crate::error::GatewayError;

/// Reads a conversation. Errors: `Invalid` with the path of the part at fault.
pub fn messages(system: Option<WireContent>, contents: Contents) -> Result<Vec<Message>, GatewayError> {
    let contents = match contents {
        Contents::Many(many) => many,
        Contents::One(one) => vec![one],
    };
    let mut reader = Reader::default();
    if let Some(system) = system {
        let parts = media_parts(system.parts, "systemInstruction")?;
        if !parts.is_empty() {
            reader.messages.push(Message::System { parts, name: None });
        }
    }
    for (at, content) in contents.into_iter().enumerate() {
        let path = format!("contents[{at}]");
        match content.role.as_deref() {
            Some("model") => reader.model(content.parts, &path)?,
            None | Some("user" | "function" | "") => reader.user(content.parts, &path)?,
            Some(other) => {
                let message = format!("{other:?} is given, expected user or model");
                return Err(GatewayError::invalid(format!("{path}.role"), message));
            }
        }
    }
    Ok(reader.messages)
}

/// Plain parts: text and media.
pub fn media_parts(parts: Parts, path: &str) -> Result<Vec<Part>, GatewayError> {
    let read = |(at, part): (usize, WirePart)| {
        let path = format!("{path}.parts[{at}]");
        let wrong =
            || GatewayError::invalid(path.clone(), "holds nothing that can be read here: text, inlineData or fileData");
        medium(part, &path)?.ok_or_else(wrong)
    };
    parts.into_list().into_iter().enumerate().map(read).collect()
}

/// Text or a medium; `None` if the part is neither.
fn medium(part: WirePart, path: &str) -> Result<Option<Part>, GatewayError> {
    let wrong = |why| GatewayError::invalid(path, why);
    if let Some(text) = part.text {
        return Ok(Some(Part::Text { text, cache_control: None }));
    }
    if let Some(blob) = part.inline_data {
        return media::inline(blob).map(Some).map_err(wrong);
    }
    part.file_data.map(media::elsewhere).transpose().map_err(wrong)
}

/// The conversation so far.
#[derive(Default)]
struct Reader {
    messages: Vec<Message>,
    /// Calls that wait for their results: id and name.
    waiting: VecDeque<(String, String)>,
    /// Calls that came without an id.
    made: usize,
}

impl Reader {
    fn user(&mut self, parts: Parts, path: &str) -> Result<(), GatewayError> {
        let mut said = Vec::new();
        for (at, part) in parts.into_list().into_iter().enumerate() {
            let path = format!("{path}.parts[{at}]");
            match part.function_response {
                Some(response) => {
                    let result = self.result(response, &path)?;
                    self.messages.push(result);
                }
                None => said.extend(self.said(part, &path)?),
            }
        }
        if !said.is_empty() {
            self.messages.push(Message::User { parts: said, name: None });
        }
        Ok(())
    }

    fn said(&self, part: WirePart, path: &str) -> Result<Option<Part>, GatewayError> {
        if part.function_call.is_some() {
            return Err(GatewayError::invalid(
                format!("{path}.functionCall"),
                "is the model's to make, not the user's",
            ));
        }
        let is_seal = part.thought_signature.is_some();
        match medium(part, path)? {
            None if !is_seal => Err(GatewayError::invalid(
                path,
                "holds nothing that can be read here: text, inlineData, fileData or functionResponse",
            )),
            part => Ok(part),
        }
    }

    fn result(&mut self, response: FunctionResponse, path: &str) -> Result<Message, GatewayError> {
        let FunctionResponse { id, name, response, parts } = response;
        let wanted = |(known, called): &(String, String)| match &id {
            Some(id) => known == id,
            None => *called == name,
        };
        let at = self.waiting.iter().position(wanted).ok_or_else(|| {
            GatewayError::invalid(format!("{path}.functionResponse"), "answers no functionCall of the turn before it")
        })?;
        let tool_call_id = self.waiting.remove(at).map(|(id, _)| id).unwrap_or_default();
        let (text, is_error) = output(response);
        let mut content = vec![Part::Text { text, cache_control: None }];
        content.extend(media_parts(Parts::Many(parts), &format!("{path}.functionResponse"))?);
        Ok(Message::Tool { tool_call_id, parts: content, is_error })
    }

    /// A stream's pieces come back as contents of their own: neighbours are one turn.
    fn model(&mut self, parts: Parts, path: &str) -> Result<(), GatewayError> {
        let mut turn = match self.messages.pop() {
            Some(Message::Assistant { parts, reasoning, tool_calls, .. }) => {
                ModelTurn { parts, reasoning, tool_calls, ..ModelTurn::default() }
            }
            other => {
                self.messages.extend(other);
                ModelTurn::default()
            }
        };
        for (at, part) in parts.into_list().into_iter().enumerate() {
            self.add(&mut turn, part, &format!("{path}.parts[{at}]"))?;
        }
        self.messages.push(turn.message());
        Ok(())
    }

    fn add(&mut self, turn: &mut ModelTurn, mut part: WirePart, path: &str) -> Result<(), GatewayError> {
        let signature = part.thought_signature.take().filter(|signature| !signature.is_empty());
        if let Some(call) = part.function_call {
            let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| {
                self.made += 1;
                format!("call_{}", self.made)
            });
            self.waiting.push_back((id.clone(), call.name.clone()));
            turn.seal(None, Some(id.clone()), signature);
            let arguments = call.args.map_or_else(|| "{}".to_owned(), |args| Value::Object(args).to_string());
            turn.tool_calls.push(ToolCall { id, name: call.name, arguments, cache_control: None });
            return Ok(());
        }
        if part.thought {
            turn.think(part.text.unwrap_or_default(), signature);
            return Ok(());
        }
        let is_seal = signature.is_some();
        match medium(part, path)? {
            Some(Part::Text { text, .. }) => {
                turn.seal(None, None, signature);
                turn.say(text);
            }
            Some(medium) => {
                turn.seal(None, Some(format!("image-{}", turn.media())), signature);
                turn.parts.push(medium);
            }
            None if is_seal => turn.seal(None, None, signature),
            None => {
                let message = "holds nothing that can be read here: text, inlineData, fileData or functionCall";
                return Err(GatewayError::invalid(path, message));
            }
        }
        Ok(())
    }
}

/// A turn of the model in the making.
#[derive(Default)]
struct ModelTurn {
    parts: Vec<Part>,
    reasoning: Vec<ReasoningDetail>,
    tool_calls: Vec<ToolCall>,
    /// Shown thoughts that no signature has followed yet.
    thoughts: String,
    is_packed: bool,
}

impl ModelTurn {
    fn say(&mut self, more: String) {
        match self.parts.last_mut() {
            Some(Part::Text { text, .. }) => text.push_str(&more),
            _ if more.is_empty() => {}
            _ => self.parts.push(Part::Text { text: more, cache_control: None }),
        }
    }

    fn media(&self) -> usize {
        self.parts.iter().filter(|part| !matches!(part, Part::Text { .. })).count()
    }

    fn think(&mut self, text: String, signature: Option<String>) {
        self.thoughts.push_str(&text);
        if signature.is_some() {
            let thoughts = std::mem::take(&mut self.thoughts);
            self.seal(Some(thoughts), None, signature);
        }
    }

    /// Notes a signature: Google's with what it belongs on, another maker's as the reasoning that it packs.
    fn seal(&mut self, thought: Option<String>, id: Option<String>, signature: Option<String>) {
        let Some(signature) = signature else { return };
        match unpack(&signature) {
            Some(details) => {
                self.is_packed = true;
                self.reasoning.extend(details);
            }
            None => self.reasoning.push(of_google(thought, id, signature)),
        }
    }

    fn message(mut self) -> Message {
        // What is packed says all of the thoughts that were shown.
        if !self.thoughts.is_empty() && !self.is_packed {
            let is_googles = self.reasoning.iter().any(|detail| detail.format.as_deref() == Some(GOOGLE));
            let kind = ReasoningDetailKind::Text { text: Some(self.thoughts), signature: None };
            let format = is_googles.then(|| GOOGLE.to_owned());
            self.reasoning.insert(0, ReasoningDetail { kind, id: None, format, index: None });
        }
        Message::Assistant {
            parts: self.parts,
            name: None,
            refusal: None,
            reasoning: self.reasoning,
            tool_calls: self.tool_calls,
        }
    }
}

/// What a function gave back, and whether it failed: Google names the keys `output` and `error`, clients also write `result`.
fn output(response: Value) -> (String, bool) {
    let Value::Object(fields) = &response else { return (said(&response), false) };
    let only = fields.iter().next().filter(|_| fields.len() == 1);
    match only {
        Some((key, value)) if key == "output" || key == "result" => (said(value), false),
        Some((key, value)) if key == "error" => (said(value), true),
        _ => (response.to_string(), false),
    }
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
