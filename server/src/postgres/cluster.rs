//! The cluster itself: made, started, found running, recovered and stopped. All of it blocks.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::ClusterError;
use super::programs::{Programs, last_complaint};
use crate::user::User;

/// A cluster's name of the only role and of the only database.
const SOUK: &str = "souk";
/// Whom root runs PostgreSQL as, since it refuses to run as root.
const OWNER: &str = "postgres";
/// The path of a socket is at most 107 bytes long; this is what PostgreSQL calls it.
const SOCKET: &str = "/.s.PGSQL.5432";
const LONGEST_SOCKET_PATH: usize = 107;
/// After a crash on a slow disk, recovery may take its time.
const START_WITHIN: Duration = Duration::from_secs(120);

/// A private cluster in a folder of its own: `data`, `log`, `socket`, and the locks of its users.
#[derive(Clone, Debug)]
pub struct Cluster {
    home: PathBuf,
    /// Whom PostgreSQL runs as: us, or `postgres` if we are root.
    owner: User,
    we_are_root: bool,
    programs: Programs,
}

impl Cluster {
    /// The cluster in `home` (absolute), which is made if there is none; `path` is the value of `PATH`.
    pub fn at(home: &Path, me: User, path: Option<&str>) -> Result<Self, ClusterError> {
        let owner = if me.is_root() { User::named(OWNER).map_err(ClusterError::NoOwner)? } else { me.clone() };
        make_private(home, &owner)?;
        let programs = fitting(Programs::installed(path), home)?;
        Ok(Self { home: home.to_owned(), owner, we_are_root: me.is_root(), programs })
    }

    /// Whom its programs are run as, where that is not ourselves.
    fn steward(&self) -> Option<&User> {
        self.we_are_root.then_some(&self.owner)
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Starts it unless it runs, and waits until it answers. Returns how to reach it, as in `DATABASE_URL`.
    pub(super) fn start(&self) -> Result<String, ClusterError> {
        if !self.data().join("PG_VERSION").exists() {
            self.create()?;
        }
        let socket = self.await_answer()?;
        self.create_database(&socket)?;
        Ok(format!("postgres://{SOUK}@localhost/{SOUK}?host={socket}"))
    }

    /// Ends it in order: connections are dropped, all that was committed is kept.
    pub(super) fn stop(&self) -> Result<(), ClusterError> {
        let data = self.data();
        let args = ["stop", "--pgdata", text(&data), "--mode", "fast", "--wait"];
        let socket = self.socket_in_use();
        self.programs.run("pg_ctl", self.steward(), &args)?;
        // A folder in /tmp would be left behind for ever. It is empty now; if not, it stays.
        let _ = fs::remove_dir(socket);
        Ok(())
    }

    /// Makes the data folder aside and moves it into place, so that one half made is never taken for a cluster.
    fn create(&self) -> Result<(), ClusterError> {
        let fresh = self.home.join("data.new");
        if fresh.exists() {
            fs::remove_dir_all(&fresh).map_err(ClusterError::file("remove", &fresh))?;
        }
        let args = [
            "--username",
            SOUK,
            "--auth-local",
            "peer",
            "--auth-host",
            "reject",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--data-checksums",
        ];
        self.programs.run("initdb", self.steward(), &[&["--pgdata", text(&fresh)], args.as_slice()].concat())?;
        // The kernel says who connects, so no password is needed: the owner and root may, and nobody else.
        let may_enter = format!("souk \"{}\" {SOUK}\nsouk root {SOUK}\n", self.owner.name);
        self.put(&fresh.join("pg_hba.conf"), "local all all peer map=souk\n")?;
        self.put(&fresh.join("pg_ident.conf"), &may_enter)?;
        fs::rename(&fresh, self.data()).map_err(ClusterError::file("make", &self.data()))
    }

    fn put(&self, path: &Path, content: &str) -> Result<(), ClusterError> {
        fs::write(path, content).map_err(ClusterError::file("write", path)) // keeps owner and mode: initdb made the file
    }

    /// Starts it if it does not run, and again if it dies meanwhile. Returns the folder of its socket.
    fn await_answer(&self) -> Result<String, ClusterError> {
        let deadline = Instant::now() + START_WITHIN;
        while Instant::now() < deadline {
            self.forget_dead_postmaster();
            if !self.programs.agrees("pg_ctl", self.steward(), &["status", "--pgdata", text(&self.data())])? {
                self.launch()?;
            }
            let socket = self.socket_in_use();
            if self.programs.agrees("pg_isready", None, &["--host", &socket, "--timeout", "5"])? {
                return Ok(socket);
            }
            std::thread::sleep(Duration::from_millis(50)); // it recovers, or those it left behind are still ending
        }
        Err(ClusterError::Silent { log: self.log() })
    }

    /// PostgreSQL takes the number in `postmaster.pid` for a running server as long as any process has it: another program
    /// after a crash of the machine, or a dead one that nobody asks after, as in containers. Its processes work in the data
    /// folder, so where none does, none runs.
    fn forget_dead_postmaster(&self) {
        let Ok(processes) = fs::read_dir("/proc") else { return };
        let data = fs::canonicalize(self.data()).unwrap_or_else(|_| self.data());
        let works_there = |entry: &fs::DirEntry| fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == data);
        if !processes.flatten().any(|entry| works_there(&entry)) {
            let lock = format!("{}{SOCKET}.lock", self.socket_in_use());
            for path in [Path::new(&lock), &self.data().join("postmaster.pid")] {
                // Should this fail, the start says what is wrong.
                let _ = fs::remove_file(path);
            }
        }
    }

