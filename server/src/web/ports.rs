//! What pages ask, answered for one visit.

mod account;
mod activity;
mod catalog;
mod keys;
