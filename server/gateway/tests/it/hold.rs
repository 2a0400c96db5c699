use domain::{GenerationId, NanoUsd};
use gateway::hold::{Held, hold};
use gateway::plan::plan;
use gateway::{GatewayError, ports::HoldWish};
use serde_json::json;

use crate::fixture::{NOW, Purse, admitted, snapshot};

async fn held(body: serde_json::Value, purse: &Purse) -> Result<Held, GatewayError> {
    let admitted = admitted(body);
    let plan = plan(&admitted.call, &snapshot(), NOW)?;
    hold(purse, &admitted, &GenerationId::from_uuid_bytes([1; 16]), plan).await
}

fn wish(purse: &Purse) -> HoldWish {
    purse.wishes.lock().unwrap()[0].clone()
}

#[tokio::test]
async fn the_dearest_endpoint_that_may_serve_is_covered() {
    let purse = Purse::with(NanoUsd::ONE_DOLLAR);
    let held = held(json!({"model": "acme/talker", "max_tokens": 100}), &purse).await.unwrap();
    // "hi" and its message: 2 + 16 + 16 tokens at most; dear: 34 × 3 + 100 × 6 millionths.
    assert_eq!(held.hold.amount, NanoUsd(702_000));
    assert_eq!(wish(&purse).at_least, NanoUsd(234_000));
    assert_eq!(held.plan.candidates.len(), 3);
}

#[tokio::test]
async fn endpoints_that_the_credits_do_not_cover_are_dropped() {
    let purse = Purse::with(NanoUsd(600_000));
    let held = held(json!({"model": "acme/talker", "max_tokens": 100}), &purse).await.unwrap();
    let tags: Vec<&str> = held.plan.candidates.iter().map(|c| c.endpoint.tag.as_str()).collect();
    assert_eq!(tags, ["cheap"]);
    assert_eq!(held.plan.candidates[0].token_cap, None);
}

#[tokio::test]
async fn too_few_credits_are_a_402_that_says_what_is_needed() {
    let error =
        held(json!({"model": "acme/talker", "max_tokens": 100}), &Purse::with(NanoUsd(200_000))).await.unwrap_err();
    assert_eq!(error.status(), 402);
    assert!(error.to_string().contains("needs $0.000234 to be set aside, the account has $0.0002 left"), "{error}");
}

#[tokio::test]
async fn without_a_limit_of_the_clients_the_answer_is_as_long_as_the_credits_reach() {
    let purse = Purse::with(NanoUsd(100_000_000));
    let held = held(json!({"model": "acme/seer"}), &purse).await.unwrap();
    // 34 × 10 + 4,000 × 30 millionths are $0.12034: half of the credits is held, and covers (50,000 − 340) / 30 tokens.
    assert_eq!(held.hold.amount, NanoUsd(50_000_000));
    assert_eq!(held.plan.candidates[0].token_cap, Some(1_655));
}
