use domain::{Prices, Unit};
use providers::catalog::{Catalog, Endpoint, load, shipped};

use super::*;

const NOW: Timestamp = Timestamp(1_795_000_000_000_000);

/// Models by slug, release day, context, price per million in dollars, providers.
const MODELS: [(&str, &str, u64, &str, usize); 4] = [
    ("acme/alpha", "2026-01-01", 8_000, "2", 1),
    ("acme/beta", "2026-03-01", 128_000, "0.5", 3),
    ("zeta/alpha-mini", "2025-01-01", 32_000, "0.1", 2),
    ("zeta/unpriced", "2026-02-01", 4_000, "", 1),
];

/// A catalog of our own, on the frame of a shipped endpoint.
fn listing() -> Listing {
    let frame = load(shipped(), None, NOW).unwrap();
    let pattern = frame.endpoints.values().flatten().find(|endpoint| endpoint.provider.simulated).unwrap().clone();
    let mut catalog = Catalog::default();
    for (slug, released, context, price, providers) in MODELS {
        let slug: ModelSlug = slug.parse().unwrap();
        let mut model = (*pattern.model).clone();
        model.slug = slug.clone();
        model.name = slug.name().to_owned();
        model.released = Some(released.to_owned());
        let model = Arc::new(model);
        let endpoints = (0..providers).map(|number| {
            let mut provider = (*pattern.provider).clone();
            provider.slug = format!("host-{number}").parse().unwrap();
            provider.simulated = false;
            catalog.providers.insert(provider.slug.clone(), Arc::new(provider.clone()));
            let mut endpoint = Endpoint::clone(&pattern);
            endpoint.tag = provider.slug.as_str().parse().unwrap();
            endpoint.provider = Arc::new(provider);
            endpoint.model = model.clone();
            endpoint.context_length = Some(context);
            // Every further provider is dearer.
            endpoint.prices.prices = prices(price, number);
            endpoint.capabilities.tools = Some(slug.author() == "acme");
            Arc::new(endpoint)
        });
        let endpoints = endpoints.collect();
        catalog.endpoints.insert(slug.clone(), endpoints);
        catalog.models.insert(slug, model);
    }
    let simulator = |name: &str| (name == crate::config::SIMULATOR_URL).then(|| "http://127.0.0.1:1".to_owned());
    Listing::new(Arc::new(Snapshot::new(Arc::new(catalog), simulator)), NOW)
}

fn prices(per_million: &str, dearer: usize) -> Prices {
    let Ok(dollars) = per_million.parse::<rust_decimal::Decimal>() else { return Prices::default() };
    let rate = (dollars + rust_decimal::Decimal::from(dearer)) / rust_decimal::Decimal::from(1_000_000);
    Prices([Unit::Prompt, Unit::Completion].map(|unit| (unit, domain::Rate::new(rate).unwrap())).into())
}

fn slugs(query: ModelQuery) -> Vec<String> {
    listing().page(&query).rows.into_iter().map(|card| card.slug.to_string()).collect()
}

fn by(set: impl FnOnce(&mut ModelQuery)) -> ModelQuery {
    let mut query = ModelQuery::default();
    set(&mut query);
    query
}

#[test]
fn each_order_puts_what_is_unknown_last() {
    for (sort, expected) in [
        ("", ["acme/beta", "zeta/unpriced", "acme/alpha", "zeta/alpha-mini"]),
        ("pricing-low-to-high", ["zeta/alpha-mini", "acme/beta", "acme/alpha", "zeta/unpriced"]),
        ("pricing-high-to-low", ["acme/alpha", "acme/beta", "zeta/alpha-mini", "zeta/unpriced"]),
        ("context-high-to-low", ["acme/beta", "zeta/alpha-mini", "acme/alpha", "zeta/unpriced"]),
        ("most-providers", ["acme/beta", "zeta/alpha-mini", "acme/alpha", "zeta/unpriced"]),
        ("name", ["acme/alpha", "zeta/alpha-mini", "acme/beta", "zeta/unpriced"]),
    ] {
        assert_eq!(slugs(by(|query| query.sort = sort.to_owned())), expected, "{sort}");
    }
}

