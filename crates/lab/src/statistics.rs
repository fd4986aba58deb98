//! The statistics that the figures rest on: rates with intervals, differences, ratios, medians,
//! how long things last, age bands.

mod difference;
mod middle;
mod pace;
mod survival;

use firsthand_model::Span;
use serde::Serialize;

pub use difference::{Difference, Reading, more_needed};
pub use middle::{Estimate, mean_worth, median_days};
pub use pace::{Change, Pace, Stretch};
pub use survival::{Watched, median_lasting};

/// The 97.5 % point of the normal distribution: it makes intervals of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// A share of a whole, with the Wilson interval that holds the true share in 95 of 100 samples.
///
/// In JSON: `{"count": 105, "of": 1635, "rate": 0.0642, "low": 0.0533, "high": 0.0771}`; the last
/// three are shares from 0 to 1, and `null` where `of` is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rate {
    /// How many had it.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// `count` / `of`.
    pub rate: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

impl Rate {
    /// Makes the rate of `count` in `of`.
    pub fn new(count: u64, of: u64) -> Self {
        let interval = wilson(count, of);
        Self {
            count,
            of,
            rate: (of > 0).then(|| count as f64 / of as f64),
            low: interval.map(|it| it.0),
            high: interval.map(|it| it.1),
        }
    }
}

/// How many times as often something happens here as in a comparison.
///
/// The interval holds the uncertainty of the rate above the line only: what is below it is taken
/// as it is, being of many more subjects as a rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lift {
    /// The rate, divided by that of the comparison.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

impl Lift {
    /// Divides a rate by a comparison; `None` where either is missing or the comparison is 0.
    pub fn over(rate: Rate, comparison: Option<f64>) -> Option<Self> {
        let comparison = comparison.filter(|it| *it > 0.0)?;
        Some(Self {
            value: rate.rate? / comparison,
            low: rate.low? / comparison,
            high: rate.high? / comparison,
        })
    }
}

/// The 95 % interval of a share by Wilson's score method without continuity correction
/// (E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, 1927);
/// `None` of nothing.
pub fn wilson(count: u64, of: u64) -> Option<(f64, f64)> {
    if of == 0 {
        return None;
    }
    let (n, p) = (of as f64, count as f64 / of as f64);
    let (low, high) = wilson_of(p, n);
    // At the very ends the interval touches 0 or 1; rounding must not move it past the share.
    Some((if count == 0 { 0.0 } else { low }, if count == of { 1.0 } else { high }))
}

/// The same of a share `p` of `n` that need not be whole: fewer, where what is counted does not come
/// one by one.
fn wilson_of(p: f64, n: f64) -> (f64, f64) {
    let shrink = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / shrink;
    let half = Z / shrink * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((centre - half).clamp(0.0, p), (centre + half).clamp(p, 1.0))
}

/// The harmonic mean of precision and recall; 0 where both are 0, `None` where one is missing.
pub fn f1(precision: Option<f64>, recall: Option<f64>) -> Option<f64> {
    let (precision, recall) = (precision?, recall?);
    let sum = precision + recall;
    Some(if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 })
}

/// The middle span, or the mean of the two in the middle; `None` of nothing. Sorts its input.
pub fn median(spans: &mut [Span]) -> Option<Span> {
    spans.sort_unstable();
    let upper = spans.get(spans.len() / 2)?.0;
    let lower = spans[(spans.len() - 1) / 2].0;
    Some(Span(i64::midpoint(lower, upper)))
}

