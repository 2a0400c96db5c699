use domain::{NanoUsd, PriceOverride, PriceSheet, Prices, Rate, Timestamp, Unit, Usage, cache_discount, cost};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn prices(list: &[(Unit, &str)]) -> Prices {
    Prices(list.iter().map(|(unit, rate)| (*unit, rate.parse().unwrap())).collect())
}

/// 2026-11-22 is a Sunday.
const SUNDAY_NOON: Timestamp = Timestamp(1_795_348_800_000_000);

#[test]
fn a_cost_is_summed_exactly_and_rounded_once() {
    let prices = prices(&[(Unit::Prompt, "0.0000000004"), (Unit::Completion, "0.0000000004")]);
    let usage = Usage { prompt: 1, completion: 1, ..Usage::default() };
    // Each line alone would round to zero.
    assert_eq!(cost(&prices, &usage).unwrap().total, NanoUsd(1));
}

#[test]
fn each_token_kind_is_billed_at_its_own_price_and_once() {
    let prices = prices(&[
        (Unit::Prompt, "0.000003"),
        (Unit::Completion, "0.000015"),
        (Unit::CacheRead, "0.0000003"),
        (Unit::CacheWrite, "0.00000375"),
    ]);
    let usage =
        Usage { prompt: 1_000, cache_read: 600, cache_write: 300, completion: 50, reasoning: 20, ..Usage::default() };
    let cost = cost(&prices, &usage).unwrap();
    // 100 × 3 + 600 × 0.3 + 300 × 3.75 + 50 × 15 millionths of a dollar.
    assert_eq!(cost.total, NanoUsd(2_355_000));
    assert_eq!(cost.lines.iter().map(|l| l.quantity).sum::<u64>(), 1_050);
}

#[test]
fn what_caching_saved_is_the_difference_to_plain_prompt_tokens() {
    let prices =
        prices(&[(Unit::Prompt, "0.000003"), (Unit::CacheRead, "0.0000003"), (Unit::CacheWrite, "0.00000375")]);
    let discount = |cache_read, cache_write| {
        let usage = Usage { prompt: 1_000, cache_read, cache_write, ..Usage::default() };
        cache_discount(&prices, &cost(&prices, &usage).unwrap())
    };
    assert_eq!(discount(0, 0), None);
    assert_eq!(discount(1_000, 0), Some(NanoUsd(2_700_000)));
    // 600 × 2.7 saved, 400 × 0.75 spent.
    assert_eq!(discount(600, 400), Some(NanoUsd(1_320_000)));
    assert_eq!(discount(0, 400), Some(NanoUsd(-300_000)));
}

#[test]
fn a_unit_without_a_price_falls_back_to_its_kin() {
    let prices = prices(&[(Unit::Prompt, "0.000002"), (Unit::Completion, "0.000004")]);
    assert_eq!(prices.charged(Unit::CacheWrite1h).to_string(), "0.000002");
    assert_eq!(prices.charged(Unit::InternalReasoning).to_string(), "0.000004");
    assert!(prices.charged(Unit::WebSearch).is_free());
}

#[test]
fn a_long_prompt_meets_its_own_price_strictly_above_the_limit() {
    let long = PriceOverride {
        min_prompt_tokens: Some(200_000),
        prices: prices(&[(Unit::Prompt, "0.000006")]),
        ..PriceOverride::default()
    };
    let sheet = PriceSheet { prices: prices(&[(Unit::Prompt, "0.000003")]), overrides: vec![long] };
    assert_eq!(sheet.at(200_000, SUNDAY_NOON).charged(Unit::Prompt).to_string(), "0.000003");
    assert_eq!(sheet.at(200_001, SUNDAY_NOON).charged(Unit::Prompt).to_string(), "0.000006");
    assert_eq!(sheet.ceiling().charged(Unit::Prompt).to_string(), "0.000006");
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_it_opens() {
    let night = PriceOverride {
        utc_minutes: Some((22 * 60, 6 * 60)),
        utc_days: vec![7],
        prices: prices(&[(Unit::Prompt, "0.000001")]),
        ..PriceOverride::default()
    };
    let sheet = PriceSheet { prices: prices(&[(Unit::Prompt, "0.000003")]), overrides: vec![night] };
    let at =
        |hours: i64| sheet.at(1, Timestamp(SUNDAY_NOON.0 + hours * 3_600_000_000)).charged(Unit::Prompt).to_string();
    assert_eq!(at(0), "0.000003");
    assert_eq!(at(11), "0.000001"); // Sunday 23:00
    assert_eq!(at(17), "0.000001"); // Monday 05:00
    assert_eq!(at(18), "0.000003"); // Monday 06:00
    assert_eq!(at(35), "0.000003"); // Monday 23:00
}

#[test]
fn wrong_prices_are_refused() {
    for text in ["", "-0.1", "1e-7", "abc", "0,1", "1000001"] {
        assert!(text.parse::<Rate>().is_err(), "{text} was read");
    }
}

#[test]
fn only_lists_with_both_directions_take_paid_traffic() {
    assert!(!prices(&[(Unit::Prompt, "0.1")]).covers_chat());
    assert!(!Prices::default().is_free());
    assert!(prices(&[(Unit::Prompt, "0"), (Unit::Completion, "0")]).covers_chat());
}

proptest! {
    #[test]
    fn the_total_is_the_sum_of_the_lines(
        prompt in 0_u64..2_000_000, cached in 0_u64..3_000_000, completion in 0_u64..500_000, reasoning in 0_u64..600_000,
        rates in prop::collection::vec(0_i64..1_000_000, 4),
    ) {
        let rate = |i: usize| Rate::new(Decimal::new(rates[i], 11)).unwrap();
        let prices = Prices([
            (Unit::Prompt, rate(0)), (Unit::Completion, rate(1)), (Unit::CacheRead, rate(2)), (Unit::InternalReasoning, rate(3)),
        ].into());
        let usage = Usage { prompt, cache_read: cached, completion, reasoning, ..Usage::default() };
        let cost = cost(&prices, &usage).unwrap();
        let sum: Decimal = cost.lines.iter().map(|l| l.amount().unwrap()).sum();
        prop_assert_eq!(cost.total, NanoUsd::round_from(sum).unwrap());
        prop_assert_eq!(cost.lines.iter().map(|l| l.quantity).sum::<u64>(), prompt + completion);
    }

    #[test]
    fn no_usage_makes_the_computation_panic(counts in prop::collection::vec(any::<u64>(), 14)) {
        let usage = Usage {
            prompt: counts[0], completion: counts[1], cache_read: counts[2], cache_write: counts[3], cache_write_1h: counts[4],
            audio_in: counts[5], reasoning: counts[6], audio_out: counts[7], image_out: counts[8],
            image_in: counts[9], video_in: counts[10], audio_cache_read: counts[11], image_cache_read: counts[12], citations: counts[13],
            ..Usage::default()
        };
        let _ = cost(&prices(&[(Unit::Prompt, "0.1"), (Unit::Completion, "1000000")]), &usage);
    }
}
