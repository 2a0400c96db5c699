//! Booking what a generation cost: exactly once, never below zero, with its record.

use domain::{GenerationState, NanoUsd};
use futures::future::join_all;
use gateway::ports::{Ledger, Records};
use sqlx::PgPool;

use crate::world::{World, generation, generation_id};

#[sqlx::test(migrations = "../../migrations")]
async fn a_settlement_books_the_cost_and_frees_the_rest(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let hold = world.hold(60).await;
    let mut settlement = world.settlement(&hold, 25);
    settlement.upstream_cost = NanoUsd(20);
    assert_eq!(world.store.settle(&settlement).await.unwrap().charged, NanoUsd(25));
    assert_eq!((world.credits().await, world.key_figures().await), ((75, 0), (25, 0)));
    assert_eq!((world.platform("provider_payable").await, world.platform("platform_revenue").await), (20, 5));
    let record = world.store.generation(&world.account, &hold.generation).await.unwrap();
    assert_eq!(record, Some(settlement.generation));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn settling_twice_books_once_and_answers_with_the_first_charge(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let hold = world.hold(60).await;
    world.settle(&hold, 25).await;
    assert_eq!(world.settle(&hold, 50).await.charged, NanoUsd(25));
    assert_eq!((world.credits().await, world.key_figures().await), ((75, 0), (25, 0)));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn settling_in_parallel_books_once(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let (paid, free) = (world.hold(60).await, world.hold(0).await);
    let charged = join_all((0..20).map(|_| world.settle(&paid, 25))).await;
    assert!(charged.iter().all(|settled| settled.charged == NanoUsd(25)));
    let charged = join_all((0..20).map(|_| world.settle(&free, 0))).await;
    assert!(charged.iter().all(|settled| settled.charged == NanoUsd::ZERO));
    assert_eq!(world.credits().await, (75, 0));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_zero_cost_frees_the_hold(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let hold = world.hold(60).await;
    assert_eq!(world.settle(&hold, 0).await.charged, NanoUsd::ZERO);
    assert_eq!((world.credits().await, world.key_figures().await), ((100, 0), (0, 0)));
    let kinds: Vec<String> =
        sqlx::query_scalar("select kind from ledger_transaction order by id").fetch_all(&world.pool).await.unwrap();
    assert_eq!(kinds, ["grant", "hold", "release"]);
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_free_call_leaves_a_record_and_no_entries(pool: PgPool) {
    let world = World::new(pool, 0).await;
    let hold = world.hold(0).await;
    world.settle(&hold, 0).await;
    assert!(world.store.generation(&world.account, &hold.generation).await.unwrap().is_some());
    let entries: i64 = sqlx::query_scalar("select count(*) from ledger_entry").fetch_one(&world.pool).await.unwrap();
    assert_eq!(entries, 0);
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_cost_beyond_the_hold_takes_credits_even_past_the_key_s_limit(pool: PgPool) {
    let world = World::new(pool, 100).await;
    world.limit(50).await;
    let hold = world.hold(50).await;
    assert_eq!(world.settle(&hold, 70).await.charged, NanoUsd(70));
    assert_eq!((world.credits().await, world.key_figures().await), ((30, 0), (70, 0)));
    assert_eq!(world.platform("write_offs").await, 0);
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_a_cost_exceeds_all_credits_by_is_written_off(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let hold = world.hold(50).await;
    assert_eq!(world.settle(&hold, 130).await.charged, NanoUsd(100));
    assert_eq!((world.credits().await, world.key_figures().await), ((0, 0), (100, 0)));
    assert_eq!((world.platform("write_offs").await, world.platform("provider_payable").await), (-30, 130));
    let record = world.store.generation(&world.account, &hold.generation).await.unwrap().unwrap();
    assert_eq!(record.cost.total, NanoUsd(100), "the receipt's total is what was booked");
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn another_s_hold_is_not_touched_by_a_write_off(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let (hold, other) = (world.hold(50).await, world.hold(40).await);
    assert_eq!(world.settle(&hold, 130).await.charged, NanoUsd(60));
    assert_eq!(world.credits().await, (0, 40));
    assert_eq!(world.settle(&other, 40).await.charged, NanoUsd(40));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_answer_we_do_not_charge_for_may_still_cost_us(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let hold = world.hold(50).await;
    let mut settlement = world.settlement(&hold, 0);
    settlement.upstream_cost = NanoUsd(7);
    world.store.settle(&settlement).await.unwrap();
    assert_eq!(world.credits().await, (100, 0));
    assert_eq!((world.platform("provider_payable").await, world.platform("platform_revenue").await), (7, -7));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_hold_lost_in_a_crash_of_postgres_is_settled_from_credits(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let mut settlement = world.settlement(&world.hold(0).await, 30);
    settlement.generation.id = generation_id();
    assert_eq!(world.store.settle(&settlement).await.unwrap().charged, NanoUsd(30));
    assert_eq!(world.credits().await, (70, 0));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_key_deleted_meanwhile_does_not_stop_the_settlement(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let hold = world.hold(50).await;
    assert!(world.store.delete_key(&world.account, &world.key).await.unwrap());
    assert_eq!(world.settle(&hold, 20).await.charged, NanoUsd(20));
    assert_eq!(world.credits().await, (80, 0));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn text_that_postgres_cannot_keep_does_not_stop_a_settlement(pool: PgPool) {
    let world = World::new(pool, 0).await;
    let mut settlement = world.settlement(&world.hold(0).await, 0);
    let g = &mut settlement.generation;
    (g.user, g.app) = (Some("a\0b".to_owned()), Some("\0".to_owned()));
    g.requested_model = "author/mo\0del".to_owned();
    g.native_finish_reason = Some("\\u0000 \0".to_owned());
    g.usage.prompt = u64::MAX;
    world.store.settle(&settlement).await.unwrap();
    let kept = world.store.generation(&world.account, &settlement.generation.id).await.unwrap().unwrap();
    assert_eq!(kept.user.as_deref(), Some("a\u{fffd}b"));
    assert_eq!(kept.native_finish_reason.as_deref(), Some("\\u0000 \u{fffd}"));
    assert_eq!(kept.usage.prompt, u64::MAX);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_settlement_says_when_the_key_was_last_used(pool: PgPool) {
    let world = World::new(pool, 0).await;
    let unused = &world.store.list_keys(&world.account).await.unwrap()[0];
    assert_eq!(unused.last_used_at, None);
    world.settle(&world.hold(0).await, 0).await;
    let used = &world.store.list_keys(&world.account).await.unwrap()[0];
    assert!(used.last_used_at.is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_record_is_shown_to_its_account_alone(pool: PgPool) {
    let (mine, theirs) = (World::new(pool.clone(), 0).await, World::new(pool, 0).await);
    let hold = mine.hold(0).await;
    let mut settlement = mine.settlement(&hold, 0);
    settlement.generation = generation(hold.generation.clone());
    settlement.generation.state = GenerationState::Cancelled;
    mine.store.settle(&settlement).await.unwrap();
    assert_eq!(mine.store.generation(&mine.account, &hold.generation).await.unwrap(), Some(settlement.generation));
    assert_eq!(theirs.store.generation(&theirs.account, &hold.generation).await.unwrap(), None);
}
