//! Users of the operating system: who we are, and whom PostgreSQL can be run as when we are root.

use std::io;
use std::process::Command;

/// A user, as `id` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
    pub name: String,
}

impl User {
    /// Who runs this program.
    pub fn current() -> io::Result<Self> {
        Self::ask(&[])
    }

    /// Errors: there is no such user.
    pub fn named(name: &str) -> io::Result<Self> {
        Self::ask(&[name])
    }

    pub const fn is_root(&self) -> bool {
        self.uid == 0
    }

    fn ask(who: &[&str]) -> io::Result<Self> {
        let id = |what: &str| {
            let out = Command::new("id").arg(what).args(who).output()?;
            let said = if out.status.success() { &out.stdout } else { &out.stderr };
            let said = String::from_utf8_lossy(said).trim().to_owned();
            if out.status.success() { Ok(said) } else { Err(io::Error::other(said)) }
        };
        let number = |text: String| text.parse().map_err(|_| io::Error::other(format!("`id` said `{text}`")));
        Ok(Self { uid: number(id("-u")?)?, gid: number(id("-g")?)?, name: id("-un")? })
    }
}
