//! What stands around pages and API: health, headers, files, and what is not there.

use std::fs;

use domain::NanoUsd;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::harness::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn it_says_that_it_lives_and_that_it_is_ready() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/healthz").send().await.unwrap().status(), StatusCode::OK);
    let ready = server.get("/readyz").send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::OK);
    let ready: Value = ready.json().await.unwrap();
    assert_eq!((&ready["ready"], &ready["catalog"]["trouble"]), (&Value::Bool(true), &Value::Null));
    assert!(ready["catalog"]["models"].as_u64().unwrap() > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_a_name_and_tells_browsers_what_not_to_do() {
    let server = TestServer::start().await;
    for path in
        ["/", "/models", "/healthz", "/api/v1/models/count", "/api/v1/nothing", "/no/such/page", "/pkg/nothing.js"]
    {
        let answer = server.get(path).send().await.unwrap();
        for name in
            ["x-request-id", "content-security-policy", "x-content-type-options", "referrer-policy", "x-frame-options"]
        {
            assert!(answer.headers().contains_key(name), "{path} has no {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_run_no_script_but_those_with_their_nonce() {
    let server = TestServer::start().await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let answer = server.get("/").send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let script = policy.split(';').find(|part| part.trim().starts_with("script-src")).unwrap();
        assert!(!script.contains("unsafe-inline") && !script.contains("'unsafe-eval'"), "{script}");
        let nonce = script.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let body = answer.text().await.unwrap();
        for tag in body.split("<script").skip(1) {
            assert!(
                tag.split('>').next().unwrap().contains(&nonce),
                "a script without the nonce: {}",
                &tag[..tag.len().min(80)]
            );
        }
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_may_be_called_from_any_page_with_a_key_and_without_cookies() {
    let server = TestServer::start().await;
    let asked = server
        .client
        .request(Method::OPTIONS, format!("{}/api/v1/chat/completions", server.url))
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .send()
        .await
        .unwrap();
    assert!(asked.status().is_success());
    assert_eq!(asked.headers()["access-control-allow-origin"], "*");
    assert!(asked.headers()["access-control-allow-headers"].to_str().unwrap().contains("authorization"));
    assert!(!asked.headers().contains_key("access-control-allow-credentials"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_in_the_words_of_the_place() {
    let server = TestServer::start().await;
    for path in ["/no-such-page", "/no/such", "/a/b/c"] {
        let page = server.get(path).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(page.text().await.unwrap().contains("<html"), "{path}");
    }
    for path in ["/api/v1/nothing", "/v1/nothing"] {
        let answer = server.get(path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], 404);
    }
    assert_eq!(server.get("/pkg/nothing.js").send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_packed_and_are_asked_after_unless_their_folder_has_their_hash() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("pkg")).unwrap();
    fs::write(root.path().join("pkg/souk.js"), "plain").unwrap();
    fs::write(root.path().join("pkg/souk.js.br"), "packed").unwrap();
    fs::create_dir(root.path().join("pkg/0123456789abcdef")).unwrap();
    fs::write(root.path().join("pkg/0123456789abcdef/part.js"), "part").unwrap();
    fs::write(root.path().join("favicon.svg"), "<svg/>").unwrap();
    let server = TestServer::start_with(&[("LEPTOS_SITE_ROOT", root.path().to_str().unwrap())]).await;

    let plain = server.get("/pkg/souk.js").send().await.unwrap();
    assert_eq!(
        (plain.headers()["cache-control"].to_str().unwrap(), plain.headers()["content-type"].to_str().unwrap()),
        ("no-cache", "text/javascript")
    );
    assert_eq!(plain.text().await.unwrap(), "plain");
    let packed = server.get("/pkg/souk.js").header("accept-encoding", "br").send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "br");
    assert_eq!(packed.text().await.unwrap(), "packed");
    let part = server.get("/pkg/0123456789abcdef/part.js").send().await.unwrap();
    assert!(part.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let icon = server.get("/favicon.svg").send().await.unwrap();
    assert_eq!(icon.headers()["content-type"], "image/svg+xml");
    let changed = icon.headers()["last-modified"].clone();
    let again = server.get("/favicon.svg").header("if-modified-since", changed).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let outside = server.get("/pkg/..%2f..%2fetc%2fpasswd").send().await.unwrap();
    assert_eq!(outside.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_larger_than_forms_are_is_refused() {
    let server = TestServer::start().await;
    let body = format!("email={}", "x".repeat(300 << 10));
    let path = <app::pages::sign_in::SignUp as leptos::server_fn::ServerFn>::PATH;
    let request = server.client.post(format!("{}{path}", server.url)).header("origin", &server.url);
    let answer = request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_packed_for_those_who_can_unpack_them() {
    let server = TestServer::start().await;
    let page = server.get("/models").header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(page.headers()["content-encoding"], "gzip");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_costs_what_it_says_and_is_booked_before_the_server_has_stopped() {
    let server = TestServer::start().await;
    let customer = server.customer("1").await;
    let (status, answer) = server.chat(&customer.key, "simulator/echo", "hello").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    server.stop().await;
    let told: NanoUsd = format!("{:.9}", answer["usage"]["cost"].as_f64().unwrap()).parse().unwrap();
    assert!(told > NanoUsd::ZERO);
    assert_eq!(server.store.balance(&customer.account).await.unwrap().spent, told);
    server.assert_ledger_is_right().await;
}
