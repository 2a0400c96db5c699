//! A whole server for one test: wired as in production, on a port of its own, with a database of its own and the simulator.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use domain::{AccountId, NanoUsd};
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use server::catalog::LiveCatalog;
use server::config::{Config, Secret};
use server::drain::Drain;
use server::{key, serve};
use store::Store;
use uuid::Uuid;

/// A database that is there as long as this is.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    pub url: String,
}

impl TestDatabase {
    /// Empty, on the server of `DATABASE_URL`, which `make test` sets.
    pub fn create() -> Self {
        let name = format!("souk_it_{}", Uuid::now_v7().simple());
        psql(&format!("create database {name}"));
        let base: http::Uri = server_url().parse().unwrap();
        let query = base.query().map(|query| format!("?{query}")).unwrap_or_default();
        let url = format!("{}://{}/{name}{query}", base.scheme_str().unwrap(), base.authority().unwrap());
        Self { name, url }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        psql(&format!("drop database if exists {} with (force)", self.name));
    }
}

fn server_url() -> String {
    variable("DATABASE_URL").expect("set DATABASE_URL to a PostgreSQL where databases may be made; `make test` does")
}

fn psql(sql: &str) {
    let out = Command::new("psql").args([&server_url(), "-qX", "-v", "ON_ERROR_STOP=1", "-c", sql]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

/// A variable of the environment, as `std::env::var` would give it.
pub fn variable(name: &str) -> Option<String> {
    std::env::vars().find(|(n, _)| n == name).map(|(_, value)| value)
}

/// A running server. It ends with the test.
#[derive(Debug)]
pub struct TestServer {
    /// Without a slash at the end.
    pub url: String,
    pub store: Store,
    pub catalog: Arc<LiveCatalog>,
    pub client: Client,
    drain: Drain,
    // After all that uses it: fields are dropped in this order.
    _database: TestDatabase,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With these variables in its environment.
    pub async fn start_with(variables: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create();
        let mut all: Vec<(String, String)> =
            variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        all.push(("SOUK_LOCAL_SERVERS".to_owned(), "off".to_owned()));
        let lookup = move |name: &str| all.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        let config = Config::read(&lookup).unwrap();
        let store = Store::connect(&database.url, 10).await.unwrap();
        store.migrate().await.unwrap();
        let listener = serve::bind("127.0.0.1:0").await.unwrap();
        let own: SocketAddr = listener.local_addr().unwrap();
        let (drain, secret) = (Drain::default(), Secret("secret of a test".repeat(4)));
        let built = serve::build(&config, store.clone(), &secret, Arc::new(lookup), own, &drain).await.unwrap();
        let (router, serving) = (built.router, drain.clone());
        drain.background.spawn(async move { serve::listen(listener, router, &serving).await });
        let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { url: format!("http://{own}"), store, catalog: built.catalog, client, drain, _database: database }
    }

    /// An account with so many dollars, and the secret of a key of it.
    pub async fn customer(&self, dollars: &str) -> Customer {
        let email = format!("{}@example.com", Uuid::now_v7().simple());
        let account = self.store.create_account(&email, None, false).await.unwrap();
        let credits: NanoUsd = dollars.parse().unwrap();
        if credits > NanoUsd::ZERO {
            self.store.grant(&account, credits, "test", "test").await.unwrap();
        }
        let key = self.key(&account, None).await;
        Customer { account, key }
    }

    /// Another key of an account.
    pub async fn key(&self, account: &AccountId, limit: Option<NanoUsd>) -> String {
        let (secret, key) = key::make("test".to_owned(), limit).unwrap();
        self.store.create_key(account, &key).await.unwrap();
        secret
    }

    /// A call of the API with a key.
    pub fn call(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/api/v1{path}", self.url)).bearer_auth(key)
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    /// A chat completion, not streamed, with one message.
    pub async fn chat(&self, key: &str, model: &str, text: &str) -> (StatusCode, Value) {
        let body = json!({"model": model, "messages": [{"role": "user", "content": text}]});
        let answer = self.call(Method::POST, "/chat/completions", key).json(&body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Every figure of the books is computed again; a break fails the test.
    pub async fn assert_ledger_is_right(&self) {
        assert_eq!(self.store.check_ledger().await.unwrap(), []);
    }

    /// Waits until all calls are booked, and ends the server.
    pub async fn stop(&self) {
        self.drain.finish().await;
    }
}

/// Who pays, and with which key.
#[derive(Clone, Debug)]
pub struct Customer {
    pub account: AccountId,
    pub key: String,
}

/// A browser with one cookie, on the site.
#[derive(Debug)]
pub struct Visitor<'a> {
    server: &'a TestServer,
    origin: String,
    pub cookie: Option<String>,
    /// The whole header that set it.
    pub set_cookie: String,
    /// For whom a proxy would say it asks.
    pub address: Option<String>,
}

impl<'a> Visitor<'a> {
    pub fn of(server: &'a TestServer) -> Self {
        Self { server, origin: server.url.clone(), cookie: None, set_cookie: String::new(), address: None }
    }

    /// Comes by a proxy under this address.
    pub fn server_is_called(&mut self, origin: &str) {
        self.origin = origin.to_owned();
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request =
            self.server.client.request(method, format!("{}{path}", self.server.url)).header(ORIGIN, &self.origin);
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        request
    }

    /// Sends a form to a server function, as its page does, and keeps the cookie.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, Value) {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(body.join("&")).send().await.unwrap();
        self.keep_cookie(&answer);
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    fn keep_cookie(&mut self, answer: &Response) {
        for line in answer.headers().get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
            if line.starts_with("souk_session=") {
                let value = line.split(';').next().unwrap_or_default().to_owned();
                self.cookie = (!value.ends_with('=')).then_some(value);
                self.set_cookie = line.to_owned();
            }
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The program itself, in a folder of its own, without the environment of whoever runs the tests.
pub fn souk(dir: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_souk"));
    command.current_dir(dir).env_clear().env("PATH", variable("PATH").unwrap_or_default());
    command.envs(variables.iter().copied());
    command
}
