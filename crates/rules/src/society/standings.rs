//! Standings: where subjects stand among others, taken at midnight.
//!
//! What is kept of a midnight is how the values of the population were spread, and nobody's name
//! ([`Distribution`]). Where a subject stood by that follows from its own facts, so that they may
//! still be corrected; how the others did that day is a dated number and stays as it was taken.

use std::collections::BTreeMap;

use firsthand_model::{Text, Time};
use serde::{Deserialize, Serialize};

use super::{AMONG, Imports};
use crate::compile::program::Population;
use crate::eval::value::{Bound, Linear, Value};

/// Most different values of one midnight that are kept exactly; of more, as many spread evenly.
pub const STEPS_MAX: usize = 4_096;

/// How the values of a population were spread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// Values in millionths, ascending, and how many were not above each.
    steps: Vec<(i128, u64)>,
    /// Whether values in between were left out.
    thinned: bool,
}

impl Distribution {
    /// That of some values, in millionths, in any order.
    pub fn of(mut values: Vec<i128>) -> Self {
        values.sort_unstable();
        let mut steps: Vec<(i128, u64)> = Vec::new();
        for (value, count) in values.into_iter().zip(1..) {
            match steps.last_mut() {
                Some((last, not_above)) if *last == value => *not_above = count,
                _ => steps.push((value, count)),
            }
        }
        let thinned = steps.len() > STEPS_MAX;
        if thinned {
            // The least and the greatest are among them.
            let last = steps.len() - 1;
            let kept = (0..STEPS_MAX).map(|it| steps[it * last / (STEPS_MAX - 1)]);
            steps = kept.collect();
        }
        Self { steps, thinned }
    }

    /// Whether nobody was in the population.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The share whose value is not above this one; or its place from the top, those who tie
    /// sharing the better one. A range, where that is not known exactly.
    pub fn standing(&self, value: i128, rank: bool) -> Value {
        let Some((_, total)) = self.steps.last().copied() else { return Value::Unknown };
        let place = self.steps.partition_point(|(it, _)| *it <= value);
        let below = place.checked_sub(1).map(|it| self.steps[it]);
        let least = below.map_or(0, |(_, not_above)| not_above);
        let is_exact = !self.thinned || below.is_none_or(|(it, _)| it == value);
        let above = self.steps.get(place).filter(|_| !is_exact);
        // One at least is at the step above.
        let most = above.map_or(least, |(_, not_above)| not_above - 1);
        let of = |not_above: u64| {
            if rank {
                return Some(Linear::count(total - not_above + 1));
            }
            Linear::ratio(Linear::count(not_above).still(), i128::from(total))
        };
        let (from, to) = if rank { (of(most), of(least)) } else { (of(least), of(most)) };
        match (from, to) {
            (Some(from), Some(to)) => Value::between(Bound::At(from), Bound::At(to)),
            _ => Value::Unknown,
        }
    }
}

impl Population {
    /// What a subject has by itself just before a midnight, in millionths, and whether it is in the
    /// population; from what it said, in order of time.
    pub fn own(&self, said: &Imports, midnight: Time) -> (Option<i128>, bool) {
        let before = &said[..said.partition_point(|(at, ..)| *at < midnight)];
        let newest = |slot: u32| before.iter().rfind(|it| it.1 == slot).map(|it| &it.2);
        let value = newest(self.slot).and_then(|it| it.number()?.millionths(midnight));
        let belongs = self.among.is_none() || newest(self.slot | AMONG).is_some_and(Value::is_true);
        (value, belongs)
    }

    /// Among whom a subject of an account stands.
    pub fn group<'a>(&self, account: &'a str) -> &'a str {
        if self.rank { account } else { "" }
    }
}

/// All standings that were taken, by what was asked.
#[derive(Clone, Debug, Default)]
pub struct Standings {
    taken: BTreeMap<Text, BTreeMap<Time, BTreeMap<Text, Distribution>>>,
}

