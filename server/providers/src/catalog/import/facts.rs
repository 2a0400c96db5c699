//! The lists of facts an import reads: `providers.json`, `models.json` and `endpoints.json`, each an array of records.
//!
//! Keys we make no use of are passed over, since newer lists may know more. Unknown is `null` or absent.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};

/// One record of `providers.json`.
#[derive(Debug, Deserialize)]
pub struct ProviderFact {
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub base_url: Option<String>,
    pub openai_compatible_base_url: Option<String>,
    pub dialect: Option<String>,
    /// `bearer`, `header:<name>`, `sigv4` or `google`.
    pub auth: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub env: Vec<String>,
    pub headquarters: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub datacenters: Vec<String>,
    pub region: Option<String>,
    pub first_party_author: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub data_policy: super::super::DataPolicy,
    pub terms_of_service_url: Option<String>,
    pub privacy_policy_url: Option<String>,
    pub status_page_url: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub quirks: QuirkFacts,
    pub source: String,
}

/// `quirks` of a provider. What that other gateway does not forward says nothing about the provider, so it is not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct QuirkFacts {
    pub max_tokens_field: Option<String>,
    pub reasoning_field: Option<String>,
    pub thinking_format: Option<String>,
    pub supports_developer_role: Option<bool>,
    pub supports_strict_tools: Option<bool>,
    pub supports_reasoning_effort: Option<bool>,
    pub supports_stream_usage: Option<bool>,
    pub requires_reasoning_replay: Option<bool>,
    pub content_must_be_string: Option<bool>,
    pub session_affinity_headers: Option<bool>,
    pub temperature_max: Option<serde_json::Number>,
    pub cancels_on_disconnect: Option<bool>,
    pub prompt_caching: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub notes: Vec<String>,
}

/// One record of `models.json`.
#[derive(Debug, Deserialize)]
pub struct ModelFact {
    pub slug: String,
    pub name: Option<String>,
    pub kind: String,
    pub released: Option<String>,
    pub knowledge_cutoff: Option<String>,
    pub expires: Option<String>,
    pub context_length: Option<u64>,
    pub max_output: Option<u64>,
    #[serde(default, deserialize_with = "or_default")]
    pub input_modalities: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub output_modalities: Vec<String>,
    pub open_weights: Option<bool>,
    pub hugging_face_id: Option<String>,
    pub canonical_slug: Option<String>,
    pub family: Option<String>,
    pub tokenizer: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub capabilities: CapabilityFacts,
    #[serde(default, deserialize_with = "known_only")]
    pub reasoning_efforts: Option<Vec<String>>,
    pub embedding_dimensions: Option<u32>,
    #[serde(default, deserialize_with = "or_default")]
    pub voices: Vec<String>,
    pub source: String,
}

/// `capabilities` of a model, `features` of an endpoint.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CapabilityFacts {
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

/// One record of `endpoints.json`.
#[derive(Debug, Deserialize)]
pub struct EndpointFact {
    pub provider: String,
    pub model: String,
    pub upstream_id: String,
    pub tag: String,
    pub region: Option<String>,
    pub flavour: Option<String>,
    pub variant: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub prices: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "or_default")]
    pub overrides: Vec<OverrideFact>,
    #[serde(default, deserialize_with = "or_default")]
    pub service_tier_prices: BTreeMap<String, TierFact>,
    #[serde(default, deserialize_with = "or_default")]
    pub scheduled_prices: Vec<OverrideFact>,
    /// `<unit>_by_<measure>` → size → price.
    #[serde(default, deserialize_with = "or_default")]
    pub by_size: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    pub is_free: bool,
    pub context_length: Option<u64>,
    pub max_prompt_tokens: Option<u64>,
    pub max_output: Option<u64>,
    pub quantization: Option<String>,
    pub supported_parameters: Option<Vec<String>>,
    #[serde(default, deserialize_with = "or_default")]
    pub features: CapabilityFacts,
    #[serde(default, deserialize_with = "known_only")]
    pub reasoning_efforts: Option<Vec<String>>,
    pub input_modalities: Option<Vec<String>>,
    pub output_modalities: Option<Vec<String>>,
    pub status: Option<String>,
    pub deprecation_date: Option<String>,
    pub source: String,
}

/// Prices under conditions, or from a day on.
#[derive(Debug, Deserialize)]
pub struct OverrideFact {
    pub from: Option<String>,
    pub min_prompt_tokens: Option<u64>,
    /// `HHMM`, up to `2400`.
    pub utc_start: Option<String>,
    pub utc_end: Option<String>,
    #[serde(default)]
    pub utc_days: Vec<u8>,
    #[serde(flatten)]
    pub prices: BTreeMap<String, String>,
}

/// Prices of a service tier.
#[derive(Debug, Deserialize)]
pub struct TierFact {
    #[serde(default)]
    pub overrides: Vec<OverrideFact>,
    #[serde(flatten)]
    pub prices: BTreeMap<String, String>,
}

/// `null` as the default: the lists write unknown both ways.
fn or_default<'de, D: Deserializer<'de>, T: Default + DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A list without its nulls.
fn known_only<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let list = Option::<Vec<Option<String>>>::deserialize(deserializer)?;
    Ok(list.map(|values| values.into_iter().flatten().collect()))
}
