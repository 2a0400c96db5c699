//! Bodies of Anthropic's Messages API.

use canon::request::ReasoningDetailKind;
use canon::{CacheControl, CacheTtl, Message, Part, Request, ResponseFormat, Source, ToolChoice};
use gateway::GatewayError;
use gateway::call::{Call, Origin};
use gateway::surfaces::messages::parse::parse;
use serde_json::{Value, json};

fn with(extra: Value) -> Value {
    let mut body = json!({"model": "acme/talker", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body
}

fn call(body: &Value) -> Call {
    parse(body.to_string().as_bytes(), Origin::default()).unwrap().0
}

fn request(extra: Value) -> Request {
    call(&with(extra)).task.as_chat().unwrap().clone()
}

fn user(blocks: Value) -> Value {
    json!({"messages": [{"role": "user", "content": blocks}]})
}

fn assistant(blocks: Value) -> Value {
    json!({"messages": [{"role": "assistant", "content": blocks}]})
}

#[track_caller]
fn refuses(extra: Value, field: &str, part: &str) {
    match parse(with(extra).to_string().as_bytes(), Origin::default()) {
        Err(GatewayError::Invalid { field: at, message }) => {
            assert_eq!(at.as_deref(), Some(field), "{message}");
            assert!(message.contains(part), "{message}");
        }
        other => panic!("{field}: {other:?}"),
    }
}

#[test]
fn wrong_fields_are_named_with_their_paths() {
    refuses(json!({"model": null}), "model", "is missing");
    refuses(json!({"model": 5}), "model", "expected a string");
    refuses(json!({"messages": null}), "messages", "is missing");
    refuses(json!({"messages": []}), "messages", "is empty");
    refuses(json!({"messages": [{"role": "tool", "content": "x"}]}), "messages[0].role", "unknown variant `tool`");
    refuses(json!({"messages": [{"role": "user"}]}), "messages[0].content", "is missing");
    refuses(json!({"messages": [{"role": "user", "content": 5}]}), "messages[0].content", "a string or a list");
    refuses(json!({"system": [{"type": "image"}]}), "system[0].type", "expected \"text\"");
    refuses(json!({"system": 1}), "system", "a string or a list");
    refuses(json!({"max_tokens": 0}), "max_tokens", "0 is given");
    refuses(json!({"max_tokens": "many"}), "max_tokens", "expected a JSON number");
    refuses(json!({"temperature": 3}), "temperature", "from 0 to 2");
    refuses(json!({"top_p": 1.5}), "top_p", "from 0 to 1");
    refuses(json!({"top_k": -1}), "top_k", "0 or more");
    refuses(json!({"stop_sequences": "END"}), "stop_sequences", "expected a sequence");
    refuses(json!({"stop_sequences": ["a", 1]}), "stop_sequences[1]", "expected a string");
    refuses(json!({"stream": "yes"}), "stream", "expected a boolean");
    refuses(json!({"metadata": {"user_id": 7}}), "metadata.user_id", "expected a string");
    refuses(json!({"service_tier": "gold"}), "service_tier", "unknown variant `gold`");
    refuses(json!({"speed": "slow"}), "speed", "unknown variant `slow`");
    refuses(json!({"cache_control": {"ttl": "1d"}}), "cache_control.ttl", "unknown variant `1d`");
    refuses(json!({"session_id": "x".repeat(257)}), "session_id", "257 characters");
    refuses(json!({"provider": {"order": "acme"}}), "provider.order", "expected a sequence");
}

#[test]
fn wrong_blocks_are_named_with_their_paths() {
    let at = |rest: &str| format!("messages[0].content[0].{rest}");
    refuses(user(json!([{"text": "x"}])), "messages[0].content[0]", "missing field `type`");
    refuses(user(json!([{"type": "text"}])), &at("text"), "is missing");
    refuses(user(json!([{"type": "text", "text": 1}])), &at("text"), "expected a string");
    refuses(user(json!([{"type": "thinking", "thinking": "x"}])), &at("type"), "only the assistant");
    refuses(user(json!([{"type": "tool_use"}])), &at("type"), "only the assistant");
    refuses(assistant(json!([{"type": "tool_result"}])), &at("type"), "only the user");
    refuses(assistant(json!([{"type": "tool_use", "id": "a", "name": "f"}])), &at("input"), "is missing");
    refuses(assistant(json!([{"type": "tool_use", "id": "a", "name": "f", "input": "{}"}])), &at("input"), "an object");
    refuses(assistant(json!([{"type": "tool_use", "name": "f", "input": {}}])), &at("id"), "is missing");
    refuses(user(json!([{"type": "tool_result"}])), &at("tool_use_id"), "is missing");
    refuses(
        user(json!([{"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text"}]}])),
        &at("content[0].text"),
        "is missing",
    );
    refuses(
        user(json!([{"type": "tool_result", "tool_use_id": "a", "is_error": "no"}])),
        &at("is_error"),
        "expected a boolean",
    );
    refuses(user(json!([{"type": "image"}])), &at("source"), "is missing");
    refuses(user(json!([{"type": "image", "source": "a.png"}])), &at("source"), "expected an object");
    refuses(
        user(json!([{"type": "image", "source": {"type": "file", "file_id": "f"}}])),
        &at("source.type"),
        "\"file\"",
    );
    refuses(
        user(json!([{"type": "image", "source": {"type": "base64", "data": "AA"}}])),
        &at("source.media_type"),
        "image/png",
    );
    refuses(
        user(json!([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "ä"}}])),
        &at("source.data"),
        "not base64",
    );
    refuses(
        user(json!([{"type": "image", "source": {"type": "url", "url": "ftp://x"}}])),
        &at("source.url"),
        "http(s)",
    );
    refuses(
        user(json!([{"type": "image", "source": {"type": "url", "url": 5}}])),
        &at("source.url"),
        "expected a string",
    );
    refuses(user(json!([{"type": "document", "source": {"type": "text"}}])), &at("source.data"), "is missing");
    refuses(
        user(json!([{"type": "document", "source": {"type": "content", "content": [{"type": "poem"}]}}])),
        &at("source.content[0].type"),
        "\"poem\"",
    );
    refuses(user(json!([{"type": "search_result", "source": {"type": "url"}}])), &at("source"), "expected a string");
    refuses(assistant(json!([{"type": "server_tool_use", "id": "a"}])), &at("type"), "server_tool_use");
    refuses(
        user(json!([{"type": "text", "text": "x", "cache_control": {"ttl": 5}}])),
        &at("cache_control.ttl"),
        "wrong type",
    );
}

