//! The `provider` object: the client's wishes about endpoints (OPENROUTER.md §3.1).

use domain::Rate;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::call::{MaxPrice, Routing};
use crate::error::GatewayError;

#[derive(Clone, Debug, Default, Deserialize)]
pub struct ProviderWishes {
    order: Option<Vec<String>>,
    only: Option<Vec<String>>,
    ignore: Option<Vec<String>>,
    allow_fallbacks: Option<bool>,
    require_parameters: Option<bool>,
    data_collection: Option<DataCollection>,
    zdr: Option<bool>,
    quantizations: Option<Vec<String>>,
    max_price: Option<WireMaxPrice>,
    options: Option<Map<String, Value>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DataCollection {
    Allow,
    Deny,
}

/// Dollars per million tokens, and per request; numbers or strings.
#[derive(Clone, Debug, Deserialize)]
struct WireMaxPrice {
    prompt: Option<Value>,
    completion: Option<Value>,
    request: Option<Value>,
}

impl ProviderWishes {
    pub fn into_routing(self) -> Result<Routing, GatewayError> {
        let max_price = match self.max_price {
            None => MaxPrice::default(),
            Some(max) => MaxPrice {
                prompt: rate(max.prompt, "provider.max_price.prompt", Decimal::from(1_000_000))?,
                completion: rate(max.completion, "provider.max_price.completion", Decimal::from(1_000_000))?,
                request: rate(max.request, "provider.max_price.request", Decimal::ONE)?,
            },
        };
        Ok(Routing {
            order: lower(self.order),
            only: lower(self.only),
            ignore: lower(self.ignore),
            allow_fallbacks: self.allow_fallbacks.unwrap_or(true),
            deny_data_collection: self.data_collection == Some(DataCollection::Deny),
            zdr: self.zdr.unwrap_or(false),
            quantizations: lower(self.quantizations),
            max_price,
            require_parameters: self.require_parameters.unwrap_or(false),
            options: self.options.unwrap_or_default(),
        })
    }
}

/// Clients write slugs and display names alike: `DeepInfra` means `deepinfra`.
fn lower(names: Option<Vec<String>>) -> Vec<String> {
    names.unwrap_or_default().into_iter().map(|name| name.trim().to_lowercase().replace(' ', "-")).collect()
}

fn rate(value: Option<Value>, field: &str, units: Decimal) -> Result<Option<Rate>, GatewayError> {
    let text = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return Err(GatewayError::invalid(field, "expected a number of US dollars, 0 or more")),
    };
    let dollars = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text));
    let rate = dollars.ok().and_then(|d| d.checked_div(units)).and_then(|d| Rate::new(d).ok());
    rate.map(Some).ok_or_else(|| GatewayError::invalid(field, "expected a number of US dollars, 0 or more"))
}
