//! The rules of OpenAI's strict mode for JSON schemas: closed objects, every property required.

use serde_json::{Map, Value};

/// What breaks the rules, in OpenAI's words, or `None`.
pub(super) fn violation(schema: &Value) -> Option<String> {
    walk(schema, &mut Vec::new())
}

fn walk<'v>(schema: &'v Value, context: &mut Vec<&'v str>) -> Option<String> {
    let rules = schema.as_object()?;
    let is_object = rules.get("type").is_some_and(|kind| kind == "object");
    if let Some(broken) = is_object.then(|| object(rules)).flatten() {
        return Some(format!("In context={}, {broken}", tuple(context)));
    }
    for branch in ["properties", "$defs", "definitions"] {
        for (name, inner) in rules.get(branch).and_then(Value::as_object).into_iter().flatten() {
            context.extend([branch, name.as_str()]);
            let found = walk(inner, context);
            context.truncate(context.len() - 2);
            if found.is_some() {
                return found;
            }
        }
    }
    for branch in ["items", "anyOf"] {
        let Some(inner) = rules.get(branch) else { continue };
        let inner = inner.as_array().map_or(std::slice::from_ref(inner), Vec::as_slice);
        context.push(branch);
        let found = inner.iter().find_map(|schema| walk(schema, context));
        context.pop();
        if found.is_some() {
            return found;
        }
    }
    None
}

fn object(rules: &Map<String, Value>) -> Option<String> {
    if rules.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Some("'additionalProperties' is required to be supplied and to be false.".to_owned());
    }
    let required = rules.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|required| required == name));
    let missing = rules.get("properties").and_then(Value::as_object)?.keys().find(|name| !is_required(name))?;
    let rule = "'required' is required to be supplied and to be an array including every key in properties.";
    Some(format!("{rule} Missing '{missing}'."))
}

/// A path as Python writes a tuple: `()`, `('items',)`, `('properties', 'city')`.
fn tuple(context: &[&str]) -> String {
    match context {
        [] => "()".to_owned(),
        [one] => format!("('{one}',)"),
        many => format!("('{}')", many.join("', '")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn open_objects_and_optional_properties_are_found_at_any_depth() {
        let closed = |inner: Value| json!({"type": "object", "properties": {"a": inner}, "required": ["a"], "additionalProperties": false});
        assert_eq!(violation(&closed(json!({"type": "string"}))), None);
        let open = violation(&closed(json!({"type": "object"}))).expect("an open object");
        assert!(open.starts_with("In context=('properties', 'a'), 'additionalProperties'"), "{open}");
        let optional = json!({"type": "object", "properties": {"b": {}}, "additionalProperties": false});
        let found = violation(&json!({"type": "array", "items": optional})).expect("an optional property");
        assert!(found.starts_with("In context=('items',)") && found.ends_with("Missing 'b'."), "{found}");
    }
}
