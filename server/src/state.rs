//! The folder of what the server keeps outside of its database: its secret, and a private PostgreSQL.

use std::io;
use std::path::PathBuf;

use crate::user::User;

/// Where root keeps it: the user that PostgreSQL then runs as may not reach the working directory.
const OF_ROOT: &str = "/var/lib/souk";
/// Where others do, below the working directory.
const OF_OTHERS: &str = "var";

/// The folder, absolute, and for whom it is.
#[derive(Clone, Debug)]
pub struct State {
    pub dir: PathBuf,
    pub me: User,
}

impl State {
    /// That of whoever runs this program.
    pub fn find() -> Result<Self, StateError> {
        let me = User::current().map_err(StateError::User)?;
        let dir = if me.is_root() {
            PathBuf::from(OF_ROOT)
        } else {
            std::path::absolute(OF_OTHERS).map_err(StateError::Dir)?
        };
        Ok(Self { dir, me })
    }
}

/// Why nothing can be kept.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("cannot find out who runs this program: {0}")]
    User(io::Error),
    #[error("cannot find the working directory: {0}")]
    Dir(io::Error),
}
