//! Each way to go wrong, in both dialects where they differ.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::client::{Reply, Sim, say, with};

/// The stream of a ten-token answer with `fault`, from either dialect; `None` if the connection closed before a reply.
async fn stream(sim: &Sim, dialect: &str, fault: &str) -> Option<Reply> {
    let body = with(say(&format!("m?tokens=10&fault={fault}"), "hi"), json!({"stream": true})).to_string();
    let path = if dialect == "openai" { "/openai/v1/chat/completions" } else { "/anthropic/v1/messages" };
    sim.request("POST", path, &[("anthropic-version", "2023-06-01")], body.as_bytes()).await
}

async fn whole(sim: &Sim, fault: &str) -> Option<Reply> {
    let body = say(&format!("m?tokens=10&fault={fault}"), "hi").to_string();
    sim.request("POST", "/openai/v1/chat/completions", &[], body.as_bytes()).await
}

/// Pieces of content in the reply.
fn pieces(reply: &Reply) -> usize {
    let is_piece = |event: &Value| match event["choices"][0]["delta"]["content"].as_str() {
        Some(text) => !text.is_empty(),
        None => event["delta"]["text"].is_string(),
    };
    reply.events().iter().filter(|event| is_piece(event)).count()
}

#[tokio::test]
async fn a_status_has_the_providers_own_words() {
    let sim = Sim::start().await;
    let reply = stream(&sim, "openai", "status:429,7").await.unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("7")));
    assert_eq!(reply.json()["error"]["code"], "rate_limit_exceeded");
    let reply = stream(&sim, "anthropic", "status:529").await.unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (529, None));
    let body = reply.json();
    assert_eq!(body["error"], json!({"type": "overloaded_error", "message": "Overloaded"}));
    assert_eq!(body["request_id"].as_str(), reply.header("request-id"));
}

#[tokio::test]
async fn a_refused_connection_closes_without_a_byte() {
    let sim = Sim::start().await;
    assert!(stream(&sim, "openai", "refuse").await.is_none());
    assert!(stream(&sim, "anthropic", "refuse").await.is_none());
    assert!(whole(&sim, "refuse").await.is_none());
    let log = sim.log().await;
    assert_eq!((&log[0]["state"], &log[0]["status"]), (&json!("failed"), &json!(0)));
}

#[tokio::test]
async fn a_drop_cuts_after_the_headers() {
    let sim = Sim::start().await;
    for dialect in ["openai", "anthropic"] {
        let reply = stream(&sim, dialect, "drop").await.unwrap();
        assert_eq!((reply.status, reply.body.as_str(), reply.complete), (200, "", false));
    }
    let reply = whole(&sim, "drop").await.unwrap();
    assert_eq!((reply.status, reply.body.as_str(), reply.complete), (200, "", false));
}

#[tokio::test]
async fn a_drop_after_tokens_cuts_there() {
    let sim = Sim::start().await;
    for dialect in ["openai", "anthropic"] {
        for tokens in [0, 1, 5] {
            let reply = stream(&sim, dialect, &format!("drop_after:{tokens}")).await.unwrap();
            assert_eq!((pieces(&reply), reply.complete), (tokens, false), "{dialect}");
        }
        let late = stream(&sim, dialect, "drop_after:99").await.unwrap();
        assert_eq!((pieces(&late), late.complete), (10, false));
        assert!(!late.body.contains("finish_reason\":\"") && !late.body.contains("message_delta"));
    }
    let reply = whole(&sim, "drop_after:5").await.unwrap();
    assert!(!reply.complete && !reply.body.is_empty());
    let log = sim.log().await;
    assert_eq!((&log[2]["state"], &log[2]["tokens_sent"]), (&json!("failed"), &json!(5)));
}

#[tokio::test]
async fn an_error_after_tokens_is_the_dialects_own_event() {
    let sim = Sim::start().await;
    let reply = stream(&sim, "openai", "error_after:3").await.unwrap();
    assert_eq!((pieces(&reply), reply.complete), (3, true));
    assert_eq!(reply.events().last().unwrap()["error"]["type"], "server_error");
    assert!(!reply.body.contains("[DONE]"));
    let reply = stream(&sim, "anthropic", "error_after:3").await.unwrap();
    assert!(reply.body.ends_with(
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
    ));
    assert_eq!(whole(&sim, "error_after:3").await.unwrap().status, 500);
}

