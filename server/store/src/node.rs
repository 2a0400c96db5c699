//! Server processes: each proves by a lock that it lives, and the holds of those that do not are closed.
//!
//! The lock is an advisory one on a connection of its own: Postgres frees it the moment the process is gone, however it
//! went, and no clock or heartbeat is involved.

use domain::{
    AccountId, Cost, Failure, Generation, GenerationId, GenerationState, KeyId, MediaCounts, NanoUsd, Timestamp, Usage,
};
use gateway::ports::Settlement;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::{DbError, Store, settle, values};

/// Orphans closed in one transaction: enough to be quick, few enough not to block their accounts for long.
const BATCH: i64 = 200;

/// A machine that vanishes says no goodbye: with these, Postgres notices within a minute, in place of two hours.
const KEEPALIVE: [(&str, &str); 3] =
    [("tcp_keepalives_idle", "20"), ("tcp_keepalives_interval", "10"), ("tcp_keepalives_count", "3")];

/// A living process. Its holds are safe as long as this is kept; leave it when no generation runs any more.
#[derive(Debug)]
pub struct Node {
    store: Store,
    connection: PgConnection,
}

/// Holds whose process had died, and what they had set aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orphans {
    pub count: u64,
    pub freed: NanoUsd,
}

/// A row of `generation_hold`.
struct Orphan {
    generation: GenerationId,
    account: AccountId,
    key: Option<KeyId>,
    amount: NanoUsd,
    created_at: Timestamp,
    age_ms: u32,
    surface: String,
    requested_model: String,
}

impl Store {
    /// Announces this process as living. Comes before the first hold.
    pub async fn join(&self) -> Result<Node, DbError> {
        Ok(Node { store: self.clone(), connection: locked_connection(self).await? })
    }

    /// Closes the open holds of processes that are gone, in the customers' favour: all is freed, nothing is charged, and each
    /// gets a record that says so.
    pub async fn close_orphans(&self) -> Result<Orphans, DbError> {
        let nodes = sqlx::query_scalar!("select distinct node from generation_hold where node <> $1", self.node)
            .fetch_all(&self.pool)
            .await?;
        let mut closed = Orphans::default();
        for node in nodes {
            while let Some(batch) = self.close_some_of(node).await? {
                closed.count += batch.count;
                closed.freed = closed.freed.checked_add(batch.freed).unwrap_or(closed.freed);
            }
        }
        Ok(closed)
    }

    /// `None`: the node lives, somebody else is at it, or nothing is left.
    async fn close_some_of(&self, node: Uuid) -> Result<Option<Orphans>, DbError> {
        let mut tx = self.pool.begin().await?;
        let is_gone = sqlx::query_scalar!(
            r#"select pg_try_advisory_xact_lock(hashtextextended('souk node ' || $1::uuid::text, 0)) as "is_gone!""#,
            node
        )
        .fetch_one(&mut *tx)
        .await?;
        if !is_gone {
            return Ok(None);
        }
        let orphans = orphans_of(&mut tx, node).await?;
        if orphans.is_empty() {
            return Ok(None);
        }
        let mut closed = Orphans::default();
        for orphan in orphans {
            closed.count += 1;
            closed.freed = closed.freed.checked_add(orphan.amount).unwrap_or(closed.freed);
            settle::settle(&mut tx, &orphan.settlement()).await?;
        }
        tx.commit().await?;
        Ok(Some(closed))
    }
}

impl Node {
    /// Makes sure that the lock is still held, and takes it again where its connection broke. To be called every few seconds.
    pub async fn keep(&mut self) -> Result<(), DbError> {
        if self.connection.ping().await.is_err() {
            self.connection = locked_connection(&self.store).await?;
        }
        Ok(())
    }

    /// Ends the membership: what is still held is closed by the others.
    pub async fn leave(self) -> Result<(), DbError> {
        Ok(self.connection.close().await?)
    }
}

async fn locked_connection(store: &Store) -> Result<PgConnection, DbError> {
    let options = store.pool.connect_options().as_ref().clone().options(KEEPALIVE);
    let mut connection = PgConnection::connect_with(&options).await?;
    sqlx::query!("select pg_advisory_lock(hashtextextended('souk node ' || $1::uuid::text, 0))", store.node)
        .execute(&mut connection)
        .await?;
    Ok(connection)
}

/// By account: transactions that lock several balances do so in one order, so that they never wait for each other in a circle.
async fn orphans_of(connection: &mut PgConnection, node: Uuid) -> Result<Vec<Orphan>, DbError> {
    sqlx::query!(
        r#"select generation_id, account_id, key_id, amount_nano, created_at, surface, requested_model,
                  (extract(epoch from now() - created_at) * 1000)::bigint as "age_ms!"
           from generation_hold h
           -- One that has a record already is a break of the ledger: `check` tells it, closing would not end it.
           where node = $1 and not exists (select from generation g where g.id = h.generation_id)
           order by account_id, generation_id limit $2"#,
        node,
        BATCH,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        Ok(Orphan {
            generation: values::generation_id(row.generation_id)?,
            account: values::account_id(row.account_id)?,
            key: row.key_id.map(values::key_id).transpose()?,
            amount: NanoUsd(row.amount_nano),
            created_at: row.created_at.into(),
            age_ms: u32::try_from(row.age_ms.max(0)).unwrap_or(u32::MAX),
            surface: row.surface,
            requested_model: row.requested_model,
        })
    })
    .collect()
}

impl Orphan {
    fn settlement(self) -> Settlement {
        let error = Failure {
            error_type: "server".to_owned(),
            message: "The server stopped before this request was settled: nothing was charged.".to_owned(),
            code: None,
        };
        let generation = Generation {
            id: self.generation,
            created_at: self.created_at,
            surface: self.surface,
            key: self.key,
            requested_model: self.requested_model,
            served_by: None,
            streamed: false,
            state: GenerationState::Failed,
            finish_reason: None,
            native_finish_reason: None,
            usage: Usage::default(),
            media: MediaCounts::default(),
            service_tier: None,
            cost: Cost::default(),
            cache_discount: None,
            held: self.amount,
            first_token_ms: None,
            duration_ms: self.age_ms,
            attempts: Vec::new(),
            excluded: Vec::new(),
            error: Some(error),
            upstream_id: None,
            app: None,
            user: None,
        };
        Settlement { account: self.account, generation, upstream_cost: NanoUsd::ZERO }
    }
}
