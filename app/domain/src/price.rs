//! Exact prices and the one function that computes a cost.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{MoneyError, NanoUsd, Timestamp, Unit, Usage};

/// US dollars per single unit (never per million), exact and not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate(Decimal);

/// The text is no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a price: a plain decimal of US dollars per unit, 0 or more, at most $1,000,000, such as \"0.00000015\""
)]
pub struct RateError(pub String);

impl Rate {
    pub const FREE: Self = Self(Decimal::ZERO);
    const MAX: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

    pub fn new(dollars_per_unit: Decimal) -> Result<Self, RateError> {
        let fine = !dollars_per_unit.is_sign_negative() && dollars_per_unit <= Self::MAX;
        fine.then(|| Self(dollars_per_unit.normalize())).ok_or_else(|| RateError(dollars_per_unit.to_string()))
    }

    pub fn dollars(self) -> Decimal {
        self.0
    }

    /// US dollars per million units.
    pub fn per_million(self) -> Decimal {
        (self.0 * Decimal::from(1_000_000)).normalize()
    }

    pub fn is_free(self) -> bool {
        self.0.is_zero()
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(s: &str) -> Result<Self, RateError> {
        Decimal::from_str_exact(s)
            .ok()
            .and_then(|d| Self::new(d).ok())
            .ok_or_else(|| RateError(s.chars().take(40).collect()))
    }
}

impl TryFrom<String> for Rate {
    type Error = RateError;

    fn try_from(s: String) -> Result<Self, RateError> {
        s.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The price of each unit that is charged for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prices(pub BTreeMap<Unit, Rate>);

impl Prices {
    /// The listed price of a unit.
    pub fn listed(&self, unit: Unit) -> Option<Rate> {
        self.0.get(&unit).copied()
    }

    /// What a unit is charged at: its listed price, or that of the unit it falls back to, or nothing.
    pub fn charged(&self, unit: Unit) -> Rate {
        std::iter::successors(Some(unit), |u| u.fallback()).find_map(|u| self.listed(u)).unwrap_or(Rate::FREE)
    }

    /// Whether every listed price is zero, and there is at least one.
    pub fn is_free(&self) -> bool {
        !self.0.is_empty() && self.0.values().all(|rate| rate.is_free())
    }

    /// Whether tokens in and out have a known price: without, an endpoint takes no paid traffic (a silent zero would be a gift).
    pub fn covers_chat(&self) -> bool {
        self.0.contains_key(&Unit::Prompt) && self.0.contains_key(&Unit::Completion)
    }
}

/// Prices that replace the listed ones while their conditions hold; all given conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PriceOverride {
    /// The first UTC day on which it applies, `2027-01-01`: a price change announced ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Applies strictly above this many prompt tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_prompt_tokens: Option<u64>,
    /// Minutes since midnight UTC at which the window opens and closes; it may wrap around midnight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc_minutes: Option<(u16, u16)>,
    /// Days of the week on which the window opens, 1 = Monday. Empty: every day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub utc_days: Vec<u8>,
    pub prices: Prices,
}

impl PriceOverride {
    fn applies(&self, prompt_tokens: u64, at: Timestamp) -> bool {
        self.min_prompt_tokens.is_none_or(|above| prompt_tokens > above) && self.has_begun(at) && self.in_window(at)
    }

    fn has_begun(&self, at: Timestamp) -> bool {
        self.from.as_ref().is_none_or(|first_day| *first_day <= at.utc_date())
    }

    fn in_window(&self, at: Timestamp) -> bool {
        let (today, minute) = (at.utc_weekday(), at.utc_minute_of_day());
        let open_on = |day: u8| self.utc_days.is_empty() || self.utc_days.contains(&day);
        match self.utc_minutes {
            None => open_on(today),
            Some((from, to)) if from <= to => open_on(today) && (from..to).contains(&minute),
            Some((from, to)) => {
                let yesterday = if today == 1 { 7 } else { today - 1 };
                (minute >= from && open_on(today)) || (minute < to && open_on(yesterday))
            }
        }
    }
}

/// An endpoint's whole price list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceSheet {
    pub prices: Prices,
    /// Later ones win.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<PriceOverride>,
}

impl PriceSheet {
    /// The prices of a request with this many prompt tokens that starts at this time.
    pub fn at(&self, prompt_tokens: u64, at: Timestamp) -> Prices {
        let mut prices = self.prices.clone();
        for o in self.overrides.iter().filter(|o| o.applies(prompt_tokens, at)) {
            prices.0.extend(o.prices.0.iter().map(|(unit, rate)| (*unit, *rate)));
        }
        prices
    }

