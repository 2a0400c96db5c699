//! The keys of the signed-in account.

use async_trait::async_trait;
use domain::{KeyId, NanoUsd, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// A key as it is listed: its secret is not known to anyone any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    pub id: KeyId,
    pub name: String,
    /// Masked: `sk-souk-v1-0e6…c96`.
    pub label: String,
    pub limit: Option<NanoUsd>,
    /// Spent with it in all, and held at the moment.
    pub spent: NanoUsd,
    pub held: NanoUsd,
    pub disabled: bool,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
}

/// The one answer that holds a key's secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    pub id: KeyId,
    pub secret: String,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// As typed into the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewKeyForm {
    pub name: String,
    /// Dollars; empty means no limit.
    pub limit_usd: String,
}

#[async_trait]
pub trait Keys: Send + Sync {
    /// Newest first, deleted ones left out.
    async fn list(&self) -> Result<Vec<KeyRow>, ApiError>;
    /// Errors: `Invalid{name|limit_usd}`.
    async fn create(&self, form: NewKeyForm) -> Result<NewKey, ApiError>;
    async fn set_disabled(&self, id: KeyId, disabled: bool) -> Result<(), ApiError>;
    /// `None` removes the limit.
    async fn set_limit(&self, id: KeyId, limit: Option<NanoUsd>) -> Result<(), ApiError>;
    /// Its past generations stay.
    async fn delete(&self, id: KeyId) -> Result<(), ApiError>;
}
