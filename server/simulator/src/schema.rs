//! Makes a value that satisfies a JSON schema: the arguments of a tool call, the body of a structured answer.
//!
//! Understood: `const`, `enum`, `type` (also a list), `properties`, `required`, `additionalProperties`, `items`, `prefixItems`,
//! `minItems`, `maxItems`, `uniqueItems`, lengths, bounds, `multipleOf`, the common `format`s, `anyOf`, `oneOf`, `allOf` and local
//! `$ref`; types in capitals too, as Google writes them. Not understood: `pattern`, `not`, `if`, `dependentSchemas`.

use serde_json::{Map, Number, Value};

/// Below this depth optional properties and items are left out, so that a schema that refers to itself comes to an end.
const FULL_DEPTH: usize = 4;

/// At this depth a schema that demands itself for ever is given up.
const MAX_DEPTH: usize = 24;

/// Most values made for one schema, whatever its `minItems` say.
const MAX_VALUES: usize = 10_000;

/// The schema that allows everything.
static ANYTHING: Value = Value::Bool(true);

/// A value that satisfies `schema`, always the same for the same schema.
pub(crate) fn instance(schema: &Value) -> Value {
    Maker { root: schema, values: 0 }.make(schema, "value", 0, 0)
}

struct Maker<'a> {
    root: &'a Value,
    values: usize,
}

impl<'a> Maker<'a> {
    /// `name` flavours strings; `nth` tells siblings in an array apart.
    fn make(&mut self, schema: &Value, name: &str, nth: usize, depth: usize) -> Value {
        self.values += 1;
        let Value::Object(rules) = schema else { return Value::from("anything") };
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            return Value::Null;
        }
        if let Some(value) = rules.get("const") {
            return value.clone();
        }
        if let Some(Value::Array(values)) = rules.get("enum") {
            return values.get(nth % values.len().max(1)).cloned().unwrap_or(Value::Null);
        }
        if let Some(target) = rules.get("$ref").and_then(Value::as_str).and_then(|path| self.resolve(path)) {
            return self.make(target, name, nth, depth + 1);
        }
        if let Some(Value::Array(all)) = rules.get("allOf") {
            let merged = self.merge(rules, all);
            return self.make(&merged, name, nth, depth + 1);
        }
        if let Some(Value::Array(options)) = rules.get("anyOf").or_else(|| rules.get("oneOf")) {
            return options.iter().find(|s| prefers(s, depth)).or(options.first()).map_or(Value::Null, |option| {
                let merged = self.merge(rules, std::slice::from_ref(option));
                self.make(&merged, name, nth, depth + 1)
            });
        }
        match kind(rules).to_ascii_lowercase().as_str() {
            "object" => self.object(rules, depth),
            "array" => self.array(rules, name, depth),
            "integer" => integer(rules, nth),
            "number" => number(rules, nth),
            "boolean" => Value::Bool(nth.is_multiple_of(2)),
            "null" => Value::Null,
            _ => Value::String(string(rules, name, nth)),
        }
    }

    fn resolve(&self, path: &str) -> Option<&'a Value> {
        self.root.pointer(path.strip_prefix('#')?)
    }

    /// One schema that asks what `base` (without its combinators) and all `others` ask; for the same rule the last word counts.
    fn merge(&self, base: &Map<String, Value>, others: &[Value]) -> Value {
        let mut merged = base.clone();
        for combinator in ["allOf", "anyOf", "oneOf"] {
            merged.remove(combinator);
        }
        for other in others {
            let target = other.get("$ref").and_then(Value::as_str).and_then(|path| self.resolve(path));
            for (rule, value) in target.unwrap_or(other).as_object().into_iter().flatten() {
                match (merged.get_mut(rule), value.clone()) {
                    (Some(Value::Object(mine)), Value::Object(theirs)) if rule == "properties" => mine.extend(theirs),
                    (Some(Value::Array(mine)), Value::Array(theirs)) if rule == "required" => mine.extend(theirs),
                    (_, value) => drop(merged.insert(rule.clone(), value)),
                }
            }
        }
        Value::Object(merged)
    }

    fn object(&mut self, rules: &Map<String, Value>, depth: usize) -> Value {
        let required: Vec<&str> =
            rules.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let mut object = Map::new();
        for (name, schema) in rules.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if depth < FULL_DEPTH || required.contains(&name.as_str()) {
                object.insert(name.clone(), self.make(schema, name, 0, depth + 1));
            }
        }
        let other = rules.get("additionalProperties").unwrap_or(&ANYTHING);
        for name in required {
            if !object.contains_key(name) {
                object.insert(name.to_owned(), self.make(other, name, 0, depth + 1));
            }
        }
        Value::Object(object)
    }

    fn array(&mut self, rules: &Map<String, Value>, name: &str, depth: usize) -> Value {
        let bound = |rule| rules.get(rule).and_then(Value::as_u64).map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let first = rules.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let wanted = if depth < FULL_DEPTH { first.len().max(1) } else { 0 };
        let length = wanted.max(bound("minItems").unwrap_or(0)).min(bound("maxItems").unwrap_or(usize::MAX));
        let rest = rules.get("items").unwrap_or(&ANYTHING);
        let mut items = Vec::new();
        for nth in 0..length {
            if self.values > MAX_VALUES {
                break;
            }
            items.push(self.make(first.get(nth).unwrap_or(rest), name, nth, depth + 1));
        }
        Value::Array(items)
    }
}

/// Whether this option of an `anyOf` is the one to take: a value while there is room, an end to the recursion after that.
fn prefers(schema: &Value, depth: usize) -> bool {
    let is_null = schema.get("type").is_some_and(|kind| kind == "null");
    is_null == (depth >= FULL_DEPTH)
}

