//! Single values of catalog files that are checked as they are read, so that a fault has its line for free.

use std::fmt;

use reqwest::Url;
use serde::{Deserialize, Serialize};
use time::{Date, Month};

/// The text is not what its field wants. Shown after the field's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct ScalarError {
    text: String,
    expected: &'static str,
}

macro_rules! scalar {
    ($($(#[$doc:meta])* $name:ident, $fits:expr, $expected:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl TryFrom<String> for $name {
            type Error = ScalarError;

            fn try_from(text: String) -> Result<Self, ScalarError> {
                let fits: fn(&str) -> bool = $fits;
                if fits(&text) { Ok(Self(text)) } else {
                    Err(ScalarError { text: text.chars().take(120).collect(), expected: $expected })
                }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self { value.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )*};
}

scalar! {
    /// A day, `2026-11-22`.
    Day, is_day, "a day such as \"2026-11-22\"";
    /// A day or, where no source is more exact, a month: `2026-11`.
    DayOrMonth, |s| is_day(s) || (s.len() == 7 && is_day(&format!("{s}-01"))), "a day such as \"2026-11-22\" or a month such as \"2026-11\"";
    /// An `http` or `https` address without a trailing slash, query or credentials; it may hold `{placeholders}`.
    BaseUrl, is_base_url, "an address such as \"https://api.acme.ai/v1\", without a slash at its end";
    /// The address of a page for people.
    PageUrl, is_page_url, "an address such as \"https://acme.ai/terms\"";
    /// The name of an environment variable.
    Variable, is_variable, "the name of an environment variable, such as \"ACME_API_KEY\"";
    /// ISO 3166-1 alpha-2.
    Country, |s| s.len() == 2 && s.bytes().all(|b| b.is_ascii_uppercase()), "a country code of two capital letters, such as \"DE\"";
    /// A word in lower case: a variant, a service tier, a quantization.
    Word, is_word, "a word of lower-case letters, digits and \"-_.\", such as \"fp8\"";
    /// Text that says something.
    Text, |s| !s.trim().is_empty() && s.len() <= 1000, "text: it is empty or longer than 1,000 bytes";
}

fn is_day(s: &str) -> bool {
    let [year, month, day] =
        [0..4, 5..7, 8..10].map(|range| s.get(range).filter(|part| part.bytes().all(|b| b.is_ascii_digit())));
    let parsed = || {
        let month = Month::try_from(month?.parse::<u8>().ok()?).ok()?;
        Date::from_calendar_date(year?.parse().ok()?, month, day?.parse().ok()?).ok()
    };
    let bytes = s.as_bytes();
    s.len() == 10 && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-') && parsed().is_some()
}

fn is_base_url(s: &str) -> bool {
    let filled = fill_for_check(s);
    let fine = |url: Url| url.query().is_none() && url.fragment().is_none() && is_public_web(&url);
    !s.ends_with('/') && filled.is_some_and(|text| Url::parse(&text).is_ok_and(fine))
}

fn is_page_url(s: &str) -> bool {
    !s.contains(['{', '}']) && Url::parse(s).is_ok_and(|url| is_public_web(&url))
}

fn is_public_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty() && url.password().is_none()
}

/// The template with something plausible in each placeholder; `None` if braces do not match or white space is in it.
fn fill_for_check(template: &str) -> Option<String> {
    if template.chars().any(char::is_whitespace) {
        return None;
    }
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        if before.contains('}') || !is_placeholder(name) {
            return None;
        }
        filled.push_str(before);
        filled.push_str(if filled.is_empty() { "http://x" } else { "x" });
        rest = after;
    }
    (!rest.contains('}')).then(|| filled + rest)
}

fn is_placeholder(s: &str) -> bool {
    !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn is_variable(s: &str) -> bool {
    s.starts_with(|c: char| c.is_ascii_uppercase())
        && s.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_word(s: &str) -> bool {
    !s.is_empty()
        && s.len() <= 60
        && s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c))
}

impl BaseUrl {
    /// The names in `{braces}`, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.0.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
    }
}
