//! How long something lasts where much of it has not ended yet.
//!
//! Kaplan and Meier's estimate (*Nonparametric estimation from incomplete observations*, 1958):
//! what has not ended counts for as long as it has been watched, so that neither leaving it out nor
//! taking it for ended makes the figure shorter than it is. The interval of the median is that of
//! Brookmeyer and Crowley (1982) by the log-log transformation.

use firsthand_model::Span;

use super::{Estimate, Z};
use crate::json;

/// How long something was watched, and whether it ended then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// How long.
    pub lasted: Span,
    /// Whether it ended; else it still lasts.
    pub ended: bool,
}

/// The median time that it lasts, in days; `None` where less than half has ended as far as can be
/// told. Sorts its input.
pub fn median_lasting(watched: &mut [Watched]) -> Option<Estimate> {
    watched.sort_unstable_by_key(|it| (it.lasted, !it.ended));
    let (mut share, mut variance) = (1.0_f64, 0.0_f64);
    let (mut value, mut low, mut high) = (None, None, None);
    let mut rest = &*watched;
    while let Some(first) = rest.first() {
        let at = first.lasted;
        let same = rest.partition_point(|it| it.lasted == at);
        let ended = rest[..same].iter().filter(|it| it.ended).count() as f64;
        let at_risk = rest.len() as f64;
        rest = &rest[same..];
        if ended == 0.0 {
            continue;
        }
        share *= 1.0 - ended / at_risk;
        variance += ended / (at_risk * (at_risk - ended));
        let days = Some(json::days(at));
        value = value.or(days.filter(|_| share <= 0.5));
        if let Some((lower, upper)) = limits(share, variance) {
            low = low.or(days.filter(|_| lower <= 0.5));
            high = high.or(days.filter(|_| upper <= 0.5));
        }
    }
    Some(Estimate { value: value?, low, high })
}

/// The interval of the share that lasts; `None` where all or none do, of which it cannot be told.
fn limits(share: f64, variance: f64) -> Option<(f64, f64)> {
    if share <= 0.0 || share >= 1.0 {
        return None;
    }
    let factor = (Z * variance.sqrt() / share.ln()).exp();
    let ends = (share.powf(factor), share.powf(1.0 / factor));
    Some((ends.0.min(ends.1), ends.0.max(ends.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(text: &str) -> Vec<Watched> {
        let of = |it: &str| Watched {
            lasted: Span::DAY.times(it.trim_end_matches('+').parse().unwrap()),
            ended: !it.ends_with('+'),
        };
        text.split_whitespace().map(of).collect()
    }

    /// E. J. Freireich and others, 1963: weeks of remission, the classic example; `+` still lasts.
    /// The intervals are those of R's `survfit(conf.type = "log-log")`.
    #[test]
    fn medians_are_those_of_the_classic_example() {
        let treated = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+";
        let found = median_lasting(&mut watched(treated)).unwrap();
        assert_eq!((found.value, found.low, found.high), (23.0, Some(13.0), None));
        let placebo = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23";
        let found = median_lasting(&mut watched(placebo)).unwrap();
        assert_eq!((found.value, found.low, found.high), (8.0, Some(4.0), Some(11.0)));
    }

    #[test]
    fn of_one_alone_nothing_is_sure() {
        let found = median_lasting(&mut watched("5")).unwrap();
        assert_eq!((found.value, found.low, found.high), (5.0, None, None));
    }

    #[test]
    fn where_less_than_half_has_ended_there_is_no_median() {
        assert_eq!(median_lasting(&mut watched("1 2+ 3+ 4+")), None);
        assert_eq!(median_lasting(&mut []), None);
    }

    #[test]
    fn what_still_lasts_makes_it_longer_not_shorter() {
        let without = median_lasting(&mut watched("1 2 3 4 5")).unwrap().value;
        let with = median_lasting(&mut watched("1 2 3 4 5 6+ 6+")).unwrap().value;
        assert!(with > without, "{with} {without}");
    }
}
