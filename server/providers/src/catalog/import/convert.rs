//! From facts to the fields of catalog files, one record at a time.
//!
//! Records become TOML tables, not entries: corrections are laid over them, and reading the result as an entry checks both.

use std::collections::BTreeMap;

use domain::{PriceOverride, Prices, Rate, Unit};
use serde::Serialize;
use toml::{Table, Value};

use super::super::{Capabilities, Modality};
use super::facts::{CapabilityFacts, EndpointFact, ModelFact, OverrideFact, ProviderFact, QuirkFacts};
use crate::quirks::{MaxTokensField, PromptCaching, Quirks, ReasoningField, ReasoningRequest};

/// A value in the facts that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Nonsense {
    pub field: &'static str,
    pub message: String,
}

impl Nonsense {
    fn new(field: &'static str, message: impl ToString) -> Self {
        Self { field, message: message.to_string() }
    }
}

/// A table that leaves out what is unknown.
struct Fields(Table);

impl Fields {
    fn put(&mut self, name: &'static str, value: impl Serialize) -> Result<(), Nonsense> {
        let value = Value::try_from(value).map_err(|error| Nonsense::new(name, error))?;
        let is_empty = value.as_table().is_some_and(Table::is_empty) || value.as_array().is_some_and(Vec::is_empty);
        if !is_empty {
            self.0.insert(name.to_owned(), value);
        }
        Ok(())
    }

    fn put_some(&mut self, name: &'static str, value: Option<impl Serialize>) -> Result<(), Nonsense> {
        value.map_or(Ok(()), |value| self.put(name, value))
    }
}

/// The fields of a provider's file, without its offers.
pub fn provider(fact: &ProviderFact, as_of: &str, variables: &BTreeMap<String, String>) -> Result<Table, Nonsense> {
    let mut fields = Fields(Table::new());
    let urls = [&fact.base_url, &fact.openai_compatible_base_url];
    let used = |placeholder: &str| {
        urls.iter().any(|url| url.as_ref().is_some_and(|url| url.contains(&format!("{{{placeholder}}}"))))
    };
    let url_variables: BTreeMap<&String, &String> = variables.iter().filter(|(name, _)| used(name)).collect();
    let keys: Vec<&String> = fact.env.iter().filter(|name| !url_variables.values().any(|used| used == name)).collect();
    fields.put("slug", &fact.slug)?;
    fields.put("name", &fact.name)?;
    fields.put("kind", &fact.kind)?;
    fields.put_some("dialect", fact.dialect.as_ref())?;
    fields.put_some("base_url", fact.base_url.as_ref())?;
    fields.put_some("auth", fact.auth.as_deref().map(auth))?;
    let is_other_url =
        fact.dialect.as_deref() != Some("openai_chat") || fact.base_url != fact.openai_compatible_base_url;
    fields.put_some("openai_base_url", fact.openai_compatible_base_url.as_ref().filter(|_| is_other_url))?;
    fields.put("env", keys)?;
    fields.put("url_variables", url_variables)?;
    fields.put_some("headquarters", fact.headquarters.as_ref())?;
    fields.put("datacenters", &fact.datacenters)?;
    fields.put_some("region", fact.region.as_ref())?;
    fields.put_some("first_party_author", fact.first_party_author.as_ref())?;
    fields.put_some("terms_of_service_url", fact.terms_of_service_url.as_ref())?;
    fields.put_some("privacy_policy_url", fact.privacy_policy_url.as_ref())?;
    fields.put_some("status_page_url", fact.status_page_url.as_ref())?;
    fields.put("source", &fact.source)?;
    fields.put("as_of", as_of)?;
    fields.put("policy", &fact.data_policy)?;
    fields.put("quirks", changed_only(&quirks(&fact.quirks)?)?)?;
    Ok(fields.0)
}

fn auth(text: &str) -> Value {
    match text.strip_prefix("header:") {
        Some(name) => Value::Table(Table::from_iter([("header".to_owned(), Value::from(name))])),
        None => Value::from(text),
    }
}

