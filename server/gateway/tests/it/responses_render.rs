use canon::fold::Finish;
use canon::{ErrorKind, Event, FinishReason, Fold, ReasoningDelta, ReasoningKind, Source, UpstreamError};
use domain::GenerationId;
use gateway::GatewayError;
use gateway::deliver::Ended;
use gateway::surfaces::Surface;
use gateway::surfaces::responses::Responses;
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::render::{ended, started};

fn surface(extra: Value) -> Responses {
    let mut body = json!({"model": "acme/talker", "input": "hi"});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    Responses::parse(body.to_string().as_bytes(), &HeaderMap::new()).unwrap().1
}

fn ended_by(reason: FinishReason) -> Ended {
    let finish = Finish { reason, native: reason.name().to_owned(), stop_sequence: None };
    Ended { finishes: [(0, finish)].into(), ..ended() }
}

/// The events of a stream. Fails where one is not numbered or not named as it should be.
fn frames(out: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(out).unwrap();
    let frame = |(number, frame): (usize, &str)| {
        let (name, data) = frame.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!((data["type"].as_str(), data["sequence_number"].as_u64()), (Some(name), Some(number as u64)));
        data
    };
    text.trim_end().split("\n\n").enumerate().map(frame).collect()
}

fn stream(asked: Value, events: &[Event], ended: &Ended) -> Vec<Value> {
    let (mut surface, mut out) = (surface(asked), Vec::new());
    surface.start(started(), &mut out).unwrap();
    events.iter().for_each(|event| surface.content(event, &mut out).unwrap());
    surface.end(ended, &mut out).unwrap();
    frames(&out)
}

fn whole(asked: Value, events: &[Event], ended: &Ended) -> Value {
    let mut fold = Fold::default();
    events.iter().for_each(|event| fold.push(event));
    serde_json::from_slice(&surface(asked).whole(started(), fold.finish(), ended).unwrap()).unwrap()
}

