//! Model servers on this machine: looked for in the background, and offered for nothing while they are there.
//!
//! Which ones there are is data (`local.toml`).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::ProviderSlug;
use futures::future::join_all;
use providers::quirks::Quirks;
use serde::Deserialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::LiveCatalog;

/// One that answers at all answers at once: it is on this machine.
const ANSWER_WITHIN: Duration = Duration::from_millis(800);
/// They come and go while we run.
const LOOK_EVERY: Duration = Duration::from_secs(30);
const LONGEST_LIST: usize = 4 << 20;
const MOST_MODELS: usize = 500;

/// A kind of model server, as `local.toml` describes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalServer {
    pub slug: ProviderSlug,
    pub name: String,
    pub address: SocketAddr,
    /// The path that lists its models.
    list: String,
    /// Where in the list the models are, and in a model its id and its context length.
    models: String,
    id: String,
    context: Option<String>,
    /// Where it deviates from OpenAI's chat dialect.
    #[serde(default)]
    pub quirks: Quirks,
    mark: Option<Mark>,
}

/// A field of a model that tells this server from others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    field: String,
    value: String,
}

/// A server that answered, and what it serves, by id.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub server: LocalServer,
    pub models: Vec<LocalModel>,
}

/// A model as its server lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalModel {
    pub id: String,
    pub context_length: Option<u64>,
}

/// The kinds that are looked for.
pub fn servers() -> Result<Vec<LocalServer>, toml::de::Error> {
    described_in(include_str!("local.toml"))
}

/// The kinds that a text in the form of `local.toml` describes.
pub fn described_in(text: &str) -> Result<Vec<LocalServer>, toml::de::Error> {
    #[derive(Deserialize)]
    struct File {
        server: Vec<LocalServer>,
    }
    toml::from_str::<File>(text).map(|file| file.server)
}

/// Looks at once and then every half minute, until told to stop; `own` is where we listen ourselves.
pub async fn watch(catalog: Arc<LiveCatalog>, servers: Vec<LocalServer>, own: SocketAddr, stop: CancellationToken) {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(ANSWER_WITHIN)
        .redirect(reqwest::redirect::Policy::none())
        .build();
    let client = match client {
        Ok(client) => client,
        Err(error) => return tracing::warn!(%error, "model servers on this machine are not looked for"),
    };
    let mut before: Vec<Found> = Vec::new();
    loop {
        let looked = join_all(
            servers.iter().filter(|server| server.address.port() != own.port()).map(|server| look(&client, server)),
        );
        let found: Vec<Found> = looked.await.into_iter().flatten().collect();
        tell(&before, &found);
        catalog.put_local(found.clone());
        before = found;
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {},
            () = stop.cancelled() => return,
        }
    }
}

fn tell(before: &[Found], now: &[Found]) {
    for Found { server, models } in now.iter().filter(|found| !before.contains(found)) {
        tracing::info!("{} at {} offers {} models, for nothing", server.name, server.address, models.len());
    }
    for Found { server, .. } in before.iter().filter(|old| !now.iter().any(|found| found.server == old.server)) {
        tracing::info!("{} is gone", server.name);
    }
}

async fn look(client: &reqwest::Client, server: &LocalServer) -> Option<Found> {
    let mut answer = client.get(format!("http://{}{}", server.address, server.list)).send().await.ok()?;
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.ok()? {
        body.extend_from_slice(&piece);
        if body.len() > LONGEST_LIST {
            return None;
        }
    }
    let models = models(server, &serde_json::from_slice(&body).ok()?)?;
    Some(Found { server: server.clone(), models })
}

/// What a list says; `None`: it is no list of this server's.
fn models(server: &LocalServer, list: &Value) -> Option<Vec<LocalModel>> {
    let listed = list.pointer(&server.models)?.as_array()?;
    let is_its_own = |model: &&Value| {
        server.mark.as_ref().is_none_or(|mark| model.pointer(&mark.field).and_then(Value::as_str) == Some(&mark.value))
    };
    let context = |model: &Value| server.context.as_ref().and_then(|field| model.pointer(field)?.as_u64());
    let mut models: Vec<LocalModel> = listed
        .iter()
        .filter(is_its_own)
        .filter_map(|model| {
            let id = model.pointer(&server.id)?.as_str()?.to_owned();
            Some(LocalModel { id, context_length: context(model) })
        })
        .take(MOST_MODELS)
        .collect();
    models.sort();
    (!models.is_empty()).then_some(models)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn server(slug: &str) -> LocalServer {
        servers().unwrap().into_iter().find(|server| server.slug.as_str() == slug).unwrap()
    }

    #[test]
    fn a_list_of_tags_is_read_in_the_order_of_names() {
        let list = json!({"models": [{"name": "qwen2.5-coder:7b", "size": 1}, {"name": "llama3.2:latest"}]});
        let ids: Vec<String> =
            models(&server("ollama-local"), &list).unwrap().into_iter().map(|model| model.id).collect();
        assert_eq!(ids, ["llama3.2:latest", "qwen2.5-coder:7b"]);
    }

    #[test]
    fn the_context_length_is_taken_where_it_is_told() {
        let list = json!({"data": [{"id": "meta/llama", "owned_by": "vllm", "max_model_len": 8192}]});
        assert_eq!(
            models(&server("vllm-local"), &list).unwrap(),
            [LocalModel { id: "meta/llama".into(), context_length: Some(8192) }]
        );
    }

    #[test]
    fn somebody_else_on_the_same_port_is_not_taken_for_it() {
        for list in [
            json!({"data": [{"id": "openai/gpt", "owned_by": "souk"}]}),
            json!({"data": []}),
            json!({"data": 1}),
            json!([]),
        ] {
            assert_eq!(models(&server("vllm-local"), &list), None, "{list}");
        }
    }
}
