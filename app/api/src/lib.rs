//! What a page may ask of the server: plain data and one small trait per area.
//!
//! Who is signed in is found by the implementation from the request it serves, never passed by a page.

pub mod account;
pub mod activity;
pub mod catalog;
pub mod error;
pub mod keys;

pub use account::{Account, Me, Password};
pub use activity::{Activity, ActivityPage, ActivityQuery, ActivityTotals};
pub use catalog::{
    Cancelling, Catalog, EndpointRow, Facet, HomeFacts, ModelCard, ModelDetail, ModelPage, ModelQuery, ModelSort,
    PolicyFacts, PriceLine,
};
pub use error::ApiError;
pub use keys::{KeyRow, Keys, NewKey, NewKeyForm};
