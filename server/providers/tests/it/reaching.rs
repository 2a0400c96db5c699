//! Which keys of the environment reach a provider.

use std::sync::Arc;

use canon::{Message, ReasoningDetail, ReasoningDetailKind, Request, Sampling, Task, TaskKind};
use providers::auth::Credential;
use providers::catalog::{Capabilities, Dialect, load, shipped};
use providers::dialect::Target;
use providers::quirks::Quirks;
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
fn what_the_responses_api_cannot_say_goes_over_chat_completions() {
    let snapshot = Snapshot::new(Arc::new(load(shipped(), None, NOW).unwrap()), |name| {
        (name == "OPENAI_API_KEY").then(|| "sk".to_owned())
    });
    let openai = snapshot.of(&"openai".parse().unwrap(), TaskKind::Chat).unwrap();
    let quirks = Quirks::default();
    let over = |request: Request, supported: Option<&[String]>| {
        let target = Target {
            upstream_id: "m",
            quirks: &quirks,
            max_output: None,
            capabilities: Capabilities::default(),
            reasoning_efforts: &[],
            supported_parameters: supported,
        };
        openai.fitting(&Task::Chat(request), &target).dialect
    };
    let seeded =
        || Request { sampling: Sampling { seed: Some(7.into()), ..Sampling::default() }, ..Request::default() };
    assert_eq!(over(Request::default(), None), Dialect::OpenaiResponses);
    assert_eq!(over(seeded(), None), Dialect::OpenaiChat);
    assert_eq!(over(seeded(), Some(&["temperature".to_owned()])), Dialect::OpenaiResponses);
    assert_eq!(over(Request { choices: Some(2), ..Request::default() }, None), Dialect::OpenaiChat);
    let idle = Sampling { presence_penalty: Some(0.into()), ..Sampling::default() };
    assert_eq!(over(Request { sampling: idle, ..Request::default() }, None), Dialect::OpenaiResponses);

    // Thoughts that only the Responses API takes back are worth more than a seed.
    let thought = ReasoningDetail {
        kind: ReasoningDetailKind::Encrypted { data: "blob".to_owned() },
        id: Some("rs_1".to_owned()),
        format: Some("openai-responses-v1".to_owned()),
        index: Some(0),
    };
    let turn = Message::Assistant {
        parts: Vec::new(),
        name: None,
        refusal: None,
        reasoning: vec![thought],
        tool_calls: Vec::new(),
    };
    assert_eq!(over(Request { messages: vec![turn], ..seeded() }, None), Dialect::OpenaiResponses);
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
