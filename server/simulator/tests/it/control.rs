//! Faults ordered from outside, and the log.

use serde_json::{Value, json};

use crate::client::{Sim, say};

async fn order(sim: &Sim, rule: Value) -> u16 {
    let json = [("content-type", "application/json")];
    sim.request("POST", "/control/faults", &json, rule.to_string().as_bytes()).await.unwrap().status
}

#[tokio::test]
async fn an_ordered_fault_strikes_what_it_matches_as_often_as_said() {
    let sim = Sim::start().await;
    let rule = json!({"match": {"dialect": "openai", "model": "sim-echo"}, "fault": "status:500", "count": 2});
    assert_eq!(order(&sim, rule).await, 201);
    assert_eq!(sim.anthropic(&[], say("sim-echo", "hi")).await.status, 200);
    assert_eq!(sim.openai(&[], say("sim-tools", "hi")).await.status, 200);
    assert_eq!(sim.openai(&[], say("sim-echo?tps=1000", "hi")).await.status, 500);
    assert_eq!(sim.openai(&[], say("sim-echo", "hi")).await.status, 500);
    assert_eq!(sim.openai(&[], say("sim-echo", "hi")).await.status, 200);

    assert_eq!(order(&sim, json!({"fault": "status:418"})).await, 201);
    let listed = sim.request("GET", "/control/faults", &[], b"").await.unwrap().json();
    assert_eq!(listed[0]["fault"], "status:418");
    assert_eq!(sim.openai(&[], say("m", "hi")).await.status, 418);
    assert_eq!(sim.openai(&[], say("m?fault=status:404", "hi")).await.status, 404, "a request's own fault is stronger");
    assert_eq!(sim.request("DELETE", "/control/faults", &[], b"").await.unwrap().status, 204);
    assert_eq!(sim.openai(&[], say("m", "hi")).await.status, 200);
}

#[tokio::test]
async fn a_bad_order_is_refused() {
    let sim = Sim::start().await;
    for rule in
        [json!({"fault": "boom"}), json!({}), json!({"fault": "drop", "when": 1}), json!({"fault": "drop", "count": 0})]
    {
        assert!((400..500).contains(&order(&sim, rule.clone()).await), "{rule}");
    }
}

#[tokio::test]
async fn the_log_tells_what_was_served() {
    let sim = Sim::start().await;
    let reply = sim.openai(&[], say("m?tps=9999", "hi.")).await.json();
    sim.anthropic(&[], json!({"model": "m"})).await;
    let log = sim.log().await;
    assert_eq!(log[0]["id"], reply["id"]);
    for (key, value) in [
        ("dialect", json!("openai")),
        ("model", json!("m?tps=9999")),
        ("state", json!("completed")),
        ("status", json!(200)),
        ("tokens_sent", json!(5)),
        ("prompt_tokens", json!(4)),
        ("completion_tokens", json!(5)),
    ] {
        assert_eq!(log[0][key], value, "{key}");
    }
    assert_eq!((&log[1]["state"], &log[1]["status"]), (&json!("failed"), &json!(400)));
    let last = sim.request("GET", "/control/log?last=1", &[], b"").await.unwrap().json();
    assert_eq!(last["requests"].as_array().unwrap().len(), 1);
    sim.request("DELETE", "/control/log", &[], b"").await.unwrap();
    assert_eq!(sim.request("GET", "/control/log", &[], b"").await.unwrap().json(), json!({"requests": []}));
}
