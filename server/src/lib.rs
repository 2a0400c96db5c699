//! Wiring: configuration → database → catalog → gateway and site → serving → draining. It decides nothing by itself.
#![cfg_attr(test, expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

pub mod config;
pub mod drain;
pub mod postgres;
pub mod secret;
pub mod user;
