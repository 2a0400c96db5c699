//! The pages of a signed-in visitor render on the server against fakes: no database, no HTTP, no browser.
#![cfg(feature = "ssr")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "account_pages/fake.rs"]
mod fake;

use domain::{Failure, GenerationState, NanoUsd};
use fake::{Fake, SECRET, generation, generation_id, get, get_with_cookie, key, key_id};

#[tokio::test]
async fn a_stranger_is_asked_to_sign_in_and_comes_back_to_the_same_page() {
    for (path, next) in [
        ("/keys", "/keys"),
        ("/activity?state=failed", "/activity%3Fstate%3Dfailed"),
        ("/account", "/account"),
        ("/chat?model=maker/alpha", "/chat%3Fmodel%3Dmaker"),
    ] {
        let page = get(path, Fake::default()).await;
        page.has(&[&format!("href=\"/sign-in?next={next}")]);
        page.lacks(&["class=\"data-table\"", "class=\"composer\""]);
    }
}

#[tokio::test]
async fn a_newcomer_is_led_to_the_first_key_and_the_first_request() {
    let page = get("/keys", Fake::signed_in()).await;
    page.has(&["No keys yet", "href=\"/keys?new=1\"", "curl http://souk.test/api/v1/chat/completions", "maker/alpha"]);
    page.lacks(&["<table", "class=\"dialog\""]);
}

#[tokio::test]
async fn keys_are_listed_with_what_they_spent_of_their_limit() {
    let unlimited = api::KeyRow { limit: None, held: NanoUsd(12), ..key('b', "Evals") };
    let off = api::KeyRow { disabled: true, ..key('c', "Old CI") };
    let page = get("/keys", Fake { keys: vec![key('a', "Laptop"), unlimited, off], ..Fake::signed_in() }).await;
    page.has(&["Laptop", "sk-souk-v1-aaa…aaa", "of $20.00", "--at:25%", "$5.000000001", "Never", "Active"]);
    page.has(&["No limit", "$0.000000012 held by running requests", "data-state=\"off\"", "Disabled"]);
    page.has(&[&format!("href=\"/keys?key={}\"", key_id('a'))]);
}

#[tokio::test]
async fn a_key_at_its_limit_is_said_on_top_of_the_page() {
    let spent_up = api::KeyRow { spent: NanoUsd(20_000_000_000), ..key('a', "Interns") };
    let page = get("/keys", Fake { keys: vec![spent_up], ..Fake::signed_in() }).await;
    page.has(&["Interns has reached its limit of $20.00.", "Limit reached", "402"]);
}

#[tokio::test]
async fn dialogs_of_the_url_are_open_and_their_forms_post_without_script() {
    let create = get("/keys?new=1", Fake::signed_in()).await;
    create.has(&["<dialog", "open", "action=\"/api/create_key\"", "method=\"post\"", "name=\"limit_usd\""]);
    let fake = Fake { keys: vec![key('a', "Laptop")], ..Fake::signed_in() };
    let manage = get(&format!("/keys?key={}", key_id('a')), fake).await;
    manage.has(&[
        "action=\"/api/set_key_limit\"",
        "action=\"/api/set_key_disabled\"",
        "action=\"/api/delete_key\"",
        "Delete for good",
    ]);
    manage.has(&[
        "name=\"disabled\" value=\"true\"",
        "value=\"20\"",
        &format!("name=\"id\" value=\"{}\"", key_id('a')),
    ]);
}

#[tokio::test]
async fn an_unknown_key_in_the_url_opens_nothing() {
    for id in ["x".to_owned(), key_id('f').to_string()] {
        let page = get(&format!("/keys?key={id}"), Fake { keys: vec![key('a', "Laptop")], ..Fake::signed_in() }).await;
        page.lacks(&["class=\"dialog\""]);
        page.has(&["Laptop"]);
    }
}

#[tokio::test]
async fn a_secret_made_without_script_is_shown_once_and_its_cookie_ends() {
    let page = get_with_cookie(
        "/keys",
        Fake { keys: vec![key('a', "Laptop")], ..Fake::signed_in() },
        &format!("souk-new-key={SECRET}"),
    )
    .await;
    page.has(&["Copy your key now", SECRET]);
    assert!(
        page.cookies.iter().any(|cookie| cookie.starts_with("souk-new-key=;") && cookie.contains("Max-Age=0")),
        "{:?}",
        page.cookies
    );
    get("/keys", Fake::signed_in()).await.lacks(&["Copy your key now"]);
}

#[tokio::test]
async fn the_first_visit_to_activity_says_where_requests_come_from() {
    let page = get("/activity", Fake::signed_in()).await;
    page.has(&["No requests yet", "href=\"/chat\""]);
    let filtered = get("/activity?model=maker/none", Fake::signed_in()).await;
    filtered.has(&["No request fits these filters", "value=\"maker/none\"", "Model: maker/none"]);
}

