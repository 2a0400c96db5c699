//! Who calls with a key, and what an account may do to its keys.

use domain::{NanoUsd, Timestamp};
use gateway::ports::{KeyRefused, Keys};
use sqlx::PgPool;
use store::{Change, CreateKey};

use crate::world::{World, key_id};

#[sqlx::test(migrations = "../../migrations")]
async fn a_key_opens_its_account_until_it_is_disabled_expired_or_deleted(pool: PgPool) {
    let world = World::new(pool, 0).await;
    let (store, account, key) = (&world.store, &world.account, &world.key);
    assert_eq!(store.caller(key).await.unwrap().account, *account);
    assert!(matches!(store.caller(&key_id()).await, Err(KeyRefused::Unknown)));

    assert!(store.set_key_disabled(account, key, true).await.unwrap());
    assert!(matches!(store.caller(key).await, Err(KeyRefused::Disabled)));
    assert!(store.set_key_disabled(account, key, false).await.unwrap());
    assert!(store.caller(key).await.is_ok());

    let expired = CreateKey {
        id: key_id(),
        name: "old".to_owned(),
        label: "sk-souk-v1-…".to_owned(),
        limit: None,
        expires_at: Some(Timestamp::from_unix_seconds(1_000_000_000)),
    };
    store.create_key(account, &expired).await.unwrap();
    assert!(matches!(store.caller(&expired.id).await, Err(KeyRefused::Expired)));

    assert!(store.delete_key(account, key).await.unwrap());
    assert!(matches!(store.caller(key).await, Err(KeyRefused::Unknown)));
    assert!(!store.delete_key(account, key).await.unwrap());
    let listed: Vec<_> = store.list_keys(account).await.unwrap().into_iter().map(|row| row.id).collect();
    assert_eq!(listed, [expired.id]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_changes_another_account_s_key(pool: PgPool) {
    let (mine, theirs) = (World::new(pool.clone(), 0).await, World::new(pool, 0).await);
    let store = &mine.store;
    assert!(!store.set_key_disabled(&mine.account, &theirs.key, true).await.unwrap());
    assert!(!store.set_key_limit(&mine.account, &theirs.key, Some(NanoUsd(1))).await.unwrap());
    assert!(!store.delete_key(&mine.account, &theirs.key).await.unwrap());
    assert!(store.caller(&theirs.key).await.is_ok());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_key_tells_what_it_spent_by_day_week_and_month(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let (old, new) = (world.hold(20).await, world.hold(20).await);
    world.settle(&old, 5).await; // at a fixed day of long ago or to come: not today's
    sqlx::query("update generation set created_at = now() - interval '40 days'").execute(&world.pool).await.unwrap();
    let mut settlement = world.settlement(&new, 7);
    let now: i64 = sqlx::query_scalar("select extract(epoch from now())::bigint").fetch_one(&world.pool).await.unwrap();
    settlement.generation.created_at = Timestamp::from_unix_seconds(now);
    gateway::ports::Ledger::settle(&world.store, &settlement).await.unwrap();
    world.hold(3).await;

    let facts = world.store.key_facts(&world.key).await.unwrap();
    assert_eq!((facts.spent.0, facts.held.0, facts.limit), (12, 3, None));
    assert_eq!((facts.spent_today.0, facts.spent_this_week.0, facts.spent_this_month.0), (7, 7, 7));
    assert!(!facts.is_free_tier);
    let credits = world.store.credit_facts(&world.account).await.unwrap();
    assert_eq!((credits.granted.0, credits.spent.0), (100, 12));
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_without_credits_ever_is_of_the_free_tier(pool: PgPool) {
    let world = World::new(pool, 0).await;
    assert!(world.store.key_facts(&world.key).await.unwrap().is_free_tier);
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_node_is_told_of_a_changed_key_but_not_of_spending(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let mut changes = world.store.changes().await.unwrap();
    world.settle(&world.hold(10).await, 10).await;
    world.store.set_key_disabled(&world.account, &world.key, true).await.unwrap();
    assert_eq!(changes.next().await.unwrap(), Change::Key(world.key.clone()));
    world.store.delete_key(&world.account, &world.key).await.unwrap();
    assert_eq!(changes.next().await.unwrap(), Change::Key(world.key.clone()));
}