/// One line for each event: its name, its place, and what it brings.
fn lines(frames: &[Value]) -> Vec<String> {
    let line = |frame: &Value| {
        let name = frame["type"].as_str().unwrap().trim_start_matches("response.").to_owned();
        let place = ["output_index", "content_index", "summary_index", "annotation_index"]
            .iter()
            .filter_map(|key| frame.get(key));
        let place: Vec<String> = place.map(Value::to_string).collect();
        let brings = ["delta", "text", "refusal", "arguments", "input"].iter().find_map(|key| frame.get(key));
        let of = frame["item"]["type"].as_str().or(frame["part"]["type"].as_str()).unwrap_or_default();
        [name, place.join("."), of.to_owned(), brings.map(Value::to_string).unwrap_or_default()]
            .join(" ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    frames.iter().map(line).collect()
}

fn thought(index: u32, kind: ReasoningKind, id: Option<&str>, format: Option<&str>) -> Event {
    Event::Reasoning(ReasoningDelta { index, kind, id: id.map(str::to_owned), format: format.map(str::to_owned) })
}

fn said(text: &str) -> Event {
    Event::Text(text.to_owned())
}

fn call(index: u32, name: &str) -> Event {
    Event::ToolCall { index, id: format!("call_{index}"), name: name.to_owned() }
}

fn argument(index: u32, delta: &str) -> Event {
    Event::ToolArguments { index, delta: delta.to_owned() }
}

#[test]
fn a_text_comes_as_openai_tells_it() {
    let frames = stream(json!({}), &[said("Hel"), said("lo")], &ended());
    assert_eq!(
        lines(&frames),
        [
            "created",
            "in_progress",
            "output_item.added 0 message",
            "content_part.added 0.0 output_text",
            "output_text.delta 0.0 \"Hel\"",
            "output_text.delta 0.0 \"lo\"",
            "output_text.done 0.0 \"Hello\"",
            "content_part.done 0.0 output_text",
            "output_item.done 0 message",
            "completed",
        ]
    );
    assert_eq!(frames[0]["response"]["status"], "in_progress");
    assert_eq!(frames[0]["response"]["output"], json!([]));
    assert_eq!(frames[4]["logprobs"], json!([]));
    assert_eq!(frames[2]["item"]["id"], frames[4]["item_id"]);
    let response = &frames[9]["response"];
    assert_eq!(response["output"][0], frames[8]["item"]);
    assert_eq!((&response["status"], &response["output_text"]), (&json!("completed"), &json!("Hello")));
    assert_eq!(response["usage"]["input_tokens"], 3);
    assert_eq!(response["usage"]["output_tokens"], 2);
    assert_eq!(response["usage"]["cost"].as_f64(), Some(0.000_001_234));
}

#[test]
fn reasoning_a_text_and_two_calls_side_by_side_keep_their_places() {
    let events = [
        thought(0, ReasoningKind::Text("Hm".to_owned()), None, Some("anthropic-claude-v1")),
        thought(0, ReasoningKind::Signature("sig".to_owned()), None, Some("anthropic-claude-v1")),
        said("I look."),
        call(0, "look"),
        argument(0, "{\"a\""),
        call(1, "see"),
        argument(1, "{}"),
        argument(0, ":1}"),
    ];
    let frames = stream(json!({}), &events, &ended_by(FinishReason::ToolCalls));
    assert_eq!(
        lines(&frames)[2..],
        [
            "output_item.added 0 reasoning",
            "content_part.added 0.0 reasoning_text",
            "reasoning_text.delta 0.0 \"Hm\"",
            "reasoning_text.done 0.0 \"Hm\"",
            "content_part.done 0.0 reasoning_text",
            "output_item.done 0 reasoning",
            "output_item.added 1 message",
            "content_part.added 1.0 output_text",
            "output_text.delta 1.0 \"I look.\"",
            "output_text.done 1.0 \"I look.\"",
            "content_part.done 1.0 output_text",
            "output_item.done 1 message",
            "output_item.added 2 function_call",
            "function_call_arguments.delta 2 \"{\\\"a\\\"\"",
            "output_item.added 3 function_call",
            "function_call_arguments.delta 3 \"{}\"",
            "function_call_arguments.delta 2 \":1}\"",
            "function_call_arguments.done 2 \"{\\\"a\\\":1}\"",
            "output_item.done 2 function_call",
            "function_call_arguments.done 3 \"{}\"",
            "output_item.done 3 function_call",
            "completed",
        ]
    );
    let output = &frames.last().unwrap()["response"]["output"];
    assert_eq!(output[2]["call_id"], "call_0");
    assert_eq!((&output[2]["name"], &output[2]["status"]), (&json!("look"), &json!("completed")));
    assert!(output[0]["encrypted_content"].as_str().unwrap().starts_with("souk-reasoning-1:"));
    assert_eq!(output[0]["format"], "anthropic-claude-v1");
    assert_eq!(output, &whole(json!({}), &events, &ended_by(FinishReason::ToolCalls))["output"]);
}

#[test]
fn openais_own_reasoning_goes_out_as_it_came() {
    let own = |index, kind| thought(index, kind, Some("rs_1"), Some("openai-responses-v1"));
    let events = [
        own(0, ReasoningKind::Summary("First".to_owned())),
        own(1, ReasoningKind::Summary("Then".to_owned())),
        own(2, ReasoningKind::Encrypted("gAAA".to_owned())),
    ];
    let frames = stream(json!({}), &events, &ended());
    assert_eq!(
        lines(&frames)[2..12],
        [
            "output_item.added 0 reasoning",
            "reasoning_summary_part.added 0.0 summary_text",
            "reasoning_summary_text.delta 0.0 \"First\"",
            "reasoning_summary_text.done 0.0 \"First\"",
            "reasoning_summary_part.done 0.0 summary_text",
            "reasoning_summary_part.added 0.1 summary_text",
            "reasoning_summary_text.delta 0.1 \"Then\"",
            "reasoning_summary_text.done 0.1 \"Then\"",
            "reasoning_summary_part.done 0.1 summary_text",
            "output_item.done 0 reasoning",
        ]
    );
    let item = &frames.last().unwrap()["response"]["output"][0];
    let summary = json!([{"type": "summary_text", "text": "First"}, {"type": "summary_text", "text": "Then"}]);
    assert_eq!((&item["id"], &item["encrypted_content"], &item["summary"]), (&json!("rs_1"), &json!("gAAA"), &summary));
}

#[test]
fn a_refusal_is_a_part_of_its_own() {
    let frames = stream(json!({}), &[said("Well. "), Event::Refusal("No.".to_owned())], &ended());
    assert_eq!(
        lines(&frames)[5..11],
        [
            "output_text.done 0.0 \"Well. \"",
            "content_part.done 0.0 output_text",
            "content_part.added 0.1 refusal",
            "refusal.delta 0.1 \"No.\"",
            "refusal.done 0.1 \"No.\"",
            "content_part.done 0.1 refusal",
        ]
    );
}

#[test]
fn a_custom_tool_gets_its_text_back() {
    let asked = json!({"tools": [{"type": "custom", "name": "patch"}]});
    let events = [call(0, "patch"), argument(0, "{\"input\": \"a\\n"), argument(0, "b\"}")];
    let frames = stream(asked.clone(), &events, &ended_by(FinishReason::ToolCalls));
    assert_eq!(
        lines(&frames)[2..6],
        [
            "output_item.added 0 custom_tool_call",
            "custom_tool_call_input.delta 0 \"a\\nb\"",
            "custom_tool_call_input.done 0 \"a\\nb\"",
            "output_item.done 0 custom_tool_call",
        ]
    );
    assert_eq!(frames[5]["item"]["input"], "a\nb");
    assert_eq!(whole(asked, &events, &ended())["output"][0]["input"], "a\nb");
}

#[test]
fn log_probabilities_come_with_their_text() {
    let asked = json!({"include": ["message.output_text.logprobs"]});
    let token = |token: &str| json!({"token": token, "logprob": -0.5, "bytes": [104], "top_logprobs": []});
    let logprobs = |text: &str| Event::Logprobs(json!({"content": [token(text)], "refusal": null}));
    let events = [said("h"), logprobs("h"), said("i"), logprobs("i")];
    let frames = stream(asked.clone(), &events, &ended());
    let deltas: Vec<_> = frames.iter().filter(|f| f["type"] == "response.output_text.delta").collect();
    assert_eq!(deltas.len(), 2);
    assert_eq!((&deltas[1]["delta"], &deltas[1]["logprobs"]), (&json!("i"), &json!([token("i")])));
    let part = &frames.last().unwrap()["response"]["output"][0]["content"][0];
    assert_eq!(part["logprobs"], json!([token("h"), token("i")]));
    assert_eq!(part, &whole(asked, &events, &ended())["output"][0]["content"][0]);
}

#[test]
fn citations_and_pictures_have_their_own_shapes() {
    let cited =
        json!({"type": "url_citation", "url_citation": {"url": "https://example.org", "title": "E", "content": "c"}});
    let picture = Source::Data { media_type: "image/webp".to_owned(), data: "AAAA".to_owned() };
    let frames = stream(json!({}), &[said("See"), Event::Annotation(cited), Event::Image(picture)], &ended());
    assert_eq!(
        lines(&frames)[5..13],
        [
            "output_text.annotation.added 0.0.0",
            "output_text.done 0.0 \"See\"",
            "content_part.done 0.0 output_text",
            "output_item.done 0 message",
            "output_item.added 1 image_generation_call",
            "image_generation_call.in_progress 1",
            "image_generation_call.completed 1",
            "output_item.done 1 image_generation_call",
        ]
    );
    let flat = json!({"type": "url_citation", "url": "https://example.org", "title": "E", "content": "c", "start_index": 0, "end_index": 0});
    assert_eq!(frames[5]["annotation"], flat);
    let drawn = &frames.last().unwrap()["response"]["output"][1];
    assert_eq!((&drawn["result"], &drawn["output_format"]), (&json!("AAAA"), &json!("webp")));
}

#[test]
fn an_answer_cut_at_its_limit_is_incomplete_and_so_is_its_last_item() {
    let events = [said("Once"), call(0, "look"), argument(0, "{\"a")];
    let frames = stream(json!({"max_output_tokens": 4}), &events, &ended_by(FinishReason::Length));
    let last = frames.last().unwrap();
    assert_eq!(last["type"], "response.incomplete");
    let response = &last["response"];
    assert_eq!(response["incomplete_details"], json!({"reason": "max_output_tokens"}));
    assert_eq!((&response["status"], &response["max_output_tokens"]), (&json!("incomplete"), &json!(4)));
    assert_eq!(
        (&response["output"][0]["status"], &response["output"][1]["status"]),
        (&json!("completed"), &json!("incomplete"))
    );
    let filtered = whole(json!({}), &[said("Once")], &ended_by(FinishReason::ContentFilter));
    assert_eq!(filtered["incomplete_details"], json!({"reason": "content_filter"}));
    assert_eq!(filtered["completed_at"], Value::Null);
}

fn upstream(kind: ErrorKind) -> GatewayError {
    GatewayError::Upstream { error: UpstreamError::new(kind, "The provider gave up midway."), attempts: Vec::new() }
}

#[test]
fn an_answer_that_breaks_off_has_no_clean_end() {
    let (mut surface, mut out) = (surface(json!({})), Vec::new());
    surface.start(started(), &mut out).unwrap();
    surface.content(&said("Once"), &mut out).unwrap();
    surface.error(&started().id, &upstream(ErrorKind::ProviderUnavailable), &mut out).unwrap();
    let frames = frames(&out);
    assert_eq!(lines(&frames)[4..], ["output_text.delta 0.0 \"Once\"", "error", "failed"]);
    let error = &frames[5];
    assert_eq!((&error["code"], &error["error_type"]), (&json!("server_error"), &json!("provider_unavailable")));
    let response = &frames[6]["response"];
    assert_eq!((&response["status"], &response["error_type"]), (&json!("failed"), &json!("provider_unavailable")));
    assert_eq!(response["error"], json!({"code": "server_error", "message": "The provider gave up midway."}));
    assert_eq!((&response["output"][0]["status"], &response["completed_at"]), (&json!("incomplete"), &Value::Null));
}

#[test]
fn an_error_after_the_headers_and_before_any_answer_is_a_failed_response() {
    let (mut surface, mut out) = (surface(json!({})), Vec::new());
    let id = GenerationId::from_uuid_bytes([1; 16]);
    surface.error(&id, &upstream(ErrorKind::RateLimitExceeded), &mut out).unwrap();
    let frames = frames(&out);
    assert_eq!(lines(&frames), ["created", "in_progress", "error", "failed"]);
    assert_eq!(frames[3]["response"]["error"]["code"], "rate_limit_exceeded");
    assert_eq!(frames[3]["response"]["model"], "acme/talker");
}

#[test]
fn a_prompt_that_is_too_long_is_an_incomplete_answer() {
    let (mut surface, mut out) = (surface(json!({})), Vec::new());
    let id = GenerationId::from_uuid_bytes([1; 16]);
    surface.error(&id, &upstream(ErrorKind::ContextLengthExceeded), &mut out).unwrap();
    let frames = frames(&out);
    assert_eq!(lines(&frames), ["created", "in_progress", "incomplete"]);
    let response = &frames[2]["response"];
    assert_eq!((&response["error"], &response["error_type"]), (&Value::Null, &json!("context_length_exceeded")));
    assert_eq!(response["usage"]["cost"].to_string(), "0");
}

#[test]
fn a_response_repeats_the_settings_of_its_request() {
    let asked = json!({
        "instructions": "Be brief.", "temperature": 0.30, "metadata": {"a": "b"}, "user": "u", "truncation": "auto",
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": true}],
        "tool_choice": {"type": "function", "name": "f"}, "reasoning": {"effort": "low"},
        "text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": "object"}, "strict": true}},
    });
    let response = whole(asked.clone(), &[said("hi")], &ended());
    for key in ["instructions", "temperature", "metadata", "user", "tool_choice"] {
        assert_eq!(response[key], asked[key], "{key}");
    }
    assert_eq!(
        response["tools"][0],
        json!({"type": "function", "name": "f", "description": null, "parameters": {"type": "object"}, "strict": true})
    );
    assert_eq!(response["text"]["format"]["name"], "a");
    assert_eq!(response["reasoning"], json!({"effort": "low", "summary": null}));
    assert_eq!((&response["store"], &response["truncation"]), (&json!(false), &json!("disabled")));
    assert_eq!((&response["top_p"], &response["parallel_tool_calls"]), (&Value::Null, &json!(true)));
}

