//! From entries to the snapshot's types, and the rules that need more than one value to judge.

use std::num::NonZeroU64;
use std::sync::Arc;

use domain::{EndpointTag, PriceOverride, PriceSheet, ProviderSlug};
use toml::Spanned;

use super::entry::{ModelEntry, ModelFile, Offer, ProviderFile};
use super::read::Flaw;
use super::scalar::{BaseUrl, Day};
use super::{Capabilities, Endpoint, Model, Provider};

/// A provider as the rest of the program sees it.
pub fn provider(file: &ProviderFile) -> Provider {
    let url = |url: &Option<Spanned<BaseUrl>>| url.as_ref().map(|url| url.as_ref().to_string());
    let variable =
        |(name, variable): (&String, &Spanned<_>)| (name.clone(), String::from(Clone::clone(variable.as_ref())));
    Provider {
        slug: file.slug.as_ref().clone(),
        name: file.name.to_string(),
        kind: file.kind,
        simulated: file.simulated,
        base_url: url(&file.base_url),
        dialect: file.dialect,
        openai_base_url: url(&file.openai_base_url),
        openai_auth: file.openai_auth.clone(),
        url_variables: file.url_variables.iter().map(variable).collect(),
        auth: file.auth.clone(),
        env: texts(&file.env),
        token_env: texts(&file.token_env),
        headquarters: text(&file.headquarters),
        datacenters: texts(&file.datacenters),
        region: text(&file.region),
        first_party_author: text(&file.first_party_author),
        policy: file.policy.clone(),
        terms_of_service_url: text(&file.terms_of_service_url),
        privacy_policy_url: text(&file.privacy_policy_url),
        status_page_url: text(&file.status_page_url),
        quirks: file.quirks.clone(),
        source: file.source.to_string(),
        as_of: file.as_of.to_string(),
    }
}

/// A model as the rest of the program sees it.
pub fn model(entry: &ModelEntry, file: &ModelFile) -> Model {
    Model {
        slug: entry.slug.as_ref().clone(),
        name: entry.name.to_string(),
        kind: entry.kind,
        description: text(&entry.description),
        released: text(&entry.released),
        knowledge_cutoff: text(&entry.knowledge_cutoff),
        expires: text(&entry.expires),
        context_length: entry.context_length.map(NonZeroU64::get),
        max_output: entry.max_output.map(NonZeroU64::get),
        input_modalities: entry.input_modalities.clone(),
        output_modalities: entry.output_modalities.clone(),
        open_weights: entry.open_weights,
        hugging_face_id: text(&entry.hugging_face_id),
        canonical_slug: text(&entry.canonical_slug),
        family: text(&entry.family),
        tokenizer: text(&entry.tokenizer),
        capabilities: entry.capabilities,
        reasoning_efforts: texts(&entry.reasoning_efforts),
        embedding_dimensions: entry.embedding_dimensions,
        voices: texts(&entry.voices),
        source: entry.source.as_ref().unwrap_or(&file.source).to_string(),
        as_of: file.as_of.to_string(),
    }
}

/// An endpoint: the offer, and where it is silent, its model. `None` if no tag can be made (then the file has a fault).
pub fn endpoint(offer: &Offer, provider: &Arc<Provider>, model: &Arc<Model>) -> Option<Endpoint> {
    let tag = match &offer.tag {
        Some(tag) => tag.as_ref().clone(),
        None => provider.slug.as_str().parse::<EndpointTag>().ok()?,
    };
    let conditions =
        |overrides: &[Spanned<PriceOverride>]| overrides.iter().map(|o| o.as_ref().clone()).collect::<Vec<_>>();
    let tiers = || offer.tiers.iter().map(|(name, tier)| (name.to_string(), tier));
    Some(Endpoint {
        provider: Arc::clone(provider),
        model: Arc::clone(model),
        variant: text(&offer.variant),
        tag,
        upstream_id: offer.upstream_id.to_string(),
        region: text(&offer.region),
        flavour: text(&offer.flavour),
        prices: PriceSheet { prices: offer.prices.clone(), overrides: conditions(&offer.overrides) },
        service_tier_prices: tiers().map(|(name, tier)| (name, tier.prices.clone())).collect(),
        service_tier_overrides: tiers()
            .filter(|(_, tier)| !tier.overrides.is_empty())
            .map(|(name, tier)| (name, conditions(&tier.overrides)))
            .collect(),
        prices_by_size: offer.sizes.clone(),
        context_length: offer.context_length.map(NonZeroU64::get).or(model.context_length),
        max_prompt_tokens: offer.max_prompt_tokens.map(NonZeroU64::get),
        max_output: offer.max_output.map(NonZeroU64::get).or(model.max_output),
        quantization: text(&offer.quantization),
        supported_parameters: offer.supported_parameters.as_deref().map(texts),
        capabilities: offer.capabilities.or(model.capabilities),
        reasoning_efforts: offer.reasoning_efforts.as_deref().map_or_else(|| model.reasoning_efforts.clone(), texts),
        input_modalities: offer.input_modalities.clone().unwrap_or_else(|| model.input_modalities.clone()),
        output_modalities: offer.output_modalities.clone().unwrap_or_else(|| model.output_modalities.clone()),
        status: offer.status,
        deprecation_date: text(&offer.deprecation_date),
        source: offer.source.as_ref().map_or_else(|| provider.source.clone(), ToString::to_string),
    })
}

