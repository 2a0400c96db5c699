//! The site: pages, the parts they are made of, and the server functions that bring their data.
//!
//! Everything here compiles twice: natively, where pages are rendered, and to wasm, where they come alive. It knows no
//! database and no web server: data comes through the traits of `api`, handed over by [`port`].
#![recursion_limit = "256"]

pub mod document;
pub mod error;
pub mod format;
pub mod keyboard;
pub mod monogram;
pub mod pages;
pub mod parts;
pub mod port;
pub mod routes;
pub mod session;
pub mod theme;

pub use document::shell;
pub use error::AppError;
pub use routes::App;
