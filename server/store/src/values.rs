//! The domain's values as Postgres keeps them, and back.

use std::borrow::Cow;

use domain::{AccountId, GenerationId, KeyId, NanoUsd};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use uuid::Uuid;

use crate::DbError;

pub(crate) fn uuid(id: &AccountId) -> Result<Uuid, DbError> {
    id.as_str().parse().map_err(|e| DbError::unstorable("account id", &e))
}

pub(crate) fn account_id(id: Uuid) -> Result<AccountId, DbError> {
    id.to_string().parse().map_err(|e| DbError::corrupt("account id", &e))
}

pub(crate) fn key_id(id: String) -> Result<KeyId, DbError> {
    KeyId::try_from(id).map_err(|e| DbError::corrupt("key id", &e))
}

pub(crate) fn generation_id(id: String) -> Result<GenerationId, DbError> {
    GenerationId::try_from(id).map_err(|e| DbError::corrupt("generation id", &e))
}

/// A count that Postgres can keep; one that it cannot is no count of anything real.
pub(crate) fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A sum of counts: never negative, and as large as can be told.
pub(crate) fn total(n: Decimal) -> u64 {
    n.to_u64().unwrap_or(u64::MAX)
}

/// A sum of amounts. One outside the range, which only a broken ledger can have, is shown as its end.
pub(crate) fn amount(nanos: Decimal) -> NanoUsd {
    NanoUsd(nanos.to_i64().unwrap_or(if nanos.is_sign_negative() { i64::MIN } else { i64::MAX }))
}

/// Text without NUL, which Postgres cannot keep: clients and providers may send it, and a settlement must not fail for it.
pub(crate) fn text(s: &str) -> Cow<'_, str> {
    if s.contains('\0') { Cow::Owned(s.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(s) }
}
