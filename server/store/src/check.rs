//! The ledger, proven: every figure that is kept is computed again from the entries, and every record is matched with what
//! was booked for it.

mod breaks;
mod queries;

pub use breaks::Break;

use crate::{DbError, Store};

impl Store {
    /// Every break of an invariant, as of one moment; empty: the books are right. Of each kind at most a hundred are listed.
    pub async fn check_ledger(&self) -> Result<Vec<Break>, DbError> {
        let mut snapshot = self.pool.begin_with("begin isolation level repeatable read, read only").await?;
        let mut breaks = queries::transactions(&mut snapshot).await?;
        breaks.extend(queries::whole_ledger(&mut snapshot).await?);
        breaks.extend(queries::customers(&mut snapshot).await?);
        breaks.extend(queries::keys(&mut snapshot).await?);
        breaks.extend(queries::holds(&mut snapshot).await?);
        breaks.extend(queries::generations(&mut snapshot).await?);
        snapshot.commit().await?;
        Ok(breaks)
    }
}
