//! Who was in which account, and when.

use std::cmp::Ordering;

use firsthand_model::{Span, Time};
use serde::{Deserialize, Serialize};

use super::series::{Change, Known, Point, Series};

/// What is known of one id in one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stays {
    /// Explicit joining (`true`) and leaving.
    told: Series<bool>,
    /// The first event of the id that named the account.
    seen: Option<Seen>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Seen {
    time: Time,
    known: Known,
}

/// A membership in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InForce {
    /// Whether somebody said so, or only events show it.
    pub told: bool,
    /// Since when.
    pub since: Time,
    /// When it was known.
    pub known: Known,
}

impl Stays {
    /// Takes in that the id joined or left; at one instant the leaving counts.
    pub fn tell(&mut self, point: Point<bool>) -> Change {
        self.told.insert(point, joining_first)
    }

    /// Takes in an event that names the account.
    pub fn see(&mut self, time: Time, known: Known) -> Change {
        let earlier = self.seen.into_iter().chain([Seen { time, known }]).min();
        let before = std::mem::replace(&mut self.seen, earlier);
        if before == earlier { Change::Nothing } else { Change::New }
    }

    /// Whether anything but joining, or but leaving, was ever told; or shown: leaving once more ends
    /// what events have shown since.
    pub fn tells_else(&self, joined: bool) -> bool {
        self.told.says_else(joined) || !joined && self.seen.is_some()
    }

    /// Takes in what another id of the same person is known to have done here, as far as `part`
    /// lets it: it is told each time and says when that counts as known, or `None` where that
    /// is not the person's.
    pub fn add(&mut self, other: &Self, part: impl Fn(Time, Known) -> Option<Known>) {
        for point in other.told.points() {
            if let Some(known) = part(point.time, point.known) {
                self.tell(Point { known, ..*point });
            }
        }
        if let Some(seen) = other.seen
            && let Some(known) = part(seen.time, seen.known)
        {
            self.see(seen.time, known);
        }
    }

    /// The membership at `time`. One that only events show ends as well when the id is told to
    /// have left, and begins again only where the first event came later than that.
    pub fn in_force(&self, time: Time) -> Option<InForce> {
        let told = self.told.at(time);
        if let Some(run) = told.filter(|it| it.value) {
            return Some(InForce { told: true, since: run.first, known: run.known });
        }
        let left = told.map(|it| it.last);
        self.seen
            .filter(|it| it.time <= time && left.is_none_or(|left| it.time > left))
            .map(|it| InForce { told: false, since: it.time, known: it.known })
    }

    /// The first joining after `time` and within `reach` of it.
    pub fn joined_after(&self, time: Time, reach: Span) -> Option<(Time, Known)> {
        self.joinings().filter(|it| it.0 > time && it.0 <= time + reach).min()
    }

    /// When it was known that the id was ever in the account; `None` if it never was.
    pub fn ever(&self) -> Option<Known> {
        self.joinings().map(|it| it.1).min()
    }

    fn joinings(&self) -> impl Iterator<Item = (Time, Known)> {
        let told = self.told.points().iter().filter(|it| it.value);
        told.map(|it| (it.time, it.known)).chain(self.seen.map(|it| (it.time, it.known)))
    }
}

/// Orders what happens within one instant.
fn joining_first(a: bool, b: bool) -> Ordering {
    b.cmp(&a)
}
