//! One file per URL: its server functions, its view, and the wrapper that makes it a chunk of its own.

pub mod account;
pub mod activity;
pub mod chat;
pub mod docs_billing;
pub mod home;
pub mod keys;
pub mod model;
pub mod models;
pub mod not_found;
pub mod sign_in;
