//! The page of one model: its facts, and every offer, the cheapest first.

use api::{EndpointRow, ModelDetail, PolicyFacts};
use domain::{ModelSlug, Timestamp};
use gateway::plan::find_model;
use providers::catalog::{DataPolicy, Endpoint, EndpointStatus};
use providers::reach::Snapshot;

use super::{card, note};

/// What an offer can do, beyond what lists filter by.
const ABILITIES: [card::Ability; 7] = [
    ("tools", |can| can.tools),
    ("tool_choice", |can| can.tool_choice),
    ("parallel_tool_calls", |can| can.parallel_tool_calls),
    ("structured_outputs", |can| can.structured_outputs),
    ("reasoning", |can| can.reasoning),
    ("prompt_caching", |can| can.prompt_caching),
    ("web_search", |can| can.web_search),
];

/// Found by its slug, or by its dated one. `None`: there is no such model.
pub fn detail(slug: &ModelSlug, snapshot: &Snapshot, now: Timestamp, api_base: String) -> Option<ModelDetail> {
    let (slug, endpoints) = find_model(&snapshot.catalog, slug.as_str()).ok()?;
    let model = snapshot.catalog.models.get(&slug.base())?;
    let mut offers: Vec<&Endpoint> = endpoints.iter().map(|endpoint| &**endpoint).collect();
    offers.sort_by_cached_key(|endpoint| card::place(&endpoint.prices.at(0, now), endpoint));
    Some(ModelDetail {
        card: card::card(&slug, endpoints, snapshot, now).unwrap_or_else(|| card::unoffered(model)),
        description: model.description.clone(),
        max_output: offers.iter().filter_map(|endpoint| endpoint.max_output).max().or(model.max_output),
        knowledge_cutoff: model.knowledge_cutoff.clone(),
        open_weights: model.open_weights,
        hugging_face_id: model.hugging_face_id.clone(),
        family: model.family.clone(),
        tokenizer: model.tokenizer.clone(),
        expires: model.expires.clone(),
        reasoning_efforts: model.reasoning_efforts.clone(),
        endpoints: offers.into_iter().map(|endpoint| row(endpoint, snapshot, now)).collect(),
        source: model.source.clone(),
        as_of: model.as_of.clone(),
        api_base,
    })
}

fn row(endpoint: &Endpoint, snapshot: &Snapshot, now: Timestamp) -> EndpointRow {
    let provider = &endpoint.provider;
    let DataPolicy { training, retains_prompts, retention_days, source, .. } = provider.policy.clone();
    let supports = ABILITIES.iter().filter(|(_, can)| can(&endpoint.capabilities) == Some(true));
    EndpointRow {
        provider: provider.slug.clone(),
        provider_name: provider.name.clone(),
        tag: endpoint.tag.clone(),
        upstream_id: endpoint.upstream_id.clone(),
        prices: endpoint.prices.at(0, now),
        price_notes: note::notes(endpoint),
        context_length: endpoint.context_length,
        max_output: endpoint.max_output,
        quantization: endpoint.quantization.clone(),
        region: endpoint.region.clone().or_else(|| provider.region.clone()),
        headquarters: provider.headquarters.clone(),
        supports: supports.map(|(name, _)| (*name).to_owned()).collect(),
        policy: PolicyFacts { training, retains_prompts, retention_days, source },
        status: status(endpoint.status).to_owned(),
        deprecation_date: endpoint.deprecation_date.clone(),
        not_callable: card::not_callable(endpoint, snapshot, now),
        simulated: provider.simulated,
        source: endpoint.source.clone(),
        as_of: provider.as_of.clone(),
    }
}

const fn status(status: EndpointStatus) -> &'static str {
    match status {
        EndpointStatus::Current => "current",
        EndpointStatus::Beta => "beta",
        EndpointStatus::Deprecated => "deprecated",
        EndpointStatus::Unconfirmed => "unconfirmed",
    }
}
