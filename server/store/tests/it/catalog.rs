//! The catalog's copy in SQL follows the files.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{ModelSlug, PriceSheet, Prices, Timestamp, Unit};
use providers::catalog::{
    Capabilities, Catalog, DataPolicy, Endpoint, EndpointStatus, Modality, Model, ModelKind, Provider, ProviderKind,
};
use providers::quirks::Quirks;
use rust_decimal::Decimal;
use sqlx::PgPool;
use store::{CatalogLoad, Change, Store};

fn provider(slug: &str) -> Provider {
    Provider {
        slug: slug.parse().unwrap(),
        name: slug.to_uppercase(),
        kind: ProviderKind::Host,
        simulated: false,
        base_url: None,
        dialect: None,
        openai_base_url: None,
        openai_auth: None,
        url_variables: BTreeMap::new(),
        auth: None,
        env: Vec::new(),
        token_env: Vec::new(),
        headquarters: Some("FR".to_owned()),
        datacenters: vec!["FR".to_owned(), "US".to_owned()],
        region: None,
        first_party_author: None,
        policy: DataPolicy { training: Some(false), ..DataPolicy::default() },
        terms_of_service_url: None,
        privacy_policy_url: None,
        status_page_url: None,
        quirks: Quirks::default(),
        source: "a test".to_owned(),
        as_of: "2026-11-22".to_owned(),
    }
}

fn model(slug: &str) -> Model {
    Model {
        slug: slug.parse().unwrap(),
        name: "A model".to_owned(),
        kind: ModelKind::Chat,
        description: None,
        released: Some("2026-11-22".to_owned()),
        knowledge_cutoff: None,
        expires: None,
        context_length: Some(128_000),
        max_output: None,
        input_modalities: vec![Modality::Text, Modality::Image],
        output_modalities: vec![Modality::Text],
        open_weights: None,
        hugging_face_id: None,
        canonical_slug: None,
        family: None,
        tokenizer: None,
        capabilities: Capabilities { tools: Some(true), ..Capabilities::default() },
        reasoning_efforts: Vec::new(),
        embedding_dimensions: None,
        voices: Vec::new(),
        source: "a test".to_owned(),
        as_of: "2026-11-22".to_owned(),
    }
}

fn endpoint(provider: &Arc<Provider>, model: &Arc<Model>, prompt: &str) -> Arc<Endpoint> {
    let prices = [(Unit::Prompt, prompt), (Unit::Completion, "0.0000000000001")];
    let prices = prices.into_iter().map(|(unit, rate)| (unit, rate.parse().unwrap())).collect();
    Arc::new(Endpoint {
        provider: provider.clone(),
        model: model.clone(),
        variant: None,
        tag: provider.slug.as_str().parse().unwrap(),
        upstream_id: "m".to_owned(),
        region: None,
        flavour: None,
        prices: PriceSheet { prices: Prices(prices), overrides: Vec::new() },
        service_tier_prices: BTreeMap::new(),
        service_tier_overrides: BTreeMap::new(),
        prices_by_size: BTreeMap::new(),
        context_length: Some(128_000),
        max_prompt_tokens: None,
        max_output: None,
        quantization: Some("fp8".to_owned()),
        supported_parameters: None,
        capabilities: Capabilities::default(),
        reasoning_efforts: Vec::new(),
        input_modalities: vec![Modality::Text],
        output_modalities: vec![Modality::Text],
        status: EndpointStatus::Current,
        deprecation_date: None,
        source: "a test".to_owned(),
    })
}

/// One model at these providers, at these prompt prices.
fn catalog(digest: &str, offers: &[(&str, &str)]) -> Catalog {
    let model = Arc::new(model("author/model"));
    let providers: Vec<_> = offers.iter().map(|(slug, _)| Arc::new(provider(slug))).collect();
    let endpoints = providers.iter().zip(offers).map(|(p, (_, prompt))| endpoint(p, &model, prompt)).collect();
    let slug: ModelSlug = model.slug.clone();
    Catalog {
        providers: providers.iter().map(|p| (p.slug.clone(), p.clone())).collect(),
        models: BTreeMap::from([(slug.clone(), model)]),
        endpoints: BTreeMap::from([(slug, endpoints)]),
        digest: digest.to_owned(),
    }
}

