//! What the gateway needs of the world: traits that `store` implements with SQL and tests with maps.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{AccountId, Generation, GenerationId, KeyId, NanoUsd, Timestamp};
use providers::reach::Snapshot;

/// The database could not answer. What exactly went wrong is logged where it is known; a client learns only that it did.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the database could not answer: {0}")]
pub struct StoreError(pub String);

/// Who calls: proven by a key, or by a session of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub account: AccountId,
    /// `None`: the site's own chat.
    pub key: Option<KeyId>,
}

/// Why a key opens nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KeyRefused {
    #[error("No such API key: check it, or make a new one on the keys page")]
    Unknown,
    #[error("This API key is disabled: enable it on the keys page")]
    Disabled,
    #[error("This API key has expired: make a new one on the keys page")]
    Expired,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a key is, for `GET /key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    pub label: String,
    pub name: String,
    pub limit: Option<NanoUsd>,
    pub spent: NanoUsd,
    pub spent_today: NanoUsd,
    pub spent_this_week: NanoUsd,
    pub spent_this_month: NanoUsd,
    pub held: NanoUsd,
    pub expires_at: Option<Timestamp>,
    /// The account never bought or was granted credits.
    pub is_free_tier: bool,
}

/// An account's credits since it exists, for `GET /credits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditFacts {
    pub granted: NanoUsd,
    pub spent: NanoUsd,
}

#[async_trait]
pub trait Keys: Send + Sync {
    /// Who calls with the key of this SHA-256. Must not answer from a state older than a second.
    async fn caller(&self, key: &KeyId) -> Result<Caller, KeyRefused>;
    async fn key_facts(&self, key: &KeyId) -> Result<KeyFacts, StoreError>;
    async fn credit_facts(&self, account: &AccountId) -> Result<CreditFacts, StoreError>;
}

/// How much to set aside before a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldWish {
    pub generation: GenerationId,
    pub caller: Caller,
    /// For the record, should this process die: the surface's name, and the model as the client wrote it.
    pub surface: &'static str,
    pub requested_model: String,
    /// Less is refused.
    pub at_least: NanoUsd,
    /// What the call can cost at most. Where credits and limit do not cover it, half of what they cover is held if that is
    /// `at_least` or more (the rest is left to parallel calls), else `at_least`.
    pub at_most: NanoUsd,
}

/// Credits set aside for one generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub generation: GenerationId,
    pub amount: NanoUsd,
}

/// Why nothing could be set aside. Amounts are what is left to spend, held credits taken off.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HoldRefused {
    #[error("the account has {available} of credits left, this request may cost up to {needed}")]
    NoCredits { available: NanoUsd, needed: NanoUsd },
    #[error("the key's limit leaves {remaining}, this request may cost up to {needed}")]
    KeyLimit { remaining: NanoUsd, needed: NanoUsd },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The exact end of a generation: what is booked, and the record of it. Written in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    pub account: AccountId,
    pub generation: Generation,
    /// What the provider will bill us; equals the customer's cost where there is no mark-up.
    pub upstream_cost: NanoUsd,
}

/// Proof that a settlement is durable: a client may now be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What was booked. Less than the cost only where the hold and all credits together did not cover it.
    pub charged: NanoUsd,
}

#[async_trait]
pub trait Ledger: Send + Sync {
    /// Atomic: any number of parallel calls never hold more than credits and limit allow.
    async fn hold(&self, wish: &HoldWish) -> Result<Hold, HoldRefused>;
    /// Exactly once for each generation, however often it is called; durable when it returns. A zero cost frees the hold.
    async fn settle(&self, settlement: &Settlement) -> Result<Settled, StoreError>;
}

#[async_trait]
pub trait Records: Send + Sync {
    /// `None` also for another account's.
    async fn generation(&self, account: &AccountId, id: &GenerationId) -> Result<Option<Generation>, StoreError>;
}

/// The catalog in force now, and what of it this server can call.
pub trait Snapshots: Send + Sync {
    fn current(&self) -> Arc<Snapshot>;
}
