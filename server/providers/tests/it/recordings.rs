//! Answers shaped after the providers' documentation, and the events they mean.
//!
//! Each file under `tests/recordings` names its source in its first line.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::Path;

use canon::{Event, Fold, TaskKind, UpstreamError};
use providers::catalog::Dialect;
use providers::dialect::{Decoder, Reading};
use providers::quirks::{CountedAs, UsageQuirks};

use crate::framing::framed;

/// A recorded answer.
#[derive(Debug)]
pub struct Recording {
    pub name: String,
    pub dialect: Dialect,
    pub reading: Reading,
    pub body: Vec<u8>,
}

impl Recording {
    pub fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(name);
        let dialect = match name.split_once('/') {
            Some(("anthropic", _)) => Dialect::Anthropic,
            Some(("openai_responses", _)) => Dialect::OpenaiResponses,
            Some(("bedrock", _)) => Dialect::Bedrock,
            Some(("cohere", _)) => Dialect::Cohere,
            Some(("gemini", _)) => Dialect::Gemini,
            _ => Dialect::OpenaiChat,
        };
        let reading = Reading {
            task: if name.contains("embeddings") { TaskKind::Embed } else { TaskKind::Chat },
            choices: name.contains("choices").then_some(2),
            items: if name.contains("embeddings") { 2 } else { 0 },
            answer_tool: name.contains("answer_tool"),
            think_tags: name.contains("think_tags"),
            usage: UsageQuirks {
                reasoning: if name.contains("think_tags") { CountedAs::Beside } else { CountedAs::Within },
                ..UsageQuirks::default()
            },
            ..Reading::default()
        };
        let body = std::fs::read(path).unwrap();
        let is_binary = name.ends_with(".events");
        let body = if is_binary { framed(std::str::from_utf8(&body).unwrap()) } else { body };
        Self { name: name.to_owned(), dialect, reading, body }
    }

    /// All of them that are streams.
    pub fn streams() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
        let mut names = Vec::new();
        for dialect in ["openai_chat", "openai_responses", "anthropic", "bedrock", "cohere", "gemini"] {
            for file in std::fs::read_dir(folder.join(dialect)).unwrap() {
                let name = file.unwrap().file_name().into_string().unwrap();
                names
                    .extend((name.ends_with(".sse") || name.ends_with(".events")).then(|| format!("{dialect}/{name}")));
            }
        }
        assert!(names.len() >= 10, "{names:?}");
        names.iter().map(|name| Self::read(name)).collect()
    }

    pub fn decode<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Event>, Result<(), UpstreamError>) {
        let one_piece = self.name.ends_with(".json");
        let new = if one_piece { Decoder::of_one_piece } else { Decoder::new };
        run(new(self.dialect, self.reading).unwrap(), pieces)
    }
}

/// Decodes pieces until an error or the end.
pub fn run<'a>(
    mut decoder: Decoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Result<(), UpstreamError>) {
    let mut events = VecDeque::new();
    let result = pieces
        .into_iter()
        .try_for_each(|piece| decoder.push(piece, &mut events))
        .and_then(|()| decoder.end(&mut events));
    (events.into(), result)
}

/// One line per event, and how it ended.
fn decoded(name: &str) -> String {
    let recording = Recording::read(name);
    let (events, result) = recording.decode([recording.body.as_slice()]);
    let mut text = String::new();
    for event in &events {
        writeln!(text, "{event:?}").unwrap();
    }
    match result {
        Ok(()) => text.push_str("end"),
        Err(error) => write!(text, "{error:?}").unwrap(),
    }
    text
}

