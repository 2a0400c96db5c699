//! A new API key: its secret, which is shown once, and what is kept of it.

use domain::NanoUsd;
use gateway::admit::{KEY_PREFIX, key_id};
use rand::TryRngCore;
use rand::rngs::OsRng;
use store::CreateKey;

pub const BAD_LIMIT: &str = "A limit is an amount in dollars, 0 or more, such as 12.50.";

const LONGEST_NAME: usize = 100;

/// Makes a key: the secret, and what is kept.
pub fn make(name: String, limit: Option<NanoUsd>) -> Result<(String, CreateKey), <OsRng as TryRngCore>::Error> {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes)?;
    let secret = format!("{KEY_PREFIX}{}", hex::encode(bytes));
    let (first, last) = (&secret[..KEY_PREFIX.len() + 3], &secret[secret.len() - 3..]);
    let key = CreateKey { id: key_id(&secret), name, label: format!("{first}…{last}"), limit, expires_at: None };
    Ok((secret, key))
}

/// A name as it is kept. Errors: a sentence for whoever typed it.
pub fn name(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    match name.chars().count() {
        0 => Err("Give the key a name, so that you know it again."),
        length if length > LONGEST_NAME => Err("A name has at most 100 characters."),
        _ if name.chars().any(char::is_control) => Err("A name is one line."),
        _ => Ok(name.to_owned()),
    }
}

/// A limit in dollars; nothing means none. Errors: a sentence for whoever typed it.
pub fn limit(text: &str) -> Result<Option<NanoUsd>, &'static str> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.trim().trim_start_matches('$').parse().ok().filter(|limit| *limit >= NanoUsd::ZERO).map(Some).ok_or(BAD_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_form_that_people_script_against() {
        let (secret, key) = make("laptop".to_owned(), None).unwrap();
        assert_eq!(secret.len(), "sk-souk-v1-".len() + 64);
        assert!(secret.starts_with("sk-souk-v1-"));
        assert_eq!(key.id, key_id(&secret));
        assert_eq!(key.label.chars().count(), "sk-souk-v1-".len() + 7);
        assert!(!format!("{key:?}").contains(&secret[20..]), "what is kept does not tell the secret");
        assert_ne!(make("laptop".to_owned(), None).unwrap().0, secret);
    }

    #[test]
    fn limits_are_read_as_people_write_them() {
        for (text, expected) in [
            ("", Ok(None)),
            (" ", Ok(None)),
            ("5", Ok(Some(NanoUsd(5_000_000_000)))),
            ("$0.10", Ok(Some(NanoUsd(100_000_000)))),
            ("0", Ok(Some(NanoUsd::ZERO))),
            ("-1", Err(BAD_LIMIT)),
            ("five", Err(BAD_LIMIT)),
            ("0.0000000001", Err(BAD_LIMIT)),
        ] {
            assert_eq!(limit(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_is_one_line_of_text() {
        assert_eq!(name(" laptop ").unwrap(), "laptop");
        for text in ["", "  ", "two\nlines", &"x".repeat(101)] {
            assert!(name(text).is_err(), "{text}");
        }
    }
}
