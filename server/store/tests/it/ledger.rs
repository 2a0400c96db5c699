//! What the schema itself refuses, and what an account sees of its ledger.

use domain::NanoUsd;
use sqlx::PgPool;
use store::GrantError;
use uuid::Uuid;

use crate::world::World;

/// Runs a statement that must be refused, and returns the reason.
async fn refused(pool: &PgPool, statement: &'static str) -> String {
    sqlx::query(statement).execute(pool).await.unwrap_err().to_string()
}

#[sqlx::test(migrations = "../../migrations")]
async fn ledger_rows_are_neither_changed_nor_deleted(pool: PgPool) {
    let world = World::new(pool, 100).await;
    for statement in [
        "update ledger_entry set amount_nano = 2 * amount_nano",
        "delete from ledger_entry",
        "truncate ledger_entry",
        "update ledger_transaction set reason = 'another'",
        "delete from ledger_transaction",
        "truncate ledger_transaction cascade",
        "update ledger_account set kind = 'write_offs' where kind = 'promotions'",
        "delete from ledger_account",
        "truncate ledger_account cascade",
    ] {
        let reason = refused(&world.pool, statement).await;
        assert!(reason.contains("append-only"), "{statement}: {reason}");
    }
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_unbalanced_transaction_is_refused_at_its_commit(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let mut tx = world.pool.begin().await.unwrap();
    let id = Uuid::now_v7();
    sqlx::query("insert into ledger_transaction (id, kind, reason, actor) values ($1, 'grant', 'a', 'b')")
        .bind(id)
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::query(
        "insert into ledger_entry (transaction_id, ledger_account_id, amount_nano)
         select $1, id, case kind when 'promotions' then -5 else 4 end from ledger_account
         where kind in ('promotions', 'write_offs')",
    )
    .bind(id)
    .execute(&mut *tx)
    .await
    .unwrap();
    let reason = tx.commit().await.unwrap_err().to_string();
    assert!(reason.contains("does not balance: its entries sum to -1"), "{reason}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_entry_added_later_is_refused_too(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let reason = refused(
        &world.pool,
        "insert into ledger_entry (transaction_id, ledger_account_id, amount_nano)
         select t.id, a.id, 1 from ledger_transaction t, ledger_account a where a.kind = 'write_offs'",
    )
    .await;
    assert!(reason.contains("does not balance"), "{reason}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_entry_of_an_unknown_ledger_account_is_refused(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let reason = refused(
        &world.pool,
        "insert into ledger_entry (transaction_id, ledger_account_id, amount_nano)
         select t.id, v.account, v.amount from ledger_transaction t, (values (-1, 1), (-2, -1)) as v (account, amount)",
    )
    .await;
    assert!(reason.contains("unknown ledger account"), "{reason}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_balance_below_zero_is_refused(pool: PgPool) {
    let world = World::new(pool, 100).await;
    for statement in [
        "update customer_balance set available_nano = -1, granted_nano = -1",
        "update customer_balance set held_nano = -1, available_nano = 101",
        "update customer_balance set available_nano = 1000000",
    ] {
        refused(&world.pool, statement).await;
    }
    assert_eq!(world.credits().await, (100, 0));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_grant_is_more_than_nothing_and_for_an_account_that_exists(pool: PgPool) {
    let world = World::new(pool, 0).await;
    for amount in [0, -1] {
        let refused = world.store.grant(&world.account, NanoUsd(amount), "a test", "me").await.unwrap_err();
        assert!(matches!(refused, GrantError::NotPositive));
    }
    let nobody = Uuid::now_v7().to_string().parse().unwrap();
    let refused = world.store.grant(&nobody, NanoUsd(1), "a test", "me").await.unwrap_err();
    assert!(matches!(refused, GrantError::NoAccount));
    world.store.grant(&world.account, NanoUsd(i64::MAX), "a test", "me").await.unwrap();
    let refused = world.store.grant(&world.account, NanoUsd(1), "too much", "me").await.unwrap_err();
    assert!(matches!(refused, GrantError::Db(_)));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_movement_is_listed_newest_first_and_page_by_page(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let hold = world.hold(60).await;
    world.settle(&hold, 25).await;
    let lines = world.store.ledger_lines(&world.account, None, 10).await.unwrap();
    let told: Vec<_> = lines.iter().map(|l| (l.kind.as_str(), l.available.0, l.held.0)).collect();
    assert_eq!(told, [("settle", 35, -60), ("hold", -60, 60), ("grant", 100, 0)]);
    assert_eq!(lines[0].generation.as_ref(), Some(&hold.generation));
    assert_eq!(lines[0].key_name.as_deref(), Some("a key"));
    assert_eq!((lines[2].reason.as_deref(), lines[2].actor.as_deref()), (Some("a test"), Some("the tests")));
    let first = world.store.ledger_lines(&world.account, None, 1).await.unwrap();
    let rest = world.store.ledger_lines(&world.account, Some(first[0].id), 10).await.unwrap();
    assert_eq!(rest, lines[1..]);
}
