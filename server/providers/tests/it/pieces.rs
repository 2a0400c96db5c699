//! Streams cut anywhere, broken off, or filled with garbage: the same events, an error, never a panic and never a made-up end.

use proptest::prelude::*;
use providers::catalog::Dialect;
use providers::dialect::{Decoder, Reading};

use crate::framing::{end_of_frame_with, frame};
use crate::recordings::{Recording, run};

const DIALECTS: [Dialect; 6] = [
    Dialect::OpenaiChat,
    Dialect::OpenaiResponses,
    Dialect::Anthropic,
    Dialect::Bedrock,
    Dialect::Gemini,
    Dialect::Cohere,
];

#[test]
fn a_stream_means_the_same_wherever_it_is_cut() {
    for recording in Recording::streams() {
        let whole = recording.decode([recording.body.as_slice()]);
        for at in 0..recording.body.len() {
            let (head, tail) = recording.body.split_at(at);
            assert_eq!(recording.decode([head, tail]), whole, "{} at {at}", recording.name);
        }
        assert_eq!(recording.decode(recording.body.chunks(1)), whole, "{}", recording.name);
        assert_eq!(recording.decode(recording.body.chunks(7)), whole, "{}", recording.name);
    }
}

/// Where the frame that ends the answer is complete: its finish reason for Chat Completions (hosts close without `[DONE]`),
/// `message_stop` for Messages, the whole response for Responses, `messageStop` for Converse, `message-end` for Cohere, the finish
/// reasons of all candidates for generateContent. Nothing before it may count as an end.
fn earliest_end(recording: &Recording) -> usize {
    if recording.dialect == Dialect::Bedrock {
        return end_of_frame_with(&recording.body, b"messageStop").unwrap_or(usize::MAX);
    }
    let text = std::str::from_utf8(&recording.body).unwrap();
    let mark = match recording.dialect {
        Dialect::Anthropic => text.find("event: message_stop"),
        Dialect::Cohere => text.find("event: message-end").filter(|_| !text.contains("\"ERROR\"")),
        Dialect::OpenaiResponses => {
            text.find("event: response.completed").or_else(|| text.find("event: response.incomplete"))
        }
        Dialect::Gemini => text.rfind("\"finishReason\"").or_else(|| text.find("\"blockReason\"")),
        _ => ["stop", "length", "tool_calls"]
            .iter()
            .filter_map(|r| text.find(&format!("\"finish_reason\":\"{r}\"")))
            .min(),
    };
    let end = |mark: usize| match text[mark..].find("\r\n\r\n") {
        Some(crlf) => mark + crlf + 3,
        None => mark + text[mark..].find("\n\n").unwrap() + 2,
    };
    mark.map_or(usize::MAX, end)
}

#[test]
fn a_stream_that_breaks_off_never_ends_well() {
    for recording in Recording::streams() {
        let earliest = earliest_end(&recording);
        for at in 0..recording.body.len() {
            let (_, result) = recording.decode([&recording.body[..at]]);
            assert_eq!(result.is_ok(), at >= earliest, "{} at {at}: {result:?}", recording.name);
        }
    }
}

#[test]
fn nothing_after_the_end_counts() {
    let tells_its_end = |r: &Recording| match r.dialect {
        Dialect::OpenaiChat => r.body.ends_with(b"[DONE]\n\n"),
        Dialect::Gemini => false,
        _ => true,
    };
    for recording in Recording::streams().into_iter().filter(tells_its_end) {
        let whole = recording.decode([recording.body.as_slice()]);
        let twice = recording.decode([recording.body.as_slice(), recording.body.as_slice()]);
        assert_eq!(twice, whole, "{}", recording.name);
    }
}

#[test]
fn an_event_without_end_is_refused_within_bounds() {
    for dialect in DIALECTS {
        let piece = vec![b'x'; 1 << 20];
        let (events, result) =
            run(Decoder::new(dialect, Reading::default()).unwrap(), (0..64).map(|_| piece.as_slice()));
        assert!(events.is_empty());
        assert!(result.unwrap_err().message.contains("longer than"));
        let (_, result) =
            run(Decoder::of_one_piece(dialect, Reading::default()).unwrap(), (0..64).map(|_| piece.as_slice()));
        assert!(result.unwrap_err().message.contains("longer than"));
    }
}

