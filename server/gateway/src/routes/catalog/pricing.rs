//! Price lists under OpenRouter's names.

use domain::{PriceSheet, Prices, Unit};
use serde_json::{Value, json};

/// Prices under OpenRouter's names, as exact decimal strings per unit. An unknown price is left out, but for the two that the
/// schema requires: these are "-1", as OpenRouter writes a price that is not fixed.
pub fn pricing(sheet: &PriceSheet) -> Value {
    let mut body = serde_json::Map::new();
    fill(&mut body, &sheet.prices);
    for required in ["prompt", "completion"] {
        body.entry(required).or_insert_with(|| Value::from("-1"));
    }
    if !sheet.overrides.is_empty() {
        let overrides: Vec<Value> = sheet
            .overrides
            .iter()
            .map(|o| {
                let mut row = serde_json::Map::new();
                if let Some(above) = o.min_prompt_tokens {
                    row.insert("min_prompt_tokens".to_owned(), above.into());
                }
                if let Some((from, to)) = o.utc_minutes {
                    let clock = |m: u16| format!("{:02}{:02}", m / 60, m % 60);
                    row.insert("utc_start".to_owned(), clock(from).into());
                    row.insert("utc_end".to_owned(), clock(to).into());
                }
                if !o.utc_days.is_empty() {
                    row.insert("utc_days".to_owned(), json!(o.utc_days));
                }
                fill(&mut row, &o.prices);
                Value::Object(row)
            })
            .collect();
        body.insert("overrides".to_owned(), overrides.into());
    }
    Value::Object(body)
}

fn fill(body: &mut serde_json::Map<String, Value>, prices: &Prices) {
    for (unit, rate) in &prices.0 {
        let name = match unit {
            Unit::CacheRead => "input_cache_read",
            Unit::CacheWrite => "input_cache_write",
            Unit::CacheWrite1h => "input_cache_write_1h",
            Unit::AudioCacheRead => "input_audio_cache",
            unit => unit.name(),
        };
        body.insert(name.to_owned(), rate.to_string().into());
    }
}
