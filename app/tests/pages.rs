//! Pages render on the server against fakes: no database, no HTTP, no browser.
#![cfg(feature = "ssr")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

#[path = "pages/fake.rs"]
mod fake;

use fake::{Fake, Served, card, endpoint, get};

#[tokio::test]
async fn the_home_page_counts_what_the_catalog_holds() {
    let page = get("/", Fake::default()).await;
    assert_eq!(page.status, 200);
    page.has(&["<title>Every model, one API · Souk</title>", "1,234", "Browse models", "Create key"]);
    page.has(&["http://souk.test/api/v1/chat/completions", "href=\"/maker/alpha\"", "as of 22 Nov 2026"]);
}

#[tokio::test]
async fn the_home_page_loads_even_when_the_catalog_fails() {
    let page = get("/", Fake { catalog_fails: true, ..Fake::default() }).await;
    assert_eq!(page.status, 200);
    page.has(&["A receipt for every request.", "Browse models"]);
    page.lacks(&["class=\"counters\"", "Ready to be called"]);
}

#[tokio::test]
async fn a_server_that_can_call_nothing_says_so() {
    let page = get("/", Fake { callable_models: 0, ..Fake::default() }).await;
    page.has(&["No model can be called yet."]);
    get("/", Fake::default()).await.lacks(&["No model can be called yet."]);
}

#[tokio::test]
async fn the_model_list_shows_exact_prices_per_million() {
    let page = get("/models", Fake::default()).await;
    page.has(&["<title>Models · Souk</title>", "href=\"/maker/alpha\"", "$0.15", "$0.0375", "128K", "2 models"]);
}

#[tokio::test]
async fn an_unknown_price_is_a_dash_and_never_zero() {
    let unpriced = api::ModelCard { prompt: None, completion: None, ..card("maker/unpriced") };
    let page = get("/models", Fake { models: vec![unpriced], ..Fake::default() }).await;
    page.has(&["aria-label=\"unknown\"", "–"]);
    page.lacks(&["class=\"price\""]);
}

#[tokio::test]
async fn a_simulated_model_is_labelled_in_every_list_and_on_its_page() {
    let simulated = api::ModelCard { simulated: true, ..card("maker/alpha") };
    let fake = || Fake { models: vec![simulated.clone()], ..Fake::default() };
    for path in ["/", "/models", "/maker/alpha"] {
        get(path, fake()).await.has(&["Simulated"]);
    }
}

#[tokio::test]
async fn filters_of_the_url_are_in_the_form_the_chips_and_the_links() {
    let page = get("/models?input=image&supports=tools&min_context=128000&sort=name&q=al", Fake::default()).await;
    page.has(&["value=\"al\"", "Context ≥ 128K", "“al”", "aria-label=\"Remove filter Tools\""]);
    // Each chip leads to the list without its filter; the rest stays.
    page.has(&["href=\"/models?q=al&amp;input=image&amp;min_context=128000&amp;sort=name\""]);
    page.has(&["href=\"/models?sort=name\""]);
    assert_eq!(page.tag("input", "value=\"image\"").matches("checked").count(), 1);
    assert_eq!(page.tag("input", "value=\"file\"").matches("checked").count(), 0);
}

#[tokio::test]
async fn the_catalog_is_asked_exactly_what_the_url_says() {
    let page = get("/models?input=image&input=file&max_price=0.5&page=2", Fake::default()).await;
    let asked = page.asked();
    assert_eq!((asked.input.as_str(), asked.max_price.as_str(), asked.page.as_str()), ("image,file", "0.5", "2"));
}

#[tokio::test]
async fn long_lists_have_pages_that_keep_the_filters() {
    let page = get("/models?supports=tools&page=2", Fake { pages: 3, ..Fake::default() }).await;
    page.has(&[
        "Page 2 of 3",
        "rel=\"prev\" href=\"/models?supports=tools\"",
        "rel=\"next\" href=\"/models?supports=tools&amp;page=3\"",
    ]);
}

#[tokio::test]
async fn an_empty_list_names_the_filter_that_helps_most() {
    let fake = Fake { models: Vec::new(), best_to_drop: Some(("min_context".to_owned(), 12)), ..Fake::default() };
    let page = get("/models?q=x&min_context=1000000", fake).await;
    page.has(&[
        "No model fits all of these filters",
        "Without Context length there are 12 models.",
        "href=\"/models?q=x\"",
    ]);
}

#[tokio::test]
async fn a_model_page_shows_each_endpoint_with_all_that_is_known() {
    let page = get("/maker/alpha", Fake::default()).await;
    assert_eq!(page.status, 200);
    page.has(&[
        "<title>Alpha · Souk</title>",
        "Provider One",
        "one/fp8",
        "fp8",
        "No training, keeps nothing",
        "Callable",
    ]);
    page.has(&["set TWO_API_KEY", "Above 256,000 prompt tokens: $0.25 in", "base_url=\"http://souk.test/api/v1\""]);
}

