//! Every generation of the signed-in account.

use async_trait::async_trait;
use domain::{Generation, GenerationId, NanoUsd};
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// Filters of the log; empty means all. `page` counts from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityQuery {
    pub model: String,
    pub provider: String,
    /// Key id, or `site` for the chat on the site.
    pub key: String,
    /// `completed`, `cancelled`, `failed`.
    pub state: String,
    pub page: u32,
}

impl Default for ActivityQuery {
    fn default() -> Self {
        Self { model: String::new(), provider: String::new(), key: String::new(), state: String::new(), page: 1 }
    }
}

/// Sums over all that the filters let through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityTotals {
    pub requests: u64,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    pub cost: NanoUsd,
}

/// One page of the log, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityPage {
    pub totals: ActivityTotals,
    pub rows: Vec<Generation>,
    /// Names of the keys that occur in `rows`, by id.
    pub key_names: std::collections::BTreeMap<String, String>,
    pub page: u32,
    pub pages: u32,
}

#[async_trait]
pub trait Activity: Send + Sync {
    async fn page(&self, query: ActivityQuery) -> Result<ActivityPage, ApiError>;
    /// Errors: `NotFound` also for another account's.
    async fn generation(&self, id: GenerationId) -> Result<Generation, ApiError>;
}
