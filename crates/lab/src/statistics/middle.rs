//! Medians and means with intervals.

use firsthand_model::{Decimal, Span};
use serde::Serialize;

use super::{Z, median};
use crate::json;

/// Fewest values that an interval is told of.
const VALUES_MIN: usize = 6;
/// Up to so many values the interval of a median is exact.
const EXACT_MAX: usize = 500;

/// A number with the interval that holds the true one in 95 of 100 samples; an end is `None` where
/// too little has been seen to say it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

/// The median of spans in days; `None` of nothing. Sorts its input.
///
/// The interval lies between two of the values, whose ranks follow from the binomial distribution
/// (W. J. Conover, *Practical Nonparametric Statistics*, 1999, section 3.2): it assumes nothing
/// about how the values are spread.
pub fn median_days(spans: &mut [Span]) -> Option<Estimate> {
    let value = json::days(median(spans)?);
    let ends = ranks(spans.len());
    let at = |rank: usize| json::days(spans[rank]);
    Some(Estimate { value, low: ends.map(|it| at(it.0)), high: ends.map(|it| at(it.1)) })
}

/// The places, from 0, of the two values that a median of so many lies between.
fn ranks(count: usize) -> Option<(usize, usize)> {
    if count < VALUES_MIN {
        return None;
    }
    let below = if count <= EXACT_MAX {
        // The largest k with P(fewer than k of n values lie below the median) at most 2.5 %.
        let mut point = 0.5_f64.powi(i32::try_from(count).ok()?);
        let (mut sum, mut place) = (point, 0_usize);
        while sum <= 0.025 {
            place += 1;
            point *= (count - place + 1) as f64 / place as f64;
            sum += point;
        }
        place
    } else {
        let half_width = Z * (count as f64).sqrt() / 2.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it lies between 0 and the count"
        )]
        let place = (count as f64 / 2.0 - half_width).floor() as usize;
        place
    };
    let low = below.checked_sub(1)?;
    Some((low, count - 1 - low))
}

/// The mean of worths, and their sum; `None` of nothing.
///
/// The interval is the usual one by the normal distribution; it is told from six values on.
pub fn mean_worth(worths: &[Decimal]) -> Option<(Decimal, Estimate)> {
    if worths.is_empty() {
        return None;
    }
    let sum = worths.iter().fold(0, |sum: i128, it| sum.saturating_add(it.raw()));
    let total = Decimal::from_raw(sum);
    let count = worths.len() as f64;
    let value = total.to_f64() / count;
    // Added in order of size: floats added in another order differ in the last place.
    let mut squares: Vec<f64> = worths.iter().map(|it| (it.to_f64() - value).powi(2)).collect();
    squares.sort_unstable_by(f64::total_cmp);
    let half = (worths.len() >= VALUES_MIN).then(|| {
        let variance = squares.iter().sum::<f64>() / (count - 1.0);
        Z * (variance / count).sqrt()
    });
    let estimate =
        Estimate { value, low: half.map(|it| value - it), high: half.map(|it| value + it) };
    Some((total, estimate))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Conover, table A3: the ranks of an interval of at least 95 % for the median.
    #[test]
    fn ranks_are_those_of_the_binomial_table() {
        for (count, low, high) in
            [(6, 1, 6), (8, 1, 8), (9, 2, 8), (10, 2, 9), (15, 4, 12), (20, 6, 15), (25, 8, 18)]
        {
            assert_eq!(ranks(count), Some((low - 1, high - 1)), "{count}");
        }
        assert_eq!(ranks(5), None);
    }

    #[test]
    fn the_long_way_and_the_short_way_agree_where_they_meet() {
        let (exact, near) = (ranks(EXACT_MAX).unwrap(), ranks(EXACT_MAX + 1).unwrap());
        assert!(exact.0.abs_diff(near.0) <= 1, "{exact:?} {near:?}");
    }

    #[test]
    fn a_median_of_few_has_no_interval() {
        let mut days: Vec<Span> = [3, 1, 2].map(|it| Span::DAY.times(it)).into();
        let found = median_days(&mut days).unwrap();
        assert_eq!((found.value, found.low, found.high), (2.0, None, None));
        assert_eq!(median_days(&mut []), None);
    }

    #[test]
    fn a_mean_of_equal_worths_is_sure() {
        let worths = [Decimal::from_raw(20_000_000); 8];
        let (total, mean) = mean_worth(&worths).unwrap();
        assert_eq!(total, Decimal::from_raw(160_000_000));
        assert_eq!((mean.value, mean.low, mean.high), (20.0, Some(20.0), Some(20.0)));
        assert_eq!(mean_worth(&[]), None);
    }
}
