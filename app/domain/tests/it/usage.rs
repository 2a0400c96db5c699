use domain::{Unit, Usage};

#[test]
fn parts_that_exceed_their_total_bill_no_token_twice() {
    let usage = Usage {
        prompt: 10,
        cache_read: 8,
        cache_write: 8,
        audio_in: 8,
        completion: 5,
        reasoning: 9,
        ..Usage::default()
    };
    let tokens: u64 = usage.billable().iter().filter(|(unit, _)| unit.is_token()).map(|(_, count)| count).sum();
    assert_eq!(tokens, 15);
}

#[test]
fn hour_long_cache_writes_are_not_also_short_ones() {
    let usage = Usage { prompt: 10, cache_write: 6, cache_write_1h: 4, ..Usage::default() };
    let of = |wanted: Unit| usage.billable().iter().find(|(unit, _)| *unit == wanted).unwrap().1;
    assert_eq!((of(Unit::Prompt), of(Unit::CacheWrite), of(Unit::CacheWrite1h)), (4, 2, 4));
}

#[test]
fn a_ranking_costs_as_many_requests_as_it_has_search_units() {
    let requests = |search_units| {
        let usage = Usage { search_units, ..Usage::default() };
        usage.billable().iter().find(|(unit, _)| *unit == Unit::Request).unwrap().1
    };
    assert_eq!((requests(0), requests(1), requests(3)), (1, 1, 3));
}
