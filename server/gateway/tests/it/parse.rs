use canon::{Message, Part, ResponseFormat, Source, ToolChoice};
use gateway::GatewayError;
use gateway::call::Origin;
use gateway::surfaces::chat::parse::parse;
use serde_json::json;

fn error(body: &[u8]) -> (Option<String>, String) {
    match parse(body, Origin::default()) {
        Err(GatewayError::Invalid { field, message }) => (field, message),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refuses(body: serde_json::Value, field: &str, part: &str) {
    let (at, message) = error(body.to_string().as_bytes());
    assert_eq!(at.as_deref(), Some(field), "{message}");
    assert!(message.contains(part), "{message}");
}

const HI: &str = r#"[{"role":"user","content":"hi"}]"#;

fn with(extra: serde_json::Value) -> serde_json::Value {
    let mut body = json!({"model": "acme/talker", "messages": serde_json::from_str::<serde_json::Value>(HI).unwrap()});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body
}

#[test]
fn what_is_not_json_is_told_so_with_its_place() {
    assert!(error(b"{").1.starts_with("The request body is not JSON: EOF"));
    assert!(error(b"").1.contains("not JSON"));
    assert!(error(b"{} {}").1.contains("trailing characters"));
    assert!(error(b"\xff{}").1.contains("not UTF-8"));
    assert!(error(&[b"[".repeat(100_000), b"]".repeat(100_000)].concat()).1.len() < 300);
}

#[test]
fn wrong_fields_are_named() {
    refuses(json!({"messages": []}), "model", "is missing");
    refuses(json!({"model": "acme/talker"}), "messages", "is missing");
    refuses(json!({"model": "acme/talker", "messages": []}), "messages", "is empty");
    refuses(json!({"model": 5, "messages": []}), "model", "expected a string");
    refuses(with(json!({"max_tokens": -1})), "max_tokens", "-1 is given");
    refuses(with(json!({"max_tokens": 1.5})), "max_tokens", "whole number");
    refuses(with(json!({"max_completion_tokens": 0})), "max_completion_tokens", "0 is given");
    refuses(with(json!({"temperature": 3})), "temperature", "from 0 to 2");
    refuses(with(json!({"temperature": "hot"})), "temperature", "expected");
    refuses(with(json!({"stream": "yes"})), "stream", "expected a boolean");
    refuses(with(json!({"n": 0})), "n", "from 1 to 128");
    refuses(with(json!({"stop": 5})), "stop", "a string or a list of strings");
    refuses(with(json!({"reasoning": {"effort": "enormous"}})), "reasoning.effort", "expected one of");
    refuses(with(json!({"reasoning": {"effort": "low", "max_tokens": 5}})), "reasoning", "not both");
    refuses(with(json!({"provider": {"order": "acme"}})), "provider.order", "expected a sequence");
    refuses(with(json!({"provider": {"max_price": {"prompt": -1}}})), "provider.max_price.prompt", "0 or more");
    refuses(
        with(json!({"messages": [{"role": "wizard", "content": "hi"}]})),
        "messages[0].role",
        "unknown variant `wizard`",
    );
    refuses(
        with(
            json!({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "ftp://x"}}]}]}),
        ),
        "messages[0].content",
        "http(s) URL",
    );
    refuses(
        with(
            json!({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,ä"}}]}]}),
        ),
        "messages[0].content",
        "not base64",
    );
}

#[test]
fn ten_thousand_tools_are_too_many() {
    let tools: Vec<_> =
        (0..10_000).map(|i| json!({"type": "function", "function": {"name": format!("f{i}")}})).collect();
    refuses(with(json!({"tools": tools})), "tools", "10000 given, at most 1024");
}

#[test]
fn a_request_as_openais_client_sends_it_is_understood() {
    let body = with(json!({
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
        ],
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}],
        "tool_choice": {"type": "function", "function": {"name": "look"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}},
        "max_completion_tokens": 7, "stop": "END", "stream": true, "some_new_field": 1,
    }));
    let call = parse(body.to_string().as_bytes(), Origin::default()).unwrap();
    assert!(call.stream);
    let request = call.task.as_chat().unwrap();
    assert_eq!(request.max_tokens, Some(7));
    assert_eq!(request.stop, ["END"]);
    assert_eq!(request.tool_choice, Some(ToolChoice::Function("look".to_owned())));
    assert!(matches!(request.response_format, Some(ResponseFormat::JsonSchema(_))));
    let Message::User { parts, .. } = &request.messages[1] else { panic!("{:?}", request.messages) };
    assert!(
        matches!(&parts[1], Part::Image { source: Source::Data { media_type, .. }, .. } if media_type == "image/png")
    );
}

#[test]
fn models_are_tried_in_the_order_given_and_once() {
    let call =
        parse(with(json!({"models": ["B/one", "acme/talker", "c/two"]})).to_string().as_bytes(), Origin::default())
            .unwrap();
    assert_eq!(call.models, ["acme/talker", "b/one", "c/two"]);
}
