//! Accounts, and the throttle in front of signing in.

use std::time::Duration;

use futures::future::join_all;
use sqlx::PgPool;
use store::{CreateAccountError, Store};

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_is_found_by_its_address_however_it_is_written(pool: PgPool) {
    let store = Store::from_pool(pool);
    assert!(store.has_no_accounts().await.unwrap());
    let id = store.create_account("Ada@Example.com", Some("$argon2id$…"), true).await.unwrap();
    assert!(!store.has_no_accounts().await.unwrap());
    let found = store.account_by_email("ada@example.COM").await.unwrap().unwrap();
    assert_eq!((found.id, found.email.as_str(), found.is_admin), (id.clone(), "Ada@Example.com", true));
    assert_eq!(store.account_by_id(&id).await.unwrap().unwrap().password_hash.as_deref(), Some("$argon2id$…"));
    assert!(store.account_by_email("ada\0@example.com").await.unwrap().is_none());
    assert_eq!(store.balance(&id).await.unwrap().available.0, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_address_has_one_account(pool: PgPool) {
    let store = Store::from_pool(pool);
    store.create_account("ada@example.com", None, false).await.unwrap();
    let refused = store.create_account("ADA@example.com", None, false).await.unwrap_err();
    assert!(matches!(refused, CreateAccountError::EmailTaken));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_password_and_a_role_can_change(pool: PgPool) {
    let store = Store::from_pool(pool);
    let id = store.create_account("ada@example.com", Some("old"), false).await.unwrap();
    assert!(store.set_password_hash(&id, "new").await.unwrap());
    assert!(store.set_admin(&id, true).await.unwrap());
    let account = store.account_by_id(&id).await.unwrap().unwrap();
    assert_eq!((account.password_hash.as_deref(), account.is_admin), (Some("new"), true));
    assert!(!format!("{account:?}").contains("new"), "a hash is not for logs");
}

#[sqlx::test(migrations = "../../migrations")]
async fn after_so_many_attempts_one_waits_even_in_parallel(pool: PgPool) {
    let store = Store::from_pool(pool);
    let attempts = join_all((0..12).map(|_| store.begin_sign_in("ada@example.com", 5, Duration::from_secs(60)))).await;
    let waits: Vec<_> = attempts.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(waits.len(), 7);
    assert!(waits.iter().all(|seconds| (1..=60).contains(seconds)), "{waits:?}");
    let other = store.begin_sign_in("bob@example.com", 5, Duration::from_secs(60)).await.unwrap();
    assert_eq!(other, None);
    store.sign_in_succeeded("ada@example.com").await.unwrap();
    assert_eq!(store.begin_sign_in("ada@example.com", 5, Duration::from_secs(60)).await.unwrap(), None);
    assert_eq!(store.begin_sign_in("\0", 5, Duration::from_secs(60)).await.unwrap(), None);
    store.forget_sign_ins(Duration::ZERO).await.unwrap();
}
