//! Answers as Anthropic's clients read them: whole, and as events.

use std::collections::BTreeMap;

use canon::fold::Finish;
use canon::request::ReasoningDetailKind;
use canon::{
    Completion, ErrorKind, Event, FinishReason, Fold, Message, ReasoningDelta, ReasoningDetail, ReasoningKind, Source,
    UpstreamError,
};
use domain::{Cost, CostLine, GenerationId, NanoUsd, Timestamp, Unit, Usage};
use gateway::GatewayError;
use gateway::call::Origin;
use gateway::deliver::{Ended, Started};
use gateway::surfaces::Surface;
use gateway::surfaces::messages::Messages;
use gateway::surfaces::messages::parse::parse;
use proptest::prelude::*;
use serde_json::{Value, json};

const OWN: &str = "anthropic-claude-v1";

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

fn ended(reason: FinishReason, native: &str, stop_sequence: Option<&str>) -> Ended {
    let line = |unit, quantity, rate: &str| CostLine { unit, quantity, rate: rate.parse().unwrap() };
    let lines = vec![line(Unit::Prompt, 30, "0.0000001"), line(Unit::Completion, 2, "0.0000004")];
    let finish = Finish { reason, native: native.to_owned(), stop_sequence: stop_sequence.map(str::to_owned) };
    let usage = Usage {
        prompt: 30,
        completion: 2,
        cache_read: 20,
        cache_write: 7,
        cache_write_1h: 4,
        reasoning: 1,
        ..Usage::default()
    };
    Ended {
        finishes: BTreeMap::from([(0, finish)]),
        usage,
        cost: Cost { lines, total: NanoUsd(3_800) },
        charged: NanoUsd(3_800),
    }
}

fn text(text: &str) -> Event {
    Event::Text(text.to_owned())
}

fn call(index: u32, name: &str) -> Event {
    Event::ToolCall { index, id: format!("c{index}"), name: name.to_owned() }
}

fn arguments(index: u32, delta: &str) -> Event {
    Event::ToolArguments { index, delta: delta.to_owned() }
}

fn thought(index: u32, kind: ReasoningKind, format: Option<&str>) -> Event {
    Event::Reasoning(ReasoningDelta { index, kind, id: None, format: format.map(str::to_owned) })
}

fn frames(bytes: Vec<u8>) -> Vec<Value> {
    let text = String::from_utf8(bytes).unwrap();
    let frame = |frame: &str| {
        let (name, data) = frame.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["type"], name);
        data
    };
    text.strip_suffix("\n\n").unwrap().split("\n\n").map(frame).collect()
}

fn stream(events: &[Event], ended: &Ended, hides: bool) -> Vec<Value> {
    let (mut out, mut surface) = (Vec::new(), Messages::new(hides));
    surface.start(started(), &mut out).unwrap();
    events.iter().for_each(|event| surface.content(event, &mut out).unwrap());
    surface.end(ended, &mut out).unwrap();
    frames(out)
}

fn whole(events: &[Event], ended: &Ended, hides: bool) -> Value {
    let mut fold = Fold::default();
    events.iter().for_each(|event| fold.push(event));
    serde_json::from_slice(&Messages::new(hides).whole(started(), fold.finish(), ended).unwrap()).unwrap()
}

/// Each event in a word or two.
fn told(events: &[Value]) -> Vec<String> {
    let of = |event: &Value| match event["type"].as_str().unwrap() {
        "content_block_start" => format!("{} {}", event["index"], event["content_block"]["type"].as_str().unwrap()),
        "content_block_stop" => format!("{} stop", event["index"]),
        "content_block_delta" => {
            let delta = &event["delta"];
            let content = delta.as_object().unwrap().iter().find(|(name, _)| *name != "type").unwrap().1;
            format!("{} {}", event["index"], content.as_str().map_or_else(|| content["url"].to_string(), str::to_owned))
        }
        name => name.to_owned(),
    };
    events.iter().map(of).collect()
}

