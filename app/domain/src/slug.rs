//! The names by which models, providers and endpoints are called.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The text is no slug of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct SlugError {
    pub text: String,
    pub expected: &'static str,
}

/// `author/slug` with an optional `:variant`, such as `meta-llama/llama-3.3-70b-instruct:free`. Lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelSlug(String);

impl ModelSlug {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn author(&self) -> &str {
        self.0.split_once('/').map_or("", |(author, _)| author)
    }

    /// The part behind the author, without the variant.
    pub fn name(&self) -> &str {
        let rest = self.0.split_once('/').map_or("", |(_, rest)| rest);
        rest.split_once(':').map_or(rest, |(name, _)| name)
    }

    pub fn variant(&self) -> Option<&str> {
        self.0.split_once(':').map(|(_, variant)| variant)
    }

    /// The same model without its variant.
    pub fn base(&self) -> Self {
        Self(self.0.split_once(':').map_or(self.0.as_str(), |(base, _)| base).to_owned())
    }
}

impl FromStr for ModelSlug {
    type Err = SlugError;

    fn from_str(s: &str) -> Result<Self, SlugError> {
        let fine = s.len() <= 200
            && s.split_once('/').is_some_and(|(author, rest)| {
                let (name, variant) = rest.split_once(':').unwrap_or((rest, "x"));
                [author, name, variant].into_iter().all(|part| is_word(part, "._-+~"))
            });
        let expected = "a model: author/slug in lower case, such as openai/gpt-4o-mini";
        fine.then(|| Self(s.to_owned())).ok_or_else(|| SlugError { text: shown(s), expected })
    }
}

/// A provider, such as `deepinfra`. Lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProviderSlug(String);

impl ProviderSlug {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProviderSlug {
    type Err = SlugError;

    fn from_str(s: &str) -> Result<Self, SlugError> {
        let expected = "a provider: a word in lower case, such as deepinfra";
        (s.len() <= 100 && is_word(s, "._-"))
            .then(|| Self(s.to_owned()))
            .ok_or_else(|| SlugError { text: shown(s), expected })
    }
}

/// The full name of one endpoint among those of a model: `provider` or `provider/flavour`, such as `deepinfra/turbo`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointTag(String);

impl EndpointTag {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The provider's part.
    pub fn base(&self) -> &str {
        self.0.split_once('/').map_or(self.0.as_str(), |(base, _)| base)
    }

    /// Whether a slug in a request (`deepinfra`, `deepinfra/turbo`) means this endpoint: a base slug means all of a provider's.
    pub fn matches(&self, wanted: &str) -> bool {
        self.0 == wanted || self.base() == wanted
    }
}

impl FromStr for EndpointTag {
    type Err = SlugError;

    fn from_str(s: &str) -> Result<Self, SlugError> {
        let expected = "an endpoint tag: provider or provider/flavour, such as deepinfra/turbo";
        let fine = s.len() <= 200 && s.split('/').all(|part| is_word(part, "._-+"));
        fine.then(|| Self(s.to_owned())).ok_or_else(|| SlugError { text: shown(s), expected })
    }
}

macro_rules! text_slug {
    ($($slug:ident),*) => {$(
        impl fmt::Display for $slug {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl TryFrom<String> for $slug {
            type Error = SlugError;
            fn try_from(s: String) -> Result<Self, SlugError> { s.parse() }
        }
        impl From<$slug> for String {
            fn from(slug: $slug) -> Self { slug.0 }
        }
    )*};
}
text_slug!(ModelSlug, ProviderSlug, EndpointTag);

fn is_word(s: &str, punctuation: &str) -> bool {
    !s.is_empty() && s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || punctuation.contains(c))
}

fn shown(s: &str) -> String {
    s.chars().take(80).collect()
}
