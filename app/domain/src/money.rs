//! US dollars as whole billionths, with checked arithmetic only.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

const NANOS_PER_DOLLAR: u64 = 1_000_000_000;

/// An amount of US dollars in billionths (1 = $0.000000001). May be negative in ledger entries.
///
/// Range ±$9.2 billion. There is no `Add`: every sum is checked, since an overflow in money is a bug to report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NanoUsd(pub i64);

/// Why an amount could not be formed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("the amount is outside ±9,223,372,036 dollars")]
    OutOfRange,
    #[error("`{0}` is not an amount in dollars with at most nine decimals, such as 12.50")]
    NotAnAmount(String),
}

impl NanoUsd {
    pub const ZERO: Self = Self(0);
    pub const ONE_DOLLAR: Self = Self(NANOS_PER_DOLLAR as i64);

    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError::OutOfRange)
    }

    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_sub(other.0).map(Self).ok_or(MoneyError::OutOfRange)
    }

    /// Rounds an exact number of dollars to a billionth, half to even. The only place where money is rounded.
    pub fn round_from(dollars: Decimal) -> Result<Self, MoneyError> {
        let nanos = dollars
            .checked_mul(Decimal::from(NANOS_PER_DOLLAR))
            .ok_or(MoneyError::OutOfRange)?
            .round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
        i64::try_from(nanos).map(Self).map_err(|_| MoneyError::OutOfRange)
    }

    /// Rounds up to a billionth: for holds, which must never be less than the cost.
    pub fn ceil_from(dollars: Decimal) -> Result<Self, MoneyError> {
        let nanos = dollars.checked_mul(Decimal::from(NANOS_PER_DOLLAR)).ok_or(MoneyError::OutOfRange)?.ceil();
        i64::try_from(nanos).map(Self).map_err(|_| MoneyError::OutOfRange)
    }

    /// The same amount as exact dollars.
    pub fn dollars(self) -> Decimal {
        Decimal::new(self.0, 9)
    }

    /// The exact decimal number of dollars without a sign for the currency, such as `0.0000123`: a valid JSON number.
    pub fn to_json_number(self) -> String {
        self.dollars().normalize().to_string()
    }

    /// Reads a JSON number of dollars without ever making it a float: `0.0000123`, `1.23e-5`.
    pub fn from_json_number(number: &str) -> Result<Self, MoneyError> {
        let dollars = if number.contains(['e', 'E']) {
            Decimal::from_scientific(number)
        } else {
            Decimal::from_str_exact(number)
        };
        let exact = dollars.ok().filter(|d| d.normalize().scale() <= 9);
        exact.ok_or_else(|| MoneyError::NotAnAmount(number.chars().take(40).collect())).and_then(Self::round_from)
    }

    /// For people: cents from a cent up (`$12.50`), else as many decimals as the amount needs (`$0.000123`).
    pub fn display_short(self) -> String {
        let (sign, dollars) = if self.0 < 0 { ("−", -self.dollars()) } else { ("", self.dollars()) };
        if self.0 % 10_000_000 == 0 || dollars >= Decimal::ONE_HUNDRED {
            return format!("{sign}${:.2}", dollars.trunc_with_scale(2));
        }
        if dollars >= Decimal::new(1, 2) {
            format!("{sign}${:.4}", dollars.trunc_with_scale(4))
        } else {
            format!("{sign}${}", dollars.normalize())
        }
    }
}

/// Exact: `$0.0000123`, `−$2`.
impl fmt::Display for NanoUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "−" } else { "" };
        write!(f, "{sign}${}", self.dollars().abs().normalize())
    }
}

/// Reads dollars: `5`, `12.50`, `0.000000001`.
impl FromStr for NanoUsd {
    type Err = MoneyError;

    fn from_str(s: &str) -> Result<Self, MoneyError> {
        let wrong = || MoneyError::NotAnAmount(s.chars().take(40).collect());
        let dollars = Decimal::from_str_exact(s.trim()).map_err(|_| wrong())?;
        if dollars.normalize().scale() > 9 {
            return Err(wrong());
        }
        Self::round_from(dollars)
    }
}