    /// `pg_ctl` puts it into a session of its own, so Ctrl-C in our terminal reaches us and not it.
    fn launch(&self) -> Result<(), ClusterError> {
        let socket = self.socket()?;
        let options = format!(
            "-c listen_addresses= -c unix_socket_directories={} -c unix_socket_permissions=0700",
            socket.display()
        );
        let (data, log, within) = (self.data(), self.log(), START_WITHIN.as_secs().to_string());
        let args = [
            "start",
            "--pgdata",
            text(&data),
            "--log",
            text(&log),
            "--wait",
            "--timeout",
            &within,
            "--options",
            &options,
        ];
        self.programs.run("pg_ctl", self.steward(), &args).map(drop).map_err(|error| {
            match (error, last_complaint(&log)) {
                (ClusterError::Failed { program, .. }, why) if !why.is_empty() => {
                    ClusterError::Failed { program, message: why }
                }
                (error, _) => error,
            }
        })
    }

    fn create_database(&self, socket: &str) -> Result<(), ClusterError> {
        match self.programs.run("createdb", None, &["--host", socket, "--username", SOUK, "--no-password", SOUK]) {
            Err(ClusterError::Failed { message, .. }) if message.contains("already exists") => Ok(()),
            other => other.map(drop),
        }
    }

    /// The folder for the socket: beside the data, or in `/tmp` where that path is too long or needs quoting.
    fn socket(&self) -> Result<PathBuf, ClusterError> {
        let near = self.home.join("socket");
        let plain = text(&near).chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
        let dir = if plain && text(&near).len() + SOCKET.len() <= LONGEST_SOCKET_PATH {
            near
        } else {
            PathBuf::from(format!("/tmp/souk-{}-{:016x}", self.owner.uid, fingerprint(text(&self.home))))
        };
        make_private(&dir, &self.owner)?;
        Ok(dir)
    }

    /// A running cluster knows best where its socket is: it may have been started under another name of its folder.
    fn socket_in_use(&self) -> String {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let told = pid.lines().nth(4).filter(|line| line.starts_with('/'));
        told.map_or_else(|| text(&self.home.join("socket")).to_owned(), str::to_owned)
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn log(&self) -> PathBuf {
        self.home.join("log")
    }
}

/// The programs for the cluster in `home`: of the version that made it, or the newest if there is none yet.
fn fitting(installed: Vec<Programs>, home: &Path) -> Result<Programs, ClusterError> {
    let newest = installed.first().ok_or(ClusterError::NotInstalled)?;
    let Ok(made_by) = fs::read_to_string(home.join("data/PG_VERSION")) else { return Ok(newest.clone()) };
    let made_by = made_by.trim().to_owned();
    let versions: Vec<String> = installed.iter().map(|programs| programs.major.to_string()).collect();
    installed
        .into_iter()
        .find(|programs| programs.major.to_string() == made_by)
        .ok_or_else(|| ClusterError::OtherVersion { home: home.to_owned(), made_by, installed: versions.join(", ") })
}

/// Makes a folder that its owner alone can enter; root can anyway. One that is there must be that owner's or root's.
fn make_private(dir: &Path, owner: &User) -> Result<(), ClusterError> {
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent).map_err(ClusterError::file("make", parent))?;
    }
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(ClusterError::file("make", dir)(error));
        }
        _ => {}
    }
    // Somebody else's folder may wait in /tmp, or a link that has us hand over what it points to.
    let found = fs::symlink_metadata(dir).map_err(ClusterError::file("look at", dir))?;
    if !found.is_dir() || ![0, owner.uid].contains(&found.uid()) {
        return Err(ClusterError::file("use", dir)(io::Error::other("it belongs to another user")));
    }
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(ClusterError::file("make private", dir))?;
    chown(dir, Some(owner.uid), Some(owner.gid)).map_err(ClusterError::file("hand over", dir))
}

/// FNV-1a: short and the same at every start, which is all that a folder's name needs.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Paths are made by us out of a folder's; one that is no UTF-8 is refused by PostgreSQL's programs as unknown.
fn text(path: &Path) -> &str {
    path.to_str().unwrap_or("(a path that is no UTF-8)")
}