/// Endpoints with their prompt prices, and whether they are still listed.
async fn listed(pool: &PgPool) -> Vec<(String, String, bool)> {
    sqlx::query_as(
        "select e.id, p.rate::text, e.removed_at is null from endpoint e join endpoint_price p on p.endpoint_id = e.id
         where p.unit = 'prompt' order by e.id",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

fn row(provider: &str, rate: &str, is_listed: bool) -> (String, String, bool) {
    (format!("author/model@{provider}"), rate.to_owned(), is_listed)
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_catalog_is_loaded_once_for_each_digest(pool: PgPool) {
    let store = Store::from_pool(pool.clone());
    let first = catalog("1", &[("alpha", "0.00000015"), ("beta", "0.000002")]);
    let loads = futures::join!(store.load_catalog(&first), store.load_catalog(&first));
    let loads = [loads.0.unwrap(), loads.1.unwrap()];
    assert!(loads.contains(&CatalogLoad::Loaded) && loads.contains(&CatalogLoad::Unchanged), "{loads:?}");
    assert_eq!(store.load_catalog(&first).await.unwrap(), CatalogLoad::Unchanged);
    assert_eq!(listed(&pool).await, [row("alpha", "0.00000015", true), row("beta", "0.000002", true)]);
    let facts: (Vec<String>, Option<bool>, Option<bool>, serde_json::Value) = sqlx::query_as(
        "select datacenters, training, retains_prompts, m.capabilities from provider p, model m where p.slug = 'alpha'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let datacenters = vec!["FR".to_owned(), "US".to_owned()];
    assert_eq!(facts, (datacenters, Some(false), None, serde_json::json!({"tools": true})), "unknown stays unknown");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_vanished_is_marked_and_comes_back(pool: PgPool) {
    let store = Store::from_pool(pool.clone());
    let both = [("alpha", "0.00000015"), ("beta", "0.000002")];
    store.load_catalog(&catalog("1", &both)).await.unwrap();
    store.load_catalog(&catalog("2", &[("alpha", "0.0000003")])).await.unwrap();
    assert_eq!(listed(&pool).await, [row("alpha", "0.0000003", true), row("beta", "0.000002", false)]);
    let gone: Vec<String> =
        sqlx::query_scalar("select slug from provider where removed_at is not null").fetch_all(&pool).await.unwrap();
    assert_eq!(gone, ["beta"]);
    store.load_catalog(&catalog("1", &both)).await.unwrap();
    assert_eq!(listed(&pool).await, [row("alpha", "0.00000015", true), row("beta", "0.000002", true)]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_shipped_catalog_loads_whole_with_exact_prices(pool: PgPool) {
    let shipped = providers::catalog::load(providers::catalog::shipped(), None, Timestamp::default()).unwrap();
    Store::from_pool(pool.clone()).load_catalog(&shipped).await.unwrap();
    let kept: Vec<(String, String, Decimal)> = sqlx::query_as(
        "select endpoint_id, unit, rate from endpoint_price order by endpoint_id collate \"C\", unit collate \"C\"",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut expected: Vec<_> = shipped
        .endpoints
        .values()
        .flatten()
        .flat_map(|e| e.prices.prices.0.iter().map(|(unit, rate)| (e.id(), unit.to_string(), rate.dollars())))
        .collect();
    expected.sort();
    assert!(kept == expected, "{} prices in the files, {} in the database", expected.len(), kept.len());
    let endpoints: i64 = sqlx::query_scalar("select count(*) from endpoint").fetch_one(&pool).await.unwrap();
    assert_eq!(usize::try_from(endpoints).unwrap(), shipped.endpoints.values().map(Vec::len).sum::<usize>());
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_node_is_told_of_another_catalog(pool: PgPool) {
    let store = Store::from_pool(pool);
    let mut changes = store.changes().await.unwrap();
    store.load_catalog(&catalog("abc", &[("alpha", "0.1")])).await.unwrap();
    assert_eq!(changes.next().await.unwrap(), Change::Catalog { digest: "abc".to_owned() });
}