#[tokio::test]
async fn garbage_is_not_json() {
    let sim = Sim::start().await;
    for dialect in ["openai", "anthropic"] {
        let reply = stream(&sim, dialect, "garbage_after:2").await.unwrap();
        let last = reply.body.lines().rfind(|line| line.starts_with("data: ")).unwrap();
        assert_eq!(pieces(&reply), 2);
        assert!(serde_json::from_str::<Value>(&last[6..]).is_err());
    }
    let reply = whole(&sim, "garbage_after:2").await.unwrap();
    assert!(reply.complete && serde_json::from_str::<Value>(&reply.body).is_err());
    let reply = whole(&sim, "invalid").await.unwrap();
    assert!(reply.status == 200 && serde_json::from_str::<Value>(&reply.body).is_err());
    assert_eq!(whole(&sim, "blank").await.unwrap().body, "");
}

#[tokio::test]
async fn an_empty_answer_is_well_formed_and_counts_nothing() {
    let sim = Sim::start().await;
    let reply = whole(&sim, "empty").await.unwrap().json();
    assert_eq!(
        (&reply["choices"][0]["message"]["content"], &reply["usage"]["completion_tokens"]),
        (&json!(""), &json!(0))
    );
    let reply = stream(&sim, "openai", "empty").await.unwrap();
    assert!(pieces(&reply) == 0 && reply.body.ends_with("data: [DONE]\n\n"));
    let reply = stream(&sim, "anthropic", "empty").await.unwrap();
    assert!(pieces(&reply) == 0 && reply.body.contains("message_stop") && reply.body.contains("\"output_tokens\":0"));
}

#[tokio::test]
async fn usage_can_be_left_out() {
    let sim = Sim::start().await;
    assert!(whole(&sim, "no_usage").await.unwrap().json().get("usage").is_none());
    assert!(!stream(&sim, "anthropic", "no_usage").await.unwrap().body.contains("\"usage\""));
    let body = with(say("m?fault=no_usage", "hi"), json!({"stream": true, "stream_options": {"include_usage": true}}));
    assert!(!sim.openai(&[], body).await.body.contains("\"usage\""));
}

/// Sends a request whose answer stops somewhere, reads until `until` has come, leaves, and tells what the log says.
async fn leave(sim: &Sim, model: &str, streaming: bool, until: &str) -> Value {
    let body = with(say(model, "hi"), json!({"stream": streaming})).to_string();
    let mut stream = sim.connect("POST", "/openai/v1/chat/completions", &[], body.as_bytes()).await;
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains(until) {
        assert!(stream.read_buf(&mut seen).await.unwrap() > 0, "the stream ended early");
    }
    while sim.request("GET", "/control/log", &[], b"").await.unwrap().json()["requests"] == json!([]) {
        tokio::task::yield_now().await;
    }
    drop(stream);
    sim.log().await[0].clone()
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed_wherever_it_was() {
    let entry = leave(&Sim::start().await, "m?tokens=10&fault=stall_after:2", true, " said").await;
    assert_eq!(
        (&entry["state"], &entry["tokens_sent"], &entry["status"]),
        (&json!("client_gone"), &json!(2), &json!(200))
    );
    assert_eq!(entry["completion_tokens"], 10);
    assert!(entry["ended_ms"].as_u64() >= entry["started_ms"].as_u64());
    let waiting = leave(&Sim::start().await, "m?fault=hang", true, "").await;
    assert_eq!((&waiting["state"], &waiting["tokens_sent"]), (&json!("client_gone"), &json!(0)));
    let paced = leave(&Sim::start().await, "m?tokens=100&tps=0.1", true, "You").await;
    assert_eq!((&paced["state"], &paced["tokens_sent"]), (&json!("client_gone"), &json!(1)));
    let whole = leave(&Sim::start().await, "m?ttft=60000", false, "").await;
    assert_eq!((&whole["state"], &whole["tokens_sent"]), (&json!("client_gone"), &json!(0)));
}

#[tokio::test]
async fn pace_is_kept() {
    let sim = Sim::start().await;
    let start = std::time::Instant::now();
    let reply = sim.openai(&[], with(say("m?ttft=60&tps=100&tokens=10", "hi"), json!({"stream": true}))).await;
    assert_eq!(pieces(&reply), 10);
    assert!(start.elapsed() >= Duration::from_millis(60 + 100), "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_flaky_model_is_well_in_the_other_dialect() {
    let sim = Sim::start().await;
    assert_eq!(sim.openai(&[], say("sim-flaky", "hi")).await.status, 503);
    assert_eq!(sim.anthropic(&[], say("sim-flaky", "hi")).await.status, 200);
}
