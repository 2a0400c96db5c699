//! Accounts: who pays. Each is born with its ledger accounts and a balance of zero.

use std::fmt;

use domain::{AccountId, Timestamp};
use uuid::Uuid;

use crate::{DbError, Store, values};

/// An account as it is kept.
#[derive(Clone)]
pub struct Account {
    pub id: AccountId,
    pub email: String,
    /// An argon2 string; `None`: nobody can sign in with a password.
    pub password_hash: Option<String>,
    pub is_admin: bool,
    pub created_at: Timestamp,
}

/// Without the hash: it has no business in a log.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("is_admin", &self.is_admin).finish_non_exhaustive()
    }
}

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    #[error("There is an account with this address already.")]
    EmailTaken,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A row of `account`.
struct Row {
    id: Uuid,
    email: String,
    password_hash: Option<String>,
    is_admin: bool,
    created_at: time::OffsetDateTime,
}

impl Row {
    fn account(self) -> Result<Account, DbError> {
        Ok(Account {
            id: values::account_id(self.id)?,
            email: self.email,
            password_hash: self.password_hash,
            is_admin: self.is_admin,
            created_at: self.created_at.into(),
        })
    }
}

impl Store {
    pub async fn create_account(
        &self,
        email: &str,
        password_hash: Option<&str>,
        is_admin: bool,
    ) -> Result<AccountId, CreateAccountError> {
        let id = Uuid::now_v7();
        let email = values::text(email);
        let created = sqlx::query!(
            "with a as (
                 insert into account (id, email, password_hash, is_admin) values ($1, $2, $3, $4) returning id
             ), credits as (
                 insert into ledger_account (kind, account_id) select 'customer_credits', id from a returning id
             ), held as (
                 insert into ledger_account (kind, account_id) select 'customer_held', id from a returning id
             )
             insert into customer_balance (account_id, credits_account, held_account)
             select a.id, credits.id, held.id from a, credits, held",
            id,
            &*email,
            password_hash,
            is_admin,
        )
        .execute(&self.pool)
        .await;
        match created {
            Ok(_) => Ok(values::account_id(id)?),
            Err(e) if DbError::is_refusal_of(&e, "account_email") => Err(CreateAccountError::EmailTaken),
            Err(e) => Err(DbError::from(e).into()),
        }
    }

    /// The account of an address, however its letters are written.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<Account>, DbError> {
        let email = values::text(email);
        sqlx::query_as!(
            Row,
            "select id, email, password_hash, is_admin, created_at from account where lower(email) = lower($1)",
            &*email,
        )
        .fetch_optional(&self.pool)
        .await?
        .map(Row::account)
        .transpose()
    }

    pub async fn account_by_id(&self, id: &AccountId) -> Result<Option<Account>, DbError> {
        sqlx::query_as!(
            Row,
            "select id, email, password_hash, is_admin, created_at from account where id = $1",
            values::uuid(id)?,
        )
        .fetch_optional(&self.pool)
        .await?
        .map(Row::account)
        .transpose()
    }

    /// Whether nobody has signed up yet: then the start-up message tells how.
    pub async fn has_no_accounts(&self) -> Result<bool, DbError> {
        Ok(sqlx::query_scalar!(r#"select not exists (select from account) as "none!""#).fetch_one(&self.pool).await?)
    }

    /// Returns whether there is such an account.
    pub async fn set_password_hash(&self, id: &AccountId, hash: &str) -> Result<bool, DbError> {
        let done = sqlx::query!("update account set password_hash = $2 where id = $1", values::uuid(id)?, hash)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Returns whether there is such an account.
    pub async fn set_admin(&self, id: &AccountId, is_admin: bool) -> Result<bool, DbError> {
        let done = sqlx::query!("update account set is_admin = $2 where id = $1", values::uuid(id)?, is_admin)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