fn quirks(fact: &QuirkFacts) -> Result<Quirks, Nonsense> {
    let mut quirks = Quirks::default();
    let mut notes = fact.notes.clone();
    quirks.max_tokens = match fact.max_tokens_field.as_deref() {
        None | Some("max_tokens") => MaxTokensField::MaxTokens,
        Some("max_completion_tokens") => MaxTokensField::MaxCompletionTokens,
        Some(other) => return Err(Nonsense::new("max_tokens_field", format!("`{other}` is unknown"))),
    };
    quirks.reasoning_field = match fact.reasoning_field.as_deref() {
        None | Some("reasoning_content") => ReasoningField::ReasoningContent,
        Some("reasoning") => ReasoningField::Reasoning,
        Some(other) => return Err(Nonsense::new("reasoning_field", format!("`{other}` is unknown"))),
    };
    quirks.reasoning_request = match (fact.thinking_format.as_deref(), fact.supports_reasoning_effort) {
        (Some("deepseek"), _) => ReasoningRequest::Thinking,
        (Some("openrouter"), _) => ReasoningRequest::Object,
        (Some("together"), _) => ReasoningRequest::Switch,
        (_, Some(false)) => ReasoningRequest::None,
        (_, _) => ReasoningRequest::Effort,
    };
    if let Some(own) = fact
        .thinking_format
        .as_deref()
        .filter(|format| !matches!(*format, "deepseek" | "openrouter" | "together" | "openai"))
    {
        notes.push(format!("reasoning is asked for in a form of its own: {own}"));
    }
    quirks.prompt_caching = match fact.prompt_caching.as_deref() {
        None => PromptCaching::Unknown,
        Some("implicit") => PromptCaching::Implicit,
        Some("explicit") => PromptCaching::Explicit,
        Some("implicit+explicit") => PromptCaching::Both,
        Some(other) => return Err(Nonsense::new("prompt_caching", format!("`{other}` is unknown"))),
    };
    quirks.developer_role = fact.supports_developer_role.unwrap_or(quirks.developer_role);
    quirks.strict_tools = fact.supports_strict_tools.unwrap_or(quirks.strict_tools);
    quirks.stream_usage = fact.supports_stream_usage.unwrap_or(quirks.stream_usage);
    quirks.reasoning_replay = fact.requires_reasoning_replay.unwrap_or(quirks.reasoning_replay);
    quirks.content_must_be_string = fact.content_must_be_string.unwrap_or(quirks.content_must_be_string);
    quirks.session_affinity_headers = fact.session_affinity_headers.unwrap_or(quirks.session_affinity_headers);
    quirks.temperature_max = fact.temperature_max.as_ref().map(ToString::to_string);
    quirks.cancels_on_disconnect = fact.cancels_on_disconnect;
    quirks.notes = notes;
    Ok(quirks)
}

/// The quirks that differ from the dialect's plain behaviour.
fn changed_only(quirks: &Quirks) -> Result<Table, Nonsense> {
    let table = |quirks: &Quirks| Table::try_from(quirks).map_err(|error| Nonsense::new("quirks", error));
    let plain = table(&Quirks::default())?;
    let mut changed = table(quirks)?;
    changed.retain(|field, value| plain.get(field) != Some(value));
    Ok(changed)
}

/// The fields of a model's entry.
pub fn model(fact: &ModelFact, name: &str) -> Result<Table, Nonsense> {
    let mut fields = Fields(Table::new());
    fields.put("slug", &fact.slug)?;
    fields.put("name", name)?;
    fields.put("kind", model_kind(&fact.kind))?;
    fields.put_some("released", fact.released.as_ref())?;
    fields.put_some("knowledge_cutoff", fact.knowledge_cutoff.as_ref())?;
    fields.put_some("expires", fact.expires.as_ref())?;
    fields.put_some("context_length", fact.context_length)?;
    fields.put_some("max_output", fact.max_output)?;
    fields.put("input_modalities", modalities(&fact.input_modalities))?;
    fields.put("output_modalities", modalities(&fact.output_modalities))?;
    fields.put_some("open_weights", fact.open_weights)?;
    fields.put_some("hugging_face_id", fact.hugging_face_id.as_ref())?;
    fields.put_some("canonical_slug", fact.canonical_slug.as_ref())?;
    fields.put_some("family", fact.family.as_ref())?;
    fields.put_some("tokenizer", fact.tokenizer.as_ref())?;
    fields.put("capabilities", capabilities(&fact.capabilities))?;
    fields.put_some("reasoning_efforts", fact.reasoning_efforts.as_ref())?;
    fields.put_some("embedding_dimensions", fact.embedding_dimensions)?;
    fields.put("voices", &fact.voices)?;
    fields.put("source", &fact.source)?;
    Ok(fields.0)
}

