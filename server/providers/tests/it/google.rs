//! Tokens for Google: asked for where the credentials file says, kept, and asked for once by many.

use std::sync::Arc;

use canon::{ErrorKind, UpstreamError};
use http::HeaderMap;
use providers::auth::Credential;
use providers::auth::google::{Account, BadCredentials};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Made for this test by `openssl genrsa 2048`; it opens nothing.
const KEY: &str = include_str!("google/key.pem");

/// A token endpoint that answers `status` and a token that lives `seconds`; gives its URL, and the forms it was sent so far.
#[expect(clippy::disallowed_methods, reason = "the endpoint lives as long as its test")]
async fn endpoint(status: u16, seconds: u64) -> (String, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let forms = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&forms);
    tokio::task::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            let form = loop {
                let n = socket.read(&mut buffer).await.unwrap();
                request.extend_from_slice(&buffer[..n]);
                let text = String::from_utf8(request.clone()).unwrap();
                let Some((head, form)) = text.split_once("\r\n\r\n") else { continue };
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                if form.len() == length.parse::<usize>().unwrap() {
                    break form.to_owned();
                }
            };
            let count = {
                let mut forms = seen.lock().unwrap();
                forms.push(form);
                forms.len()
            };
            let body = if status == 200 {
                json!({"access_token": format!("ya29.{count}"), "expires_in": seconds, "token_type": "Bearer"})
            } else {
                json!({"error": "invalid_grant", "error_description": "Account not found: secret-name"})
            };
            let body = body.to_string();
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            socket.write_all((head + &body).as_bytes()).await.unwrap();
        }
    });
    (url, forms)
}

fn account(token_uri: &str) -> Credential {
    let file = json!({"type": "service_account", "client_email": "souk@p.iam.gserviceaccount.com", "private_key_id": "k1",
        "private_key": KEY, "token_uri": token_uri, "project_id": "p"});
    Credential::Google(Arc::new(Account::read(&file.to_string()).unwrap()))
}

async fn signed(credential: &Credential) -> Result<String, UpstreamError> {
    let mut headers = HeaderMap::new();
    credential.sign("https://example.org/", b"{}", &mut headers).await?;
    Ok(headers["authorization"].to_str().unwrap().to_owned())
}

fn claims(form: &str) -> (Value, Value) {
    use base64::Engine as _;
    let (_, assertion) = form.split_once("&assertion=").unwrap();
    let parts: Vec<Vec<u8>> = assertion
        .split('.')
        .map(|part| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap())
        .collect();
    assert_eq!(parts[2].len(), 256, "an RSA-2048 signature");
    (serde_json::from_slice(&parts[0]).unwrap(), serde_json::from_slice(&parts[1]).unwrap())
}

#[tokio::test]
async fn a_service_accounts_key_becomes_a_token_that_is_kept() {
    let (url, forms) = endpoint(200, 3_600).await;
    let credential = account(&url);
    assert_eq!(signed(&credential).await.unwrap(), "Bearer ya29.1");
    assert_eq!(signed(&credential).await.unwrap(), "Bearer ya29.1");
    let forms = forms.lock().unwrap().clone();
    assert_eq!(forms.len(), 1);
    assert!(forms[0].starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&"));
    let (header, claims) = claims(&forms[0]);
    assert_eq!(header, json!({"alg": "RS256", "typ": "JWT", "kid": "k1"}));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("souk@p.iam.gserviceaccount.com"), &json!(url)));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3_600);
    assert_eq!(credential.redact("bad token ya29.1".to_owned()), "bad token …");
    assert!(!format!("{credential:?}").contains("ya29") && !format!("{credential:?}").contains("PRIVATE"));
}

#[tokio::test]
async fn a_token_near_its_end_is_renewed_and_many_calls_ask_once() {
    let (url, forms) = endpoint(200, 60).await;
    let credential = account(&url);
    let first = futures::future::join_all((0..8).map(|_| signed(&credential))).await;
    assert!(first.iter().all(|header| header.as_ref().is_ok_and(|header| header.starts_with("Bearer ya29."))));
    let asked = forms.lock().unwrap().len();
    assert!(asked >= 1, "{asked}");
    assert_eq!(signed(&credential).await.unwrap(), format!("Bearer ya29.{}", asked + 1));
    let (url, forms) = endpoint(200, 3_600).await;
    let credential = account(&url);
    futures::future::join_all((0..8).map(|_| signed(&credential))).await;
    assert_eq!(forms.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_of_the_operators_account_and_tells_the_customer_nothing() {
    let (url, _) = endpoint(400, 0).await;
    let error = signed(&account(&url)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Authentication);
    assert!(!error.message.contains("secret-name"));
    let (url, _) = endpoint(503, 0).await;
    assert_eq!(signed(&account(&url)).await.unwrap_err().kind, ErrorKind::ProviderUnavailable);
    let nobody = account("http://127.0.0.1:9/token");
    assert_eq!(signed(&nobody).await.unwrap_err().kind, ErrorKind::ProviderUnavailable);
}

#[tokio::test]
async fn a_users_refresh_token_does_too() {
    let (url, forms) = endpoint(200, 3_600).await;
    let file = json!({"type": "authorized_user", "client_id": "id", "client_secret": "a&b", "refresh_token": "1//r",
        "token_uri": url});
    let credential = Credential::Google(Arc::new(Account::read(&file.to_string()).unwrap()));
    assert_eq!(signed(&credential).await.unwrap(), "Bearer ya29.1");
    let expected = "grant_type=refresh_token&client_id=id&client_secret=a%26b&refresh_token=1%2F%2Fr";
    assert_eq!(forms.lock().unwrap()[0], expected);
}

#[test]
fn a_file_of_another_kind_is_refused_without_telling_its_contents() {
    let read = |file: &str| Account::read(file).map(drop).unwrap_err();
    assert_eq!(read("not json"), BadCredentials::Format);
    assert_eq!(read(r#"{"type": "external_account"}"#), BadCredentials::Format);
    let file = json!({"type": "service_account", "client_email": "a", "private_key": "b", "token_uri": "http://c"});
    assert_eq!(read(&file.to_string()), BadCredentials::Key);
    let missing = Account::open(std::path::Path::new("/nowhere/key.json")).map(drop);
    assert!(matches!(missing, Err(BadCredentials::Unreadable(_))));
}
