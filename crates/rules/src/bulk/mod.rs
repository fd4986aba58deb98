//! Judging accounts in bulk: from columns of events instead of rows.
//!
//! Most of what definitions ask is measured over events alone: counts, people, sums in windows.
//! A [`Plan`] finds these measures in a program. For each account their whole timelines are worked
//! out by tight loops over columns ([`gather`], [`measure`]), and then the same graph is stepped
//! by the same [`Judge`] as ever, only that these measures are read from their kept timelines
//! ([`crate::eval::kept`]) and nothing is woken by an event that turns nothing.
//!
//! What cannot be taken that way says so: a program without a plan, an account that needs its
//! rows ([`NeedsRows`]). It is judged row by row, to the same end; the laws in `tests/laws` hold
//! the two against each other.

mod gather;
mod measure;
pub mod plan;
pub mod words;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};

use crate::eval::graph::Frame;
use crate::judge::{Judge, Record, Stream};
use crate::ledger::{self, SETTLE};
use crate::timeline::{Interval, Subject};
use crate::world::Verdicts;
use gather::Gatherer;
use measure::Life;
use plan::Plan;
use words::Words;

/// The rows of one account as columns, in the order of [`Row::order`].
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// The account.
    pub account: &'a str,
    /// Microseconds since 1970.
    pub times: &'a [i64],
    /// When each was known, [`Columns::UNTOLD`] where it is not told; empty if none is.
    pub known: &'a [i64],
    /// Names by [`Words`]; [`Words::NONE`] for what is no event.
    pub names: &'a [u32],
    /// People by [`Words`]; [`Words::NONE`] for nobody.
    pub persons: &'a [u32],
    /// For each of the program's paths the events' values by [`Words`]; empty if not asked for.
    pub values: &'a [Vec<u32>],
    /// The rows that [`Plan::wants_row`] asked for, traits and memberships among them.
    pub rows: &'a [Row],
}

impl Columns<'_> {
    /// Stands where it is not told when a fact was known.
    pub const UNTOLD: i64 = i64::MIN;

    fn known_at(&self, index: usize) -> i64 {
        self.known.get(index).map_or(self.times[index], |it| (*it).max(self.times[index]))
    }

    /// Whether a fact came so late, or so much out of order, that knowledge of the timelines did
    /// not simply grow with time.
    fn is_late(&self, count: usize) -> bool {
        !self.known.is_empty()
            && (0..count).any(|it| {
                let known = self.known_at(it);
                known > self.times[it] + SETTLE.0
                    || it + 1 < count && {
                        let next = self.known_at(it + 1);
                        known > next || self.times[it] == self.times[it + 1] && known < next
                    }
            })
    }
}

/// An account that has to be judged from its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedsRows;

/// Judges accounts by a plan, one after the other.
#[derive(Debug)]
pub struct BulkJudge<'p> {
    plan: &'p Plan,
    judge: Judge<'p>,
    gatherer: Gatherer<'p>,
    fresh: Stream,
    stream: Stream,
}

impl<'p> BulkJudge<'p> {
    /// Judges by a plan over a history that begins at an instant.
    pub fn new(plan: &'p Plan, history_from: Time) -> Self {
        let mut judge = Judge::new(&plan.program, history_from);
        judge.kept = plan.empty_series();
        Self {
            plan,
            judge,
            gatherer: Gatherer::new(plan),
            fresh: Stream::new(Kind::Account),
            stream: Stream::new(Kind::Account),
        }
    }

    /// Judges an account up to `until`; `None` without any fact by then.
    pub fn account(
        &mut self,
        columns: &Columns<'_>,
        words: &Words,
        until: Time,
    ) -> Result<Option<Verdicts>, NeedsRows> {
        let count = columns.times.partition_point(|at| *at <= until.0);
        let (Some(first), Some(last)) = (columns.times.first(), columns.times[..count].last())
        else {
            return Ok(None);
        };
        self.gatherer.gather(columns, words, count)?;
        self.gatherer.measure(Life { birth: Time(*first), until }, &mut self.judge.kept)?;
        let record = self.run(columns, Time(*first), until);
        let late = columns.is_late(count);
        if late && record.held.iter().any(|it| !it.is_empty()) {
            // How this became known is told only by the rows as they arrived.
            return Err(NeedsRows);
        }
        let told = columns.known.iter().any(|it| *it != Columns::UNTOLD);
        let known_at = |held_at: Time| {
            if told { ledger::on_time(count, held_at, |it| (columns.times[it], columns.known_at(it))) } else { held_at }
        };
        let frame = self.stream.frame();
        Ok(Some(verdicts(self.plan, columns.account, frame, (*first, *last), record, known_at)))
    }

    fn run(&mut self, columns: &Columns<'_>, first: Time, until: Time) -> Record {
        let root = &self.plan.program.account;
        let domain = columns.account.strip_prefix("domain:");
        let domain = domain.map(|it| crate::world::domain_row(it, first, None));
        let rows: Vec<&Row> = domain.iter().chain(columns.rows).collect();
        self.stream.clone_from(&self.fresh);
        let mut record = Record::new(root);
        let mut note = |at, frame: &Frame| record.note(root, &[], at, frame);
        // The account's life begins with its first fact, whether or not anybody asks for its row.
        if rows.first().is_none_or(|it| it.time > first) {
            self.judge.step(&mut self.stream, first, &[], &[], &mut note);
        }
        crate::judge::run(&mut self.judge, &mut self.stream, &rows, &[], until, &mut note);
        record
    }
}

fn verdicts(
    plan: &Plan,
    account: &str,
    frame: &Frame,
    (first, last): (i64, i64),
    record: Record,
    known_at: impl Fn(Time) -> Time,
) -> Verdicts {
    let root = &plan.program.account;
    let interval = |(entered, left): (Time, Option<Time>)| Interval {
        entered,
        left,
        known_at: known_at(entered),
    };
    let excluded = root.exclusions.iter().find(|(_, node)| frame.value(*node).is_true());
    Verdicts {
        subject: Subject { kind: Kind::Account, id: account.into() },
        account: Text::from(account),
        started: frame.value(root.start).as_time().unwrap_or(Time(first)),
        first: Time(first),
        last: Time(last),
        timelines: record
            .held
            .into_iter()
            .map(|held| held.into_iter().map(interval).collect())
            .collect(),
        outcomes: record.outcomes,
        excluded: excluded.map(|(name, _)| name.clone()),
    }
}
