//! Streams of Chat Completions, and how hosts deviate from them.

use super::decoded;

#[test]
fn text_with_usage_in_a_chunk_of_its_own() {
    insta::assert_snapshot!(decoded("openai_chat/text.sse"), @r#"
    Start { upstream_id: Some("chatcmpl-123"), upstream_model: Some("gpt-4o-mini-2024-07-18"), system_fingerprint: Some("fp_44709d6fcb"), service_tier: Some("default") }
    Text("Grüß")
    Logprobs(Object {"content": Array [Object {"token": String("Grüß"), "logprob": Number(-0.5), "bytes": Null, "top_logprobs": Array []}], "refusal": Null})
    Text(" dich \"👋\"\n")
    Finish { reason: Stop, native: "stop", stop_sequence: None }
    Usage(Usage { prompt: 1117, completion: 46, cache_read: 1024, reasoning: 12 })
    end
    "#);
}

#[test]
fn parallel_tool_calls() {
    insta::assert_snapshot!(decoded("openai_chat/tools.sse"), @r#"
    Start { upstream_id: Some("chatcmpl-9"), upstream_model: Some("gpt-4o"), system_fingerprint: None, service_tier: None }
    ToolCall { index: 0, id: "call_a", name: "get_weather" }
    ToolArguments { index: 0, delta: "{\"city\":" }
    ToolArguments { index: 0, delta: "\"Paris\"}" }
    ToolCall { index: 1, id: "call_b", name: "get_time" }
    ToolArguments { index: 1, delta: "{}" }
    Finish { reason: ToolCalls, native: "tool_calls", stop_sequence: None }
    Usage(Usage { prompt: 80, completion: 30 })
    end
    "#);
}

#[test]
fn reasoning_content() {
    insta::assert_snapshot!(decoded("openai_chat/reasoning_content.sse"), @r#"
    Start { upstream_id: Some("a1"), upstream_model: Some("deepseek-reasoner"), system_fingerprint: Some("fp_1"), service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("9.11 or"), id: None, format: None })
    Reasoning(ReasoningDelta { index: 0, kind: Text(" 9.8?"), id: None, format: None })
    Text("9.8")
    Finish { reason: Stop, native: "stop", stop_sequence: None }
    Usage(Usage { prompt: 14, completion: 40, cache_read: 8, reasoning: 35 })
    end
    "#);
}

#[test]
fn azure_tells_its_verdict_before_the_answer_and_beside_it() {
    insta::assert_snapshot!(decoded("openai_chat/azure.sse"), @r#"
    Start { upstream_id: Some("chatcmpl-A1"), upstream_model: Some("gpt-x-2026-01-01"), system_fingerprint: Some("fp_1"), service_tier: None }
    Text("Hi")
    Finish { reason: Stop, native: "stop", stop_sequence: None }
    Usage(Usage { prompt: 1200, completion: 12, cache_read: 1024, audio_in: 100, audio_cache_read: 60, accepted_prediction: 3, rejected_prediction: 2 })
    end
    "#);
}

#[test]
fn thoughts_between_tags_are_thoughts_and_citations_are_counted_apart() {
    insta::assert_snapshot!(decoded("openai_chat/think_tags.sse"), @r#"
    Start { upstream_id: Some("p1"), upstream_model: Some("sonar-deep-research"), system_fingerprint: None, service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("\nI look"), id: None, format: None })
    Reasoning(ReasoningDelta { index: 0, kind: Text(" it up."), id: None, format: None })
    Text("For")
    Text("ty-two.")
    Finish { reason: Stop, native: "stop", stop_sequence: None }
    Usage(Usage { prompt: 7, completion: 960, reasoning: 900, citations: 500, web_searches: 3 })
    end
    "#);
}

#[test]
fn deviations_of_hosts() {
    insta::assert_snapshot!(decoded("openai_chat/deviations.sse"), @r#"
    Start { upstream_id: None, upstream_model: Some("m"), system_fingerprint: None, service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("hm"), id: None, format: None })
    Text("ok")
    ToolCall { index: 0, id: "call_0_0", name: "f" }
    ToolArguments { index: 0, delta: "{\"a\":1}" }
    ToolCall { index: 1, id: "call_0_1", name: "g" }
    ToolArguments { index: 1, delta: "{\"b\"" }
    ToolArguments { index: 1, delta: ":2}" }
    Finish { reason: ToolCalls, native: "stop", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 8, reasoning: 3 })
    end
    "#);
}

#[test]
fn reasoning_details() {
    insta::assert_snapshot!(decoded("openai_chat/reasoning_details.sse"), @r#"
    Start { upstream_id: Some("gen-1"), upstream_model: Some("m"), system_fingerprint: None, service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("Let me"), id: None, format: Some("anthropic-claude-v1") })
    Reasoning(ReasoningDelta { index: 0, kind: Signature("c2ln"), id: None, format: Some("anthropic-claude-v1") })
    Reasoning(ReasoningDelta { index: 1, kind: Encrypted("ZW5j"), id: Some("rs_1"), format: Some("openai-responses-v1") })
    Text("Hi")
    Annotation(Object {"type": String("url_citation"), "url_citation": Object {"url": String("https://example.org"), "title": String("E"), "start_index": Number(0), "end_index": Number(2)}})
    Finish { reason: Length, native: "max_tokens", stop_sequence: None }
    Usage(Usage { prompt: 20, completion: 9, cache_write: 16, reasoning: 4 })
    end
    "#);
}

#[test]
fn error_midway() {
    insta::assert_snapshot!(decoded("openai_chat/error_midway.sse"), @r#"
    Start { upstream_id: Some("c"), upstream_model: Some("m"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: ProviderOverloaded, status: Some(503), code: Some("server_error"), message: "The server is overloaded or not ready yet.", retry_after: None }
    "#);
}

#[test]
fn in_one_piece_although_a_stream_was_asked_for() {
    insta::assert_snapshot!(decoded("openai_chat/one_piece.json"), @r#"
    Start { upstream_id: Some("chatcmpl-5"), upstream_model: Some("m"), system_fingerprint: None, service_tier: None }
    Text("Hello")
    ToolCall { index: 0, id: "call_1", name: "f" }
    ToolArguments { index: 0, delta: "{}" }
    Finish { reason: ToolCalls, native: "tool_calls", stop_sequence: None }
    Usage(Usage { prompt: 9, completion: 2 })
    end
    "#);
}
