//! Who is signed in, and how one becomes so.

use api::{Account, ApiError, Me, Password};
use async_trait::async_trait;
use domain::AccountId;
use store::SESSION_ACCOUNT;

use crate::accounts::internal;
use crate::web::visit::Visit;

impl Visit {
    /// The session gets another id, so that one which was known before is worth nothing.
    async fn enter(&self, account: &AccountId) -> Result<(), ApiError> {
        let session = self.session()?;
        session.cycle_id().await.map_err(internal)?;
        session.insert(SESSION_ACCOUNT, account.as_str()).await.map_err(internal)
    }
}

#[async_trait]
impl Account for Visit {
    async fn me(&self) -> Result<Option<Me>, ApiError> {
        let Some(id) = self.account().await? else { return Ok(None) };
        let store = &self.site.store;
        let Some(account) = store.account_by_id(&id).await.map_err(internal)? else { return Ok(None) };
        let balance = store.balance(&id).await.map_err(internal)?;
        Ok(Some(Me {
            email: account.email,
            is_admin: account.is_admin,
            available: balance.available,
            held: balance.held,
        }))
    }

    async fn sign_up(&self, email: String, password: Password) -> Result<(), ApiError> {
        let account = self.site.accounts.sign_up(&email, password, self.from).await?;
        self.enter(&account).await
    }

    async fn sign_in(&self, email: String, password: Password) -> Result<(), ApiError> {
        let account = self.site.accounts.sign_in(&email, password, self.from).await?;
        self.enter(&account).await
    }

    async fn sign_out(&self) -> Result<(), ApiError> {
        self.session()?.flush().await.map_err(internal)
    }

    async fn change_password(&self, current: Password, new: Password) -> Result<(), ApiError> {
        let account = self.signed_in().await?;
        self.site.accounts.change_password(&account, current, new).await?;
        let own = self.session()?.id();
        self.site.store.end_other_sessions(&account, own).await.map_err(internal)?;
        self.enter(&account).await
    }
}