#[test]
fn tools_thinking_and_fallbacks_are_checked() {
    let schema = json!({"type": "object"});
    refuses(json!({"tools": [{"name": "f"}]}), "tools[0].input_schema", "JSON Schema");
    refuses(json!({"tools": [{"name": "f", "input_schema": []}]}), "tools[0].input_schema", "JSON Schema");
    refuses(json!({"tools": [{"input_schema": schema}]}), "tools[0].name", "is missing");
    refuses(
        json!({"tools": [{"name": "f", "input_schema": schema, "strict": 1}]}),
        "tools[0].strict",
        "expected a boolean",
    );
    let own = |kind: &str| json!({"tools": [{"name": "f", "input_schema": schema}, {"type": kind, "name": "x"}]});
    for kind in ["web_search_20250305", "bash_20250124", "code_execution_20250825", "text_editor_20250728"] {
        refuses(own(kind), "tools[1].type", kind);
    }
    let many: Vec<Value> = (0..1025).map(|i| json!({"name": format!("f{i}"), "input_schema": schema})).collect();
    refuses(json!({"tools": many}), "tools", "1025 given, at most 1024");
    refuses(json!({"tool_choice": {"type": "must"}}), "tool_choice.type", "unknown variant `must`");
    refuses(json!({"tool_choice": {"type": "tool"}}), "tool_choice.name", "is missing");
    refuses(json!({"tool_choice": {"type": "tool", "name": "g"}}), "tool_choice.name", "not one of the tools");
    refuses(json!({"thinking": {"type": "enabled"}}), "thinking.budget_tokens", "is missing");
    refuses(json!({"thinking": {"type": "enabled", "budget_tokens": 1000}}), "thinking.budget_tokens", "1024 or more");
    refuses(json!({"thinking": {"type": "hard"}}), "thinking.type", "unknown variant `hard`");
    refuses(json!({"thinking": {"type": "adaptive", "display": "all"}}), "thinking.display", "unknown variant `all`");
    refuses(json!({"output_config": {"effort": "enormous"}}), "output_config.effort", "expected one of");
    refuses(
        json!({"output_config": {"format": {"type": "xml", "schema": {}}}}),
        "output_config.format.type",
        "unknown variant `xml`",
    );
    refuses(
        json!({"output_config": {"format": {"type": "json_schema"}}}),
        "output_config.format",
        "missing field `schema`",
    );
    let other = |n: usize| vec![json!({"model": "acme/seer"}); n];
    refuses(json!({"fallbacks": other(4)}), "fallbacks", "4 given, at most 3");
    refuses(json!({"fallbacks": other(1), "models": ["b/two"]}), "fallbacks", "not both");
    refuses(json!({"thread": {"type": "create"}}), "thread", "without thread");
    refuses(json!({"fallbacks": [{}]}), "fallbacks[0]", "missing field `model`");
}

