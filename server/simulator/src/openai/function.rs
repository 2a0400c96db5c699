//! Checks names and schemas of functions and answer formats, with OpenAI's sentences for what is wrong with them.

use serde_json::Value;

use super::error::Envelope;
use super::strict;
use crate::cache::Segment;
use crate::node::{Kind, Node, Problem, Wrong};
use crate::script::Format;
use crate::tokens;

/// A name of 1 to 64 letters, digits, `_` and `-`.
pub(super) fn name<'v>(name: &Node<'_, 'v>) -> Result<&'v str, Problem> {
    let text = name.text()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if text.is_empty() || text.len() > 64 || !text.chars().all(fits) {
        let message = "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.";
        let shown = Envelope::place(&name.fail(Wrong::Missing).path);
        return Err(name.said(format!("Invalid '{shown}': {message}"), Some("invalid_value")));
    }
    Ok(text)
}

/// The schema of the parameters of the function `name`.
pub(super) fn parameters<'v>(parameters: &Node<'_, 'v>, name: &str, strict: bool) -> Result<&'v Value, Problem> {
    parameters.object()?;
    let schema = parameters.value();
    let code = Some("invalid_function_parameters");
    let kind = schema.get("type").and_then(Value::as_str);
    if kind != Some("object") && schema.as_object().is_some_and(|schema| !schema.is_empty()) {
        let got = kind.unwrap_or("None");
        let message = format!(
            "Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{got}\"'."
        );
        return Err(parameters.said(message, code));
    }
    if let Some(broken) = strict.then(|| strict::violation(schema)).flatten() {
        return Err(parameters.said(format!("Invalid schema for function '{name}': {broken}"), code));
    }
    Ok(schema)
}

/// The schema that an answer must fit: `wanted` has `name`, `schema` and `strict`, and `place` is what an error names.
pub(super) fn format<'v>(wanted: &Node<'_, 'v>, place: &Node, shown: &str) -> Result<Format<'v>, Problem> {
    let name = name(&wanted.need("name")?)?;
    wanted.maybe("description", |field| field.text())?;
    let strict = wanted.maybe("strict", |field| field.flag())?.unwrap_or(false);
    let Some(schema) = wanted.get("schema") else { return Ok(Format::Json) };
    if !schema.value().is_object() {
        return Err(schema.unexpected(Kind::Object));
    }
    if let Some(broken) = strict.then(|| strict::violation(schema.value())).flatten() {
        return Err(place.said(format!("Invalid schema for {shown} '{name}': {broken}"), None));
    }
    Ok(Format::Schema(schema.value()))
}

/// The part of a prompt that the list of tools is.
pub(super) fn segment(tools: &Value) -> Segment<'_> {
    Segment { role: "tools", value: tools, tokens: tokens::weigh(json_length(tools)), mark: None }
}

/// Bytes of `value` as JSON.
fn json_length(value: &Value) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, value) {
        Ok(()) => counter.0,
        Err(_) => 0,
    }
}
