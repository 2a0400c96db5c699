//! What the matrix must know of an API that we serve: how to ask in it, and how to read its answers as its clients do.

use serde_json::Value;

use super::ask::{Ask, Case, Seen};

pub trait Surface: Sync {
    fn name(&self) -> &'static str;

    /// Fewer cells than this, and the tables have lost some.
    fn cells(&self) -> usize;

    /// Why the API cannot ask that.
    fn lacks(&self, case: Case) -> Option<&'static str>;

    /// Whether the API can mark the part of a prompt that is worth caching.
    fn marks_prompts(&self) -> bool {
        true
    }

    /// Path and body of a question.
    fn write(&self, model: &str, ask: &Ask, stream: bool) -> (String, Value);

    /// Reads a whole answer.
    fn read(&self, body: &Value) -> Result<Seen, String>;

    /// Reads a stream. One that does not end as the API's streams end has an error, or none of its finishes.
    fn read_stream(&self, body: &str) -> Result<Seen, String>;

    /// The type of an error, from its envelope.
    fn error_type(&self, body: &str) -> Result<String, String>;
}

/// The events of a stream: name (empty if it has none) and data. Comments are passed over.
pub fn events(body: &str) -> Result<Vec<(&str, Value)>, String> {
    let mut events = Vec::new();
    for frame in body.split("\n\n").filter(|frame| !frame.trim().is_empty()) {
        let (mut name, mut data) = ("", None);
        for line in frame.lines() {
            match line.split_once(": ") {
                Some(("event", value)) => name = value,
                Some(("data", value)) => data = Some(value),
                _ if line.starts_with(':') => {}
                _ => return Err(format!("`{line}` is no line of an event")),
            }
        }
        match data {
            Some("[DONE]") => events.push(("[DONE]", Value::Null)),
            Some(data) => events.push((name, serde_json::from_str(data).map_err(|e| format!("{e}: {data}"))?)),
            None => {}
        }
    }
    Ok(events)
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

/// Arguments as clients read them: JSON text.
pub fn arguments(value: &Value) -> Result<Value, String> {
    let text = value.as_str().ok_or("arguments are no string")?;
    serde_json::from_str(text).map_err(|e| format!("{e}: {text}"))
}
