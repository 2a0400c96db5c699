//! The pipeline from a client's request to a booked answer (README, "The flow").

pub mod ports;
