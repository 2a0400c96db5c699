//! When other prices hold than the listed ones, in words.

use domain::{PriceOverride, PriceSheet, Prices, Rate, Unit};
use providers::catalog::Endpoint;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Every condition of an endpoint's prices: `above 256,000 prompt tokens: $0.25 in, $2 out`.
pub fn notes(endpoint: &Endpoint) -> Vec<String> {
    let listed = of_sheet(&endpoint.prices);
    let tiers = endpoint.service_tier_prices.iter().map(|(tier, prices)| format!("{tier}: {}", amounts(prices)));
    let conditions = endpoint.service_tier_overrides.iter();
    let conditions =
        conditions.flat_map(|(tier, overrides)| overrides.iter().map(move |o| format!("{tier}, {}", note(o))));
    listed.into_iter().chain(tiers).chain(conditions).collect()
}

fn of_sheet(sheet: &PriceSheet) -> Vec<String> {
    sheet.overrides.iter().map(note).collect()
}

fn note(o: &PriceOverride) -> String {
    let from = o.from.as_ref().map(|day| format!("from {day}"));
    let above = o.min_prompt_tokens.map(|tokens| format!("above {} prompt tokens", grouped(tokens)));
    let days = (!o.utc_days.is_empty()).then(|| {
        o.utc_days
            .iter()
            .filter_map(|day| DAYS.get(usize::from(*day).checked_sub(1)?))
            .copied()
            .collect::<Vec<_>>()
            .join(", ")
    });
    let window = o.utc_minutes.map(|(from, to)| format!("{}–{} UTC", clock(from), clock(to)));
    let conditions: Vec<String> = [from, above, days, window].into_iter().flatten().collect();
    format!("{}: {}", conditions.join(", "), amounts(&o.prices))
}

/// Tokens per million, the rest per unit.
fn amounts(prices: &Prices) -> String {
    let amount = |(unit, rate): (&Unit, &Rate)| {
        let dollars = if unit.is_token() { rate.per_million() } else { rate.dollars() };
        let what = match unit {
            Unit::Prompt => "in",
            Unit::Completion => "out",
            unit => unit.label(),
        };
        format!("${dollars} {what}")
    };
    prices.0.iter().map(amount).collect::<Vec<_>>().join(", ")
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// `256,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices(prompt: &str, completion: &str) -> Prices {
        Prices([(Unit::Prompt, prompt.parse().unwrap()), (Unit::Completion, completion.parse().unwrap())].into())
    }

    #[test]
    fn conditions_are_said_in_words() {
        let long = PriceOverride {
            min_prompt_tokens: Some(256_000),
            prices: prices("0.00000025", "0.000002"),
            ..Default::default()
        };
        assert_eq!(note(&long), "above 256,000 prompt tokens: $0.25 in, $2 out");
        let night = PriceOverride {
            utc_minutes: Some((990, 30)),
            utc_days: vec![1, 7],
            prices: prices("0", "0.0000005"),
            ..Default::default()
        };
        assert_eq!(note(&night), "Mon, Sun, 16:30–00:30 UTC: $0 in, $0.5 out");
        let soon = PriceOverride {
            from: Some("2027-01-01".into()),
            prices: prices("0.000001", "0.000001"),
            ..Default::default()
        };
        assert_eq!(note(&soon), "from 2027-01-01: $1 in, $1 out");
    }
}
