//! Setting credits aside before a call (`hold_credits` in the migrations), and the port through which the gateway does it.

use async_trait::async_trait;
use domain::NanoUsd;
use gateway::ports::{Hold, HoldRefused, HoldWish, Ledger, Settled, Settlement, StoreError};
use uuid::Uuid;

use crate::{DbError, Store, values};

/// What `hold_credits` answers.
struct Verdict {
    verdict: String,
    /// What was set aside, or what is left where that was too little.
    amount: i64,
}

impl Store {
    async fn hold_credits(&self, wish: &HoldWish) -> Result<Verdict, DbError> {
        Ok(sqlx::query_as!(
            Verdict,
            r#"select verdict as "verdict!", amount as "amount!" from hold_credits($1, $2, $3, $4, $5, $6, $7, $8, $9)"#,
            wish.generation.as_str(),
            values::uuid(&wish.caller.account)?,
            wish.caller.key.as_ref().map(|key| key.as_str()),
            wish.at_least.0,
            wish.at_most.0,
            self.node,
            Uuid::now_v7(),
            wish.surface,
            &*values::text(&wish.requested_model),
        )
        .fetch_one(&self.pool)
        .await?)
    }
}

#[async_trait]
impl Ledger for Store {
    async fn hold(&self, wish: &HoldWish) -> Result<Hold, HoldRefused> {
        let Verdict { verdict, amount } = self.hold_credits(wish).await.map_err(StoreError::from)?;
        // Refused means that it may cost something: then it needs at least the smallest amount.
        let (amount, needed) = (NanoUsd(amount), wish.at_least.max(NanoUsd(1)));
        match verdict.as_str() {
            "held" => Ok(Hold { generation: wish.generation.clone(), amount }),
            "key_limit" => Err(HoldRefused::KeyLimit { remaining: amount, needed }),
            _ => Err(HoldRefused::NoCredits { available: amount, needed }),
        }
    }

    async fn settle(&self, settlement: &Settlement) -> Result<Settled, StoreError> {
        let mut connection = self.pool.acquire().await.map_err(DbError::from)?;
        Ok(crate::settle::settle(&mut connection, settlement).await?)
    }
}