fn model_kind(kind: &str) -> &str {
    match kind {
        "chat+image" => "chat_image",
        "audio" | "moderation" => "other",
        known => known,
    }
}

/// The fields of an offer: what its model does not say already.
pub fn offer(fact: &EndpointFact, model: &ModelFact) -> Result<Table, Nonsense> {
    let mut fields = Fields(Table::new());
    let prices = offer_prices(fact, &model.kind)?;
    let mut overrides = fact.overrides.iter().map(price_override).collect::<Result<Vec<_>, _>>()?;
    for scheduled in &fact.scheduled_prices {
        overrides.push(price_override(scheduled)?);
    }
    let tag = fact.tag.replacen('#', if fact.tag.contains('/') { "-" } else { "/" }, 1);
    let status = fact.status.as_deref();
    fields.put("model", &fact.model)?;
    fields.put_some("variant", fact.variant.as_ref())?;
    fields.put_some("tag", Some(tag).filter(|tag| *tag != fact.provider))?;
    fields.put("upstream_id", &fact.upstream_id)?;
    fields.put_some("region", fact.region.as_ref())?;
    fields.put_some("flavour", fact.flavour.as_ref())?;
    fields.put_some("status", status)?;
    fields.put_some("deprecation_date", fact.deprecation_date.as_ref())?;
    fields.put("prices", prices)?;
    fields.put("overrides", overrides)?;
    fields.put("tiers", tiers(fact)?)?;
    fields.put("sizes", sizes(fact)?)?;
    fields.put_some("context_length", fact.context_length.filter(|n| model.context_length != Some(*n)))?;
    fields.put_some("max_prompt_tokens", fact.max_prompt_tokens)?;
    fields.put_some("max_output", fact.max_output.filter(|n| model.max_output != Some(*n)))?;
    fields.put_some("quantization", fact.quantization.as_ref())?;
    fields.put_some("supported_parameters", fact.supported_parameters.as_ref())?;
    fields.put("capabilities", differing(capabilities(&fact.features), capabilities(&model.capabilities)))?;
    fields.put_some(
        "reasoning_efforts",
        fact.reasoning_efforts.as_ref().filter(|_| fact.reasoning_efforts != model.reasoning_efforts),
    )?;
    let other_media = |ours: &Option<Vec<String>>, models: &[String]| {
        ours.as_deref().map(modalities).filter(|media| *media != modalities(models))
    };
    fields.put_some("input_modalities", other_media(&fact.input_modalities, &model.input_modalities))?;
    fields.put_some("output_modalities", other_media(&fact.output_modalities, &model.output_modalities))?;
    fields.put("source", &fact.source)?;
    Ok(fields.0)
}

/// The listed prices. OpenRouter's `image` is per token of an image. Zeros are a price only where the offer is free: else all
/// zeros, and a zero for the tokens of a chat, mean that the list did not know, and would be a gift.
fn offer_prices(fact: &EndpointFact, model_kind: &str) -> Result<Prices, Nonsense> {
    let mut listed = prices("prices", &fact.prices)?;
    if fact.source.contains("OpenRouter")
        && let Some(rate) = listed.0.remove(&Unit::Image)
    {
        listed.0.entry(Unit::ImageToken).or_insert(rate);
    }
    if !fact.is_free && listed.is_free() {
        return Ok(Prices::default());
    }
    if !fact.is_free && model_kind.starts_with("chat") {
        listed.0.retain(|unit, rate| !(rate.is_free() && matches!(unit, Unit::Prompt | Unit::Completion)));
    }
    Ok(listed)
}

fn prices(field: &'static str, texts: &BTreeMap<String, String>) -> Result<Prices, Nonsense> {
    let rate = |(unit, rate): (&String, &String)| {
        let unit = unit.parse::<Unit>().map_err(|error| Nonsense::new(field, error))?;
        Ok((unit, rate.parse::<Rate>().map_err(|error| Nonsense::new(field, error))?))
    };
    Ok(Prices(texts.iter().map(rate).collect::<Result<_, Nonsense>>()?))
}

