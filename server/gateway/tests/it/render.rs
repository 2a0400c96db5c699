use std::collections::BTreeMap;

use canon::fold::Finish;
use canon::{Event, FinishReason, Fold};
use domain::{Cost, CostLine, GenerationId, NanoUsd, Timestamp, Unit, Usage};
use gateway::deliver::{Ended, Started};
use gateway::surfaces::chat::render::{Chunks, completion};

pub fn started() -> Started {
    Started {
        id: GenerationId::from_uuid_bytes([0xab; 16]),
        created_at: Timestamp::from_unix_seconds(1_795_348_800),
        model: "acme/talker".parse().unwrap(),
        provider_name: "Acme".to_owned(),
        system_fingerprint: None,
        service_tier: None,
    }
}

pub fn ended() -> Ended {
    let line = |unit, quantity, rate: &str| CostLine { unit, quantity, rate: rate.parse().unwrap() };
    let lines = vec![line(Unit::Prompt, 3, "0.0000001234"), line(Unit::Completion, 2, "0.0000004319")];
    let finish = Finish { reason: FinishReason::Stop, native: "end_turn".to_owned(), stop_sequence: None };
    Ended {
        finishes: BTreeMap::from([(0, finish)]),
        usage: Usage { prompt: 3, completion: 2, ..Usage::default() },
        cost: Cost { lines, total: NanoUsd(1_234) },
        charged: NanoUsd(1_234),
    }
}

#[test]
fn a_stream_ends_with_its_finish_then_its_usage_once_then_done() {
    let mut chunks = Chunks::new(started());
    let mut out = Vec::new();
    chunks.content(&Event::Text("hi".to_owned()), &mut out).unwrap();
    chunks.end(&ended(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let frames: Vec<&str> = text.trim_end().split("\n\n").collect();
    assert_eq!(frames.len(), 4);
    assert!(frames[0].contains(r#""delta":{"role":"assistant","content":"hi"},"finish_reason":null"#), "{}", frames[0]);
    assert!(frames[1].contains(r#""finish_reason":"stop","native_finish_reason":"end_turn""#), "{}", frames[1]);
    assert!(frames[2].contains(r#""choices":[],"usage":{"prompt_tokens":3"#), "{}", frames[2]);
    assert!(frames[2].contains(r#""cost":0.000001234"#), "{}", frames[2]);
    // 863.8 of 1,234 billionths are the answer's: rounded, with the rest left to the prompt.
    let details = r#""upstream_inference_cost":0.000001234,"upstream_inference_prompt_cost":0.00000037,"upstream_inference_completions_cost":0.000000864"#;
    assert!(frames[2].contains(details), "{}", frames[2]);
    assert_eq!(frames[3], "data: [DONE]");
    assert_eq!(text.matches("\"usage\"").count(), 1);
}

#[test]
fn a_whole_answer_is_the_fold_of_its_events() {
    let mut fold = Fold::default();
    for event in [
        Event::ToolCall { index: 0, id: "c1".to_owned(), name: "look".to_owned() },
        Event::ToolArguments { index: 0, delta: "{\"a\":".to_owned() },
        Event::ToolArguments { index: 0, delta: "1}".to_owned() },
    ] {
        fold.push(&event);
    }
    let body = completion(&started(), &fold.finish(), &ended()).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["choices"][0]["message"]["content"], serde_json::Value::Null);
    assert_eq!(body["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"], "{\"a\":1}");
    assert_eq!(body["provider"], "Acme");
}
