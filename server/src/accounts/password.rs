//! Passwords: the rule they keep, and argon2id, which is slow on purpose and so runs beside the requests, a few at a time.

use std::sync::Arc;
use std::time::Duration;

use api::Password;
use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{self, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use tokio::sync::Semaphore;

/// Characters, not bytes: long enough to resist guessing, short enough not to be an attack itself.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=128;
/// How long one may wait for a turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// A hash could not be made.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed: {0}")]
pub struct HashError(password_hash::Error);

/// Why a password was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum Busy {
    #[error("too many passwords are being checked")]
    Later,
    #[error("{0}")]
    Broken(String),
}

/// Hashes and verifies, as many at once as there are processors.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// The hash of nobody's password: an unknown address costs as much work as a known one.
    decoy: String,
}

/// Whether a password may be chosen. Errors: a sentence for whoever chose it.
pub fn check(password: &Password) -> Result<(), &'static str> {
    match password.0.chars().count() {
        length if length < *LENGTH.start() => Err("A password has at least 10 characters."),
        length if length > *LENGTH.end() => Err("A password has at most 128 characters."),
        _ => Ok(()),
    }
}

/// The argon2id string of a password, with a salt of its own. Takes some 20 ms and 19 MiB.
pub fn hash(password: &Password) -> Result<String, HashError> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = Argon2::default().hash_password(password.0.as_bytes(), &salt).map_err(HashError)?;
    Ok(hash.to_string())
}

impl Passwords {
    pub fn new() -> Result<Self, HashError> {
        let at_once = std::thread::available_parallelism().map_or(1, usize::from);
        let decoy = hash(&Password("nobody has this password".to_owned()))?;
        Ok(Self { turns: Arc::new(Semaphore::new(at_once)), decoy })
    }

    pub async fn hash(&self, password: Password) -> Result<String, Busy> {
        self.at_ones_turn(move || hash(&password)).await?.map_err(|error| Busy::Broken(error.to_string()))
    }

    /// Whether a password is that of a hash. Without a hash it is not, after just as long.
    pub async fn verify(&self, password: Password, hash: Option<String>) -> Result<bool, Busy> {
        // A longer one fits no hash of ours, and would only cost time.
        let possible = hash.is_some() && password.0.chars().count() <= *LENGTH.end();
        let hash = if possible { hash } else { None }.unwrap_or_else(|| self.decoy.clone());
        let password = if possible { password } else { Password(String::new()) };
        let fits = self.at_ones_turn(move || verify(&password, &hash)).await?;
        Ok(fits && possible)
    }

    async fn at_ones_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned());
        let turn = turn.await.map_err(|_| Busy::Later)?.map_err(|error| Busy::Broken(error.to_string()))?;
        let work = move || {
            let result = work();
            drop(turn); // kept to here even if whoever asked has gone
            result
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| Busy::Broken(error.to_string()))
    }
}

fn verify(password: &Password, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.0.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password(text.to_owned())
    }

    #[test]
    fn the_rule_counts_characters() {
        for (text, fine) in [
            ("ten chars!", true),
            ("nine char", false),
            ("äöüäöüäöüä", true),
            (&"x".repeat(128), true),
            (&"x".repeat(129), false),
        ] {
            assert_eq!(check(&password(text)).is_ok(), fine, "{text}");
        }
    }

    #[tokio::test]
    async fn only_the_right_password_fits_its_hash() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash(password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(passwords.verify(password("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(password("correct hors"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(password(""), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobodys_password_opens_nothing() {
        let passwords = Passwords::new().unwrap();
        assert!(!passwords.verify(password("nobody has this password"), None).await.unwrap());
        assert!(!passwords.verify(password(""), None).await.unwrap());
        assert!(!passwords.verify(password("x"), Some("not a hash".to_owned())).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_has_another_hash_each_time() {
        assert_ne!(hash(&password("correct horse")).unwrap(), hash(&password("correct horse")).unwrap());
    }
}
