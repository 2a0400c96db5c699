//! One request of the site, as its ports see it: who asks, from where, and under which address we are seen.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use api::ApiError;
use axum::extract::ConnectInfo;
use domain::AccountId;
use http::header::HOST;
use http::request::Parts;
use http::{Extensions, HeaderMap, Uri};
use store::SESSION_ACCOUNT;
use tower_sessions::Session;

use super::Site;
use crate::accounts::internal;
use crate::config::SiteConfig;

/// Implements the traits of `api` for one request.
#[derive(Clone, Debug)]
pub struct Visit {
    pub site: Arc<Site>,
    session: Option<Session>,
    pub from: IpAddr,
    /// `http://127.0.0.1:3000/api/v1`.
    pub api_base: String,
}

impl Visit {
    pub fn new(site: Arc<Site>, request: &Parts) -> Self {
        let session = request.extensions.get::<Session>().cloned();
        let from = address(&request.headers, &request.extensions);
        let api_base = format!("{}/api/v1", base_url(&request.headers, &request.extensions, &site.config));
        Self { site, session, from, api_base }
    }

    /// Who is signed in, if anybody.
    pub async fn account(&self) -> Result<Option<AccountId>, ApiError> {
        match &self.session {
            Some(session) => account_of(session).await,
            None => Ok(None),
        }
    }

    /// Errors: `Unauthenticated`.
    pub async fn signed_in(&self) -> Result<AccountId, ApiError> {
        self.account().await?.ok_or(ApiError::Unauthenticated)
    }

    pub fn session(&self) -> Result<&Session, ApiError> {
        self.session.as_ref().ok_or_else(|| internal("the request came by no session layer"))
    }
}

/// Who is signed in with a session.
pub async fn account_of(session: &Session) -> Result<Option<AccountId>, ApiError> {
    let id: Option<String> = session.get(SESSION_ACCOUNT).await.map_err(internal)?;
    Ok(id.and_then(|id| id.parse().ok()))
}

/// Whether people reach us by https.
pub fn is_https(headers: &HeaderMap, extensions: &Extensions, config: &SiteConfig) -> bool {
    match &config.public_url {
        Some(url) => url.scheme_str() == Some("https"),
        None => is_from_proxy(extensions) && forwarded(headers, "x-forwarded-proto") == Some("https"),
    }
}

/// Where we are, in the visitor's words unless the operator has said so; without a slash at the end.
fn base_url(headers: &HeaderMap, extensions: &Extensions, config: &SiteConfig) -> String {
    if let Some(url) = &config.public_url {
        return url.to_string().trim_end_matches('/').to_owned();
    }
    let host =
        headers.get(HOST).and_then(|host| host.to_str().ok()).filter(|host| is_host(host)).unwrap_or("127.0.0.1:3000");
    let scheme = if is_https(headers, extensions, config) { "https" } else { "http" };
    format!("{scheme}://{host}")
}

fn is_host(host: &str) -> bool {
    host.parse::<Uri>()
        .is_ok_and(|uri| uri.authority().is_some_and(|authority| authority.as_str() == host && !host.contains('@')))
}

/// The visitor's address. A proxy on this machine is asked for whom it speaks; its own word is the last of the list.
fn address(headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
    let told = is_from_proxy(extensions).then(|| forwarded(headers, "x-forwarded-for")?.parse().ok()).flatten();
    told.unwrap_or_else(|| peer(extensions))
}

fn forwarded<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next().map(str::trim)
}

/// Whether the request comes from this machine, where only what the operator runs can say for whom it speaks.
fn is_from_proxy(extensions: &Extensions) -> bool {
    peer(extensions).to_canonical().is_loopback()
}

fn peer(extensions: &Extensions) -> IpAddr {
    extensions.get::<ConnectInfo<SocketAddr>>().map_or(Ipv4Addr::UNSPECIFIED.into(), |info| info.0.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(peer: &str, headers: &[(&'static str, &str)]) -> Parts {
        let mut request = http::Request::new(());
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer.parse().unwrap()));
        request.into_parts().0
    }

    fn address_of(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let parts = request(peer, headers);
        address(&parts.headers, &parts.extensions).to_string()
    }

    #[test]
    fn only_a_proxy_on_this_machine_may_say_for_whom_it_speaks() {
        assert_eq!(address_of("203.0.113.7:5", &[("x-forwarded-for", "198.51.100.1")]), "203.0.113.7");
        assert_eq!(address_of("127.0.0.1:5", &[("x-forwarded-for", "198.51.100.1")]), "198.51.100.1");
        assert_eq!(address_of("127.0.0.1:5", &[]), "127.0.0.1");
    }

    #[test]
    fn what_the_client_put_into_the_list_itself_is_not_believed() {
        assert_eq!(address_of("127.0.0.1:5", &[("x-forwarded-for", "10.0.0.1, 198.51.100.1")]), "198.51.100.1");
        assert_eq!(
            address_of("127.0.0.1:5", &[("x-forwarded-for", "10.0.0.1"), ("x-forwarded-for", "198.51.100.1")]),
            "198.51.100.1"
        );
    }

    #[test]
    fn our_address_is_the_visitors_word_unless_the_operator_has_said_so() {
        let base = |public: Option<&str>, peer: &str, headers: &[(&'static str, &str)]| {
            let config = SiteConfig { root: "site".into(), public_url: public.map(|url| url.parse().unwrap()) };
            let parts = request(peer, headers);
            base_url(&parts.headers, &parts.extensions, &config)
        };
        assert_eq!(base(None, "127.0.0.1:5", &[("host", "localhost:3000")]), "http://localhost:3000");
        assert_eq!(
            base(None, "127.0.0.1:5", &[("host", "souk.example"), ("x-forwarded-proto", "https")]),
            "https://souk.example"
        );
        assert_eq!(
            base(None, "203.0.113.7:5", &[("host", "souk.example"), ("x-forwarded-proto", "https")]),
            "http://souk.example"
        );
        assert_eq!(base(Some("https://souk.example/"), "127.0.0.1:5", &[("host", "inner")]), "https://souk.example");
        assert_eq!(base(None, "127.0.0.1:5", &[("host", "a b")]), "http://127.0.0.1:3000");
        assert_eq!(base(None, "127.0.0.1:5", &[("host", "user@evil.example")]), "http://127.0.0.1:3000");
    }
}
