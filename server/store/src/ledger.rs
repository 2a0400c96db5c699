//! Credits: granted, counted, and listed movement by movement.

use domain::{AccountId, GenerationId, NanoUsd, Timestamp};
use uuid::Uuid;

use crate::{DbError, Store, values};

/// An account's credits. `granted = available + held + spent`, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Can be spent now.
    pub available: NanoUsd,
    /// Set aside for running generations.
    pub held: NanoUsd,
    /// Put in since the account exists.
    pub granted: NanoUsd,
    /// Charged since the account exists.
    pub spent: NanoUsd,
}

/// Why no credits were granted.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    #[error("a grant must be more than $0")]
    NotPositive,
    #[error("there is no such account")]
    NoAccount,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// One movement on an account, newest first in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// The transaction; also where the next page of a listing begins.
    pub id: Uuid,
    pub at: Timestamp,
    /// `grant`, `hold`, `settle`, `release`.
    pub kind: String,
    /// What it did to the credits that can be spent.
    pub available: NanoUsd,
    /// What it did to those that are held.
    pub held: NanoUsd,
    pub generation: Option<GenerationId>,
    pub key_name: Option<String>,
    pub reason: Option<String>,
    /// Who did it, where that was a person.
    pub actor: Option<String>,
}

impl Store {
    /// Books credits given by the operator; `actor` is who gave them, for the audit.
    pub async fn grant(
        &self,
        account: &AccountId,
        amount: NanoUsd,
        reason: &str,
        actor: &str,
    ) -> Result<(), GrantError> {
        if amount <= NanoUsd::ZERO {
            return Err(GrantError::NotPositive);
        }
        let (reason, actor) = (values::text(reason), values::text(actor));
        let booked = sqlx::query!(
            "with balance as (
                 update customer_balance set available_nano = available_nano + $3, granted_nano = granted_nano + $3
                 where account_id = $2 returning credits_account
             ), booked as (
                 insert into ledger_transaction (id, kind, account_id, reason, actor)
                 select $1, 'grant', $2, $4, $5 from balance
             )
             insert into ledger_entry (transaction_id, ledger_account_id, amount_nano)
             select $1, credits_account, $3 from balance
             union all
             select $1, ledger_account_of('promotions', ''), -$3 from balance",
            Uuid::now_v7(),
            values::uuid(account)?,
            amount.0,
            &*reason,
            &*actor,
        )
        .execute(&self.pool)
        .await
        .map_err(DbError::from)?;
        if booked.rows_affected() == 0 { Err(GrantError::NoAccount) } else { Ok(()) }
    }

    pub async fn balance(&self, account: &AccountId) -> Result<Balance, DbError> {
        let row = sqlx::query!(
            "select available_nano, held_nano, granted_nano, spent_nano from customer_balance where account_id = $1",
            values::uuid(account)?,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Balance {
            available: NanoUsd(row.available_nano),
            held: NanoUsd(row.held_nano),
            granted: NanoUsd(row.granted_nano),
            spent: NanoUsd(row.spent_nano),
        })
    }

    /// The movements on an account, newest first; `before` is the last one of the page before.
    pub async fn ledger_lines(
        &self,
        account: &AccountId,
        before: Option<Uuid>,
        at_most: u32,
    ) -> Result<Vec<LedgerLine>, DbError> {
        sqlx::query!(
            r#"select t.id, t.created_at, t.kind, t.generation_id, t.reason, t.actor,
                      k.name as "key_name?", moved.available as "available!", moved.held as "held!"
               from ledger_transaction t
               join customer_balance b on b.account_id = t.account_id
               left join api_key k on k.id = t.key_id
               cross join lateral (
                   select coalesce(sum(e.amount_nano) filter (where e.ledger_account_id = b.credits_account), 0)::bigint as available,
                          coalesce(sum(e.amount_nano) filter (where e.ledger_account_id = b.held_account), 0)::bigint as held
                   from ledger_entry e where e.transaction_id = t.id
               ) as moved
               where t.account_id = $1 and ($2::uuid is null or t.id < $2)
               order by t.id desc limit $3"#,
            values::uuid(account)?,
            before,
            i64::from(at_most),
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(|row| {
            Ok(LedgerLine {
                id: row.id,
                at: row.created_at.into(),
                kind: row.kind,
                available: NanoUsd(row.available),
                held: NanoUsd(row.held),
                generation: row.generation_id.map(values::generation_id).transpose()?,
                key_name: row.key_name,
                reason: row.reason,
                actor: row.actor,
            })
        })
        .collect()
    }
}
