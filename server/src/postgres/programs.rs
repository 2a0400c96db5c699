//! PostgreSQL's programs: where they are, and how to run one as the cluster's owner.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::ClusterError;
use crate::user::User;

/// Where Debian and its kin keep each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The programs of one version of PostgreSQL.
#[derive(Clone, Debug)]
pub struct Programs {
    dir: PathBuf,
    /// `15`.
    pub major: u32,
}

impl Programs {
    /// Every version that is installed, newest first; `path` is the value of `PATH`.
    pub fn installed(path: Option<&str>) -> Vec<Self> {
        let versions =
            std::fs::read_dir(VERSIONS).into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
        let in_path = std::env::split_paths(path.unwrap_or_default());
        let mut found: Vec<Self> = versions.chain(in_path).filter_map(Self::at).collect();
        found.sort_by_key(|programs| std::cmp::Reverse(programs.major)); // stable: Debian's before those of PATH
        found
    }

    fn at(dir: PathBuf) -> Option<Self> {
        let whole = ["initdb", "pg_ctl", "pg_isready", "createdb"].iter().all(|name| dir.join(name).is_file());
        let version = whole.then(|| Command::new(dir.join("postgres")).arg("--version").output().ok()).flatten()?;
        Some(Self { dir, major: major(&String::from_utf8_lossy(&version.stdout))? })
    }

    /// Runs a program to its end, as ourselves or as another user. Errors: it cannot be run, or it fails.
    pub fn run(&self, name: &str, user: Option<&User>, args: &[&str]) -> Result<String, ClusterError> {
        let out = self.output(name, user, args)?;
        if out.status.success() {
            return Ok(String::from_utf8_lossy(&out.stdout).into_owned());
        }
        let said = [out.stderr, out.stdout].concat();
        Err(ClusterError::Failed { program: name.to_owned(), message: complaint(&String::from_utf8_lossy(&said)) })
    }

    /// Whether a program says yes, which it does by ending with 0.
    pub fn agrees(&self, name: &str, user: Option<&User>, args: &[&str]) -> Result<bool, ClusterError> {
        Ok(self.output(name, user, args)?.status.success())
    }

    fn output(&self, name: &str, user: Option<&User>, args: &[&str]) -> Result<Output, ClusterError> {
        let mut command = Command::new(self.dir.join(name));
        command.args(args).current_dir("/"); // our own folder may be out of the owner's reach
        // PGDATA, PGPORT and their kin mean another cluster; messages are read by us, in English.
        for (variable, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(variable);
        }
        command.env("LC_ALL", "C");
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
        command.output().map_err(|source| ClusterError::Program { program: name.to_owned(), source })
    }
}

/// `15` of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The line of a program's output that says what is wrong.
pub fn complaint(output: &str) -> String {
    let lines = || output.lines().map(str::trim).filter(|line| !line.is_empty());
    let telling = |line: &&str| ["FATAL:", "PANIC:", "error:", "ERROR:"].iter().any(|mark| line.contains(mark));
    lines().find(telling).or_else(|| lines().next_back()).unwrap_or("it did not say why").to_owned()
}

/// The last complaint in a server's log; empty when there is none.
pub fn last_complaint(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines()
        .rev()
        .take(50)
        .find(|line| line.contains("FATAL:") || line.contains("PANIC:"))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_says() {
        for (said, expected) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 18beta1\n", Some(18)),
            ("postgres\n", None),
        ] {
            assert_eq!(major(said), expected, "{said}");
        }
    }

    #[test]
    fn of_all_that_a_program_prints_the_complaint_is_told() {
        assert_eq!(
            complaint("The files belong to…\ninitdb: error: could not create directory\nhint"),
            "initdb: error: could not create directory"
        );
        assert_eq!(complaint("  \n"), "it did not say why");
    }
}
