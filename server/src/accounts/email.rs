//! Addresses of mail, as far as their form can tell: whether one exists is known only to whom it belongs.

/// The longest address that mail can be sent to.
const LONGEST: usize = 254;

/// The address in lower case and without blanks around it. Errors: a sentence for whoever typed it.
pub fn parse(text: &str) -> Result<String, &'static str> {
    let address = text.trim().to_lowercase();
    let (local, host) = address.rsplit_once('@').ok_or("An address has the form name@example.com.")?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
    let fine = address.len() <= LONGEST
        && (1..=64).contains(&local.len())
        && local.chars().all(plain)
        && (host == "localhost" || host.contains('.'))
        && host.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
        && host.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.');
    if fine { Ok(address) } else { Err("An address has the form name@example.com.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for (text, expected) in [
            ("ada@example.com", Some("ada@example.com")),
            ("  Ada.Lovelace+souk@Example.COM\n", Some("ada.lovelace+souk@example.com")),
            ("root@localhost", Some("root@localhost")),
            ("ada@bücher.example", Some("ada@bücher.example")),
        ] {
            assert_eq!(parse(text).ok().as_deref(), expected, "{text}");
        }
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example",
            "a b@example.com",
            "a@b@example.com",
            "a@-x.com",
            "a@x..com",
            "<a@x.com>",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("{}@example.com", "a".repeat(300))).is_err());
    }
}
