//! A private PostgreSQL cluster, for whoever sets no `DATABASE_URL`: made, started and stopped by this program alone.
//!
//! It listens on a socket in a private folder, on no port, and lets in two users of the operating system: its owner and
//! root. Whoever uses it holds a lease; the last one to give it back stops it. Leases are file locks, so that one held by a
//! killed process is no lease, and its cluster, which lives on, is found by the next start.

mod cluster;
mod lease;
mod programs;

pub use cluster::Cluster;
pub use lease::Lease;

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no private cluster to work with. Each is a sentence for whoever started the program.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error("PostgreSQL is not installed: install the package postgresql, or set DATABASE_URL")]
    NotInstalled,
    #[error(
        "PostgreSQL refuses to run as root, and there is no user postgres to run it as ({0}): create that user, or set DATABASE_URL"
    )]
    NoOwner(io::Error),
    #[error("the database in {} was made by PostgreSQL {made_by}, and only {installed} is installed: install PostgreSQL {made_by}", home.display())]
    OtherVersion { home: PathBuf, made_by: String, installed: String },
    #[error("cannot {what} {}: {source}", path.display())]
    File { what: &'static str, path: PathBuf, source: io::Error },
    #[error("cannot run {program}: {source}")]
    Program { program: String, source: io::Error },
    #[error("{program} failed: {message}")]
    Failed { program: String, message: String },
    #[error("the private PostgreSQL was started and does not answer; its log is {}", log.display())]
    Silent { log: PathBuf },
}

impl ClusterError {
    fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }
}
