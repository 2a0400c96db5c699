//! Embeddings and rankings: requests, and the answers, which come whole.

use std::collections::VecDeque;

use canon::{EmbedInput, EmbedRequest, Event, RerankRequest, TaskKind, UpstreamError};
use providers::dialect::{Decoder, Reading};
use providers::quirks::{EmbeddingDimensions, EmbeddingEncoding, EmbeddingInputType, RerankTop};

use super::*;

fn texts(texts: &[&str]) -> EmbedRequest {
    let inputs = texts.iter().map(|text| EmbedInput::Text((*text).to_owned())).collect();
    EmbedRequest { inputs, ..EmbedRequest::default() }
}

fn picture_and_text() -> EmbedInput {
    EmbedInput::Parts(vec![text("a tower"), Part::Image { source: png(), detail: None, cache_control: None }])
}

fn ranking() -> RerankRequest {
    let documents = vec!["one".to_owned(), "two".to_owned(), "three".to_owned()];
    RerankRequest { query: "which?".to_owned(), documents, top_n: Some(2), ..RerankRequest::default() }
}

fn embed_body(dialect: Dialect, quirks: Quirks, request: EmbedRequest) -> Result<Value, EncodeError> {
    let encoded = Offer { quirks, ..Offer::default() }.encode_task(dialect, &Task::Embed(request))?;
    Ok(serde_json::from_slice(&encoded.body).unwrap())
}

fn rerank_body(dialect: Dialect, quirks: Quirks) -> Value {
    let encoded = Offer { quirks, ..Offer::default() }.encode_task(dialect, &Task::Rerank(ranking())).unwrap();
    assert_eq!(encoded.path, "/rerank");
    assert_eq!((encoded.reading.task, encoded.reading.items), (TaskKind::Rerank, 3));
    serde_json::from_slice(&encoded.body).unwrap()
}

fn read(dialect: Dialect, task: TaskKind, items: usize, body: &str) -> (Vec<Event>, Result<(), UpstreamError>) {
    let mut decoder = Decoder::new(dialect, Reading { task, items, ..Reading::default() }).unwrap();
    let mut events = VecDeque::new();
    let pushed = body.as_bytes().chunks(5).try_for_each(|piece| decoder.push(piece, &mut events));
    let result = pushed.and_then(|()| decoder.end(&mut events));
    (events.into(), result)
}

/// What came: vectors or scores, and the usage.
fn told(dialect: Dialect, task: TaskKind, items: usize, body: &str) -> String {
    let (events, result) = read(dialect, task, items, body);
    result.unwrap();
    let told: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            Event::Embedding { index, vector } => Some(format!("{index}: {vector:?}")),
            Event::Score { index, relevance } => Some(format!("{index}: {relevance}")),
            Event::Usage(usage) => Some(format!("{usage:?}")),
            _ => None,
        })
        .collect();
    told.join(", ")
}

#[test]
fn inputs_of_every_kind_are_written_as_openai_and_openrouter_have_them() {
    let request = EmbedRequest { dimensions: Some(256), user: Some("ada".to_owned()), ..texts(&["a", "b"]) };
    let expected = json!({
        "model": "the-model", "input": ["a", "b"], "encoding_format": "float", "dimensions": 256, "user": "ada",
    });
    assert_eq!(embed_body(Dialect::OpenaiChat, Quirks::default(), request).unwrap(), expected);
    let inputs = vec![EmbedInput::Tokens(vec![1, 2]), picture_and_text()];
    let body =
        embed_body(Dialect::OpenaiChat, Quirks::default(), EmbedRequest { inputs, ..EmbedRequest::default() }).unwrap();
    let picture = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}});
    assert_eq!(body["input"], json!([[1, 2], {"content": [{"type": "text", "text": "a tower"}, picture]}]));
}

#[test]
fn what_hosts_call_otherwise_is_a_quirk() {
    let input_type = Some("search_query".to_owned());
    let request = EmbedRequest { dimensions: Some(256), input_type, ..texts(&["a"]) };
    let plain = embed_body(Dialect::OpenaiChat, Quirks::default(), request.clone()).unwrap();
    assert_eq!(plain["input_type"], Value::Null);
    let quirks = Quirks {
        embedding_encoding: EmbeddingEncoding::Unsaid,
        embedding_dimensions: EmbeddingDimensions::OutputDimension,
        embedding_input_type: EmbeddingInputType::QueryDocument,
        rerank_top: RerankTop::TopK,
        ..Quirks::default()
    };
    let expected = json!({"model": "the-model", "input": ["a"], "output_dimension": 256, "input_type": "query"});
    assert_eq!(embed_body(Dialect::OpenaiChat, quirks.clone(), request).unwrap(), expected);
    assert_eq!(rerank_body(Dialect::OpenaiChat, quirks)["top_k"], 2);
}

#[test]
fn rankings_are_asked_for_alike_everywhere() {
    let expected = json!({"model": "the-model", "query": "which?", "documents": ["one", "two", "three"], "top_n": 2});
    assert_eq!(rerank_body(Dialect::OpenaiChat, Quirks::default()), expected);
    assert_eq!(rerank_body(Dialect::Cohere, Quirks::default()), expected);
}

