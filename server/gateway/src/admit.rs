//! Who calls: the key in the request's headers, and the caller it proves.

use domain::KeyId;
use http::{HeaderMap, HeaderName, header};
use sha2::{Digest, Sha256};

use crate::call::Origin;
use crate::error::GatewayError;
use crate::ports::{Caller, Keys};

/// A key as clients send it: `sk-souk-v1-` and 64 hex digits.
pub const KEY_PREFIX: &str = "sk-souk-v1-";

/// Where Anthropic's clients put the key, and where Google's do.
const ANTHROPIC_KEY: HeaderName = HeaderName::from_static("x-api-key");
pub const GOOGLE_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

const NO_KEY: &str = "No API key: send the header Authorization: Bearer sk-souk-v1-…";

/// Proves the caller. Errors: `Unauthenticated` with what to do.
pub async fn authenticate(keys: &dyn Keys, headers: &HeaderMap) -> Result<Caller, GatewayError> {
    let id = key_id(bearer(headers)?);
    Ok(keys.caller(&id).await?)
}

/// The public id of a key: its SHA-256. Only this is ever compared or stored, so no comparison can leak the key by its time.
pub fn key_id(key: &str) -> KeyId {
    KeyId::from_sha256(Sha256::digest(key.as_bytes()).into())
}

fn bearer(headers: &HeaderMap) -> Result<&str, GatewayError> {
    let unauthenticated = |message: &str| GatewayError::Unauthenticated(message.to_owned());
    let value = match headers.get(header::AUTHORIZATION) {
        Some(value) => value.to_str().map_err(|_| unauthenticated(NO_KEY))?,
        None => {
            let key = headers.get(ANTHROPIC_KEY).or(headers.get(GOOGLE_KEY)).and_then(|v| v.to_str().ok());
            return key.map(str::trim).filter(|key| !key.is_empty()).ok_or_else(|| unauthenticated(NO_KEY));
        }
    };
    let key =
        value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key.trim());
    match key {
        None | Some("") => Err(unauthenticated(NO_KEY)),
        Some(key) if !key.starts_with(KEY_PREFIX) => {
            Err(unauthenticated("This is no key of this server: its keys begin with sk-souk-v1-"))
        }
        Some(key) => Ok(key),
    }
}

/// Where the request says it comes from.
pub fn origin(headers: &HeaderMap) -> Origin {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim).filter(|v| !v.is_empty());
        value.map(|v| v.chars().take(200).collect::<String>())
    };
    Origin {
        referer: text("http-referer").or_else(|| text("referer")),
        title: text("x-openrouter-title").or_else(|| text("x-title")),
    }
}
