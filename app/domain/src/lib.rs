//! The words of the business and their rules: slugs, ids, money, usage, prices and the one function that computes a cost.
//!
//! Nothing here is async or does I/O; all of it compiles to wasm, so pages and gateway compute with the same code.

pub mod generation;
pub mod id;
pub mod money;
pub mod price;
pub mod receipt;
pub mod slug;
pub mod timestamp;
pub mod unit;
pub mod usage;

pub use generation::{Attempt, Exclusion, Failure, Generation, GenerationState, MediaCounts, ServedBy};
pub use id::{AccountId, GenerationId, KeyId};
pub use money::{MoneyError, NanoUsd};
pub use price::{Cost, CostLine, PriceOverride, PriceSheet, Prices, Rate, cache_discount, cost};
pub use receipt::{Receipt, ReceiptLine, receipt};
pub use slug::{EndpointTag, ModelSlug, ProviderSlug, SlugError};
pub use timestamp::Timestamp;
pub use unit::Unit;
pub use usage::{Tokenizer, Usage};
