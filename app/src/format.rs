//! How numbers, prices, times and words are written on the site (UI.md §9).

use domain::{Rate, Unit};

/// `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of tokens, short: `500`, `128K`, `1.05M`.
pub fn tokens(n: u64) -> String {
    match n {
        0..1_000 => n.to_string(),
        1_000..999_500 => format!("{}K", (n + 500) / 1_000),
        999_500..999_995_000 => hundredths((n + 5_000) / 10_000, "M"),
        _ => hundredths(n / 10_000_000, "B"),
    }
}

/// Hundredths of a unit, without useless zeros.
fn hundredths(n: u64, unit: &str) -> String {
    let fraction = format!("{:02}", n % 100);
    match fraction.trim_end_matches('0') {
        "" => format!("{}{unit}", n / 100),
        fraction => format!("{}.{fraction}{unit}", n / 100),
    }
}

/// Exact dollars of a price: per million for tokens, else per unit: `$0.15`, `$0.0375`, `Free`.
pub fn price(unit: Unit, rate: Rate) -> String {
    if rate.is_free() {
        return "Free".to_owned();
    }
    let exact = if unit.is_token() { rate.per_million().to_string() } else { rate.dollars().normalize().to_string() };
    dollars(&exact)
}

/// A decimal number of dollars, with at least two decimals.
fn dollars(exact: &str) -> String {
    match exact.split_once('.') {
        None => format!("${exact}.00"),
        Some((_, fraction)) if fraction.len() == 1 => format!("${exact}0"),
        Some(_) => format!("${exact}"),
    }
}

/// Milliseconds as seconds: `0.54 s`.
pub fn seconds(ms: u32) -> String {
    let hundredths = (u64::from(ms) + 5) / 10;
    format!("{}.{:02} s", hundredths / 100, hundredths % 100)
}

/// `58 tokens/s`; nothing if there is too little to measure.
pub fn tokens_per_second(tokens: u64, ms: u32) -> Option<String> {
    let speed = tokens.checked_mul(1_000)?.checked_div(u64::from(ms))?;
    (speed > 0).then(|| format!("{} tokens/s", count(speed)))
}

/// `2026-11-22` as `22 Nov 2026`, `2026-11` as `Nov 2026`; anything else as it is.
pub fn day(iso: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = iso.splitn(3, '-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let written = (|| {
        let month = MONTHS.get(month?.parse::<usize>().ok()?.checked_sub(1)?)?;
        let day = day.map(|day| day.parse::<u8>().map(|day| format!("{day} "))).transpose().ok()?;
        Some(format!("{}{month} {}", day.unwrap_or_default(), year?))
    })();
    written.unwrap_or_else(|| iso.to_owned())
}

/// `1 provider`, `2 providers`.
pub fn plural(n: usize, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {noun}{s}", count(n as u64))
}

/// With a capital first letter.
pub fn capitalised(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A value as part of a query string. Slashes, colons and commas stay readable; they are allowed there.
pub fn query_value(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' | b',' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact_and_have_cents() {
        for (unit, per_unit, expected) in [
            (Unit::Prompt, "0.00000015", "$0.15"),
            (Unit::Completion, "0.000003", "$3.00"),
            (Unit::CacheRead, "0.0000000375", "$0.0375"),
            (Unit::Prompt, "0.000000000004", "$0.000004"),
            (Unit::Completion, "0.00015", "$150.00"),
            (Unit::Prompt, "0", "Free"),
            (Unit::ImageGeneration, "0.04", "$0.04"),
            (Unit::Request, "0.5", "$0.50"),
        ] {
            assert_eq!(price(unit, per_unit.parse().unwrap()), expected);
        }
    }

    #[test]
    fn numbers_are_written_short_where_they_are_long() {
        for (n, expected) in [
            (0, "0"),
            (999, "999"),
            (131_072, "131K"),
            (1_000_000, "1M"),
            (999_999, "1M"),
            (1_048_576, "1.05M"),
            (2_500_000, "2.5M"),
        ] {
            assert_eq!(tokens(n), expected);
        }
        for (n, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(n), expected);
        }
        assert_eq!(seconds(545), "0.55 s");
        assert_eq!(tokens_per_second(100, 0), None);
        assert_eq!(tokens_per_second(116, 2_000).as_deref(), Some("58 tokens/s"));
    }

    #[test]
    fn days_are_written_out() {
        assert_eq!(day("2026-11-02"), "2 Nov 2026");
        assert_eq!(day("2026-13-02"), "2026-13-02");
        assert_eq!(day("2026-06"), "Jun 2026");
        assert_eq!(day("soon"), "soon");
    }

    #[test]
    fn query_values_carry_any_text() {
        assert_eq!(query_value("a b&c=d/é,x:y+"), "a+b%26c%3Dd/%C3%A9,x:y%2B");
    }
}
