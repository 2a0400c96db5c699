//! Ids that look like a provider's, and the time an answer claims to be made.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Gives each request its [`Id`].
#[derive(Debug)]
pub(crate) struct Ids {
    next: AtomicU64,
    frozen_at: Option<u64>,
}

impl Ids {
    pub fn new(frozen_at: Option<u64>) -> Self {
        let start = if frozen_at.is_some() { 0 } else { since_1970().as_nanos() as u64 };
        Self { next: AtomicU64::new(start), frozen_at }
    }

    pub fn next(&self) -> Id {
        Id(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Unix time in seconds that answers carry.
    pub fn now(&self) -> u64 {
        self.frozen_at.unwrap_or_else(|| since_1970().as_secs())
    }
}

/// What all ids of one request are made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id(u64);

impl Id {
    /// `prefix` and `length` letters and digits; another `salt` makes another id of the same request.
    pub fn text(self, prefix: &str, length: usize, salt: usize) -> String {
        let mut text = String::with_capacity(prefix.len() + length);
        text.push_str(prefix);
        let mut state = mix(self.0 ^ mix(salt as u64));
        for _ in 0..length {
            state = mix(state);
            text.push(char::from(LETTERS[(state % 62) as usize]));
        }
        text
    }

    /// A UUID as providers draw them; another `salt` makes another of the same request.
    pub fn uuid(self, salt: usize) -> String {
        let high = mix(self.0 ^ mix(salt as u64));
        let low = mix(high);
        let (first, second, third) = (high >> 32, high >> 16 & 0xffff, high & 0xfff);
        format!("{first:08x}-{second:04x}-4{third:03x}-{:04x}-{:012x}", 0x8000 | low >> 50, low & 0xffff_ffff_ffff)
    }
}

/// One step of SplitMix64.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn since_1970() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