/// The content as a client gathers it from a stream.
fn gathered(events: &[Value]) -> Vec<Value> {
    let mut blocks: Vec<Value> = Vec::new();
    for event in events {
        let at = event["index"].as_u64().unwrap_or_default() as usize;
        match event["type"].as_str().unwrap() {
            "content_block_start" => {
                assert_eq!(at, blocks.len());
                blocks.push(event["content_block"].clone());
            }
            "content_block_delta" => {
                assert_eq!(at + 1, blocks.len(), "only the last block grows");
                let field = match event["delta"]["type"].as_str().unwrap() {
                    "text_delta" => "text",
                    "thinking_delta" => "thinking",
                    "signature_delta" => "signature",
                    _ => continue,
                };
                let so_far = blocks[at][field].as_str().unwrap().to_owned();
                blocks[at][field] = json!(so_far + event["delta"][field].as_str().unwrap());
            }
            _ => {}
        }
    }
    blocks
}

fn stop() -> Ended {
    ended(FinishReason::Stop, "end_turn", None)
}

#[test]
fn a_stream_tells_the_message_its_blocks_the_finish_and_the_end() {
    let events = [text("He"), text("llo")];
    let stream = stream(&events, &stop(), false);
    let expected = ["message_start", "0 text", "0 He", "0 llo", "0 stop", "message_delta", "message_stop"];
    assert_eq!(told(&stream), expected);
    let head = json!({
        "id": id(), "type": "message", "role": "assistant", "model": "acme/talker", "provider": "Acme", "content": [],
        "container": null, "stop_reason": null, "stop_sequence": null, "stop_details": null,
        "usage": {
            "input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens_details": {"thinking_tokens": 0}, "server_tool_use": null, "service_tier": "standard",
            "inference_geo": null,
        },
    });
    assert_eq!(stream[0]["message"], head);
    assert_eq!(stream[5]["delta"]["stop_reason"], "end_turn");
    let usage = json!({
        "input_tokens": 3, "cache_creation_input_tokens": 7, "cache_read_input_tokens": 20, "output_tokens": 2,
        "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4},
        "output_tokens_details": {"thinking_tokens": 1}, "server_tool_use": null, "service_tier": "standard",
        "inference_geo": null, "cost": 0.0000038, "is_byok": false,
        "cost_details": {
            "upstream_inference_cost": 0.0000038, "upstream_inference_prompt_cost": 0.000003,
            "upstream_inference_completions_cost": 0.0000008,
        },
    });
    assert_eq!(stream[5]["usage"], usage);
    assert_eq!(whole(&events, &stop(), false)["usage"], usage);
}

