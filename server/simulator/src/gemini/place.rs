//! Where in a request something is wrong, as Google's JSON parser tells it (`tools[0].function_declarations[0].parameters.\
//! properties[1].value`) and as its validators do (`….parameters.properties[city]`).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::error::Envelope;
use crate::node::{Kind, Step};

/// Where Google keeps the messages of this API.
const PACKAGE: &str = "type.googleapis.com/google.ai.generativelanguage.v1beta";

/// Fields whose message is not called as they are.
const MESSAGES: [(&str, &str); 13] = [
    ("contents", "Content"),
    ("content", "Content"),
    ("systemInstruction", "Content"),
    ("parts", "Part"),
    ("tools", "Tool"),
    ("functionDeclarations", "FunctionDeclaration"),
    ("safetySettings", "SafetySetting"),
    ("inlineData", "Blob"),
    ("parameters", "Schema"),
    ("responseSchema", "Schema"),
    ("items", "Schema"),
    ("anyOf", "Schema"),
    ("mode", "FunctionCallingConfig.Mode"),
];

/// The place of a problem in a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub path: &'a [Step],
    pub body: &'a Value,
}

impl Place<'_> {
    /// The place as a validator writes it.
    pub fn validated(self) -> String {
        show(self.path, self.body, Style::Validator)
    }

    /// The value there, as JSON.
    pub fn value(self) -> String {
        let there = self.path.iter().try_fold(self.body, |value, step| within(value, step));
        there.map_or_else(|| "null".to_owned(), Value::to_string)
    }

    /// The full name of the message or enumeration that belongs there.
    pub fn message_type(self) -> String {
        message_type(self.path)
    }

    /// The parser does not want the last name of the path where it stands.
    pub fn unknown(self, reason: &str) -> Envelope {
        let (name, parent) = match self.path.split_last() {
            Some((Step::Key(name), parent)) => (name.as_str(), parent),
            _ => ("", self.path),
        };
        let field = show(parent, self.body, Style::Parser);
        let place = if field.is_empty() { String::new() } else { format!(" at '{field}'") };
        let message = format!("Invalid JSON payload received. Unknown name \"{name}\"{place}: {reason}");
        violation(&field, message)
    }

    /// The parser cannot make a `kind` of this value.
    pub fn invalid(self, kind: &str, value: &str) -> Envelope {
        self.complain(format!("({kind}), {value}"))
    }

    /// The parser complains about the value at this place.
    pub fn complain(self, what: String) -> Envelope {
        let field = show(self.path, self.body, Style::Parser);
        let message = format!("Invalid value at '{field}' {what}");
        violation(&field, message)
    }
}

fn violation(field: &str, message: String) -> Envelope {
    let mut violation = json!({ "description": message });
    if let Value::Object(fields) = &mut violation
        && !field.is_empty()
    {
        fields.shift_insert(0, "field".to_owned(), field.into());
    }
    Envelope::new(StatusCode::BAD_REQUEST, message).with("BadRequest", json!({ "fieldViolations": [violation] }))
}

/// The type's name in the parser's words.
pub(super) fn type_name(expected: Kind, path: &[Step]) -> String {
    match expected {
        Kind::String => "TYPE_STRING".to_owned(),
        Kind::Integer => "TYPE_INT32".to_owned(),
        Kind::Number => "TYPE_FLOAT".to_owned(),
        Kind::Boolean => "TYPE_BOOL".to_owned(),
        Kind::Object | Kind::Array | Kind::Content => message_type(path),
    }
}

fn message_type(path: &[Step]) -> String {
    let names = path.iter().rev().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) | Step::Variant(_) => None,
    });
    let Some(field) = names.into_iter().next() else { return format!("{PACKAGE}.GenerateContentRequest") };
    let listed = MESSAGES.iter().find(|(name, _)| *name == field).map(|(_, message)| (*message).to_owned());
    format!("{PACKAGE}.{}", listed.unwrap_or_else(|| capitalized(field)))
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Parser,
    Validator,
}

fn show(path: &[Step], body: &Value, style: Style) -> String {
    let mut text = String::new();
    let mut here = Some(body);
    let mut is_entry = false;
    for step in path {
        match step {
            Step::Key(key) if is_entry && style == Style::Validator => text.push_str(&format!("[{key}]")),
            Step::Key(key) if is_entry => {
                let keys = here.and_then(Value::as_object).map(|object| object.keys());
                let at = keys.and_then(|mut keys| keys.position(|known| known == key)).unwrap_or_default();
                text.push_str(&format!("[{at}].value"));
            }
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(&snake(key));
            }
            Step::Index(at) => text.push_str(&format!("[{at}]")),
            Step::Variant(_) => {}
        }
        is_entry = !is_entry && matches!(step, Step::Key(key) if key == "properties" || key == "defs");
        here = here.and_then(|value| within(value, step));
    }
    text
}

fn within<'v>(value: &'v Value, step: &Step) -> Option<&'v Value> {
    match step {
        Step::Key(key) => value.get(key),
        Step::Index(at) => value.get(at),
        Step::Variant(_) => Some(value),
    }
}

/// `functionDeclarations` as `function_declarations`.
fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_as_the_parser_and_as_the_validator_tell_it() {
        let properties = json!({ "a": {}, "city": { "properties": 1 } });
        let body = json!({ "functionDeclarations": [{ "parameters": { "properties": properties } }] });
        let key = |name: &str| Step::Key(name.to_owned());
        let path = [
            key("functionDeclarations"),
            Step::Index(0),
            key("parameters"),
            key("properties"),
            key("city"),
            key("minItems"),
        ];
        let shown = |style| show(&path, &body, style);
        assert_eq!(shown(Style::Parser), "function_declarations[0].parameters.properties[1].value.min_items");
        assert_eq!(shown(Style::Validator), "function_declarations[0].parameters.properties[city].min_items");
        let place = Place { path: &path[..5], body: &body };
        assert_eq!(place.value(), r#"{"properties":1}"#);
    }
}
