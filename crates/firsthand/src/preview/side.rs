//! One version of a definition over the recorded history: for whom it held when, and how they
//! fared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use firsthand_history::{Replay, Whom};
use firsthand_lab::backtest::{Qualification, Status};
use firsthand_lab::{Backtest, Observed, SubjectHistory, backtest};
use firsthand_model::time::Period;
use firsthand_model::{Span, Text, Time};
use firsthand_rules::timeline::{Interval, Subject};
use firsthand_rules::world::Verdicts;
use firsthand_web::noun::PreviewWeek;

use super::lives::Lives;
use super::{Pass, Result};
use crate::study::{Study, is_visitor};

/// Weeks that are shown, the last ones.
const WEEKS: i64 = 26;

/// For whom a definition held.
#[derive(Clone)]
pub struct Held {
    pub subject: Subject,
    /// In order.
    pub intervals: Vec<Interval>,
}

impl Held {
    /// Whether it holds at the end.
    pub fn now(&self) -> bool {
        self.intervals.last().is_some_and(|it| it.left.is_none())
    }
}

/// One version of a definition over the history.
pub struct Side {
    pub version: Text,
    pub held: BTreeMap<Subject, Held>,
    pub per_week: f64,
    /// How it fared, where there is an outcome.
    pub backtest: Option<Backtest>,
}

impl Side {
    pub fn new(version: Text, held: Vec<Held>, pass: &Pass<'_>, lives: &Lives) -> Self {
        let backtest = backtested(pass, lives, &held);
        let per_week = per_week(pass, &held);
        let held = held.into_iter().map(|it| (it.subject.clone(), it)).collect();
        Self { version, held, per_week, backtest }
    }

    /// For how many it holds at the end.
    pub fn holds(&self) -> u64 {
        self.held.values().filter(|it| it.now()).count() as u64
    }

    /// Whether those who entered succeeded in time; `None` while it is too early to say. Only of
    /// those whose entry could foresee it.
    pub fn fates(&self) -> HashMap<&Subject, Option<bool>> {
        let all = self.backtest.iter().flat_map(|it| &it.qualifications);
        let fate = |it: &Qualification| match it.status {
            Status::Hit => Some(true),
            Status::Miss => Some(false),
            _ => None,
        };
        all.filter(|it| it.status.is_first()).map(|it| (&it.subject, fate(it))).collect()
    }
}

impl Pass<'_> {
    /// For whom each of some definitions of a study held, in one pass; those who are never judged
    /// and visitors left out.
    pub fn judge(&self, study: &Study, names: &[Text]) -> Result<Vec<Vec<Held>>> {
        let root = study.program.root(self.kind);
        let place = |name: &Text| root.definitions.iter().position(|it| it.name == *name);
        let places: Vec<Option<usize>> = names.iter().map(place).collect();
        let keep = |it: &Verdicts| {
            let counts = it.subject.kind == self.kind
                && it.excluded.is_none()
                && !is_visitor(&it.subject.id);
            let of = |place: &Option<usize>| {
                place.map(|place| it.timelines[place].clone()).unwrap_or_default()
            };
            let timelines: Vec<Vec<Interval>> =
                if counts { places.iter().map(of).collect() } else { Vec::new() };
            let any = timelines.iter().any(|it| !it.is_empty());
            any.then(|| (it.subject.clone(), timelines))
        };
        let replay = Replay { scan: self.scan(), ..study.replay(self.past.until) };
        let found =
            replay.verdicts_from_kept(Whom::Qualified, |it| names.contains(&it.name), keep)?;
        let mut all: Vec<Vec<Held>> = names.iter().map(|_| Vec::new()).collect();
        for (subject, timelines) in found.kept {
            for (of, intervals) in all.iter_mut().zip(timelines) {
                if !intervals.is_empty() {
                    of.push(Held { subject: subject.clone(), intervals });
                }
            }
        }
        Ok(all)
    }
}

/// Holds a version against the outcome.
pub fn backtested(pass: &Pass<'_>, lives: &Lives, held: &[Held]) -> Option<Backtest> {
    let question = pass.question.as_ref()?;
    let mut of_each: Vec<&[Interval]> = vec![&[]; lives.all.len()];
    for it in held {
        if let Some(place) = lives.place(&it.subject) {
            of_each[place] = &it.intervals;
        }
    }
    let observed = Observed {
        first: pass.past.from,
        last: pass.past.until,
        arrival_times: lives.arrival_times,
        calendar: pass.past.running.project.calendar.clone(),
    };
    let histories = lives.all.iter().zip(of_each).map(|(life, intervals)| SubjectHistory {
        subject: life.subject.clone(),
        started: life.started,
        first_fact: life.first_fact,
        intervals: intervals.to_vec(),
        outcomes: lives.outcomes(life, &question.outcome).to_vec(),
        excluded: false,
    });
    // The window is above zero and there is no split: a good question.
    backtest(question, &observed, histories).ok()
}

/// From when on entries are counted.
fn counted_from(pass: &Pass<'_>) -> Time {
    pass.past.from.max(pass.past.until - Span::WEEK.times(WEEKS))
}

/// Entries a week, over the weeks that are shown.
pub fn per_week(pass: &Pass<'_>, held: &[Held]) -> f64 {
    let from = counted_from(pass);
    let entries = held.iter().flat_map(|it| &it.intervals).filter(|it| it.entered >= from);
    let weeks = (pass.past.until - from).0 as f64 / Span::WEEK.0 as f64;
    entries.count() as f64 / weeks.max(1.0)
}

/// Entries week by week.
pub fn weeks(pass: &Pass<'_>, draft: &Side, running: Option<&Side>) -> Vec<PreviewWeek> {
    let calendar = &pass.past.running.project.calendar;
    let week_of = |at: Time| calendar.period_start(Period::Week, calendar.date(at));
    let from = counted_from(pass);
    let (mut week, last) = (week_of(from), week_of(pass.past.until));
    let mut weeks = BTreeMap::new();
    while week <= last {
        weeks.insert(week, (0, 0));
        week.0 += 7;
    }
    let entries = |side: &Side| -> Vec<Time> {
        let all = side.held.values().flat_map(|it| &it.intervals).map(|it| it.entered);
        all.filter(|it| *it >= from).collect()
    };
    for at in entries(draft) {
        weeks.entry(week_of(at)).or_default().0 += 1;
    }
    for at in running.map(entries).unwrap_or_default() {
        weeks.entry(week_of(at)).or_default().1 += 1;
    }
    let week = |(week, (draft, running)): (firsthand_model::Date, (u64, u64))| PreviewWeek {
        week: week.to_string(),
        draft,
        running,
    };
    weeks.into_iter().map(week).collect()
}

/// For how many only the draft holds at the end, and for how many only the running version.
pub fn differences(draft: &Side, running: Option<&Side>) -> (u64, u64) {
    let now = |side: &Side| -> BTreeSet<Subject> {
        side.held.values().filter(|it| it.now()).map(|it| it.subject.clone()).collect()
    };
    let (draft, running) = (now(draft), running.map(now).unwrap_or_default());
    (draft.difference(&running).count() as u64, running.difference(&draft).count() as u64)
}