impl Standings {
    /// Adds what was taken at a midnight; `group` is the account for a rank, else empty.
    pub fn add(&mut self, key: &Text, at: Time, group: Text, taken: Distribution) {
        let of = self.taken.entry(key.clone()).or_default();
        of.entry(at).or_default().insert(group, taken);
    }

    /// The newest midnight of a question; `None` before the first.
    pub fn newest(&self, asked: &Population) -> Option<Time> {
        self.taken.get(&asked.key)?.last_key_value().map(|(at, _)| *at)
    }

    /// The first midnight after an instant at which a question was asked.
    pub fn first_after(&self, asked: &Population, after: Time) -> Option<Time> {
        let of = self.taken.get(&asked.key)?;
        of.range(Time(after.0.saturating_add(1))..).next().map(|(at, _)| *at)
    }

    /// Where a subject stood at the midnights after an instant, up to another, from what it said.
    pub fn told<'s>(
        &'s self,
        asked: &'s Population,
        account: &'s str,
        said: &'s Imports,
        (after, until): (Time, Time),
    ) -> impl Iterator<Item = (Time, u32, Value)> + 's {
        let from = Time(after.0.saturating_add(1));
        let of = self.taken.get(&asked.key).filter(|_| from <= until);
        let range = of.into_iter().flat_map(move |it| it.range(from..=until));
        range.map(move |(at, groups)| {
            let among = groups.get(asked.group(account));
            let (value, _) = asked.own(said, *at);
            let standing = among.zip(value).map(|(it, value)| it.standing(value, asked.rank));
            (*at, asked.slot, standing.unwrap_or_default())
        })
    }

    /// Where a subject stood at the newest midnight before an instant.
    pub fn before(&self, asked: &Population, account: &str, said: &Imports, at: Time) -> Value {
        let of = self.taken.get(&asked.key);
        let newest = of.and_then(|it| it.range(..at).next_back()).map(|(at, _)| *at);
        let told = newest.and_then(|it| {
            self.told(asked, account, said, (Time(it.0.saturating_sub(1)), it)).next()
        });
        told.map(|(.., value)| value).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(values: &[i128], of: i128) -> Value {
        Distribution::of(values.to_vec()).standing(of, false)
    }

    fn ratio(num: u64, den: i128) -> Value {
        Linear::ratio(Linear::count(num).still(), den).map_or(Value::Unknown, Value::Number)
    }

    #[test]
    fn a_share_counts_who_is_not_above() {
        assert_eq!(shares(&[3, 1, 2, 2], 2), ratio(3, 4));
        assert_eq!(shares(&[3, 1, 2, 2], 0), ratio(0, 4));
        assert_eq!(shares(&[3, 1, 2, 2], 9), ratio(4, 4));
        assert_eq!(shares(&[], 9), Value::Unknown);
    }

    #[test]
    fn a_rank_counts_from_the_top_and_ties_share_the_better_place() {
        let places = Distribution::of(vec![3, 1, 2, 2]);
        let ranks = [3, 2, 1].map(|it| places.standing(it, true));
        assert_eq!(ranks, [1, 2, 4].map(Value::count));
    }

    /// P8: beyond the limit a standing is a range that the exact one lies in.
    #[test]
    fn many_values_leave_a_standing_in_doubt_never_wrong() {
        let values: Vec<i128> = (0..100_000).map(|it| it * 2).collect();
        let spread = Distribution::of(values.clone());
        assert_eq!(spread.steps.len(), STEPS_MAX);
        assert_eq!(spread.standing(0, false), ratio(1, 100_000), "the least is kept");
        assert_eq!(spread.standing(199_998, false), ratio(100_000, 100_000), "so is the greatest");
        for value in [1_i128, 777, 55_555, 123_456] {
            let exact = values.partition_point(|it| *it <= value) as u64;
            let Value::Between(ends) = spread.standing(value, true) else { continue };
            let [Bound::At(from), Bound::At(to)] = *ends else { panic!("it has bounds") };
            let place = Linear::count(100_000 - exact + 1).still();
            assert!(from.still() <= place && place <= to.still(), "{value}");
        }
    }
}
