use gateway::GatewayError;
use gateway::plan::plan;
use proptest::prelude::*;
use serde_json::json;

use crate::fixture::{NOW, call, snapshot};

fn tags(body: serde_json::Value) -> Vec<String> {
    plan(&call(body), &snapshot(), NOW).unwrap().candidates.iter().map(|c| c.endpoint.tag.to_string()).collect()
}

fn refusal(body: serde_json::Value) -> (u16, String) {
    let error = plan(&call(body), &snapshot(), NOW).unwrap_err();
    (error.status(), error.to_string())
}

#[test]
fn the_cheapest_endpoint_comes_first() {
    // 1 + ¼·2, 3 + ¼·6 and 4 + ¼·4 millionths of a dollar.
    assert_eq!(tags(json!({"model": "acme/talker"})), ["cheap", "dear", "cheap/turbo"]);
}

#[test]
fn the_clients_order_goes_before_price_and_the_rest_stay_as_fallbacks() {
    assert_eq!(
        tags(json!({"model": "acme/talker", "provider": {"order": ["dear"]}})),
        ["dear", "cheap", "cheap/turbo"]
    );
    assert_eq!(
        tags(json!({"model": "acme/talker", "provider": {"order": ["cheap/turbo"]}})),
        ["cheap/turbo", "cheap", "dear"]
    );
    assert_eq!(
        tags(json!({"model": "acme/talker", "provider": {"order": ["DEAR"], "allow_fallbacks": false}})),
        ["dear"]
    );
}

#[test]
fn only_and_ignore_are_hard() {
    assert_eq!(tags(json!({"model": "acme/talker", "provider": {"only": ["dear"]}})), ["dear"]);
    assert_eq!(tags(json!({"model": "acme/talker", "provider": {"ignore": ["cheap"]}})), ["dear"]);
    assert_eq!(tags(json!({"model": "acme/talker", "provider": {"allow_fallbacks": false}})), ["cheap"]);
}

#[test]
fn wishes_about_data_and_price_are_hard() {
    assert_eq!(tags(json!({"model": "acme/talker", "provider": {"data_collection": "deny"}})), ["dear"]);
    assert_eq!(tags(json!({"model": "acme/talker", "provider": {"zdr": true}})), ["dear"]);
    assert_eq!(tags(json!({"model": "acme/talker", "provider": {"max_price": {"prompt": 1}}})), ["cheap"]);
    assert_eq!(
        tags(json!({"model": "acme/talker", "provider": {"max_price": {"prompt": "3.0", "completion": 5}}})),
        ["cheap"]
    );
}

#[test]
fn models_fall_back_in_order() {
    let plan = plan(&call(json!({"model": "acme/seer", "models": ["acme/talker"]})), &snapshot(), NOW).unwrap();
    let ranks: Vec<usize> = plan.candidates.iter().map(|c| c.model_rank).collect();
    assert_eq!(ranks, [0, 1, 1, 1]);
}

#[test]
fn what_is_left_out_is_told_with_its_reason() {
    let plan = plan(&call(json!({"model": "acme/talker"})), &snapshot(), NOW).unwrap();
    let excluded: Vec<(&str, &str)> = plan.excluded.iter().map(|e| (e.tag.as_str(), e.reason.as_str())).collect();
    assert_eq!(excluded, [("keyless", "provider_key"), ("vague", "price_unknown")]);
}

#[test]
fn a_refusal_says_what_excluded_how_many() {
    let (status, message) = refusal(json!({"model": "acme/talker", "provider": {"only": ["nobody"]}}));
    assert_eq!(status, 404);
    assert!(message.contains("allowed_providers (5)"), "{message}");
    let (_, message) = refusal(json!({"model": "acme/talker", "provider": {"only": ["keyless"]}}));
    assert!(message.contains("provider_key (1)"), "{message}");
    assert_eq!(
        refusal(json!({"model": "acme/unoffered"})),
        (404, "No provider offers acme/unoffered at the moment".to_owned())
    );
}

#[test]
fn an_unknown_model_is_a_400_with_what_may_be_meant() {
    let (status, message) = refusal(json!({"model": "acme/talkr"}));
    assert_eq!(status, 400);
    assert!(message.starts_with("acme/talkr is not a model of this server"), "{message}");
    let error = plan(&call(json!({"model": "acme/the-talker"})), &snapshot(), NOW).unwrap_err();
    assert!(matches!(error, GatewayError::ModelNotFound { similar, .. } if similar == ["acme/talker"]));
}

#[test]
fn endpoints_that_cannot_take_the_request_are_left_out() {
    let image =
        json!([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}]}]);
    assert_eq!(refusal(json!({"model": "acme/talker", "messages": image})).0, 404);
    assert_eq!(tags(json!({"model": "acme/seer", "messages": image})), ["dear"]);
    let (_, message) = refusal(
        json!({"model": "acme/talker", "max_tokens": 900, "messages": [{"role": "user", "content": "x".repeat(2_000)}]}),
    );
    assert!(message.contains("context_length"), "{message}");
}

proptest! {
    #[test]
    fn no_excluded_endpoint_is_ever_planned(order in prop::sample::subsequence(vec!["cheap", "dear", "keyless", "cheap/turbo", "nobody"], 0..5),
                                            ignore in prop::sample::subsequence(vec!["cheap", "dear", "cheap/turbo"], 0..3)) {
        let call = call(json!({"model": "acme/talker", "provider": {"order": order, "ignore": ignore}}));
        if let Ok(plan) = plan(&call, &snapshot(), NOW) {
            for c in &plan.candidates {
                prop_assert!(!ignore.iter().any(|slug| c.endpoint.tag.matches(slug)));
                prop_assert!(!plan.excluded.iter().any(|e| e.tag == c.endpoint.tag));
            }
            prop_assert_eq!(plan.candidates.len() + plan.excluded.len(), 5);
        }
    }
}
