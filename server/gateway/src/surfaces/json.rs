//! Bodies as JSON: errors that name the field, and money as an exact number.

use domain::NanoUsd;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::GatewayError;

/// Reads a body. Errors name the field and what is wrong with it.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, GatewayError> {
    let text = std::str::from_utf8(body).map_err(|e| GatewayError::Invalid {
        field: None,
        message: format!("The request body is not UTF-8: byte {} is wrong", e.valid_up_to()),
    })?;
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|e| {
        let field = Some(e.path().to_string()).filter(|path| path != ".");
        let inner = e.into_inner();
        if inner.is_data() {
            return GatewayError::Invalid { field, message: without_place(&inner) };
        }
        // Where one word of several is expected, the parser takes a number for broken JSON.
        if field.is_some() && serde_json::from_str::<IgnoredAny>(text).is_ok() {
            return GatewayError::Invalid { field, message: "has a value of the wrong type".to_owned() };
        }
        GatewayError::Invalid { field: None, message: format!("The request body is not JSON: {inner}") }
    })?;
    json.end()
        .map_err(|e| GatewayError::Invalid { field: None, message: format!("The request body is not JSON: {e}") })?;
    Ok(value)
}

/// Reads a part of a body that was left for later. `at` is its path.
pub fn read_at<T: DeserializeOwned>(part: &RawValue, at: &str) -> Result<T, GatewayError> {
    let mut json = serde_json::Deserializer::from_str(part.get());
    serde_path_to_error::deserialize(&mut json).map_err(|e| {
        let field = match e.path().to_string() {
            whole if whole == "." => at.to_owned(),
            element if element.starts_with('[') => format!("{at}{element}"),
            inner => format!("{at}.{inner}"),
        };
        GatewayError::Invalid { field: Some(field), message: without_place(e.inner()) }
    })
}

/// serde_json ends its messages with a line and a column: where the field is named, they only confuse.
fn without_place(error: &serde_json::Error) -> String {
    let mut message = error.to_string();
    if let Some(place) = message.rfind(" at line ") {
        message.truncate(place);
    }
    message
}

/// An amount as a JSON number of dollars with all its decimals, such as `0.000012345`: for `#[serde(serialize_with)]`.
pub fn dollars<S: Serializer>(amount: &NanoUsd, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(amount.to_json_number()).map_err(serde::ser::Error::custom)?.serialize(serializer)
}

/// The same for an amount that may be missing (`null`).
pub fn maybe_dollars<S: Serializer>(amount: &Option<NanoUsd>, serializer: S) -> Result<S::Ok, S::Error> {
    match amount {
        Some(amount) => dollars(amount, serializer),
        None => serializer.serialize_none(),
    }
}
