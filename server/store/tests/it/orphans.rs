//! Holds of a process that died: closed by the next one, in the customer's favour.

use domain::{GenerationState, NanoUsd};
use gateway::ports::Records;
use sqlx::PgPool;
use store::{Orphans, Store};

use crate::world::World;

const NONE: Orphans = Orphans { count: 0, freed: NanoUsd::ZERO };

#[sqlx::test(migrations = "../../migrations")]
async fn the_next_start_frees_what_a_dead_process_held(pool: PgPool) {
    let dead = World::new(pool.clone(), 100).await;
    let (first, second) = (dead.hold(30).await, dead.hold(20).await);
    let settled = dead.hold(10).await;
    dead.settle(&settled, 10).await;
    dead.hold(0).await;

    let next = Store::from_pool(pool);
    assert_eq!(next.close_orphans().await.unwrap(), Orphans { count: 3, freed: NanoUsd(50) });
    assert_eq!((dead.credits().await, dead.key_figures().await), ((90, 0), (10, 0)));
    for hold in [&first, &second] {
        let record = next.generation(&dead.account, &hold.generation).await.unwrap().unwrap();
        assert_eq!((record.state, record.cost.total), (GenerationState::Failed, NanoUsd::ZERO));
        assert!(record.error.unwrap().message.contains("server stopped"));
    }
    assert_eq!(next.close_orphans().await.unwrap(), NONE);
    dead.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_late_settlement_of_a_closed_orphan_charges_nothing(pool: PgPool) {
    let dead = World::new(pool.clone(), 100).await;
    let hold = dead.hold(30).await;
    Store::from_pool(pool).close_orphans().await.unwrap();
    assert_eq!(dead.settle(&hold, 30).await.charged, NanoUsd::ZERO);
    assert_eq!(dead.credits().await, (100, 0));
    dead.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_living_process_keeps_its_holds_until_it_leaves(pool: PgPool) {
    let living = World::new(pool.clone(), 100).await;
    let mut node = living.store.join().await.unwrap();
    living.hold(30).await;
    let other = Store::from_pool(pool);
    assert_eq!(other.close_orphans().await.unwrap(), NONE);
    node.keep().await.unwrap();
    assert_eq!(living.store.close_orphans().await.unwrap(), NONE, "nobody closes his own");
    node.leave().await.unwrap();
    assert_eq!(closed_at_last(&other).await, Orphans { count: 1, freed: NanoUsd(30) });
    living.assert_books_are_right().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_process_whose_connection_broke_takes_its_lock_again(pool: PgPool) {
    let living = World::new(pool.clone(), 100).await;
    let mut node = living.store.join().await.unwrap();
    living.hold(30).await;
    sqlx::query(
        "select pg_terminate_backend(pid) from pg_locks
         where locktype = 'advisory' and pid <> pg_backend_pid()
           and database = (select oid from pg_database where datname = current_database())",
    )
    .execute(&living.pool)
    .await
    .unwrap();
    node.keep().await.unwrap();
    assert_eq!(Store::from_pool(pool).close_orphans().await.unwrap(), NONE);
}

#[sqlx::test(migrations = "../../migrations")]
async fn orphans_of_many_batches_and_accounts_are_all_closed(pool: PgPool) {
    let dead = Store::from_pool(pool.clone());
    let (a, b) = (World::on(dead.clone(), pool.clone(), 1000).await, World::on(dead, pool.clone(), 1000).await);
    for _ in 0..150 {
        a.hold(1).await;
        b.hold(2).await;
    }
    let closed = Store::from_pool(pool).close_orphans().await.unwrap();
    assert_eq!(closed, Orphans { count: 300, freed: NanoUsd(450) });
    assert_eq!((a.credits().await, b.credits().await), ((1000, 0), (1000, 0)));
    a.assert_books_are_right().await;
}

/// Postgres frees the lock of a closed connection when its backend has noticed, which is soon, but not at once.
async fn closed_at_last(store: &Store) -> Orphans {
    for _ in 0..10_000 {
        let closed = store.close_orphans().await.unwrap();
        if closed != NONE {
            return closed;
        }
    }
    NONE
}
