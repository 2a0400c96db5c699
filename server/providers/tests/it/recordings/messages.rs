//! Streams of Messages.

use super::decoded;

#[test]
fn text_with_disjoint_cache_counts_added_up() {
    insta::assert_snapshot!(decoded("anthropic/text.sse"), @r#"
    Start { upstream_id: Some("msg_1"), upstream_model: Some("claude-sonnet-4-5-20250929"), system_fingerprint: None, service_tier: Some("standard") }
    Text("Hello")
    Text(" ünï!")
    Finish { reason: Stop, native: "end_turn", stop_sequence: None }
    Usage(Usage { prompt: 2325, completion: 15, cache_read: 2000, cache_write: 300, cache_write_1h: 200 })
    end
    "#);
}

#[test]
fn thinking_with_signature_and_parallel_tools() {
    insta::assert_snapshot!(decoded("anthropic/thinking_and_tools.sse"), @r#"
    Start { upstream_id: Some("msg_2"), upstream_model: Some("claude-opus-4-5"), system_fingerprint: None, service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("The weather"), id: None, format: Some("anthropic-claude-v1") })
    Reasoning(ReasoningDelta { index: 0, kind: Text(" in two cities."), id: None, format: Some("anthropic-claude-v1") })
    Reasoning(ReasoningDelta { index: 0, kind: Signature("EqQBCgIYAhIM1gbcDa9GJwZA2b3h"), id: None, format: Some("anthropic-claude-v1") })
    Reasoning(ReasoningDelta { index: 1, kind: Encrypted("EmwKAhgBEgy3va3pzix"), id: None, format: Some("anthropic-claude-v1") })
    Text("Okay.")
    ToolCall { index: 0, id: "toolu_1", name: "get_weather" }
    ToolArguments { index: 0, delta: "{\"city\": \"San" }
    ToolArguments { index: 0, delta: " Francisco\"}" }
    ToolCall { index: 1, id: "toolu_2", name: "get_time" }
    ToolArguments { index: 1, delta: "{}" }
    Finish { reason: ToolCalls, native: "tool_use", stop_sequence: None }
    Usage(Usage { prompt: 472, completion: 89, reasoning: 40 })
    end
    "#);
}

#[test]
fn web_search_with_citation_and_refusal() {
    insta::assert_snapshot!(decoded("anthropic/web_search.sse"), @r#"
    Start { upstream_id: Some("msg_3"), upstream_model: Some("m"), system_fingerprint: None, service_tier: None }
    Annotation(Object {"type": String("url_citation"), "url_citation": Object {"url": String("https://example.org"), "title": String("T"), "content": String("so it is")}})
    Text("So it is.")
    Refusal("I cannot go on.")
    Finish { reason: ContentFilter, native: "refusal", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 20, web_searches: 1 })
    end
    "#);
}

#[test]
fn answer_by_way_of_the_forced_tool() {
    insta::assert_snapshot!(decoded("anthropic/answer_tool.sse"), @r#"
    Start { upstream_id: Some("msg_4"), upstream_model: Some("m"), system_fingerprint: None, service_tier: None }
    Text("{\"age\":")
    Text(" 7}")
    Finish { reason: Stop, native: "tool_use", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 9 })
    end
    "#);
}

#[test]
fn error_midway() {
    insta::assert_snapshot!(decoded("anthropic/error_midway.sse"), @r#"
    Start { upstream_id: Some("msg_5"), upstream_model: Some("m"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: ProviderOverloaded, status: None, code: Some("overloaded_error"), message: "Overloaded", retry_after: None }
    "#);
}

#[test]
fn in_one_piece_although_a_stream_was_asked_for() {
    insta::assert_snapshot!(decoded("anthropic/one_piece.json"), @r#"
    Start { upstream_id: Some("msg_6"), upstream_model: Some("m"), system_fingerprint: None, service_tier: None }
    Text("Hello")
    ToolCall { index: 0, id: "toolu_1", name: "f" }
    ToolArguments { index: 0, delta: "{\"a\":1}" }
    Finish { reason: ToolCalls, native: "tool_use", stop_sequence: None }
    Usage(Usage { prompt: 9, completion: 2 })
    end
    "#);
}