#[test]
fn broken_bodies_are_refused_as_in_every_surface() {
    for body in [&b"{"[..], b"", b"[]", b"\xff{}", b"{} {}"] {
        assert!(matches!(parse(body, Origin::default()), Err(GatewayError::Invalid { .. })), "{body:?}");
    }
}

#[test]
fn fallbacks_and_models_are_tried_after_the_model() {
    let fallbacks = json!({"fallbacks": [{"model": "acme/seer"}, {"model": "acme/talker"}], "stream": true});
    let call = call(&with(fallbacks));
    assert_eq!(call.models, ["acme/talker", "acme/seer"]);
    assert_eq!((call.surface, call.stream), ("messages", true));
}

#[test]
fn settings_are_understood() {
    let all = request(json!({
        "system": "Be brief.", "stop_sequences": ["END"], "temperature": 0.5, "top_k": 4, "top_p": 0.9,
        "metadata": {"user_id": "u1"}, "service_tier": "standard_only", "cache_control": {"type": "ephemeral", "ttl": "1h"},
        "tools": [{"type": "custom", "name": "f", "description": "d", "input_schema": {"type": "object"}, "strict": true,
            "cache_control": {"type": "ephemeral"}, "eager_input_streaming": true}],
        "tool_choice": {"type": "any", "disable_parallel_tool_use": true},
        "thinking": {"type": "enabled", "budget_tokens": 2048},
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
        "context_management": {"edits": []}, "container": null,
    }));
    assert!(matches!(&all.messages[0], Message::System { parts, .. } if parts.len() == 1));
    assert_eq!((all.max_tokens, all.stop), (Some(100), vec!["END".to_owned()]));
    assert_eq!((all.user.as_deref(), all.service_tier.as_deref()), (Some("u1"), Some("default")));
    assert_eq!(all.cache_control, Some(CacheControl { ttl: CacheTtl::OneHour }));
    assert_eq!(all.tools[0].cache_control, Some(CacheControl { ttl: CacheTtl::FiveMinutes }));
    assert_eq!((all.tools[0].strict, all.parallel_tool_calls), (Some(true), Some(false)));
    assert_eq!(all.tool_choice, Some(ToolChoice::Required));
    let reasoning = all.reasoning.unwrap();
    assert_eq!((reasoning.max_tokens, reasoning.effort), (Some(2048), None));
    assert_eq!(all.verbosity.as_deref(), Some("low"));
    assert!(matches!(all.response_format, Some(ResponseFormat::JsonSchema(_))));
}

#[test]
fn effort_is_of_the_thoughts_where_the_model_thinks_as_it_likes() {
    let adaptive = request(json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}));
    assert_eq!(adaptive.reasoning.unwrap().effort.as_deref(), Some("max"));
    assert_eq!(adaptive.verbosity, None);
    let off = request(json!({"thinking": {"type": "disabled"}}));
    assert!(off.reasoning.unwrap().is_off());
    let silent = request(json!({"output_config": {"effort": "low"}}));
    assert_eq!((silent.reasoning, silent.verbosity.as_deref()), (None, Some("low")));
}

