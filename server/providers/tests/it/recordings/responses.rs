//! Streams of the Responses API.

use super::decoded;

#[test]
fn text_with_logprobs_citation_and_search() {
    insta::assert_snapshot!(decoded("openai_responses/text.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: None }
    Text("Grüß")
    Logprobs(Object {"content": Array [Object {"token": String("Grüß"), "logprob": Number(-0.5), "bytes": Array [Number(71), Number(114), Number(195), Number(188), Number(195), Number(159)], "top_logprobs": Array []}], "refusal": Null})
    Text(" dich \"👋\"\n")
    Annotation(Object {"type": String("url_citation"), "url_citation": Object {"start_index": Number(0), "end_index": Number(4), "url": String("https://example.org"), "title": String("E")}})
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: Some("default") }
    Finish { reason: Stop, native: "completed", stop_sequence: None }
    Usage(Usage { prompt: 1117, completion: 46, cache_read: 1024, reasoning: 12, web_searches: 1 })
    end
    "#);
}

#[test]
fn reasoning_with_summaries_and_parallel_tools() {
    insta::assert_snapshot!(decoded("openai_responses/reasoning_and_tools.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: Some("flex") }
    Reasoning(ReasoningDelta { index: 0, kind: Summary("**Weather**"), id: Some("rs_1"), format: Some("openai-responses-v1") })
    Reasoning(ReasoningDelta { index: 0, kind: Summary(" in two cities."), id: Some("rs_1"), format: Some("openai-responses-v1") })
    Reasoning(ReasoningDelta { index: 1, kind: Summary("Then the time."), id: Some("rs_1"), format: Some("openai-responses-v1") })
    Reasoning(ReasoningDelta { index: 2, kind: Encrypted("gAAAAAB-full"), id: Some("rs_1"), format: Some("openai-responses-v1") })
    Text("Okay.")
    ToolCall { index: 0, id: "call_1", name: "get_weather" }
    ToolArguments { index: 0, delta: "{\"city\":" }
    ToolArguments { index: 0, delta: "\"Paris\"}" }
    ToolCall { index: 1, id: "call_2", name: "get_time" }
    ToolArguments { index: 1, delta: "{}" }
    Finish { reason: ToolCalls, native: "completed", stop_sequence: None }
    Usage(Usage { prompt: 328, completion: 120, cache_write: 256, reasoning: 64 })
    end
    "#);
}

#[test]
fn that_reach_the_limit_are_incomplete() {
    insta::assert_snapshot!(decoded("openai_responses/incomplete.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    Finish { reason: Length, native: "max_output_tokens", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 3 })
    end
    "#);
}

#[test]
fn refused_by_the_model() {
    insta::assert_snapshot!(decoded("openai_responses/refusal.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: None }
    Refusal("I cannot")
    Refusal(" help.")
    Finish { reason: Stop, native: "completed", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 5 })
    end
    "#);
}

#[test]
fn stopped_by_a_content_filter() {
    insta::assert_snapshot!(decoded("openai_responses/filtered.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    Finish { reason: ContentFilter, native: "content_filter", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 2 })
    end
    "#);
}

#[test]
fn that_failed() {
    insta::assert_snapshot!(decoded("openai_responses/failed.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    Usage(Usage { prompt: 10, completion: 2 })
    UpstreamError { kind: RateLimitExceeded, status: None, code: Some("rate_limit_exceeded"), message: "Rate limit reached for gpt-5.4.", retry_after: None }
    "#);
}

#[test]
fn error_midway() {
    insta::assert_snapshot!(decoded("openai_responses/error_midway.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: ProviderOverloaded, status: None, code: Some("server_error"), message: "The model is overloaded.", retry_after: None }
    "#);
}

#[test]
fn of_finished_items_only() {
    insta::assert_snapshot!(decoded("openai_responses/finished_items.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("Hm."), id: Some("rs_2"), format: Some("openai-responses-v1") })
    Text("See:")
    Annotation(Object {"type": String("url_citation"), "url_citation": Object {"start_index": Number(0), "end_index": Number(4), "url": String("https://example.org"), "title": String("E")}})
    Image(Data { media_type: "image/webp", data: "iVBORw0KGgo=" })
    ToolCall { index: 0, id: "call_1", name: "get_weather" }
    ToolArguments { index: 0, delta: "{\"city\":\"Paris\"}" }
    Finish { reason: ToolCalls, native: "completed", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 9, reasoning: 2 })
    end
    "#);
}

#[test]
fn in_one_piece_although_a_stream_was_asked_for() {
    insta::assert_snapshot!(decoded("openai_responses/one_piece.json"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: Some("default") }
    Reasoning(ReasoningDelta { index: 0, kind: Summary("**Weather** in two cities."), id: Some("rs_1"), format: Some("openai-responses-v1") })
    Reasoning(ReasoningDelta { index: 1, kind: Summary("Then the time."), id: Some("rs_1"), format: Some("openai-responses-v1") })
    Reasoning(ReasoningDelta { index: 2, kind: Encrypted("gAAAAAB-full"), id: Some("rs_1"), format: Some("openai-responses-v1") })
    Text("Hello")
    ToolCall { index: 0, id: "call_2", name: "get_time" }
    ToolArguments { index: 0, delta: "{}" }
    Finish { reason: ToolCalls, native: "completed", stop_sequence: None }
    Usage(Usage { prompt: 9, completion: 2 })
    end
    "#);
}
