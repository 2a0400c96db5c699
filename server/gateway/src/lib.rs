//! The pipeline from a client's request to a booked answer (README, "The flow").
//!
//! `gateway.rs` is the whole flow; each stage is a file and takes only what the stage before it gives. `plan` is pure, `attempt`
//! and `deliver` talk to providers, the ports talk to the database. A surface (`surfaces`) knows no dialect.

pub mod admit;
pub mod attempt;
pub mod call;
pub mod clock;
pub mod deliver;
pub mod error;
pub mod estimate;
pub mod gateway;
pub mod hold;
pub mod listener;
pub mod plan;
pub mod ports;
pub mod routes;
pub mod settle;
pub mod surfaces;
pub mod tally;

pub use error::GatewayError;
pub use gateway::{Deps, Gateway};
pub use routes::{api_router, google_router, site_router};
