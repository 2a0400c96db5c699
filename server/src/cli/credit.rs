//! `souk credit grant`.

use clap::Subcommand;
use domain::NanoUsd;
use store::GrantError;

use super::{Failure, account_of, answer, with_database};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Gives credits to an account; what it has then is printed.
    Grant {
        #[arg(long)]
        email: String,
        /// Dollars, such as 12.50.
        #[arg(long)]
        usd: NanoUsd,
        /// Kept in the ledger.
        #[arg(long)]
        reason: String,
    },
}

pub async fn run(command: Command) -> Result<(), Failure> {
    let Command::Grant { email, usd, reason } = command;
    let available = with_database(|store, state| async move {
        let account = account_of(&store, &email).await?;
        let actor = format!("{} (command line)", state.me.name);
        store.grant(&account, usd, reason.trim(), &actor).await.map_err(|error| match error {
            GrantError::Db(error) => Failure::Db(error),
            error => Failure::said(error),
        })?;
        Ok(store.balance(&account).await?.available)
    });
    answer(format!("{} can be spent", available.await?))
}
