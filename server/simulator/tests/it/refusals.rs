//! Requests that a provider refuses, with the words it refuses them in.

use serde_json::{Value, json};
use simulator::Config;

use crate::client::{Sim, say, with};

fn messages(messages: Value) -> Value {
    with(say("m", ""), json!({ "messages": messages }))
}

fn user(content: Value) -> Value {
    messages(json!([{"role": "user", "content": content}]))
}

#[tokio::test]
async fn openai_says_what_is_wrong_and_where() {
    let sim = Sim::start().await;
    let image = |url: &str| user(json!([{"type": "image_url", "image_url": {"url": url}}]));
    let plain = |fields| with(say("m", "hi"), fields);
    let call = json!({"role": "assistant", "tool_calls": [{"id": "c1", "type": "function",
        "function": {"name": "f", "arguments": "{}"}}]});
    let tool = |name: &str| json!({"tools": [{"type": "function", "function": {"name": name}}]});
    let cases = [
        (plain(json!({"foo": 1})), "Unrecognized request argument supplied: foo"),
        (json!({"messages": []}), "you must provide a model parameter"),
        (json!({"model": "m"}), "Missing required parameter: 'messages'."),
        (messages(json!([])), "Invalid 'messages': empty array."),
        (messages(json!("hi")), "Invalid type for 'messages': expected an array, but got a string instead."),
        (
            messages(json!([{"role": "robot", "content": "hi"}])),
            "Invalid value: 'robot'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.",
        ),
        (
            user(json!(5)),
            "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.",
        ),
        (user(json!([{"type": "text", "text": "a", "x": 1}])), "Unknown parameter: 'messages[0].content[0].x'."),
        (
            plain(json!({"temperature": 3})),
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
        ),
        (plain(json!({"max_tokens": 0})), "Invalid 'max_tokens': integer below minimum value."),
        (plain(json!({"max_tokens": -5})), "Expected a value >= 1, but got -5 instead."),
        (
            plain(json!({"max_completion_tokens": 4})),
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time",
        ),
        (
            plain(json!({"stream_options": {}})),
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        ),
        (plain(json!({"tool_choice": "auto"})), "'tool_choice' is only allowed when 'tools' are specified."),
        (plain(tool("get weather")), "Invalid 'tools[0].function.name': string does not match pattern."),
        (plain(json!({"stop": ["a", "b", "c", "d", "e"]})), "Invalid 'stop': array too long."),
        (plain(json!({"tools": vec![tool("f")["tools"][0].clone(); 129]})), "Invalid 'tools': array too long."),
        (
            plain(json!({"response_format": {"type": "json_object"}})),
            "'messages' must contain the word 'json' in some form",
        ),
        (
            plain(json!({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "strict": true,
                "schema": {"type": "object", "properties": {}}}}})),
            "Invalid schema for response_format 'x': In context=(), 'additionalProperties' is required",
        ),
        (image("nonsense"), "Expected a valid URL"),
        (image("data:image/png;base64,***"), "not valid base64"),
        (image("data:image/tiff;base64,aW1n"), "unsupported MIME type 'image/tiff'"),
        (
            messages(json!([{"role": "user", "content": "x"}, {"role": "tool", "tool_call_id": "c9", "content": "y"}])),
            "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'",
        ),
        (
            messages(json!([{"role": "user", "content": "x"}, call, {"role": "user", "content": "y"}])),
            "The following tool_call_ids did not have response messages: c1",
        ),
        (
            messages(json!([{"role": "assistant", "content": null}])),
            "Invalid value for 'content': expected a string, got null.",
        ),
        (say("m?speed=9", "hi"), "simulator: unknown knob `speed`"),
        (say("m?fault=boom", "hi"), "simulator: `boom` is not a fault"),
    ];
    for (body, expected) in cases {
        let reply = sim.openai(&[], body.clone()).await;
        assert_eq!(reply.status, 400, "{body}");
        let error = &reply.json()["error"];
        assert!(error["message"].as_str().unwrap().contains(expected), "{error} should say {expected}");
        assert_eq!(error["type"], "invalid_request_error");
        assert!(error.get("param").is_some() && error.get("code").is_some());
    }
}

