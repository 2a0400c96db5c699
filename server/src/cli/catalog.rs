//! `souk catalog`: checks the catalog's files, and makes the shipped ones from lists of facts.

use std::path::PathBuf;

use clap::Subcommand;
use gateway::clock::now;
use providers::catalog::{check, import};

use super::{Failure, answer};
use crate::catalog::Faults;
use crate::config::{CatalogConfig, environment};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Checks the shipped files with a folder laid over them, and names every fault by file, line and field.
    Check {
        /// The folder; by default that of SOUK_CATALOG_DIR, if any.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// Makes catalog files from lists of facts.
    Import {
        /// The folder with the lists.
        #[arg(long)]
        facts: PathBuf,
        /// The folder with `providers` and `models`, such as server/catalog.
        #[arg(long)]
        out: PathBuf,
        /// The day on which the facts were true; by default today.
        #[arg(long)]
        as_of: Option<String>,
    },
}

pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Check { dir } => {
            let overlay = match dir {
                Some(dir) => Some(dir),
                None => CatalogConfig::read(&environment)?.overlay,
            };
            answer(check(overlay.as_deref(), now()).map_err(Faults)?)
        }
        Command::Import { facts, out, as_of } => {
            answer(import(&facts, &out, &as_of.unwrap_or_else(|| now().utc_date()))?)
        }
    }
}
