//! `souk key create`.

use clap::Subcommand;
use domain::NanoUsd;

use super::{Failure, account_of, answer, with_database};
use crate::key;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes an API key and prints it, this once and nothing else.
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// The most it may ever spend, in dollars.
        #[arg(long)]
        limit_usd: Option<NanoUsd>,
    },
}

pub async fn run(command: Command) -> Result<(), Failure> {
    let Command::Create { email, name, limit_usd } = command;
    let name = key::name(&name).map_err(Failure::said)?;
    if limit_usd.is_some_and(|limit| limit < NanoUsd::ZERO) {
        return Err(Failure::said(key::BAD_LIMIT));
    }
    let (secret, key) = key::make(name, limit_usd).map_err(Failure::said)?;
    with_database(|store, _| async move {
        let account = account_of(&store, &email).await?;
        Ok(store.create_key(&account, &key).await?)
    })
    .await?;
    answer(secret)
}
