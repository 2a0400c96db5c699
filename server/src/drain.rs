//! How the server ends: asked once it stops taking requests and lets the running ones finish, asked twice it goes at once.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long running requests may take once the end was asked for.
pub const REQUESTS_WITHIN: Duration = Duration::from_secs(20);
/// How long answers may still be read to their end for clients that left, before they are booked as they are.
const UNHEARD_WITHIN: Duration = Duration::from_secs(3);
/// How long what follows them may take: bookings, and then the tasks beside them.
const REST_WITHIN: Duration = Duration::from_secs(5);

/// The steps of the end, and what must be finished in each.
#[derive(Clone, Debug, Default)]
pub struct Drain {
    /// First: no new requests are taken.
    pub stop: CancellationToken,
    /// Calls that are running, each until it is booked.
    pub calls: TaskTracker,
    /// Then: calls that run on for nobody come to an end.
    pub hurry: CancellationToken,
    /// Then: what requests stand on may end too.
    pub end: CancellationToken,
    pub background: TaskTracker,
}

impl Drain {
    /// Ends what is left when no requests come any more. What takes too long is left behind, and told.
    pub async fn finish(&self) {
        self.stop.cancel();
        let hurry = async {
            tokio::time::sleep(UNHEARD_WITHIN).await;
            self.hurry.cancel();
            std::future::pending().await
        };
        tokio::select! {
            () = wait(&self.calls, "calls were cut off; their holds are freed at the next start") => {},
            () = hurry => {},
        }
        self.end.cancel();
        wait(&self.background, "background tasks were cut off").await;
    }
}

async fn wait(tasks: &TaskTracker, otherwise: &str) {
    tasks.close();
    if tokio::time::timeout(REST_WITHIN, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "{otherwise}");
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
