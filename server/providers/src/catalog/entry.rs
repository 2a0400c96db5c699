//! The format of catalog files: what may stand in `providers/<slug>.toml` and `models/<author>.toml`.
//!
//! Unknown is left out; an unknown field is an error. What needs more than one value to judge is judged in `join`.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use domain::{EndpointTag, ModelSlug, PriceOverride, Prices, ProviderSlug, Rate, Unit};
use serde::Deserialize;
use toml::Spanned;

use super::scalar::{BaseUrl, Country, Day, DayOrMonth, PageUrl, Text, Variable, Word};
use super::{Auth, Capabilities, DataPolicy, Dialect, EndpointStatus, Modality, ModelKind, ProviderKind};
use crate::quirks::Quirks;

/// `providers/<slug>.toml`: a provider and what it offers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderFile {
    pub slug: Spanned<ProviderSlug>,
    pub name: Text,
    pub kind: ProviderKind,
    #[serde(default)]
    pub simulated: bool,
    pub dialect: Option<Dialect>,
    pub base_url: Option<Spanned<BaseUrl>>,
    pub auth: Option<Auth>,
    /// Where the provider also speaks OpenAI's chat dialect, and how it wants the key there if not as `auth` says.
    pub openai_base_url: Option<Spanned<BaseUrl>>,
    pub openai_auth: Option<Auth>,
    /// Variables that may hold the key; the first one set is used.
    #[serde(default)]
    pub env: Vec<Variable>,
    /// Variables that may hold a bearer token; where one is set, it goes in the place of the key.
    #[serde(default)]
    pub token_env: Vec<Variable>,
    /// `{placeholder}` of the addresses → variable.
    #[serde(default)]
    pub url_variables: BTreeMap<String, Spanned<Variable>>,
    pub headquarters: Option<Country>,
    #[serde(default)]
    pub datacenters: Vec<Country>,
    pub region: Option<Word>,
    pub first_party_author: Option<Word>,
    pub terms_of_service_url: Option<PageUrl>,
    pub privacy_policy_url: Option<PageUrl>,
    pub status_page_url: Option<PageUrl>,
    pub source: Text,
    pub as_of: Day,
    #[serde(default)]
    pub policy: DataPolicy,
    #[serde(default)]
    pub quirks: Quirks,
    #[serde(default)]
    pub offers: Vec<Offer>,
}

/// One `[[offers]]`: an endpoint.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Without a variant.
    pub model: Spanned<ModelSlug>,
    pub variant: Option<Word>,
    /// The provider's slug, unless the provider has several offers of the model.
    pub tag: Option<Spanned<EndpointTag>>,
    pub upstream_id: Text,
    pub region: Option<Word>,
    pub flavour: Option<Word>,
    #[serde(default)]
    pub status: EndpointStatus,
    /// The last day it is offered.
    pub deprecation_date: Option<Day>,
    /// US dollars per unit, exact.
    #[serde(default)]
    pub prices: Prices,
    #[serde(default)]
    pub overrides: Vec<Spanned<PriceOverride>>,
    /// Prices of a service tier: the units that differ.
    #[serde(default)]
    pub tiers: BTreeMap<Word, Tier>,
    /// Prices by the size of what is made.
    #[serde(default)]
    pub sizes: BTreeMap<Unit, BTreeMap<String, Rate>>,
    pub context_length: Option<NonZeroU64>,
    pub max_prompt_tokens: Option<NonZeroU64>,
    pub max_output: Option<NonZeroU64>,
    pub quantization: Option<Word>,
    pub supported_parameters: Option<Vec<Word>>,
    #[serde(default)]
    pub capabilities: Capabilities,
    pub reasoning_efforts: Option<Vec<Word>>,
    pub input_modalities: Option<Vec<Modality>>,
    pub output_modalities: Option<Vec<Modality>>,
    pub source: Option<Text>,
}

/// The prices of one service tier.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    pub prices: Prices,
    #[serde(default)]
    pub overrides: Vec<Spanned<PriceOverride>>,
}

/// `models/<author>.toml`: the models of one author.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    pub author: Spanned<Word>,
    pub source: Text,
    pub as_of: Day,
    #[serde(default)]
    pub models: Vec<ModelEntry>,
}

/// One `[[models]]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    pub slug: Spanned<ModelSlug>,
    pub name: Text,
    pub kind: ModelKind,
    pub description: Option<Text>,
    pub released: Option<DayOrMonth>,
    pub knowledge_cutoff: Option<DayOrMonth>,
    pub expires: Option<DayOrMonth>,
    pub context_length: Option<NonZeroU64>,
    pub max_output: Option<NonZeroU64>,
    #[serde(default)]
    pub input_modalities: Vec<Modality>,
    #[serde(default)]
    pub output_modalities: Vec<Modality>,
    pub open_weights: Option<bool>,
    pub hugging_face_id: Option<Text>,
    pub canonical_slug: Option<Text>,
    pub family: Option<Text>,
    pub tokenizer: Option<Text>,
    #[serde(default)]
    pub capabilities: Capabilities,
    #[serde(default)]
    pub reasoning_efforts: Vec<Word>,
    pub embedding_dimensions: Option<u32>,
    #[serde(default)]
    pub voices: Vec<Text>,
    /// Only where it differs from the file's.
    pub source: Option<Text>,
}