fn kind(rules: &Map<String, Value>) -> &str {
    match rules.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if rules.contains_key("properties") || rules.contains_key("required") => "object",
        _ if rules.contains_key("items") || rules.contains_key("prefixItems") => "array",
        _ if ["minimum", "maximum", "multipleOf"].iter().any(|rule| rules.contains_key(*rule)) => "number",
        _ => "string",
    }
}

fn bound(rules: &Map<String, Value>, rule: &str) -> Option<f64> {
    rules.get(rule).and_then(Value::as_f64)
}

fn integer(rules: &Map<String, Value>, nth: usize) -> Value {
    let low = bound(rules, "minimum").map(f64::ceil).or(bound(rules, "exclusiveMinimum").map(|n| n.floor() + 1.0));
    let high = bound(rules, "maximum").map(f64::floor).or(bound(rules, "exclusiveMaximum").map(|n| n.ceil() - 1.0));
    let step = bound(rules, "multipleOf").filter(|step| *step > 0.0).unwrap_or(1.0);
    let start = low.unwrap_or_else(|| high.map_or(1.0, |high| high.min(1.0)));
    let aligned = (start / step).ceil() * step + nth as f64 * step;
    let value = if high.is_some_and(|high| aligned > high) { start } else { aligned };
    Value::from(value as i64)
}

fn number(rules: &Map<String, Value>, nth: usize) -> Value {
    let low = bound(rules, "minimum").or(bound(rules, "exclusiveMinimum"));
    let high = bound(rules, "maximum").or(bound(rules, "exclusiveMaximum"));
    let middle = match (low, high) {
        (Some(low), Some(high)) => low + (high - low) / (2.0 + nth as f64),
        (Some(low), None) => low + 1.0 + nth as f64,
        (None, Some(high)) => high - 1.0 - nth as f64,
        (None, None) => 1.5 + nth as f64,
    };
    let value = match bound(rules, "multipleOf").filter(|step| *step > 0.0) {
        Some(step) => (middle / step).floor() * step,
        None => middle,
    };
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn string(rules: &Map<String, Value>, name: &str, nth: usize) -> String {
    match rules.get("format").and_then(Value::as_str) {
        Some("date-time") => return format!("2025-01-01T00:00:{:02}Z", nth % 60),
        Some("date") => return format!("2025-01-{:02}", nth % 28 + 1),
        Some("time") => return format!("12:00:{:02}Z", nth % 60),
        Some("duration") => return format!("PT{}M", nth + 1),
        Some("email") => return format!("user{nth}@example.com"),
        Some("uri" | "url") => return format!("https://example.com/{nth}"),
        Some("hostname") => return format!("host{nth}.example.com"),
        Some("uuid") => return format!("01890000-0000-7000-8000-{nth:012}"),
        Some("ipv4") => return format!("192.0.2.{}", nth % 254 + 1),
        Some("ipv6") => return format!("2001:db8::{:x}", nth % 65_535 + 1),
        _ => {}
    }
    let mut text = if nth == 0 { format!("some {name}") } else { format!("some {name} {nth}") };
    let length = |rule| bound(rules, rule).map(|n| n as usize);
    let padding = length("minLength").unwrap_or(0).min(MAX_VALUES).saturating_sub(text.chars().count());
    text.extend(std::iter::repeat_n('x', padding));
    if let Some((end, _)) = length("maxLength").and_then(|max| text.char_indices().nth(max)) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(schema: Value, expect: Value) {
        assert_eq!(instance(&schema), expect);
    }

    #[test]
    fn objects_have_all_their_properties_in_order() {
        check(
            json!({"type": "object", "properties": {"city": {"type": "string"}, "unit": {"enum": ["c", "f"]},
                   "days": {"type": "integer", "minimum": 3}, "exact": {"type": "boolean"}}, "required": ["city", "by"]}),
            json!({"city": "some city", "unit": "c", "days": 3, "exact": true, "by": "anything"}),
        );
    }

    #[test]
    fn bounds_are_kept() {
        check(json!({"type": "integer", "exclusiveMinimum": 10, "multipleOf": 4}), json!(12));
        check(json!({"type": "integer", "maximum": -5}), json!(-5));
        check(json!({"type": "number", "minimum": 0, "maximum": 1}), json!(0.5));
        check(json!({"type": "string", "maxLength": 4}), json!("some"));
        check(json!({"type": "string", "minLength": 12}), json!("some valuexx"));
        check(json!({"type": "array", "items": {"type": "integer"}, "minItems": 3}), json!([1, 2, 3]));
        check(
            json!({"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2, "uniqueItems": true}),
            json!(["a", "b"]),
        );
    }

    #[test]
    fn combinators_references_and_nullable_types_are_followed() {
        check(
            json!({"$defs": {"p": {"type": "object", "properties": {"x": {"const": 7}}}}, "allOf": [{"$ref": "#/$defs/p"},
                   {"properties": {"y": {"type": ["null", "integer"]}}}]}),
            json!({"x": 7, "y": 1}),
        );
        check(json!({"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]}), json!("2025-01-01"));
    }

    #[test]
    fn a_schema_that_refers_to_itself_comes_to_an_end() {
        let list = json!({"type": "object", "required": ["next"], "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}});
        assert!(instance(&list).to_string().ends_with("{\"next\":null}}}"), "{}", instance(&list));
        instance(&json!({"$ref": "#"}));
        instance(&json!({"type": "array", "minItems": 1_000_000_000_000_u64}));
        instance(&json!({"type": "array", "minItems": 1000, "items": {"$ref": "#"}}));
    }
}