#[tokio::test]
async fn the_log_shows_exact_costs_and_who_served_after_how_many_tries() {
    let page = get("/activity", Fake { log: vec![generation('1')], ..Fake::signed_in() }).await;
    page.has(&["$0.0000045", "Laptop", "Provider two", "2 tries", "0.54 s", "maker/alpha"]);
    page.has(&[&format!("href=\"/activity?open={}\"", generation_id('1'))]);
    page.lacks(&["class=\"drawer\""]);
}

#[tokio::test]
async fn the_log_is_asked_exactly_what_the_url_says() {
    let path = format!("/activity?model=maker/alpha&provider=two&key={}&state=failed&page=2", key_id('a'));
    let page = get(&path, Fake { log: vec![generation('1')], pages: 3, ..Fake::signed_in() }).await;
    let asked = page.fake.asked.lock().unwrap().clone().unwrap();
    assert_eq!(
        (asked.model.as_str(), asked.provider.as_str(), asked.state.as_str(), asked.page),
        ("maker/alpha", "two", "failed", 2)
    );
    assert_eq!(asked.key, key_id('a').as_str());
    page.has(&["Page 2 of 3", "page=3\"", "Remove filter Laptop"]);
}

#[tokio::test]
async fn an_open_request_tells_attempts_exclusions_and_a_receipt_that_adds_up() {
    let fake = Fake { log: vec![generation('1'), generation('2'), generation('3')], ..Fake::signed_in() };
    let page = get(&format!("/activity?state=completed&open={}", generation_id('2')), fake).await;
    page.has(&[
        "class=\"drawer\"",
        "The provider is over capacity (rate_limit_exceeded). Given up at 0.08 s.",
        "busy_2",
    ]);
    page.has(&["First token at 0.54 s, then 7 tokens at 2 tokens/s.", "This server has no key for the provider."]);
    page.has(&[
        "3 × $0.10/M",
        "$0.0000003",
        "7 × $0.6000000001/M",
        "$0.0000042000000007",
        "−$0.0000000000000007",
        "$0.0000045",
    ]);
    page.has(&["end_turn", "msg_1", "$0.00009", "Newer request", "Older request"]);
    page.has(&[&format!("state=completed&amp;open={}", generation_id('3')), "aria-current=\"true\""]);
}

#[tokio::test]
async fn a_failed_request_says_why_and_costs_nothing() {
    let mut failed = generation('1');
    failed.state = GenerationState::Failed;
    failed.served_by = None;
    failed.cost = domain::Cost::default();
    failed.finish_reason = None;
    failed.error = Some(Failure {
        error_type: "provider_unavailable".into(),
        message: "No provider answered.".into(),
        code: None,
    });
    let page =
        get(&format!("/activity?open={}", generation_id('1')), Fake { log: vec![failed], ..Fake::signed_in() }).await;
    page.has(&["No provider answered.", "provider_unavailable", "Nobody", "failed", "<dd>$0</dd>"]);
}

#[tokio::test]
async fn a_request_that_is_not_ours_is_not_there() {
    let page = get(
        &format!("/activity?open={}", generation_id('9')),
        Fake { log: vec![generation('1')], ..Fake::signed_in() },
    )
    .await;
    page.has(&["No such request"]);
}

#[tokio::test]
async fn chat_opens_with_the_lanes_of_the_url_and_labels_simulated_models() {
    let page = get("/chat?model=souk/parrot&model=maker/alpha,maker/unknown", Fake::signed_in()).await;
    page.has(&["PARROT answers", "ALPHA answers", "Simulated", "--lanes:2", "Ask both …", "<noscript>"]);
    let plain = get("/chat", Fake::signed_in()).await;
    plain.has(&["ALPHA answers", "$0.15 in · $0.60 out", "--lanes:1"]);
    plain.lacks(&["PARROT answers"]);
}

#[tokio::test]
async fn chat_without_a_callable_model_says_what_is_missing() {
    let page = get("/chat", Fake { models: Vec::new(), ..Fake::signed_in() }).await;
    page.has(&["No model can be called here yet", "href=\"/models\""]);
    page.lacks(&["class=\"composer\""]);
}

#[tokio::test]
async fn the_account_page_shows_exact_credits_and_changes_the_password_without_script() {
    let page = get("/account", Fake::signed_in()).await;
    page.has(&[
        "me@souk.test",
        "$12.500000001",
        "$0.000000007",
        "action=\"/api/change_password\"",
        "autocomplete=\"new-password\"",
    ]);
    page.lacks(&["Your password is changed."]);
    get("/account?changed=1", Fake::signed_in()).await.has(&["Your password is changed."]);
}