#[test]
fn an_answer_that_is_not_the_protocol_is_an_error() {
    for dialect in DIALECTS {
        for body in [
            "",
            "data: [DONE]\n\n",
            "data: {\n\n",
            "data: []\n\n",
            "data: 1\n\n",
            "<html>",
            "data: {}\n\n",
            ": hm\n\n",
            "event: error\ndata: no\n\n",
        ] {
            let (events, result) = run(Decoder::new(dialect, Reading::default()).unwrap(), [body.as_bytes()]);
            assert!(result.is_err(), "{dialect:?} {body}");
            assert!(!events.iter().any(canon::Event::is_content), "{dialect:?} {body}");
        }
    }
}

#[test]
fn a_frame_that_lies_about_itself_is_refused() {
    let whole = frame("event", "messageStart", "{}");
    let decode = |body: &[u8]| run(Decoder::new(Dialect::Bedrock, Reading::default()).unwrap(), [body]).1.unwrap_err();
    for at in 0..whole.len() {
        let mut body = whole.clone();
        body[at] ^= 0x40;
        assert_eq!(decode(&body).kind, canon::ErrorKind::ProviderUnavailable, "byte {at}");
    }
    assert!(decode(&frame("riddle", "x", "{}")).message.contains("not its protocol"));
}

proptest! {
    #[test]
    fn garbage_never_panics(body in proptest::collection::vec(any::<u8>(), 0..2_000), dialect in prop::sample::select(DIALECTS.to_vec())) {
        let (_, result) = run(Decoder::new(dialect, Reading::default()).unwrap(), [body.as_slice()]);
        prop_assert!(result.is_err());
    }

    #[test]
    fn a_recording_with_damage_never_panics(which in 0_usize..40, at in any::<prop::sample::Index>(), len in 0_usize..40, new in "\\PC{0,20}") {
        let recordings = Recording::streams();
        let recording = &recordings[which % recordings.len()];
        let mut body = recording.body.clone();
        let at = at.index(body.len());
        let end = (at + len).min(body.len());
        body.splice(at..end, new.into_bytes());
        let _ = recording.decode([body.as_slice()]);
    }

    #[test]
    fn json_of_any_shape_never_panics(json in any_json(), dialect in prop::sample::select(DIALECTS.to_vec()), event in prop::sample::select(&EVENTS[..])) {
        let body = match dialect {
            Dialect::Bedrock => frame("event", event, &json),
            _ => format!("data: {json}\n\n").into_bytes(),
        };
        let _ = run(Decoder::new(dialect, Reading::default()).unwrap(), [body.as_slice()]);
        let _ = run(Decoder::of_one_piece(dialect, Reading::default()).unwrap(), [json.as_bytes()]);
        let status = http::StatusCode::BAD_REQUEST;
        let error = providers::dialect::decode_error(dialect, status, &http::HeaderMap::new(), json.as_bytes());
        prop_assert!(!error.message.is_empty());
    }
}

/// The events of Converse.
const EVENTS: [&str; 6] =
    ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"];

/// JSON out of the words that decoders look for.
fn any_json() -> impl Strategy<Value = String> {
    let words = "contentBlockIndex|start|toolUse|input|reasoningContent|stopReason|image|source|bytes|type|index|delta|message|content|content_block|choices|tool_calls|function|arguments|usage|error|code|finish_reason|text|item|response|output_index|output|logprobs|summary|status|thinking|tool_plan|citations|id|candidates|parts|functionCall|args|inlineData|thoughtSignature|usageMetadata|finishReason";
    let word = prop::sample::select(words.split('|').collect::<Vec<_>>());
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        word.clone().prop_map(|word| format!("\"{word}\"")),
        prop::sample::select(vec![
            "message_start",
            "message-start",
            "content-delta",
            "tool-call-start",
            "citation-start",
            "message-end",
            "content_block_start",
            "content_block_delta",
            "message_delta",
            "message_stop",
            "error",
            "response",
            "response.created",
            "response.output_item.done",
            "response.output_text.delta",
            "response.function_call_arguments.done",
            "response.completed",
            "completed",
            "function_call"
        ])
        .prop_map(|word| format!("\"{word}\"")),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let fields = proptest::collection::vec((word.clone(), inner.clone()), 0..5);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            fields.prop_map(|fields| {
                let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}
