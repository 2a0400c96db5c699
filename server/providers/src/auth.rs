//! Proves to a provider who is calling.

use std::fmt;

use canon::{ErrorKind, UpstreamError};
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::catalog::Auth;

/// A key of the operator's at a provider. It shows itself only to `expose`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// Why a request could not be given its proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("this provider's way to sign requests ({0}) is not supported yet")]
    NotSupported(&'static str),
    #[error("no key is set for this provider")]
    NoKey,
    #[error("the key or the header name set for this provider holds characters that no header may hold")]
    NotAHeader,
}

impl From<AuthError> for UpstreamError {
    fn from(error: AuthError) -> Self {
        Self::new(ErrorKind::Authentication, error.to_string())
    }
}

/// Whether requests can be signed this way at all: an endpoint where they cannot is not routable.
pub const fn is_supported(auth: &Auth) -> bool {
    matches!(auth, Auth::Bearer | Auth::Header(_) | Auth::None)
}

/// Adds the header that proves who is calling.
pub fn sign(auth: &Auth, secret: Option<&Secret>, headers: &mut HeaderMap) -> Result<(), AuthError> {
    match auth {
        Auth::None => {}
        Auth::Bearer => {
            let key = secret.ok_or(AuthError::NoKey)?.expose();
            headers.insert(AUTHORIZATION, sensitive(&format!("Bearer {key}"))?);
        }
        Auth::Header(name) => {
            let key = secret.ok_or(AuthError::NoKey)?.expose();
            let name = HeaderName::try_from(name.as_str()).map_err(|_| AuthError::NotAHeader)?;
            headers.insert(name, sensitive(key)?);
        }
        Auth::Sigv4 => return Err(AuthError::NotSupported("AWS Signature Version 4")),
        Auth::Google => return Err(AuthError::NotSupported("Google service accounts")),
    }
    Ok(())
}

/// A value that HTTP libraries neither log nor compress.
fn sensitive(value: &str) -> Result<HeaderValue, AuthError> {
    let mut value = HeaderValue::try_from(value).map_err(|_| AuthError::NotAHeader)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(auth: &Auth, secret: Option<&Secret>) -> Result<HeaderMap, AuthError> {
        let mut headers = HeaderMap::new();
        sign(auth, secret, &mut headers).map(|()| headers)
    }

    #[test]
    fn keys_go_where_the_provider_wants_them() {
        let secret = Secret::new("sk-1");
        assert_eq!(signed(&Auth::Bearer, Some(&secret)).unwrap()[AUTHORIZATION], "Bearer sk-1");
        assert_eq!(signed(&Auth::Header("x-api-key".to_owned()), Some(&secret)).unwrap()["x-api-key"], "sk-1");
        assert!(signed(&Auth::None, None).unwrap().is_empty());
    }

    #[test]
    fn a_missing_or_broken_key_is_an_error_of_the_operators_account() {
        assert_eq!(signed(&Auth::Bearer, None), Err(AuthError::NoKey));
        assert_eq!(signed(&Auth::Bearer, Some(&Secret::new("a\nb"))), Err(AuthError::NotAHeader));
        assert_eq!(UpstreamError::from(AuthError::NoKey).kind, ErrorKind::Authentication);
    }

    #[test]
    fn what_cannot_be_signed_is_not_routable() {
        for auth in [Auth::Sigv4, Auth::Google] {
            assert!(!is_supported(&auth));
            assert!(matches!(signed(&auth, Some(&Secret::new("k"))), Err(AuthError::NotSupported(_))));
        }
    }

    #[test]
    fn a_key_shows_itself_in_no_debug_output() {
        let secret = Secret::new("sk-1");
        let headers = signed(&Auth::Bearer, Some(&secret)).unwrap();
        assert!(!format!("{secret:?} {headers:?}").contains("sk-1"));
    }
}
