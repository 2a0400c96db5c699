//! Accounts on the site: the first one, signing in and out, sessions, throttling, and the chat as who one is.

use app::pages::sign_in::{SignIn, SignUp};
use app::session::{SignOut, Whoami};
use leptos::server_fn::ServerFn;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{TestServer, Visitor};

const PASSWORD: &str = "a password of mine";

async fn sign_up(visitor: &mut Visitor<'_>, email: &str) -> (StatusCode, Value) {
    visitor.submit(SignUp::PATH, &[("email", email), ("password", PASSWORD), ("next", "/keys")]).await
}

async fn sign_in(visitor: &mut Visitor<'_>, email: &str, password: &str) -> (StatusCode, Value) {
    visitor.submit(SignIn::PATH, &[("email", email), ("password", password), ("next", "/keys")]).await
}

async fn me(visitor: &mut Visitor<'_>) -> Value {
    visitor.submit(Whoami::PATH, &[]).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_account_becomes_admin_and_gets_a_credit_and_later_ones_do_not() {
    let server = TestServer::start().await;
    let (mut first, mut second) = (Visitor::of(&server), Visitor::of(&server));
    assert!(sign_up(&mut first, "Ada@Example.com ").await.0.is_redirection() || first.cookie.is_some());
    let who = me(&mut first).await;
    assert_eq!(who["email"], "ada@example.com");
    assert_eq!((&who["is_admin"], &who["available"]), (&json!(true), &json!(10_000_000_000_i64)));

    sign_up(&mut second, "bob@example.com").await;
    let who = me(&mut second).await;
    assert_eq!((&who["is_admin"], &who["available"]), (&json!(false), &json!(0)));
    server.assert_ledger_is_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_out_of_reach_for_scripts_and_other_sites() {
    let server = TestServer::start().await;
    let mut visitor = Visitor::of(&server);
    sign_up(&mut visitor, "ada@example.com").await;
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(visitor.set_cookie.contains(attribute), "{}", visitor.set_cookie);
    }
    assert!(!visitor.set_cookie.contains("Secure"), "this is http");
    let server = TestServer::start_with(&[("SOUK_PUBLIC_URL", "https://souk.example")]).await;
    let mut visitor = Visitor::of(&server);
    visitor.server_is_called("https://souk.example");
    sign_up(&mut visitor, "ada@example.com").await;
    assert!(visitor.set_cookie.contains("; Secure"), "{}", visitor.set_cookie);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_gets_a_new_name_at_sign_in_and_ends_at_sign_out() {
    let server = TestServer::start().await;
    let mut visitor = Visitor::of(&server);
    sign_up(&mut visitor, "ada@example.com").await;
    let first = visitor.cookie.clone();
    sign_in(&mut visitor, "ada@example.com", PASSWORD).await;
    assert_ne!(visitor.cookie, first);
    let mut old = Visitor::of(&server);
    old.cookie = first;
    assert_eq!(me(&mut old).await, Value::Null, "the old name opens nothing");

    let open = visitor.cookie.clone();
    visitor.submit(SignOut::PATH, &[]).await;
    visitor.cookie = open;
    assert_eq!(me(&mut visitor).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_cookie_opens_nothing() {
    let server = TestServer::start().await;
    let mut visitor = Visitor::of(&server);
    sign_up(&mut visitor, "ada@example.com").await;
    let cookie = visitor.cookie.clone().unwrap();
    visitor.cookie = Some(format!("{}x", &cookie[..cookie.len() - 1]));
    assert_eq!(me(&mut visitor).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let server = TestServer::start().await;
    let mut visitor = Visitor::of(&server);
    sign_up(&mut visitor, "ada@example.com").await;
    let mut other = Visitor::of(&server);
    let known = sign_in(&mut other, "ada@example.com", "a wrong password").await;
    let unknown = sign_in(&mut other, "nobody@example.com", "a wrong password").await;
    assert_eq!(known, unknown);
    assert!(known.1.to_string().contains("do not belong together"), "{known:?}");
    assert_eq!(other.cookie, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_stopped_for_one_address_and_not_for_others() {
    let server = TestServer::start().await;
    let mut visitor = Visitor::of(&server);
    sign_up(&mut visitor, "ada@example.com").await;
    sign_up(&mut visitor, "bob@example.com").await;
    let mut guesser = Visitor::of(&server);
    for _ in 0..10 {
        assert!(!sign_in(&mut guesser, "ada@example.com", "a wrong password").await.1.to_string().contains("TooMany"));
    }
    let (_, refused) = sign_in(&mut guesser, "ADA@example.com", PASSWORD).await;
    assert!(refused.to_string().contains("TooMany"), "{refused}");
    sign_in(&mut guesser, "bob@example.com", PASSWORD).await;
    assert_eq!(me(&mut guesser).await["email"], "bob@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_from_one_network_is_stopped_whatever_is_guessed() {
    let server = TestServer::start().await;
    let mut guesser = Visitor::of(&server);
    guesser.address = Some("203.0.113.9".to_owned());
    let mut last = Value::Null;
    for number in 0..61 {
        last = sign_in(&mut guesser, &format!("user{number}@example.com"), "a wrong password").await.1;
    }
    assert!(last.to_string().contains("TooMany"), "{last}");
    guesser.address = Some("203.0.113.10".to_owned());
    let elsewhere = sign_in(&mut guesser, "user99@example.com", "a wrong password").await.1;
    assert!(!elsewhere.to_string().contains("TooMany"), "{elsewhere}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_addresses_passwords_and_taken_addresses_are_told_at_their_field() {
    let server = TestServer::start().await;
    let mut visitor = Visitor::of(&server);
    sign_up(&mut visitor, "ada@example.com").await;
    for (email, password, field) in [
        ("ada", PASSWORD, "email"),
        ("ada@example.com", PASSWORD, "email"),
        ("bob@example.com", "short", "password"),
        ("bob@example.com", &"x".repeat(129), "password"),
    ] {
        let (_, refused) =
            visitor.submit(SignUp::PATH, &[("email", email), ("password", password), ("next", "")]).await;
        assert_eq!(refused["Api"]["Invalid"]["field"], field, "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_sign_up_lets_only_the_first_one_in() {
    let server = TestServer::start_with(&[("SOUK_SIGN_UP", "closed")]).await;
    let (mut first, mut second) = (Visitor::of(&server), Visitor::of(&server));
    sign_up(&mut first, "ada@example.com").await;
    assert_eq!(me(&mut first).await["is_admin"], true);
    let (_, refused) = sign_up(&mut second, "bob@example.com").await;
    assert_eq!(refused["Api"], "Forbidden", "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_is_refused() {
    let server = TestServer::start().await;
    let form = [("email", "ada@example.com"), ("password", PASSWORD)];
    let body = form.map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).join("&");
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("x-nothing", "here")] {
        let request = server.client.post(format!("{}{}", server.url, SignUp::PATH)).header(name, value);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(request.body(body.clone()).send().await.unwrap().status(), StatusCode::FORBIDDEN, "{name}");
    }
    assert!(server.store.has_no_accounts().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sites_chat_is_paid_by_who_is_signed_in_and_needs_our_own_header() {
    let server = TestServer::start().await;
    let mut visitor = Visitor::of(&server);
    let body = json!({"model": "simulator/echo", "messages": [{"role": "user", "content": "hello"}]});
    let chat = |visitor: &Visitor<'_>| visitor.request(Method::POST, "/chat/completions").json(&body);

    let nobody = chat(&visitor).header("x-souk-csrf", "1").send().await.unwrap();
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    sign_up(&mut visitor, "ada@example.com").await;
    assert_eq!(chat(&visitor).send().await.unwrap().status(), StatusCode::FORBIDDEN, "without the header");
    let answer = chat(&visitor).header("x-souk-csrf", "1").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "You said: hello");
    let available = me(&mut visitor).await["available"].as_i64().unwrap();
    assert!(available < 10_000_000_000, "it was paid for");
    server.assert_ledger_is_right().await;
}
