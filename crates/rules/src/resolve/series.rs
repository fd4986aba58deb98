//! What was said of one thing over time: whose an id is, what an e-mail's domain is, whether
//! somebody is a member.
//!
//! Clients say the same again with every page. Within one day (UTC), therefore, only the first
//! and the last saying of a value count: memory grows with days, not with events. Which these are
//! does not depend on the order of arrival, so that a series converges (P2).

use std::cmp::Ordering;

use firsthand_model::{Span, Time};
use serde::{Deserialize, Serialize};

/// When something was known. An import that does not say counts as known all along, so that the
/// least is "not told" and the later of two is their maximum.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(from = "Option<Time>", into = "Option<Time>")]
pub(super) struct Known(i64);

impl Known {
    /// No arrival time was told.
    pub const UNTOLD: Self = Self(i64::MIN);
}

impl From<Option<Time>> for Known {
    fn from(time: Option<Time>) -> Self {
        time.map_or(Self::UNTOLD, |it| Self(it.micros()))
    }
}

impl From<Known> for Option<Time> {
    fn from(known: Known) -> Self {
        (known != Known::UNTOLD).then_some(Time(known.0))
    }
}

/// One saying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Point<V> {
    /// From when on it is so.
    pub time: Time,
    /// What is so.
    pub value: V,
    /// When we heard it.
    pub known: Known,
}

impl<V> Point<V> {
    fn day(&self) -> i64 {
        self.time.micros().div_euclid(Span::DAY.0)
    }
}

/// A stretch in which nothing else was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run<V> {
    /// What was said.
    pub value: V,
    /// When it was first said in this stretch.
    pub first: Time,
    /// When it was last said in it, up to the instant asked for.
    pub last: Time,
    /// When it was known: from the first that we heard of it.
    pub known: Known,
}

/// What a saying changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing is kept of it.
    Nothing,
    /// It says again what the series says then anyway. Between the sayings of another series,
    /// it may make a difference.
    Repeated,
    /// Answers of the series may now differ.
    New,
}

/// The sayings about one thing, by time; those of one instant in the order of their values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Series<V>(Vec<Point<V>>);

impl<V> Default for Series<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V: Copy + Eq> Series<V> {
    /// Takes in one saying. `order` breaks ties between the values of one instant: the greatest
    /// counts.
    pub fn insert(&mut self, point: Point<V>, order: impl Fn(V, V) -> Ordering) -> Change {
        let day = point.day();
        let start = self.0.partition_point(|it| it.day() < day);
        let end = start + self.0[start..].partition_point(|it| it.day() == day);
        let mut of_day = self.0[start..end].iter().filter(|it| it.value == point.value);
        let (first, last) = (of_day.next().copied(), of_day.next_back().copied());
        if let (Some(first), Some(last)) = (first, last)
            && first.time < point.time
            && point.time < last.time
        {
            return Change::Nothing;
        }

        let mut candidates = [first, last, Some(point)];
        // A missing one sorts before all.
        candidates.sort_by_key(|it| it.map(|it| (it.time, it.known)));
        let mut present = candidates.into_iter().flatten();
        let new_first = present.next().expect("the new one is there");
        let new_last =
            present.fold(new_first, |last, it| if it.time > last.time { it } else { last });
        let new_last = (new_last.time > new_first.time).then_some(new_last);
        // One saying in a day is its first.
        if first == Some(new_first) && last == new_last {
            return Change::Nothing;
        }

        let before = self.0[start..end].to_vec();
        let same = |it: &Point<V>| it.value == point.value;
        for at in (start..end).rev().filter(|at| same(&before[at - start])) {
            self.0.remove(at);
        }
        for kept in [Some(new_first), new_last].into_iter().flatten() {
            self.place(kept, &order);
        }
        // Nothing but this day differs, so that all that is said later says as much as before.
        let after = &self.0[start..];
        let after = &after[..after.partition_point(|it| it.day() == day)];
        let told = self.told_before(start);
        if telling(told, &before).eq(telling(told, after)) { Change::Repeated } else { Change::New }
    }

    /// What was told last before a place, and the soonest that it was heard in its stretch.
    fn told_before(&self, place: usize) -> Option<(V, Known)> {
        let past = &self.0[..place];
        let value = past.last()?.value;
        let run = past.iter().rev().take_while(|it| it.value == value);
        let mut soonest = None;
        for known in run.map(|it| it.known) {
            soonest = Some(soonest.map_or(known, |it: Known| it.min(known)));
            if known == Known::UNTOLD {
                break;
            }
        }
        Some((value, soonest?))
    }

    fn place(&mut self, point: Point<V>, order: impl Fn(V, V) -> Ordering) {
        let at = self.0.partition_point(|it| {
            it.time.cmp(&point.time).then_with(|| order(it.value, point.value)).is_lt()
        });
        self.0.insert(at, point);
    }

    /// All that is kept.
    pub fn points(&self) -> &[Point<V>] {
        &self.0
    }

    /// Whether anything but `value` was ever said.
    pub fn says_else(&self, value: V) -> bool {
        self.0.iter().any(|it| it.value != value)
    }

    /// The latest at or before `time`.
    pub fn at(&self, time: Time) -> Option<Run<V>> {
        let past = &self.0[..self.0.partition_point(|it| it.time <= time)];
        let last = past.last()?;
        let run = past.iter().rev().take_while(|it| it.value == last.value);
        Some(run.fold(Run::from(*last), Run::with))
    }

    /// The latest at or before `time`, else the first after, of the values that `counts`.
    ///
    /// Before anything else was said, one saying is as good as the next: what was said first but
    /// heard late was known from a later saying that we heard sooner.
    pub fn at_or_first(&self, time: Time, counts: impl Fn(V) -> bool) -> Option<Run<V>> {
        let (past, future) = self.0.split_at(self.0.partition_point(|it| it.time <= time));
        let mut past = past.iter().rev().filter(|it| counts(it.value)).peekable();
        let future = future.iter().filter(|it| counts(it.value));

        let nearest = past.peek().copied().or_else(|| future.clone().next())?;
        let mut run = Run::from(*nearest);
        while let Some(point) = past.next_if(|it| it.value == run.value) {
            run = run.with(point);
        }
        if past.next().is_none() {
            run.known = future
                .take_while(|it| it.value == run.value)
                .fold(run.known, |known, it| known.min(it.known));
        }
        Some(run)
    }
}

impl<V: Copy> From<Point<V>> for Run<V> {
    fn from(point: Point<V>) -> Self {
        Self { value: point.value, first: point.time, last: point.time, known: point.known }
    }
}

impl<V: Copy> Run<V> {
    fn with(self, point: &Point<V>) -> Self {
        Self {
            first: self.first.min(point.time),
            last: self.last.max(point.time),
            known: self.known.min(point.known),
            ..self
        }
    }
}

/// The points that say something new after what was told before: another value, or the same heard
/// sooner.
fn telling<V: Copy + Eq>(
    mut told: Option<(V, Known)>,
    points: &[Point<V>],
) -> impl Iterator<Item = &Point<V>> {
    points.iter().filter(move |it| match told {
        Some((value, known)) if value == it.value && known <= it.known => false,
        _ => {
            told = Some((it.value, it.known));
            true
        }
    })
}
