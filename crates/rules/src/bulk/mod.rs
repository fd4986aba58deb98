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
use serde::{Deserialize, Serialize};

use crate::eval::graph::Frame;
use crate::eval::kept::{Series, differences};
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
}

/// When entries were known, of the first so many facts of an account.
///
/// An entry is known with the facts of its instant; one that time alone brought is known once
/// nothing more could come before it. That is so as long as every fact up to the entry that
/// matters was known by then. If one came later, it may have brought the entry about: that is told
/// only by judging the rows as they arrived.
struct Knowledge<'a> {
    facts: Facts<'a>,
    /// For each fact the latest that it, or one before it, was known, of those that matter; empty
    /// if none tells.
    latest: Vec<i64>,
}

/// When an account's facts were so and when they were known, up to the end of judging.
#[derive(Clone, Copy)]
struct Facts<'a> {
    times: &'a [i64],
    /// Empty if none tells.
    known: &'a [i64],
    /// Whether each can have changed a definition's verdicts.
    matters: &'a dyn Fn(usize) -> bool,
}

/// Some definitions of a program. Of more than 64, those that are 64 apart are taken together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Definitions(u64);

impl Definitions {
    fn insert(&mut self, definition: usize) {
        self.0 |= 1 << (definition % 64);
    }

    fn contains(self, definition: usize) -> bool {
        self.0 >> (definition % 64) & 1 == 1
    }
}

impl Facts<'_> {
    fn known_at(self, index: usize) -> i64 {
        self.known[index].max(self.times[index])
    }
}

impl<'a> Knowledge<'a> {
    fn of(facts: Facts<'a>) -> Self {
        let told = facts.known.iter().any(|it| *it != Columns::UNTOLD);
        let mut latest = i64::MIN;
        let until_each = (0..if told { facts.times.len() } else { 0 }).map(|it| {
            if (facts.matters)(it) {
                latest = latest.max(facts.known_at(it));
            }
            latest
        });
        Self { latest: until_each.collect(), facts }
    }

    fn of_entry(&self, entered: Time) -> Result<Time, NeedsRows> {
        if self.latest.is_empty() {
            return Ok(entered);
        }
        let Facts { times, matters, .. } = self.facts;
        let known = |it: usize| self.facts.known_at(it);
        let first = times.partition_point(|at| *at < entered.0);
        let after = first + times[first..].iter().take_while(|at| **at == entered.0).count();
        let mut brought = (first..after).filter(|it| matters(*it)).map(known);
        let by_facts = brought.next();
        // Any fact from the entry on, once it is known, shows what time alone has done.
        let settled = (entered + SETTLE).0;
        let shows = (first..times.len()).take_while(|it| times[*it] < settled);
        let shows = shows.filter(|it| *it >= after || !matters(*it)).map(known);
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

/// What an account's measures came to, kept: to be judged by other thresholds without looking at
/// events again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptAccount {
    /// The account.
    pub account: Text,
    until: Time,
    /// When its facts were so, and when they were known.
    #[serde(with = "differences")]
    times: Vec<i64>,
    #[serde(with = "differences")]
    known: Vec<i64>,
    /// The definitions for which each matters.
    matters: Vec<Definitions>,
    rows: Vec<Row>,
    series: Vec<Series>,
}

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
        let Some((count, life)) = Life::of(columns, until) else { return Ok(None) };
        for turn in [Turn::First, Turn::Second] {
            self.measure(turn, columns, words, count, life)?;
            let measured = |it| turn == Turn::Second || self.gatherer.is_first(it);
            if self.only_held && !self.plan.may_hold(&self.judge.kept, measured) {
                return Ok(None);
            }
        }
        let record = self.run(columns.account, &rows(), life);
        let matters = |of, it: usize| self.gatherer.matters(of, it, columns.names[it]);
        let known = columns.known.get(..count).unwrap_or_default();
        let times = &columns.times[..count];
        self.conclude(columns.account, record, times, known, matters).map(Some)
    }

    /// Works out the timelines of an account's measures up to `until`, to be judged later as often
    /// as one likes; `None` without any fact by then.
    pub fn keep(
        &mut self,
        columns: &Columns<'_>,
        words: &Words,
        until: Time,
        rows: impl FnOnce() -> Vec<Row>,
    ) -> Result<Option<KeptAccount>, NeedsRows> {
        let Some((count, life)) = Life::of(columns, until) else { return Ok(None) };
        for turn in [Turn::First, Turn::Second] {
            self.measure(turn, columns, words, count, life)?;
        }
        let known = columns.known.get(..count).unwrap_or_default();
        Ok(Some(KeptAccount {
            account: columns.account.into(),
            until,
            times: columns.times[..count].to_vec(),
            known: known.to_vec(),
            matters: (0..count)
                .map(|it| self.gatherer.matters_for(it, columns.names[it]))
                .collect(),
            rows: rows(),
            series: self.judge.kept.clone(),
        }))
    }

    /// Judges an account from what was kept of it by a plan of the same measures
    /// ([`Plan::measures_key`]); `None` for who is left out.
    pub fn again(&mut self, kept: &mut KeptAccount) -> Result<Option<Verdicts>, NeedsRows> {
        std::mem::swap(&mut self.judge.kept, &mut kept.series);
        let judged = self.judge_series(kept);
        std::mem::swap(&mut self.judge.kept, &mut kept.series);
        judged
    }

    fn judge_series(&mut self, kept: &KeptAccount) -> Result<Option<Verdicts>, NeedsRows> {
        let Some(first) = kept.times.first() else { return Ok(None) };
        if self.only_held && !self.plan.may_hold(&self.judge.kept, |_| true) {
            return Ok(None);
        }
        let life = Life { birth: Time(*first), until: kept.until };
        let record = self.run(&kept.account, &kept.rows, life);
        let matters = |of, it: usize| kept.matters[it].contains(of);
        self.conclude(&kept.account, record, &kept.times, &kept.known, matters).map(Some)
    }

    fn measure(
        &mut self,
        turn: Turn,
        columns: &Columns<'_>,
        words: &Words,
        count: usize,
        life: Life,
    ) -> Result<(), NeedsRows> {
        self.gatherer.gather(turn, columns, words, count)?;
        self.gatherer.measure(turn, life, &mut self.judge.kept)
    }

    fn run(&mut self, account: &str, rows: &[Row], life: Life) -> Record {
        let Life { birth: first, until } = life;
        let root = &self.plan.program.account;
        let domain = account.strip_prefix("domain:");
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

    fn conclude(
        &self,
        account: &str,
        record: Record,
        times: &[i64],
        known: &[i64],
        matters: impl Fn(usize, usize) -> bool,
    ) -> Result<Verdicts, NeedsRows> {
        let (root, frame) = (&self.plan.program.account, self.stream.frame());
        let (first, last) = (times[0], times[times.len() - 1]);
        let timeline = |(definition, held): (usize, Vec<(Time, Option<Time>)>)| {
            // Where nothing was entered, nothing is asked.
            if held.is_empty() {
                return Ok(Vec::new());
            }
            let matters = |row| matters(definition, row);
            let knowledge = Knowledge::of(Facts { times, known, matters: &matters });
            let interval = |(entered, left): (Time, Option<Time>)| {
                Ok(Interval { entered, left, known_at: knowledge.of_entry(entered)? })
            };
            held.into_iter().map(interval).collect::<Result<Vec<_>, NeedsRows>>()
        };
        let timelines = record.held.into_iter().enumerate().map(timeline);
        let excluded = root.exclusions.iter().find(|(_, node)| frame.value(*node).is_true());
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
}
