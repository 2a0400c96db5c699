//! Tests of this crate from outside, in one program: one file per subject.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod broken_catalogs;
mod folders;
mod framing;
mod google;
mod importing;
mod pieces;
mod reaching;
mod recordings;
mod requests;
mod roundtrip;
mod shipped_catalog;
mod transport;
