//! A model in one line: its cheapest price, and what is known of it.

use std::sync::Arc;

use api::ModelCard;
use canon::TaskKind;
use domain::{ModelSlug, Prices, Rate, Timestamp, Unit};
use providers::catalog::{Capabilities, Endpoint, EndpointStatus, Modality, covers};
use providers::reach::Snapshot;
use rust_decimal::Decimal;

use super::Row;

/// Something a model can do: its name, and where it is said.
pub type Ability = (&'static str, fn(&Capabilities) -> Option<bool>);

/// What lists can be filtered by, under the names of the query string.
pub const SUPPORTS: [Ability; 3] = [
    ("tools", |can| can.tools),
    ("reasoning", |can| can.reasoning),
    ("structured_outputs", |can| can.structured_outputs),
];

/// Completion tokens for each prompt token where prices are compared, as the gateway does.
const COMPLETION_SHARE: Decimal = Decimal::from_parts(25, 0, 0, false, 2);

pub fn row(slug: &ModelSlug, endpoints: &[Arc<Endpoint>], snapshot: &Snapshot, now: Timestamp) -> Option<Row> {
    let card = card(slug, endpoints, snapshot, now)?;
    let mut providers: Vec<String> = endpoints.iter().map(|endpoint| endpoint.provider.slug.to_string()).collect();
    providers.sort_unstable();
    providers.dedup();
    let text = format!("{} {}", card.slug, card.name).to_lowercase();
    Some(Row { card, providers, text })
}

/// `None`: nobody offers it, so there is nothing to say about price and reach.
pub fn card(slug: &ModelSlug, endpoints: &[Arc<Endpoint>], snapshot: &Snapshot, now: Timestamp) -> Option<ModelCard> {
    let model = &endpoints.first()?.model;
    let cheapest = endpoints
        .iter()
        .map(|endpoint| endpoint.prices.at(0, now))
        .zip(endpoints)
        .min_by_key(|(prices, endpoint)| place(prices, endpoint));
    let price = |unit| cheapest.as_ref().and_then(|(prices, _)| prices.listed(unit));
    let mut providers: Vec<_> = endpoints.iter().map(|endpoint| &endpoint.provider.slug).collect();
    providers.dedup(); // they are in the order of their tags, which begin with the provider
    let supports =
        SUPPORTS.iter().filter(|(_, can)| endpoints.iter().any(|endpoint| can(&endpoint.capabilities) == Some(true)));
    Some(ModelCard {
        slug: slug.clone(),
        name: slug.variant().map_or_else(|| model.name.clone(), |variant| format!("{} ({variant})", model.name)),
        author: slug.author().to_owned(),
        released: model.released.clone(),
        context_length: endpoints.iter().filter_map(|endpoint| endpoint.context_length).max().or(model.context_length),
        input: names(&model.input_modalities),
        output: names(&model.output_modalities),
        prompt: price(Unit::Prompt),
        completion: price(Unit::Completion),
        providers: super::count(providers.len()),
        supports: supports.map(|(name, _)| (*name).to_owned()).collect(),
        callable: endpoints.iter().any(|endpoint| not_callable(endpoint, snapshot, now).is_none()),
        simulated: endpoints.iter().all(|endpoint| endpoint.provider.simulated),
    })
}

/// The card of a model that nobody offers.
pub fn unoffered(model: &providers::catalog::Model) -> ModelCard {
    let supports = SUPPORTS.iter().filter(|(_, can)| can(&model.capabilities) == Some(true));
    ModelCard {
        slug: model.slug.clone(),
        name: model.name.clone(),
        author: model.slug.author().to_owned(),
        released: model.released.clone(),
        context_length: model.context_length,
        input: names(&model.input_modalities),
        output: names(&model.output_modalities),
        prompt: None,
        completion: None,
        providers: 0,
        supports: supports.map(|(name, _)| (*name).to_owned()).collect(),
        callable: false,
        simulated: false,
    }
}

/// Why an endpoint cannot be called now, in words for the operator; the same that keeps it out of a plan.
pub fn not_callable(endpoint: &Endpoint, snapshot: &Snapshot, now: Timestamp) -> Option<String> {
    let outputs = &endpoint.output_modalities;
    let task = endpoint.model.kind.task().unwrap_or_default();
    if endpoint.is_past(now) {
        Some("it is no longer offered".to_owned())
    } else if task == TaskKind::Chat && !outputs.is_empty() && !outputs.contains(&Modality::Text) {
        Some("no API for what it makes is served yet".to_owned())
    } else if !covers(&endpoint.prices.at(0, now), task) {
        Some("its price is not known".to_owned())
    } else {
        snapshot.of(&endpoint.provider.slug, task).err().map(|why| why.to_string())
    }
}

/// Where an endpoint stands among those of its model: confirmed before unconfirmed, known price before unknown, then by price.
pub fn place(prices: &Prices, endpoint: &Endpoint) -> (bool, bool, Decimal, String) {
    let of = |unit| prices.charged(unit).dollars();
    let blended = of(Unit::Prompt) + of(Unit::Completion) * COMPLETION_SHARE;
    let unknown = prices.listed(Unit::Prompt).map(Rate::dollars).is_none();
    (endpoint.status == EndpointStatus::Unconfirmed, unknown, blended, endpoint.tag.to_string())
}

/// Modalities by the names of the query string.
pub fn names(modalities: &[Modality]) -> Vec<String> {
    modalities.iter().map(|modality| name(*modality).to_owned()).collect()
}

const fn name(modality: Modality) -> &'static str {
    match modality {
        Modality::Text => "text",
        Modality::Image => "image",
        Modality::Audio => "audio",
        Modality::Video => "video",
        Modality::File => "file",
        Modality::Embeddings => "embeddings",
        Modality::Other => "other",
    }
}