// === What goes out comes back ===

fn kinds() -> impl Strategy<Value = Vec<ReasoningKind>> {
    let text = ".{1,8}";
    prop_oneof![
        text.prop_map(|t| vec![ReasoningKind::Text(t)]),
        (text, "[a-zA-Z0-9+/=]{1,12}").prop_map(|(t, s)| vec![ReasoningKind::Text(t), ReasoningKind::Signature(s)]),
        "[a-zA-Z0-9+/=]{1,12}".prop_map(|s| vec![ReasoningKind::Signature(s)]),
        "[a-zA-Z0-9+/=]{1,12}".prop_map(|d| vec![ReasoningKind::Encrypted(d)]),
        (text, "[a-zA-Z0-9+/=]{1,12}").prop_map(|(t, d)| vec![ReasoningKind::Summary(t), ReasoningKind::Encrypted(d)]),
    ]
}

/// A block: its pieces, and whether it came from OpenAI, from elsewhere, or from nobody knows where.
fn block() -> impl Strategy<Value = (Vec<ReasoningKind>, Option<&'static str>)> {
    let formats = prop_oneof![
        Just(Some("openai-responses-v1")),
        Just(Some("anthropic-claude-v1")),
        Just(Some("google-gemini-v1")),
        Just(None)
    ];
    (kinds(), formats)
}