#[test]
fn each_filter_lets_through_what_it_says() {
    let check = |set: fn(&mut ModelQuery), expected: &[&str]| {
        let query = by(|query| {
            query.sort = "name".to_owned();
            set(query);
        });
        assert_eq!(slugs(query.clone()), expected, "{query:?}");
    };
    check(|query| query.q = "ALPHA zeta".into(), &["zeta/alpha-mini"]);
    check(|query| query.author = "acme".into(), &["acme/alpha", "acme/beta"]);
    check(|query| query.author = "acme,zeta".into(), &["acme/alpha", "zeta/alpha-mini", "acme/beta", "zeta/unpriced"]);
    check(|query| query.provider = "host-2".into(), &["acme/beta"]);
    check(|query| query.min_context = "32000".into(), &["zeta/alpha-mini", "acme/beta"]);
    check(|query| query.max_price = "0.5".into(), &["zeta/alpha-mini", "acme/beta"]);
    check(|query| query.supports = "tools".into(), &["acme/alpha", "acme/beta"]);
    check(|query| query.callable = "1".into(), &["acme/alpha", "zeta/alpha-mini", "acme/beta"]);
    check(|query| query.input = "video".into(), &[]);
    check(|query| query.output = "image".into(), &[]);
    check(|query| query.output = "all".into(), &["acme/alpha", "zeta/alpha-mini", "acme/beta", "zeta/unpriced"]);
}

#[test]
fn a_filter_that_cannot_be_read_is_none() {
    let query = by(|query| {
        query.min_context = "much".into();
        query.max_price = "cheap".into();
        query.page = "last".into();
        query.sort = "magic".into();
    });
    assert_eq!(slugs(query).len(), MODELS.len());
}

#[test]
fn the_price_shown_is_that_of_the_cheapest_offer() {
    let page = listing().page(&by(|query| query.q = "beta".into()));
    assert_eq!(page.rows[0].prompt.unwrap().per_million().to_string(), "0.5");
    assert_eq!(page.rows[0].providers, 3);
}

#[test]
fn counts_beside_a_filter_are_those_without_it() {
    let page = listing().page(&by(|query| {
        query.author = "acme".into();
        query.max_price = "1".into();
    }));
    assert_eq!(page.total, 1);
    let authors: Vec<(String, u32)> = page.authors.into_iter().map(|facet| (facet.value, facet.count)).collect();
    assert_eq!(authors, [("acme".to_owned(), 1), ("zeta".to_owned(), 1)], "under the price, not under the author");
    let providers: Vec<String> = page.providers.into_iter().map(|facet| facet.value).collect();
    assert_eq!(providers, ["host-0", "host-1", "host-2"]);
}

#[test]
fn when_nothing_is_left_the_most_helpful_filter_to_drop_is_named() {
    let page = listing().page(&by(|query| {
        query.author = "acme".into();
        query.max_price = "0.2".into();
    }));
    assert_eq!(page.total, 0);
    assert_eq!(page.best_to_drop, Some(("max_price".to_owned(), 2)));
}

#[test]
fn a_page_beyond_the_last_is_the_last() {
    let page = listing().page(&by(|query| query.page = "99".into()));
    assert_eq!((page.page, page.pages, page.total), (1, 1, 4));
}

#[test]
fn a_models_page_lists_the_cheapest_offer_first_and_says_what_cannot_be_called() {
    let listing = listing();
    let detail = |slug: &str| listing.model(&slug.parse().unwrap(), NOW, "http://a/api/v1".to_owned());
    let tags: Vec<String> = detail("acme/beta").unwrap().endpoints.iter().map(|row| row.tag.to_string()).collect();
    assert_eq!(tags, ["host-0", "host-1", "host-2"]);
    assert_eq!(detail("acme/beta").unwrap().endpoints[0].not_callable, None);
    assert_eq!(detail("zeta/unpriced").unwrap().endpoints[0].not_callable.as_deref(), Some("its price is not known"));
    assert!(detail("acme/gamma").is_none());
}

#[test]
fn the_listing_of_a_snapshot_is_made_once() {
    let latest = Latest::default();
    let snapshot = Arc::new(Snapshot::default());
    let first = latest.of(&snapshot, NOW);
    assert!(Arc::ptr_eq(&latest.of(&snapshot, NOW), &first));
    assert!(!Arc::ptr_eq(&latest.of(&Arc::new(Snapshot::default()), NOW), &first));
}
