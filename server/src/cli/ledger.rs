//! `souk ledger`: the books, proven and listed.

use clap::Subcommand;
use store::{LedgerLine, Store};

use super::{Failure, account_of, answer, with_database};

/// Lines read at a time.
const PAGE: u32 = 500;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Computes every figure again from the entries. Ends with 1 if one is wrong.
    Check,
    /// Lists all movements on an account, newest first.
    List {
        #[arg(long)]
        email: String,
    },
}

pub async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Check => with_database(|store, _| check(store)).await,
        Command::List { email } => with_database(|store, _| list(store, email)).await,
    }
}

async fn check(store: Store) -> Result<(), Failure> {
    let breaks = store.check_ledger().await?;
    if breaks.is_empty() {
        return answer("the ledger is right");
    }
    let lines: Vec<String> = breaks.iter().map(|found| format!("\n  {found}")).collect();
    Err(Failure::Said(format!("the ledger is broken:{}", lines.concat())))
}

async fn list(store: Store, email: String) -> Result<(), Failure> {
    let account = account_of(&store, &email).await?;
    let mut before = None;
    loop {
        let lines = store.ledger_lines(&account, before, PAGE).await?;
        lines.iter().try_for_each(|line| answer(shown(line)))?;
        match lines.last() {
            Some(last) => before = Some(last.id),
            None => break,
        }
    }
    let balance = store.balance(&account).await?;
    answer(format!(
        "granted {} = {} to spend + {} held + {} spent",
        balance.granted, balance.available, balance.held, balance.spent
    ))
}

/// `2026-11-22 11:39:05  settle   −$0.00001  held −$0.00002  gen-…  key laptop`.
fn shown(line: &LedgerLine) -> String {
    let about = [
        line.generation.as_ref().map(ToString::to_string),
        line.key_name.as_ref().map(|name| format!("key {name}")),
        line.reason.clone(),
        line.actor.as_ref().map(|actor| format!("by {actor}")),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    let (day, time) = (line.at.utc_date(), line.at.utc_time());
    format!(
        "{day} {time}  {:<8} {:>16}  held {:>16}  {}",
        line.kind,
        line.available.to_string(),
        line.held.to_string(),
        about.join("  ")
    )
}
