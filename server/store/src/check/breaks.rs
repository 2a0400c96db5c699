//! What can be wrong with the books, each in a sentence for the operator.

use domain::NanoUsd;
use uuid::Uuid;

/// A broken invariant. Ids are shown as they are stored: where books are broken, they may be none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    #[error("transaction {transaction}: its entries sum to {sum}, not to zero")]
    Unbalanced { transaction: Uuid, sum: NanoUsd },
    #[error("transaction {transaction} has no entries")]
    Empty { transaction: Uuid },
    #[error("transaction {transaction} has an entry without a transaction or without a ledger account")]
    StrayEntry { transaction: Uuid },
    #[error("all entries together sum to {sum}, not to zero")]
    LedgerNotZero { sum: NanoUsd },
    #[error("account {account}: {figure} is kept as {kept}, its entries say {ledger}")]
    Balance { account: Uuid, figure: &'static str, kept: NanoUsd, ledger: NanoUsd },
    #[error("account {account} has entries but no balance")]
    NoBalance { account: Uuid },
    #[error("account {account}: {figure} is negative: {amount}")]
    Negative { account: Uuid, figure: &'static str, amount: NanoUsd },
    #[error("account {account}: {kept} is held, its open holds sum to {open}")]
    OpenHolds { account: Uuid, kept: NanoUsd, open: NanoUsd },
    #[error("key {key}: {figure} is kept as {kept}, its entries say {ledger}")]
    Key { key: String, figure: &'static str, kept: NanoUsd, ledger: NanoUsd },
    #[error("generation {generation}: {booked} was set aside, but it neither runs nor was it settled")]
    LostHold { generation: String, booked: NanoUsd },
    #[error("generation {generation}: its open hold is {open}, its entries say {booked}")]
    Hold { generation: String, open: NanoUsd, booked: NanoUsd },
    #[error("generation {generation} has a record, but its hold is still open")]
    StillHeld { generation: String },
    #[error("generation {generation}: {charged} was booked, but there is no record of it")]
    Unrecorded { generation: String, charged: NanoUsd },
    #[error("generation {generation}: its {figure} is {recorded} in its record and {booked} in the ledger")]
    Record { generation: String, figure: &'static str, recorded: NanoUsd, booked: NanoUsd },
}
