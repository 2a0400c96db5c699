//! The catalog in force follows its folder, and keeps to what it was when the folder is broken.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::routing::get;
use axum::{Json, Router};
use gateway::ports::Snapshots;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::catalog::local;
use tokio_util::sync::CancellationToken;

use crate::harness::TestServer;

const MODELS: &str = r#"
author = "acme"
source = "test"
as_of = "2026-11-22"

[[models]]
slug = "acme/one"
name = "Acme One"
kind = "chat"
input_modalities = ["text"]
output_modalities = ["text"]
"#;

fn overlay() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("models")).unwrap();
    fs::create_dir(dir.path().join("providers")).unwrap();
    fs::write(dir.path().join("models/acme.toml"), MODELS).unwrap();
    dir
}

async fn readyz(server: &TestServer) -> Value {
    server.get("/readyz").send().await.unwrap().json().await.unwrap()
}

/// Asks until the answer is as wished; what never comes fails the test.
async fn until(what: &str, mut ask: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !ask().await {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn model(server: &TestServer, slug: &str) -> StatusCode {
    server.get(&format!("/api/v1/model/{slug}")).send().await.unwrap().status()
}

async fn serving(dir: &Path) -> TestServer {
    TestServer::start_with(&[("SOUK_CATALOG_DIR", dir.to_str().unwrap())]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_on_disk_is_served_without_a_restart() {
    let dir = overlay();
    let server = serving(dir.path()).await;
    let before = readyz(&server).await["catalog"]["digest"].clone();
    let second = MODELS.split("[[models]]").nth(1).unwrap().replace("acme/one", "acme/two");
    fs::write(dir.path().join("models/acme.toml"), format!("{MODELS}\n[[models]]{second}")).unwrap();
    until("the new model comes into force", async || {
        server.catalog.current().catalog.models.contains_key(&"acme/two".parse().unwrap())
    })
    .await;
    assert_ne!(readyz(&server).await["catalog"]["digest"], before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_change_leaves_the_old_catalog_in_force_and_is_told() {
    let dir = overlay();
    let server = serving(dir.path()).await;
    let before = readyz(&server).await["catalog"]["digest"].clone();
    fs::write(dir.path().join("models/acme.toml"), MODELS.replace("kind = \"chat\"", "kind = \"magic\"")).unwrap();
    until("the fault is told", async || readyz(&server).await["catalog"]["trouble"].is_string()).await;
    let told = readyz(&server).await;
    let trouble = told["catalog"]["trouble"].as_str().unwrap();
    assert!(trouble.contains("models/acme.toml:9"), "file and line: {trouble}");
    assert_eq!((&told["catalog"]["digest"], &told["ready"]), (&before, &Value::Bool(true)));

    fs::write(dir.path().join("models/acme.toml"), MODELS).unwrap();
    until("all is well again", async || readyz(&server).await["catalog"]["trouble"].is_null()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_the_simulators_models_are_not_there() {
    let server = TestServer::start_with(&[("SOUK_SIMULATOR", "off")]).await;
    assert_eq!(model(&server, "simulator/echo").await, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_server_on_this_machine_is_found_and_offered_for_nothing() {
    let list = json!({"models": [{"name": "llama3.2:latest"}]});
    let fake = Router::new().route("/api/tags", get(move || std::future::ready(Json(list))));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = TestServer::start().await;
    let stop = CancellationToken::new();
    let kinds = format!(
        "[[server]]\nslug = \"near\"\nname = \"Near\"\naddress = \"{address}\"\nlist = \"/api/tags\"\nmodels = \"/models\"\nid = \"/name\"\n"
    );
    let kinds = local::described_in(&kinds).unwrap();
    let own = server.url.strip_prefix("http://").unwrap().parse().unwrap();
    let looking = local::watch(Arc::clone(&server.catalog), kinds, own, stop.clone());
    let found = async {
        until("it is offered", async || {
            server.catalog.current().catalog.endpoints.contains_key(&"local/llama3.2".parse().unwrap())
        })
        .await;
        let customer = server.customer("0").await;
        let (status, answer) = server.chat(&customer.key, "local/llama3.2", "hello").await;
        assert_ne!(status, StatusCode::PAYMENT_REQUIRED, "it costs nothing: {answer}");
        stop.cancel();
    };
    tokio::select! {
        _ = async { axum::serve(listener, fake).await } => panic!("the fake ended"),
        ((), ()) = async { tokio::join!(looking, found) } => {},
    }
}
