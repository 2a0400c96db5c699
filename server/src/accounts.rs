//! How accounts come to be and how one proves to be theirs: rules, throttling, and the first account's privileges.

pub mod email;
pub mod password;

use std::net::IpAddr;
use std::time::Duration;

use api::{ApiError, Password};
use domain::{AccountId, NanoUsd};
use store::{Account, CreateAccountError, Store};
use tokio::sync::Mutex;

use crate::config::AccountsConfig;
use password::{Busy, Passwords};

/// Attempts about one address of mail, and from one network address, until one must wait.
const SIGN_INS_OF_ONE: u32 = 10;
const SIGN_INS_FROM_ONE: u32 = 60;
const SIGN_UPS_FROM_ONE: u32 = 20;
pub const WINDOW: Duration = Duration::from_secs(900);

/// The one text for a wrong pair, so that nobody learns which addresses are known.
const WRONG_PAIR: &str = "This address and password do not belong together.";

/// Accounts, as the site makes and opens them.
#[derive(Debug)]
pub struct Accounts {
    store: Store,
    config: AccountsConfig,
    passwords: Passwords,
    /// Of two that sign up at once on a fresh server, one is the first.
    first: Mutex<()>,
}

impl Accounts {
    pub fn new(store: Store, config: AccountsConfig) -> Result<Self, password::HashError> {
        Ok(Self { store, config, passwords: Passwords::new()?, first: Mutex::new(()) })
    }

    /// Creates an account with the credit that newcomers are given. The very first one becomes admin.
    ///
    /// Errors: `Invalid{email|password}`, `TooMany`, `Forbidden` where sign-up is closed.
    pub async fn sign_up(&self, email: &str, password: Password, from: IpAddr) -> Result<AccountId, ApiError> {
        let email = email::parse(email).map_err(|message| ApiError::invalid("email", message))?;
        password::check(&password).map_err(|message| ApiError::invalid("password", message))?;
        self.may_try("sign-up from", &network(from), SIGN_UPS_FROM_ONE).await?;
        if !self.config.sign_up && !self.store.has_no_accounts().await.map_err(internal)? {
            return Err(ApiError::Forbidden);
        }
        let hash = self.passwords.hash(password).await?;
        let (account, is_first) = self.create(&email, &hash).await?;
        let credit = if is_first { self.config.first_credit } else { self.config.welcome_credit };
        if credit > NanoUsd::ZERO {
            let reason = if is_first { "the first account of this server" } else { "welcome" };
            // The account is there whatever happens here, and credits can be granted by command.
            if let Err(error) = self.store.grant(&account, credit, reason, "souk").await {
                tracing::error!(%error, %account, "a new account did not get its credit");
            }
        }
        tracing::info!(%account, is_admin = is_first, "an account was made");
        Ok(account)
    }

    /// Errors: `Invalid{password}` for a wrong pair, known address or not; `TooMany`.
    pub async fn sign_in(&self, email: &str, password: Password, from: IpAddr) -> Result<AccountId, ApiError> {
        let email = email::parse(email).map_err(|_| ApiError::invalid("password", WRONG_PAIR))?;
        self.may_try("sign-in from", &network(from), SIGN_INS_FROM_ONE).await?;
        self.may_try("sign-in of", &Some(email.clone()), SIGN_INS_OF_ONE).await?;
        let account = self.store.account_by_email(&email).await.map_err(internal)?;
        let hash = account.as_ref().and_then(|account| account.password_hash.clone());
        let fits = self.passwords.verify(password, hash).await?;
        match account {
            Some(Account { id, .. }) if fits => {
                self.store.sign_in_succeeded(&subject("sign-in of", &email)).await.map_err(internal)?;
                Ok(id)
            }
            _ => Err(ApiError::invalid("password", WRONG_PAIR)),
        }
    }

    /// Errors: `Invalid{current|new}`, `TooMany`.
    pub async fn change_password(&self, id: &AccountId, current: Password, new: Password) -> Result<(), ApiError> {
        password::check(&new).map_err(|message| ApiError::invalid("new", message))?;
        self.may_try("password of", &Some(id.to_string()), SIGN_INS_OF_ONE).await?;
        let account = self.store.account_by_id(id).await.map_err(internal)?.ok_or(ApiError::Unauthenticated)?;
        if !self.passwords.verify(current, account.password_hash).await? {
            return Err(ApiError::invalid("current", "This is not your password."));
        }
        let hash = self.passwords.hash(new).await?;
        self.store.set_password_hash(id, &hash).await.map_err(internal)?;
        self.store.sign_in_succeeded(&subject("password of", id.as_str())).await.map_err(internal)
    }

    async fn create(&self, email: &str, hash: &str) -> Result<(AccountId, bool), ApiError> {
        let _only_one = self.first.lock().await;
        let is_first = self.store.has_no_accounts().await.map_err(internal)?;
        match self.store.create_account(email, Some(hash), is_first).await {
            Ok(account) => Ok((account, is_first)),
            Err(CreateAccountError::EmailTaken) => {
                Err(ApiError::invalid("email", "There is an account with this address already: sign in."))
            }
            Err(CreateAccountError::Db(error)) => Err(internal(error)),
        }
    }

    async fn may_try(&self, what: &str, whose: &Option<String>, at_most: u32) -> Result<(), ApiError> {
        let Some(whose) = whose else { return Ok(()) };
        match self.store.begin_sign_in(&subject(what, whose), at_most, WINDOW).await.map_err(internal)? {
            Some(seconds) => Err(ApiError::TooMany { seconds }),
            None => Ok(()),
        }
    }
}

impl From<Busy> for ApiError {
    fn from(busy: Busy) -> Self {
        match busy {
            Busy::Later => Self::TooMany { seconds: 5 },
            Busy::Broken(error) => internal(error),
        }
    }
}

/// What attempts are counted by.
fn subject(what: &str, whose: &str) -> String {
    format!("{what} {whose}")
}

/// The network that an address is of: with IPv6 a household has 2⁶⁴ of them. `None`: this very machine, which needs no wall.
fn network(address: IpAddr) -> Option<String> {
    match address.to_canonical() {
        address if address.is_loopback() => None,
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Some(format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"))
        }
    }
}

/// Logs what a page is not told.
pub fn internal(error: impl std::fmt::Display) -> ApiError {
    tracing::error!(%error, "a page's question failed");
    ApiError::Internal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_network() {
        let of = |address: &str| network(address.parse().unwrap());
        assert_eq!(of("203.0.113.7"), Some("203.0.113.7".to_owned()));
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.113.7"));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("127.0.0.1"), None);
    }
}
