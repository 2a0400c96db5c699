//! Setting credits aside: what is granted, what is refused and why, and that parallel calls share what there is.

use domain::NanoUsd;
use futures::future::join_all;
use gateway::ports::{HoldRefused, Ledger};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::world::World;

#[derive(Debug, PartialEq)]
enum Answer {
    Held(i64),
    NoCredits(i64),
    KeyLimit(i64),
}

/// Holds once with these credits and limit.
async fn check(pool: &PgPool, credits: i64, limit: Option<i64>, (at_least, at_most): (i64, i64), expected: Answer) {
    let world = World::new(pool.clone(), credits).await;
    if let Some(limit) = limit {
        world.limit(limit).await;
    }
    let answer = match world.try_hold(at_least, at_most).await {
        Ok(hold) => Answer::Held(hold.amount.0),
        Err(HoldRefused::NoCredits { available, needed }) if needed == NanoUsd(at_least.max(1)) => {
            Answer::NoCredits(available.0)
        }
        Err(HoldRefused::KeyLimit { remaining, needed }) if needed == NanoUsd(at_least.max(1)) => {
            Answer::KeyLimit(remaining.0)
        }
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(answer, expected, "credits {credits}, limit {limit:?}, wish {at_least}..{at_most}");
    let held = if let Answer::Held(amount) = answer { amount } else { 0 };
    assert_eq!(world.credits().await, (credits - held, held));
    assert_eq!(world.key_figures().await, (0, held));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn all_is_granted_where_it_is_covered_else_half_of_what_is_left_else_the_least(pool: PgPool) {
    check(&pool, 100, None, (10, 40), Answer::Held(40)).await;
    check(&pool, 100, None, (10, 100), Answer::Held(100)).await;
    check(&pool, 100, None, (10, 101), Answer::Held(50)).await;
    check(&pool, 101, None, (50, 1000), Answer::Held(50)).await;
    check(&pool, 100, None, (51, 1000), Answer::Held(51)).await;
    check(&pool, 100, None, (100, 1000), Answer::Held(100)).await;
    check(&pool, 100, None, (101, 1000), Answer::NoCredits(100)).await;
    check(&pool, 0, None, (1, 1), Answer::NoCredits(0)).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_key_s_limit_counts_like_credits_and_the_tighter_one_is_named(pool: PgPool) {
    check(&pool, 1000, Some(100), (10, 100), Answer::Held(100)).await;
    check(&pool, 1000, Some(100), (10, 101), Answer::Held(50)).await;
    check(&pool, 1000, Some(100), (60, 200), Answer::Held(60)).await;
    check(&pool, 1000, Some(100), (101, 200), Answer::KeyLimit(100)).await;
    check(&pool, 50, Some(100), (101, 200), Answer::NoCredits(50)).await;
    check(&pool, 100, Some(100), (101, 200), Answer::NoCredits(100)).await;
    check(&pool, 1000, Some(0), (1, 1), Answer::KeyLimit(0)).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_free_call_needs_neither_credits_nor_limit(pool: PgPool) {
    check(&pool, 0, None, (0, 0), Answer::Held(0)).await;
    check(&pool, 0, Some(0), (0, 0), Answer::Held(0)).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_call_that_may_cost_something_never_starts_with_nothing_in_hand(pool: PgPool) {
    check(&pool, 0, None, (0, 10), Answer::NoCredits(0)).await;
    check(&pool, 1, None, (0, 10), Answer::Held(1)).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_limit_below_what_was_spent_leaves_nothing(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let hold = world.hold(60).await;
    world.settle(&hold, 60).await;
    world.limit(50).await;
    let refused = world.try_hold(1, 1).await.unwrap_err();
    assert!(matches!(refused, HoldRefused::KeyLimit { remaining: NanoUsd::ZERO, .. }), "{refused}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_site_s_own_chat_holds_without_a_key(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let mut wish = world.wish(10, 10);
    wish.caller.key = None;
    assert_eq!(world.store.hold(&wish).await.unwrap().amount, NanoUsd(10));
    assert_eq!(world.credits().await, (90, 10));
    assert_eq!(world.key_figures().await, (0, 0));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn asking_twice_for_one_generation_holds_once(pool: PgPool) {
    let world = World::new(pool, 100).await;
    let wish = world.wish(30, 30);
    let (first, second) = (world.store.hold(&wish).await.unwrap(), world.store.hold(&wish).await.unwrap());
    assert_eq!((first.amount, second.amount), (NanoUsd(30), NanoUsd(30)));
    assert_eq!(world.credits().await, (70, 30));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn another_account_s_key_holds_nothing(pool: PgPool) {
    let (mine, theirs) = (World::new(pool.clone(), 100).await, World::new(pool, 100).await);
    let mut wish = mine.wish(10, 10);
    wish.caller.key = Some(theirs.key.clone());
    assert!(matches!(mine.store.hold(&wish).await, Err(HoldRefused::Store(_))));
    assert_eq!((mine.credits().await, theirs.credits().await), ((100, 0), (100, 0)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_200_parallel_holds_exactly_the_20_that_credits_cover_succeed(_: PgPoolOptions, connect: PgConnectOptions) {
    let world = World::new(wide_pool(connect).await, 20).await;
    let (held, refused) = parallel_holds(&world).await;
    assert!(refused.iter().all(|r| matches!(r, HoldRefused::NoCredits { available: NanoUsd::ZERO, .. })));
    assert_eq!((held, refused.len()), (20, 180));
    assert_eq!(world.credits().await, (0, 20));
    world.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_200_parallel_holds_exactly_the_20_that_the_limit_covers_succeed(
    _: PgPoolOptions,
    connect: PgConnectOptions,
) {
    let world = World::new(wide_pool(connect).await, 1000).await;
    world.limit(20).await;
    let (held, refused) = parallel_holds(&world).await;
    assert!(refused.iter().all(|r| matches!(r, HoldRefused::KeyLimit { remaining: NanoUsd::ZERO, .. })));
    assert_eq!((held, refused.len()), (20, 180));
    assert_eq!((world.credits().await, world.key_figures().await), ((980, 20), (0, 20)));
    world.assert_books_are_right().await;
}

async fn wide_pool(connect: PgConnectOptions) -> PgPool {
    PgPoolOptions::new().max_connections(20).connect_with(connect).await.unwrap()
}

async fn parallel_holds(world: &World) -> (usize, Vec<HoldRefused>) {
    let answers = join_all((0..200).map(|_| world.try_hold(1, 1))).await;
    let held = answers.iter().filter(|answer| answer.is_ok()).count();
    (held, answers.into_iter().filter_map(Result::err).collect())
}