#[test]
fn chat_completions_text_with_usage_in_a_chunk_of_its_own() {
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
fn chat_completions_parallel_tool_calls() {
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
fn chat_completions_reasoning_content() {
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
fn chat_completions_deviations_of_hosts() {
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
fn chat_completions_reasoning_details() {
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
fn chat_completions_error_midway() {
    insta::assert_snapshot!(decoded("openai_chat/error_midway.sse"), @r#"
    Start { upstream_id: Some("c"), upstream_model: Some("m"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: ProviderOverloaded, status: Some(503), code: Some("server_error"), message: "The server is overloaded or not ready yet.", retry_after: None }
    "#);
}

#[test]
fn chat_completions_in_one_piece_although_a_stream_was_asked_for() {
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

#[test]
fn responses_text_with_logprobs_citation_and_search() {
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
fn responses_reasoning_with_summaries_and_parallel_tools() {
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
fn responses_that_reach_the_limit_are_incomplete() {
    insta::assert_snapshot!(decoded("openai_responses/incomplete.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    Finish { reason: Length, native: "max_output_tokens", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 3 })
    end
    "#);
}

#[test]
fn responses_refused_by_the_model() {
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
fn responses_stopped_by_a_content_filter() {
    insta::assert_snapshot!(decoded("openai_responses/filtered.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    Finish { reason: ContentFilter, native: "content_filter", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 2 })
    end
    "#);
}

#[test]
fn responses_that_failed() {
    insta::assert_snapshot!(decoded("openai_responses/failed.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    Usage(Usage { prompt: 10, completion: 2 })
    UpstreamError { kind: RateLimitExceeded, status: None, code: Some("rate_limit_exceeded"), message: "Rate limit reached for gpt-5.4.", retry_after: None }
    "#);
}

#[test]
fn responses_error_midway() {
    insta::assert_snapshot!(decoded("openai_responses/error_midway.sse"), @r#"
    Start { upstream_id: Some("resp_1"), upstream_model: Some("gpt-5.4-2026-03-05"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: ProviderOverloaded, status: None, code: Some("server_error"), message: "The model is overloaded.", retry_after: None }
    "#);
}

#[test]
fn responses_of_finished_items_only() {
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
fn responses_in_one_piece_although_a_stream_was_asked_for() {
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

#[test]
fn messages_text_with_disjoint_cache_counts_added_up() {
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
fn messages_thinking_with_signature_and_parallel_tools() {
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
fn messages_web_search_with_citation_and_refusal() {
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
fn messages_answer_by_way_of_the_forced_tool() {
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
fn messages_error_midway() {
    insta::assert_snapshot!(decoded("anthropic/error_midway.sse"), @r#"
    Start { upstream_id: Some("msg_5"), upstream_model: Some("m"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: ProviderOverloaded, status: None, code: Some("overloaded_error"), message: "Overloaded", retry_after: None }
    "#);
}

#[test]
fn messages_in_one_piece_although_a_stream_was_asked_for() {
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

#[test]
fn converse_text_with_disjoint_cache_counts_and_a_stop_sequence() {
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
fn converse_thinking_and_tools() {
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
fn converse_citation_picture_and_guardrail() {
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
fn converse_answer_by_way_of_the_forced_tool() {
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
fn converse_exception_midway() {
    insta::assert_snapshot!(decoded("bedrock/exception_midway.events"), @r#"
    Start { upstream_id: None, upstream_model: None, system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: RateLimitExceeded, status: None, code: Some("throttlingException"), message: "Too many tokens, please wait before trying again.", retry_after: None }
    "#);
}

#[test]
fn converse_error_midway() {
    insta::assert_snapshot!(decoded("bedrock/error_midway.events"), @r#"
    Start { upstream_id: None, upstream_model: None, system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: Server, status: None, code: Some("InternalServerException"), message: "The system encountered an unexpected error during processing.", retry_after: None }
    "#);
}

#[test]
fn converse_in_one_piece_although_a_stream_was_asked_for() {
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

#[test]
fn generate_content_text_with_details_of_usage() {
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
fn generate_content_thoughts_and_parallel_calls_with_a_signature() {
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
fn generate_content_signatures_on_thought_and_text() {
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
fn generate_content_picture_and_speech() {
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
fn generate_content_grounded_and_stopped_by_a_filter() {
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
fn generate_content_candidates_become_choices() {
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
fn generate_content_answer_by_way_of_the_forced_tool() {
    insta::assert_snapshot!(decoded("gemini/answer_tool.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Text("{\"age\": 7}")
    Finish { reason: Stop, native: "STOP", stop_sequence: None }
    Usage(Usage { prompt: 10, completion: 9 })
    end
    "#);
}

#[test]
fn generate_content_blocked_prompt_is_an_answer_stopped_by_a_filter() {
    insta::assert_snapshot!(decoded("gemini/blocked_prompt.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Finish { reason: ContentFilter, native: "PROHIBITED_CONTENT", stop_sequence: None }
    Usage(Usage { prompt: 8 })
    end
    "#);
}

#[test]
fn generate_content_error_midway() {
    insta::assert_snapshot!(decoded("gemini/error_midway.sse"), @r#"
    Start { upstream_id: Some("resp-1"), upstream_model: Some("gemini-3.5-flash"), system_fingerprint: None, service_tier: None }
    Text("Half a")
    UpstreamError { kind: ProviderOverloaded, status: Some(503), code: Some("UNAVAILABLE"), message: "The model is overloaded. Please try again later.", retry_after: Some(2.5s) }
    "#);
}

#[test]
fn generate_content_in_one_piece_or_as_a_list_although_a_stream_was_asked_for() {
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

#[test]
fn what_was_thought_folds_into_blocks_that_can_be_sent_back() {
    let recording = Recording::read("anthropic/thinking_and_tools.sse");
    let mut fold = Fold::default();
    recording.decode([recording.body.as_slice()]).0.iter().for_each(|event| fold.push(event));
    insta::assert_debug_snapshot!(fold.finish().answer.reasoning_details, @r#"
    [
        ReasoningDetail {
            kind: Text {
                text: Some(
                    "The weather in two cities.",
                ),
                signature: Some(
                    "EqQBCgIYAhIM1gbcDa9GJwZA2b3h",
                ),
            },
            id: None,
            format: Some(
                "anthropic-claude-v1",
            ),
            index: Some(
                0,
            ),
        },
        ReasoningDetail {
            kind: Encrypted {
                data: "EmwKAhgBEgy3va3pzix",
            },
            id: None,
            format: Some(
                "anthropic-claude-v1",
            ),
            index: Some(
                1,
            ),
        },
    ]
    "#);
}

#[test]
fn reasoning_that_the_client_wants_left_out_is_left_out() {
    for name in [
        "anthropic/thinking_and_tools.sse",
        "openai_chat/reasoning_content.sse",
        "openai_responses/reasoning_and_tools.sse",
        "gemini/thinking_and_tools.sse",
    ] {
        let mut recording = Recording::read(name);
        recording.reading.exclude_reasoning = true;
        let (events, result) = recording.decode([recording.body.as_slice()]);
        result.unwrap();
        assert!(events.len() > 3 && !events.iter().any(|event| matches!(event, Event::Reasoning(_))), "{events:?}");
    }
}

#[test]
fn cohere_text_with_logprobs_and_billed_units() {
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
fn cohere_thoughts_a_tool_plan_and_parallel_tools() {
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
fn cohere_cites_what_has_an_address() {
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
fn cohere_in_one_piece_although_a_stream_was_asked_for() {
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
fn cohere_gives_up_midway() {
    insta::assert_snapshot!(decoded("cohere/gives_up.sse"), @r#"
    Start { upstream_id: Some("c17"), upstream_model: None, system_fingerprint: None, service_tier: None }
    Text("Half")
    UpstreamError { kind: Server, status: None, code: Some("ERROR"), message: "internal server error", retry_after: None }
    "#);
}
