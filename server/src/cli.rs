//! The command line: what people and scripts ask of `souk`, and how it says what went wrong.
//!
//! Answers go to stdout and nothing else does; everything for people to read beside them goes to stderr.

mod account;
mod catalog;
mod credit;
mod key;
mod ledger;
mod serve;
mod simulate;

use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use domain::AccountId;
use store::{DbError, Store};
use tracing_subscriber::EnvFilter;

use crate::catalog::Faults;
use crate::config::{ConfigError, DatabaseConfig, environment};
use crate::database::{Database, DatabaseError};
use crate::serve::ServeError;
use crate::state::{State, StateError};

/// A self-hostable marketplace and router for large language models.
#[derive(Debug, Parser)]
#[command(name = "souk", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the site and the API until Ctrl-C.
    Serve,
    /// Makes accounts.
    #[command(subcommand)]
    Account(account::Command),
    /// Gives credits.
    #[command(subcommand)]
    Credit(credit::Command),
    /// Makes API keys.
    #[command(subcommand)]
    Key(key::Command),
    /// Looks into the books.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Checks the catalog's files, or makes them.
    #[command(subcommand)]
    Catalog(catalog::Command),
    /// Plays a provider that needs no key, for demos and tests.
    Simulate(simulate::Args),
}

/// Why a command failed. Each is one clear sentence.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the database refused: {0}")]
    Db(#[from] DbError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Faults(#[from] Faults),
    #[error(transparent)]
    Import(#[from] providers::catalog::ImportError),
    #[error("{0}")]
    Said(String),
    #[error("cannot write the answer: {0}")]
    Io(#[from] io::Error),
}

impl Failure {
    fn said(what: impl std::fmt::Display) -> Self {
        Self::Said(what.to_string())
    }
}

/// Does what the command line says.
pub fn main() -> ExitCode {
    let Cli { command } = Cli::parse();
    let done = match command {
        Command::Serve => logged("info").and_then(|()| within_runtime(serve::serve())),
        Command::Simulate(args) => logged("info").and_then(|()| within_runtime(simulate::simulate(args))),
        Command::Account(command) => logged("warn").and_then(|()| within_runtime(account::run(command))),
        Command::Credit(command) => logged("warn").and_then(|()| within_runtime(credit::run(command))),
        Command::Key(command) => logged("warn").and_then(|()| within_runtime(key::run(command))),
        Command::Ledger(command) => logged("warn").and_then(|()| within_runtime(ledger::run(command))),
        Command::Catalog(command) => catalog::run(command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // With stderr closed there is nobody to tell.
            let _ = writeln!(io::stderr(), "souk: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Logs to stderr: what `RUST_LOG` says, else from `level` up, without what Postgres remarks.
fn logged(level: &str) -> Result<(), Failure> {
    let filter = environment(EnvFilter::DEFAULT_ENV).unwrap_or_else(|| format!("{level},sqlx=warn"));
    let filter =
        EnvFilter::try_new(filter).map_err(|error| Failure::said(format!("RUST_LOG cannot be read: {error}")))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .compact();
    log.try_init().map_err(Failure::said)
}

/// What still blocks when the work is done (a second Ctrl-C at the start) is left behind.
fn within_runtime(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

/// Runs a command on the database, which is started for it where it is private and does not run.
async fn with_database<T, W>(work: impl FnOnce(Store, State) -> W) -> Result<T, Failure>
where
    W: Future<Output = Result<T, Failure>>,
{
    let state = State::find()?;
    let database = Database::open(&DatabaseConfig::read(&environment), &state).await?;
    let done = work(database.store.clone(), state).await;
    database.close().await?;
    done
}

async fn account_of(store: &Store, email: &str) -> Result<AccountId, Failure> {
    let account = store.account_by_email(email.trim()).await?;
    account
        .map(|account| account.id)
        .ok_or_else(|| Failure::Said(format!("there is no account with the address {email}")))
}

/// Writes an answer to stdout.
fn answer(text: impl std::fmt::Display) -> Result<(), Failure> {
    Ok(writeln!(io::stdout(), "{text}")?)
}
