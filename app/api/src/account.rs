//! Who is signed in, and how one becomes so.

use async_trait::async_trait;
use domain::NanoUsd;
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// The signed-in account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub email: String,
    pub is_admin: bool,
    /// Credits that can be spent: held ones are not in it.
    pub available: NanoUsd,
    pub held: NanoUsd,
}

/// A secret a person typed; `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

#[async_trait]
pub trait Account: Send + Sync {
    /// `None`: nobody is signed in.
    async fn me(&self) -> Result<Option<Me>, ApiError>;
    /// Creates the account and signs it in. Errors: `Invalid{email|password}`, `TooMany`.
    async fn sign_up(&self, email: String, password: Password) -> Result<(), ApiError>;
    /// Errors: `Invalid{password}` for a wrong pair, the same whether or not the address is known; `TooMany`.
    async fn sign_in(&self, email: String, password: Password) -> Result<(), ApiError>;
    async fn sign_out(&self) -> Result<(), ApiError>;
    /// Ends all other sessions of the account. Errors: `Invalid{current|new}`.
    async fn change_password(&self, current: Password, new: Password) -> Result<(), ApiError>;
}
