//! Amounts as Stripe counts them: in the smallest unit of the currency.

use firsthand_model::Decimal;
use serde_json::Value;

/// Currencies without a smaller unit.
const WHOLE: [&str; 16] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv",
    "xaf", "xof", "xpf",
];
/// Currencies whose smallest unit is a thousandth.
const THOUSANDTHS: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

/// The amount of a member in units of the currency.
pub(super) fn amount(value: &Value, currency: &str) -> Option<Decimal> {
    let smallest = i128::from(value.as_i64()?);
    let currency = currency.to_ascii_lowercase();
    let parts = if WHOLE.contains(&currency.as_str()) {
        1
    } else if THOUSANDTHS.contains(&currency.as_str()) {
        1_000
    } else {
        100
    };
    smallest.checked_mul(Decimal::SCALE / parts).map(Decimal::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_counted_in_the_smallest_unit_of_their_currency() {
        let shown = |it: i64, currency| amount(&it.into(), currency).unwrap().to_string();
        assert_eq!(shown(4_900, "usd"), "49");
        assert_eq!(shown(4_905, "EUR"), "49.05");
        assert_eq!(shown(4_900, "jpy"), "4900");
        assert_eq!(shown(4_900, "kwd"), "4.9");
    }
}
