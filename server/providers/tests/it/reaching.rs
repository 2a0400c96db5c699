//! Which keys of the environment reach a provider.

use canon::TaskKind;
use std::sync::Arc;

use providers::auth::Credential;
use providers::catalog::{Dialect, load, shipped};
use providers::reach::{NotCallable, Reach, Snapshot};

use crate::folders::NOW;

/// How Bedrock is reached with these variables set.
fn reach(variables: &[(&str, &str)]) -> Result<Reach, NotCallable> {
    let value_of = |name: &str| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
    let snapshot = Snapshot::new(Arc::new(load(shipped(), None, NOW).unwrap()), value_of);
    snapshot.of(&"amazon-bedrock".parse().unwrap(), TaskKind::Chat).cloned()
}

const REGION: (&str, &str) = ("AWS_REGION", "eu-west-1");
const PAIR: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIA1"), ("AWS_SECRET_ACCESS_KEY", "wJalr")];

#[test]
fn aws_is_called_with_a_bearer_key_or_else_with_a_signature() {
    let [id, secret] = PAIR;
    let signed = reach(&[REGION, id, secret]).unwrap();
    assert_eq!(
        (signed.dialect, signed.base_url.as_str()),
        (Dialect::Bedrock, "https://bedrock-runtime.eu-west-1.amazonaws.com")
    );
    let Credential::Sigv4(key) = signed.credential else { panic!("{signed:?}") };
    assert_eq!((key.access_key_id.as_str(), key.region.as_str()), ("AKIA1", "eu-west-1"));
    assert!(key.session_token.is_none() && !format!("{key:?}").contains("wJalr"));

    let temporary = reach(&[REGION, id, secret, ("AWS_SESSION_TOKEN", "token")]).unwrap().credential;
    assert!(matches!(&temporary, Credential::Sigv4(key) if key.session_token.is_some()));
    assert_eq!(temporary.redact("wJalr token".to_owned()), "… …");

    let bearer = reach(&[REGION, id, secret, ("AWS_BEARER_TOKEN_BEDROCK", "key")]).unwrap();
    assert!(matches!(bearer.credential, Credential::Bearer(_)));
}

#[test]
fn what_is_missing_is_named() {
    let [id, secret] = PAIR;
    let missing = |variables: &[(&str, &str)]| reach(variables).unwrap_err().to_string();
    let keys = "set AWS_BEARER_TOKEN_BEDROCK or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    assert_eq!(missing(&[REGION]), keys);
    assert_eq!(missing(&[REGION, id]), keys);
    assert_eq!(missing(&[id, secret]), "set AWS_REGION");
}

#[test]
fn a_token_goes_as_a_bearer_token_in_the_place_of_the_key() {
    let azure = |variables: &[(&str, &str)]| {
        let value_of =
            |name: &str| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
        let snapshot = Snapshot::new(Arc::new(load(shipped(), None, NOW).unwrap()), value_of);
        snapshot.of(&"azure".parse().unwrap(), TaskKind::Chat).map(|reach| (reach.dialect, reach.credential.clone()))
    };
    let (resource, key) = (("AZURE_RESOURCE_NAME", "mine"), ("AZURE_API_KEY", "key"));
    let token = ("AZURE_OPENAI_AD_TOKEN", "token");
    let (dialect, credential) = azure(&[resource, key]).unwrap();
    assert_eq!(dialect, Dialect::Azure);
    assert!(matches!(credential, Credential::Header(name, _) if name == "api-key"));
    for variables in [&[resource, key, token][..], &[resource, token]] {
        let Credential::Bearer(secret) = azure(variables).unwrap().1 else { panic!("not a bearer token") };
        assert_eq!(secret.expose(), "token");
    }
    assert!(azure(&[resource]).unwrap_err().to_string().contains("AZURE_API_KEY or"));
}
