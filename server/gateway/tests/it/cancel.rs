//! Clients that leave, at providers whose bill ends with the connection and at those whose bill does not.

use domain::{Cost, GenerationState, NanoUsd};
use gateway::deliver::Reply;
use serde_json::{Value, json};

use crate::running::Running;

const PRICES: &str = "prices = { prompt = \"0.000001\", completion = \"0.000001\" }";

/// One provider, with an answer of so many tokens.
async fn one(quirks: &str, knobs: &str) -> Running {
    Running::start(&[("host", quirks, &format!("upstream_id = \"sim-echo?{knobs}\"\n{PRICES}"))]).await
}

fn body(stream: bool) -> Value {
    json!({"model": "acme/talker", "messages": [{"role": "user", "content": "Talk to me"}], "stream": stream, "max_tokens": 5000})
}

fn is_running(request: &Value) -> bool {
    request["state"] == "running"
}

/// Leaves after the first content. What the client got, at least.
async fn leave_after_first_token(running: &Running, stream: bool) {
    let mut replies = running.ask(&body(stream));
    while let Some(reply) = replies.recv().await {
        if matches!(reply, Reply::Content(_)) {
            return;
        }
    }
    panic!("no content came");
}

async fn leave_before_first_token(running: &Running, stream: bool) {
    let replies = running.ask(&body(stream));
    running.until(is_running).await;
    drop(replies);
}

#[tokio::test]
async fn where_dropping_ends_the_bill_upstream_is_dropped_and_what_was_delivered_is_paid() {
    for stream in [true, false] {
        let running = one("cancels_on_disconnect = true", "tokens=2000&tps=20").await;
        leave_after_first_token(&running, stream).await;
        let settled = running.settled().await.generation;
        let request = running.until(|request| !is_running(request)).await;
        assert_eq!(request["state"], "client_gone");
        assert!(request["tokens_sent"].as_u64().unwrap() < 200, "{request}");
        assert_eq!((settled.state, settled.streamed), (GenerationState::Cancelled, stream));
        assert!(settled.usage.estimated);
        // "Talk to me" is three tokens.
        assert_eq!(settled.usage.prompt, 3);
        assert!((1..200).contains(&settled.usage.completion), "{:?}", settled.usage);
        assert_eq!(settled.cost.total, NanoUsd(1_000 * settled.usage.total_tokens() as i64));
    }
}

#[tokio::test]
async fn where_the_bill_goes_on_the_answer_is_read_to_its_end_and_paid_by_the_providers_count() {
    for (stream, quirks) in
        [(true, "cancels_on_disconnect = false"), (false, "cancels_on_disconnect = false"), (true, "")]
    {
        let running = one(quirks, "tokens=60&tps=200").await;
        leave_after_first_token(&running, stream).await;
        let settled = running.settled().await.generation;
        let request = running.until(|request| !is_running(request)).await;
        assert_eq!((&request["state"], &request["tokens_sent"]), (&json!("completed"), &json!(60)));
        assert_eq!(settled.state, GenerationState::Cancelled);
        assert!(!settled.usage.estimated);
        assert_eq!((settled.usage.prompt, settled.usage.completion), (request["prompt_tokens"].as_u64().unwrap(), 60));
        assert_eq!(settled.cost.total, NanoUsd(1_000 * settled.usage.total_tokens() as i64));
        // Undisturbed, it is recorded with its end.
        assert_eq!(settled.finish_reason.as_deref(), Some("stop"));
    }
}

#[tokio::test]
async fn before_the_first_token_a_dropped_call_costs_nothing() {
    for stream in [true, false] {
        let running = one("cancels_on_disconnect = true", "ttft=600000").await;
        leave_before_first_token(&running, stream).await;
        let settled = running.settled().await.generation;
        assert_eq!(running.until(|request| !is_running(request)).await["state"], "client_gone");
        assert_eq!((settled.state, settled.cost), (GenerationState::Cancelled, Cost::default()));
        assert_eq!(settled.attempts[0].failure.as_ref().unwrap().error_type, "client_closed");
    }
}

#[tokio::test]
async fn before_the_first_token_a_provider_that_bills_regardless_is_heard_out() {
    for stream in [true, false] {
        let running = one("cancels_on_disconnect = false", "ttft=700&tokens=60&tps=500").await;
        leave_before_first_token(&running, stream).await;
        let settled = running.settled().await.generation;
        let request = running.until(|request| !is_running(request)).await;
        assert_eq!((&request["state"], &request["tokens_sent"]), (&json!("completed"), &json!(60)));
        assert_eq!((settled.state, settled.usage.completion), (GenerationState::Cancelled, 60));
        assert_eq!(settled.cost.total, NanoUsd(1_000 * settled.usage.total_tokens() as i64));
    }
}

#[tokio::test]
async fn nobody_is_tried_after_the_client_has_left() {
    let dying = format!("upstream_id = \"sim-echo?ttft=1500&fault=empty\"\n{PRICES}");
    let dear = "upstream_id = \"sim-echo\"\nprices = { prompt = \"0.000002\", completion = \"0.000002\" }";
    let running = Running::start(&[("dying", "cancels_on_disconnect = false", &dying), ("dear", "", dear)]).await;
    let replies = running.ask(&body(true));
    running.until(is_running).await;
    drop(replies);
    let settled = running.settled().await.generation;
    let tried: Vec<&str> = settled.attempts.iter().map(|attempt| attempt.tag.as_str()).collect();
    assert_eq!(tried, ["dying"]);
    // The empty answer ends the try, and the call.
    assert_eq!(settled.attempts[0].failure.as_ref().unwrap().error_type, "provider_unavailable");
    assert_eq!((settled.state, settled.cost), (GenerationState::Cancelled, Cost::default()));
}

#[tokio::test]
async fn a_server_that_must_stop_books_what_was_delivered() {
    let running = one("cancels_on_disconnect = false", "tokens=2000&tps=20").await;
    leave_after_first_token(&running, true).await;
    running.hurry.cancel();
    let settled = running.settled().await.generation;
    assert_eq!((settled.state, settled.usage.estimated), (GenerationState::Cancelled, true));
    assert!((1..200).contains(&settled.usage.completion), "{:?}", settled.usage);
}

#[tokio::test]
async fn a_connection_that_closes_is_a_client_that_left() {
    for stream in [true, false] {
        let running = one("cancels_on_disconnect = true", "ttft=600000").await;
        let url = running.serve().await;
        let call = running
            .client
            .post(format!("{url}/chat/completions"))
            .bearer_auth(format!("sk-souk-v1-{}", "0".repeat(64)))
            .json(&body(stream))
            .send();
        tokio::select! {
            answered = call => panic!("{answered:?}"),
            _ = running.until(is_running) => {}
        }
        let settled = running.settled().await.generation;
        assert_eq!((settled.state, settled.streamed), (GenerationState::Cancelled, stream));
    }
}
