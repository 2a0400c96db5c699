//! Failed attempts to sign in, counted by whatever they have in common (an address, a network address).

use std::time::Duration;

use crate::{DbError, Store, values};

impl Store {
    /// Counts an attempt about `subject`, or tells how many seconds to wait where `at_most` were made within `window`.
    ///
    /// Ask before the password is looked at, and tell [`Self::sign_in_succeeded`] afterwards: what is left are failures.
    pub async fn begin_sign_in(&self, subject: &str, at_most: u32, window: Duration) -> Result<Option<u32>, DbError> {
        let at_most = i32::try_from(at_most).unwrap_or(i32::MAX);
        let window = i32::try_from(window.as_secs()).unwrap_or(i32::MAX);
        let subject = values::text(subject);
        let wait = sqlx::query_scalar!(r#"select begin_sign_in($1, $2, $3) as "wait!""#, &*subject, at_most, window)
            .fetch_one(&self.pool)
            .await?;
        Ok(u32::try_from(wait).ok().filter(|seconds| *seconds > 0))
    }

    /// Forgets the attempts about `subject`.
    pub async fn sign_in_succeeded(&self, subject: &str) -> Result<(), DbError> {
        let subject = values::text(subject);
        sqlx::query!("delete from sign_in_attempt where subject = sha256(convert_to($1, 'UTF8'))", &*subject)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Removes attempts older than `window`: subjects that never come back would stay for ever.
    pub async fn forget_sign_ins(&self, window: Duration) -> Result<(), DbError> {
        let window = i32::try_from(window.as_secs()).unwrap_or(i32::MAX);
        sqlx::query!("delete from sign_in_attempt where at < now() - make_interval(secs => $1::integer)", window)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
