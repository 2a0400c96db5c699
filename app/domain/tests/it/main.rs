//! The rules of money, prices, slugs and time.

mod money;
mod price;
mod slug;
mod timestamp;
mod usage;
