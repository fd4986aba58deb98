//! Whether something comes faster or slower than it did: counts of weeks against those before.

use serde::Serialize;

use super::wilson_of;

/// What was counted over a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stretch {
    /// How many.
    pub count: u64,
    /// What they were counted over: weeks, or subjects times weeks.
    pub over: f64,
}

/// What may be said of a pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// More than before: the interval lies above 1.
    More,
    /// Fewer than before: the interval lies below 1.
    Fewer,
    /// Neither is clear, and neither half as many nor twice as many would fit both.
    AsUsual,
    /// Too few were counted: half as many would fit, and twice as many as well.
    TooFew,
}

impl Change {
    /// The word in files and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::More => "more",
            Self::Fewer => "fewer",
            Self::AsUsual => "as_usual",
            Self::TooFew => "too_few",
        }
    }

    fn of(low: f64, high: f64) -> Self {
        if low > 1.0 {
            Self::More
        } else if high < 1.0 {
            Self::Fewer
        } else if low <= 0.5 && high >= 2.0 {
            Self::TooFew
        } else {
            Self::AsUsual
        }
    }
}

/// How fast something comes, against how fast it came before, with the interval that holds the true
/// ratio in 95 of 100 samples.
///
/// Of two Poisson counts the share of the one in both is binomial, whatever their rate (J. Przyborowski
/// and H. Wilenski, *Homogeneity of results in testing samples from Poisson series*, 1940); its Wilson
/// interval is that of the ratio. What weeks differ by beyond that, Pearson's chi-square over its
/// degrees of freedom where that is above 1, divides what was counted: ten who come together are
/// not ten who come one by one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pace {
    /// How many each of the recent stretches brought, on average over what they were counted over.
    pub recent: f64,
    /// The same of the stretches before.
    pub before: f64,
    /// `recent` / `before`; `None` where there was nothing before.
    pub times: Option<f64>,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end; `None` where it has none.
    pub high: Option<f64>,
    /// What may be said of it.
    pub reading: Change,
}

impl Pace {
    /// Holds stretches against those before; `None` where one side has none, nothing was counted at
    /// all, or nothing could have been.
    pub fn between(before: &[Stretch], recent: &[Stretch]) -> Option<Self> {
        let sum = |of: &[Stretch]| -> (f64, f64) {
            let count: u64 = of.iter().map(|it| it.count).sum();
            (count as f64, of.iter().map(|it| it.over).sum())
        };
        let ((was, was_over), (is, is_over)) = (sum(before), sum(recent));
        if was_over <= 0.0 || is_over <= 0.0 || was + is <= 0.0 {
            return None;
        }
        let (was_rate, is_rate) = (was / was_over, is / is_over);
        let spread = spread(&[(before, was_rate), (recent, is_rate)]);
        let share = is / (was + is);
        let (low, high) = wilson_of(share, (was + is) / spread);
        let ratio = |share: f64| share / (1.0 - share) * was_over / is_over;
        let low = ratio(low);
        let high = (high < 1.0 && was > 0.0).then(|| ratio(high));
        Some(Self {
            recent: is_rate,
            before: was_rate,
            times: (was > 0.0).then(|| is_rate / was_rate),
            low,
            high,
            reading: Change::of(low, high.unwrap_or(f64::INFINITY)),
        })
    }
}