fn price_override(fact: &OverrideFact) -> Result<PriceOverride, Nonsense> {
    let utc_minutes = match (&fact.utc_start, &fact.utc_end) {
        (None, None) => None,
        (start, end) => Some((minute(start.as_deref().unwrap_or("0000"))?, minute(end.as_deref().unwrap_or("2400"))?)),
    };
    Ok(PriceOverride {
        from: fact.from.clone(),
        min_prompt_tokens: fact.min_prompt_tokens,
        utc_minutes: utc_minutes.filter(|window| *window != (0, 1440)),
        utc_days: fact.utc_days.clone(),
        prices: prices("overrides", &fact.prices)?,
    })
}

/// Minutes since midnight of `HHMM`.
fn minute(text: &str) -> Result<u16, Nonsense> {
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u16>().ok());
    part(0..2)
        .zip(part(2..4))
        .filter(|(hour, minute)| text.len() == 4 && *minute < 60 && hour * 60 + minute <= 1440)
        .map(|(hour, minute)| hour * 60 + minute)
        .ok_or_else(|| Nonsense::new("overrides", format!("`{text}` is not a time HHMM")))
}

fn tiers(fact: &EndpointFact) -> Result<BTreeMap<&String, Table>, Nonsense> {
    let table = |(name, tier)| -> Result<(&String, Table), Nonsense> {
        let tier: &super::facts::TierFact = tier;
        let mut fields = Fields(Table::new());
        fields.put("prices", prices("service_tier_prices", &tier.prices)?)?;
        fields.put("overrides", tier.overrides.iter().map(price_override).collect::<Result<Vec<_>, _>>()?)?;
        Ok((name, fields.0))
    };
    fact.service_tier_prices.iter().map(table).collect()
}

fn sizes(fact: &EndpointFact) -> Result<BTreeMap<Unit, BTreeMap<String, Rate>>, Nonsense> {
    let wrong = |message: String| Nonsense::new("by_size", message);
    let by_unit = |(key, by_size): (&String, &BTreeMap<String, String>)| {
        let unit = key.split_once("_by_").map_or(key.as_str(), |(unit, _)| unit);
        let unit = unit.parse::<Unit>().map_err(|error| wrong(error.to_string()))?;
        let rate = |(size, rate): (&String, &String)| {
            Ok((size.clone(), rate.parse::<Rate>().map_err(|error| wrong(error.to_string()))?))
        };
        Ok((unit, by_size.iter().map(rate).collect::<Result<_, Nonsense>>()?))
    };
    fact.by_size.iter().map(by_unit).collect()
}

fn capabilities(fact: &CapabilityFacts) -> Capabilities {
    Capabilities {
        reasoning: fact.reasoning,
        tools: fact.tools,
        tool_choice: fact.tool_choice,
        parallel_tool_calls: fact.parallel_tool_calls,
        structured_outputs: fact.structured_outputs,
        attachments: fact.attachments,
        temperature: fact.temperature,
        prompt_caching: fact.prompt_caching,
        web_search: fact.web_search,
    }
}

/// What an offer says otherwise than its model, or in addition.
fn differing(offer: Capabilities, model: Capabilities) -> Capabilities {
    let other = |ours: Option<bool>, models: Option<bool>| ours.filter(|_| ours != models);
    Capabilities {
        reasoning: other(offer.reasoning, model.reasoning),
        tools: other(offer.tools, model.tools),
        tool_choice: other(offer.tool_choice, model.tool_choice),
        parallel_tool_calls: other(offer.parallel_tool_calls, model.parallel_tool_calls),
        structured_outputs: other(offer.structured_outputs, model.structured_outputs),
        attachments: other(offer.attachments, model.attachments),
        temperature: other(offer.temperature, model.temperature),
        prompt_caching: other(offer.prompt_caching, model.prompt_caching),
        web_search: other(offer.web_search, model.web_search),
    }
}

/// Our words for media, each once, in the order of the list.
fn modalities(words: &[String]) -> Vec<Modality> {
    let mut media = Vec::new();
    for word in words {
        let medium = match word.as_str() {
            "text" => Modality::Text,
            "image" => Modality::Image,
            "audio" | "speech" => Modality::Audio,
            "video" => Modality::Video,
            "file" => Modality::File,
            "embeddings" => Modality::Embeddings,
            _ => Modality::Other,
        };
        if !media.contains(&medium) {
            media.push(medium);
        }
    }
    media
}
