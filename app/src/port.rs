//! Where pages meet the server that renders them: the `api` traits, and the request and answer at hand.
//!
//! The one file that differs between server and browser.

#[cfg(feature = "ssr")]
use crate::AppError;

/// The server's implementation of an `api` trait: `port::<dyn api::Catalog>()?`.
///
/// It was put into the context, as `Arc<dyn …>`, by the server. Errors: `Internal` if it was not.
#[cfg(feature = "ssr")]
pub fn port<T: ?Sized + Send + Sync + 'static>() -> Result<std::sync::Arc<T>, AppError> {
    leptos::prelude::use_context().ok_or(AppError::Api(api::ApiError::Internal))
}

/// A cookie of the request being answered; in the browser always `None`.
pub fn request_cookie(name: &str) -> Option<String> {
    #[cfg(feature = "ssr")]
    {
        let parts = leptos::prelude::use_context::<http::request::Parts>()?;
        let cookies = parts.headers.get_all(http::header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        cookies.flat_map(|line| line.split(';')).find_map(|cookie| {
            let (key, value) = cookie.trim().split_once('=')?;
            (key == name).then(|| value.to_owned())
        })
    }
    #[cfg(not(feature = "ssr"))]
    {
        _ = name;
        None
    }
}

/// Sets a cookie with the answer: `name=value; Path=/; …`. Only in server functions.
#[cfg(feature = "ssr")]
pub fn set_cookie(cookie: &str) {
    if let (Some(answer), Ok(value)) = (answer(), http::HeaderValue::from_str(cookie)) {
        answer.append_header(http::header::SET_COOKIE, value);
    }
}

/// Goes to another page of the site after a server function: as a redirect for a plain form, by the router else.
#[cfg(feature = "ssr")]
pub fn go(path: &str) {
    if http::HeaderValue::from_str(path).is_ok() {
        leptos_axum::redirect(path);
    }
}

/// Answers with 404 instead of 200. Does nothing in the browser, where the page is already there.
pub fn answer_not_found() {
    #[cfg(feature = "ssr")]
    if let Some(answer) = answer() {
        answer.set_status(http::StatusCode::NOT_FOUND);
    }
}

/// Answers a call of a server function with the status of what went wrong. A page that shows it is a good page, and a plain
/// form is led back to where it came from.
pub fn answer_with_error(error: &api::ApiError) {
    #[cfg(feature = "ssr")]
    {
        let is_call = leptos::prelude::use_context::<http::request::Parts>()
            .is_some_and(|parts| parts.uri.path().starts_with("/api/"));
        if let Some(answer) = answer().filter(|_| is_call && !is_plain_form()) {
            answer.set_status(status(error));
        }
    }
    #[cfg(not(feature = "ssr"))]
    {
        _ = error;
    }
}

#[cfg(feature = "ssr")]
fn status(error: &api::ApiError) -> http::StatusCode {
    use api::ApiError;
    use http::StatusCode;

    match error {
        ApiError::Unauthenticated => StatusCode::UNAUTHORIZED,
        ApiError::Forbidden => StatusCode::FORBIDDEN,
        ApiError::NotFound => StatusCode::NOT_FOUND,
        ApiError::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        ApiError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        ApiError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Allows this page no script but those that carry its nonce. Style attributes hold only custom properties (UI.md §2).
pub fn answer_with_content_policy() {
    #[cfg(feature = "ssr")]
    if let (Some(answer), Some(nonce)) = (answer(), leptos::nonce::use_nonce()) {
        let policy = format!(
            "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
             style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; \
             form-action 'self'; frame-ancestors 'none'"
        );
        if let Ok(value) = http::HeaderValue::from_str(&policy) {
            answer.insert_header(http::header::CONTENT_SECURITY_POLICY, value);
        }
    }
}

#[cfg(feature = "ssr")]
fn answer() -> Option<leptos_axum::ResponseOptions> {
    leptos::prelude::use_context()
}

/// Whether the request comes from a form without script: its answer will be a redirect, which can carry no value.
#[cfg(feature = "ssr")]
pub fn is_plain_form() -> bool {
    let accepts = leptos::prelude::use_context::<http::request::Parts>()
        .and_then(|parts| parts.headers.get(http::header::ACCEPT).cloned());
    accepts.is_some_and(|value| value.to_str().is_ok_and(|value| value.contains("text/html")))
}