#[tokio::test]
async fn what_is_unknown_of_an_endpoint_stays_unknown() {
    let mut unknown = endpoint("two");
    unknown.prices = domain::Prices::default();
    unknown.policy = api::PolicyFacts::default();
    unknown.headquarters = None;
    let page = get("/maker/alpha", Fake { endpoints: vec![unknown], ..Fake::default() }).await;
    page.has(&["Headquarters: unknown", "Unknown."]);
    page.lacks(&["$0.00", "keeps nothing"]);
}

#[tokio::test]
async fn a_model_that_cannot_be_called_says_why() {
    let model = api::ModelCard { callable: false, ..card("maker/alpha") };
    let mut refused = endpoint("two");
    refused.not_callable = Some("set TWO_API_KEY".to_owned());
    let page = get("/maker/alpha", Fake { models: vec![model], endpoints: vec![refused], ..Fake::default() }).await;
    page.has(&["It cannot be called on this server now.", "Set TWO_API_KEY"]);
    page.lacks(&["href=\"/chat?model="]);
}

#[tokio::test]
async fn a_variant_is_part_of_the_address() {
    let page = get("/maker/alpha:free", Fake { models: vec![card("maker/alpha:free")], ..Fake::default() }).await;
    assert_eq!(page.status, 200);
    page.has(&["maker/alpha:free"]);
}

#[tokio::test]
async fn what_does_not_exist_is_answered_with_404() {
    for path in ["/maker/unknown", "/NOT/A-Slug", "/nowhere", "/a/b/c"] {
        let page = get(path, Fake::default()).await;
        assert_eq!(page.status, 404, "{path}");
        page.has(&["There is no such page"]);
    }
}

#[tokio::test]
async fn text_of_the_url_is_never_markup() {
    let page = get("/models?q=%3Cscript%3Ealert(1)%3C/script%3E&author=%22%3E%3Cimg%3E", Fake::default()).await;
    page.lacks(&["<script>alert", "\"><img>"]);
    page.has(&["&lt;script&gt;"]);
}

#[tokio::test]
async fn both_forms_of_the_sign_in_page_post_and_return_to_where_one_came_from() {
    let page = get("/sign-in?next=/maker/alpha", Fake::default()).await;
    page.has(&["action=\"/api/sign_in\"", "action=\"/api/sign_up\"", "method=\"post\"", "value=\"/maker/alpha\""]);
    page.has(&["autocomplete=\"current-password\"", "autocomplete=\"new-password\""]);
    get("/sign-in?next=https://evil.example", Fake::default()).await.lacks(&["evil.example\""]);
}

#[tokio::test]
async fn the_bar_shows_credits_to_who_is_signed_in_and_a_door_to_who_is_not() {
    let signed_in = get("/models", Fake { me: true, ..Fake::default() }).await;
    signed_in.has(&["Credits: $12.50", "me@souk.test", "action=\"/api/sign_out\""]);
    signed_in.lacks(&["href=\"/sign-in\""]);
    get("/models", Fake::default()).await.has(&["href=\"/sign-in\""]);
}

#[tokio::test]
async fn the_theme_of_the_cookie_is_painted_by_the_server() {
    let dark = Served::document("/models", Fake::default(), Some("a=b; theme=dark")).await;
    dark.has(&["<html lang=\"en\" data-theme=\"dark\">"]);
    let system = Served::document("/models", Fake::default(), None).await;
    system.has(&["<html lang=\"en\">"]);
}

#[tokio::test]
async fn scripts_need_the_nonce_of_the_answer() {
    let page = Served::document("/models", Fake::default(), None).await;
    let policy = page.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    assert!(nonce.len() >= 16, "{policy}");
    assert!(!policy.contains("script-src 'self' 'unsafe-inline'"), "{policy}");
    for script in page.html.match_indices("<script").map(|(at, _)| page.html[at..].split('>').next().unwrap()) {
        assert!(script.contains(&format!("nonce=\"{nonce}\"")), "{script}");
    }
}

#[tokio::test]
async fn the_billing_page_says_what_is_paid_however_a_request_ends_and_who_counts() {
    let page = get("/docs/billing", Fake::default()).await;
    assert_eq!(page.status, 200);
    page.has(&["<title>Billing · Souk</title>", "You left before the first token", "o200k_base", "bpe-openai"]);
    page.has(&["Acme, Beta", "Gamma", "Cached audio prompt tokens", "href=\"/docs/billing\""]);
}
