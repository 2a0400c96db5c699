//! The log of an account: filters, sums, pages.

use api::ActivityQuery;
use domain::{Generation, GenerationState, NanoUsd, Timestamp};
use gateway::ports::{Ledger, Settlement};
use sqlx::PgPool;

use crate::world::{World, generation, generation_id};

/// Settles a generation of a number of minutes ago that cost one nano-dollar.
async fn made(world: &World, minutes_ago: i64, change: impl FnOnce(&mut Generation)) -> Generation {
    let mut generation = generation(generation_id());
    generation.created_at = Timestamp::from_unix_seconds(1_795_348_745 - 60 * minutes_ago);
    generation.cost.total = NanoUsd(1);
    change(&mut generation);
    let settlement = Settlement { account: world.account.clone(), generation, upstream_cost: NanoUsd(1) };
    world.store.settle(&settlement).await.unwrap();
    settlement.generation
}

fn query(change: impl FnOnce(&mut ActivityQuery)) -> ActivityQuery {
    let mut query = ActivityQuery::default();
    change(&mut query);
    query
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_filter_keeps_what_it_names_and_sums_it(pool: PgPool) {
    let (world, other) = (World::new(pool.clone(), 100).await, World::new(pool, 100).await);
    let by_key = made(&world, 1, |g| g.key = Some(world.key.clone())).await;
    let failed = made(&world, 2, |g| (g.state, g.served_by) = (GenerationState::Failed, None)).await;
    let elsewhere = made(&world, 3, |g| {
        g.requested_model = "alias/x".to_owned();
        if let Some(served) = &mut g.served_by {
            (served.model, served.provider) = ("other/model".parse().unwrap(), "cloud".parse().unwrap());
        }
    })
    .await;
    made(&other, 0, |_| {}).await;

    let check = async |query: ActivityQuery, expected: &[&Generation]| {
        let page = world.store.activity_page(&world.account, &query).await.unwrap();
        assert_eq!(page.rows.iter().collect::<Vec<_>>(), expected, "{query:?}");
        let n = expected.len() as u64;
        let sums = (page.totals.requests, page.totals.prompt_tokens, page.totals.completion_tokens, page.totals.cost);
        assert_eq!(sums, (n, 10 * n, 20 * n, NanoUsd(n as i64)), "{query:?}");
    };
    check(query(|_| {}), &[&by_key, &failed, &elsewhere]).await;
    check(query(|q| q.model = "author/model".to_owned()), &[&by_key, &failed]).await;
    check(query(|q| q.model = "other/model".to_owned()), &[&elsewhere]).await;
    check(query(|q| q.model = "alias/x".to_owned()), &[&elsewhere]).await;
    check(query(|q| q.provider = "host".to_owned()), &[&by_key]).await;
    check(query(|q| q.key = world.key.to_string()), &[&by_key]).await;
    check(query(|q| q.key = "site".to_owned()), &[&failed, &elsewhere]).await;
    check(query(|q| q.state = "failed".to_owned()), &[&failed]).await;
    check(query(|q| (q.state, q.provider) = ("completed".to_owned(), "cloud".to_owned())), &[&elsewhere]).await;
    check(query(|q| q.model = "'; drop table generation; --".to_owned()), &[]).await;
    check(query(|q| q.key = "\0".to_owned()), &[]).await;
    let named = world.store.activity_page(&world.account, &query(|_| {})).await.unwrap().key_names;
    assert_eq!(named.into_iter().collect::<Vec<_>>(), [(world.key.to_string(), "a key".to_owned())]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn pages_are_of_50_rows_and_one_past_the_end_is_the_last(pool: PgPool) {
    let world = World::new(pool, 100).await;
    for minutes in 0..51 {
        made(&world, minutes, |_| {}).await;
    }
    for (asked, shown, rows) in [(0, 1, 50), (1, 1, 50), (2, 2, 1), (u32::MAX, 2, 1)] {
        let page = world.store.activity_page(&world.account, &query(|q| q.page = asked)).await.unwrap();
        assert_eq!((page.page, page.pages, page.rows.len(), page.totals.requests), (shown, 2, rows, 51));
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_empty_log_is_one_empty_page(pool: PgPool) {
    let world = World::new(pool, 0).await;
    let page = world.store.activity_page(&world.account, &ActivityQuery::default()).await.unwrap();
    assert_eq!((page.rows.len(), page.page, page.pages), (0, 1, 1));
}
