//! The site's sessions in Postgres, found by a hash of the id in the cookie.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::AccountId;
use serde_json::Value;
use sqlx::types::Json;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, ExpiredDeletion, Result};
use uuid::Uuid;

use crate::{DbError, Store, values};

/// The field of a session's data that holds the id of the account that is signed in.
pub const SESSION_ACCOUNT: &str = "account";

impl Store {
    /// Ends the sessions of an account, but for the one that asks for it.
    pub async fn end_other_sessions(&self, account: &AccountId, keep: Option<Id>) -> std::result::Result<u64, DbError> {
        let keep = keep.map(|id| secret(id).to_vec());
        let ended = sqlx::query!(
            "delete from session where account_id = $1 and ($2::bytea is null or id <> sha256($2))",
            values::uuid(account)?,
            keep,
        )
        .execute(&self.pool)
        .await?;
        Ok(ended.rows_affected())
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let created = sqlx::query!(
                "insert into session (id, account_id, data, expires_at) values (sha256($1::bytea), $2, $3, $4)
                 on conflict do nothing",
                &secret(record.id)[..],
                account(record),
                Json(&record.data) as _,
                record.expiry_date,
            )
            .execute(&self.pool)
            .await
            .map_err(backend)?;
            if created.rows_affected() == 1 {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    /// Changes a session that is still there: one that was ended meanwhile must not come back.
    async fn save(&self, record: &Record) -> Result<()> {
        sqlx::query!(
            "update session set account_id = $2, data = $3, expires_at = $4 where id = sha256($1::bytea)",
            &secret(record.id)[..],
            account(record),
            Json(&record.data) as _,
            record.expiry_date,
        )
        .execute(&self.pool)
        .await
        .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = sqlx::query!(
            r#"select data as "data: Json<HashMap<String, Value>>", expires_at
               from session where id = sha256($1::bytea) and expires_at > now()"#,
            &secret(*id)[..],
        )
        .fetch_optional(&self.pool)
        .await
        .map_err(backend)?;
        Ok(found.map(|row| Record { id: *id, data: row.data.0, expiry_date: row.expires_at }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sqlx::query!("delete from session where id = sha256($1::bytea)", &secret(*id)[..])
            .execute(&self.pool)
            .await
            .map_err(backend)?;
        Ok(())
    }
}

#[async_trait]
impl ExpiredDeletion for Store {
    async fn delete_expired(&self) -> Result<()> {
        sqlx::query!("delete from session where expires_at <= now()").execute(&self.pool).await.map_err(backend)?;
        Ok(())
    }
}

fn secret(id: Id) -> [u8; 16] {
    id.0.to_le_bytes()
}

fn account(record: &Record) -> Option<Uuid> {
    record.data.get(SESSION_ACCOUNT)?.as_str()?.parse().ok()
}

fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}
