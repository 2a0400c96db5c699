//! Streams of generateContent, and embeddings by either of its methods.

use super::decoded;

#[test]
fn text_with_details_of_usage() {
    insta::assert_snapshot!(decoded("gemini/text.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Text("Grüß")
    Logprobs(Object {"content": Array [Object {"token": String("Grüß"), "logprob": Number(-0.5), "bytes": Array [Number(71), Number(114), Number(195), Number(188), Number(195), Number(159)], "top_logprobs": Array [Object {"token": String("Grüß"), "logprob": Number(-0.5), "bytes": Array [Number(71), Number(114), Number(195), Number(188), Number(195), Number(159)]}, Object {"token": String("Hi"), "logprob": Number(-1.5), "bytes": Array [Number(72), Number(105)]}]}], "refusal": Null})
    Text(" dich \"👋\"\n")
    Finish { reason: Stop, native: "STOP", stop_sequence: None }
    Usage(Usage { prompt: 1117, completion: 46, cache_read: 1024, audio_in: 100, audio_cache_read: 40, reasoning: 12 })
    end
    "#);
}

#[test]
fn thoughts_and_parallel_calls_with_a_signature() {
    insta::assert_snapshot!(decoded("gemini/thinking_and_tools.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("**Two cities**\n\n"), id: None, format: Some("google-gemini-v1") })
    Reasoning(ReasoningDelta { index: 0, kind: Text("I ask for both."), id: None, format: Some("google-gemini-v1") })
    Reasoning(ReasoningDelta { index: 1, kind: Encrypted("U2lnMQ=="), id: Some("call_resp-1_0_0"), format: Some("google-gemini-v1") })
    ToolCall { index: 0, id: "call_resp-1_0_0", name: "get_weather" }
    ToolArguments { index: 0, delta: "{\"city\": \"Paris\"}" }
    ToolCall { index: 1, id: "fc_2", name: "get_time" }
    ToolArguments { index: 1, delta: "{}" }
    Finish { reason: ToolCalls, native: "STOP", stop_sequence: None }
    Usage(Usage { prompt: 85, completion: 70, reasoning: 40 })
    end
    "#);
}

#[test]
fn signatures_on_thought_and_text() {
    insta::assert_snapshot!(decoded("gemini/signed_text.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Reasoning(ReasoningDelta { index: 0, kind: Text("Hm."), id: None, format: Some("google-gemini-v1") })
    Reasoning(ReasoningDelta { index: 0, kind: Signature("VGhvdWdodA=="), id: None, format: Some("google-gemini-v1") })
    Text("Half an")
    Reasoning(ReasoningDelta { index: 1, kind: Encrypted("QW5zd2Vy"), id: None, format: Some("google-gemini-v1") })
    Finish { reason: Length, native: "MAX_TOKENS", stop_sequence: None }
    Usage(Usage { prompt: 9, completion: 3, reasoning: 1 })
    end
    "#);
}

#[test]
fn picture_and_speech() {
    insta::assert_snapshot!(decoded("gemini/picture_and_speech.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Text("Here:")
    Reasoning(ReasoningDelta { index: 0, kind: Encrypted("UGlj"), id: Some("image-0"), format: Some("google-gemini-v1") })
    Image(Data { media_type: "image/png", data: "aVZCT1I=" })
    Audio(AudioDelta { id: None, data: Some("AAEC"), transcript: None, expires_at: None })
    Finish { reason: Stop, native: "STOP", stop_sequence: None }
    Usage(Usage { prompt: 5, completion: 1300, audio_out: 6, image_out: 1290 })
    end
    "#);
}

#[test]
fn grounded_and_stopped_by_a_filter() {
    insta::assert_snapshot!(decoded("gemini/grounded_and_stopped.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Text("So it is.")
    Annotation(Object {"type": String("url_citation"), "url_citation": Object {"url": String("https://example.org/a"), "title": String("A")}})
    Annotation(Object {"type": String("url_citation"), "url_citation": Object {"url": String("https://example.org/b"), "title": Null}})
    Refusal("The answer was stopped by a filter.")
    Finish { reason: ContentFilter, native: "SAFETY", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 4, web_searches: 2 })
    end
    "#);
}

#[test]
fn candidates_become_choices() {
    insta::assert_snapshot!(decoded("gemini/choices.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Text("Yes")
    Choice(1)
    Text("No")
    Choice(0)
    Text("!")
    Choice(1)
    ToolCall { index: 0, id: "call_resp-1_1_0", name: "f" }
    ToolArguments { index: 0, delta: "{\"a\": [1,2]}" }
    Choice(0)
    Finish { reason: Stop, native: "STOP", stop_sequence: None }
    Choice(1)
    Finish { reason: ToolCalls, native: "STOP", stop_sequence: None }
    Usage(Usage { prompt: 4, completion: 6 })
    end
    "#);
}

#[test]
fn answer_by_way_of_the_forced_tool() {
    insta::assert_snapshot!(decoded("gemini/answer_tool.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Text("{\"age\": 7}")
    Finish { reason: Stop, native: "STOP", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 9 })
    end
    "#);
}

#[test]
fn blocked_prompt_is_an_answer_stopped_by_a_filter() {
    insta::assert_snapshot!(decoded("gemini/blocked_prompt.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Finish { reason: ContentFilter, native: "PROHIBITED_CONTENT", stop_sequence: None }
    Usage(Usage { prompt: 8 })
    end
    "#);
}

#[test]
fn error_midway() {
    insta::assert_snapshot!(decoded("gemini/error_midway.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: ProviderOverloaded, status: Some(503), code: Some("UNAVAILABLE"), message: "The model is overloaded. Please try again later.", retry_after: Some(2.5s) }
    "#);
}

#[test]
fn in_one_piece_or_as_a_list_although_a_stream_was_asked_for() {
    insta::assert_snapshot!(decoded("gemini/one_piece.json"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Text("Hello")
    ToolCall { index: 0, id: "c1", name: "f" }
    ToolArguments { index: 0, delta: "{\n                \"a\": 1\n              }" }
    Finish { reason: ToolCalls, native: "STOP", stop_sequence: None }
    Usage(Usage { prompt: 9, completion: 2 })
    end
    "#);
    insta::assert_snapshot!(decoded("gemini/list.json"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Text("Hel")
    Text("lo")
    Finish { reason: Error, native: "MALFORMED_FUNCTION_CALL", stop_sequence: None }
    Usage(Usage { prompt: 9, completion: 2 })
    end
    "#);
}

#[test]
fn embeddings_of_both_google_methods() {
    insta::assert_snapshot!(decoded("gemini/embeddings.json"), @r#"
    Start { upstream_id: None, upstream_model: None, system_fingerprint: None, service_tier: None }
    Embedding { index: 0, vector: [0.5, -0.25] }
    Embedding { index: 1, vector: [1.0, 0.0] }
    Finish { reason: Stop, native: "stop", stop_sequence: None }
    Usage(Usage { prompt: 7 })
    end
    "#);
    assert_eq!(decoded("gemini/embeddings_predicted.json"), decoded("gemini/embeddings.json"));
}
