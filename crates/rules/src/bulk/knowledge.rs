//! When entries were known, told without taking facts as they arrived.
//!
//! An entry stands in what was thought from the first arrival on at which judging had come so far,
//! as soon as time alone could change nothing before it any more ([`SETTLE`]) at the latest. A fact
//! that is known later than that may have brought it about. Whether it has is asked of the account
//! without the facts known as late: from the latest arrival back, until one is found without which
//! the entry was not there. [`crate::ledger`] tells the same, arrival by arrival.

use std::collections::BTreeMap;

use firsthand_model::Time;

use super::NeedsRows;
use super::words::Words;
use crate::ledger::SETTLE;
use crate::timeline::Interval;

/// Arrivals before which an account is judged anew for one definition; of accounts with more
/// surprises than that the rows are taken as they arrived.
const LOOKS_MAX: usize = 128;

/// When the rows of an account were known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Whether any row tells when it was known. If none does, all was known at once.
    pub told: bool,
    /// The rows that were known later than they were so, in order, and when.
    pub later: &'a [(u32, i64)],
    /// The number by which `later` tells of the account's first row.
    pub first: u32,
}

impl Known<'_> {
    /// The number of a row as `later` tells of it.
    fn number(self, row: usize) -> u32 {
        u32::try_from(row).map_or(u32::MAX, |it| it.saturating_add(self.first))
    }

    /// Of the first so many rows.
    pub(super) fn up_to(self, count: usize) -> Self {
        let end = self.number(count);
        let end = self.later.partition_point(|(row, _)| *row < end);
        Self { later: &self.later[..end], ..self }
    }

    /// Of the rows from one on.
    fn from(self, row: usize) -> Self {
        let begin = self.number(row);
        let begin = self.later.partition_point(|(row, _)| *row < begin);
        Self { later: &self.later[begin..], ..self }
    }

    /// When a row was known, if that was later than it was so.
    pub(super) fn of(self, row: usize) -> Option<i64> {
        let number = self.number(row);
        let place = self.later.binary_search_by_key(&number, |(row, _)| *row).ok()?;
        Some(self.later[place].1)
    }

    /// The rows that were known later, and when.
    pub(super) fn rows(self) -> impl Iterator<Item = (usize, i64)> {
        self.later.iter().map(move |(row, at)| ((row - self.first) as usize, *at))
    }
}

/// The facts of an account, and when they were known.
pub(super) struct Knowledge<'a> {
    times: &'a [i64],
    /// Their names, to tell gaps by; none, if there are no gaps.
    names: &'a [u32],
    known: Known<'a>,
    /// The latest that a row is known, among those that are known later and come no later.
    latest: Vec<i64>,
    /// Rows with which the life began as long as those before it were not known.
    births: Vec<usize>,
}

impl<'a> Knowledge<'a> {
    pub fn new(times: &'a [i64], names: &'a [u32], known: Known<'a>) -> Self {
        let known = known.up_to(times.len());
        let mut latest = i64::MIN;
        let until_each = known.later.iter().map(|(_, at)| {
            latest = latest.max(*at);
            latest
        });
        let latest = until_each.collect();
        let mut it = Self { times, names, known, latest, births: Vec::new() };
        if known.told && !known.later.is_empty() {
            it.births = it.births();
        }
        it
    }

    fn births(&self) -> Vec<usize> {
        let mut births = Vec::new();
        let mut first_known = i64::MAX;
        for row in (0..self.times.len()).filter(|it| !self.is_gap(*it)) {
            let known = self.known.of(row);
            let at = known.unwrap_or(self.times[row]);
            if at < first_known {
                births.push(row);
                first_known = at;
            }
            // Nothing that comes later can have been known before it.
            if known.is_none() {
                break;
            }
        }
        births
    }

    fn is_gap(&self, row: usize) -> bool {
        self.names.get(row) == Some(&Words::GAP)
    }

    /// The first arrival at which an entry can have been thought.
    fn earliest(&self, entered: Time) -> i64 {
        let mut earliest = (entered + SETTLE).0;
        let first = self.times.partition_point(|at| *at < entered.0);
        let mut later = self.known.from(first).rows().peekable();
        for (row, at) in self.times.iter().enumerate().skip(first) {
            if *at >= earliest {
                break;
            }
            let known = later.next_if(|(late, _)| *late == row).map_or(*at, |it| it.1);
            if !self.is_gap(row) {
                earliest = earliest.min(known);
            }
        }
        earliest
    }

    /// The arrivals after one at which facts up to an entry became known that matter, the earliest
    /// first.
    fn surprises(&self, entered: Time, after: i64, matters: &impl Fn(usize) -> bool) -> Vec<i64> {
        let known = self.known.up_to(self.times.partition_point(|at| *at <= entered.0));
        let latest = known.later.len().checked_sub(1).map(|it| self.latest[it]);
        if latest.is_none_or(|it| it <= after) {
            return Vec::new();
        }
        let late = known.rows().filter(|(row, at)| {
            *at > after && !self.is_gap(*row) && (self.births.contains(row) || matters(*row))
        });
        let mut arrivals: Vec<i64> = late.map(|(_, at)| at).collect();
        arrivals.sort_unstable();
        arrivals.dedup();
        arrivals
    }

    /// The intervals with when their entries were known. `matters` tells which rows can have
    /// changed them, and `look` all entries up to an instant as they were thought without the rows
    /// known at an arrival or later.
    pub fn intervals(
        &self,
        held: Vec<(Time, Option<Time>)>,
        matters: impl Fn(usize) -> bool,
        mut look: impl FnMut(i64, Time) -> Result<Vec<Time>, NeedsRows>,
    ) -> Result<Vec<Interval>, NeedsRows> {
        let interval = |(entered, left)| Interval { entered, left, known_at: entered };
        let mut intervals: Vec<Interval> = held.into_iter().map(interval).collect();
        if !self.known.told {
            return Ok(intervals);
        }
        // By arrival, the entries that it may have brought about; and the earlier ones that each
        // entry's may go on to.
        let mut asked: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        let mut surprises: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
        for (place, interval) in intervals.iter_mut().enumerate() {
            let earliest = self.earliest(interval.entered);
            let mut them = self.surprises(interval.entered, earliest, &matters);
            interval.known_at = Time(earliest);
            if let Some(last) = them.pop() {
                asked.entry(last).or_default().push(place);
                surprises.insert(place, them);
            }
        }
        for _ in 0..LOOKS_MAX {
            let Some((arrival, places)) = asked.pop_last() else { return Ok(intervals) };
            let entered = places.iter().map(|it| intervals[*it].entered);
            let until = entered.max().unwrap_or(Time::MIN);
            let thought = look(arrival, until)?;
            for place in places {
                let interval = &mut intervals[place];
                if thought.binary_search(&interval.entered).is_err() {
                    interval.known_at = Time(arrival);
                } else if let Some(earlier) = surprises.get_mut(&place).and_then(Vec::pop) {
                    asked.entry(earlier).or_default().push(place);
                }
            }
        }
        if asked.is_empty() { Ok(intervals) } else { Err(NeedsRows) }
    }
}
