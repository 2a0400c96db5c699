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
        Event::Finish { reason: FinishReason::Stop, native: "end_turn".to_owned(), stop_sequence: None },
        Event::Usage(usage),
    ]);
    let finish = Some(Finish { reason: FinishReason::Stop, native: "end_turn".to_owned(), stop_sequence: None });
    let expected = Completion {
        upstream_id: Some("id".to_owned()),
        answer: Choice { text: "Hello".to_owned(), finish, ..Choice::default() },
        usage: Some(usage),
        ..Completion::default()
    };
    assert_eq!(answer, expected);
    assert_eq!(
        fold(&[Event::Refusal("I can".to_owned()), Event::Refusal("not".to_owned())]).answer.refusal.as_deref(),
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
    assert_eq!(answer.answer.reasoning, "Let meIn short");
    let format = "anthropic-claude-v1";
    let expected = json!([
        {"type": "reasoning.text", "text": "Let me", "signature": "sig", "id": null, "format": format, "index": 0},
        {"type": "reasoning.encrypted", "data": "blob", "id": null, "format": format, "index": 1},
        {"type": "reasoning.summary", "summary": "In short", "id": null, "format": format, "index": 2},
        {"type": "reasoning.encrypted", "data": "more", "id": null, "format": format, "index": 2},
    ]);
    assert_eq!(serde_json::to_value(&answer.answer.reasoning_details).unwrap(), expected);
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
        cache_control: None,
    };
    assert_eq!(answer.answer.tool_calls, [expected("a", "{\"x\":1}"), expected("b", "{}")]);
}

#[test]
fn logprobs_and_annotations_are_gathered() {
    let answer = fold(&[
        Event::Logprobs(json!({"content": [{"token": "a"}], "refusal": null})),
        Event::Logprobs(json!({"content": [{"token": "b"}]})),
        Event::Annotation(json!({"type": "url_citation"})),
    ]);
    assert_eq!(answer.answer.logprobs, Some(json!({"content": [{"token": "a"}, {"token": "b"}], "refusal": null})));
    assert_eq!(answer.answer.annotations, [json!({"type": "url_citation"})]);
}

#[test]
fn each_choice_is_gathered_by_itself() {
    let text = |text: &str| Event::Text(text.to_owned());
    let call = || Event::ToolCall { index: 0, id: "a".to_owned(), name: "f".to_owned() };
    let finish = || Event::Finish { reason: FinishReason::Stop, native: "stop".to_owned(), stop_sequence: None };
    let answer =
        fold(&[text("zero"), Event::Choice(2), text("two"), call(), finish(), Event::Choice(0), call(), finish()]);
    let texts: Vec<&str> = answer.choices().map(|choice| choice.text.as_str()).collect();
    assert_eq!(texts, ["zero", "", "two"]);
    let ended: Vec<bool> = answer.choices().map(|choice| choice.finish.is_some()).collect();
    assert_eq!(ended, [true, false, true]);
    let calls: Vec<usize> = answer.choices().map(|choice| choice.tool_calls.len()).collect();
    assert_eq!(calls, [1, 0, 1]);
}

#[test]
fn a_choice_of_a_mad_number_takes_no_memory() {
    let answer = fold(&[Event::Choice(u32::MAX), Event::Text("x".to_owned())]);
    assert_eq!(answer.choices().count(), 128);
}

#[test]
fn vectors_and_scores_are_kept_by_their_numbers() {
    let answer = fold(&[
        Event::Embedding { index: 1, vector: vec![0.5] },
        Event::Embedding { index: 0, vector: vec![1.5] },
        Event::Score { index: 3, relevance: 0.9 },
    ]);
    assert_eq!(answer.embeddings.into_values().collect::<Vec<_>>(), [[1.5], [0.5]]);
    assert_eq!(answer.scores, [(3, 0.9)]);
}
