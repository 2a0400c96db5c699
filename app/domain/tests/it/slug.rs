use domain::{AccountId, EndpointTag, GenerationId, KeyId, ModelSlug, ProviderSlug};

#[test]
fn a_model_slug_has_author_name_and_perhaps_a_variant() {
    let slug: ModelSlug = "meta-llama/llama-3.3-70b-instruct:free".parse().unwrap();
    assert_eq!((slug.author(), slug.name(), slug.variant()), ("meta-llama", "llama-3.3-70b-instruct", Some("free")));
    assert_eq!(slug.base().as_str(), "meta-llama/llama-3.3-70b-instruct");
}

#[test]
fn what_is_no_slug_is_refused() {
    for text in ["", "gpt-4", "OpenAI/gpt-4", "a/", "/b", "a/b/c", "a/b:", "a/b c", "a/b?x", "a/ü"] {
        assert!(text.parse::<ModelSlug>().is_err(), "{text} was read");
    }
    assert!("x".repeat(300).parse::<ProviderSlug>().is_err());
}

#[test]
fn a_base_slug_means_every_endpoint_of_its_provider() {
    let tag: EndpointTag = "deepinfra/turbo".parse().unwrap();
    assert!(tag.matches("deepinfra") && tag.matches("deepinfra/turbo"));
    assert!(!tag.matches("deepinfra/fp8") && !tag.matches("deep"));
}

#[test]
fn ids_are_checked() {
    assert!("gen-0193f0c2aabb7ccc8ddd001122334455".parse::<GenerationId>().is_ok());
    assert!("gen-0193F0C2".parse::<GenerationId>().is_err());
    assert!("'; DROP TABLE".parse::<AccountId>().is_err());
    assert!("ab".repeat(32).parse::<KeyId>().is_ok());
    assert_eq!(KeyId::from_sha256([0xab; 32]).as_str(), "ab".repeat(32));
}