#[tokio::test]
async fn anthropic_says_what_is_wrong_and_where() {
    let sim = Sim::start().await;
    let plain = |fields| with(say("m", "hi"), fields);
    let call = json!({"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "f", "input": {}}]});
    let image = |source: Value| user(json!([{"type": "image", "source": source}]));
    let marked = json!({"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}});
    let cases = [
        (plain(json!({"foo": 1})), "foo: Extra inputs are not permitted"),
        (plain(json!({"max_tokens": null})), "max_tokens: Field required"),
        (plain(json!({"max_tokens": 0})), "max_tokens: Input should be greater than or equal to 1"),
        (plain(json!({"temperature": 1.5})), "temperature: Input should be less than or equal to 1"),
        (messages(json!([])), "messages: at least one message is required"),
        (messages(json!([{"role": "system", "content": "x"}])), "messages: Unexpected role \"system\"."),
        (
            messages(json!([{"role": "robot", "content": "x"}])),
            "messages.0.role: Input should be 'user' or 'assistant'",
        ),
        (user(json!("")), "messages.0: all messages must have non-empty content"),
        (user(json!([{"type": "text", "text": ""}])), "text content blocks must be non-empty"),
        (user(json!([{"type": "text"}])), "messages.0.content.0.text.text: Field required"),
        (
            user(json!([{"type": "text", "text": "a", "x": 1}])),
            "messages.0.content.0.text.x: Extra inputs are not permitted",
        ),
        (user(json!([{"type": "video"}])), "messages.0.content.0: Input tag 'video' found using 'type' does not match"),
        (
            image(json!({"type": "base64", "media_type": "image/tiff", "data": "aW1n"})),
            "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
        ),
        (
            image(json!({"type": "base64", "media_type": "image/png", "data": "**"})),
            "image.source.base64: invalid base64 data",
        ),
        (
            user(json!([{"type": "tool_result", "tool_use_id": "c9", "content": "x"}])),
            "unexpected `tool_use_id` found in `tool_result` blocks: c9.",
        ),
        (
            messages(json!([{"role": "user", "content": "x"}, call, {"role": "user", "content": "y"}])),
            "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: c1.",
        ),
        (plain(json!({"tool_choice": {"type": "any"}})), "tool_choice may only be specified while providing tools"),
        (plain(json!({"tools": [{"name": "f"}]})), "tools.0.custom.input_schema: Field required"),
        (
            plain(json!({"thinking": {"type": "enabled", "budget_tokens": 10}})),
            "thinking.enabled.budget_tokens: Input should be greater",
        ),
        (
            plain(json!({"thinking": {"type": "enabled", "budget_tokens": 9000}})),
            "`max_tokens` must be greater than `thinking.budget_tokens`",
        ),
        (
            plain(json!({"thinking": {"type": "enabled", "budget_tokens": 1024}, "temperature": 0.5})),
            "`temperature` may only be set to 1 when thinking is enabled.",
        ),
        (plain(json!({"stop_sequences": [" "]})), "stop_sequences: each stop sequence must contain non-whitespace"),
        (
            user(json!([marked, marked, marked, marked, marked])),
            "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        ),
    ];
    for (body, expected) in cases {
        let reply = sim.anthropic(&[], body.clone()).await;
        assert_eq!(reply.status, 400, "{body}");
        let error = reply.json();
        assert_eq!((&error["type"], &error["error"]["type"]), (&json!("error"), &json!("invalid_request_error")));
        assert!(error["error"]["message"].as_str().unwrap().contains(expected), "{error} should say {expected}");
    }
}

#[tokio::test]
async fn what_is_no_request_at_all_is_refused_in_the_dialects_envelope() {
    let sim = Sim::with(Config { max_body: 1000, api_key: Some("k".into()), ..Config::default() }).await;
    let openai = "/openai/v1/chat/completions";
    let bearer = [("authorization", "Bearer k")];
    let status = async |path: &str, headers: &[(&str, &str)], body: &[u8]| {
        let reply = sim.request("POST", path, headers, body).await.unwrap();
        assert!(reply.json()["error"]["message"].is_string());
        reply.status
    };
    for body in [&b"{"[..], b"", b"\"\xff\"", b"[]", b"null"] {
        assert_eq!(status(openai, &bearer, body).await, 400);
    }
    assert_eq!(status(openai, &bearer, &[b' '; 2000]).await, 413);
    assert_eq!(status(openai, &[], b"{}").await, 401);
    assert_eq!(status(openai, &[("authorization", "Bearer x")], b"{}").await, 401);
    assert_eq!(status("/openai/v1/nothing", &bearer, b"{}").await, 404);
    let versioned = [("x-api-key", "k"), ("anthropic-version", "2023-06-01")];
    assert_eq!(status("/anthropic/v1/messages", &versioned, b"{").await, 400);
    assert_eq!(status("/anthropic/v1/messages", &versioned[..1], b"{}").await, 400);
    assert_eq!(status("/anthropic/v1/messages", &versioned, &[b' '; 2000]).await, 413);
    assert_eq!(status("/anthropic/v1/messages", &versioned[1..], b"{}").await, 401);
    let get = sim.request("GET", openai, &bearer, b"").await.unwrap();
    assert_eq!((get.status, &get.json()["error"]["code"]), (405, &json!("method_not_supported")));
}

#[tokio::test]
async fn the_newer_anthropic_version_takes_no_sampling_parameters() {
    let sim = Sim::start().await;
    let cited = user(json!([{"type": "text", "text": "a", "citations": []}]));
    for (body, expected) in [
        (with(say("m", "hi"), json!({"temperature": 0.5})), "temperature: Extra inputs are not permitted"),
        (cited, "messages.0.content.0.text.citations: Extra inputs are not permitted"),
    ] {
        assert_eq!(sim.anthropic(&[], body.clone()).await.status, 200);
        let newer = [("anthropic-version", "2026-10-21")];
        let path = "/anthropic/v1/messages";
        let reply = sim.request("POST", path, &newer, body.to_string().as_bytes()).await.unwrap();
        assert_eq!((reply.status, &reply.json()["error"]["message"]), (400, &json!(expected)));
    }
    let older = [("anthropic-version", "2023-01-01")];
    assert_eq!(sim.request("POST", "/anthropic/v1/messages", &older, b"{}").await.unwrap().status, 400);
}
