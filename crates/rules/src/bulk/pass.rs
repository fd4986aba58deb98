//! Stepping what remains of a program once its measures are known.

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};

use super::Life;
use super::measure::Moments;
use super::plan::BulkPlan;
use super::question::Watched;
use crate::eval::graph::Frame;
use crate::eval::kept::Series;
use crate::judge::{Judge, Record, Stream};

/// An account's rows that the remaining graph reads, made once if they are read at all.
pub(super) struct Rows<'a> {
    domain: Option<&'a str>,
    make: Option<Box<dyn FnOnce() -> Vec<Row> + 'a>>,
    made: Vec<Row>,
}

impl<'a> Rows<'a> {
    /// Of an account of this name.
    pub fn new(account: &'a str, make: impl FnOnce() -> Vec<Row> + 'a) -> Self {
        let domain = account.strip_prefix("domain:");
        Self { domain, make: Some(Box::new(make)), made: Vec::new() }
    }

    /// All of them.
    pub fn all(&mut self) -> &[Row] {
        if let Some(make) = self.make.take() {
            self.made = make();
        }
        &self.made
    }
}

/// What remains of a plan, stepped for one account after the other.
#[derive(Debug)]
pub(super) struct Rest<'p> {
    plan: &'p BulkPlan,
    judge: Judge<'p>,
    stream: Stream,
    watched: Vec<Watched>,
    moments: Option<OfMoments<'p>>,
}

/// The part of it that tells what windows hang on.
#[derive(Debug)]
struct OfMoments<'p> {
    judge: Judge<'p>,
    slots: &'p [(u32, u32)],
    changes: Vec<(Time, u32, crate::eval::value::Value)>,
    is_stepped: bool,
}

impl<'p> Rest<'p> {
    pub fn new(plan: &'p BulkPlan, history_from: Time) -> Self {
        let moments = plan.moments.as_ref().map(|it| OfMoments {
            judge: Judge::new(&it.program, history_from),
            slots: &it.slots,
            changes: Vec::new(),
            is_stepped: false,
        });
        Self {
            plan,
            judge: Judge::new(&plan.rest, history_from),
            stream: Stream::new(Kind::Account),
            watched: plan.nothing_watched(),
            moments,
        }
    }

    /// Begins an account.
    pub fn begin(&mut self) {
        if let Some(moments) = &mut self.moments {
            moments.is_stepped = false;
        }
    }

    /// What windows hang on, once the series that it reads are known.
    pub fn moments(
        &mut self,
        series: &mut Vec<Series>,
        life: Life,
        rows: &mut Rows<'_>,
    ) -> Moments<'_> {
        let Some(OfMoments { judge, slots, changes, is_stepped }) = &mut self.moments else {
            return (0, &[]);
        };
        if !*is_stepped {
            let (record, _) = step(judge, slots, series, life, rows);
            *changes = record.changes;
            *is_stepped = true;
        }
        (slots.len(), changes)
    }

    /// Steps the graph over the whole life; the series that it reads must be known.
    pub fn step(&mut self, series: &mut Vec<Series>, life: Life, rows: &mut Rows<'_>) -> Record {
        let (mut record, stream) = step(&mut self.judge, &self.plan.watched, series, life, rows);
        self.stream = stream;
        self.watched.iter_mut().for_each(Vec::clear);
        for (at, slot, value) in std::mem::take(&mut record.changes) {
            self.watched[slot as usize].push((at.0, value));
        }
        record
    }

    /// What the watched nodes said, by slot, once the graph has been stepped.
    pub fn watched(&self) -> &[Watched] {
        &self.watched
    }

    /// When the account began, and the exclusion that holds at the end, if one does.
    pub fn conclusion(&self) -> (Option<Time>, Option<Text>) {
        let (root, frame) = (&self.plan.rest.account, self.stream.frame());
        let excluded = root.exclusions.iter().find(|(_, node)| frame.value(*node).is_true());
        (frame.value(root.start).as_time(), excluded.map(|(name, _)| name.clone()))
    }
}

/// Steps a graph over a life.
fn step(
    judge: &mut Judge<'_>,
    watched: &[(u32, u32)],
    series: &mut Vec<Series>,
    life: Life,
    rows: &mut Rows<'_>,
) -> (Record, Stream) {
    std::mem::swap(&mut judge.kept, series);
    let root = &judge.program().account;
    let domain = rows.domain.map(|it| crate::world::domain_row(it, life.birth, None));
    let rows: Vec<&Row> = domain.iter().chain(rows.all()).collect();
    let mut stream = Stream::new(Kind::Account);
    let mut record = Record::new(root);
    let mut note = |at, frame: &Frame| record.note(root, watched, at, frame);
    // The account's life begins with its first fact, whether or not anybody asks for its row.
    if rows.first().is_none_or(|it| it.time > life.birth) {
        judge.step(&mut stream, life.birth, &[], &[], &mut note);
    }
    crate::judge::run(judge, &mut stream, &rows, &[], life.until, &mut note);
    std::mem::swap(&mut judge.kept, series);
    (record, stream)
}
