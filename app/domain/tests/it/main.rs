//! The rules of money, prices, slugs and time.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod money;
mod price;
mod slug;
mod timestamp;
mod usage;
