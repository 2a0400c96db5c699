//! Canonical messages as contents: the system's words apart, then user and model in turn.

use std::borrow::Cow;

use canon::{Message, Part, Request, ToolCall};
use serde::Serialize;
use serde_json::value::RawValue;

use super::part::{FunctionCall, FunctionResponse, Outcome, Output, WirePart, of_part};
use super::signature::{NONE_GIVEN, Signatures, of_picture};
use crate::dialect::EncodeError;

#[derive(Debug, Default)]
pub struct Conversation<'a> {
    pub system: Vec<WirePart<'a>>,
    pub contents: Vec<Content<'a>>,
}

#[derive(Debug, Serialize)]
pub struct Content<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub role: &'static str,
    pub parts: Vec<WirePart<'a>>,
}

/// Consecutive messages of one role become one content; a tool's results are the user's.
///
/// `is_strict`: the model insists on signatures, and takes media within a tool's result.
pub fn conversation(request: &Request, is_strict: bool) -> Result<Conversation<'_>, EncodeError> {
    let mut conversation = Conversation::default();
    let mut calls: Vec<&ToolCall> = Vec::new();
    for message in &request.messages {
        match message {
            Message::System { parts, name } | Message::Developer { parts, name } => {
                if parts.iter().any(|part| !matches!(part, Part::Text { .. })) {
                    return Err(EncodeError::NoWay("media in a system message"));
                }
                conversation.system.extend(named(parts, name.as_deref()));
            }
            Message::User { parts, name } => conversation.add("user", named(parts, name.as_deref())),
            Message::Tool { tool_call_id, parts, is_error } => {
                let name = calls.iter().rev().find(|call| call.id == *tool_call_id).map_or("", |call| &call.name);
                conversation.add("user", result(tool_call_id, name, parts, *is_error, is_strict));
            }
            Message::Assistant { parts, name, refusal, reasoning, tool_calls } => {
                let signatures = Signatures::of(reasoning);
                let mut said = named(parts, name.as_deref());
                said.extend(refusal.as_deref().filter(|text| !text.is_empty()).map(WirePart::text));
                conversation.add("model", answer(said, signatures, tool_calls, is_strict));
                calls.extend(tool_calls);
            }
        }
    }
    // There must be something to answer.
    if conversation.contents.is_empty() {
        let parts = std::mem::take(&mut conversation.system);
        conversation.add("user", parts);
    }
    Ok(conversation)
}

impl<'a> Conversation<'a> {
    fn add(&mut self, role: &'static str, parts: Vec<WirePart<'a>>) {
        match self.contents.last_mut() {
            _ if parts.is_empty() => {}
            Some(last) if last.role == role => last.parts.extend(parts),
            _ => self.contents.push(Content { role, parts }),
        }
    }
}

/// The protocol has no names: they go before the words, as people write them.
fn named<'a>(parts: &'a [Part], name: Option<&str>) -> Vec<WirePart<'a>> {
    let mut parts: Vec<WirePart<'_>> = parts.iter().filter_map(of_part).collect();
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        match parts.first_mut() {
            Some(WirePart { text: Some(text), .. }) => *text = Cow::Owned(format!("{name}: {text}")),
            Some(_) => parts.insert(0, WirePart::text(format!("{name}:"))),
            None => {}
        }
    }
    parts
}

/// An earlier answer, each signature where it was.
fn answer<'a>(
    mut said: Vec<WirePart<'a>>,
    signatures: Signatures<'a>,
    calls: &'a [ToolCall],
    is_strict: bool,
) -> Vec<WirePart<'a>> {
    let thought = |(text, signature): (&'a str, &'a str)| WirePart {
        thought: true,
        thought_signature: Some(Cow::Borrowed(signature)),
        ..WirePart::text(text)
    };
    let mut parts: Vec<WirePart<'_>> = signatures.thoughts().map(thought).collect();
    for (at, picture) in said.iter_mut().filter(|part| part.is_medium()).enumerate() {
        picture.thought_signature = signatures.on(Some(&of_picture(at))).map(Cow::Borrowed);
    }
    if let Some(signature) = signatures.on(None) {
        let at = said.iter().rposition(|part| part.text.is_some());
        let mut last = at.map_or_else(|| WirePart::text(""), |at| said.remove(at));
        last.thought_signature = Some(Cow::Borrowed(signature));
        said.insert(at.unwrap_or(said.len()), last);
    }
    parts.extend(said);
    let is_signed = calls.iter().any(|call| signatures.on(Some(&call.id)).is_some());
    for (at, call) in calls.iter().enumerate() {
        let stand_in = (at == 0 && is_strict && !is_signed).then_some(NONE_GIVEN);
        let signature = signatures.on(Some(&call.id)).or(stand_in);
        let function_call = FunctionCall { id: &call.id, name: &call.name, args: arguments(&call.arguments) };
        parts.push(WirePart {
            function_call: Some(function_call),
            thought_signature: signature.map(Cow::Borrowed),
            ..WirePart::default()
        });
    }
    parts
}

/// The protocol wants an object: what the model wrote, unless it is broken.
fn arguments(json: &str) -> Cow<'_, RawValue> {
    object(json).map_or_else(|| Cow::Owned(RawValue::from_string("{}".to_owned()).unwrap_or_default()), Cow::Borrowed)
}

/// `json` as it is written, if it is an object.
fn object(json: &str) -> Option<&RawValue> {
    let raw: &RawValue = serde_json::from_str(json).ok()?;
    raw.get().starts_with('{').then_some(raw)
}

/// A tool's result: its words, and its media within or beside it.
fn result<'a>(id: &'a str, name: &'a str, parts: &'a [Part], is_error: bool, is_strict: bool) -> Vec<WirePart<'a>> {
    let texts: Vec<&str> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let output = match texts.as_slice() {
        [one] => object(one).map_or(Output::Text(Cow::Borrowed(*one)), |json| Output::Json(Cow::Borrowed(json))),
        many => Output::Text(Cow::Owned(many.join("\n"))),
    };
    let response = if is_error { Outcome::Error(output) } else { Outcome::Output(output) };
    let media: Vec<WirePart<'_>> = parts.iter().filter_map(of_part).filter(WirePart::is_medium).collect();
    let (within, beside) = if is_strict { (media, Vec::new()) } else { (Vec::new(), media) };
    let function_response = FunctionResponse { id, name, response, parts: within };
    let mut parts = vec![WirePart { function_response: Some(function_response), ..WirePart::default() }];
    parts.extend(beside);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_pass_as_arguments() {
        for (given, sent) in [("{\"a\":1}", "{\"a\":1}"), ("", "{}"), ("[1]", "{}"), ("{\"a\":", "{}"), ("3", "{}")] {
            assert_eq!(arguments(given).get(), sent);
        }
    }
}
