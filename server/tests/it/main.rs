//! The server as a whole, from outside: over HTTP, and by its command line.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod catalog;
mod cli;
mod harness;
mod matrix;
mod postgres;
mod readme;
mod sign_in;
mod web;
