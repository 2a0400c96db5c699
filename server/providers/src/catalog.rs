//! The catalog: who serves which model at what price, as data, and a snapshot of it in memory.
//!
//! Files come from the shipped `server/catalog` (embedded) with those of `SOUK_CATALOG_DIR` laid over them. A snapshot is
//! immutable and shared by `Arc`; a new one replaces it as a whole.
//!
//! `source` finds the files, `read` turns one into `entry` types, `load` joins all into a [`Catalog`], and `import` makes
//! the shipped files from lists of facts.

mod entry;
mod fault;
mod import;
mod join;
mod load;
mod read;
mod render;
mod scalar;
mod source;
mod wire;

pub use fault::Fault;
pub use import::{ImportError, Imported, import};
pub use load::{Counts, check, load};
pub use source::{File, Files, shipped};
pub use wire::{UnsetVariable, Wire};

use std::collections::BTreeMap;
use std::sync::Arc;

use canon::TaskKind;
use domain::{EndpointTag, ModelSlug, PriceOverride, PriceSheet, Prices, ProviderSlug, Rate, Timestamp, Unit};
use serde::{Deserialize, Serialize};

use crate::quirks::Quirks;

/// One consistent state of all catalog files.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub providers: BTreeMap<ProviderSlug, Arc<Provider>>,
    pub models: BTreeMap<ModelSlug, Arc<Model>>,
    /// By model slug with its variant (`author/slug` or `author/slug:free`), in the order of their tags.
    pub endpoints: BTreeMap<ModelSlug, Vec<Arc<Endpoint>>>,
    /// Lower-case hex SHA-256 over all files: equal digests, equal catalogs.
    pub digest: String,
}

/// A wire protocol that providers speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    OpenaiChat,
    OpenaiResponses,
    Anthropic,
    Gemini,
    Vertex,
    Bedrock,
    /// OpenAI's chat dialect, as Azure serves it.
    Azure,
    Cohere,
    /// A protocol of the provider's own that we do not speak.
    Other,
}

/// How a request proves who sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// `NAME: KEY`.
    Header(String),
    /// A signature over each request with an AWS key pair; a bearer key, where `env` names one that is set, goes before.
    Sigv4,
    Google,
    /// No key is needed (simulator, local servers).
    None,
}

/// Who trained the models a provider serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    FirstParty,
    Host,
}

/// A company or machine that serves models. `None` is unknown, never "no".
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    pub slug: ProviderSlug,
    pub name: String,
    pub kind: ProviderKind,
    /// Whether it is our simulator: its models are labelled so everywhere.
    pub simulated: bool,
    /// Without a trailing slash; `{name}` is filled from the environment variable that `url_variables` names.
    pub base_url: Option<String>,
    pub dialect: Option<Dialect>,
    /// Where the provider also speaks OpenAI's chat dialect.
    pub openai_base_url: Option<String>,
    /// How requests to `openai_base_url` prove who sends them, where that differs from `auth`.
    pub openai_auth: Option<Auth>,
    /// `{placeholder}` of the URLs → environment variable.
    pub url_variables: BTreeMap<String, String>,
    pub auth: Option<Auth>,
    /// Environment variables that may hold the key; the first one set is used.
    pub env: Vec<String>,
    /// Variables that may hold a bearer token; where one is set, it goes in the place of the key, however keys go here.
    pub token_env: Vec<String>,
    /// ISO 3166 country.
    pub headquarters: Option<String>,
    pub datacenters: Vec<String>,
    /// `cn`: the mainland host of a vendor that has another one elsewhere.
    pub region: Option<String>,
    pub first_party_author: Option<String>,
    pub policy: DataPolicy,
    pub terms_of_service_url: Option<String>,
    pub privacy_policy_url: Option<String>,
    pub status_page_url: Option<String>,
    pub quirks: Quirks,
    /// Where the facts come from, and the day they were read.
    pub source: String,
    pub as_of: String,
}

/// What a provider does with prompts. `None` is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataPolicy {
    pub training: Option<bool>,
    pub retains_prompts: Option<bool>,
    pub retention_days: Option<u32>,
    pub requires_user_ids: Option<bool>,
    pub source: Option<String>,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    Chat,
    /// Chat that also answers with images.
    ChatImage,
    Image,
    Embedding,
    Transcription,
    Video,
    Speech,
    Classifier,
    Rerank,
    Other,
}

impl ModelKind {
    /// What such a model is asked for, where we have a way to ask.
    pub const fn task(self) -> Option<TaskKind> {
        match self {
            Self::Chat | Self::ChatImage => Some(TaskKind::Chat),
            Self::Embedding => Some(TaskKind::Embed),
            Self::Rerank => Some(TaskKind::Rerank),
            Self::Image | Self::Transcription | Self::Video | Self::Speech | Self::Classifier | Self::Other => None,
        }
    }
}

/// Whether prices name what such a task is charged by: without, an endpoint takes no traffic, since a silent zero would be a
/// gift. Rankings are sold by the search or by the token.
pub fn covers(prices: &Prices, task: TaskKind) -> bool {
    match task {
        TaskKind::Chat => prices.covers_chat(),
        TaskKind::Embed => prices.listed(Unit::Prompt).is_some(),
        TaskKind::Rerank => prices.listed(Unit::Request).or(prices.listed(Unit::Prompt)).is_some(),
    }
}

