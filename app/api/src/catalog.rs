//! Models, their endpoints and prices.

use async_trait::async_trait;
use domain::{EndpointTag, ModelSlug, Prices, ProviderSlug, Rate, Unit};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// The state of the model list: each field is a parameter of the query string (UI.md §10). Empty means no filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelQuery {
    pub q: String,
    /// Modalities that must be accepted, comma-separated: `image,file`.
    pub input: String,
    /// The modality that comes out; empty: `text`; `all`.
    pub output: String,
    /// Tokens.
    pub min_context: String,
    /// Dollars per million prompt tokens.
    pub max_price: String,
    pub author: String,
    pub provider: String,
    /// Capabilities, comma-separated: `tools,reasoning,structured_outputs`.
    pub supports: String,
    /// `1`: only models that can be called on this server now.
    pub callable: String,
    pub sort: String,
    /// From 1.
    pub page: String,
}

/// How the list is ordered; the name in the query string is that of the API's own list call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModelSort {
    #[default]
    Newest,
    PriceLow,
    PriceHigh,
    ContextHigh,
    Providers,
    Name,
}

impl ModelSort {
    pub const ALL: &[(Self, &'static str, &'static str)] = &[
        (Self::Newest, "newest", "Newest"),
        (Self::PriceLow, "pricing-low-to-high", "Price, low to high"),
        (Self::PriceHigh, "pricing-high-to-low", "Price, high to low"),
        (Self::ContextHigh, "context-high-to-low", "Context, long to short"),
        (Self::Providers, "most-providers", "Most providers"),
        (Self::Name, "name", "Name"),
    ];

    /// Unknown names mean the default.
    pub fn parse(name: &str) -> Self {
        Self::ALL.iter().find(|(_, n, _)| *n == name).map_or_else(Self::default, |(sort, ..)| *sort)
    }
}

/// A model in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelCard {
    /// With the variant.
    pub slug: ModelSlug,
    pub name: String,
    pub author: String,
    /// Days as `2026-11-22`.
    pub released: Option<String>,
    pub context_length: Option<u64>,
    pub input: Vec<String>,
    pub output: Vec<String>,
    /// The cheapest current offer; `None`: no price is known.
    pub prompt: Option<Rate>,
    pub completion: Option<Rate>,
    pub providers: u32,
    /// `tools`, `reasoning`, `structured_outputs`, as far as known.
    pub supports: Vec<String>,
    /// Some endpoint can be called on this server now.
    pub callable: bool,
    pub simulated: bool,
}

/// A value of a filter and how many models have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet {
    pub value: String,
    pub count: u32,
}

/// One page of the list (50 rows), with counts for the filters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelPage {
    pub rows: Vec<ModelCard>,
    pub total: u32,
    pub page: u32,
    pub pages: u32,
    /// Counts under the current filters, each without its own.
    pub inputs: Vec<Facet>,
    pub outputs: Vec<Facet>,
    pub authors: Vec<Facet>,
    pub providers: Vec<Facet>,
    pub supports: Vec<Facet>,
    /// When nothing is left: the filter (its parameter) that, if dropped, helps most, and how many that brings.
    pub best_to_drop: Option<(String, u32)>,
}

/// A price as it is shown: per million for tokens, else per unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceLine {
    pub unit: Unit,
    pub rate: Rate,
}

/// What a provider does with prompts; `None` is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyFacts {
    pub training: Option<bool>,
    pub retains_prompts: Option<bool>,
    pub retention_days: Option<u32>,
    pub source: Option<String>,
}

/// One provider's offer on a model's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointRow {
    pub provider: ProviderSlug,
    pub provider_name: String,
    pub tag: EndpointTag,
    pub upstream_id: String,
    pub prices: Prices,
    /// Conditions under which other prices hold, in words: `above 256,000 prompt tokens: $0.25 in, $2 out`.
    pub price_notes: Vec<String>,
    pub context_length: Option<u64>,
    pub max_output: Option<u64>,
    pub quantization: Option<String>,
    pub region: Option<String>,
    pub headquarters: Option<String>,
    pub supports: Vec<String>,
    pub policy: PolicyFacts,
    /// `current`, `beta`, `deprecated`, `unconfirmed`.
    pub status: String,
    pub deprecation_date: Option<String>,
    /// Why it cannot be called now: `set DEEPINFRA_API_KEY`, `its protocol is not spoken yet`; `None`: it can.
    pub not_callable: Option<String>,
    pub simulated: bool,
    /// Where the facts come from, and of which day.
    pub source: String,
    pub as_of: String,
}

/// A model's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelDetail {
    pub card: ModelCard,
    pub description: Option<String>,
    pub max_output: Option<u64>,
    pub knowledge_cutoff: Option<String>,
    pub open_weights: Option<bool>,
    pub hugging_face_id: Option<String>,
    pub family: Option<String>,
    pub tokenizer: Option<String>,
    pub expires: Option<String>,
    pub reasoning_efforts: Vec<String>,
    /// Cheapest first.
    pub endpoints: Vec<EndpointRow>,
    pub source: String,
    pub as_of: String,
    /// Where this server's API is: `http://127.0.0.1:3000/api/v1`.
    pub api_base: String,
}

/// The counters of the home page, and a few models to start with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeFacts {
    pub models: u32,
    pub endpoints: u32,
    pub providers: u32,
    /// Models that can be called on this server now.
    pub callable_models: u32,
    /// The catalog's day.
    pub as_of: String,
    pub newest: Vec<ModelCard>,
    pub callable: Vec<ModelCard>,
    pub api_base: String,
}

/// The names of providers by when their bills end, sorted. Those of whom it is not known are in neither.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelling {
    /// With the connection.
    pub ends: Vec<String>,
    /// With the answer, whoever still listens.
    pub goes_on: Vec<String>,
}

#[async_trait]
pub trait Catalog: Send + Sync {
    async fn home(&self) -> Result<HomeFacts, ApiError>;
    async fn models(&self, query: ModelQuery) -> Result<ModelPage, ApiError>;
    /// Errors: `NotFound`.
    async fn model(&self, slug: ModelSlug) -> Result<ModelDetail, ApiError>;
    /// Every model that can be called now and answers with text, for pickers; by name.
    async fn callable(&self) -> Result<Vec<ModelCard>, ApiError>;
    async fn cancelling(&self) -> Result<Cancelling, ApiError>;
}
