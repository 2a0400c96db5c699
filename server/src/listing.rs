//! The catalog as pages list it: cards, filters with their counts, the page of a model. Pure functions of a snapshot.

mod card;
mod detail;
mod filter;
mod note;

use std::cmp::Reverse;
use std::sync::Arc;

use api::{HomeFacts, ModelCard, ModelDetail, ModelPage, ModelQuery, ModelSort};
use arc_swap::ArcSwapOption;
use domain::{ModelSlug, Timestamp};
use providers::reach::Snapshot;

use filter::Filter;

/// Rows on a page.
const PAGE: usize = 50;
/// Cards of each kind on the home page.
const FEW: usize = 6;

/// A model as filters see it.
#[derive(Clone, Debug)]
pub struct Row {
    pub card: ModelCard,
    /// Slugs of all who offer it.
    pub providers: Vec<String>,
    /// Slug and name in lower case: what a search looks in.
    pub text: String,
}

/// All models of a snapshot that somebody offers.
#[derive(Clone, Debug)]
pub struct Listing {
    snapshot: Arc<Snapshot>,
    rows: Vec<Row>,
}

impl Listing {
    /// Prices are those of the moment `now`.
    pub fn new(snapshot: Arc<Snapshot>, now: Timestamp) -> Self {
        let rows = snapshot
            .catalog
            .endpoints
            .iter()
            .filter_map(|(slug, endpoints)| card::row(slug, endpoints, &snapshot, now));
        Self { rows: rows.collect(), snapshot: snapshot.clone() }
    }

    pub fn home(&self, api_base: String) -> HomeFacts {
        let catalog = &self.snapshot.catalog;
        let cards = || self.rows.iter().map(|row| &row.card);
        let mut newest: Vec<&ModelCard> =
            cards().filter(|card| !card.simulated && card.output.iter().any(|o| o == "text")).collect();
        sort(&mut newest, ModelSort::Newest);
        let mut callable: Vec<&ModelCard> = cards().filter(|card| card.callable).collect();
        sort(&mut callable, ModelSort::Newest);
        callable.sort_by_key(|card| card.simulated);
        let providers: std::collections::BTreeSet<&String> = self.rows.iter().flat_map(|row| &row.providers).collect();
        HomeFacts {
            models: count(self.rows.len()),
            endpoints: count(catalog.endpoints.values().map(Vec::len).sum()),
            providers: count(providers.len()),
            callable_models: count(callable.len()),
            as_of: catalog.providers.values().map(|provider| provider.as_of.clone()).max().unwrap_or_default(),
            newest: newest.into_iter().take(FEW).cloned().collect(),
            callable: callable.into_iter().take(FEW).cloned().collect(),
            api_base,
        }
    }

    /// One page of what the filters let through, with the counts beside the filters.
    pub fn page(&self, query: &ModelQuery) -> ModelPage {
        let found = Filter::new(query).apply(&self.rows);
        let mut cards: Vec<&ModelCard> = found.rows.iter().map(|row| &row.card).collect();
        sort(&mut cards, ModelSort::parse(&query.sort));
        let pages = cards.len().div_ceil(PAGE).max(1);
        let page = query.page.trim().parse::<usize>().unwrap_or(1).clamp(1, pages);
        ModelPage {
            rows: cards.iter().skip((page - 1) * PAGE).take(PAGE).map(|card| (*card).clone()).collect(),
            total: count(cards.len()),
            page: count(page),
            pages: count(pages),
            inputs: found.inputs,
            outputs: found.outputs,
            authors: found.authors,
            providers: found.providers,
            supports: found.supports,
            best_to_drop: found.best_to_drop,
        }
    }

    /// `None`: there is no such model.
    pub fn model(&self, slug: &ModelSlug, now: Timestamp, api_base: String) -> Option<ModelDetail> {
        detail::detail(slug, &self.snapshot, now, api_base)
    }

    /// All that can be called, by name.
    pub fn callable(&self) -> Vec<ModelCard> {
        let mut cards: Vec<&ModelCard> = self.rows.iter().map(|row| &row.card).filter(|card| card.callable).collect();
        sort(&mut cards, ModelSort::Name);
        cards.into_iter().cloned().collect()
    }
}

/// The listing of the latest snapshot: made once for each, by whoever asks first.
#[derive(Debug, Default)]
pub struct Latest(ArcSwapOption<Listing>);

impl Latest {
    pub fn of(&self, snapshot: &Arc<Snapshot>, now: Timestamp) -> Arc<Listing> {
        if let Some(known) = self.0.load_full().filter(|known| Arc::ptr_eq(&known.snapshot, snapshot)) {
            return known;
        }
        let listing = Arc::new(Listing::new(snapshot.clone(), now));
        self.0.store(Some(listing.clone()));
        listing
    }
}

/// Unknown figures come last, whichever way the order goes; equals stand by name.
fn sort(cards: &mut [&ModelCard], by: ModelSort) {
    cards.sort_by_cached_key(|card| (card.name.to_lowercase(), card.slug.clone()));
    match by {
        ModelSort::Name => {}
        ModelSort::Newest => cards.sort_by(|a, b| b.released.cmp(&a.released)),
        ModelSort::PriceLow => cards.sort_by_key(|card| (card.prompt.is_none(), card.prompt, card.completion)),
        ModelSort::PriceHigh => cards.sort_by_key(|card| Reverse((card.prompt, card.completion))),
        ModelSort::ContextHigh => cards.sort_by_key(|card| Reverse(card.context_length)),
        ModelSort::Providers => cards.sort_by_key(|card| Reverse(card.providers)),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
