//! Who is calling: a bearer token, or AWS Signature Version 4, recomputed here step by step.
//!
//! Source: "Signing AWS API requests" in the AWS IAM user guide. Written without a signing library, so that the one the gateway uses is
//! checked against the document and not against itself.

use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, Method, Uri};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use time::PrimitiveDateTime;
use time::macros::format_description;

use super::error::Refusal;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "bedrock";

/// The only key pair there is.
const ACCESS_KEY: &str = "AKIASIMULATOR00000000";
const SECRET_KEY: &str = "simulator-secret";

/// Most seconds between the signer's clock and ours.
const MAX_SKEW: u64 = 300;

/// A request as far as its signature covers it.
#[derive(Debug)]
pub(super) struct Signed<'r> {
    pub method: Method,
    pub uri: &'r Uri,
    pub headers: &'r HeaderMap,
    pub body: &'r [u8],
}

/// An `Authorization` header taken apart.
#[derive(Debug)]
struct Claim<'h> {
    access_key: &'h str,
    /// Day, region, service and `aws4_request`.
    scope: [&'h str; 4],
    signed_headers: &'h str,
    signature: &'h str,
}

impl Signed<'_> {
    /// Lets in `bearer` (or any token, if that is `None`) and what is rightly signed at about `now`, in seconds since 1970.
    pub fn check(&self, bearer: Option<&str>, now: Option<u64>) -> Result<(), Refusal> {
        let Some(authorization) = self.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
            return Err(Refusal::access("MissingAuthenticationTokenException", "Missing Authentication Token"));
        };
        if let Some(token) = authorization.strip_prefix("Bearer ") {
            if !token.is_empty() && bearer.is_none_or(|expected| expected == token) {
                return Ok(());
            }
            let message = "Authentication failed: Please make sure your API Key is valid.";
            return Err(Refusal::access("AccessDeniedException", message));
        }
        let claim = Claim::read(authorization)?;
        if claim.access_key != ACCESS_KEY {
            let message = "The security token included in the request is invalid.";
            return Err(Refusal::access("UnrecognizedClientException", message));
        }
        let date = self.date(&claim, now)?;
        let canonical = self.canonical(&claim)?;
        let scope = claim.scope.join("/");
        let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(&canonical)));
        if sign(&claim.scope, &to_sign).is_some_and(|expected| expected == claim.signature) {
            return Ok(());
        }
        let message = "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                       Access Key and signing method. Consult the service documentation for details.";
        Err(Refusal::access("InvalidSignatureException", message))
    }

    /// The time of signing, `YYYYMMDDTHHMMSSZ`, found to be fresh and of the scope's day.
    fn date(&self, claim: &Claim, now: Option<u64>) -> Result<&str, Refusal> {
        let invalid = |message: String| Refusal::access("InvalidSignatureException", message);
        let Some(date) = self.headers.get("x-amz-date").and_then(|value| value.to_str().ok()) else {
            return Err(incomplete(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
            ));
        };
        let format = format_description!("[year][month][day]T[hour][minute][second]Z");
        let Ok(time) = PrimitiveDateTime::parse(date, format) else {
            return Err(incomplete("Date must be in ISO-8601 'basic format'."));
        };
        let [day, _, service, end] = claim.scope;
        if !date.starts_with(day) || service != SERVICE || end != "aws4_request" {
            let message = format!("Credential should be scoped to a valid day and to correct service: '{SERVICE}'.");
            return Err(invalid(message));
        }
        let seconds = u64::try_from(time.assume_utc().unix_timestamp()).unwrap_or_default();
        match now {
            Some(now) if now.abs_diff(seconds) > MAX_SKEW => Err(invalid(format!(
                "Signature expired: {date} is not within {MAX_SKEW} seconds of the server's time."
            ))),
            _ => Ok(date),
        }
    }

    /// The canonical request.
    fn canonical(&self, claim: &Claim) -> Result<String, Refusal> {
        let names: Vec<&str> = claim.signed_headers.split(';').collect();
        let must = ["host", "x-amz-date"].into_iter().chain(
            ["x-amz-content-sha256", "x-amz-security-token"]
                .into_iter()
                .filter(|name| self.headers.contains_key(*name)),
        );
        let mut canonical = format!("{}\n{}\n{}\n", self.method, self.path(), self.query());
        for name in must {
            if !names.contains(&name) {
                return Err(incomplete(&format!("'{name}' must be a signed header in the AWS Authorization header.")));
            }
        }
        for name in names {
            let Some(value) = self.header(name) else {
                return Err(incomplete(&format!("The signed header '{name}' is not in the request.")));
            };
            canonical.push_str(&format!("{name}:{value}\n"));
        }
        let hash = hex::encode(Sha256::digest(self.body));
        if self.headers.get("x-amz-content-sha256").is_some_and(|given| given.as_bytes() != hash.as_bytes()) {
            let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
            return Err(Refusal::validation(message));
        }
        canonical.push_str(&format!("\n{}\n{hash}", claim.signed_headers));
        Ok(canonical)
    }

    /// The path as it was sent, encoded once more, as every service but S3 wants it.
    fn path(&self) -> String {
        self.uri.path().split('/').map(encode).collect::<Vec<_>>().join("/")
    }

    fn query(&self) -> String {
        let mut pairs: Vec<(&str, &str)> = self
            .uri
            .query()
            .into_iter()
            .flat_map(|query| query.split('&'))
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .collect();
        pairs.sort_unstable();
        pairs.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("&")
    }

    /// The values of a header, trimmed, runs of spaces made one.
    fn header(&self, name: &str) -> Option<String> {
        let mut values: Vec<String> = self
            .headers
            .get_all(name)
            .iter()
            .filter_map(|value| Some(value.to_str().ok()?.split_whitespace().collect::<Vec<_>>().join(" ")))
            .collect();
        if values.is_empty() && name == HOST.as_str() {
            values.extend(self.uri.authority().map(|authority| authority.as_str().to_owned()));
        }
        (!values.is_empty()).then(|| values.join(","))
    }
}

impl<'h> Claim<'h> {
    fn read(authorization: &'h str) -> Result<Self, Refusal> {
        let Some(rest) = authorization.strip_prefix(ALGORITHM) else {
            return Err(incomplete("Authorization header format is not supported."));
        };
        let field = |name: &str| {
            let fields = rest.split(',').filter_map(|field| field.trim().split_once('='));
            let mut found = fields.filter(|(key, _)| *key == name).map(|(_, value)| value);
            found.next().ok_or_else(|| incomplete(&format!("Authorization header requires '{name}' parameter.")))
        };
        let credential: Vec<&str> = field("Credential")?.split('/').collect();
        let [access_key, day, region, service, end] = credential[..] else {
            return Err(incomplete("Credential must have exactly 5 slash-delimited elements."));
        };
        let (signed_headers, signature) = (field("SignedHeaders")?, field("Signature")?);
        Ok(Self { access_key, scope: [day, region, service, end], signed_headers, signature })
    }
}

fn incomplete(message: &str) -> Refusal {
    Refusal::access("IncompleteSignatureException", message)
}

/// The signature of `text` under the key derived for `scope`.
fn sign(scope: &[&str; 4], text: &str) -> Option<String> {
    let mut key = format!("AWS4{SECRET_KEY}").into_bytes();
    for part in scope {
        key = mac(&key, part)?;
    }
    mac(&key, text).map(hex::encode)
}

fn mac(key: &[u8], text: &str) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

/// `segment` with all but unreserved characters as `%XX`.
fn encode(segment: &str) -> String {
    let mut text = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