#[test]
fn cohere_wants_a_purpose_and_takes_pictures_but_no_tokens() {
    let body = embed_body(Dialect::Cohere, Quirks::default(), texts(&["a"])).unwrap();
    let expected = json!({
        "model": "the-model", "texts": ["a"], "input_type": "search_document", "embedding_types": ["float"],
    });
    assert_eq!(body, expected);
    let inputs = vec![picture_and_text()];
    let request = EmbedRequest { inputs, input_type: Some("query".to_owned()), dimensions: Some(64), ..texts(&[]) };
    let body = embed_body(Dialect::Cohere, Quirks::default(), request).unwrap();
    assert_eq!(body["input_type"], "search_query");
    assert_eq!(body["output_dimension"], 64);
    assert_eq!(body["inputs"][0]["content"][1]["image_url"]["url"], "data:image/png;base64,iVBORw0KGgo=");
    let tokens = EmbedRequest { inputs: vec![EmbedInput::Tokens(vec![1])], ..EmbedRequest::default() };
    assert!(matches!(embed_body(Dialect::Cohere, Quirks::default(), tokens), Err(EncodeError::NoWay(_))));
}

#[test]
fn vectors_are_understood_as_numbers_and_as_base64() {
    let floats = r#"{"object":"list","data":[{"object":"embedding","index":1,"embedding":[0.25,-1]},{"index":0,"embedding":[1e-7,3]}],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8}}"#;
    let told_of = |body: &str, items| told(Dialect::OpenaiChat, TaskKind::Embed, items, body);
    assert_eq!(told_of(floats, 2), "1: [0.25, -1.0], 0: [1e-7, 3.0], Usage { prompt: 8 }");
    let base64 = r#"{"data":[{"embedding":"AACAPgAAgL8="}],"usage":{"total_tokens":3}}"#;
    assert_eq!(told_of(base64, 1), "0: [0.25, -1.0], Usage { prompt: 3 }");
    let cohere = r#"{"id":"e","embeddings":{"float":[[0.5],[0.25]]},"texts":["a","b"],"meta":{"billed_units":{"input_tokens":4.0,"image_tokens":200.0,"images":1.0}}}"#;
    let expected = "0: [0.5], 1: [0.25], Usage { prompt: 204, image_in: 200, images: 1 }";
    assert_eq!(told(Dialect::Cohere, TaskKind::Embed, 2, cohere), expected);
}

#[test]
fn scores_are_understood_in_the_shape_of_every_host() {
    let jina = r#"{"model":"m","usage":{"total_tokens":15,"prompt_tokens":15},"results":[{"index":2,"document":{"text":"three"},"relevance_score":0.75},{"index":0,"relevance_score":0.5}]}"#;
    assert_eq!(told(Dialect::OpenaiChat, TaskKind::Rerank, 3, jina), "2: 0.75, 0: 0.5, Usage { prompt: 15 }");
    let voyage =
        r#"{"object":"list","data":[{"index":1,"relevance_score":0.5}],"model":"m","usage":{"total_tokens":26}}"#;
    assert_eq!(told(Dialect::OpenaiChat, TaskKind::Rerank, 3, voyage), "1: 0.5, Usage { prompt: 26 }");
    let cohere = r#"{"id":"r","results":[{"index":1,"relevance_score":0.5}],"meta":{"api_version":{"version":"2"},"billed_units":{"search_units":2}}}"#;
    for dialect in [Dialect::Cohere, Dialect::OpenaiChat] {
        assert_eq!(told(dialect, TaskKind::Rerank, 3, cohere), "1: 0.5, Usage { search_units: 2 }");
    }
}

#[test]
fn an_answer_that_does_not_cover_what_was_sent_is_broken() {
    let check = |dialect, task, items, body: &str| {
        let (events, result) = read(dialect, task, items, body);
        assert!(result.is_err(), "{body}");
        assert!(events.is_empty(), "{body}");
    };
    for body in [
        r#"{"data":[{"index":0,"embedding":[1]}]}"#,
        r#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}"#,
        r#"{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}"#,
        r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[]}]}"#,
        r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":"AAA="}]}"#,
        r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":"AADAfw=="}]}"#,
        r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]}]"#,
        r#"{"data":[]}"#,
        "",
    ] {
        check(Dialect::OpenaiChat, TaskKind::Embed, 2, body);
    }
    check(Dialect::Cohere, TaskKind::Embed, 2, r#"{"embeddings":{"float":[[1]]}}"#);
    for dialect in [Dialect::OpenaiChat, Dialect::Cohere] {
        for body in [
            r#"{"results":[]}"#,
            r#"{"results":[{"index":3,"relevance_score":1}]}"#,
            r#"{"results":[{"index":1,"relevance_score":1},{"index":1,"relevance_score":1}]}"#,
        ] {
            check(dialect, TaskKind::Rerank, 3, body);
        }
    }
}

#[test]
fn an_error_behind_a_status_that_says_all_is_well_is_still_one() {
    let body = r#"{"error":{"message":"The model is overloaded","type":"overloaded_error"}}"#;
    let (_, result) = read(Dialect::OpenaiChat, TaskKind::Embed, 1, body);
    assert_eq!(result.unwrap_err().message, "The model is overloaded");
    let (_, result) = read(Dialect::Cohere, TaskKind::Rerank, 1, r#"{"message":"no such thing"}"#);
    assert_eq!(result.unwrap_err().message, "no such thing");
}
