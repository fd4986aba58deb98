//! The unqualified of the same time and age: whom to compare the qualified with.
//!
//! For a qualification known at t of a subject of some age, the controls are all subjects that at
//! t had started, had no outcome and no known qualification, and whose age was in the same band
//! ([`age_band`]). They are counted in one sweep through time: a subject is *at risk* from its
//! start until its outcome or qualification, and *converting* in that part of it whose end of the
//! window lies at or behind its outcome. Two Fenwick trees over the subjects in order of start
//! keep both counts, so that a band of ages is a range. Subjects are compared, never sampled.

use firsthand_model::{Span, Time};

use super::judge::Case;
use crate::statistics::age_band;

/// The controls of one qualification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Controls {
    /// How many there are.
    pub count: u64,
    /// How many of them have their first outcome within the window after the same instant.
    pub converting: u64,
}

/// Finds the controls of each of the given qualifications, in their order.
///
/// `asked` are instant of the qualification and start of its subject.
pub(super) fn controls(cases: &[Case], asked: &[(Time, Time)], within: Span) -> Vec<Controls> {
    let mut by_start: Vec<&Case> = cases.iter().collect();
    by_start.sort_unstable_by_key(|it| it.started);
    let changes = changes(&by_start, within);
    let mut order: Vec<usize> = (0..asked.len()).collect();
    order.sort_unstable_by_key(|it| asked[*it].0);

    let mut at_risk = Fenwick::new(by_start.len());
    let mut converting = Fenwick::new(by_start.len());
    let mut pending = changes.iter().peekable();
    let mut found = vec![Controls { count: 0, converting: 0 }; asked.len()];
    for index in order {
        let (at, started) = asked[index];
        while let Some(change) = pending.next_if(|it| it.time <= at) {
            let tree = if change.converting { &mut converting } else { &mut at_risk };
            tree.add(change.place, change.by);
        }
        let (youngest, oldest) = age_band(at - started);
        let place = |age: Span| by_start.partition_point(|it| it.started <= at - age);
        let band = place(oldest)..place(youngest);
        found[index] =
            Controls { count: at_risk.sum(band.clone()), converting: converting.sum(band) };
    }
    found
}

/// A subject begins or ceases to be at risk, or to be converting.
struct Change {
    time: Time,
    place: usize,
    converting: bool,
    by: i64,
}

fn changes(by_start: &[&Case], within: Span) -> Vec<Change> {
    let mut changes = Vec::with_capacity(2 * by_start.len());
    let mut stretch = |place, converting, from: Time, to: Time| {
        if from < to {
            changes.push(Change { time: from, place, converting, by: 1 });
            changes.push(Change { time: to, place, converting, by: -1 });
        }
    };
    for (place, case) in by_start.iter().enumerate() {
        let end = case.outcome_time().min(case.known_time());
        stretch(place, false, case.started, end);
        if let Some(outcome) = case.outcome {
            stretch(place, true, case.started.max(outcome.time - within), end);
        }
    }
    changes.sort_unstable_by_key(|it| it.time);
    changes
}

/// Counts by place, with sums over ranges in logarithmic time (P. M. Fenwick, 1994).
struct Fenwick(Vec<i64>);

impl Fenwick {
    fn new(places: usize) -> Self {
        Self(vec![0; places + 1])
    }

    fn add(&mut self, place: usize, by: i64) {
        let mut node = place + 1;
        while node < self.0.len() {
            self.0[node] += by;
            node += node & node.wrapping_neg();
        }
    }

    fn sum(&self, places: std::ops::Range<usize>) -> u64 {
        let sum = self.before(places.end) - self.before(places.start);
        u64::try_from(sum).expect("every change that takes one away follows one that added it")
    }

    fn before(&self, place: usize) -> i64 {
        let mut node = place;
        let mut sum = 0;
        while node > 0 {
            sum += self.0[node];
            node &= node - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::judge::{FirstOutcome, Status};
    use super::*;

    fn hours(count: i64) -> Time {
        Time(0) + Span::HOUR.times(count)
    }

    /// The definition of controls, word for word.
    fn one_by_one(cases: &[Case], (at, started): (Time, Time), within: Span) -> Controls {
        let (low, high) = age_band(at - started);
        let controls = || {
            cases.iter().filter(move |it| {
                let age = at - it.started;
                it.started <= at
                    && it.outcome_time() > at
                    && it.known_time() > at
                    && low <= age
                    && age < high
            })
        };
        let converting = controls().filter(|it| it.converts(at, within)).count();
        Controls { count: controls().count() as u64, converting: converting as u64 }
    }

    fn any_case() -> impl Strategy<Value = Case> {
        let instant = 0..1_000_i64;
        let maybe = proptest::option::of(0..1_000_i64);
        (instant, maybe.clone(), maybe).prop_map(|(started, outcome, known)| Case {
            started: hours(started),
            known_from: hours(started),
            outcome: outcome.map(|it| FirstOutcome { time: hours(it), value: None }),
            qualified: known.map(|it| (hours(it), Status::Miss)),
            passed_over: None,
        })
    }

    proptest! {
        #[test]
        fn the_sweep_finds_what_looking_one_by_one_finds(
            cases in prop::collection::vec(any_case(), 0..60),
            asked in prop::collection::vec((0..1_000_i64, 0..1_000_i64), 0..20),
            within in 1..400_i64,
        ) {
            let within = Span::HOUR.times(within);
            let asked: Vec<_> = asked.iter().map(|it| (hours(it.0), hours(it.1))).collect();
            let expected: Vec<_> = asked.iter().map(|it| one_by_one(&cases, *it, within)).collect();
            prop_assert_eq!(controls(&cases, &asked, within), expected);
        }
    }
}
