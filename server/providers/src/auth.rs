//! Proves to a provider who is calling.

pub mod google;
mod sigv4;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use canon::{ErrorKind, UpstreamError};
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

pub use self::sigv4::Sigv4;
use crate::transport::TransportError;

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
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("the key or the header name set for this provider holds characters that no header may hold")]
    NotAHeader,
    #[error("requests cannot be signed with the key set for this provider")]
    Unsignable,
    #[error("The provider does not accept this server's key.")]
    Refused,
    #[error("The provider gave this server no token to call with.")]
    NoToken,
    #[error("{0}")]
    Transport(#[from] TransportError),
}

impl From<AuthError> for UpstreamError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::NotAHeader | AuthError::Unsignable | AuthError::Refused => {
                Self::new(ErrorKind::Authentication, error.to_string())
            }
            AuthError::NoToken => Self::new(ErrorKind::ProviderUnavailable, error.to_string()),
            AuthError::Transport(error) => error.into(),
        }
    }
}

/// What the operator holds to prove who is calling one provider.
#[derive(Clone, Debug)]
pub enum Credential {
    /// No key is needed (simulator, local servers).
    None,
    /// `Authorization: Bearer KEY`.
    Bearer(Secret),
    /// `NAME: KEY`.
    Header(String, Secret),
    /// A signature over each request, by AWS's scheme.
    Sigv4(Sigv4),
    /// `Authorization: Bearer TOKEN`, with tokens that Google gives for a while.
    Google(Arc<google::Account>),
}

impl Credential {
    /// Adds the headers that prove who is calling. `url` and `body` are those of the request, for signatures over them.
    pub async fn sign(&self, url: &str, body: &[u8], headers: &mut HeaderMap) -> Result<(), AuthError> {
        match self {
            Self::None => {}
            Self::Bearer(key) => {
                headers.insert(AUTHORIZATION, sensitive(&format!("Bearer {}", key.expose()))?);
            }
            Self::Google(account) => {
                headers.insert(AUTHORIZATION, sensitive(&format!("Bearer {}", account.token().await?.expose()))?);
            }
            Self::Header(name, key) => {
                let name = HeaderName::try_from(name.as_str()).map_err(|_| AuthError::NotAHeader)?;
                headers.insert(name, sensitive(key.expose())?);
            }
            Self::Sigv4(key) => key.sign(url, body, headers, SystemTime::now())?,
        }
        Ok(())
    }

    /// A text without this credential's secrets: a provider that repeats our key in its error must not make us show it.
    pub fn redact(&self, text: String) -> String {
        let at_hand;
        let secrets = match self {
            Self::None => [None, None],
            Self::Bearer(key) | Self::Header(_, key) => [Some(key), None],
            Self::Sigv4(key) => [Some(&key.secret_access_key), key.session_token.as_ref()],
            Self::Google(account) => {
                at_hand = account.at_hand();
                [at_hand.as_ref(), None]
            }
        };
        let told = |text: &str, secret: &Secret| !secret.expose().is_empty() && text.contains(secret.expose());
        secrets
            .into_iter()
            .flatten()
            .fold(text, |text, secret| if told(&text, secret) { text.replace(secret.expose(), "…") } else { text })
    }
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

    async fn signed(credential: &Credential) -> Result<HeaderMap, AuthError> {
        let mut headers = HeaderMap::new();
        credential.sign("https://example.org/", b"{}", &mut headers).await.map(|()| headers)
    }

    #[tokio::test]
    async fn keys_go_where_the_provider_wants_them() {
        let secret = || Secret::new("sk-1");
        assert_eq!(signed(&Credential::Bearer(secret())).await.unwrap()[AUTHORIZATION], "Bearer sk-1");
        assert_eq!(signed(&Credential::Header("x-api-key".to_owned(), secret())).await.unwrap()["x-api-key"], "sk-1");
        assert!(signed(&Credential::None).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_broken_key_is_an_error_of_the_operators_account() {
        assert_eq!(signed(&Credential::Bearer(Secret::new("a\nb"))).await, Err(AuthError::NotAHeader));
        assert_eq!(UpstreamError::from(AuthError::NotAHeader).kind, ErrorKind::Authentication);
    }

    #[tokio::test]
    async fn a_key_shows_itself_in_no_debug_output_and_no_message() {
        let credential = Credential::Bearer(Secret::new("sk-1"));
        let headers = signed(&credential).await.unwrap();
        assert!(!format!("{credential:?} {headers:?}").contains("sk-1"));
        assert_eq!(credential.redact("wrong key sk-1!".to_owned()), "wrong key …!");
    }
}
