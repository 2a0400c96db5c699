//! Google's `Schema`, an OpenAPI 3.0 dialect with upper-case types, as JSON Schema.

use serde_json::{Map, Value, json};

/// Deeper ones are passed as they are: no model follows them.
const DEEPEST: usize = 64;

/// The same schema in JSON Schema's words. What already is JSON Schema stays.
pub fn json_schema(schema: &Value) -> Value {
    converted(schema, DEEPEST)
}

fn converted(schema: &Value, depth: usize) -> Value {
    let Value::Object(fields) = schema else { return schema.clone() };
    if depth == 0 {
        return schema.clone();
    }
    let inner = |value: &Value| converted(value, depth - 1);
    let mut out = Map::with_capacity(fields.len());
    for (name, value) in fields {
        let value = match (name.as_str(), value) {
            ("type", Value::String(word)) => json!(word.to_lowercase()),
            ("items" | "additionalProperties", value) => inner(value),
            ("anyOf" | "any_of", Value::Array(list)) => list.iter().map(inner).collect(),
            ("properties" | "$defs" | "defs", Value::Object(schemas)) => {
                Value::Object(schemas.iter().map(|(name, schema)| (name.clone(), inner(schema))).collect())
            }
            // Counts are 64-bit, which Google's JSON writes as strings.
            (_, Value::String(count)) if is_count(name) => {
                count.parse::<u64>().map_or_else(|_| json!(count), Value::from)
            }
            // Said of strings with an `enum`, and no format.
            ("format", Value::String(word)) if word == "enum" => continue,
            ("nullable" | "propertyOrdering" | "property_ordering", _) => continue,
            (_, value) => value.clone(),
        };
        out.insert(in_json_schema(name).to_owned(), value);
    }
    if fields.get("nullable") == Some(&Value::Bool(true)) {
        make_nullable(&mut out);
    }
    Value::Object(out)
}

fn is_count(name: &str) -> bool {
    matches!(
        in_json_schema(name),
        "minItems" | "maxItems" | "minLength" | "maxLength" | "minProperties" | "maxProperties"
    )
}

/// The name of a keyword; Google takes snake case too.
fn in_json_schema(name: &str) -> &str {
    match name {
        "any_of" => "anyOf",
        "min_items" => "minItems",
        "max_items" => "maxItems",
        "min_length" => "minLength",
        "max_length" => "maxLength",
        "min_properties" => "minProperties",
        "max_properties" => "maxProperties",
        "example" => "examples",
        "defs" => "$defs",
        "ref" => "$ref",
        name => name,
    }
}

fn make_nullable(schema: &mut Map<String, Value>) {
    if let Some(Value::String(word)) = schema.get("type") {
        let types = json!([word, "null"]);
        schema.insert("type".to_owned(), types);
        if let Some(Value::Array(words)) = schema.get_mut("enum") {
            words.push(Value::Null);
        }
    } else if let Some(Value::Array(list)) = schema.get_mut("anyOf") {
        list.push(json!({"type": "null"}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn googles_schema_says_the_same_in_json_schemas_words() {
        let schema = json!({
            "type": "OBJECT",
            "properties": {
                "type": {"type": "STRING", "format": "enum", "enum": ["a", "b"], "nullable": true},
                "tags": {"type": "ARRAY", "items": {"type": "INTEGER"}, "minItems": "1", "max_items": 3},
                "either": {"anyOf": [{"type": "NUMBER"}, {"type": "BOOLEAN"}], "nullable": true},
            },
            "required": ["type"],
            "propertyOrdering": ["type", "tags"],
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "type": {"type": ["string", "null"], "enum": ["a", "b", null]},
                "tags": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
                "either": {"anyOf": [{"type": "number"}, {"type": "boolean"}, {"type": "null"}]},
            },
            "required": ["type"],
        });
        assert_eq!(json_schema(&schema), expected);
        assert_eq!(json_schema(&expected), expected);
    }
}
