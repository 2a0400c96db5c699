//! OpenAI's embeddings.

use serde_json::{Value, json};

use crate::client::{Reply, Sim, with};

async fn embed(sim: &Sim, input: Value, more: Value) -> Reply {
    let body = with(json!({"model": "sim-embed", "input": input}), more);
    sim.request("POST", "/openai/v1/embeddings", &[], body.to_string().as_bytes()).await.unwrap()
}

fn vector(reply: &Reply, index: usize) -> Vec<f64> {
    let list = reply.json()["data"][index]["embedding"].as_array().unwrap().clone();
    list.iter().map(|value| value.as_f64().unwrap()).collect()
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[tokio::test]
async fn vectors_have_length_one_and_are_near_for_texts_that_are_alike() {
    let sim = Sim::start().await;
    let texts = json!(["The cat sat on the mat.", "A cat sat on a mat", "Quarterly revenue grew by nine percent"]);
    let reply = embed(&sim, texts, json!({})).await;
    let [cat, mat, money] = [0, 1, 2].map(|at| vector(&reply, at));
    assert_eq!(cat.len(), 1536);
    assert!((product(&cat, &cat) - 1.0).abs() < 1e-4);
    assert!(product(&cat, &mat) > product(&cat, &money) + 0.3);
    assert_eq!(reply.json()["usage"], json!({"prompt_tokens": 6 + 5 + 10, "total_tokens": 21}));
    let again = embed(&sim, json!("The cat sat on the mat."), json!({})).await;
    assert_eq!(vector(&again, 0), cat);
    assert_eq!(reply.json()["data"][2]["index"], 2);
}

#[tokio::test]
async fn dimensions_base64_and_token_lists_are_understood() {
    let sim = Sim::start().await;
    let short = vector(&embed(&sim, json!("hello"), json!({"dimensions": 256})).await, 0);
    assert_eq!(short.len(), 256);
    assert!((product(&short, &short) - 1.0).abs() < 1e-4);
    let coded = embed(&sim, json!("hello"), json!({"encoding_format": "base64", "dimensions": 256})).await.json();
    assert_eq!(coded["data"][0]["embedding"].as_str().unwrap().len(), (256_usize * 4).div_ceil(3) * 4);
    let tokens = embed(&sim, json!([[1, 2, 3], [4]]), json!({})).await.json();
    assert_eq!((tokens["data"].as_array().unwrap().len(), &tokens["usage"]["prompt_tokens"]), (2, &json!(4)));
    let one = embed(&sim, json!([1, 2, 3]), json!({})).await.json();
    assert_eq!(one["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn bad_requests_and_faults_are_answered_as_elsewhere() {
    let sim = Sim::start().await;
    for (input, more, expected) in [
        (json!(""), json!({}), "'$.input' is invalid."),
        (json!([""]), json!({}), "'$.input' is invalid."),
        (json!([]), json!({}), "Invalid 'input': empty array."),
        (json!("x"), json!({"dimensions": 0}), "Invalid 'dimensions': integer below minimum value."),
        (json!("x"), json!({"dimensions": 5000}), "Invalid 'dimensions': integer above maximum value."),
        (json!("x"), json!({"encoding_format": "hex"}), "Invalid value: 'hex'."),
        (json!("x"), json!({"foo": 1}), "Unrecognized request argument supplied: foo"),
    ] {
        let reply = embed(&sim, input, more).await;
        assert_eq!(reply.status, 400);
        assert!(reply.json()["error"]["message"].as_str().unwrap().contains(expected), "{reply:?}");
    }
    assert_eq!(embed(&sim, json!("x"), json!({"model": "m?fault=status:503"})).await.status, 503);
    assert!(embed(&sim, json!("x"), json!({"model": "m?usage=none"})).await.json().get("usage").is_none());
    let log = sim.log().await;
    assert_eq!(log.last().unwrap()["prompt_tokens"], 1);
}
