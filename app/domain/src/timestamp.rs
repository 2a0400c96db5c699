//! A moment in UTC, in microseconds: what Postgres keeps, and enough for people.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

const MICROS_PER_SECOND: i64 = 1_000_000;

impl Timestamp {
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// The time from `earlier` to this; zero if it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0).max(0).unsigned_abs())
    }

    /// 1 = Monday … 7 = Sunday.
    pub fn utc_weekday(self) -> u8 {
        self.civil().weekday().number_from_monday()
    }

    pub fn utc_minute_of_day(self) -> u16 {
        let civil = self.civil();
        u16::from(civil.hour()) * 60 + u16::from(civil.minute())
    }

    /// `2026-11-22`.
    pub fn utc_date(self) -> String {
        let c = self.civil();
        format!("{:04}-{:02}-{:02}", c.year(), u8::from(c.month()), c.day())
    }

    /// `11:39:05`.
    pub fn utc_time(self) -> String {
        let c = self.civil();
        format!("{:02}:{:02}:{:02}", c.hour(), c.minute(), c.second())
    }

    /// For people: `22 Nov 2026`.
    pub fn utc_day(self) -> String {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let c = self.civil();
        let month = MONTHS.get(usize::from(u8::from(c.month())) - 1).copied().unwrap_or_default();
        format!("{} {month} {:04}", c.day(), c.year())
    }

    fn civil(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.unix_seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// RFC 3339 with microseconds: `2026-11-22T11:39:05.000001Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}.{:06}Z", self.utc_date(), self.utc_time(), self.0.rem_euclid(MICROS_PER_SECOND))
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(at: OffsetDateTime) -> Self {
        Self(i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
    }
}

impl From<Timestamp> for OffsetDateTime {
    fn from(at: Timestamp) -> Self {
        Self::from_unix_timestamp_nanos(i128::from(at.0) * 1_000).unwrap_or(Self::UNIX_EPOCH)
    }
}
