//! `POST /embeddings` and `POST /rerank`: bodies, plans, holds and answers.

use std::collections::BTreeMap;

use canon::fold::Finish;
use canon::{Completion, EmbedInput, Event, FinishReason, Fold, Task, TaskKind};
use domain::{Cost, GenerationId, NanoUsd, Timestamp, Usage};
use gateway::GatewayError;
use gateway::call::{Admitted, Call};
use gateway::clock::Stopwatch;
use gateway::deliver::{Ended, Started};
use gateway::hold::hold;
use gateway::plan::plan;
use gateway::ports::Caller;
use gateway::surfaces::Surface;
use gateway::surfaces::embeddings::Embeddings;
use gateway::surfaces::rerank::Rerank;
use http::HeaderMap;
use serde_json::{Value, json};

use crate::fixture::{NOW, Purse, call, snapshot};

fn parse<S: Surface>(body: &Value) -> Result<(Call, S), GatewayError> {
    S::parse(body.to_string().as_bytes(), &HeaderMap::new())
}

fn refusal<S: Surface>(body: &Value) -> String {
    match parse::<S>(body) {
        Ok(_) => panic!("{body} was accepted"),
        Err(error) => error.to_string(),
    }
}

fn inputs(input: Value) -> Vec<EmbedInput> {
    let (call, _) = parse::<Embeddings>(&json!({"model": "acme/embedder", "input": input})).unwrap();
    match call.task {
        Task::Embed(request) => request.inputs,
        other => panic!("{other:?}"),
    }
}