fn answer() -> impl Strategy<Value = Vec<Event>> {
    let blocks = proptest::collection::vec(block(), 0..4);
    let text = proptest::option::of(".{1,12}");
    let calls = proptest::collection::vec(("[a-z]{1,6}", ".{0,12}"), 0..4);
    (blocks, text, calls).prop_map(|(blocks, text, calls)| {
        let mut events = Vec::new();
        let mut next = 0;
        for (number, (kinds, format)) in blocks.into_iter().enumerate() {
            let id = (format == Some("openai-responses-v1")).then(|| format!("rs_own{number}"));
            for (at, kind) in kinds.into_iter().enumerate() {
                // A signature belongs to the block of its text; of OpenAI's items, each piece is a block.
                if at == 0 || id.is_some() || !matches!(kind, ReasoningKind::Signature(_)) {
                    next += 1;
                }
                events.push(thought(next - 1, kind, id.as_deref(), format));
            }
        }
        events.extend(text.map(Event::Text));
        for (index, (name, arguments)) in (0..).zip(calls) {
            events.extend([call(index, &name), Event::ToolArguments { index, delta: arguments }]);
        }
        events
    })
}

proptest! {
    #[test]
    fn an_answer_that_is_sent_back_means_what_it_meant(events in answer()) {
        let mut fold = Fold::default();
        events.iter().for_each(|event| fold.push(event));
        let meant = fold.finish().answer;
        let streamed = stream(json!({}), &events, &ended()).pop().unwrap();
        let output = &streamed["response"]["output"];
        prop_assert_eq!(output, &whole(json!({}), &events, &ended())["output"]);
        let mut input = vec![json!({"role": "user", "content": "hi"})];
        // As clients do that know OpenAI's fields only.
        input.extend(output.as_array().unwrap().iter().cloned().map(|mut item| { item.as_object_mut().unwrap().remove("format"); item }));
        let body = json!({"model": "acme/talker", "input": input});
        let call = Responses::parse(body.to_string().as_bytes(), &HeaderMap::new()).unwrap().0;
        let messages = &call.task.as_chat().unwrap().messages[1..];
        let (mut text, mut reasoning, mut calls) = (String::new(), Vec::new(), Vec::new());
        for message in messages {
            let canon::Message::Assistant { parts, reasoning: blocks, tool_calls, .. } = message else { panic!("{message:?}") };
            parts.iter().for_each(|part| if let canon::Part::Text { text: more, .. } = part { text.push_str(more) });
            reasoning.extend(blocks.clone());
            calls.extend(tool_calls.clone());
        }
        prop_assert!(messages.len() <= 1);
        prop_assert_eq!((text, reasoning, calls), (meant.text, meant.reasoning_details, meant.tool_calls));
    }
}

