//! Wiring: configuration → database → catalog → gateway and site → serving → draining. It decides nothing by itself.
#![recursion_limit = "256"] // the types of the site's pages are deep

pub mod accounts;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod database;
pub mod drain;
pub mod greeting;
pub mod key;
pub mod listing;
pub mod postgres;
pub mod secret;
pub mod serve;
pub mod state;
pub mod user;
pub mod web;
