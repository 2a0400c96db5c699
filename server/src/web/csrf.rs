//! Keeps other sites from acting in the name of whoever is signed in here.
//!
//! A browser says where a request comes from, in headers that no page can forge. Whatever changes something must come from
//! our own pages.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Method, StatusCode, Uri};

use super::Site;

pub async fn refuse_other_sites(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    if is_ours(request.method(), request.headers(), site.config.public_url.as_ref()) {
        return next.run(request).await;
    }
    let why = "This request did not come from a page of this site. Programs call /api/v1, with a key.\n";
    (StatusCode::FORBIDDEN, why).into_response()
}

/// Whether a request changes nothing, or comes from a page of this site.
fn is_ours(method: &Method, headers: &HeaderMap, public_url: Option<&Uri>) -> bool {
    if method.is_safe() {
        return true;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    // A browser of before 2023. Its word for "from a file, or I will not say" is `null`, which has no scheme.
    let origin: Option<Uri> = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()?.parse().ok());
    let Some(origin) = origin.as_ref().filter(|origin| origin.scheme().is_some()).and_then(Uri::authority) else {
        return false;
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    // A proxy may have put its own name into Host.
    host == Some(origin.as_str()) || public_url.and_then(Uri::authority) == Some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, headers: &[(&'static str, &str)], expected: bool) {
        let map =
            headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect();
        let public = "https://souk.example".parse().unwrap();
        assert_eq!(is_ours(&method, &map, Some(&public)), expected, "{method} {headers:?}");
    }

    #[test]
    fn whoever_only_looks_may_come_from_anywhere() {
        check(Method::GET, &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], true);
        check(Method::HEAD, &[], true);
    }

    #[test]
    fn a_browser_that_says_where_from_is_believed() {
        check(Method::POST, &[("sec-fetch-site", "same-origin")], true);
        for site in ["cross-site", "same-site", "none", ""] {
            check(
                Method::POST,
                &[("sec-fetch-site", site), ("host", "a.example"), ("origin", "http://a.example")],
                false,
            );
        }
    }

    #[test]
    fn an_older_one_is_judged_by_its_origin() {
        check(Method::POST, &[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3000")], true);
        check(Method::POST, &[("host", "inner:3000"), ("origin", "https://souk.example")], true);
        check(Method::POST, &[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3001")], false);
        check(Method::POST, &[("host", "127.0.0.1:3000"), ("origin", "null")], false);
        check(Method::POST, &[("host", "null"), ("origin", "null")], false);
        check(Method::DELETE, &[("host", "127.0.0.1:3000")], false);
    }
}
