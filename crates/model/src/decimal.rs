//! Exact decimal numbers of six places.
//!
//! Money, percentages and counts are compared exactly (docs/language.md, section 5): a float's drift
//! must never move a verdict. A duration in microseconds is a decimal number of seconds, so both
//! share one raw scale.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A number with exactly six decimal places, held as an integer count of millionths.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Decimal(i128);

/// Why a text is not a [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// The text is not a number at all.
    #[error("not a number")]
    NotANumber,
    /// The number lies beyond ±10^24.
    #[error("number out of range")]
    OutOfRange,
}

impl Decimal {
    /// Millionths in one.
    pub const SCALE: i128 = 1_000_000;
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(Self::SCALE);

    /// Makes the number that has this many millionths.
    pub const fn from_raw(millionths: i128) -> Self {
        Self(millionths)
    }

    /// Returns the number of millionths.
    pub const fn raw(self) -> i128 {
        self.0
    }

    /// Whether there is nothing behind the decimal point.
    pub const fn is_integer(self) -> bool {
        self.0 % Self::SCALE == 0
    }

    /// Returns the nearest float; for display and statistics, never for verdicts.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Makes the nearest decimal of a float, or `None` where it is not finite or out of range.
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() || value.abs() >= 1e24 {
            return None;
        }
        // The shortest text that reads back as this float, so 0.1 is 0.1 and not its expansion.
        format!("{value}").parse().ok()
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self(i128::from(value) * Self::SCALE)
    }
}

impl From<u64> for Decimal {
    fn from(value: u64) -> Self {
        Self(i128::from(value) * Self::SCALE)
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Reads `-12`, `3.25`, `1e3`, `.5`; more than six places are rounded half away from zero.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', ..] => (true, &text[1..]),
            [b'+', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match digits.find(['e', 'E']) {
            Some(at) => {
                let exponent: i32 =
                    digits[at + 1..].parse().map_err(|_| DecimalError::NotANumber)?;
                (&digits[..at], exponent)
            }
            None => (digits, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(DecimalError::NotANumber);
        }
        let mut raw: i128 = 0;
        // The power of ten that the next digit stands for, counted in millionths.
        let first = i32::try_from(whole.len()).map_err(|_| DecimalError::OutOfRange)?;
        let mut power = first.saturating_add(exponent).saturating_add(5);
        let mut round_up = false;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(DecimalError::NotANumber);
            }
            let digit = i128::from(byte - b'0');
            if power >= 0 {
                if digit != 0 {
                    if power > 29 {
                        return Err(DecimalError::OutOfRange);
                    }
                    raw += digit * 10_i128.pow(power.unsigned_abs());
                }
            } else if power == -1 {
                round_up = digit >= 5;
            }
            power -= 1;
        }
        raw += i128::from(round_up);
        if raw > 10_i128.pow(30) {
            return Err(DecimalError::OutOfRange);
        }
        Ok(Self(if negative { -raw } else { raw }))
    }
}

impl fmt::Display for Decimal {
    /// Writes the shortest exact form: `8000`, `-0.5`, `3.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let scale = Self::SCALE.unsigned_abs();
        let (whole, fraction) = (magnitude / scale, magnitude % scale);
        let text = if fraction == 0 {
            whole.to_string()
        } else {
            let places = format!("{fraction:06}");
            format!("{whole}.{}", places.trim_end_matches('0'))
        };
        f.pad_integral(self.0 >= 0, "", &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_read_exactly_and_print_shortest() {
        for (text, shown) in [
            ("0", "0"),
            ("-12", "-12"),
            ("3.2500", "3.25"),
            (".5", "0.5"),
            ("1e3", "1000"),
            ("1.5E-3", "0.0015"),
            ("0.0000005", "0.000001"),
            ("0.00000049", "0"),
            ("-0.0000005", "-0.000001"),
            ("9007199254740993", "9007199254740993"),
        ] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), shown, "{text}");
        }
        for text in ["", "-", ".", "1.2.3", "abc", "1e", "0x10", "1_000"] {
            assert_eq!(text.parse::<Decimal>(), Err(DecimalError::NotANumber), "{text}");
        }
        assert_eq!("1e40".parse::<Decimal>(), Err(DecimalError::OutOfRange));
    }

    #[test]
    fn a_float_becomes_the_decimal_it_prints_as() {
        assert_eq!(Decimal::from_f64(0.1).unwrap().to_string(), "0.1");
        assert_eq!(Decimal::from_f64(f64::NAN), None);
    }
}
