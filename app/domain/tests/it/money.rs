use domain::{MoneyError, NanoUsd};
use proptest::prelude::*;

fn usd(text: &str) -> NanoUsd {
    text.parse().unwrap()
}

#[test]
fn dollars_are_read_exactly() {
    assert_eq!(usd("5"), NanoUsd(5_000_000_000));
    assert_eq!(usd("12.50"), NanoUsd(12_500_000_000));
    assert_eq!(usd("0.000000001"), NanoUsd(1));
    assert_eq!(usd(" 1 "), NanoUsd(1_000_000_000));
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in ["", "abc", "1,000", "0.0000000001", "1e3", "$5", "99999999999999999999999999999999"] {
        assert!(text.parse::<NanoUsd>().is_err(), "{text} was read");
    }
    assert_eq!("9223372037".parse::<NanoUsd>(), Err(MoneyError::OutOfRange));
}

#[test]
fn sums_past_the_range_are_errors() {
    assert_eq!(NanoUsd(i64::MAX).checked_add(NanoUsd(1)), Err(MoneyError::OutOfRange));
    assert_eq!(NanoUsd(i64::MIN).checked_sub(NanoUsd(1)), Err(MoneyError::OutOfRange));
}

#[test]
fn halves_of_a_billionth_are_rounded_to_even() {
    let nanos = |text: &str| NanoUsd::round_from(text.parse().unwrap()).unwrap().0;
    assert_eq!(nanos("0.0000000005"), 0);
    assert_eq!(nanos("0.0000000015"), 2);
    assert_eq!(nanos("0.0000000025"), 2);
    assert_eq!(nanos("0.00000000250001"), 3);
}

#[test]
fn amounts_are_shown_exactly() {
    assert_eq!(NanoUsd(12_300).to_string(), "$0.0000123");
    assert_eq!(NanoUsd(-2_000_000_000).to_string(), "−$2");
    assert_eq!(NanoUsd(12_300).to_json_number(), "0.0000123");
    assert_eq!(NanoUsd::ZERO.to_json_number(), "0");
}

#[test]
fn a_short_amount_never_promises_more_than_there_is() {
    assert_eq!(NanoUsd(9_999_980_000).display_short(), "$9.9999");
    assert_eq!(NanoUsd(12_500_000_000).display_short(), "$12.50");
    assert_eq!(NanoUsd(199_999_000_000).display_short(), "$199.99");
    assert_eq!(NanoUsd(12_300).display_short(), "$0.0000123");
}

proptest! {
    #[test]
    fn every_amount_survives_being_written_and_read(nanos in any::<i64>()) {
        let amount = NanoUsd(nanos);
        prop_assert_eq!(amount.to_json_number().parse::<NanoUsd>(), Ok(amount));
    }

    #[test]
    fn a_hold_is_never_less_than_the_cost(units in 0_i64..i64::MAX / 4, scale in 0_u32..20) {
        let dollars = rust_decimal::Decimal::new(units, scale);
        if let (Ok(up), Ok(half_even)) = (NanoUsd::ceil_from(dollars), NanoUsd::round_from(dollars)) {
            prop_assert!(up >= half_even);
        }
    }

    #[test]
    fn no_text_makes_reading_panic(text in ".*") {
        let _ = text.parse::<NanoUsd>();
    }
}
