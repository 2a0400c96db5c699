//! The schema at the start of the program.

use sqlx::PgPool;
use store::{SchemaError, Store};

#[sqlx::test(migrations = false)]
async fn an_empty_database_is_migrated_once_by_many(pool: PgPool) {
    let store = Store::from_pool(pool);
    let (first, second) = futures::join!(store.migrate(), store.migrate());
    first.unwrap();
    second.unwrap();
    store.ping().await.unwrap();
    assert_eq!(store.check_ledger().await.unwrap(), []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_database_of_a_newer_souk_is_refused_in_one_sentence(pool: PgPool) {
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (29990101000000, 'from the future', true, '', 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    let refused = Store::from_pool(pool).migrate().await.unwrap_err();
    assert!(matches!(refused, SchemaError::Newer { found: 29_990_101_000_000, .. }));
    assert!(refused.to_string().starts_with("this database was made by a newer Souk"), "{refused}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_database_with_another_history_is_refused(pool: PgPool) {
    sqlx::query("update _sqlx_migrations set checksum = 'another'").execute(&pool).await.unwrap();
    let refused = Store::from_pool(pool).migrate().await.unwrap_err();
    assert!(matches!(refused, SchemaError::Foreign(_)), "{refused}");
}

#[sqlx::test(migrations = false)]
async fn a_table_of_somebody_else_is_not_overwritten(pool: PgPool) {
    sqlx::query("create table account (theirs integer)").execute(&pool).await.unwrap();
    let refused = Store::from_pool(pool).migrate().await.unwrap_err();
    assert!(matches!(refused, SchemaError::Failed { .. }), "{refused}");
}
