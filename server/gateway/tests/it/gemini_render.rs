//! Answers as Google's clients read them: whole, as events, and as a JSON array.

use std::collections::BTreeMap;

use canon::fold::Finish;
use canon::{
    ErrorKind, Event, FinishReason, Fold, Message, ReasoningDelta, ReasoningDetail, ReasoningKind, Source, Task,
    UpstreamError,
};
use domain::{Cost, GenerationId, NanoUsd, Timestamp, Usage};
use gateway::GatewayError;
use gateway::deliver::{Ended, Started};
use gateway::surfaces::Surface;
use gateway::surfaces::gemini::envelope::ErrorBody;
use gateway::surfaces::gemini::{Framing, Gemini};
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::{Value, json};

fn id() -> GenerationId {
    GenerationId::from_uuid_bytes([0xab; 16])
}

fn started() -> Started {
    Started {
        id: id(),
        created_at: Timestamp::from_unix_seconds(1_795_348_800),
        model: "acme/talker".parse().unwrap(),
        provider_name: "Acme".to_owned(),
        system_fingerprint: None,
        service_tier: None,
    }
}

fn ended(reason: FinishReason, native: &str) -> Ended {
    let finish = Finish { reason, native: native.to_owned(), stop_sequence: None };
    let usage = Usage { prompt: 30, completion: 9, cache_read: 20, image_in: 10, reasoning: 4, ..Usage::default() };
    let cost = Cost { lines: Vec::new(), total: NanoUsd(3_800) };
    Ended { finishes: BTreeMap::from([(0, finish)]), usage, cost, charged: NanoUsd(3_800) }
}

fn surface(stream: Option<Framing>, shows_thoughts: bool) -> Gemini {
    let body = json!({
        "contents": [{"parts": [{"text": "hi"}]}],
        "generationConfig": {"thinkingConfig": {"includeThoughts": shows_thoughts}},
    });
    Gemini::parse_for("acme/talker", stream, body.to_string().as_bytes(), &HeaderMap::new()).unwrap().1
}

fn streamed(framing: Framing, shows_thoughts: bool, events: &[Event], ended: &Ended) -> String {
    let mut surface = surface(Some(framing), shows_thoughts);
    let mut out = Vec::new();
    surface.start(started(), &mut out).unwrap();
    for event in events {
        surface.content(event, &mut out).unwrap();
    }
    surface.end(ended, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn frames(stream: &str) -> Vec<Value> {
    stream
        .split_terminator("\n\n")
        .map(|frame| serde_json::from_str(frame.strip_prefix("data: ").unwrap()).unwrap())
        .collect()
}

fn whole(shows_thoughts: bool, events: &[Event], ended: &Ended) -> Value {
    let mut fold = Fold::default();
    events.iter().for_each(|event| fold.push(event));
    serde_json::from_slice(&surface(None, shows_thoughts).whole(started(), fold.finish(), ended).unwrap()).unwrap()
}

/// All parts of a stream's first candidate.
fn parts(stream: &str) -> Vec<Value> {
    frames(stream)
        .iter()
        .flat_map(|frame| frame["candidates"][0]["content"]["parts"].as_array().unwrap().clone())
        .collect()
}

fn text(text: &str) -> Event {
    Event::Text(text.to_owned())
}

/// A block of its own.
fn thought(index: u32, kind: ReasoningKind, format: Option<&str>, id: Option<&str>) -> Event {
    let (format, id) = (format.map(str::to_owned), id.map(str::to_owned));
    Event::Reasoning(ReasoningDelta { index, kind, id, format })
}

fn called(index: u32, id: &str, arguments: &str) -> [Event; 2] {
    let arguments = Event::ToolArguments { index, delta: arguments.to_owned() };
    [Event::ToolCall { index, id: id.to_owned(), name: "look".to_owned() }, arguments]
}

#[test]
fn a_stream_is_responses_and_the_last_has_finish_and_usage() {
    let out = streamed(Framing::Events, false, &[text("Hel"), text("lo")], &ended(FinishReason::Length, "length"));
    assert!(!out.contains('\r') && !out.contains("[DONE]"));
    let frames = frames(&out);
    assert_eq!(frames.len(), 3);
    let head = json!({
        "candidates": [{"content": {"parts": [{"text": "Hel"}], "role": "model"}, "index": 0}],
        "modelVersion": "acme/talker", "responseId": id().as_str(),
    });
    assert_eq!(frames[0], head);
    assert_eq!(frames[2]["candidates"][0]["finishReason"], "MAX_TOKENS");
    let usage = json!({
        "promptTokenCount": 30, "candidatesTokenCount": 5, "totalTokenCount": 39, "thoughtsTokenCount": 4,
        "cachedContentTokenCount": 20,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 20}, {"modality": "IMAGE", "tokenCount": 10}],
    });
    assert_eq!(frames[2]["usageMetadata"], usage);
}

