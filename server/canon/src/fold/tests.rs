//! What a stream amounts to.

use serde_json::json;

use super::*;

fn fold(events: &[Event]) -> Completion {
    let mut fold = Fold::default();
    events.iter().for_each(|event| fold.push(event));
    fold.finish()
}

fn thought(index: u32, kind: ReasoningKind) -> Event {
    Event::Reasoning(ReasoningDelta { index, kind, id: None, format: Some("anthropic-claude-v1".to_owned()) })
}

#[test]
fn text_refusal_and_the_end_are_joined() {
    let usage = Usage { prompt: 3, completion: 2, ..Usage::default() };
    let answer = fold(&[
        Event::Start {
            upstream_id: Some("id".to_owned()),
            upstream_model: None,
            system_fingerprint: None,
            service_tier: None,
        },
        Event::Text("He".to_owned()),
        Event::Text("llo".to_owned()),
        Event::Finish { reason: FinishReason::Stop, native: "end_turn".to_owned() },
        Event::Usage(usage),
    ]);
    let finish = Some(Finish { reason: FinishReason::Stop, native: "end_turn".to_owned() });
    let expected = Completion {
        upstream_id: Some("id".to_owned()),
        text: "Hello".to_owned(),
        finish,
        usage: Some(usage),
        ..Completion::default()
    };
    assert_eq!(answer, expected);
    assert_eq!(
        fold(&[Event::Refusal("I can".to_owned()), Event::Refusal("not".to_owned())]).refusal.as_deref(),
        Some("I cannot")
    );
}

#[test]
fn pieces_of_reasoning_become_blocks_with_text_and_signature_together() {
    let answer = fold(&[
        thought(0, ReasoningKind::Text("Let ".to_owned())),
        thought(0, ReasoningKind::Text("me".to_owned())),
        thought(0, ReasoningKind::Signature("sig".to_owned())),
        thought(1, ReasoningKind::Encrypted("blob".to_owned())),
        thought(2, ReasoningKind::Summary("In short".to_owned())),
        thought(2, ReasoningKind::Encrypted("more".to_owned())),
    ]);
    assert_eq!(answer.reasoning, "Let meIn short");
    let format = "anthropic-claude-v1";
    let expected = json!([
        {"type": "reasoning.text", "text": "Let me", "signature": "sig", "id": null, "format": format, "index": 0},
        {"type": "reasoning.encrypted", "data": "blob", "id": null, "format": format, "index": 1},
        {"type": "reasoning.summary", "summary": "In short", "id": null, "format": format, "index": 2},
        {"type": "reasoning.encrypted", "data": "more", "id": null, "format": format, "index": 2},
    ]);
    assert_eq!(serde_json::to_value(&answer.reasoning_details).unwrap(), expected);
}

#[test]
fn interleaved_tool_calls_keep_their_arguments() {
    let call = |index, id: &str| Event::ToolCall { index, id: id.to_owned(), name: "f".to_owned() };
    let arguments = |index, delta: &str| Event::ToolArguments { index, delta: delta.to_owned() };
    let answer = fold(&[call(0, "a"), call(4, "b"), arguments(0, "{\"x\""), arguments(4, "{}"), arguments(0, ":1}")]);
    let expected = |id: &str, arguments: &str| ToolCall {
        id: id.to_owned(),
        name: "f".to_owned(),
        arguments: arguments.to_owned(),
    };
    assert_eq!(answer.tool_calls, [expected("a", "{\"x\":1}"), expected("b", "{}")]);
}

#[test]
fn logprobs_and_annotations_are_gathered() {
    let answer = fold(&[
        Event::Logprobs(json!({"content": [{"token": "a"}], "refusal": null})),
        Event::Logprobs(json!({"content": [{"token": "b"}]})),
        Event::Annotation(json!({"type": "url_citation"})),
    ]);
    assert_eq!(answer.logprobs, Some(json!({"content": [{"token": "a"}, {"token": "b"}], "refusal": null})));
    assert_eq!(answer.annotations, [json!({"type": "url_citation"})]);
}
