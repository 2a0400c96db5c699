//! The rules of Google's `Schema`: the subset of OpenAPI 3.0 that `parameters` and `responseSchema` are written in.
//!
//! Its parser refuses every keyword that is no field of the message, as `additionalProperties`, `$schema` or `const`.

use super::door::Door;
use super::error::FIELD;
use crate::node::{Node, Problem, Step, Wrong};

const KEYWORDS: [&str; 22] = [
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "items",
    "maxItems",
    "minItems",
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "example",
    "anyOf",
    "propertyOrdering",
    "default",
];

/// What Vertex AI takes besides.
const MORE: [&str; 3] = ["additionalProperties", "ref", "defs"];

const TYPES: &[&str] = &[
    "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL", "string", "number", "integer", "boolean",
    "array", "object", "null",
];

/// Refuses what is no such schema.
pub(super) fn check(schema: &Node, door: Door) -> Result<(), Problem> {
    match door {
        Door::Gemini => schema.only(&KEYWORDS)?,
        Door::Vertex => schema.only(&[&KEYWORDS[..], &MORE[..]].concat())?,
    }
    plain(schema)?;
    schema.maybe("anyOf", |options| options.items()?.try_for_each(|option| check(&option, door)))?;
    schema.maybe("items", |items| check(items, door))?;
    for key in ["properties", "defs"] {
        let Some(map) = schema.get(key) else { continue };
        map.object()?;
        for name in map.value().as_object().into_iter().flatten().map(|(name, _)| name) {
            check(&map.need(name)?, door)?;
        }
    }
    let kind = schema.maybe("type", |kind| kind.word(TYPES))?.map(str::to_ascii_uppercase);
    match kind.as_deref() {
        None if ["anyOf", "ref"].iter().all(|key| schema.get(key).is_none()) => {
            let text = "must be specified when not using one_of, any_of or all_of fields";
            Err(missing(schema, "type", text))
        }
        Some("ARRAY") if schema.get("items").is_none() => Err(missing(schema, "items", "missing field.")),
        Some("OBJECT") => object(schema, door),
        _ => Ok(()),
    }
}

/// Checks the keywords that hold no schemas.
fn plain(schema: &Node) -> Result<(), Problem> {
    for key in ["format", "title", "description", "pattern", "ref"] {
        schema.maybe(key, |field| field.text())?;
    }
    schema.maybe("nullable", |field| field.flag())?;
    for key in ["minimum", "maximum"] {
        schema.maybe(key, |field| field.number(f64::MIN..=f64::MAX))?;
    }
    for key in ["maxItems", "minItems", "minProperties", "maxProperties", "minLength", "maxLength"] {
        // An int64, which JSON may carry as a text.
        let is_text = schema.get(key).and_then(|field| field.value().as_str()?.parse::<i64>().ok()).is_some();
        if !is_text {
            schema.maybe(key, |field| field.integer(0..=i64::MAX))?;
        }
    }
    for key in ["required", "propertyOrdering"] {
        schema.maybe(key, |names| names.items()?.try_for_each(|name| name.text().map(drop)))?;
    }
    let Some(values) = schema.get("enum") else { return Ok(()) };
    for value in values.items()? {
        if value.text()?.is_empty() {
            return Err(value.said("cannot be empty", FIELD));
        }
    }
    Ok(())
}

fn object(schema: &Node, door: Door) -> Result<(), Problem> {
    let properties = schema.get("properties").and_then(|properties| properties.value().as_object());
    if door == Door::Gemini && properties.is_none_or(|properties| properties.is_empty()) {
        return Err(missing(schema, "properties", "should be non-empty for OBJECT type"));
    }
    let Some(required) = schema.get("required") else { return Ok(()) };
    for name in required.items()? {
        let name_text = name.text()?;
        if !properties.is_some_and(|properties| properties.contains_key(name_text)) {
            return Err(name.said("property is not defined", FIELD));
        }
    }
    Ok(())
}

/// The problem that `key` is not there as it should be.
fn missing(schema: &Node, key: &str, text: &str) -> Problem {
    let mut problem = schema.fail(Wrong::Said { message: text.to_owned(), code: FIELD });
    problem.path.push(Step::Key(key.to_owned()));
    problem
}
