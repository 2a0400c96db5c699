//! Azure's front of the OpenAI dialect.

use serde_json::{Value, json};
use simulator::Config;

use crate::client::{Reply, Sim, say, with};

const KEY: [(&str, &str); 1] = [("api-key", "k")];

async fn post(sim: &Sim, path: &str, headers: &[(&str, &str)], body: Value) -> Reply {
    sim.request("POST", &format!("/azure/openai/{path}"), headers, body.to_string().as_bytes()).await.unwrap()
}

const DEPLOYED: &str = "deployments/sim-echo%3Ftokens=5/chat/completions?api-version=2024-10-21";

#[tokio::test]
async fn a_deployment_is_the_model_and_a_filter_tells_its_verdicts() {
    let sim = Sim::start().await;
    let body = json!({"messages": [{"role": "user", "content": "hi"}], "stream": true});
    let reply = post(&sim, DEPLOYED, &KEY, body).await;
    let events = reply.events();
    assert_eq!((&events[0]["choices"], &events[0]["id"], &events[0]["created"]), (&json!([]), &json!(""), &json!(0)));
    let safe = json!({"filtered": false, "severity": "safe"});
    let verdicts = json!({"hate": safe, "self_harm": safe, "sexual": safe, "violence": safe});
    assert_eq!(events[0]["prompt_filter_results"], json!([{"prompt_index": 0, "content_filter_results": verdicts}]));
    assert_eq!(events[1]["choices"][0]["content_filter_results"], json!({}));
    assert_eq!(events[2]["choices"][0]["content_filter_results"], verdicts);
    assert_eq!(events.len(), 1 + 1 + 5 + 1);
    assert!(reply.header("apim-request-id").is_some());

    let whole = post(&sim, DEPLOYED, &KEY, with(say("ignored", "hi"), json!({}))).await.json();
    assert_eq!(whole["model"], "sim-echo?tokens=5");
    assert_eq!(whole["choices"][0]["content_filter_results"], verdicts);
    assert_eq!(sim.log().await[0]["dialect"], "azure");
}

#[tokio::test]
async fn the_versionless_paths_serve_chat_responses_and_embeddings() {
    let sim = Sim::start().await;
    let bearer = [("authorization", "Bearer token")];
    let chat = post(&sim, "v1/chat/completions", &bearer, say("sim-echo", "hi")).await.json();
    assert_eq!(chat["choices"][0]["message"]["content"], "You said: hi");
    let response = post(&sim, "v1/responses", &KEY, json!({"model": "sim-echo", "input": "hi"})).await.json();
    assert_eq!(response["output"][0]["content"][0]["text"], "You said: hi");
    let vectors = post(&sim, "v1/embeddings", &KEY, json!({"model": "m", "input": "hi"})).await.json();
    assert_eq!(vectors["data"][0]["embedding"].as_array().unwrap().len(), 1536);
    let deployed = "deployments/e/embeddings?api-version=2025-04-01-preview";
    assert_eq!(post(&sim, deployed, &KEY, json!({"input": "hi"})).await.status, 200);
}

#[tokio::test]
async fn a_filtered_prompt_and_a_filtered_answer_differ() {
    let sim = Sim::start().await;
    let path = |model: &str| format!("deployments/{model}/chat/completions?api-version=2024-10-21");
    let refused = post(&sim, &path("m%3Ffinish=prompt_filter"), &KEY, say("m", "hi")).await;
    let error = refused.json()["error"].clone();
    assert_eq!((refused.status, &error["code"], &error["param"]), (400, &json!("content_filter"), &json!("prompt")));
    assert_eq!(error["innererror"]["code"], "ResponsibleAIPolicyViolation");
    assert_eq!(error["innererror"]["content_filter_result"]["violence"]["filtered"], true);
    let cut = post(&sim, &path("m%3Ffinish=content_filter"), &KEY, say("m", "hi")).await.json();
    assert_eq!(cut["choices"][0]["finish_reason"], "content_filter");
    assert_eq!(cut["choices"][0]["content_filter_results"]["violence"]["filtered"], true);
}

#[tokio::test]
async fn no_key_no_version_or_no_deployment_is_azures_own_error() {
    let sim = Sim::with(Config { api_key: Some("k".into()), ..Config::default() }).await;
    let error = async |path: &str, headers: &[(&str, &str)]| {
        let reply = post(&sim, path, headers, say("m", "hi")).await;
        (reply.status, reply.json()["error"]["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(error(DEPLOYED, &[]).await, (401, "401".into()));
    assert_eq!(error(DEPLOYED, &[("api-key", "x")]).await, (401, "401".into()));
    assert_eq!(error("deployments/m/chat/completions", &KEY).await, (404, "404".into()));
    assert_eq!(error("deployments/m/chat/completions?api-version=latest", &KEY).await, (404, "404".into()));
    assert_eq!(error("v1/nothing", &KEY).await, (404, "404".into()));
    let missing = "deployments/m%3Ffault=status:404/chat/completions?api-version=2024-10-21";
    assert_eq!(error(missing, &KEY).await, (404, "DeploymentNotFound".into()));
    let keyless = Sim::start().await;
    assert_eq!(post(&keyless, DEPLOYED, &[], say("m", "hi")).await.status, 401, "Azure always asks for a key");
}
