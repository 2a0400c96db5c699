use domain::{Tokenizer, Unit, Usage};

fn line(usage: &Usage, wanted: Unit) -> u64 {
    usage.billable().iter().find(|(unit, _)| *unit == wanted).unwrap().1
}

#[test]
fn parts_that_exceed_their_total_bill_no_token_twice() {
    let usage = Usage {
        prompt: 10,
        cache_read: 8,
        cache_write: 8,
        audio_in: 8,
        image_in: 8,
        video_in: 8,
        audio_cache_read: 9,
        image_cache_read: 9,
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
    let of = |wanted| line(&usage, wanted);
    assert_eq!((of(Unit::Prompt), of(Unit::CacheWrite), of(Unit::CacheWrite1h)), (4, 2, 4));
}

#[test]
fn cached_sound_and_pictures_are_neither_plain_cache_reads_nor_fresh_media() {
    let usage = Usage {
        prompt: 100,
        cache_read: 50,
        audio_in: 20,
        audio_cache_read: 15,
        image_in: 30,
        image_cache_read: 30,
        video_in: 10,
        ..Usage::default()
    };
    let of = |wanted| line(&usage, wanted);
    assert_eq!((of(Unit::CacheRead), of(Unit::AudioCacheRead), of(Unit::ImageCacheRead)), (5, 15, 30));
    assert_eq!((of(Unit::Audio), of(Unit::ImageToken), of(Unit::Video), of(Unit::Prompt)), (5, 0, 10, 35));
}

#[test]
fn every_kind_of_completion_token_has_its_own_line() {
    let usage =
        Usage { completion: 100, reasoning: 40, audio_out: 20, image_out: 10, citations: 7, ..Usage::default() };
    let of = |wanted| line(&usage, wanted);
    assert_eq!((of(Unit::InternalReasoning), of(Unit::AudioOutput), of(Unit::ImageOutput)), (40, 20, 10));
    assert_eq!((of(Unit::Completion), of(Unit::Citation)), (30, 7));
}

#[test]
fn records_of_before_the_tokenizer_was_named_still_read() {
    let old: Usage = serde_json::from_str(r#"{"prompt": 3, "completion": 2, "estimated": true}"#).unwrap();
    assert_eq!((old.prompt, old.estimated, old.tokenizer), (3, true, None));
    let new = Usage { tokenizer: Some(Tokenizer::O200kBase), ..old };
    let text = serde_json::to_string(&new).unwrap();
    assert!(text.contains(&format!(r#""tokenizer":"{}""#, Tokenizer::O200kBase.name())), "{text}");
    assert_eq!(serde_json::from_str::<Usage>(&text).unwrap(), new);
}

#[test]
fn a_ranking_costs_as_many_requests_as_it_has_search_units() {
    let requests = |search_units| {
        let usage = Usage { search_units, ..Usage::default() };
        usage.billable().iter().find(|(unit, _)| *unit == Unit::Request).unwrap().1
    };
    assert_eq!((requests(0), requests(1), requests(3)), (1, 1, 3));
}