/// A medium that goes in or comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    Text,
    Image,
    Audio,
    Video,
    File,
    Embeddings,
    /// What the sources name otherwise (scores, transcripts).
    Other,
}

/// A model, whoever serves it.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub slug: ModelSlug,
    pub name: String,
    pub kind: ModelKind,
    pub description: Option<String>,
    /// Days as `2026-11-22`.
    pub released: Option<String>,
    pub knowledge_cutoff: Option<String>,
    pub expires: Option<String>,
    pub context_length: Option<u64>,
    pub max_output: Option<u64>,
    pub input_modalities: Vec<Modality>,
    pub output_modalities: Vec<Modality>,
    pub open_weights: Option<bool>,
    pub hugging_face_id: Option<String>,
    pub canonical_slug: Option<String>,
    pub family: Option<String>,
    pub tokenizer: Option<String>,
    pub capabilities: Capabilities,
    pub reasoning_efforts: Vec<String>,
    /// Length of the vectors of an embedding model.
    pub embedding_dimensions: Option<u32>,
    /// Voices of a speech model, by the vendor's names.
    pub voices: Vec<String>,
    pub source: String,
    pub as_of: String,
}

/// What a model or an endpoint can do. `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capabilities {
    pub reasoning: Option<bool>,
    pub tools: Option<bool>,
    pub tool_choice: Option<bool>,
    pub parallel_tool_calls: Option<bool>,
    pub structured_outputs: Option<bool>,
    pub attachments: Option<bool>,
    pub temperature: Option<bool>,
    pub prompt_caching: Option<bool>,
    pub web_search: Option<bool>,
}

/// How sure the catalog is that an endpoint serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointStatus {
    #[default]
    Current,
    Beta,
    Deprecated,
    /// Known only from an older list: shown as such, and tried last.
    Unconfirmed,
}

/// One provider's offer of one model: the thing a request is routed to.
///
/// What an offer does not say about context, output, modalities, efforts and capabilities, its model says: that is
/// filled in here, so nobody has to look twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    pub provider: Arc<Provider>,
    pub model: Arc<Model>,
    /// `free`, `extended`, …: a catalog entry of its own, `author/slug:free`.
    pub variant: Option<String>,
    /// Unique among the endpoints of one model and variant.
    pub tag: EndpointTag,
    /// The provider's own name of the model.
    pub upstream_id: String,
    /// Where it runs, in the source's words: us, eu, global, …
    pub region: Option<String>,
    /// Serving variety of the same weights: turbo, fast, …
    pub flavour: Option<String>,
    pub prices: PriceSheet,
    /// Prices by service tier (`flex`, `priority`, `batch` …): the parts that differ.
    pub service_tier_prices: BTreeMap<String, Prices>,
    /// Conditions on the prices of a service tier, as `prices.overrides` are on the listed ones.
    pub service_tier_overrides: BTreeMap<String, Vec<PriceOverride>>,
    /// Prices that depend on the size of what is made (`1080p`, `4K`), by unit; `prices` holds the usual one.
    pub prices_by_size: BTreeMap<Unit, BTreeMap<String, Rate>>,
    pub context_length: Option<u64>,
    pub max_prompt_tokens: Option<u64>,
    pub max_output: Option<u64>,
    /// `fp8`, `bf16`, …; `None` is unknown.
    pub quantization: Option<String>,
    /// OpenRouter's parameter names; `None` is unknown.
    pub supported_parameters: Option<Vec<String>>,
    pub capabilities: Capabilities,
    pub reasoning_efforts: Vec<String>,
    pub input_modalities: Vec<Modality>,
    pub output_modalities: Vec<Modality>,
    pub status: EndpointStatus,
    /// The last day it is offered, `2026-11-22`.
    pub deprecation_date: Option<String>,
    pub source: String,
}

impl Endpoint {
    /// The model's slug with the variant of this endpoint.
    pub fn model_slug(&self) -> String {
        self.variant.as_ref().map_or_else(|| self.model.slug.to_string(), |v| format!("{}:{v}", self.model.slug))
    }

    /// A stable name among all endpoints: `author/slug[:variant]@tag`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.model_slug(), self.tag)
    }

    /// The price list of a service tier, by the names of requests and answers; `None`: the tier has no price of its own.
    ///
    /// Units that the tier does not change cost what is listed; so do they under the listed conditions, unless the tier has
    /// conditions of its own.
    pub fn tier_prices(&self, tier: &str) -> Option<PriceSheet> {
        // Two vendors' words for the same.
        let names = match tier {
            "fast" | "priority" => [tier, if tier == "fast" { "priority" } else { "fast" }],
            other => [other, other],
        };
        let name = names.into_iter().find(|name| self.service_tier_prices.contains_key(*name))?;
        let mut sheet = self.prices.clone();
        sheet.prices.0.extend(&self.service_tier_prices.get(name)?.0);
        if let Some(own) = self.service_tier_overrides.get(name) {
            sheet.overrides.clone_from(own);
        }
        Some(sheet)
    }

    /// Whether its last day is over.
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.deprecation_date.as_ref().is_some_and(|last_day| *last_day < now.utc_date())
    }
}
