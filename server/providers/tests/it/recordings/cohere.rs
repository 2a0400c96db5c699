//! Streams of Cohere's chat.

use super::decoded;

#[test]
fn text_with_logprobs_and_billed_units() {
    insta::assert_snapshot!(decoded("cohere/text.sse"), @r#"
    Start { upstream_id: Some("29f14a5a-11de-4cae-9800-25e4747408ea"), upstream_model: None, system_fingerprint: None, service_tier: None }
    Text("LLMs")
    Logprobs(Object {"content": Array [Object {"token": String("LLMs"), "logprob": Number(-0.75), "bytes": Array [Number(76), Number(76), Number(77), Number(115)], "top_logprobs": Array []}], "refusal": Null})
    Text(" are")
    Finish { reason: Length, native: "MAX_TOKENS", stop_sequence: None }
    Usage(Usage { prompt: 3, completion: 4, cache_read: 2 })
    end
    "#);
}

#[test]
fn thoughts_a_tool_plan_and_parallel_tools() {
    insta::assert_snapshot!(decoded("cohere/thinking_and_tools.sse"), @r#"
    Start { upstream_id: Some("c14c80c3"), upstream_model: None, system_fingerprint: None, service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("Two cities"), id: None, format: None })
    Reasoning(ReasoningDelta { index: 1, kind: Text("I will"), id: Some("tool_plan"), format: None })
    Reasoning(ReasoningDelta { index: 1, kind: Text(" look"), id: Some("tool_plan"), format: None })
    ToolCall { index: 0, id: "look_1", name: "look" }
    ToolArguments { index: 0, delta: "{\"city\":" }
    ToolArguments { index: 0, delta: "\"Oslo\"}" }
    ToolCall { index: 1, id: "look_2", name: "look" }
    ToolArguments { index: 1, delta: "{}" }
    Finish { reason: ToolCalls, native: "TOOL_CALL", stop_sequence: None }
    Usage(Usage { prompt: 25, completion: 40 })
    end
    "#);
}

#[test]
fn cites_what_has_an_address() {
    insta::assert_snapshot!(decoded("cohere/citations.sse"), @r#"
    Start { upstream_id: Some("c15"), upstream_model: None, system_fingerprint: None, service_tier: None }
    Text("Emperor")
    Annotation(Object {"type": String("url_citation"), "url_citation": Object {"url": String("https://example.org/penguins"), "title": String("Tall penguins"), "start_index": Number(0), "end_index": Number(7)}})
    Finish { reason: Stop, native: "COMPLETE", stop_sequence: None }
    Usage(Usage { prompt: 12, completion: 1 })
    end
    "#);
}

#[test]
fn in_one_piece_although_a_stream_was_asked_for() {
    insta::assert_snapshot!(decoded("cohere/one_piece.json"), @r#"
    Start { upstream_id: Some("c16"), upstream_model: None, system_fingerprint: None, service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("I will look"), id: Some("tool_plan"), format: None })
    Reasoning(ReasoningDelta { index: 1, kind: Text("Hm"), id: None, format: None })
    Text("Hello")
    ToolCall { index: 0, id: "look_1", name: "look" }
    ToolArguments { index: 0, delta: "{\"a\":1}" }
    Finish { reason: ToolCalls, native: "TOOL_CALL", stop_sequence: None }
    Usage(Usage { prompt: 9, completion: 2 })
    end
    "#);
}

#[test]
fn gives_up_midway() {
    insta::assert_snapshot!(decoded("cohere/gives_up.sse"), @r#"
    Start { upstream_id: Some("c17"), upstream_model: None, system_fingerprint: None, service_tier: None }
    Text("Half")
    UpstreamError { kind: Server, status: None, code: Some("ERROR"), message: "internal server error", retry_after: None }
    "#);
}
