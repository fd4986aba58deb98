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
use crate::ledger::SETTLE;
use crate::timeline::{Interval, Subject};
use crate::world::Verdicts;
use gather::{Gatherer, Turn};
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
}

impl Columns<'_> {
    /// Stands where it is not told when a fact was known.
    pub const UNTOLD: i64 = i64::MIN;

    fn known_at(&self, index: usize) -> i64 {
        self.known[index].max(self.times[index])
    }
}

/// When entries were known, of the first so many facts of an account.
///
/// An entry is known with the facts of its instant; one that time alone brought is known once
/// nothing more could come before it. That is so as long as every fact up to the entry that
/// matters was known by then. If one came later, it may have brought the entry about: that is told
/// only by judging the rows as they arrived.
struct Knowledge<'a> {
    columns: &'a Columns<'a>,
    count: usize,
    /// For each fact the latest that it, or one before it, was known, of those that matter; empty
    /// if none tells.
    latest: Vec<i64>,
    matters: &'a dyn Fn(usize) -> bool,
}

impl<'a> Knowledge<'a> {
    fn of(columns: &'a Columns<'a>, count: usize, matters: &'a dyn Fn(usize) -> bool) -> Self {
        let told = columns.known.iter().any(|it| *it != Columns::UNTOLD);
        let mut latest = i64::MIN;
        let until_each = (0..if told { count } else { 0 }).map(|it| {
            if matters(it) {
                latest = latest.max(columns.known_at(it));
            }
            latest
        });
        Self { latest: until_each.collect(), columns, count, matters }
    }

    fn of_entry(&self, entered: Time) -> Result<Time, NeedsRows> {
        if self.latest.is_empty() {
            return Ok(entered);
        }
        let times = &self.columns.times[..self.count];
        let known = |it: usize| self.columns.known_at(it);
        let first = times.partition_point(|at| *at < entered.0);
        let after = first + times[first..].iter().take_while(|at| **at == entered.0).count();
        let mut brought = (first..after).filter(|it| (self.matters)(*it)).map(known);
        let by_facts = brought.next();
        // Any fact from the entry on, once it is known, shows what time alone has done.
        let settled = (entered + SETTLE).0;
        let shows = (first..self.count).take_while(|it| times[*it] < settled);
        let shows = shows.filter(|it| *it >= after || !(self.matters)(*it)).map(known);
        let by_time = shows.min().map_or(settled, |it| it.min(settled));
        let at = by_facts.unwrap_or(by_time);
        if at > by_time || brought.any(|it| it != at) {
            return Err(NeedsRows);
        }
        let complete = after == 0 || self.latest[after - 1] <= at;
        if complete { Ok(Time(at)) } else { Err(NeedsRows) }
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
    /// Whether accounts are left out for which no definition can have held.
    only_held: bool,
    fresh: Stream,
    stream: Stream,
}

impl<'p> BulkJudge<'p> {
    /// Judges by a plan over a history that begins at an instant. Accounts for which no definition
    /// can have held are left out if `only_held`.
    pub fn new(plan: &'p Plan, history_from: Time, only_held: bool) -> Self {
        let mut judge = Judge::new(&plan.program, history_from);
        judge.kept = plan.empty_series();
        Self {
            plan,
            judge,
            gatherer: Gatherer::new(plan),
            only_held,
            fresh: Stream::new(Kind::Account),
            stream: Stream::new(Kind::Account),
        }
    }

    /// Judges an account up to `until`; `None` without any fact by then, and for who is left out.
    /// `rows` gives those that [`Plan::wants_row`] and [`Plan::wants_standing`] ask for, in order.
    pub fn account(
        &mut self,
        columns: &Columns<'_>,
        words: &Words,
        until: Time,
        rows: impl FnOnce() -> Vec<Row>,
    ) -> Result<Option<Verdicts>, NeedsRows> {
        let count = columns.times.partition_point(|at| *at <= until.0);
        let (Some(first), Some(last)) = (columns.times.first(), columns.times[..count].last())
        else {
            return Ok(None);
        };
        let life = Life { birth: Time(*first), until };
        let kept = &mut self.judge.kept;
        self.gatherer.gather(Turn::First, columns, words, count)?;
        self.gatherer.measure(Turn::First, life, kept)?;
        if self.only_held && !self.plan.may_hold(kept, |it| self.gatherer.is_first(it)) {
            return Ok(None);
        }
        self.gatherer.gather(Turn::Second, columns, words, count)?;
        self.gatherer.measure(Turn::Second, life, kept)?;
        if self.only_held && !self.plan.may_hold(kept, |_| true) {
            return Ok(None);
        }
        let record = self.run(columns, &rows(), life);
        let matters = |it: usize| self.gatherer.matters(it, columns.names[it]);
        // Where nothing was entered, nothing is asked.
        let entered = record.held.iter().any(|it| !it.is_empty());
        let knowledge = Knowledge::of(columns, if entered { count } else { 0 }, &matters);
        let frame = self.stream.frame();
        verdicts(self.plan, columns.account, frame, (*first, *last), record, &knowledge).map(Some)
    }

    fn run(&mut self, columns: &Columns<'_>, rows: &[Row], life: Life) -> Record {
        let Life { birth: first, until } = life;
        let root = &self.plan.program.account;
        let domain = columns.account.strip_prefix("domain:");
        let domain = domain.map(|it| crate::world::domain_row(it, first, None));
        let rows: Vec<&Row> = domain.iter().chain(rows).collect();
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
    knowledge: &Knowledge<'_>,
) -> Result<Verdicts, NeedsRows> {
    let root = &plan.program.account;
    let interval = |(entered, left): (Time, Option<Time>)| {
        Ok(Interval { entered, left, known_at: knowledge.of_entry(entered)? })
    };
    let excluded = root.exclusions.iter().find(|(_, node)| frame.value(*node).is_true());
    let timelines = record.held.into_iter().map(|held| held.into_iter().map(interval).collect());
    Ok(Verdicts {
        subject: Subject { kind: Kind::Account, id: account.into() },
        account: Text::from(account),
        started: frame.value(root.start).as_time().unwrap_or(Time(first)),
        first: Time(first),
        last: Time(last),
        timelines: timelines.collect::<Result<_, _>>()?,
        outcomes: record.outcomes,
        excluded: excluded.map(|(name, _)| name.clone()),
    })
}