#[test]
fn a_turn_with_tool_results_becomes_tool_messages_and_what_the_user_adds() {
    let mark = json!({"type": "ephemeral"});
    let messages = request(json!({"messages": [
        {"role": "user", "content": "look"},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Hm", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "ZGF0YQ=="},
            {"type": "text", "text": "I look."},
            {"type": "tool_use", "id": "t1", "name": "look", "input": {"b": 1, "a": [2.0]}, "cache_control": mark, "caller": {"type": "direct"}},
        ]},
        {"role": "user", "content": [
            {"type": "text", "text": "Quick!"},
            {"type": "tool_result", "tool_use_id": "t1", "is_error": true, "cache_control": mark, "content": [
                {"type": "text", "text": "seen"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
            ]},
            {"type": "tool_result", "tool_use_id": "t2", "cache_control": mark},
        ]},
    ]})).messages;
    assert_eq!(messages.len(), 5);
    let Message::Assistant { parts, reasoning, tool_calls, .. } = &messages[1] else { panic!("{messages:?}") };
    assert_eq!(parts.len(), 1);
    let expected = ReasoningDetailKind::Text { text: Some("Hm".to_owned()), signature: Some("c2ln".to_owned()) };
    assert_eq!((reasoning.len(), &reasoning[0].kind), (2, &expected));
    assert!(reasoning.iter().all(|detail| detail.format.as_deref() == Some("anthropic-claude-v1")));
    assert_eq!(tool_calls[0].arguments, r#"{"b":1,"a":[2.0]}"#);
    assert!(tool_calls[0].cache_control.is_some());
    let Message::Tool { tool_call_id, parts, is_error: true } = &messages[2] else { panic!("{messages:?}") };
    assert_eq!(tool_call_id, "t1");
    assert!(matches!(&parts[0], Part::Text { cache_control: None, .. }));
    assert!(matches!(&parts[1], Part::Image { cache_control: Some(_), .. }));
    assert!(
        matches!(&messages[3], Message::Tool { parts, is_error: false, .. } if matches!(&parts[0], Part::Text { text, cache_control: Some(_) } if text.is_empty()))
    );
    assert!(matches!(&messages[4], Message::User { .. }));
}

#[test]
fn arguments_keep_their_letters() {
    let body = r#"{"model": "a/b", "messages": [{"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"z": 1.50,  "a": "\u00e4"}}]}]}"#;
    let (call, _) = parse(body.as_bytes(), Origin::default()).unwrap();
    let Message::Assistant { tool_calls, .. } = &call.task.as_chat().unwrap().messages[0] else { panic!() };
    assert_eq!(tool_calls[0].arguments, r#"{"z": 1.50,  "a": "\u00e4"}"#);
}

#[test]
fn documents_of_every_kind_are_read() {
    let messages = request(user(json!([
        {"type": "document", "title": "A", "context": "from 1999", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}},
        {"type": "document", "source": {"type": "url", "url": "https://x.example/a.pdf"}, "cache_control": {"type": "ephemeral"}},
        {"type": "document", "title": "T", "source": {"type": "text", "media_type": "text/plain", "data": "words"}},
        {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "one"}]}, "citations": {"enabled": true}},
        {"type": "search_result", "title": "S", "source": "https://s.example", "content": [{"type": "text", "text": "found"}]},
        {"type": "image", "source": {"type": "url", "url": "https://x.example/a.png"}},
    ])))
    .messages;
    let Message::User { parts, .. } = &messages[0] else { panic!("{messages:?}") };
    let told: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Part::Text { text, .. } => text.clone(),
            Part::File { filename, source: Source::Data { media_type, .. }, .. } => {
                format!("{filename:?} {media_type}")
            }
            Part::File { source: Source::Url(url), cache_control, .. } => format!("{url} {}", cache_control.is_some()),
            Part::Image { source: Source::Url(url), .. } => url.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        "from 1999",
        "Some(\"A\") application/pdf",
        "https://x.example/a.pdf true",
        "<document title=\"T\">\nwords\n</document>",
        "one",
        "S\nhttps://s.example",
        "found",
        "https://x.example/a.png",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_thought_without_a_signature_is_of_unknown_origin() {
    let messages = request(assistant(json!([{"type": "thinking", "thinking": "Hm", "signature": ""}]))).messages;
    let Message::Assistant { reasoning, .. } = &messages[0] else { panic!("{messages:?}") };
    assert_eq!(reasoning[0].format, None);
    assert!(matches!(&reasoning[0].kind, ReasoningDetailKind::Text { signature: None, .. }));
}
