//! `souk account create`.

use std::io::BufRead;

use api::Password;
use clap::Subcommand;
use store::CreateAccountError;

use super::{Failure, answer, with_database};
use crate::accounts::{email, password};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes an account; its id is printed.
    Create {
        #[arg(long)]
        email: String,
        /// It may see and grant everything.
        #[arg(long)]
        admin: bool,
        /// The password is the first line of stdin: in an argument, others could see it.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

pub async fn run(command: Command) -> Result<(), Failure> {
    let Command::Create { email, admin, password_stdin: _ } = command;
    let email = email::parse(&email).map_err(Failure::said)?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let password = Password(line.trim_end_matches(['\r', '\n']).to_owned());
    password::check(&password).map_err(Failure::said)?;
    let hash = password::hash(&password).map_err(Failure::said)?;
    let account = with_database(|store, _| async move {
        store.create_account(&email, Some(&hash), admin).await.map_err(|error| match error {
            CreateAccountError::EmailTaken => {
                Failure::Said(format!("there is an account with the address {email} already"))
            }
            CreateAccountError::Db(error) => Failure::Db(error),
        })
    });
    answer(account.await?)
}
