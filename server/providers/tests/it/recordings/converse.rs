//! Streams of Converse, in binary frames.

use super::decoded;

#[test]
fn text_with_disjoint_cache_counts_and_a_stop_sequence() {
    insta::assert_snapshot!(decoded("bedrock/text.events"), @r#"
    Start { upstream_id: None, upstream_model: None, system_fingerprint: None, service_tier: None }
    Text("Grüß")
    Text(" dich \"👋\"\n")
    Finish { reason: Stop, native: "stop_sequence", stop_sequence: Some("END") }
    Usage(Usage { prompt: 2325, completion: 15, cache_read: 2000, cache_write: 300, cache_write_1h: 200 })
    end
    "#);
}

#[test]
fn thinking_and_tools() {
    insta::assert_snapshot!(decoded("bedrock/thinking_and_tools.events"), @r#"
    Start { upstream_id: None, upstream_model: None, system_fingerprint: None, service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("The weather"), id: None, format: Some("bedrock-converse-v1") })
    Reasoning(ReasoningDelta { index: 0, kind: Text(" in two cities."), id: None, format: Some("bedrock-converse-v1") })
    Reasoning(ReasoningDelta { index: 0, kind: Signature("EqQBCgIYAhIM"), id: None, format: Some("bedrock-converse-v1") })
    Reasoning(ReasoningDelta { index: 1, kind: Encrypted("RW13S0FoZ0I="), id: None, format: Some("bedrock-converse-v1") })
    Text("Okay.")
    ToolCall { index: 0, id: "tooluse_a", name: "get_weather" }
    ToolArguments { index: 0, delta: "{\"city\": \"San" }
    ToolArguments { index: 0, delta: " Francisco\"}" }
    ToolCall { index: 1, id: "tooluse_b", name: "get_time" }
    ToolArguments { index: 1, delta: "{}" }
    Finish { reason: ToolCalls, native: "tool_use", stop_sequence: None }
    Usage(Usage { prompt: 472, completion: 89 })
    end
    "#);
}

#[test]
fn citation_picture_and_guardrail() {
    insta::assert_snapshot!(decoded("bedrock/citation_and_picture.events"), @r#"
    Start { upstream_id: None, upstream_model: None, system_fingerprint: None, service_tier: None }
    Text("So it is.")
    Annotation(Object {"type": String("url_citation"), "url_citation": Object {"url": String("https://example.org"), "title": String("T"), "content": String("so it is")}})
    Image(Data { media_type: "image/png", data: "iVBORw0KGgo=" })
    Finish { reason: ContentFilter, native: "guardrail_intervened", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 20 })
    end
    "#);
}

#[test]
fn answer_by_way_of_the_forced_tool() {
    insta::assert_snapshot!(decoded("bedrock/answer_tool.events"), @r#"
    Start { upstream_id: None, upstream_model: None, system_fingerprint: None, service_tier: None }
    Text("{\"age\":")
    Text(" 7}")
    Finish { reason: Stop, native: "tool_use", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 9 })
    end
    "#);
}

#[test]
fn exception_midway() {
    insta::assert_snapshot!(decoded("bedrock/exception_midway.events"), @r#"
    Start { upstream_id: None, upstream_model: None, system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: RateLimitExceeded, status: None, code: Some("throttlingException"), message: "Too many tokens, please wait before trying again.", retry_after: None }
    "#);
}

#[test]
fn error_midway() {
    insta::assert_snapshot!(decoded("bedrock/error_midway.events"), @r#"
    Start { upstream_id: None, upstream_model: None, system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: Server, status: None, code: Some("InternalServerException"), message: "The system encountered an unexpected error during processing.", retry_after: None }
    "#);
}

#[test]
fn in_one_piece_although_a_stream_was_asked_for() {
    insta::assert_snapshot!(decoded("bedrock/one_piece.json"), @r#"
    Start { upstream_id: None, upstream_model: None, system_fingerprint: None, service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("Hm."), id: None, format: Some("bedrock-converse-v1") })
    Reasoning(ReasoningDelta { index: 0, kind: Signature("c2ln"), id: None, format: Some("bedrock-converse-v1") })
    Text("Hello")
    ToolCall { index: 0, id: "tooluse_1", name: "f" }
    ToolArguments { index: 0, delta: "{\"a\":1}" }
    Finish { reason: ToolCalls, native: "tool_use", stop_sequence: None }
    Usage(Usage { prompt: 9, completion: 2 })
    end
    "#);
}