/// The band of ages that an age lies in: at least the first span, less than the second.
///
/// Bands double, since a day more matters much to a subject of two days and little to one of a
/// year: below 1 day, 1, 2 to 3, 4 to 7, 8 to 15 days and so on. An age below zero is in the first.
pub fn age_band(age: Span) -> (Span, Span) {
    let days = age.0.div_euclid(Span::DAY.0);
    if days < 1 {
        return (Span::ZERO, Span::DAY);
    }
    let lower = 1 << days.ilog2();
    (Span::DAY.times(lower), Span::DAY.times(2 * lower))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// R. G. Newcombe, *Two-sided confidence intervals for the single proportion: comparison of
    /// seven methods*, Statistics in Medicine 17 (1998), table I, method 3.
    #[test]
    fn wilson_intervals_are_the_published_ones() {
        for (count, of, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let found = wilson(count, of).unwrap();
            assert!((found.0 - low).abs() < 5e-5, "{count} of {of}: {found:?}");
            assert!((found.1 - high).abs() < 5e-5, "{count} of {of}: {found:?}");
        }
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn a_rate_of_nothing_says_nothing() {
        let none = Rate::new(0, 0);
        assert_eq!((none.rate, none.low, none.high), (None, None, None));
        assert_eq!(Lift::over(none, Some(0.5)), None);
        assert_eq!(Lift::over(Rate::new(1, 2), Some(0.0)), None);
        assert_eq!(Lift::over(Rate::new(1, 2), None), None);
    }

    /// R. G. Newcombe, *Interval estimation for the difference between independent proportions*,
    /// Statistics in Medicine 17 (1998), table II, method 10.
    #[test]
    fn intervals_of_differences_are_the_published_ones() {
        for ((a, m), (b, n), low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((0, 10), (0, 10), -0.2775, 0.2775),
        ] {
            let found = Difference::between(Rate::new(a, m), Rate::new(b, n)).unwrap();
            assert!((found.low - low).abs() < 5e-5, "{a}/{m}, {b}/{n}: {found:?}");
            assert!((found.high - high).abs() < 5e-5, "{a}/{m}, {b}/{n}: {found:?}");
        }
        assert_eq!(Difference::between(Rate::new(0, 0), Rate::new(1, 2)), None);
    }

    #[test]
    fn the_middle_of_an_even_number_is_the_mean_of_two() {
        let median_of = |days: &[i64]| {
            median(&mut days.iter().map(|it| Span::DAY.times(*it)).collect::<Vec<_>>())
                .map(|it| it.to_string())
        };
        assert_eq!(median_of(&[]), None);
        assert_eq!(median_of(&[3]).as_deref(), Some("3d"));
        assert_eq!(median_of(&[9, 1, 2]).as_deref(), Some("2d"));
        assert_eq!(median_of(&[4, 1, 9, 3]).as_deref(), Some("3d 12h"));
    }

    #[test]
    fn f1_lies_between_its_two_parts() {
        assert_eq!(f1(Some(0.5), Some(0.5)), Some(0.5));
        assert_eq!(f1(Some(0.0), Some(0.0)), Some(0.0));
        assert_eq!(f1(None, Some(0.5)), None);
        let mean = f1(Some(0.0642), Some(0.3052)).unwrap();
        assert!((mean - 0.1061).abs() < 1e-4, "{mean}");
    }

    #[test]
    fn age_bands_double() {
        for (hours, low, high) in
            [(-5, 0, 1), (0, 0, 1), (23, 0, 1), (24, 1, 2), (48, 2, 4), (95, 2, 4), (96, 4, 8)]
        {
            let band = age_band(Span::HOUR.times(hours));
            assert_eq!(band, (Span::DAY.times(low), Span::DAY.times(high)), "{hours} h");
        }
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_rate_and_stays_within_0_and_1(
            (count, of) in (1..10_000_u64).prop_flat_map(|of| (0..=of, Just(of))),
        ) {
            let it = Rate::new(count, of);
            let (rate, low, high) = (it.rate.unwrap(), it.low.unwrap(), it.high.unwrap());
            prop_assert!(0.0 <= low && low <= rate && rate <= high && high <= 1.0, "{it:?}");
        }

        #[test]
        fn more_evidence_never_widens_an_interval(count in 0..50_u64, more in 0..50_u64) {
            let width = |it: Rate| it.high.unwrap() - it.low.unwrap();
            let (few, many) = (Rate::new(count, count + more + 1), count + more + 1);
            prop_assert!(width(Rate::new(10 * count, 10 * many)) <= width(few) + 1e-12);
        }

        #[test]
        fn every_age_lies_in_its_band(hours in 0..1_000_000_i64) {
            let age = Span::HOUR.times(hours);
            let (low, high) = age_band(age);
            prop_assert!(low <= age && age < high);
        }
    }
}
