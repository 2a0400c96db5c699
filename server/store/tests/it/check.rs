//! The check finds each kind of break. Each is seeded behind the back of the triggers and constraints that refuse it.

use sqlx::PgPool;

use crate::world::World;

/// Books that are right: a grant, an open hold of 20, and a settlement of 25 with a write-off to come from nowhere.
async fn world(pool: PgPool) -> World {
    let world = World::new(pool, 100).await;
    let hold = world.hold(30).await;
    world.settle(&hold, 25).await;
    world.hold(20).await;
    world.assert_books_are_right().await;
    world
}

/// Runs `damage` with all triggers and foreign keys off, and compares the breaks, ids left out, with `expected`.
async fn check(pool: PgPool, damage: &'static str, expected: &[&str]) {
    let world = world(pool).await;
    sqlx::query("alter table customer_balance drop constraint customer_balance_adds_up")
        .execute(&world.pool)
        .await
        .unwrap();
    let mut tx = world.pool.begin().await.unwrap();
    sqlx::query("set local session_replication_role = replica").execute(&mut *tx).await.unwrap();
    sqlx::query(damage).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let found: Vec<String> =
        world.store.check_ledger().await.unwrap().iter().map(|found| without_ids(&found.to_string())).collect();
    assert_eq!(found, expected, "{damage}");
}

/// Words that are ids, with digits in them and long, become `#`.
fn without_ids(sentence: &str) -> String {
    let word = |word: &str| {
        let is_id = word.len() > 20 && word.contains(|c: char| c.is_ascii_digit());
        if is_id { if word.ends_with(':') { "#:".to_owned() } else { "#".to_owned() } } else { word.to_owned() }
    };
    sentence.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_an_entry_that_was_changed(pool: PgPool) {
    let damage = "update ledger_entry set amount_nano = -90 from ledger_account a
                  where a.id = ledger_account_id and a.kind = 'promotions'";
    check(
        pool,
        damage,
        &[
            "transaction #: its entries sum to $0.00000001, not to zero",
            "all entries together sum to $0.00000001, not to zero",
        ],
    )
    .await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_a_transaction_without_entries(pool: PgPool) {
    let damage = "insert into ledger_transaction (id, kind, reason, actor)
                  values ('01900000-0000-7000-8000-000000000000', 'grant', 'a', 'b')";
    check(pool, damage, &["transaction # has no entries"]).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_entries_of_no_ledger_account(pool: PgPool) {
    let damage = "update ledger_entry set ledger_account_id = -1 from ledger_account a
                  where a.id = ledger_account_id and a.kind = 'promotions'";
    check(pool, damage, &["transaction # has an entry without a transaction or without a ledger account"]).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_a_balance_that_is_not_the_fold_of_its_entries(pool: PgPool) {
    let damage = "update customer_balance set available_nano = available_nano + 1, granted_nano = 7, spent_nano = 8";
    check(
        pool,
        damage,
        &[
            "account #: what can be spent is kept as $0.000000056, its entries say $0.000000055",
            "account #: what was granted is kept as $0.000000007, its entries say $0.0000001",
            "account #: what was spent is kept as $0.000000008, its entries say $0.000000025",
        ],
    )
    .await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_held_credits_that_are_not_the_open_holds(pool: PgPool) {
    check(
        pool,
        "update customer_balance set held_nano = 21",
        &[
            "account #: what is held is kept as $0.000000021, its entries say $0.00000002",
            "account #: $0.000000021 is held, its open holds sum to $0.00000002",
        ],
    )
    .await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_a_balance_that_is_gone(pool: PgPool) {
    check(pool, "delete from customer_balance", &["account # has entries but no balance"]).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_a_negative_balance(pool: PgPool) {
    sqlx::query("alter table customer_balance drop constraint customer_balance_available_nano_check")
        .execute(&pool)
        .await
        .unwrap();
    check(
        pool,
        "update customer_balance set available_nano = -1",
        &[
            "account #: what can be spent is kept as −$0.000000001, its entries say $0.000000055",
            "account #: what can be spent is negative: −$0.000000001",
        ],
    )
    .await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_key_figures_that_are_not_the_folds_of_their_entries(pool: PgPool) {
    check(
        pool,
        "update api_key set spent_nano = 26, held_nano = 0",
        &[
            "key #: what was spent is kept as $0.000000026, its entries say $0.000000025",
            "key #: what is held is kept as $0, its entries say $0.00000002",
        ],
    )
    .await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_a_hold_that_was_lost(pool: PgPool) {
    check(
        pool,
        "delete from generation_hold",
        &[
            "account #: $0.00000002 is held, its open holds sum to $0",
            "generation #: $0.00000002 was set aside, but it neither runs nor was it settled",
        ],
    )
    .await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_a_hold_of_another_amount(pool: PgPool) {
    check(
        pool,
        "update generation_hold set amount_nano = 19",
        &[
            "account #: $0.00000002 is held, its open holds sum to $0.000000019",
            "generation #: its open hold is $0.000000019, its entries say $0.00000002",
        ],
    )
    .await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_a_record_whose_hold_is_still_open(pool: PgPool) {
    let damage = "insert into generation_hold (generation_id, account_id, amount_nano, node, surface, requested_model)
                  select id, account_id, 0, account_id, surface, requested_model from generation";
    check(pool, damage, &["generation # has a record, but its hold is still open"]).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_a_settlement_without_a_record(pool: PgPool) {
    check(pool, "delete from generation", &["generation #: $0.000000025 was booked, but there is no record of it"])
        .await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_a_record_that_tells_other_figures_than_the_ledger(pool: PgPool) {
    check(
        pool,
        "update generation set cost_nano = 24, upstream_cost_nano = 23, written_off_nano = 1",
        &[
            "generation #: its cost is $0.000000024 in its record and $0.000000025 in the ledger",
            "generation #: its provider's bill is $0.000000023 in its record and $0.000000025 in the ledger",
            "generation #: its write-off is $0.000000001 in its record and $0 in the ledger",
        ],
    )
    .await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_a_receipt_with_another_total(pool: PgPool) {
    let damage = "update generation set receipt = jsonb_set(receipt, '{cost,total}', '1')";
    let expected = "generation #: its receipt's total is $0.000000001 in its record and $0.000000025 in the ledger";
    check(pool, damage, &[expected]).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn finds_a_record_that_was_never_booked(pool: PgPool) {
    let damage = "insert into generation select (jsonb_populate_record(g, '{\"id\": \"gen-00000000000000000000000000000000\"}')).*
                  from generation g";
    check(
        pool,
        damage,
        &[
            "generation #: its cost is $0.000000025 in its record and $0 in the ledger",
            "generation #: its receipt's total is $0.000000025 in its record and $0 in the ledger",
            "generation #: its provider's bill is $0.000000025 in its record and $0 in the ledger",
        ],
    )
    .await;
}
