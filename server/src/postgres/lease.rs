//! Who uses the private cluster at the moment: the last one out stops it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::{Cluster, ClusterError};

/// A running cluster that nobody stops while this is held. Dropping it gives it back as well.
#[derive(Debug)]
pub struct Lease {
    cluster: Cluster,
    /// Locked by all users together; by one alone when it is the last. `None`: given back.
    in_use: Option<File>,
    url: String,
}

impl Lease {
    /// Starts the cluster, made at the first time, or finds it running. Blocks: for a second or two at the first time.
    pub fn take(cluster: Cluster) -> Result<Self, ClusterError> {
        let _gate = Gate::enter(&cluster)?;
        let path = in_use_path(&cluster);
        let in_use = open(&path)?;
        in_use.lock_shared().map_err(ClusterError::file("lock", &path))?;
        let url = cluster.start()?;
        Ok(Self { cluster, in_use: Some(in_use), url })
    }

    /// How to reach it, as in `DATABASE_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Gives it back, and stops the cluster if nobody else uses it. Blocks until it has stopped.
    pub fn give_back(mut self) -> Result<(), ClusterError> {
        self.release()
    }

    fn release(&mut self) -> Result<(), ClusterError> {
        let Some(in_use) = self.in_use.take() else { return Ok(()) };
        let _gate = Gate::enter(&self.cluster)?;
        let path = in_use_path(&self.cluster);
        in_use.unlock().map_err(ClusterError::file("unlock", &path))?;
        match in_use.try_lock() {
            Ok(()) => self.cluster.stop(),
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(source)) => Err(ClusterError::File { what: "lock", path, source }),
        }
    }
}

/// For every early end: an error at the start, a second Ctrl-C.
impl Drop for Lease {
    fn drop(&mut self) {
        if let Err(error) = self.release() {
            tracing::warn!(%error, "the private PostgreSQL was left running");
        }
    }
}

fn in_use_path(cluster: &Cluster) -> PathBuf {
    cluster.home().join("in-use.lock")
}

/// Only one process at a time may start or stop the cluster.
struct Gate(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl Gate {
    fn enter(cluster: &Cluster) -> Result<Self, ClusterError> {
        let path: PathBuf = cluster.home().join("start.lock");
        let file = open(&path)?;
        file.lock().map_err(ClusterError::file("lock", &path))?;
        Ok(Self(file))
    }
}

fn open(path: &Path) -> Result<File, ClusterError> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    file.map_err(ClusterError::file("open", path))
}
