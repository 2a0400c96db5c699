//! AWS's Signature Version 4: each request is signed with a secret that never travels.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName};

use super::{AuthError, Secret, sensitive};

/// The service that a signature is for, as AWS names it.
const SERVICE: &str = "bedrock";

/// What the operator holds to sign with.
#[derive(Clone, Debug)]
pub struct Sigv4 {
    /// `AWS_ACCESS_KEY_ID`: names the key, and is no secret.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Secret,
    /// `AWS_SESSION_TOKEN`, with temporary keys.
    pub session_token: Option<Secret>,
    /// The region that serves the call.
    pub region: String,
}

impl Sigv4 {
    /// Adds the headers of a POST's signature, made at `time`.
    pub fn sign(&self, url: &str, body: &[u8], headers: &mut HeaderMap, time: SystemTime) -> Result<(), AuthError> {
        let token = self.session_token.as_ref().map(|token| token.expose().to_owned());
        let secret = self.secret_access_key.expose();
        let identity = Credentials::new(&self.access_key_id, secret, token, None, "environment").into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(time)
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| AuthError::Unsignable)?
            .into();
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let signed = content_type.map(|value| (CONTENT_TYPE.as_str(), value)).into_iter();
        let request = SignableRequest::new("POST", url, signed, SignableBody::Bytes(body));
        let signature =
            sign(request.map_err(|_| AuthError::Unsignable)?, &params).map_err(|_| AuthError::Unsignable)?;
        for (name, value) in signature.output().headers() {
            let name = HeaderName::try_from(name).map_err(|_| AuthError::NotAHeader)?;
            headers.insert(name, sensitive(value)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderValue;
    use http::header::AUTHORIZATION;

    use super::*;

    fn signed(session_token: Option<Secret>) -> HeaderMap {
        let key = Sigv4 {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            session_token,
            region: "us-east-1".to_owned(),
        };
        let url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-opus-4-5-20251101-v1%3A0/converse-stream";
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_000_000);
        key.sign(url, b"{\"messages\":[]}", &mut headers, time).unwrap();
        headers
    }

    /// The expected signatures are botocore's.
    #[test]
    fn a_request_is_signed_as_awss_own_client_does() {
        let headers = signed(None);
        assert_eq!(headers["x-amz-date"], "20251124T160000Z");
        assert_eq!(
            headers[AUTHORIZATION],
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20251124/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=a276f309eb4e5f76167faa52c399a62c768571ad867ea9a31ba479e4cbee2f55"
        );
        let headers = signed(Some(Secret::new("the-token")));
        assert_eq!(headers["x-amz-security-token"], "the-token");
        assert_eq!(
            headers[AUTHORIZATION],
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20251124/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=eab2c91a3ce697e2ca0366d95d1acdf5383d0a6a13bcb0cbe2e17dc94b24f77d"
        );
        assert!(!format!("{headers:?}").contains("the-token"));
    }
}
