//! Models and prices, from the catalog in force.

use std::sync::Arc;

use api::{ApiError, Cancelling, Catalog, HomeFacts, ModelCard, ModelDetail, ModelPage, ModelQuery};
use async_trait::async_trait;
use domain::ModelSlug;
use gateway::clock::now;
use gateway::ports::Snapshots;

use crate::listing::Listing;
use crate::web::visit::Visit;

impl Visit {
    fn listing(&self) -> Arc<Listing> {
        self.site.listing.of(&self.site.catalog.current(), now())
    }
}

#[async_trait]
impl Catalog for Visit {
    async fn home(&self) -> Result<HomeFacts, ApiError> {
        Ok(self.listing().home(self.api_base.clone()))
    }

    async fn models(&self, query: ModelQuery) -> Result<ModelPage, ApiError> {
        Ok(self.listing().page(&query))
    }

    async fn model(&self, slug: ModelSlug) -> Result<ModelDetail, ApiError> {
        self.listing().model(&slug, now(), self.api_base.clone()).ok_or(ApiError::NotFound)
    }

    async fn callable(&self) -> Result<Vec<ModelCard>, ApiError> {
        Ok(self.listing().callable())
    }

    async fn cancelling(&self) -> Result<Cancelling, ApiError> {
        let snapshot = self.site.catalog.current();
        let named = |cancels| {
            let providers = snapshot.catalog.providers.values();
            let known = providers.filter(|p| !p.simulated && p.quirks.cancels_on_disconnect == Some(cancels));
            let mut names: Vec<String> = known.map(|p| p.name.clone()).collect();
            names.sort_by_key(|name| name.to_lowercase());
            names
        };
        Ok(Cancelling { ends: named(true), goes_on: named(false) })
    }
}
