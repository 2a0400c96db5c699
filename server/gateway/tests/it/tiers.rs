//! Prices that depend on the prompt's length, the hour and the tier of service, from the catalog to the booked cost.

use domain::NanoUsd;
use gateway::deliver::{Ended, Reply};
use serde_json::{Value, json};

use crate::running::Running;

/// The end of an answer to a prompt of so many words.
async fn answered(offer: &str, words: usize, more: Value) -> (Running, Ended) {
    let running = Running::start(&[("host", "", &format!("upstream_id = \"sim-echo?tokens=10\"\n{offer}"))]).await;
    let mut body = json!({"model": "acme/talker", "messages": [{"role": "user", "content": "word ".repeat(words)}], "max_tokens": 50});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut replies = running.ask(&body);
    while let Some(reply) = replies.recv().await {
        match reply {
            Reply::Ended(ended) => return (running, ended),
            Reply::Failed(error) => panic!("{error}"),
            Reply::Started(_) | Reply::Content(_) => {}
        }
    }
    panic!("no end came");
}

/// Checks what was booked of the simulator's own count against these prices in billionths of a dollar.
async fn check(running: &Running, ended: &Ended, prompt: u64, completion: u64) {
    let expected = NanoUsd((ended.usage.prompt * prompt + ended.usage.completion * completion) as i64);
    let settled = running.settled().await;
    assert_eq!((ended.charged, settled.generation.cost.total, settled.upstream_cost), (expected, expected, expected));
    assert_eq!(ended.usage.completion, 10);
}

const LONG: &str = "prices = { prompt = \"0.000001\", completion = \"0.000002\" }\n\
    overrides = [{ min_prompt_tokens = 100, prices = { prompt = \"0.000003\", completion = \"0.000005\" } }]";

#[tokio::test]
async fn a_long_prompt_is_booked_at_the_prices_of_long_prompts() {
    let (running, ended) = answered(LONG, 30, json!({})).await;
    assert!(ended.usage.prompt <= 100);
    check(&running, &ended, 1_000, 2_000).await;
    let (running, ended) = answered(LONG, 300, json!({})).await;
    assert!(ended.usage.prompt > 100);
    check(&running, &ended, 3_000, 5_000).await;
}

#[tokio::test]
async fn the_hour_of_the_request_decides_which_prices_are_booked() {
    // Both halves of every day, and days that never come.
    let by_day = "prices = { prompt = \"0.000009\", completion = \"0.000009\" }\n\
        overrides = [\n\
        { utc_minutes = [0, 720], prices = { prompt = \"0.000001\", completion = \"0.000002\" } },\n\
        { utc_minutes = [720, 1440], prices = { prompt = \"0.000003\", completion = \"0.000004\" } },\n\
        { from = \"2999-01-01\", prices = { prompt = \"0.000008\" } },\n]";
    let (running, ended) = answered(by_day, 5, json!({})).await;
    let morning = running.settled().await.generation.created_at.utc_minute_of_day() < 720;
    let (prompt, completion) = if morning { (1_000, 2_000) } else { (3_000, 4_000) };
    check(&running, &ended, prompt, completion).await;
}

const TIERS: &str = "prices = { prompt = \"0.000001\", completion = \"0.000002\" }\n\
    tiers = { priority = { prices = { completion = \"0.000004\" } } }";

#[tokio::test]
async fn the_tier_that_the_provider_says_it_gave_is_booked() {
    // The simulator always gives the default tier, and says so.
    let (running, ended) = answered(TIERS, 5, json!({"service_tier": "priority"})).await;
    check(&running, &ended, 1_000, 2_000).await;
    let settled = running.settled().await.generation;
    assert_eq!(settled.service_tier.as_deref(), Some("default"));
    // What was asked for could have been given, so it was held.
    assert!(settled.held >= NanoUsd(50 * 4_000));
}
