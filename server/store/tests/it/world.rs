//! What each test starts from: an account, a key, and generations to hold and settle.

use domain::{
    AccountId, Cost, Generation, GenerationId, GenerationState, KeyId, MediaCounts, NanoUsd, ServedBy, Timestamp, Usage,
};
use gateway::ports::{Caller, Hold, HoldRefused, HoldWish, Ledger, Settled, Settlement};
use sqlx::PgPool;
use store::{Balance, CreateKey, Store};
use uuid::Uuid;

/// One customer with one key.
pub struct World {
    pub store: Store,
    pub pool: PgPool,
    pub account: AccountId,
    pub key: KeyId,
}

impl World {
    /// With so many nano-dollars of credits, and no limit on the key.
    pub async fn new(pool: PgPool, credits: i64) -> Self {
        Self::on(Store::from_pool(pool.clone()), pool, credits).await
    }

    pub async fn on(store: Store, pool: PgPool, credits: i64) -> Self {
        let account = account(&store).await;
        if credits > 0 {
            store.grant(&account, NanoUsd(credits), "a test", "the tests").await.unwrap();
        }
        let key = key(&store, &account, None).await;
        Self { store, pool, account, key }
    }

    pub async fn limit(&self, nano: i64) {
        assert!(self.store.set_key_limit(&self.account, &self.key, Some(NanoUsd(nano))).await.unwrap());
    }

    pub fn wish(&self, at_least: i64, at_most: i64) -> HoldWish {
        HoldWish {
            generation: generation_id(),
            caller: Caller { account: self.account.clone(), key: Some(self.key.clone()) },
            surface: "chat.completions",
            requested_model: "acme/model".to_owned(),
            at_least: NanoUsd(at_least),
            at_most: NanoUsd(at_most),
        }
    }

    pub async fn try_hold(&self, at_least: i64, at_most: i64) -> Result<Hold, HoldRefused> {
        self.store.hold(&self.wish(at_least, at_most)).await
    }

    pub async fn hold(&self, amount: i64) -> Hold {
        let hold = self.try_hold(amount, amount).await.unwrap();
        assert_eq!(hold.amount, NanoUsd(amount));
        hold
    }

    pub fn settlement(&self, hold: &Hold, cost: i64) -> Settlement {
        let mut generation = generation(hold.generation.clone());
        generation.key = Some(self.key.clone());
        generation.held = hold.amount;
        generation.cost.total = NanoUsd(cost);
        Settlement { account: self.account.clone(), generation, upstream_cost: NanoUsd(cost) }
    }

    pub async fn settle(&self, hold: &Hold, cost: i64) -> Settled {
        self.store.settle(&self.settlement(hold, cost)).await.unwrap()
    }

    pub async fn balance(&self) -> Balance {
        self.store.balance(&self.account).await.unwrap()
    }

    /// Credits that can be spent, and those that are held.
    pub async fn credits(&self) -> (i64, i64) {
        let balance = self.balance().await;
        (balance.available.0, balance.held.0)
    }

    /// What was spent and is held with the key.
    pub async fn key_figures(&self) -> (i64, i64) {
        let keys = self.store.list_keys(&self.account).await.unwrap();
        let key = keys.iter().find(|key| key.id == self.key).unwrap();
        (key.spent.0, key.held.0)
    }

    /// The balance of a platform account: the fold of its entries.
    pub async fn platform(&self, kind: &str) -> i64 {
        sqlx::query_scalar(
            "select coalesce(sum(amount_nano), 0)::bigint from ledger_entry e
             join ledger_account a on a.id = e.ledger_account_id where a.kind = $1",
        )
        .bind(kind)
        .fetch_one(&self.pool)
        .await
        .unwrap()
    }

    pub async fn assert_books_are_right(&self) {
        assert_eq!(self.store.check_ledger().await.unwrap(), []);
    }
}

pub async fn account(store: &Store) -> AccountId {
    let email = format!("{}@example.com", Uuid::now_v7());
    store.create_account(&email, None, false).await.unwrap()
}

pub fn key_id() -> KeyId {
    let id = Uuid::now_v7().simple().to_string();
    format!("{id}{id}").parse().unwrap()
}

pub async fn key(store: &Store, account: &AccountId, limit: Option<NanoUsd>) -> KeyId {
    let id = key_id();
    let (name, label) = ("a key".to_owned(), "sk-souk-v1-0e6…c96".to_owned());
    store.create_key(account, &CreateKey { id: id.clone(), name, label, limit, expires_at: None }).await.unwrap();
    id
}

pub fn generation_id() -> GenerationId {
    format!("gen-{}", Uuid::now_v7().simple()).parse().unwrap()
}

/// A free generation without a key, answered by `author/model` at `host`.
pub fn generation(id: GenerationId) -> Generation {
    Generation {
        id,
        created_at: Timestamp::from_unix_seconds(1_795_348_745),
        surface: "chat.completions".to_owned(),
        key: None,
        requested_model: "author/model".to_owned(),
        served_by: Some(ServedBy {
            model: "author/model".parse().unwrap(),
            provider: "host".parse().unwrap(),
            provider_name: "Host".to_owned(),
            tag: "host".parse().unwrap(),
            simulated: false,
        }),
        streamed: true,
        state: GenerationState::Completed,
        finish_reason: Some("stop".to_owned()),
        native_finish_reason: None,
        usage: Usage { prompt: 10, completion: 20, ..Usage::default() },
        media: MediaCounts::default(),
        service_tier: None,
        cost: Cost::default(),
        cache_discount: None,
        held: NanoUsd::ZERO,
        first_token_ms: Some(120),
        duration_ms: 900,
        attempts: Vec::new(),
        excluded: Vec::new(),
        error: None,
        upstream_id: None,
        app: None,
        user: None,
    }
}