#[test]
fn a_whole_message_has_thoughts_then_text_then_calls() {
    let events = [
        thought(0, ReasoningKind::Text("Hm".to_owned()), Some(OWN)),
        thought(0, ReasoningKind::Signature("sig".to_owned()), Some(OWN)),
        call(0, "look"),
        arguments(0, r#"{"z": 1, "a": 2}"#),
        text("I look."),
        thought(1, ReasoningKind::Encrypted("blob".to_owned()), Some(OWN)),
        call(1, "wait"),
        call(2, "broken"),
        arguments(2, "{\"a\":"),
    ];
    let message = whole(&events, &ended(FinishReason::ToolCalls, "tool_use", None), false);
    let direct = json!({"type": "direct"});
    let expected = json!([
        {"type": "thinking", "thinking": "Hm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "blob"},
        {"type": "text", "text": "I look.", "citations": null},
        {"type": "tool_use", "id": "c0", "name": "look", "input": {"z": 1, "a": 2}, "caller": direct},
        {"type": "tool_use", "id": "c1", "name": "wait", "input": {}, "caller": direct},
        {"type": "tool_use", "id": "c2", "name": "broken", "input": {"arguments": "{\"a\":"}, "caller": direct},
    ]);
    assert_eq!((&message["content"], &message["stop_reason"]), (&expected, &json!("tool_use")));
}

#[test]
fn parallel_calls_that_come_interleaved_are_told_one_after_another() {
    let events = [
        text("Both."),
        call(0, "f"),
        call(1, "g"),
        arguments(1, "{\"b\""),
        arguments(0, "{\"a\":"),
        arguments(1, ":"),
        arguments(0, "1}"),
        arguments(1, "2}"),
        arguments(0, "\n"),
        call(2, "h"),
    ];
    let expected = [
        "message_start",
        "0 text",
        "0 Both.",
        "0 stop",
        "1 tool_use",
        "1 {\"a\":",
        "1 1}",
        "1 stop",
        "2 tool_use",
        "2 {\"b\":",
        "2 2}",
        "2 stop",
        "3 tool_use",
        "3 stop",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(told(&stream(&events, &ended(FinishReason::ToolCalls, "tool_calls", None), false)), expected);
}

#[test]
fn what_comes_between_the_pieces_of_a_call_waits_for_its_end() {
    let events = [
        call(0, "f"),
        arguments(0, "{"),
        text("Now"),
        thought(0, ReasoningKind::Text("hm".to_owned()), None),
        arguments(0, "}"),
        text("!"),
    ];
    let told = told(&stream(&events, &stop(), false));
    let places: Vec<usize> = [
        "0 tool_use",
        "0 {",
        "0 }",
        "0 stop",
        "1 text",
        "1 Now",
        "1 stop",
        "2 thinking",
        "2 hm",
        "2 stop",
        "3 text",
        "3 !",
    ]
    .iter()
    .map(|word| told.iter().position(|t| t == word).unwrap_or_else(|| panic!("{word} in {told:?}")))
    .collect();
    assert!(places.is_sorted(), "{told:?}");
}

#[test]
fn a_call_without_arguments_is_not_lost_behind_another() {
    let told = told(&stream(&[call(0, "f"), call(1, "g"), arguments(1, "{}")], &stop(), false));
    assert_eq!(told[1..6], ["0 tool_use", "0 stop", "1 tool_use", "1 {}", "1 stop"]);
}

#[test]
fn a_signature_ends_its_block_and_a_redacted_block_comes_whole() {
    let own = |index, kind| thought(index, kind, Some(OWN));
    let events = [
        own(0, ReasoningKind::Text("a".to_owned())),
        own(0, ReasoningKind::Text("b".to_owned())),
        own(0, ReasoningKind::Signature("s1".to_owned())),
        own(1, ReasoningKind::Encrypted("da".to_owned())),
        own(1, ReasoningKind::Encrypted("ta".to_owned())),
        own(2, ReasoningKind::Signature("s2".to_owned())),
        text("x"),
    ];
    let stream = stream(&events, &stop(), false);
    let expected = [
        "message_start",
        "0 thinking",
        "0 a",
        "0 b",
        "0 s1",
        "0 stop",
        "1 redacted_thinking",
        "1 stop",
        "2 thinking",
        "2 s2",
        "2 stop",
        "3 text",
        "3 x",
        "3 stop",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(told(&stream), expected);
    assert_eq!(stream[6]["content_block"]["data"], "data");
}

#[test]
fn the_parts_of_one_item_of_another_wire_are_one_block() {
    let part = |index, kind| {
        let (id, format) = (Some("rs_1".to_owned()), Some("openai-responses-v1".to_owned()));
        Event::Reasoning(ReasoningDelta { index, kind, id, format })
    };
    let events =
        [part(0, ReasoningKind::Summary("In short".to_owned())), part(1, ReasoningKind::Encrypted("blob".to_owned()))];
    let content = whole(&events, &stop(), false)["content"].clone();
    assert_eq!(content.as_array().unwrap().len(), 1);
    assert_eq!(content[0]["thinking"], "In short");
    let indexes: Vec<Option<u32>> = replayed(content.as_array().unwrap()).iter().map(|detail| detail.index).collect();
    assert_eq!(indexes, [Some(0), Some(1)]);
}

#[test]
fn an_error_after_content_is_the_last_event() {
    let (mut out, mut surface) = (Vec::new(), Messages::new(false));
    surface.start(started(), &mut out).unwrap();
    surface.content(&text("half"), &mut out).unwrap();
    let error = UpstreamError::new(ErrorKind::ProviderOverloaded, "Too much.");
    surface.error(&id(), &GatewayError::Upstream { error, attempts: Vec::new() }, &mut out).unwrap();
    let events = frames(out);
    assert_eq!(told(&events), ["message_start", "0 text", "0 half", "error"]);
    let expected = json!({
        "type": "error", "request_id": id(),
        "error": {"type": "overloaded_error", "message": "Too much.", "error_type": "provider_overloaded"},
    });
    assert_eq!(events[3], expected);
}

#[test]
fn every_finish_has_its_stop_reason() {
    let of = |reason, native: &str, sequence| {
        let message = whole(&[text("x")], &ended(reason, native, sequence), false);
        (message["stop_reason"].as_str().unwrap().to_owned(), message["stop_sequence"].clone())
    };
    let word = |reason, native: &str| of(reason, native, None).0;
    assert_eq!(word(FinishReason::Stop, "stop"), "end_turn");
    assert_eq!(of(FinishReason::Stop, "stop_sequence", Some("END")), ("stop_sequence".to_owned(), json!("END")));
    assert_eq!(word(FinishReason::Length, "length"), "max_tokens");
    assert_eq!(word(FinishReason::Length, "model_context_window_exceeded"), "model_context_window_exceeded");
    assert_eq!(word(FinishReason::ToolCalls, "tool_calls"), "tool_use");
    assert_eq!(word(FinishReason::ContentFilter, "content_filter"), "refusal");
}

#[test]
fn a_refusal_is_told_as_text_and_as_the_reason() {
    let events = [text("Well"), Event::Refusal("I can".to_owned()), Event::Refusal("not".to_owned())];
    let message = whole(&events, &stop(), false);
    let texts: Vec<&str> = message["content"].as_array().unwrap().iter().map(|b| b["text"].as_str().unwrap()).collect();
    let details = json!({"type": "refusal", "category": null, "explanation": "I cannot"});
    assert_eq!(
        (texts, &message["stop_reason"], &message["stop_details"]),
        (vec!["Well", "I cannot"], &json!("refusal"), &details)
    );
    let stream = stream(&events, &stop(), false);
    assert_eq!(gathered(&stream).iter().map(|b| b["text"].as_str().unwrap()).collect::<Vec<_>>(), ["Well", "I cannot"]);
    assert_eq!(stream[stream.len() - 2]["delta"]["stop_details"], details);
}

#[test]
fn pages_that_were_found_are_cited_and_pictures_are_shown() {
    let page =
        json!({"type": "url_citation", "url_citation": {"url": "https://x.example", "title": "X", "content": "words"}});
    let picture = Source::Data { media_type: "image/png".to_owned(), data: "AAAA".to_owned() };
    let events =
        [text("See"), Event::Annotation(page), Event::Annotation(json!({"type": "file"})), Event::Image(picture)];
    let citation = json!({
        "type": "web_search_result_location", "url": "https://x.example", "title": "X", "cited_text": "words", "encrypted_index": "",
    });
    let message = whole(&events, &stop(), false);
    assert_eq!(message["content"][0]["citations"], json!([citation]));
    let source = json!({"type": "base64", "media_type": "image/png", "data": "AAAA"});
    assert_eq!(message["content"][1], json!({"type": "image", "source": source}));
    let stream = stream(&events, &stop(), false);
    let expected = [
        "message_start",
        "0 text",
        "0 See",
        "0 \"https://x.example\"",
        "0 stop",
        "1 image",
        "1 stop",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(told(&stream), expected);
    assert_eq!(stream[3]["delta"], json!({"type": "citations_delta", "citation": citation}));
}

#[test]
fn only_the_first_choice_is_told() {
    let events = [text("zero"), Event::Choice(1), text("one"), Event::Choice(0), text("!")];
    assert_eq!(gathered(&stream(&events, &stop(), false))[0]["text"], "zero!");
}

/// One block of reasoning in pieces, as a dialect may tell it.
fn block() -> impl Strategy<Value = (Option<String>, Option<String>, Vec<ReasoningKind>)> {
    let word = "[a-zäß\\\\\" \n]{1,6}";
    let texts = || proptest::collection::vec(word.prop_map(ReasoningKind::Text), 0..3);
    let summaries = proptest::collection::vec(word.prop_map(ReasoningKind::Summary), 1..3);
    let signature = || proptest::option::of(word.prop_map(ReasoningKind::Signature));
    let encrypted = || proptest::option::of(word.prop_map(ReasoningKind::Encrypted));
    let join = |(first, second, third): (Vec<ReasoningKind>, Option<ReasoningKind>, Option<ReasoningKind>)| {
        first.into_iter().chain(second).chain(third).collect::<Vec<_>>()
    };
    let foreign_format =
        prop_oneof![Just(None), Just(Some("openai-responses-v1".to_owned())), Just(Some("unknown".to_owned()))];
    let foreign = (
        foreign_format,
        proptest::option::of("rs_[0-9]{2}"),
        prop_oneof![
            (texts(), signature(), encrypted()).prop_map(join),
            (summaries, Just(None), encrypted()).prop_map(join)
        ],
    );
    let own = (
        Just(Some(OWN.to_owned())),
        Just(None),
        prop_oneof![
            (texts(), signature(), Just(None)).prop_map(join),
            (Just(Vec::new()), Just(None), encrypted()).prop_map(join)
        ],
    );
    prop_oneof![foreign, own]
}

/// What a client sends back is read as this.
fn replayed(content: &[Value]) -> Vec<ReasoningDetail> {
    let content: Vec<&Value> = content.iter().filter(|block| block["type"] != "text").collect();
    let body = json!({"model": "a/b", "messages": [{"role": "assistant", "content": content}]});
    let (call, _) = parse(body.to_string().as_bytes(), Origin::default()).unwrap();
    match &call.task.as_chat().unwrap().messages[0] {
        Message::Assistant { reasoning, .. } => reasoning.clone(),
        other => panic!("{other:?}"),
    }
}

/// Anthropic's own blocks have no numbers.
fn unnumbered(mut details: Vec<ReasoningDetail>) -> Vec<ReasoningDetail> {
    for detail in &mut details {
        if detail.format.as_deref() == Some(OWN) {
            detail.index = None;
        }
    }
    details
}

proptest! {
    #[test]
    fn reasoning_of_any_wire_survives_a_client_of_anthropics(
        blocks in proptest::collection::vec(block(), 0..5),
        hides in any::<bool>(),
    ) {
        let mut events = Vec::new();
        for (index, (format, id, kinds)) in (0..).zip(blocks) {
            // Blocks of one item have numbers of their own where they share its id.
            let number = |kind: &ReasoningKind| 2 * index + u32::from(id.is_some() && matches!(kind, ReasoningKind::Encrypted(_)));
            let piece = |kind| {
                let index = number(&kind);
                Event::Reasoning(ReasoningDelta { index, kind, id: id.clone(), format: format.clone() })
            };
            events.extend(kinds.into_iter().map(piece));
        }
        events.push(text("x"));
        let mut fold = Fold::default();
        events.iter().for_each(|event| fold.push(event));
        let Completion { answer, .. } = fold.finish();
        let expected = unnumbered(answer.reasoning_details);

        let message = whole(&events, &stop(), hides);
        let content = message["content"].as_array().unwrap();
        prop_assert_eq!(&unnumbered(replayed(content)), &expected);
        let streamed = gathered(&stream(&events, &stop(), hides));
        prop_assert_eq!(&unnumbered(replayed(&streamed)), &expected);
        let shown = |blocks: &[Value]| blocks.iter().filter_map(|b| b["thinking"].as_str()).collect::<String>();
        let readable = if hides { "" } else { answer.reasoning.as_str() };
        prop_assert_eq!(shown(content), readable);
        prop_assert_eq!(shown(&streamed), readable);
    }
}

#[test]
fn anthropics_own_thoughts_are_not_touched() {
    let kind = ReasoningDetailKind::Text { text: Some("Hm".to_owned()), signature: Some("c2ln".to_owned()) };
    let block = json!({"type": "thinking", "thinking": "Hm", "signature": "c2ln"});
    assert_eq!(replayed(std::slice::from_ref(&block))[0].kind, kind);
    let pieces = [ReasoningKind::Text("Hm".to_owned()), ReasoningKind::Signature("c2ln".to_owned())];
    let events: Vec<Event> = pieces.into_iter().map(|kind| thought(0, kind, Some(OWN))).collect();
    assert_eq!(whole(&events, &stop(), false)["content"], json!([block]));
}
