//! Embeddings and rankings over every dialect that has them, in each API we serve them in; where a dialect has none, the
//! refusal says so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::dialect::{DIALECTS, overlay};
use crate::harness::TestServer;

async fn server() -> (tempfile::TempDir, TestServer, String) {
    let catalog = overlay();
    let folder = catalog.path().to_str().unwrap();
    let server = TestServer::start_with(&[("SOUK_CATALOG_DIR", folder), ("MATRIX_KEY", "a key")]).await;
    let key = server.customer("100").await.key;
    (catalog, server, key)
}

async fn post(server: &TestServer, key: &str, path: &str, body: Value) -> (StatusCode, bool, Value) {
    let answer = server.client.post(format!("{}{path}", server.url)).bearer_auth(key).json(&body).send().await.unwrap();
    let (status, retry_after) = (answer.status(), answer.headers().contains_key("retry-after"));
    (status, retry_after, answer.json().await.unwrap())
}

fn vector(value: &Value) -> Vec<f32> {
    serde_json::from_value(value.clone()).unwrap()
}

fn from_base64(value: &Value) -> Vec<f32> {
    let bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embeddings_mean_the_same_over_every_dialect_that_has_them() {
    let (_catalog, server, key) = server().await;
    for row in DIALECTS {
        let model = format!("matrix/{}-embed", row.name);
        let openai = json!({"model": model, "input": ["tea time", "a ship"], "encoding_format": "float"});
        let (status, _, body) = post(&server, &key, "/api/v1/embeddings", openai.clone()).await;
        if let Some(why) = row.lacks_task("embed") {
            assert_eq!(status, StatusCode::NOT_FOUND, "{why}: {body}");
            assert_eq!(body["error"]["availability"]["excluded_by"], json!(["dialect"]), "{body}");
            continue;
        }
        assert_eq!(status, StatusCode::OK, "{} {body}", row.name);
        let [tea, ship] = [0, 1].map(|at| vector(&body["data"][at]["embedding"]));
        assert!(tea.len() > 1 && tea.len() == ship.len() && tea != ship, "{} {body}", row.name);
        assert!(body["usage"]["prompt_tokens"].as_u64() > Some(0), "{} {body}", row.name);

        let mut packed = openai;
        packed["encoding_format"] = json!("base64");
        let (_, _, body) = post(&server, &key, "/api/v1/embeddings", packed).await;
        assert_eq!(from_base64(&body["data"][1]["embedding"]), ship, "{}", row.name);

        let content = |text: &str| json!({"parts": [{"text": text}]});
        let one = json!({"content": content("tea time")});
        let (status, _, body) = post(&server, &key, &format!("/v1beta/models/{model}:embedContent"), one).await;
        assert_eq!((status, vector(&body["embedding"]["values"])), (StatusCode::OK, tea), "{}", row.name);
        let each = |text| json!({"model": format!("models/{model}"), "content": content(text)});
        let many = json!({"requests": [each("tea time"), each("a ship")]});
        let (_, _, body) = post(&server, &key, &format!("/v1beta/models/{model}:batchEmbedContents"), many).await;
        assert_eq!(vector(&body["embeddings"][1]["values"]), ship, "{}", row.name);

        let refused = json!({"model": format!("{model}-refused"), "input": "tea time"});
        let (status, retry_after, body) = post(&server, &key, "/api/v1/embeddings", refused).await;
        assert_eq!((status, retry_after), (StatusCode::TOO_MANY_REQUESTS, true), "{} {body}", row.name);
    }
    server.assert_ledger_is_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rankings_mean_the_same_over_every_dialect_that_has_them() {
    let (_catalog, server, key) = server().await;
    for row in DIALECTS {
        let model = format!("matrix/{}-rerank", row.name);
        let body =
            |model: &str| json!({"model": model, "query": "tea", "documents": ["a ship", "tea time"], "top_n": 1});
        match row.lacks_task("rerank") {
            Some(why) => {
                let (status, _, body) = post(&server, &key, "/api/v1/rerank", body(&model)).await;
                assert!(!status.is_success(), "{why}, but {} answers {body}", row.name);
            }
            None => {
                let (status, _, answer) = post(&server, &key, "/api/v1/rerank", body(&model)).await;
                assert_eq!(status, StatusCode::OK, "{} {answer}", row.name);
                assert_eq!(answer["results"].as_array().map(Vec::len), Some(1), "{answer}");
                assert_eq!(answer["results"][0]["index"], 1, "{answer}");
                assert_eq!(answer["usage"]["search_units"], 1, "{answer}");
                let (status, retry_after, answer) =
                    post(&server, &key, "/api/v1/rerank", body(&format!("{model}-refused"))).await;
                assert_eq!((status, retry_after), (StatusCode::TOO_MANY_REQUESTS, true), "{answer}");
            }
        }
    }
    server.assert_ledger_is_right().await;
}