#[test]
fn without_alt_sse_the_same_responses_are_one_json_array() {
    let (events, ended) = ([text("Hel"), text("lo")], ended(FinishReason::Stop, "stop"));
    let array: Value = serde_json::from_str(&streamed(Framing::Array, false, &events, &ended)).unwrap();
    assert_eq!(array, Value::Array(frames(&streamed(Framing::Events, false, &events, &ended))));
    let mut broken = surface(Some(Framing::Array), false);
    let mut out = Vec::new();
    broken.start(started(), &mut out).unwrap();
    broken.content(&text("Hel"), &mut out).unwrap();
    broken.error(&id(), &GatewayError::Internal, &mut out).unwrap();
    let array: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(array[1]["error"]["status"], "INTERNAL");
}

#[test]
fn calls_are_told_whole_with_their_ids_however_their_pieces_are_mixed() {
    let [look, first] = called(0, "c1", r#"{"a""#);
    let [again, second] = called(1, "c2", "");
    let rest = Event::ToolArguments { index: 0, delta: ":1}".to_owned() };
    let events = [text("Let me see"), look, first, again, second, rest];
    let ended = ended(FinishReason::ToolCalls, "tool_calls");
    let out = streamed(Framing::Events, false, &events, &ended);
    let expected = json!([
        {"text": "Let me see"},
        {"functionCall": {"id": "c1", "name": "look", "args": {"a": 1}}},
        {"functionCall": {"id": "c2", "name": "look", "args": {}}},
    ]);
    assert_eq!(Value::from(parts(&out)), expected);
    assert_eq!(frames(&out).last().unwrap()["candidates"][0]["finishReason"], "STOP");
    assert_eq!(whole(false, &events, &ended)["candidates"][0]["content"]["parts"], expected);
}

#[test]
fn a_call_that_no_client_could_read_is_a_finish_of_its_own() {
    let events = called(0, "c1", r#"{"a":"#);
    let answer = whole(false, &events, &ended(FinishReason::ToolCalls, "tool_calls"));
    let candidate = &answer["candidates"][0];
    assert_eq!(candidate["finishReason"], "MALFORMED_FUNCTION_CALL");
    assert_eq!(candidate["finishMessage"], "Malformed function call: look({\"a\":)");
    assert_eq!(candidate["content"]["parts"], json!([]));
}

#[test]
fn thoughts_are_shown_only_to_those_who_ask() {
    let events = [thought(0, ReasoningKind::Text("Hm".to_owned()), None, None), text("Yes")];
    let ended = ended(FinishReason::Stop, "stop");
    let shown = json!([{"text": "Hm", "thought": true}, {"text": "Yes"}]);
    assert_eq!(whole(true, &events, &ended)["candidates"][0]["content"]["parts"], shown);
    let hidden = whole(false, &events, &ended)["candidates"][0]["content"]["parts"].clone();
    assert_eq!(hidden[0], json!({"text": "Yes"}));
    assert!(!hidden.to_string().contains("Hm"));
}

#[test]
fn googles_own_signatures_go_out_unmodified_on_the_part_they_came_with() {
    let google = Some("google-gemini-v1");
    let mut events = vec![
        thought(0, ReasoningKind::Text("Hm".to_owned()), google, None),
        thought(1, ReasoningKind::Encrypted("c2ln".to_owned()), google, Some("c1")),
    ];
    events.extend(called(0, "c1", "{}"));
    events.push(thought(2, ReasoningKind::Encrypted("dGV4dA==".to_owned()), google, None));
    let expected = json!([
        {"functionCall": {"id": "c1", "name": "look", "args": {}}, "thoughtSignature": "c2ln"},
        {"text": "", "thoughtSignature": "dGV4dA=="},
    ]);
    let ended = ended(FinishReason::ToolCalls, "STOP");
    assert_eq!(Value::from(parts(&streamed(Framing::Events, false, &events, &ended))), expected);
    assert_eq!(whole(false, &events, &ended)["candidates"][0]["content"]["parts"], expected);
}

#[test]
fn pictures_citations_and_probabilities_are_told_in_googles_words() {
    let events = [
        text("Yes"),
        Event::Logprobs(
            json!({"content": [{"token": "Yes", "logprob": -0.5, "top_logprobs": [{"token": "No", "logprob": -1.0}]}]}),
        ),
        Event::Annotation(
            json!({"type": "url_citation", "url_citation": {"url": "https://x.example", "title": "X", "start_index": 0, "end_index": 3}}),
        ),
        Event::Image(Source::Data { media_type: "image/png".to_owned(), data: "iVBO".to_owned() }),
    ];
    let answer = whole(false, &events, &ended(FinishReason::Stop, "stop"));
    let candidate = &answer["candidates"][0];
    let picture = json!({"inlineData": {"mimeType": "image/png", "data": "iVBO"}});
    assert_eq!(candidate["content"]["parts"], json!([{"text": "Yes"}, picture]));
    let probabilities = json!({
        "chosenCandidates": [{"token": "Yes", "logProbability": -0.5}],
        "topCandidates": [{"candidates": [{"token": "No", "logProbability": -1.0}]}],
    });
    assert_eq!(candidate["logprobsResult"], probabilities);
    let source = json!({"startIndex": 0, "endIndex": 3, "uri": "https://x.example", "title": "X"});
    assert_eq!(candidate["citationMetadata"]["citationSources"], json!([source]));
}

#[test]
fn candidates_keep_their_numbers() {
    let mut ended = ended(FinishReason::Stop, "stop");
    let second = Finish { reason: FinishReason::ContentFilter, native: "RECITATION".to_owned(), stop_sequence: None };
    ended.finishes.insert(1, second);
    let events = [text("a"), Event::Choice(1), text("b")];
    let answer = whole(false, &events, &ended);
    let told: Vec<(u64, String)> = answer["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["index"].as_u64().unwrap(), c["finishReason"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(told, [(0, "STOP".to_owned()), (1, "RECITATION".to_owned())]);
    let frames = frames(&streamed(Framing::Events, false, &events, &ended));
    assert_eq!(frames[1]["candidates"][0]["index"], 1);
    assert_eq!(frames[2]["candidates"].as_array().unwrap().len(), 2);
}

#[test]
fn errors_have_googles_envelope_with_what_is_at_fault_and_when_to_come_back() {
    let body = |error: &GatewayError| serde_json::to_value(ErrorBody::new(error)).unwrap()["error"].clone();
    let invalid = body(&GatewayError::invalid("tools[0].googleSearch", "runs at Google alone"));
    assert_eq!((invalid["code"].as_u64(), invalid["status"].as_str()), (Some(400), Some("INVALID_ARGUMENT")));
    assert_eq!(invalid["details"][1]["fieldViolations"][0]["field"], "tools[0].googleSearch");
    let mut error = UpstreamError::new(ErrorKind::RateLimitExceeded, "Slow down.");
    error.retry_after = Some(std::time::Duration::from_secs(7));
    let limited = body(&GatewayError::Upstream { error, attempts: Vec::new() });
    assert_eq!((limited["code"].as_u64(), limited["status"].as_str()), (Some(429), Some("RESOURCE_EXHAUSTED")));
    assert_eq!(limited["details"][1]["retryDelay"], "7s");
}

/// What a client sends back of an answer, read again.
fn replayed(parts: &[Value]) -> Vec<ReasoningDetail> {
    let contents = json!([{"role": "user", "parts": [{"text": "hi"}]}, {"role": "model", "parts": parts}]);
    let body = json!({"contents": contents}).to_string();
    let (call, _) = Gemini::parse_for("acme/talker", None, body.as_bytes(), &HeaderMap::new()).unwrap();
    let Task::Chat(request) = call.task else { panic!() };
    match request.messages.into_iter().last() {
        Some(Message::Assistant { reasoning, .. }) => reasoning,
        other => panic!("{other:?}"),
    }
}

fn reasoning_piece() -> impl Strategy<Value = (u32, ReasoningKind, Option<&'static str>)> {
    let kind = prop_oneof![
        "\\PC{1,12}".prop_map(ReasoningKind::Text),
        "\\PC{1,12}".prop_map(ReasoningKind::Summary),
        "[a-z]{1,8}".prop_map(ReasoningKind::Signature),
        "[a-z]{1,8}".prop_map(ReasoningKind::Encrypted),
    ];
    let format = prop::sample::select(vec![None, Some("anthropic-claude-v1"), Some("openai-responses-v1")]);
    (0..4_u32, kind, format)
}

proptest! {
    /// Whoever made it, and whether or not the client sees it: reasoning comes back as it went out.
    #[test]
    fn reasoning_of_other_makers_survives_its_replay(
        pieces in prop::collection::vec(reasoning_piece(), 1..6), shown in any::<bool>(), calls in 0..3_u32,
    ) {
        let mut events: Vec<Event> = pieces
            .into_iter()
            .map(|(index, kind, format)| Event::Reasoning(ReasoningDelta { index, kind, id: None, format: format.map(str::to_owned) }))
            .collect();
        events.push(text("so"));
        (0..calls).for_each(|index| events.extend(called(index, &format!("c{index}"), "{}")));
        let mut fold = Fold::default();
        events.iter().for_each(|event| fold.push(event));
        let gave = fold.finish().answer.reasoning_details;
        let ended = ended(FinishReason::Stop, "stop");
        let back = replayed(&parts(&streamed(Framing::Events, shown, &events, &ended)));
        if gave.iter().any(|detail| detail.format.is_some()) || !shown {
            prop_assert_eq!(&back, &gave);
        }
        let answer = whole(shown, &events, &ended);
        let parts = answer["candidates"][0]["content"]["parts"].as_array().unwrap().clone();
        if gave.iter().any(|detail| detail.format.is_some()) || !shown {
            prop_assert_eq!(&replayed(&parts), &gave);
        }
    }
}
