//! The store on a real Postgres: each test has a database of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what they share with each other are tests too")]

mod accounts;
mod activity;
mod catalog;
mod check;
mod conservation;
mod holds;
mod keys;
mod ledger;
mod orphans;
mod schema;
mod sessions;
mod settlements;
mod world;
