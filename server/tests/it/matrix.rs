//! Every surface over every dialect: the same questions, asked in each API we serve, of the simulator speaking each protocol.
//!
//! A cell is (surface, dialect, case, streamed or not). The cells are made from the tables below; one that cannot exist says
//! why, and then must not work by chance either: its surface has no words for the case, so nothing is sent.

mod ask;
mod chat;
mod completions;
mod dialect;
mod gemini;
mod messages;
mod responses;
mod surface;
mod vectors;

use futures::StreamExt;

use self::ask::{Ask, Case, Finish, Seen};
use self::dialect::DIALECTS;
use self::surface::Surface;
use crate::harness::TestServer;

/// Cells at work at once: enough to keep both cores busy, too few to make a limit of time pass.
const AT_ONCE: usize = 8;

async fn every_dialect_through(surface: &'static dyn Surface) {
    let catalog = dialect::overlay();
    let folder = catalog.path().to_str().unwrap();
    let server = TestServer::start_with(&[("SOUK_CATALOG_DIR", folder), ("MATRIX_KEY", "a key")]).await;
    let key = server.customer("100").await.key;
    let mut cells = Vec::new();
    for dialect in DIALECTS {
        for case in Case::ALL {
            for stream in [false, true] {
                let lacks = surface.lacks(case).or(dialect.lacks(case)).or(unmarked(surface, dialect, case));
                if lacks.is_none() && (stream || !case.is_of_streams()) {
                    cells.push((dialect, case, stream));
                }
            }
        }
    }
    assert!(cells.len() >= surface.cells(), "{} cells, {} at least were expected", cells.len(), surface.cells());
    let (server, key) = (&server, key.as_str());
    let faults: Vec<String> = futures::stream::iter(cells)
        .map(|(dialect, case, stream)| async move {
            let fault = run(server, key, surface, dialect, case, stream).await.err()?;
            Some(format!(
                "{} × {} × {case:?}{}: {fault}",
                surface.name(),
                dialect.name,
                if stream { ", streamed" } else { "" }
            ))
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(|fault| async { fault })
        .collect()
        .await;
    assert!(faults.is_empty(), "{} cells are broken:\n{}", faults.len(), faults.join("\n"));
    server.assert_ledger_is_right().await;
}

fn unmarked(surface: &dyn Surface, dialect: &dialect::Row, case: Case) -> Option<&'static str> {
    let is_missing = case == Case::CachedPrompt && dialect.caches_marked && !surface.marks_prompts();
    is_missing.then_some("the API has no mark for what to cache, and the protocol caches nothing else")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chat_completions_mean_the_same_over_every_dialect() {
    every_dialect_through(&chat::Chat).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn completions_mean_the_same_over_every_dialect() {
    every_dialect_through(&completions::Completions).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn responses_mean_the_same_over_every_dialect() {
    every_dialect_through(&responses::Responses).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_mean_the_same_over_every_dialect() {
    every_dialect_through(&messages::Messages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generate_content_means_the_same_over_every_dialect() {
    every_dialect_through(&gemini::Gemini).await;
}

/// Asks, and says what is wrong with the answer.
async fn run(
    server: &TestServer,
    key: &str,
    surface: &dyn Surface,
    dialect: &dialect::Row,
    case: Case,
    stream: bool,
) -> Result<(), String> {
    let model = dialect::model(dialect, case);
    let ask = Ask::of(case);
    let first = send(server, key, surface, &model, &ask, stream).await?;
    let Some(next) = ask.next(&first) else { return case.judge(dialect, &first) };
    case.judge_first(&first)?;
    let second = send(server, key, surface, &model, &next, stream).await?;
    case.judge(dialect, &second)
}

async fn send(
    server: &TestServer,
    key: &str,
    surface: &dyn Surface,
    model: &str,
    ask: &Ask,
    stream: bool,
) -> Result<Seen, String> {
    let (path, body) = surface.write(model, ask, stream);
    let answer = server.client.post(format!("{}{path}", server.url)).bearer_auth(key).json(&body).send().await;
    let answer = answer.map_err(|e| e.to_string())?;
    let (status, retry_after) = (answer.status().as_u16(), answer.headers().contains_key("retry-after"));
    let text = answer.text().await.map_err(|e| e.to_string())?;
    let mut seen = if status != 200 {
        Seen { error: Some(surface.error_type(&text)?), ..Seen::default() }
    } else if stream {
        surface.read_stream(&text).map_err(|why| format!("{why} in {text}"))?
    } else {
        let json = serde_json::from_str(&text).map_err(|e| format!("{e} in {text}"))?;
        surface.read(&json).map_err(|why| format!("{why} in {text}"))?
    };
    seen.status = status;
    seen.retry_after = retry_after;
    seen.raw = text;
    if seen.error.is_none() && seen.finish == Finish::None {
        return Err(format!("it has no finish: {}", seen.raw));
    }
    Ok(seen)
}
