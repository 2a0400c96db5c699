//! A cost written out for people: every line's exact amount, and the rounding that leads to the booked total.

use rust_decimal::Decimal;

use crate::{Cost, CostLine, MoneyError, NanoUsd, Rate, Unit};

/// A cost as it is printed. The lines' amounts and `rounding` add up to `total`, to the last digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub lines: Vec<ReceiptLine>,
    /// What rounding to a billionth of a dollar added or took, such as `−$0.0000000004`; `None`: nothing.
    pub rounding: Option<String>,
    /// What was booked.
    pub total: NanoUsd,
}

/// So many units at such a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptLine {
    pub unit: Unit,
    pub quantity: u64,
    /// `$0.27/M` for tokens, else `$0.01`; `free`.
    pub price: String,
    /// Exact: `$0.000049`.
    pub amount: String,
}

/// Writes a cost out. Errors: only if the lines' sum leaves the range of money.
pub fn receipt(cost: &Cost) -> Result<Receipt, MoneyError> {
    let mut sum = Decimal::ZERO;
    let mut lines = Vec::with_capacity(cost.lines.len());
    for line in &cost.lines {
        let amount = line.amount()?;
        sum = sum.checked_add(amount).ok_or(MoneyError::OutOfRange)?;
        lines.push(ReceiptLine {
            unit: line.unit,
            quantity: line.quantity,
            price: price(line),
            amount: dollars_text(amount),
        });
    }
    let rounding = cost.total.dollars().checked_sub(sum).ok_or(MoneyError::OutOfRange)?;
    Ok(Receipt { lines, rounding: (!rounding.is_zero()).then(|| dollars_text(rounding)), total: cost.total })
}

/// An exact number of dollars with its sign: `$0.000049`, `−$2`, `$0`.
pub fn dollars_text(dollars: Decimal) -> String {
    let sign = if dollars.is_sign_negative() && !dollars.is_zero() { "−" } else { "" };
    format!("{sign}${}", dollars.abs().normalize())
}

fn price(line: &CostLine) -> String {
    let per_unit: Rate = line.rate;
    match (per_unit.is_free(), line.unit.is_token()) {
        (true, _) => "free".to_owned(),
        (false, true) => format!("{}/M", with_cents(per_unit.per_million())),
        (false, false) => with_cents(per_unit.dollars()),
    }
}

/// Exact, with at least two decimals, as prices are written: `$0.60`, `$0.0375`.
fn with_cents(mut price: Decimal) -> String {
    price = price.normalize();
    if price.scale() < 2 { format!("${price:.2}") } else { format!("${price}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(unit: Unit, quantity: u64, rate: &str) -> CostLine {
        CostLine { unit, quantity, rate: rate.parse().unwrap() }
    }

    #[test]
    fn a_line_multiplies_quantity_and_price_exactly() {
        let cost = Cost { lines: vec![line(Unit::Prompt, 180, "0.00000027")], total: NanoUsd(48_600) };
        let receipt = receipt(&cost).unwrap();
        assert_eq!(receipt.lines[0].price, "$0.27/M");
        assert_eq!(receipt.lines[0].amount, "$0.0000486");
        assert_eq!(receipt.rounding, None);
        assert_eq!(receipt.total.to_string(), "$0.0000486");
    }

    #[test]
    fn what_rounding_took_is_a_line_of_its_own() {
        let lines = vec![line(Unit::CacheRead, 3, "0.0000000001"), line(Unit::Completion, 1, "0.0000000011")];
        let receipt = receipt(&Cost { lines, total: NanoUsd(1) }).unwrap();
        assert_eq!(receipt.lines[0].amount, "$0.0000000003");
        assert_eq!(receipt.lines[1].amount, "$0.0000000011");
        assert_eq!(receipt.rounding.as_deref(), Some("−$0.0000000004"));
    }

    #[test]
    fn units_that_are_no_tokens_are_priced_each_and_free_ones_say_so() {
        let lines = vec![line(Unit::WebSearch, 2, "0.01"), line(Unit::Prompt, 7, "0")];
        let receipt = receipt(&Cost { lines, total: NanoUsd(20_000_000) }).unwrap();
        assert_eq!((receipt.lines[0].price.as_str(), receipt.lines[0].amount.as_str()), ("$0.01", "$0.02"));
        assert_eq!(super::price(&line(Unit::Completion, 1, "0.0000006")), "$0.60/M");
        assert_eq!((receipt.lines[1].price.as_str(), receipt.lines[1].amount.as_str()), ("free", "$0"));
    }

    #[test]
    fn a_receipt_without_lines_books_nothing() {
        let receipt = receipt(&Cost::default()).unwrap();
        assert!(receipt.lines.is_empty());
        assert_eq!(receipt.total.to_string(), "$0");
    }
}
