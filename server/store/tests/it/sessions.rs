//! Sessions of the site: kept, ended, and never brought back.

use serde_json::json;
use sqlx::PgPool;
use store::{SESSION_ACCOUNT, Store};
use time::{Duration, OffsetDateTime};
use tower_sessions::session::{Id, Record};
use tower_sessions::{ExpiredDeletion, SessionStore};

use crate::world;

fn session(account: Option<&domain::AccountId>, lives: Duration) -> Record {
    let data = account.map(|id| (SESSION_ACCOUNT.to_owned(), json!(id))).into_iter().collect();
    let expiry_date = (OffsetDateTime::UNIX_EPOCH + Duration::days(40_000)).replace_nanosecond(0).unwrap() + lives;
    Record { id: Id::default(), data, expiry_date }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_session_is_found_by_its_id_until_it_is_deleted(pool: PgPool) {
    let store = Store::from_pool(pool);
    let mut record = session(None, Duration::ZERO);
    store.create(&mut record).await.unwrap();
    record.data.insert("theme".to_owned(), json!({"dark": true}));
    store.save(&record).await.unwrap();
    assert_eq!(store.load(&record.id).await.unwrap(), Some(record.clone()));
    assert_eq!(store.load(&Id::default()).await.unwrap(), None);
    store.delete(&record.id).await.unwrap();
    assert_eq!(store.load(&record.id).await.unwrap(), None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_taken_id_is_changed_not_shared(pool: PgPool) {
    let store = Store::from_pool(pool);
    let mut first = session(None, Duration::ZERO);
    store.create(&mut first).await.unwrap();
    let mut second = first.clone();
    store.create(&mut second).await.unwrap();
    assert_ne!(first.id, second.id);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_table_alone_lets_nobody_in(pool: PgPool) {
    let store = Store::from_pool(pool.clone());
    let mut record = session(None, Duration::ZERO);
    store.create(&mut record).await.unwrap();
    let kept: Vec<u8> = sqlx::query_scalar("select id from session").fetch_one(&pool).await.unwrap();
    assert_eq!(kept.len(), 32);
    assert!(!kept.starts_with(&record.id.0.to_le_bytes()));
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_expired_session_is_not_found_and_goes(pool: PgPool) {
    let store = Store::from_pool(pool.clone());
    let (mut old, mut new) = (session(None, Duration::days(-39_000)), session(None, Duration::ZERO));
    store.create(&mut old).await.unwrap();
    store.create(&mut new).await.unwrap();
    assert_eq!(store.load(&old.id).await.unwrap(), None);
    store.delete_expired().await.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from session").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn all_other_sessions_of_an_account_can_be_ended_for_good(pool: PgPool) {
    let store = Store::from_pool(pool);
    let (ada, bob) = (world::account(&store).await, world::account(&store).await);
    let mut sessions = [Some(&ada), Some(&ada), Some(&bob), None].map(|account| session(account, Duration::ZERO));
    for record in &mut sessions {
        store.create(record).await.unwrap();
    }
    let [mine, elsewhere, bobs, nobodys] = &sessions;
    assert_eq!(store.end_other_sessions(&ada, Some(mine.id)).await.unwrap(), 1);
    store.save(elsewhere).await.unwrap();
    assert_eq!(store.load(&elsewhere.id).await.unwrap(), None, "a request that was under way does not bring it back");
    for kept in [mine, bobs, nobodys] {
        assert!(store.load(&kept.id).await.unwrap().is_some());
    }
    assert_eq!(store.end_other_sessions(&ada, None).await.unwrap(), 1);
}
