//! API keys: who calls, what is left of a limit, and the list an account sees.

use api::KeyRow;
use async_trait::async_trait;
use domain::{AccountId, KeyId, NanoUsd, Timestamp};
use gateway::ports::{Caller, CreditFacts, KeyFacts, KeyRefused, Keys, StoreError};
use time::OffsetDateTime;

use crate::{DbError, Store, values};

/// A key to be made; its secret stays with whoever made it.
#[derive(Clone, Debug)]
pub struct CreateKey {
    pub id: KeyId,
    pub name: String,
    /// Masked: `sk-souk-v1-0e6…c96`.
    pub label: String,
    pub limit: Option<NanoUsd>,
    pub expires_at: Option<Timestamp>,
}

impl Store {
    /// Newest first, without those that were deleted.
    pub async fn list_keys(&self, account: &AccountId) -> Result<Vec<KeyRow>, DbError> {
        sqlx::query!(
            "select id, name, label, limit_nano, spent_nano, held_nano, disabled, created_at, last_used_at, expires_at
             from api_key where account_id = $1 and deleted_at is null order by created_at desc, id",
            values::uuid(account)?,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(|row| {
            Ok(KeyRow {
                id: values::key_id(row.id)?,
                name: row.name,
                label: row.label,
                limit: row.limit_nano.map(NanoUsd),
                spent: NanoUsd(row.spent_nano),
                held: NanoUsd(row.held_nano),
                disabled: row.disabled,
                created_at: row.created_at.into(),
                last_used_at: row.last_used_at.map(Timestamp::from),
                expires_at: row.expires_at.map(Timestamp::from),
            })
        })
        .collect()
    }

    pub async fn create_key(&self, account: &AccountId, key: &CreateKey) -> Result<(), DbError> {
        let name = values::text(&key.name);
        sqlx::query!(
            "insert into api_key (id, account_id, name, label, limit_nano, expires_at) values ($1, $2, $3, $4, $5, $6)",
            key.id.as_str(),
            values::uuid(account)?,
            &*name,
            key.label,
            key.limit.map(|limit| limit.0),
            key.expires_at.map(OffsetDateTime::from),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Returns whether the account has such a key.
    pub async fn set_key_disabled(&self, account: &AccountId, id: &KeyId, disabled: bool) -> Result<bool, DbError> {
        let done = sqlx::query!(
            "update api_key set disabled = $3 where id = $1 and account_id = $2 and deleted_at is null",
            id.as_str(),
            values::uuid(account)?,
            disabled,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// `None` removes the limit. Returns whether the account has such a key.
    pub async fn set_key_limit(
        &self,
        account: &AccountId,
        id: &KeyId,
        limit: Option<NanoUsd>,
    ) -> Result<bool, DbError> {
        let done = sqlx::query!(
            "update api_key set limit_nano = $3 where id = $1 and account_id = $2 and deleted_at is null",
            id.as_str(),
            values::uuid(account)?,
            limit.map(|limit| limit.0),
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// It opens nothing any more; what it did stays. Returns whether the account had such a key.
    pub async fn delete_key(&self, account: &AccountId, id: &KeyId) -> Result<bool, DbError> {
        let done = sqlx::query!(
            "update api_key set deleted_at = now() where id = $1 and account_id = $2 and deleted_at is null",
            id.as_str(),
            values::uuid(account)?,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn find_caller(&self, key: &KeyId) -> Result<Result<Caller, KeyRefused>, DbError> {
        let row = sqlx::query!(
            r#"select account_id, disabled, coalesce(expires_at <= now(), false) as "expired!"
               from api_key where id = $1 and deleted_at is null"#,
            key.as_str(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(match row {
            None => Err(KeyRefused::Unknown),
            Some(row) if row.disabled => Err(KeyRefused::Disabled),
            Some(row) if row.expired => Err(KeyRefused::Expired),
            Some(row) => Ok(Caller { account: values::account_id(row.account_id)?, key: Some(key.clone()) }),
        })
    }

    /// Days and months begin at 00:00 UTC, weeks on Monday.
    async fn find_key_facts(&self, key: &KeyId) -> Result<KeyFacts, DbError> {
        let row = sqlx::query!(
            r#"with start as (
                   select date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' as day,
                          date_trunc('week', now() at time zone 'UTC') at time zone 'UTC' as week,
                          date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' as month
               )
               select k.label, k.name, k.limit_nano, k.spent_nano, k.held_nano, k.expires_at, b.granted_nano,
                      recent.day as "day!", recent.week as "week!", recent.month as "month!"
               from api_key k
               join customer_balance b on b.account_id = k.account_id
               cross join start
               cross join lateral (
                   select coalesce(sum(g.cost_nano) filter (where g.created_at >= start.day), 0)::bigint as day,
                          coalesce(sum(g.cost_nano) filter (where g.created_at >= start.week), 0)::bigint as week,
                          coalesce(sum(g.cost_nano) filter (where g.created_at >= start.month), 0)::bigint as month
                   from generation g where g.key_id = k.id and g.created_at >= least(start.week, start.month)
               ) as recent
               where k.id = $1"#,
            key.as_str(),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(KeyFacts {
            label: row.label,
            name: row.name,
            limit: row.limit_nano.map(NanoUsd),
            spent: NanoUsd(row.spent_nano),
            spent_today: NanoUsd(row.day),
            spent_this_week: NanoUsd(row.week),
            spent_this_month: NanoUsd(row.month),
            held: NanoUsd(row.held_nano),
            expires_at: row.expires_at.map(Timestamp::from),
            is_free_tier: row.granted_nano <= 0,
        })
    }
}

#[async_trait]
impl Keys for Store {
    async fn caller(&self, key: &KeyId) -> Result<Caller, KeyRefused> {
        self.find_caller(key).await.map_err(StoreError::from)?
    }

    async fn key_facts(&self, key: &KeyId) -> Result<KeyFacts, StoreError> {
        Ok(self.find_key_facts(key).await?)
    }

    async fn credit_facts(&self, account: &AccountId) -> Result<CreditFacts, StoreError> {
        let balance = self.balance(account).await?;
        Ok(CreditFacts { granted: balance.granted, spent: balance.spent })
    }
}
