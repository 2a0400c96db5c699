//! Ids, one type per kind, so that they cannot be mixed up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The text is no id of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a {0}")]
pub struct IdError(pub &'static str);

/// An account: who pays. A UUID (v7) in its hyphenated form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

/// An API key's public id: the lower-case hex SHA-256 of the whole key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(String);

/// One billed call: `gen-` and a UUID v7 without hyphens, so that ids sort by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GenerationId(String);

impl GenerationId {
    /// The id of these bytes of a UUID.
    pub fn from_uuid_bytes(bytes: [u8; 16]) -> Self {
        Self(format!("gen-{}", hex(&bytes)))
    }
}

impl KeyId {
    /// The id of the key with this SHA-256.
    pub fn from_sha256(digest: [u8; 32]) -> Self {
        Self(hex(&digest))
    }
}

impl FromStr for AccountId {
    type Err = IdError;

    fn from_str(s: &str) -> Result<Self, IdError> {
        let fine = s.len() == 36 && s.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        fine.then(|| Self(s.to_ascii_lowercase())).ok_or(IdError("account id"))
    }
}

impl FromStr for KeyId {
    type Err = IdError;

    fn from_str(s: &str) -> Result<Self, IdError> {
        is_hex(s, 64).then(|| Self(s.to_owned())).ok_or(IdError("key id: 64 lower-case hex digits"))
    }
}

impl FromStr for GenerationId {
    type Err = IdError;

    fn from_str(s: &str) -> Result<Self, IdError> {
        let fine = s.strip_prefix("gen-").is_some_and(|rest| is_hex(rest, 32));
        fine.then(|| Self(s.to_owned())).ok_or(IdError("generation id: gen- and 32 lower-case hex digits"))
    }
}

macro_rules! text_id {
    ($($id:ident),*) => {$(
        impl $id {
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl TryFrom<String> for $id {
            type Error = IdError;
            fn try_from(s: String) -> Result<Self, IdError> { s.parse() }
        }
        impl From<$id> for String {
            fn from(id: $id) -> Self { id.0 }
        }
    )*};
}
text_id!(AccountId, KeyId, GenerationId);

fn is_hex(s: &str, len: usize) -> bool {
    s.len() == len && s.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 0xf)]).collect()
}