// === Errors before anything was sent ===

fn body_of(response: axum::response::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = futures::executor::block_on(axum::body::to_bytes(response.into_body(), usize::MAX)).unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[test]
fn a_prompt_that_is_too_long_is_no_error_of_http() {
    let id = GenerationId::from_uuid_bytes([1; 16]);
    for kind in [ErrorKind::ContextLengthExceeded, ErrorKind::MaxTokensExceeded] {
        let (status, body) = body_of(surface(json!({})).fail(&id, &upstream(kind)));
        assert_eq!((status, &body["status"], &body["output"]), (200, &json!("incomplete"), &json!([])));
        assert_eq!(body["incomplete_details"]["reason"], "max_output_tokens");
        assert_eq!((&body["error_type"], &body["usage"]["total_tokens"]), (&json!(kind.name()), &json!(0)));
    }
}

#[test]
fn any_other_error_is_in_openais_envelope() {
    let id = GenerationId::from_uuid_bytes([1; 16]);
    let (status, body) = body_of(surface(json!({})).fail(&id, &upstream(ErrorKind::RateLimitExceeded)));
    assert_eq!(
        (status, &body["error"]["type"], &body["error"]["code"]),
        (429, &json!("rate_limit_error"), &json!(429))
    );
    let (status, body) = body_of(Responses::refuse(&GatewayError::invalid("input[0].type", "is missing")));
    let error = &body["error"];
    assert_eq!(
        (status, &error["type"], &error["param"]),
        (400, &json!("invalid_request_error"), &json!("input[0].type"))
    );
    assert_eq!(error["metadata"]["error_type"], "invalid_request");
}
