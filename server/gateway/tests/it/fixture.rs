//! A small catalog, written as catalog files, and a ledger of one account in memory.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::{NanoUsd, Timestamp};
use gateway::call::{Admitted, Call, Origin};
use gateway::clock::Stopwatch;
use gateway::ports::{Caller, Hold, HoldRefused, HoldWish, Ledger, Settled, Settlement, StoreError};
use gateway::surfaces::chat::parse::parse;
use providers::catalog::{File, Files, load};

use providers::reach::Snapshot;

/// 2026-11-22T12:00:00Z.
pub const NOW: Timestamp = Timestamp(1_795_348_800_000_000);

const MODELS: &str = r#"
author = "acme"
source = "test"
as_of = "2026-11-22"

[[models]]
slug = "acme/talker"
name = "Talker"
kind = "chat"
context_length = 1000
max_output = 500
input_modalities = ["text"]
output_modalities = ["text"]

[[models]]
slug = "acme/seer"
name = "Seer"
kind = "chat"
context_length = 100000
max_output = 4000
input_modalities = ["text", "image"]
output_modalities = ["text"]
capabilities = { tools = true }

[[models]]
slug = "acme/embedder"
name = "Embedder"
kind = "embedding"
context_length = 1000
input_modalities = ["text"]
output_modalities = ["embeddings"]

[[models]]
slug = "acme/ranker"
name = "Ranker"
kind = "rerank"
context_length = 1000
input_modalities = ["text"]
output_modalities = ["other"]

[[models]]
slug = "acme/unoffered"
name = "Unoffered"
kind = "chat"
input_modalities = ["text"]
output_modalities = ["text"]
"#;

/// (provider, offers): each provider is reachable if it has a key in the environment below.
const PROVIDERS: [(&str, &str); 4] = [
    (
        "cheap",
        r#"
[[offers]]
model = "acme/talker"
tag = "cheap"
upstream_id = "t"
prices = { prompt = "0.000001", completion = "0.000002" }

[[offers]]
model = "acme/talker"
tag = "cheap/turbo"
upstream_id = "t-turbo"
flavour = "turbo"
prices = { prompt = "0.000004", completion = "0.000004" }

[[offers]]
model = "acme/embedder"
tag = "cheap"
upstream_id = "e"
prices = { prompt = "0.000001" }

[[offers]]
model = "acme/ranker"
tag = "cheap"
upstream_id = "r"
prices = { request = "0.002" }
"#,
    ),
    (
        "dear",
        r#"
[policy]
training = false
retains_prompts = false

[[offers]]
model = "acme/talker"
tag = "dear"
upstream_id = "t"
prices = { prompt = "0.000003", completion = "0.000006" }

[[offers]]
model = "acme/seer"
tag = "dear"
upstream_id = "s"
prices = { prompt = "0.00001", completion = "0.00003" }
capabilities = { tools = true }
"#,
    ),
    (
        "keyless",
        r#"
[[offers]]
model = "acme/talker"
tag = "keyless"
upstream_id = "t"
prices = { prompt = "0.0000001", completion = "0.0000001" }
"#,
    ),
    (
        "vague",
        r#"
[[offers]]
model = "acme/talker"
tag = "vague"
upstream_id = "t"
"#,
    ),
];

pub fn snapshot() -> Snapshot {
    let mut files = Files::default();
    files.insert("models/acme.toml".to_owned(), File { text: MODELS.into(), overlaid: false });
    for (slug, offers) in PROVIDERS {
        let head = format!(
            "slug = \"{slug}\"\nname = \"{slug}\"\nkind = \"host\"\ndialect = \"openai_chat\"\nbase_url = \"https://{slug}.example/v1\"\n\
             auth = \"bearer\"\nenv = [\"{}_KEY\"]\nsource = \"test\"\nas_of = \"2026-11-22\"\n",
            slug.to_uppercase()
        );
        files
            .insert(format!("providers/{slug}.toml"), File { text: format!("{head}{offers}").into(), overlaid: false });
    }
    let catalog = load(files, None, NOW).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let variable = |name: &str| (name != "KEYLESS_KEY").then(|| "secret".to_owned());
    Snapshot::new(Arc::new(catalog), variable)
}

/// A call from a body whose `messages` may be left out.
pub fn call(mut body: serde_json::Value) -> Call {
    if body.get("messages").is_none() {
        body["messages"] = serde_json::json!([{"role": "user", "content": "hi"}]);
    }
    parse(body.to_string().as_bytes(), Origin::default()).unwrap()
}

pub fn admitted(body: serde_json::Value) -> Admitted {
    let account = "0193f0c2-aabb-7ccc-8ddd-001122334455".parse().unwrap();
    Admitted { caller: Caller { account, key: None }, call: call(body), stopwatch: Stopwatch::start() }
}

/// One account's credits; grants as `HoldWish` says.
#[derive(Default)]
pub struct Purse {
    pub available: Mutex<i64>,
    pub wishes: Mutex<Vec<HoldWish>>,
    pub settled: Mutex<Vec<Settlement>>,
}

impl Purse {
    pub fn with(available: NanoUsd) -> Self {
        Self { available: Mutex::new(available.0), ..Self::default() }
    }
}

#[async_trait]
impl Ledger for Purse {
    async fn hold(&self, wish: &HoldWish) -> Result<Hold, HoldRefused> {
        self.wishes.lock().unwrap().push(wish.clone());
        let mut available = self.available.lock().unwrap();
        let amount = match *available {
            a if a >= wish.at_most.0 => wish.at_most.0,
            a if a / 2 >= wish.at_least.0 => a / 2,
            a if a >= wish.at_least.0 => wish.at_least.0,
            a => return Err(HoldRefused::NoCredits { available: NanoUsd(a), needed: wish.at_least }),
        };
        *available -= amount;
        Ok(Hold { generation: wish.generation.clone(), amount: NanoUsd(amount) })
    }

    async fn settle(&self, settlement: &Settlement) -> Result<Settled, StoreError> {
        self.settled.lock().unwrap().push(settlement.clone());
        Ok(Settled { charged: settlement.generation.cost.total })
    }
}