/// What is wrong with a provider beside its offers.
pub fn provider_flaws(file: &ProviderFile, stem: &str) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let slug = file.slug.as_ref();
    if slug.as_str() != stem {
        flaws.push(Flaw::at(file.slug.span(), format!("`{slug}` must be the file's name, `{stem}`")));
    }
    let urls: Vec<_> = [&file.base_url, &file.openai_base_url].into_iter().flatten().collect();
    for url in &urls {
        let unknown = |name: &&str| !file.url_variables.contains_key(*name);
        flaws.extend(url.as_ref().placeholders().filter(unknown).map(|name| {
            Flaw::at(
                url.span(),
                format!("`{{{name}}}` needs an environment variable: url_variables = {{ {name} = \"…\" }}"),
            )
        }));
    }
    let unused = |name: &str| !urls.iter().any(|url| url.as_ref().placeholders().any(|used| used == name));
    flaws.extend(
        file.url_variables
            .iter()
            .filter(|(name, _)| unused(name))
            .map(|(name, variable)| Flaw::at(variable.span(), format!("no address has a `{{{name}}}`"))),
    );
    flaws
}

/// What is wrong with an offer in itself.
pub fn offer_flaws(offer: &Offer, provider: &ProviderSlug) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if let Some(variant) = offer.model.as_ref().variant() {
        flaws.push(Flaw::at(offer.model.span(), format!("goes without `:{variant}`: write variant = \"{variant}\"")));
    }
    if let Some(tag) = offer.tag.as_ref().filter(|tag| tag.as_ref().base() != provider.as_str()) {
        flaws.push(Flaw::at(tag.span(), format!("`{}` must be `{provider}` or `{provider}/…`", tag.as_ref())));
    }
    let overrides = offer.overrides.iter().chain(offer.tiers.values().flat_map(|tier| &tier.overrides));
    flaws.extend(overrides.filter_map(|o| override_fault(o.as_ref()).map(|message| Flaw::at(o.span(), message))));
    flaws
}

fn override_fault(o: &PriceOverride) -> Option<String> {
    let conditional =
        o.from.is_some() || o.min_prompt_tokens.is_some() || o.utc_minutes.is_some() || !o.utc_days.is_empty();
    if !conditional {
        return Some("has no condition: it would replace the prices for good".to_owned());
    }
    if o.prices.0.is_empty() {
        return Some("has no prices".to_owned());
    }
    if o.utc_minutes.is_some_and(|(from, to)| from >= 1440 || to > 1440) {
        return Some("utc_minutes are minutes since midnight, from 0 to 1440".to_owned());
    }
    if o.utc_days.iter().any(|day| !(1..=7).contains(day)) {
        return Some("utc_days are days of the week, 1 (Monday) to 7".to_owned());
    }
    o.from.clone().and_then(|day| Day::try_from(day).err()).map(|error| format!("from: {error}"))
}

impl Capabilities {
    /// These where they are known, else those.
    pub fn or(self, those: Self) -> Self {
        Self {
            reasoning: self.reasoning.or(those.reasoning),
            tools: self.tools.or(those.tools),
            tool_choice: self.tool_choice.or(those.tool_choice),
            parallel_tool_calls: self.parallel_tool_calls.or(those.parallel_tool_calls),
            structured_outputs: self.structured_outputs.or(those.structured_outputs),
            attachments: self.attachments.or(those.attachments),
            temperature: self.temperature.or(those.temperature),
            prompt_caching: self.prompt_caching.or(those.prompt_caching),
            web_search: self.web_search.or(those.web_search),
        }
    }
}

fn text<T: ToString>(value: &Option<T>) -> Option<String> {
    value.as_ref().map(ToString::to_string)
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}
