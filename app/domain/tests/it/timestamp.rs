use domain::Timestamp;

#[test]
fn moments_are_told_in_utc() {
    let at = Timestamp::from_unix_seconds(1_795_347_545);
    assert_eq!(at.to_string(), "2026-11-22T11:39:05.000000Z");
    assert_eq!((at.utc_day().as_str(), at.utc_weekday(), at.utc_minute_of_day()), ("22 Nov 2026", 7, 699));
}

#[test]
fn moments_out_of_range_do_not_panic() {
    for micros in [i64::MIN, -1, i64::MAX] {
        let _ = Timestamp(micros).to_string();
    }
}
