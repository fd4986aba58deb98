//! The difference between two shares, and how many more subjects it would take to be sure of it.

use serde::Serialize;

use super::{Rate, Z};

/// The 80 % point of the normal distribution: the chance with which a difference that there is
/// should be found.
const POWER: f64 = 0.841_621_233_572_914_3;
/// Beyond so many subjects more a difference is too small to be found in practice.
const MORE_MAX: f64 = 10_000_000.0;

/// One share less another, from −1 to 1, with the interval that holds the true difference in 95 of
/// 100 samples.
///
/// The interval is Newcombe's, made of both Wilson intervals (R. G. Newcombe, *Interval estimation
/// for the difference between independent proportions*, Statistics in Medicine 17, 1998, method
/// 10): it stays sound where shares are small and groups few. Of the same subjects judged twice it is
/// too wide, never too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The one share less the other.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// What may be said of it.
    pub reading: Reading,
}

/// What may be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The one is larger: the interval lies above zero.
    Higher,
    /// The one is smaller: the interval lies below zero.
    Lower,
    /// Not clear yet: the interval covers zero.
    Unclear,
}

impl Reading {
    /// The word in files and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::Unclear => "unclear",
        }
    }

    /// What an interval says.
    pub fn of(low: f64, high: f64) -> Self {
        if low > 0.0 {
            Self::Higher
        } else if high < 0.0 {
            Self::Lower
        } else {
            Self::Unclear
        }
    }
}

impl Difference {
    /// `one` less `other`; `None` where one of them is a share of nothing.
    pub fn between(one: Rate, other: Rate) -> Option<Self> {
        let (p, low, high) = (one.rate?, one.low?, one.high?);
        let (q, other_low, other_high) = (other.rate?, other.low?, other.high?);
        let value = p - q;
        let low = value - (p - low).hypot(other_high - q);
        let high = value + (high - p).hypot(q - other_low);
        Some(Self { value, low, high, reading: Reading::of(low, high) })
    }
}

/// How many subjects more it would take, shared out as they are now, until a difference as large
/// as the one seen is found with a chance of 80 % at 95 % certainty; 0 where there are enough,
/// `None` where no difference is seen, or one too small to be found in practice.
///
/// The usual formula for two shares (J. L. Fleiss, *Statistical Methods for Rates and Proportions*,
/// 1981, section 3.3, without continuity correction).
pub fn more_needed(one: Rate, other: Rate) -> Option<u64> {
    let (p, q) = (one.rate?, other.rate?);
    let gap = (p - q).abs();
    if gap < f64::EPSILON {
        return None;
    }
    // So many of the one for each of the other.
    let ratio = one.of as f64 / other.of as f64;
    let pooled = (ratio * p + q) / (ratio + 1.0);
    let by_chance = Z * (pooled * (1.0 - pooled) * (1.0 + 1.0 / ratio)).sqrt();
    let by_effect = POWER * (p * (1.0 - p) / ratio + q * (1.0 - q)).sqrt();
    let others = ((by_chance + by_effect) / gap).powi(2).ceil();
    let more = (others * (1.0 + ratio)).ceil() - (one.of + other.of) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between 0 and the limit"
    )]
    (more <= MORE_MAX).then(|| more.max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn between(one: (u64, u64), other: (u64, u64)) -> Difference {
        Difference::between(Rate::new(one.0, one.1), Rate::new(other.0, other.1)).unwrap()
    }

    /// Newcombe 1998, table II, method 10.
    #[test]
    fn differences_are_the_published_ones() {
        for (one, other, low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((10, 10), (0, 10), 0.6075, 1.0000),
        ] {
            let found = between(one, other);
            assert!((found.low - low).abs() < 5e-5, "{one:?} {other:?}: {found:?}");
            assert!((found.high - high).abs() < 5e-5, "{one:?} {other:?}: {found:?}");
        }
    }

    #[test]
    fn an_interval_that_covers_zero_is_not_clear_yet() {
        assert_eq!(between((56, 70), (48, 80)).reading, Reading::Higher);
        assert_eq!(between((48, 80), (56, 70)).reading, Reading::Lower);
        assert_eq!(between((5, 56), (0, 29)).reading, Reading::Unclear);
        assert_eq!(Difference::between(Rate::new(0, 0), Rate::new(1, 2)), None);
    }

    /// Fleiss: 15 % against 25 % in groups of one size takes 250 in each.
    #[test]
    fn what_it_takes_is_the_textbooks_number() {
        assert_eq!(more_needed(Rate::new(25, 100), Rate::new(15, 100)), Some(2 * 250 - 200));
        assert_eq!(more_needed(Rate::new(250, 1_000), Rate::new(150, 1_000)), Some(0));
        assert_eq!(more_needed(Rate::new(5, 100), Rate::new(5, 100)), None);
        assert_eq!(more_needed(Rate::new(5, 100), Rate::new(0, 0)), None);
    }

    proptest! {
        #[test]
        fn a_difference_turned_round_is_its_mirror(
            (a, n) in (1..500_u64).prop_flat_map(|of| (0..=of, Just(of))),
            (b, m) in (1..500_u64).prop_flat_map(|of| (0..=of, Just(of))),
        ) {
            let (one, other) = (between((a, n), (b, m)), between((b, m), (a, n)));
            prop_assert!(one.low <= one.value && one.value <= one.high);
            prop_assert!((one.low + other.high).abs() < 1e-12);
            prop_assert!(-1.0 - 1e-12 <= one.low && one.high <= 1.0 + 1e-12);
        }
    }
}