/// By how much stretches differ more than chance would have them, at least 1.
fn spread(groups: &[(&[Stretch], f64)]) -> f64 {
    let mut squares = 0.0;
    let mut free = 0_usize;
    for (stretches, rate) in groups {
        let expected = stretches.iter().map(|it| (it, it.over * rate));
        let counted: Vec<_> = expected.filter(|it| it.1 > 0.0).collect();
        squares += counted.iter().map(|(it, at)| (it.count as f64 - at).powi(2) / at).sum::<f64>();
        free += counted.len().saturating_sub(1);
    }
    if free == 0 { 1.0 } else { (squares / free as f64).max(1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn weeks(counts: &[u64]) -> Vec<Stretch> {
        counts.iter().map(|count| Stretch { count: *count, over: 1.0 }).collect()
    }

    fn between(before: &[u64], recent: &[u64]) -> Pace {
        Pace::between(&weeks(before), &weeks(recent)).unwrap()
    }

    /// 40 in 4 weeks against 40 in 8: half of 80, whose Wilson interval is 0.3930 to 0.6070; the
    /// ratio is twice p / (1 − p).
    #[test]
    fn the_ratio_is_that_of_the_weeks_and_its_interval_that_of_the_share() {
        let found = between(&[5; 8], &[10; 4]);
        assert_eq!((found.recent, found.before, found.times), (10.0, 5.0, Some(2.0)));
        assert!((found.low - 2.0 * 0.392_97 / 0.607_03).abs() < 1e-3, "{found:?}");
        assert!((found.high.unwrap() - 2.0 * 0.607_03 / 0.392_97).abs() < 1e-3, "{found:?}");
        assert_eq!(found.reading, Change::More);
        assert_eq!(between(&[10; 8], &[5; 4]).reading, Change::Fewer);
        assert_eq!(between(&[10; 8], &[11; 4]).reading, Change::AsUsual);
    }

    /// Each of 8 weeks is off 10 by 10, each of 4 off 20 by 20: chi-square is 8 · 10 + 4 · 20 = 160 with
    /// 10 degrees of freedom, so that 160 entries tell as much as 10 would one by one.
    #[test]
    fn weeks_that_differ_much_say_less() {
        let even = between(&[10; 8], &[20; 4]);
        assert_eq!(even.reading, Change::More);
        let uneven = between(&[0, 20, 0, 20, 0, 20, 0, 20], &[0, 40, 0, 40]);
        assert_eq!((uneven.times, uneven.recent), (even.times, even.recent));
        let (low, high) = wilson_of(0.5, 160.0 / 16.0);
        assert!((uneven.low - 2.0 * low / (1.0 - low)).abs() < 1e-9, "{uneven:?}");
        assert!((uneven.high.unwrap() - 2.0 * high / (1.0 - high)).abs() < 1e-9, "{uneven:?}");
        assert_eq!(uneven.reading, Change::AsUsual);
    }

    #[test]
    fn a_few_say_nothing_and_nothing_says_less() {
        assert_eq!(between(&[1, 0, 0, 1], &[1, 0]).reading, Change::TooFew);
        assert_eq!(Pace::between(&weeks(&[0, 0]), &weeks(&[0])), None);
        assert_eq!(Pace::between(&[], &weeks(&[3])), None);
        let first = between(&[0; 8], &[3, 5, 4, 6]);
        assert_eq!((first.times, first.high, first.reading), (None, None, Change::More));
        let last = between(&[4; 8], &[0; 4]);
        assert_eq!((last.times, last.low, last.reading), (Some(0.0), 0.0, Change::Fewer));
    }

    /// Twice the entries of twice the accounts are no more of them.
    #[test]
    fn a_share_grows_only_beyond_what_it_is_counted_over() {
        let of = |count, over| Stretch { count, over };
        let before = [of(20, 100.0), of(20, 100.0), of(20, 100.0), of(20, 100.0)];
        let found = Pace::between(&before, &[of(40, 200.0), of(40, 200.0)]).unwrap();
        assert_eq!((found.times, found.reading), (Some(1.0), Change::AsUsual));
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_ratio(
            before in prop::collection::vec(0_u64..50, 1..12),
            recent in prop::collection::vec(0_u64..50, 1..6),
        ) {
            if let Some(found) = Pace::between(&weeks(&before), &weeks(&recent)) {
                let times = found.times.unwrap_or(f64::INFINITY);
                prop_assert!(found.low <= times + 1e-9, "{found:?}");
                prop_assert!(found.high.is_none_or(|it| times <= it + 1e-9), "{found:?}");
            }
        }
    }
}
