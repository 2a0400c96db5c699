//! Token counts as hosts write them.

use serde::{Deserialize, Deserializer};
use serde_json::Number;

/// A count that may be null, or written as `12.0`.
pub fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = Option::<Number>::deserialize(deserializer)?;
    Ok(number.map_or(0, |n| n.as_u64().unwrap_or_else(|| whole(&n))))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and a count is whole and not negative"
)]
fn whole(number: &Number) -> u64 {
    number.as_f64().unwrap_or_default() as u64
}
