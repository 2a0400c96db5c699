//! Proves to Google who is calling: the credentials file's key is exchanged for tokens that live an hour.
//!
//! After "Using OAuth 2.0 for server to server applications", "Application Default Credentials" and RFC 7523. A token is kept
//! and renewed ahead of its end, by one call at a time while the others use the old one. Tokens are asked for where the
//! credentials file says, and nowhere else.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use rustls::SignatureScheme;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::SigningKey;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::{AuthError, Secret};
use crate::dialect::segment;
use crate::transport::{ERROR_BODY_LIMIT, Limits, Transport};

/// What the tokens are for: Google has no narrower scope for its models.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// How long an assertion may be used, in seconds: the most that Google takes.
const ASSERTION_LIFE: u64 = 3_600;

/// A token that ends within this time is renewed.
const AHEAD: Duration = Duration::from_secs(300);

/// A token that ends within this time may be over before it gets there.
const LEAST_LIFE: Duration = Duration::from_secs(10);

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    first_byte: Duration::from_secs(10),
    idle: Duration::from_secs(10),
    total: Duration::from_secs(20),
};

/// Why a credentials file cannot be used: a clause for the operator, without its contents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCredentials {
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    #[error("it is no key of a service account and no user's refresh token")]
    Format,
    #[error("its private key is not one that signs with RSA")]
    Key,
    #[error("the HTTP client cannot be set up")]
    Client,
}

/// The forms of credentials files that hold a secret of their own.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum File {
    ServiceAccount {
        client_email: String,
        private_key: String,
        #[serde(default)]
        private_key_id: Option<String>,
        token_uri: String,
    },
    AuthorizedUser {
        client_id: String,
        client_secret: String,
        refresh_token: String,
        #[serde(default = "token_uri")]
        token_uri: String,
    },
}

/// Where users' tokens come from; their files do not say.
fn token_uri() -> String {
    "https://oauth2.googleapis.com/token".to_owned()
}

/// What a token is asked for with.
enum Grant {
    Assertion {
        issuer: String,
        key_id: Option<String>,
        key: Box<dyn SigningKey>,
    },
    /// The body of the request.
    Refresh(Secret),
}

/// An account at Google, with the token that it has now.
pub struct Account {
    grant: Grant,
    token_uri: String,
    transport: Transport,
    token: Mutex<Option<Token>>,
    /// Held while a token is asked for.
    renewal: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("token_uri", &self.token_uri).finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Token {
    secret: Secret,
    until: Instant,
}

impl Token {
    fn lives(&self, time: Duration) -> bool {
        self.until.saturating_duration_since(Instant::now()) > time
    }
}

/// The token endpoint's answer.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: u64,
}

/// Its refusal (RFC 6749 §5.2).
#[derive(Deserialize, Default)]
#[serde(default)]
struct Refused {
    error: String,
    error_description: String,
}

impl Account {
    /// The account of the credentials file at `path`.
    pub fn open(path: &Path) -> Result<Self, BadCredentials> {
        let text = std::fs::read_to_string(path).map_err(|error| BadCredentials::Unreadable(error.to_string()))?;
        Self::read(&text)
    }

    /// The account of a credentials file's text.
    pub fn read(text: &str) -> Result<Self, BadCredentials> {
        let (grant, token_uri) = match serde_json::from_str(text).map_err(|_| BadCredentials::Format)? {
            File::ServiceAccount { client_email, private_key, private_key_id, token_uri } => {
                let key = PrivateKeyDer::from_pem_slice(private_key.as_bytes()).map_err(|_| BadCredentials::Key)?;
                let key = rustls::crypto::ring::sign::RsaSigningKey::new(&key).map_err(|_| BadCredentials::Key)?;
                (Grant::Assertion { issuer: client_email, key_id: private_key_id, key: Box::new(key) }, token_uri)
            }
            File::AuthorizedUser { client_id, client_secret, refresh_token, token_uri } => {
                let body = format!(
                    "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
                    segment(&client_id),
                    segment(&client_secret),
                    segment(&refresh_token)
                );
                (Grant::Refresh(Secret::new(body)), token_uri)
            }
        };
        let transport = Transport::new(LIMITS.connect).map_err(|_| BadCredentials::Client)?;
        Ok(Self { grant, token_uri, transport, token: Mutex::new(None), renewal: tokio::sync::Mutex::new(()) })
    }

    /// A token that is good for a while.
    pub async fn token(&self) -> Result<Secret, AuthError> {
        let known = self.known();
        if let Some(token) = known.as_ref().filter(|token| token.lives(AHEAD)) {
            return Ok(token.secret.clone());
        }
        let usable = known.filter(|token| token.lives(LEAST_LIFE));
        let (_renewing, usable) = match (self.renewal.try_lock(), usable) {
            (Ok(renewing), usable) => (renewing, usable),
            (Err(_), Some(token)) => return Ok(token.secret),
            (Err(_), None) => (self.renewal.lock().await, None),
        };
        // Somebody may have renewed it in the meantime.
        if let Some(token) = self.known().filter(|token| token.lives(AHEAD)) {
            return Ok(token.secret);
        }
        match (self.ask().await, usable) {
            (Ok(token), _) => {
                let secret = token.secret.clone();
                *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
                Ok(secret)
            }
            (Err(_), Some(token)) => Ok(token.secret),
            (Err(error), None) => Err(error),
        }
    }

    /// The token at hand, for hiding it in texts.
    pub(super) fn at_hand(&self) -> Option<Secret> {
        self.known().map(|token| token.secret)
    }

    fn known(&self) -> Option<Token> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask(&self) -> Result<Token, AuthError> {
        let asked_at = Instant::now();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let body = Bytes::from(self.request()?);
        let answer = self.transport.post(&self.token_uri, headers, body, &LIMITS).await?;
        let status = answer.status;
        let body = answer.body.read_at_most(ERROR_BODY_LIMIT).await?;
        if !status.is_success() {
            let Refused { error, error_description } = serde_json::from_slice(&body).unwrap_or_default();
            tracing::warn!(status = status.as_u16(), error, error_description, "Google gives no token to this account");
            return Err(if status.is_client_error() { AuthError::Refused } else { AuthError::NoToken });
        }
        let granted: Granted = serde_json::from_slice(&body).map_err(|_| AuthError::NoToken)?;
        let until = asked_at + Duration::from_secs(granted.expires_in);
        Ok(Token { secret: Secret::new(granted.access_token), until })
    }

    /// The form that asks for a token.
    fn request(&self) -> Result<String, AuthError> {
        match &self.grant {
            Grant::Refresh(body) => Ok(body.expose().to_owned()),
            Grant::Assertion { issuer, key_id, key } => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
                let header = json!({"alg": "RS256", "typ": "JWT", "kid": key_id});
                let claims = json!({
                    "iss": issuer,
                    "scope": SCOPE,
                    "aud": self.token_uri,
                    "iat": now,
                    "exp": now + ASSERTION_LIFE,
                });
                let encode = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
                let signed = format!("{}.{}", encode(header), encode(claims));
                let signer = key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]).ok_or(AuthError::Refused)?;
                let signature = signer.sign(signed.as_bytes()).map_err(|_| AuthError::Refused)?;
                let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
                Ok(format!("{grant}&assertion={signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
            }
        }
    }
}
