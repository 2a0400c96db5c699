//! The log of the signed-in account.

use api::{Activity, ActivityPage, ActivityQuery, ApiError};
use async_trait::async_trait;
use domain::{Generation, GenerationId};
use gateway::ports::Records;

use crate::accounts::internal;
use crate::web::visit::Visit;

#[async_trait]
impl Activity for Visit {
    async fn page(&self, query: ActivityQuery) -> Result<ActivityPage, ApiError> {
        let account = self.signed_in().await?;
        self.site.store.activity_page(&account, &query).await.map_err(internal)
    }

    async fn generation(&self, id: GenerationId) -> Result<Generation, ApiError> {
        let account = self.signed_in().await?;
        Records::generation(&self.site.store, &account, &id).await.map_err(internal)?.ok_or(ApiError::NotFound)
    }
}
