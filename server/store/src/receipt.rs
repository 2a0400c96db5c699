//! A generation as the JSON that is kept of it.

use domain::Generation;
use serde_json::Value;

use crate::{DbError, values};

/// JSON that Postgres can keep: it has no form for NUL.
pub(crate) fn to_json(generation: &Generation) -> Result<Value, DbError> {
    let mut json = serde_json::to_value(generation).map_err(|e| DbError::unstorable("receipt", &e))?;
    replace_nul(&mut json);
    Ok(json)
}

pub(crate) fn from_json(json: Value) -> Result<Generation, DbError> {
    serde_json::from_value(json).map_err(|e| DbError::corrupt("receipt", &e))
}

/// Keys are field names of ours, so only values are looked at.
fn replace_nul(json: &mut Value) {
    match json {
        Value::String(s) if s.contains('\0') => *s = values::text(s).into_owned(),
        Value::Array(items) => items.iter_mut().for_each(replace_nul),
        Value::Object(fields) => fields.values_mut().for_each(replace_nul),
        _ => {}
    }
}
