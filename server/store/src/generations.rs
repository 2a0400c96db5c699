//! The records of generations, one at a time.

use async_trait::async_trait;
use domain::{AccountId, Generation, GenerationId};
use gateway::ports::{Records, StoreError};

use crate::{DbError, Store, receipt, values};

impl Store {
    async fn find_generation(&self, account: &AccountId, id: &GenerationId) -> Result<Option<Generation>, DbError> {
        sqlx::query_scalar!(
            "select receipt from generation where id = $1 and account_id = $2",
            id.as_str(),
            values::uuid(account)?
        )
        .fetch_optional(&self.pool)
        .await?
        .map(receipt::from_json)
        .transpose()
    }
}

#[async_trait]
impl Records for Store {
    async fn generation(&self, account: &AccountId, id: &GenerationId) -> Result<Option<Generation>, StoreError> {
        Ok(self.find_generation(account, id).await?)
    }
}
