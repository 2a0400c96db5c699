use canon::{ErrorKind, Event, Fold, Message, Part, UpstreamError};
use gateway::GatewayError;
use gateway::surfaces::Surface;
use gateway::surfaces::completions::Completions;
use http::HeaderMap;
use serde_json::{Value, json};

use crate::render::{ended, started};

fn with(extra: Value) -> Vec<u8> {
    let mut body = json!({"model": "acme/talker", "prompt": "Once"});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body.to_string().into_bytes()
}

fn surface(extra: Value) -> Completions {
    Completions::parse(&with(extra), &HeaderMap::new()).unwrap().1
}

#[track_caller]
fn refuses(extra: Value, field: &str, part: &str) {
    match Completions::parse(&with(extra), &HeaderMap::new()) {
        Err(GatewayError::Invalid { field: at, message }) => {
            assert_eq!(at.as_deref(), Some(field), "{message}");
            assert!(message.contains(part), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

fn said(text: &str) -> Event {
    Event::Text(text.to_owned())
}

fn logprobs() -> Event {
    let token = |token: &str| json!({"token": token, "logprob": -0.5, "bytes": [], "top_logprobs": [{"token": "x", "logprob": -2}]});
    Event::Logprobs(json!({"content": [token("tür"), token(".")]}))
}

#[test]
fn wrong_fields_are_named() {
    refuses(json!({"prompt": null}), "prompt", "is missing");
    refuses(json!({"prompt": [1, 2]}), "prompt", "as tokens");
    refuses(json!({"prompt": [[1, 2]]}), "prompt", "as tokens");
    refuses(json!({"prompt": ["a", "b"]}), "prompt", "2 texts are given");
    refuses(json!({"prompt": []}), "prompt", "0 texts are given");
    refuses(json!({"prompt": {"a": 1}}), "prompt", "expected a text");
    refuses(json!({"suffix": "end"}), "suffix", "cannot fill in");
    refuses(json!({"best_of": 2}), "best_of", "Use n");
    refuses(json!({"n": 0}), "n", "from 1 to 128");
    refuses(json!({"logprobs": -1}), "logprobs", "from 0 to 20");
    refuses(json!({"max_tokens": 0}), "max_tokens", "0 is given");
    refuses(json!({"temperature": 3}), "temperature", "from 0 to 2");
    refuses(json!({"model": ""}), "model", "is missing");
}

#[test]
fn the_prompt_is_the_message_of_a_user() {
    for prompt in [json!("Once"), json!(["Once"])] {
        let body = with(
            json!({"prompt": prompt, "n": 2, "stop": "END", "logprobs": 0, "seed": 3, "suffix": "", "best_of": 1}),
        );
        let call = Completions::parse(&body, &HeaderMap::new()).unwrap().0;
        let request = call.task.as_chat().unwrap();
        let parts = vec![Part::Text { text: "Once".to_owned(), cache_control: None }];
        assert_eq!(request.messages, [Message::User { parts, name: None }]);
        assert_eq!((request.choices, request.stop.as_slice()), (Some(2), &["END".to_owned()][..]));
        assert_eq!((request.sampling.logprobs, &request.sampling.top_logprobs), (Some(true), &None));
    }
}

#[test]
fn a_stream_has_the_echo_the_text_the_finish_the_usage_and_an_end() {
    let (mut surface, mut out) = (surface(json!({"echo": true, "stream": true})), Vec::new());
    surface.start(started(), &mut out).unwrap();
    surface.content(&said("tür."), &mut out).unwrap();
    surface.content(&logprobs(), &mut out).unwrap();
    surface.end(&ended(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let frames: Vec<&str> = text.trim_end().split("\n\n").map(|frame| frame.strip_prefix("data: ").unwrap()).collect();
    assert_eq!(frames.last(), Some(&"[DONE]"));
    let chunks: Vec<Value> =
        frames[..frames.len() - 1].iter().map(|frame| serde_json::from_str(frame).unwrap()).collect();
    let texts: Vec<&str> = chunks.iter().filter_map(|chunk| chunk["choices"][0]["text"].as_str()).collect();
    assert_eq!(texts, ["Once", "tür.", "", ""]);
    assert_eq!(chunks[2]["choices"][0]["logprobs"]["text_offset"], json!([4, 7]));
    assert_eq!(chunks[3]["choices"][0]["finish_reason"], "stop");
    assert_eq!((&chunks[4]["choices"], &chunks[4]["usage"]["total_tokens"]), (&json!([]), &json!(5)));
    assert!(chunks.iter().all(|chunk| chunk["object"] == "text_completion"));
}

#[test]
fn a_whole_answer_has_log_probabilities_in_the_shape_of_old() {
    let mut fold = Fold::default();
    [said("tür."), logprobs()].iter().for_each(|event| fold.push(event));
    let body = surface(json!({"logprobs": 1})).whole(started(), fold.finish(), &ended()).unwrap();
    assert!(String::from_utf8_lossy(&body).contains("\"cost\":0.000001234,"));
    let body: Value = serde_json::from_slice(&body).unwrap();
    let choice = &body["choices"][0];
    assert_eq!((&choice["text"], &choice["finish_reason"]), (&json!("tür."), &json!("stop")));
    assert_eq!(
        choice["logprobs"],
        json!({
            "tokens": ["tür", "."], "token_logprobs": [-0.5, -0.5], "top_logprobs": [{"x": -2}, {"x": -2}], "text_offset": [0, 3],
        })
    );
}

#[test]
fn an_answer_that_breaks_off_ends_with_an_error_and_no_done() {
    let (mut surface, mut out) = (surface(json!({"stream": true})), Vec::new());
    surface.start(started(), &mut out).unwrap();
    surface.content(&said("up"), &mut out).unwrap();
    let error = UpstreamError::new(ErrorKind::ProviderUnavailable, "gone");
    surface.error(&started().id, &GatewayError::Upstream { error, attempts: Vec::new() }, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let last: Value = serde_json::from_str(text.trim_end().rsplit_once("data: ").unwrap().1).unwrap();
    assert_eq!(last["error"]["code"], 502);
    assert_eq!(last["choices"][0]["finish_reason"], "error");
}
