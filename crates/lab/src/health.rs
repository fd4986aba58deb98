//! How a definition fares since its version was published: how many enter week by week, whether that
//! is as it was, whether it still finds those who succeed, and whether it says anything at all.
//!
//! Start at [`health()`]. Everything comes from the same replay that reports are made of; an entry
//! counts in the week in which it was *known* (LAB-1), and only if it still held then.

use std::collections::BTreeMap;

use firsthand_model::time::Period;
use firsthand_model::{Date, Time};
use firsthand_rules::timeline::Interval;
use serde::Serialize;

use crate::backtest::{Backtest, Observed, Status};
use crate::json;
use crate::statistics::{Difference, Pace, Rate, Stretch};

/// Full weeks that are looked at, the last ones of the record.
pub const WEEKS: usize = 12;
/// Of these, the last ones, which are held against the others.
pub const RECENT_WEEKS: usize = 4;
/// Fewest weeks before these that they are held against.
const BEFORE_WEEKS_MIN: usize = 4;
/// What holds for so large a part of all subjects tells nobody apart.
const NEARLY_ALL: f64 = 0.9;
/// Fewest subjects of which that is said.
const SUBJECTS_MIN: u64 = 20;

/// What is known of one subject that a definition judges.
#[derive(Clone, Copy, Debug)]
pub struct Watched<'t> {
    /// Where its life begins.
    pub started: Time,
    /// When the definition held for it, in any order.
    pub intervals: &'t [Interval],
}

/// How a definition fares. Rates are shares from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Health {
    /// The last full weeks of the record, at most [`WEEKS`], the oldest first.
    pub weeks: Vec<Week>,
    /// Entries over the whole record.
    pub entries: u64,
    /// When the last one was known.
    #[serde(serialize_with = "json::text_or_null")]
    pub last_entry: Option<Time>,
    /// Of all subjects, for how many it holds at the end.
    pub holds: Rate,
    /// Entries a week: the last [`RECENT_WEEKS`] against the weeks before; `None` while there are too
    /// few weeks, or nobody has entered in them.
    pub volume: Option<Pace>,
    /// Entries a week of each subject that had begun.
    pub share: Option<Pace>,
    /// How many of those who enter succeed; `None` without an outcome to hold it against.
    pub precision: Option<Precision>,
    /// What is to be looked at.
    pub hint: Option<Hint>,
}

/// A calendar week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its first date.
    #[serde(serialize_with = "json::text")]
    pub week: Date,
    /// Entries that became known in it.
    pub entries: u64,
    /// Subjects that had begun by its end.
    pub subjects: u64,
}

/// Of those who enter first, how many succeed in time: of those known before the version was
/// published, which whoever published it could see, against those known since.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Precision {
    /// Known before.
    pub before: Rate,
    /// Known since.
    pub since: Rate,
    /// Known since, their time to succeed not being over.
    pub too_early: u64,
    /// Since less before; `None` where one side has nobody yet.
    pub difference: Option<Difference>,
}

/// What is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    /// It has not held for anybody in the whole record.
    Never,
    /// Nobody has entered for [`WEEKS`] full weeks and since.
    Silent,
    /// It holds for nearly all: it tells nobody apart.
    NearlyAll,
}

impl Hint {
    /// The word in files and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Silent => "silent",
            Self::NearlyAll => "nearly_all",
        }
    }
}

/// Tells how a definition fares, by all subjects that it judges, what its backtest says of them, and
/// when its version was published.
///
/// Pure, and independent of the order of the subjects.
pub fn health<'t>(
    subjects: impl IntoIterator<Item = Watched<'t>>,
    backtest: Option<&Backtest>,
    published_at: Time,
    observed: &Observed,
) -> Health {
    let week_of = |at| observed.calendar.period_start(Period::Week, observed.calendar.date(at));
    let mut known: BTreeMap<Date, u64> = BTreeMap::new();
    let mut started: Vec<Time> = Vec::new();
    let (mut entries, mut holding, mut last_entry) = (0, 0, None);
    for it in subjects.into_iter().filter(|it| it.started <= observed.last) {
        started.push(it.started);
        holding += u64::from(it.intervals.iter().any(|it| holds_at(it, observed.last)));
        for interval in it.intervals {
            let known_at = interval.known_at.max(interval.entered);
            if known_at <= observed.last && interval.left.is_none_or(|left| left > known_at) {
                entries += 1;
                last_entry = last_entry.max(Some(known_at));
                *known.entry(week_of(known_at)).or_default() += 1;
            }
        }
    }
    started.sort_unstable();

    let mut weeks = Vec::new();
    let running = week_of(observed.last);
    for back in (1..=WEEKS).rev() {
        let week = Date(running.0 - 7 * i32::try_from(back).unwrap_or(i32::MAX / 7));
        // What began before the record is no full week of it.
        if observed.calendar.start_of(week) < observed.first {
            continue;
        }
        let end = observed.calendar.start_of(Date(week.0 + 7));
        weeks.push(Week {
            week,
            entries: known.get(&week).copied().unwrap_or(0),
            subjects: started.partition_point(|it| *it < end) as u64,
        });
    }
    let holds = Rate::new(holding, started.len() as u64);
    let hint = if entries == 0 {
        // In the first days of a record nobody can have entered: that is nothing to look at.
        (!weeks.is_empty()).then_some(Hint::Never)
    } else if holds.of >= SUBJECTS_MIN && holds.rate.is_some_and(|it| it >= NEARLY_ALL) {
        Some(Hint::NearlyAll)
    } else {
        let since = weeks.first().filter(|_| weeks.len() == WEEKS);
        let since = since.map(|it| observed.calendar.start_of(it.week));
        (since.is_some() && last_entry < since).then_some(Hint::Silent)
    };
    Health {
        volume: pace(&weeks, |_| 1.0),
        share: pace(&weeks, |it| it.subjects as f64),
        weeks,
        entries,
        last_entry,
        holds,
        precision: backtest.map(|it| Precision::of(it, published_at)),
        hint,
    }
}

fn holds_at(it: &Interval, at: Time) -> bool {
    it.entered <= at && it.left.is_none_or(|left| left > at)
}

/// The recent weeks against those before.
fn pace(weeks: &[Week], over: impl Fn(&Week) -> f64) -> Option<Pace> {
    let split = weeks.len().checked_sub(RECENT_WEEKS).filter(|it| *it >= BEFORE_WEEKS_MIN)?;
    let stretches: Vec<Stretch> =
        weeks.iter().map(|it| Stretch { count: it.entries, over: over(it) }).collect();
    let (before, recent) = stretches.split_at(split);
    Pace::between(before, recent)
}

impl Precision {
    fn of(backtest: &Backtest, published_at: Time) -> Self {
        let (mut before, mut since, mut too_early) = ((0, 0), (0, 0), 0);
        for it in &backtest.qualifications {
            let side = if it.known_at < published_at { &mut before } else { &mut since };
            match it.status {
                Status::Hit => *side = (side.0 + 1, side.1 + 1),
                Status::Miss => side.1 += 1,
                Status::TooEarly if it.known_at >= published_at => too_early += 1,
                _ => {}
            }
        }
        let (before, since) = (Rate::new(before.0, before.1), Rate::new(since.0, since.1));
        Self { before, since, too_early, difference: Difference::between(since, before) }
    }
}

#[cfg(test)]
mod tests;
