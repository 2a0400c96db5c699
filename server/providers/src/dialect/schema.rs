//! Brings a JSON Schema into the form that structured outputs take: closed objects, and no constraints on values.

use serde_json::{Map, Value, json};

/// Constraints that the grammar cannot hold. They are told to the model in the description instead.
const TOLD: [&str; 12] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "pattern",
];

/// The same schema, closed, with unsupported constraints turned into words.
pub fn strict(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => Value::Object(strict_object(fields)),
        other => other.clone(),
    }
}

fn strict_object(fields: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::with_capacity(fields.len() + 1);
    let mut told = Vec::new();
    for (name, value) in fields {
        match name.as_str() {
            "properties" | "$defs" | "definitions" => out.insert(name.clone(), each(value)),
            "items" | "not" => out.insert(name.clone(), strict(value)),
            "anyOf" | "allOf" => out.insert(name.clone(), list(value)),
            // The grammar knows no "exactly one".
            "oneOf" => out.insert("anyOf".to_owned(), list(value)),
            "minItems" if value.as_u64() > Some(1) => {
                told.push(format!("{name}: {value}"));
                None
            }
            _ if TOLD.contains(&name.as_str()) => {
                told.push(format!("{name}: {value}"));
                None
            }
            _ => out.insert(name.clone(), value.clone()),
        };
    }
    if fields.get("type").is_some_and(|t| t == "object") || fields.contains_key("properties") {
        out.insert("additionalProperties".to_owned(), json!(false));
    }
    if !told.is_empty() {
        let told = format!("({})", told.join(", "));
        let description = match fields.get("description").and_then(Value::as_str) {
            Some(words) => format!("{words} {told}"),
            None => told,
        };
        out.insert("description".to_owned(), json!(description));
    }
    out
}

fn each(schemas: &Value) -> Value {
    match schemas {
        Value::Object(schemas) => {
            Value::Object(schemas.iter().map(|(name, schema)| (name.clone(), strict(schema))).collect())
        }
        other => other.clone(),
    }
}

fn list(schemas: &Value) -> Value {
    match schemas {
        Value::Array(schemas) => Value::Array(schemas.iter().map(strict).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_closed_at_every_depth_and_constraints_become_words() {
        let schema = json!({
            "type": "object",
            "properties": {
                "age": {"type": "integer", "description": "Years", "minimum": 0, "maximum": 150},
                "tags": {"type": "array", "items": {"type": "object", "properties": {"minimum": {"type": "string"}}}, "minItems": 1},
            },
            "oneOf": [{"type": "object"}, {"type": "null"}],
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "age": {"type": "integer", "description": "Years (minimum: 0, maximum: 150)"},
                "tags": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"minimum": {"type": "string"}}, "additionalProperties": false},
                    "minItems": 1,
                },
            },
            "anyOf": [{"type": "object", "additionalProperties": false}, {"type": "null"}],
            "additionalProperties": false,
        });
        assert_eq!(strict(&schema), expected);
    }
}
