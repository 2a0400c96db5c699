//! What is offered: the catalog of the files, with what was found on this machine, without what is switched off. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{EndpointTag, ModelSlug, PriceSheet, Prices, Rate, Unit};
use gateway::clock::now;
use providers::catalog::{
    Auth, Capabilities, Catalog, DataPolicy, Dialect, Endpoint, EndpointStatus, Modality, Model, ModelKind, Provider,
    ProviderKind,
};

use super::local::{Found, LocalModel};

/// Whose the models found on this machine are: we do not know who trained them.
const AUTHOR: &str = "local";
const SOURCE: &str = "found on this machine";

/// The files' catalog as it is where nothing is added or hidden: no copy is made then.
pub fn offered(files: &Arc<Catalog>, local: &[Found], simulated: bool) -> Arc<Catalog> {
    if local.is_empty() && simulated {
        return files.clone();
    }
    let mut catalog = Catalog::clone(files);
    if !simulated {
        hide_simulated(&mut catalog);
    }
    for found in local {
        add_local(&mut catalog, found);
    }
    Arc::new(catalog)
}

fn hide_simulated(catalog: &mut Catalog) {
    let simulators = catalog.providers.values().filter(|provider| provider.simulated);
    let makers: BTreeSet<String> = simulators.filter_map(|provider| provider.first_party_author.clone()).collect();
    catalog.providers.retain(|_, provider| !provider.simulated);
    catalog.models.retain(|slug, _| !makers.contains(slug.author()));
    catalog.endpoints.retain(|slug, endpoints| {
        endpoints.retain(|endpoint| !endpoint.provider.simulated);
        !endpoints.is_empty() && !makers.contains(slug.author())
    });
}

fn add_local(catalog: &mut Catalog, found: &Found) {
    let provider = Arc::new(provider(found));
    for listed in &found.models {
        let Some(slug) = slug(&listed.id) else { continue };
        let Ok(tag) = provider.slug.as_str().parse::<EndpointTag>() else { continue };
        // Two servers may offer the same model: it is one model with two endpoints then.
        let model = catalog.models.entry(slug.clone()).or_insert_with(|| Arc::new(model(&slug, listed))).clone();
        let endpoints = catalog.endpoints.entry(slug).or_default();
        if !endpoints.iter().any(|known| known.tag == tag) {
            endpoints.push(Arc::new(endpoint(&provider, &model, tag, listed)));
        }
    }
    catalog.providers.insert(provider.slug.clone(), provider);
}

/// `local/llama3.2` of `llama3.2:latest`: what follows a colon in a slug would be a variant of ours.
fn slug(id: &str) -> Option<ModelSlug> {
    let id = id.strip_suffix(":latest").unwrap_or(id).to_lowercase();
    let plain: String =
        id.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect();
    format!("{AUTHOR}/{plain}").parse().ok()
}

fn provider(found: &Found) -> Provider {
    Provider {
        slug: found.server.slug.clone(),
        name: found.server.name.clone(),
        kind: ProviderKind::Host,
        simulated: false,
        base_url: Some(format!("http://{}/v1", found.server.address)),
        dialect: Some(Dialect::OpenaiChat),
        openai_base_url: None,
        openai_auth: None,
        url_variables: BTreeMap::new(),
        auth: Some(Auth::None),
        env: Vec::new(),
        token_env: Vec::new(),
        headquarters: None,
        datacenters: Vec::new(),
        region: None,
        first_party_author: None,
        policy: DataPolicy::default(),
        terms_of_service_url: None,
        privacy_policy_url: None,
        status_page_url: None,
        quirks: found.server.quirks.clone(),
        source: SOURCE.to_owned(),
        as_of: now().utc_date(),
    }
}

