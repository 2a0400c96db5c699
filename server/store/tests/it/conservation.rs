//! Whatever happens in whatever order, and at once: money is neither made nor lost, and no balance falls below zero.

use std::collections::VecDeque;

use domain::{KeyId, NanoUsd};
use futures::future::join_all;
use gateway::ports::{Caller, Hold, HoldRefused, HoldWish, Ledger};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sqlx::PgPool;
use store::Store;

use crate::world::{World, generation_id, key};

const CASES: usize = 64;
/// Steps that run at once.
const AT_ONCE: usize = 4;

/// One thing that may happen to a customer with two keys.
#[derive(Clone, Debug)]
enum Step {
    Grant(i64),
    Hold {
        key: Option<usize>,
        at_least: i64,
        at_most: i64,
    },
    /// Settles the oldest open hold, perhaps twice.
    Settle {
        cost: i64,
        upstream: i64,
        times: usize,
    },
    Limit {
        key: usize,
        nano: Option<i64>,
    },
    Delete {
        key: usize,
    },
    /// A process holds and dies; the next one cleans up.
    Die {
        amount: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || prop_oneof![Just(0), 1..200_i64];
    prop_oneof![
        2 => (1..300_i64).prop_map(Step::Grant),
        6 => (prop::option::of(0..2_usize), amount(), amount())
            .prop_map(|(key, at_least, at_most)| Step::Hold { key, at_least, at_most }),
        6 => (amount(), amount(), 1..3_usize).prop_map(|(cost, upstream, times)| Step::Settle { cost, upstream, times }),
        1 => (0..2_usize, prop::option::of(amount())).prop_map(|(key, nano)| Step::Limit { key, nano }),
        1 => (0..2_usize).prop_map(|key| Step::Delete { key }),
        1 => (1..50_i64).prop_map(|amount| Step::Die { amount }),
    ]
}

/// What the outside world saw.
#[derive(Default)]
struct Seen {
    granted: i64,
    charged: i64,
    open: VecDeque<Hold>,
}

#[sqlx::test(migrations = "../../migrations")]
async fn any_interleaving_conserves_money(pool: PgPool) {
    let mut runner = TestRunner::deterministic();
    for _ in 0..CASES {
        let steps = prop::collection::vec(step(), 1..40).new_tree(&mut runner).unwrap().current();
        let world = World::new(pool.clone(), 0).await;
        let keys = [world.key.clone(), key(&world.store, &world.account, Some(NanoUsd(150))).await];
        let mut seen = Seen::default();
        for steps in steps.chunks(AT_ONCE) {
            at_once(&world, &keys, steps, &mut seen).await;
            let balance = world.balance().await;
            let open: i64 = seen.open.iter().map(|hold| hold.amount.0).sum();
            assert!(balance.available >= NanoUsd::ZERO, "{steps:?}");
            assert_eq!(
                (balance.granted.0, balance.spent.0, balance.held.0),
                (seen.granted, seen.charged, open),
                "{steps:?}"
            );
        }
        let open = std::mem::take(&mut seen.open);
        join_all(open.iter().map(|hold| world.settle(hold, 0))).await;
        assert_eq!(world.credits().await, (seen.granted - seen.charged, 0), "{steps:?}");
    }
    World::new(pool, 0).await.assert_books_are_right().await;
}

/// Runs some steps in parallel, each settlement on a hold of its own.
async fn at_once(world: &World, keys: &[KeyId; 2], steps: &[Step], seen: &mut Seen) {
    let running = steps.iter().map(|step| {
        let hold = if matches!(step, Step::Settle { .. }) { seen.open.pop_front() } else { None };
        run(world, keys, step, hold)
    });
    for part in join_all(running.collect::<Vec<_>>()).await {
        seen.granted += part.granted;
        seen.charged += part.charged;
        seen.open.extend(part.open);
    }
}

async fn run(world: &World, keys: &[KeyId; 2], step: &Step, hold: Option<Hold>) -> Seen {
    let store = &world.store;
    let mut seen = Seen::default();
    match *step {
        Step::Grant(nano) => {
            store.grant(&world.account, NanoUsd(nano), "a step", "the test").await.unwrap();
            seen.granted = nano;
        }
        Step::Hold { key, at_least, at_most } => {
            let caller = Caller { account: world.account.clone(), key: key.map(|k| keys[k].clone()) };
            let (at_least, at_most) = (NanoUsd(at_least), NanoUsd(at_most));
            match store
                .hold(&HoldWish {
                    generation: generation_id(),
                    caller,
                    surface: "chat.completions",
                    requested_model: "acme/model".to_owned(),
                    at_least,
                    at_most,
                })
                .await
            {
                Ok(hold) => seen.open.push_back(hold),
                Err(HoldRefused::Store(e)) => panic!("{e}"),
                Err(_) => {}
            }
        }
        Step::Settle { cost, upstream, times } => {
            let Some(hold) = hold else { return seen };
            let mut settlement = world.settlement(&hold, cost);
            settlement.upstream_cost = NanoUsd(upstream);
            let settled = join_all((0..times).map(|_| store.settle(&settlement))).await;
            let charged: Vec<_> = settled.into_iter().map(|settled| settled.unwrap().charged).collect();
            assert!(charged.iter().all(|again| *again == charged[0]));
            seen.charged = charged[0].0;
        }
        Step::Limit { key, nano } => {
            store.set_key_limit(&world.account, &keys[key], nano.map(NanoUsd)).await.unwrap();
        }
        Step::Delete { key } => {
            store.delete_key(&world.account, &keys[key]).await.unwrap();
        }
        Step::Die { amount } => {
            let dead = Store::from_pool(world.pool.clone());
            let _refused_or_held = dead.hold(&world.wish(amount, amount)).await;
            // As the process that runs the other holds: it closes none of its own.
            store.close_orphans().await.unwrap();
        }
    }
    seen
}
