//! A whole gateway over a simulator of its own, with a purse for a ledger.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::{AccountId, Generation, GenerationId, KeyId, NanoUsd};
use gateway::call::{Admitted, Origin};
use gateway::clock::{self, Stopwatch};
use gateway::deliver::Reply;
use gateway::ports::{Caller, CreditFacts, KeyFacts, KeyRefused, Keys, Records, Settlement, Snapshots, StoreError};
use gateway::surfaces::chat::parse::parse;
use gateway::{Deps, Gateway, api_router};
use providers::catalog::{File, Files, load};
use providers::reach::Snapshot;
use providers::transport::{Limits, Transport};
use providers::upstream::Upstream;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::fixture::Purse;

/// A gateway whose only model is `acme/talker`, served by the simulator. It ends with the test.
pub struct Running {
    pub gateway: Arc<Gateway>,
    pub purse: Arc<Purse>,
    pub tasks: TaskTracker,
    pub hurry: CancellationToken,
    pub client: reqwest::Client,
    simulator: String,
}

struct Fixed(Arc<Snapshot>);

impl Snapshots for Fixed {
    fn current(&self) -> Arc<Snapshot> {
        self.0.clone()
    }
}

fn account() -> AccountId {
    "0193f0c2-aabb-7ccc-8ddd-001122334455".parse().unwrap()
}

#[async_trait]
impl Keys for Purse {
    async fn caller(&self, _: &KeyId) -> Result<Caller, KeyRefused> {
        Ok(Caller { account: account(), key: None })
    }

    async fn key_facts(&self, _: &KeyId) -> Result<KeyFacts, StoreError> {
        Err(StoreError("a purse has no keys".to_owned()))
    }

    async fn credit_facts(&self, _: &AccountId) -> Result<CreditFacts, StoreError> {
        Err(StoreError("a purse counts no credits".to_owned()))
    }
}

#[async_trait]
impl Records for Purse {
    async fn generation(&self, _: &AccountId, id: &GenerationId) -> Result<Option<Generation>, StoreError> {
        let settled = self.settled.lock().unwrap();
        Ok(settled.iter().map(|s| &s.generation).find(|generation| generation.id == *id).cloned())
    }
}

impl Running {
    /// With one provider for each offer: the `[[offers]]` of `acme/talker` there, and its quirks.
    pub async fn start(providers: &[(&str, &str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let simulator = format!("http://{}", listener.local_addr().unwrap());
        let tasks = TaskTracker::new();
        let server = TaskTracker::new();
        server.spawn(simulator::serve(listener, simulator::Config::default(), std::future::pending()));
        let snapshot = snapshot(&simulator, providers);
        let purse = Arc::new(Purse::with(NanoUsd::ONE_DOLLAR));
        let hurry = CancellationToken::new();
        let gateway = Gateway::new(Deps {
            upstream: Upstream::new(Transport::new(Duration::from_secs(5)).unwrap()),
            limits: Limits::default(),
            keys: purse.clone(),
            ledger: purse.clone(),
            records: purse.clone(),
            snapshots: Arc::new(Fixed(Arc::new(snapshot))),
            tasks: tasks.clone(),
            hurry: hurry.clone(),
        });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { gateway, purse, tasks, hurry, client, simulator }
    }

    /// Its address over HTTP.
    pub async fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = api_router(self.gateway.clone());
        TaskTracker::new().spawn(async move { axum::serve(listener, router).await });
        url
    }

    /// Begins a call; drop the receiver to leave.
    pub fn ask(&self, body: &Value) -> Receiver<Reply> {
        let call = parse(body.to_string().as_bytes(), Origin::default()).unwrap();
        let caller = Caller { account: account(), key: None };
        self.gateway.start(Admitted { caller, call, stopwatch: Stopwatch::start() }).1
    }

    /// When all calls are booked: what was booked of the only one.
    pub async fn settled(&self) -> Settlement {
        self.tasks.close();
        self.tasks.wait().await;
        let settled = self.purse.settled.lock().unwrap();
        assert_eq!(settled.len(), 1);
        settled[0].clone()
    }

    /// What the simulator says of the requests it got.
    pub async fn requests(&self) -> Vec<Value> {
        let log = self.client.get(format!("{}/control/log", self.simulator)).send().await.unwrap();
        log.json::<Value>().await.unwrap()["requests"].as_array().unwrap().clone()
    }

    /// Asks the simulator again and again until its only request is as wanted.
    pub async fn until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..3_000 {
            if let [request] = self.requests().await.as_slice()
                && wanted(request)
            {
                return request.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("waited in vain: {:?}", self.requests().await);
    }
}

fn snapshot(simulator: &str, providers: &[(&str, &str, &str)]) -> Snapshot {
    let mut files = Files::default();
    let mut put = |path: String, text: String| files.insert(path, File { text: text.into(), overlaid: false });
    let model = "author = \"acme\"\nsource = \"test\"\nas_of = \"2026-11-22\"\n[[models]]\nslug = \"acme/talker\"\nname = \"Talker\"\n\
                 kind = \"chat\"\ninput_modalities = [\"text\"]\noutput_modalities = [\"text\"]\n";
    put("models/acme.toml".to_owned(), model.to_owned());
    for (slug, quirks, offer) in providers {
        let text = format!(
            "slug = \"{slug}\"\nname = \"{slug}\"\nkind = \"host\"\ndialect = \"openai_chat\"\nbase_url = \"{simulator}/openai/v1\"\n\
             auth = \"none\"\nsource = \"test\"\nas_of = \"2026-11-22\"\n[quirks]\n{quirks}\n[[offers]]\nmodel = \"acme/talker\"\n{offer}\n"
        );
        put(format!("providers/{slug}.toml"), text);
    }
    let catalog = load(files, None, clock::now()).unwrap_or_else(|faults| panic!("{faults:#?}"));
    Snapshot::new(Arc::new(catalog), |_| None)
}