fn answered<S: Surface>(body: &Value, events: &[Event], usage: Usage) -> Value {
    let (_, surface) = parse::<S>(body).unwrap();
    let mut fold = Fold::default();
    events.iter().for_each(|event| fold.push(event));
    let answer: Completion = fold.finish();
    let id = GenerationId::from_uuid_bytes([0xab; 16]);
    let started = Started {
        id: id.clone(),
        created_at: Timestamp::from_unix_seconds(1_795_348_800),
        model: "acme/embedder".parse().unwrap(),
        provider_name: "Acme".to_owned(),
        system_fingerprint: None,
        service_tier: None,
    };
    let finish = Finish { reason: FinishReason::Stop, native: "stop".to_owned(), stop_sequence: None };
    let cost = Cost { lines: Vec::new(), total: NanoUsd(1_250) };
    let ended = Ended { finishes: BTreeMap::from([(0, finish)]), usage, cost, charged: NanoUsd(1_250) };
    let text = surface.whole(started, answer, &ended).unwrap();
    let body: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(body["id"], id.as_str());
    // As written: a JSON number is not a float.
    assert!(String::from_utf8(text).unwrap().contains(r#""cost":0.00000125"#));
    body
}

#[test]
fn inputs_of_every_kind_are_read() {
    let text = |text: &str| EmbedInput::Text(text.to_owned());
    assert_eq!(inputs(json!("a")), [text("a")]);
    assert_eq!(inputs(json!(["a", "b"])), [text("a"), text("b")]);
    assert_eq!(inputs(json!([1, 2])), [EmbedInput::Tokens(vec![1, 2])]);
    assert_eq!(inputs(json!([[1], [2, 3]])), [EmbedInput::Tokens(vec![1]), EmbedInput::Tokens(vec![2, 3])]);
    let picture = json!({"type": "image_url", "image_url": {"url": "https://x.example/a.png"}});
    let parts = json!([{"content": [{"type": "text", "text": "a"}, picture]}]);
    assert!(matches!(inputs(parts).as_slice(), [EmbedInput::Parts(parts)] if parts.len() == 2));
}

#[test]
fn what_cannot_be_embedded_is_refused_by_its_field() {
    let refused = |more: Value| {
        let mut body = json!({"model": "acme/embedder"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        refusal::<Embeddings>(&body)
    };
    assert!(refused(json!({})).starts_with("input: is missing"));
    assert!(refused(json!({"input": []})).starts_with("input: 0 inputs given"));
    assert!(refused(json!({"input": ["a", ""]})).starts_with("input[1]: is empty"));
    assert!(refused(json!({"input": [1, "a"]})).starts_with("input: "));
    assert!(refused(json!({"input": "a", "dimensions": 0})).starts_with("dimensions: 0 is given"));
    assert!(refused(json!({"input": "a", "encoding_format": "hex"})).starts_with("encoding_format: "));
}

#[test]
fn what_cannot_be_ranked_is_refused_by_its_field() {
    let refused = |body: Value| refusal::<Rerank>(&body);
    assert!(refused(json!({"model": "m/m", "documents": ["a"]})).starts_with("query: is missing"));
    assert!(refused(json!({"model": "m/m", "query": "q"})).starts_with("documents: is missing"));
    assert!(
        refused(json!({"model": "m/m", "query": "q", "documents": []})).starts_with("documents: 0 documents given")
    );
    let picture = json!({"image": "https://x.example/a.png"});
    let refused_picture = refused(json!({"model": "m/m", "query": "q", "documents": [picture]}));
    assert!(refused_picture.starts_with("documents[0].image: "), "{refused_picture}");
    assert!(refused(json!({"model": "m/m", "query": "q", "documents": [{}]})).starts_with("documents[0].text: "));
}

#[test]
fn vectors_are_written_as_short_numbers_or_as_base64() {
    let body = json!({"model": "acme/embedder", "input": ["a", "b"]});
    let events = [
        Event::Embedding { index: 1, vector: vec![0.1, -1.0] },
        Event::Embedding { index: 0, vector: vec![1e-7, 0.25] },
    ];
    let usage = Usage { prompt: 9, image_in: 5, ..Usage::default() };
    let answer = answered::<Embeddings>(&body, &events, usage);
    let vectors: Vec<String> =
        answer["data"].as_array().unwrap().iter().map(|item| item["embedding"].to_string()).collect();
    assert_eq!(vectors, ["[1e-7,0.25]", "[0.1,-1.0]"]);
    assert_eq!(answer["data"][1]["index"], 1);
    assert_eq!(answer["usage"]["prompt_tokens"], 9);
    assert_eq!(answer["usage"]["prompt_tokens_details"], json!({"text_tokens": 4, "image_tokens": 5}));
    let mut body = body;
    body["encoding_format"] = json!("base64");
    let answer = answered::<Embeddings>(&body, &[Event::Embedding { index: 0, vector: vec![0.25, -1.0] }], usage);
    assert_eq!(answer["data"][0]["embedding"], "AACAPgAAgL8=");
}

#[test]
fn a_ranking_has_the_best_first_and_no_more_than_asked_for() {
    let body = json!({"model": "m/m", "query": "q", "documents": ["a", {"text": "b"}, "c"], "top_n": 2});
    let score = |index, relevance| Event::Score { index, relevance };
    let usage = Usage { search_units: 3, ..Usage::default() };
    let answer = answered::<Rerank>(&body, &[score(0, 0.25), score(1, 0.75), score(2, 0.5)], usage);
    let expected = json!([
        {"index": 1, "relevance_score": 0.75, "document": {"text": "b"}},
        {"index": 2, "relevance_score": 0.5, "document": {"text": "c"}},
    ]);
    assert_eq!(answer["results"], expected);
    assert_eq!(answer["usage"]["search_units"], 3);
}

#[test]
fn a_model_asked_at_the_wrong_route_names_the_right_one() {
    let at = |call: &Call| {
        let error = plan(call, &snapshot(), NOW).unwrap_err();
        assert_eq!((error.status(), error.error_type()), (400, "invalid_request"));
        error.to_string()
    };
    let (embed, _) = parse::<Embeddings>(&json!({"model": "acme/talker", "input": "a"})).unwrap();
    assert!(at(&embed).contains("POST /api/v1/chat/completions"));
    assert!(at(&call(json!({"model": "acme/embedder"}))).contains("POST /api/v1/embeddings"));
    let (embed, _) = parse::<Embeddings>(&json!({"model": "acme/ranker", "input": "a"})).unwrap();
    assert!(at(&embed).contains("POST /api/v1/rerank"));
}

async fn held(call: Call) -> i64 {
    let account = "0193f0c2-aabb-7ccc-8ddd-001122334455".parse().unwrap();
    let plan = plan(&call, &snapshot(), NOW).unwrap();
    let admitted = Admitted { caller: Caller { account, key: None }, call, stopwatch: Stopwatch::start() };
    let purse = Purse::with(NanoUsd(10_000_000_000));
    let id = GenerationId::from_uuid_bytes([1; 16]);
    hold(&purse, &admitted, &id, plan).await.unwrap().hold.amount.0
}

#[tokio::test]
async fn holds_cover_a_batch_that_is_longer_than_one_context() {
    // 40 inputs of 900 bytes, at a context of 1,000 tokens and a millionth of a dollar each.
    let texts = vec!["x".repeat(900); 40];
    let (call, _) = parse::<Embeddings>(&json!({"model": "acme/embedder", "input": texts})).unwrap();
    assert_eq!(call.task.kind(), TaskKind::Embed);
    assert!(held(call).await >= 36_000 * 1_000);
}

#[tokio::test]
async fn holds_cover_all_the_searches_that_a_ranking_may_be() {
    // A search is up to 100 documents of up to 500 tokens with the query: 2 thousandths of a dollar each.
    let ranking = |documents: Vec<String>| {
        let (call, _) =
            parse::<Rerank>(&json!({"model": "acme/ranker", "query": "q", "documents": documents})).unwrap();
        call
    };
    assert_eq!(held(ranking(vec!["a".to_owned(); 100])).await, 2_000_000);
    assert_eq!(held(ranking(vec!["a".to_owned(); 101])).await, 4_000_000);
    assert_eq!(held(ranking(vec!["x".repeat(1_200); 60])).await, 4_000_000);
}