fn model(slug: &ModelSlug, listed: &LocalModel) -> Model {
    Model {
        slug: slug.clone(),
        name: listed.id.clone(),
        kind: ModelKind::Chat,
        description: None,
        released: None,
        knowledge_cutoff: None,
        expires: None,
        context_length: listed.context_length,
        max_output: None,
        input_modalities: vec![Modality::Text],
        output_modalities: vec![Modality::Text],
        open_weights: None,
        hugging_face_id: None,
        canonical_slug: None,
        family: None,
        tokenizer: None,
        capabilities: Capabilities::default(),
        reasoning_efforts: Vec::new(),
        embedding_dimensions: None,
        voices: Vec::new(),
        source: SOURCE.to_owned(),
        as_of: now().utc_date(),
    }
}

fn endpoint(provider: &Arc<Provider>, model: &Arc<Model>, tag: EndpointTag, listed: &LocalModel) -> Endpoint {
    let free = Prices([Unit::Prompt, Unit::Completion].map(|unit| (unit, Rate::FREE)).into());
    Endpoint {
        provider: provider.clone(),
        model: model.clone(),
        variant: None,
        tag,
        upstream_id: listed.id.clone(),
        region: None,
        flavour: None,
        prices: PriceSheet { prices: free, overrides: Vec::new() },
        service_tier_prices: BTreeMap::new(),
        service_tier_overrides: BTreeMap::new(),
        prices_by_size: BTreeMap::new(),
        context_length: listed.context_length,
        max_prompt_tokens: None,
        max_output: None,
        quantization: None,
        supported_parameters: None,
        capabilities: Capabilities::default(),
        reasoning_efforts: Vec::new(),
        input_modalities: vec![Modality::Text],
        output_modalities: vec![Modality::Text],
        status: EndpointStatus::Current,
        deprecation_date: None,
        source: SOURCE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use providers::catalog::{load, shipped};

    use super::*;
    use crate::catalog::local::servers;

    fn shipped_catalog() -> Arc<Catalog> {
        Arc::new(load(shipped(), None, now()).unwrap())
    }

    fn found(server: usize, ids: &[&str]) -> Found {
        let models = ids.iter().map(|id| LocalModel { id: (*id).to_owned(), context_length: Some(4096) }).collect();
        Found { server: servers().unwrap().swap_remove(server), models }
    }

    #[test]
    fn with_nothing_to_add_or_hide_it_is_the_very_same_catalog() {
        let files = shipped_catalog();
        assert!(Arc::ptr_eq(&offered(&files, &[], true), &files));
    }

    #[test]
    fn switched_off_simulated_models_are_nowhere() {
        let files = shipped_catalog();
        assert!(files.providers.values().any(|p| p.simulated), "the shipped catalog has a simulator");
        let offered = offered(&files, &[], false);
        assert!(!offered.providers.values().any(|p| p.simulated));
        assert!(!offered.endpoints.values().flatten().any(|e| e.provider.simulated));
        assert!(!offered.models.keys().any(|slug| slug.author() == "simulator"));
        assert!(offered.models.len() > 100, "the others stay");
    }

    #[test]
    fn models_of_this_machine_are_free_and_named_after_what_serves_them() {
        let offered = offered(&shipped_catalog(), &[found(0, &["llama3.2:latest", "Qwen 2.5/Coder:7b"])], true);
        for (slug, id) in [("local/llama3.2", "llama3.2:latest"), ("local/qwen-2.5-coder-7b", "Qwen 2.5/Coder:7b")] {
            let endpoints = &offered.endpoints[&slug.parse().unwrap()];
            assert_eq!(endpoints.len(), 1, "{slug}");
            assert_eq!(endpoints[0].upstream_id, id);
            assert!(endpoints[0].prices.prices.is_free() && endpoints[0].prices.prices.covers_chat());
        }
    }

    #[test]
    fn one_model_on_two_servers_is_one_model_with_two_endpoints() {
        let offered = offered(&shipped_catalog(), &[found(0, &["llama3.2:latest"]), found(1, &["llama3.2"])], true);
        assert_eq!(offered.endpoints[&"local/llama3.2".parse().unwrap()].len(), 2);
    }
}