    /// For each unit the highest price that any condition can bring: what a hold must cover.
    pub fn ceiling(&self) -> Prices {
        let mut prices = self.prices.clone();
        for (unit, rate) in self.overrides.iter().flat_map(|o| &o.prices.0) {
            let highest = prices.0.entry(*unit).or_insert(*rate);
            *highest = (*highest).max(*rate);
        }
        prices
    }
}

/// One line of a receipt: so many units at such a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostLine {
    pub unit: Unit,
    pub quantity: u64,
    pub rate: Rate,
}

impl CostLine {
    /// Exact dollars.
    pub fn amount(&self) -> Result<Decimal, MoneyError> {
        Decimal::from(self.quantity).checked_mul(self.rate.0).ok_or(MoneyError::OutOfRange)
    }
}

/// What a generation costs: its lines are exact, only their sum is rounded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    pub lines: Vec<CostLine>,
    pub total: NanoUsd,
}

/// Computes a cost: exact products, summed exactly, rounded once, half to even. There is no other way to a cost.
pub fn cost(prices: &Prices, usage: &Usage) -> Result<Cost, MoneyError> {
    let lines: Vec<CostLine> = usage
        .billable()
        .into_iter()
        .map(|(unit, quantity)| CostLine { unit, quantity, rate: prices.charged(unit) })
        .filter(|line| line.quantity > 0 && (line.unit.is_token() || !line.rate.is_free()))
        .collect();
    let mut sum = Decimal::ZERO;
    for line in &lines {
        sum = sum.checked_add(line.amount()?).ok_or(MoneyError::OutOfRange)?;
    }
    Ok(Cost { lines, total: NanoUsd::round_from(sum)? })
}

/// Each unit of prompt caching, and what its tokens would have cost without.
const CACHE_UNITS: [(Unit, Unit); 5] = [
    (Unit::CacheRead, Unit::Prompt),
    (Unit::CacheWrite, Unit::Prompt),
    (Unit::CacheWrite1h, Unit::Prompt),
    (Unit::AudioCacheRead, Unit::Audio),
    (Unit::ImageCacheRead, Unit::ImageToken),
];

/// What prompt caching took off a cost; negative where its writes cost more than its reads saved. `None`: nothing was cached.
pub fn cache_discount(prices: &Prices, cost: &Cost) -> Option<NanoUsd> {
    let mut saved = None;
    for line in &cost.lines {
        let Some((_, plain)) = CACHE_UNITS.iter().find(|(unit, _)| *unit == line.unit) else { continue };
        let difference = prices.charged(*plain).dollars() - line.rate.dollars();
        let of_line = Decimal::from(line.quantity).checked_mul(difference)?;
        saved = Some(saved.unwrap_or(Decimal::ZERO).checked_add(of_line)?);
    }
    NanoUsd::round_from(saved?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announced_price_applies_from_its_day_on() {
        let prices = |rate: &str| Prices(BTreeMap::from([(Unit::Prompt, rate.parse().unwrap_or(Rate::FREE))]));
        let later =
            PriceOverride { from: Some("2027-01-01".to_owned()), prices: prices("2"), ..PriceOverride::default() };
        let sheet = PriceSheet { prices: prices("1"), overrides: vec![later] };
        let new_year = Timestamp::from_unix_seconds(1_798_761_600);
        assert_eq!(sheet.at(10, Timestamp(new_year.0 - 1)), prices("1"));
        assert_eq!(sheet.at(10, new_year), prices("2"));
    }
}
