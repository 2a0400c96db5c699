//! The keys of the signed-in account.

use api::{ApiError, KeyRow, Keys, NewKey, NewKeyForm};
use async_trait::async_trait;
use domain::{KeyId, NanoUsd};

use crate::accounts::internal;
use crate::key;
use crate::web::visit::Visit;

/// More would be no list any more.
const MOST_KEYS: usize = 1_000;

#[async_trait]
impl Keys for Visit {
    async fn list(&self) -> Result<Vec<KeyRow>, ApiError> {
        let account = self.signed_in().await?;
        self.site.store.list_keys(&account).await.map_err(internal)
    }

    async fn create(&self, form: NewKeyForm) -> Result<NewKey, ApiError> {
        let account = self.signed_in().await?;
        let name = key::name(&form.name).map_err(|message| ApiError::invalid("name", message))?;
        let limit = key::limit(&form.limit_usd).map_err(|message| ApiError::invalid("limit_usd", message))?;
        if self.site.store.list_keys(&account).await.map_err(internal)?.len() >= MOST_KEYS {
            return Err(ApiError::invalid("name", "You have a thousand keys: delete some first."));
        }
        let (secret, key) = key::make(name, limit).map_err(internal)?;
        self.site.store.create_key(&account, &key).await.map_err(internal)?;
        Ok(NewKey { id: key.id, secret })
    }

    async fn set_disabled(&self, id: KeyId, disabled: bool) -> Result<(), ApiError> {
        let account = self.signed_in().await?;
        there_is(self.site.store.set_key_disabled(&account, &id, disabled).await.map_err(internal)?)
    }

    async fn set_limit(&self, id: KeyId, limit: Option<NanoUsd>) -> Result<(), ApiError> {
        let account = self.signed_in().await?;
        if limit.is_some_and(|limit| limit < NanoUsd::ZERO) {
            return Err(ApiError::invalid("limit_usd", key::BAD_LIMIT));
        }
        there_is(self.site.store.set_key_limit(&account, &id, limit).await.map_err(internal)?)
    }

    async fn delete(&self, id: KeyId) -> Result<(), ApiError> {
        let account = self.signed_in().await?;
        there_is(self.site.store.delete_key(&account, &id).await.map_err(internal)?)
    }
}

fn there_is(key: bool) -> Result<(), ApiError> {
    if key { Ok(()) } else { Err(ApiError::NotFound) }
}
