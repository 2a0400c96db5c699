//! The one clock of a request: when it arrived, and how long ago that was.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// Started when a request arrives.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    pub arrived_at: Timestamp,
    instant: Instant,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self { arrived_at: now(), instant: Instant::now() }
    }

    /// Milliseconds since the request arrived.
    pub fn elapsed_ms(&self) -> u32 {
        u32::try_from(self.instant.elapsed().as_millis()).unwrap_or(u32::MAX)
    }
}

/// The present moment.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}
