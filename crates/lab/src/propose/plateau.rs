//! Finding a limit in how much accounts use: where there is one, many stop just below it.

use std::collections::BTreeMap;

/// Fewest accounts with any usage on a plan from which a limit is concluded.
pub const ACCOUNTS_MIN: u64 = 12;
/// Fewest accounts that must have come to rest at a limit.
const AT_LIMIT_MIN: u64 = 3;
/// How much denser accounts must lie just below a limit than a little further below.
const DENSER: f64 = 2.0;
/// How much denser, if some accounts are above it.
const DENSER_IF_SOFT: f64 = 4.0;
/// The leading figures of numbers that people choose for limits.
const ROUND: &[i64] = &[10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 80];

/// How much each account used at most, as counts by amount, kept to three figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    counts: BTreeMap<i64, u64>,
}

/// A limit that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plateau {
    /// The limit.
    pub limit: i64,
    /// Accounts within 5 % below it.
    pub at: u64,
    /// Accounts above it.
    pub above: u64,
    /// Accounts with any usage.
    pub of: u64,
}

impl Amounts {
    /// Adds the amount of one account, cut to a whole number of three figures: at most nine
    /// hundred values for each power of ten, however many accounts there are.
    pub fn add(&mut self, amount: f64) {
        if amount < 1.0 {
            return;
        }
        // Above 2^53 the figures behind are no longer exact; they are cut anyway.
        #[expect(clippy::cast_possible_truncation, reason = "cut on purpose, and saturating")]
        let whole = amount as i64;
        let unit = 10_i64.pow(whole.ilog10().saturating_sub(2));
        *self.counts.entry(whole / unit * unit).or_default() += 1;
    }

    /// Adds the amounts of other accounts.
    pub fn merge(&mut self, other: &Self) {
        for (amount, count) in &other.counts {
            *self.counts.entry(*amount).or_default() += count;
        }
    }

    /// How many accounts there are.
    pub fn accounts(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The amount that so many in a hundred accounts do not reach.
    pub fn percentile(&self, percent: u64) -> Option<i64> {
        let wanted = self.accounts() * percent / 100;
        let mut passed = 0;
        self.counts.iter().find_map(|(amount, count)| {
            passed += count;
            (passed > wanted).then_some(*amount)
        })
    }

    fn between(&self, from: f64, to: f64) -> u64 {
        let counts = self.counts.iter();
        counts.filter(|(at, _)| (**at as f64) >= from && (**at as f64) < to).map(|it| it.1).sum()
    }

    /// The round number below which accounts pile up, if there is one.
    pub fn plateau(&self) -> Option<Plateau> {
        let of = self.accounts();
        let (most, _) = self.counts.last_key_value()?;
        if of < ACCOUNTS_MIN {
            return None;
        }
        let found = round_numbers(*most).filter_map(|limit| self.at(limit, of));
        // Of two that will do, the one at which more have stopped; the smaller, if as many.
        found.max_by_key(|it| (it.at, -it.limit))
    }

    fn at(&self, limit: i64, of: u64) -> Option<Plateau> {
        let top = limit as f64 + 0.5;
        let above = self.between(top, f64::INFINITY);
        let near = 0.95 * limit as f64;
        let (at, before) = if limit < 20 {
            // So small a number has no "just below": all who have come to it, against one fewer.
            (self.between(limit as f64, top), self.between(limit as f64 - 1.0, limit as f64))
        } else {
            (self.between(near, top), self.between(0.75 * limit as f64, near))
        };
        // A fifth of the range below is four times as wide as a twentieth.
        let usual = if limit < 20 { before as f64 } else { before as f64 / 4.0 };
        let share = |count: u64| count as f64 / of as f64;
        let hard = above <= 1 || share(above) <= 0.02;
        let enough = if hard { DENSER } else { DENSER_IF_SOFT };
        let most = if limit < 20 { 0.1 } else { 0.03 };
        let found = limit >= 3
            && at >= AT_LIMIT_MIN
            && share(at) >= most
            && share(above) <= 0.1
            && at as f64 >= enough * usual.max(0.5)
            // More than chance: three times as far off as such counts scatter.
            && at as f64 - usual >= 3.0 * (usual + 1.0).sqrt();
        found.then_some(Plateau { limit, at, above, of })
    }
}

/// The round numbers from three to a little above the greatest amount.
fn round_numbers(most: i64) -> impl Iterator<Item = i64> {
    let small = 3..10;
    let powers = (0..17).map(|it| 10_i64.pow(it));
    let large = powers.flat_map(|power| ROUND.iter().map(move |it| it * power));
    small.chain(large).take_while(move |it| *it <= most.saturating_mul(2)).filter(move |it| {
        // Nobody has come to a limit that lies far above the greatest amount.
        *it as f64 * 0.95 <= most as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(of: impl IntoIterator<Item = f64>) -> Amounts {
        let mut amounts = Amounts::default();
        of.into_iter().for_each(|it| amounts.add(it));
        amounts
    }

    #[test]
    fn accounts_that_stop_at_a_round_number_show_a_limit() {
        let grows = (1..200).map(|it| f64::from(it) * 150.0);
        let stopped = amounts(grows.map(|it| it.min(10_000.0)));
        let found = stopped.plateau().unwrap();
        assert_eq!((found.limit, found.above), (10_000, 0));
        let seats = amounts([1.0, 1.0, 2.0, 1.0, 3.0, 5.0, 5.0, 5.0, 5.0, 2.0, 4.0, 5.0, 5.0]);
        assert_eq!(seats.plateau().unwrap().limit, 5);
    }

    #[test]
    fn accounts_that_grow_freely_show_none() {
        let even = amounts((1..200).map(|it| f64::from(it) * 150.0));
        assert_eq!(even.plateau(), None);
        let few_large = amounts((1..300).map(|it| 30_000.0 / f64::from(it)));
        assert_eq!(few_large.plateau(), None);
        assert_eq!(amounts([5.0; 11]).plateau(), None, "too few to say");
    }

    #[test]
    fn a_few_above_do_not_hide_a_limit_that_many_have_come_to() {
        let mut many = amounts((1..100).map(|it| (f64::from(it) * 400.0).min(25_000.0)));
        for amount in [26_000.0, 30_000.0, 60_000.0] {
            many.add(amount);
        }
        assert_eq!(many.plateau().unwrap().limit, 25_000);
    }
}
