//! How to talk to providers: the catalog's files, the dialects they speak and the transport that reaches them.
//!
//! A provider is data (one TOML file, see `catalog`), a dialect is code (`dialect`). Nothing here knows a customer, a key of
//! ours or a balance, and no code branches on a provider's name.

pub mod auth;
pub mod catalog;
pub mod dialect;
pub mod quirks;
pub mod reach;
pub mod transport;
pub mod upstream;
