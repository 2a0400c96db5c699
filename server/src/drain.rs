//! How the server ends: asked once it stops taking requests and lets the running ones finish, asked twice it goes at once.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long running requests may take once the end was asked for, and then what follows them (settlements).
pub const DRAIN_WITHIN: Duration = Duration::from_secs(20);

/// Whether the end was asked for, and what must be finished before.
#[derive(Clone, Debug, Default)]
pub struct Drain {
    pub stop: CancellationToken,
    /// All that runs besides requests.
    pub tasks: TaskTracker,
}

impl Drain {
    /// Asks all tasks to end and waits for them, but not for ever. Returns how many were left.
    pub async fn finish(&self) -> usize {
        self.stop.cancel();
        self.tasks.close();
        // Running out of time is seen by the count.
        let _ = tokio::time::timeout(DRAIN_WITHIN, self.tasks.wait()).await;
        self.tasks.len()
    }
}

/// Ctrl-C and the polite kill.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// The first one asks for the end; returns at the second one, when the end should be now.
    pub async fn twice(mut self, drain: Drain) {
        self.next().await;
        tracing::info!("stopping: running requests may finish; once more to stop at once");
        drain.stop.cancel();
        self.next().await;
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {},
            _ = self.terminate.recv() => {},
        }
    }
}
