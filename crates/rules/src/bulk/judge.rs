//! Judging accounts by a plan.
//!
//! For each account: gather events, leave out the definitions that cannot have held, measure what
//! the others ask, judge these, and tell when their entries were known. Start at
//! [`BulkJudge::account`].

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};

use super::gather::{Gatherer, Turn};
use super::knowledge::{Knowledge, Known};
use super::lists::Shown;
use super::measure::{self, Scratch};
use super::pass::{Rest, Rows};
use super::plan::{Asked, BulkPlan, How};
use super::question::{Answers, Judgement, Places};
use super::words::Words;
use super::{Columns, Found, KeptAccount, Life, NeedsRows};
use crate::eval::kept::Series;
use crate::judge::Record;
use crate::timeline::{Interval, Subject};
use crate::world::Verdicts;

/// Judges accounts by a plan, one after the other.
#[derive(Debug)]
pub struct BulkJudge<'p> {
    plan: &'p BulkPlan,
    history_from: Time,
    gatherer: Gatherer<'p>,
    rest: Rest<'p>,
    /// Whether accounts are left out for which no definition can have held.
    only_held: bool,
    /// The measures' timelines, and whether they are those of the account at hand.
    series: Vec<Series>,
    measured: Vec<bool>,
    /// The same for the answers to questions.
    answers: Vec<Answers>,
    answered: Vec<bool>,
    /// For each question whether it may ever be so, as far as is known.
    may: Vec<bool>,
    /// The definitions that may have held, by their place among those asked for.
    live: Vec<usize>,
    places: Places,
    scratch: Scratch,
    /// Judges of one definition each, to tell what was thought before some facts were known.
    alone: Vec<Option<Box<BulkJudge<'p>>>>,
}

impl<'p> BulkJudge<'p> {
    /// Judges by a plan over a history that begins at an instant. Accounts for which no definition
    /// can have held are left out if `only_held`.
    pub fn new(plan: &'p BulkPlan, history_from: Time, only_held: bool) -> Self {
        Self {
            plan,
            history_from,
            gatherer: Gatherer::new(plan),
            rest: Rest::new(plan, history_from),
            only_held,
            series: plan.empty_series(),
            measured: vec![false; plan.measures.len()],
            answers: vec![Vec::new(); plan.questions.len()],
            answered: vec![false; plan.questions.len()],
            may: vec![true; plan.questions.len()],
            live: Vec::new(),
            places: Places::default(),
            scratch: Scratch::default(),
            alone: plan.reads().iter().map(|_| None).collect(),
        }
    }

    /// Judges an account up to `until`; `None` without any fact by then, and for who is left out.
    /// `rows` gives those that [`BulkPlan::wants_row`] and [`BulkPlan::wants_standing`] ask for, in
    /// order.
    pub fn account(
        &mut self,
        columns: &Columns<'_>,
        words: &Words,
        until: Time,
        rows: impl FnOnce() -> Vec<Row>,
    ) -> Result<Option<Found>, NeedsRows> {
        let mut rows = Rows::new(columns.account, rows);
        let shown = Shown { count: columns.count(until), hidden: &[] };
        let Some(record) = self.judge(columns, words, until, &mut rows, shown)? else {
            return Ok(None);
        };
        let times = &columns.times[..columns.count(until)];
        let knowledge = Knowledge::new(times, columns.names, columns.known);
        let (plan, history_from) = (self.plan, self.history_from);
        let (gatherer, alone) = (&self.gatherer, &mut self.alone);
        let intervals = |definition: usize, held| {
            let matters = |row: usize| gatherer.matters(definition, row, columns.names[row]);
            knowledge.intervals(held, matters, |arrival, until| {
                let plan = plan.alone(definition).ok_or(NeedsRows)?;
                let judge = alone[definition]
                    .get_or_insert_with(|| Box::new(BulkJudge::new(plan, history_from, true)));
                judge.thought(columns, words, definition, arrival, until, rows.all())
            })
        };
        let mut rows = (0..times.len()).filter(|it| !columns.is_gap(*it));
        let (first, last) = (rows.next().unwrap_or(0), rows.next_back());
        let life = (Time(times[first]), Time(times[last.unwrap_or(first)]));
        let conclusion = self.rest.conclusion();
        Ok(Some(conclude(columns.account, life, conclusion, record, intervals)))
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
        let count = columns.count(until);
        let taken: Vec<usize> = (0..count).filter(|it| !columns.is_gap(*it)).collect();
        let Some(birth) = taken.first() else { return Ok(None) };
        let life = Life { birth: Time(columns.times[*birth]), until };
        let mut rows = Rows::new(columns.account, rows);
        self.begin();
        let shown = Shown { count, hidden: &[] };
        self.gatherer.begin(columns, words, shown);
        let mut case = Case { life, rows: &mut rows, events: Some((columns, words, shown)) };
        for series in 0..self.measured.len() {
            self.measure(series, &mut case)?;
        }
        let known = columns.known.up_to(count);
        let matters = taken.iter().map(|it| self.gatherer.matters_for(*it, columns.names[*it]));
        let later = (0..).zip(&taken).filter_map(|(place, it)| Some((place, known.of(*it)?)));
        Ok(Some(KeptAccount {
            account: columns.account.into(),
            until,
            times: taken.iter().map(|it| columns.times[*it]).collect(),
            told: known.told,
            later: later.collect(),
            matters: matters.collect(),
            rows: rows.all().to_vec(),
            series: self.series.clone(),
        }))
    }

    /// Judges an account from what was kept of it by a plan of the same measures
    /// ([`BulkPlan::measures_key`]); `None` for who is left out.
    pub fn again(&mut self, kept: &mut KeptAccount) -> Result<Option<Found>, NeedsRows> {
        std::mem::swap(&mut self.series, &mut kept.series);
        let judged = self.judge_kept(kept);
        std::mem::swap(&mut self.series, &mut kept.series);
        judged
    }

    fn judge_kept(&mut self, kept: &KeptAccount) -> Result<Option<Found>, NeedsRows> {
        let Some(first) = kept.times.first() else { return Ok(None) };
        let life = Life { birth: Time(*first), until: kept.until };
        let mut rows = Rows::new(&kept.account, || kept.rows.clone());
        self.begin();
        self.measured.fill(true);
        self.live.extend(0..self.plan.asked.len());
        let mut case = Case { life, rows: &mut rows, events: None };
        self.winnow(Turn::Second, &mut case)?;
        let Some(record) = self.held(&mut case)? else { return Ok(None) };
        let known = Known { told: kept.told, later: &kept.later, first: 0 };
        let knowledge = Knowledge::new(&kept.times, &[], known);
        let intervals = |definition: usize, held| {
            let matters = |row: usize| kept.matters[row].contains(definition);
            knowledge.intervals(held, matters, |_, _| Err(NeedsRows))
        };
        let span = (life.birth, kept.times.last().map_or(life.birth, |it| Time(*it)));
        let conclusion = self.rest.conclusion();
        Ok(Some(conclude(&kept.account, span, conclusion, record, intervals)))
    }

    /// The entries of a plan's only definition up to an instant, as they were thought without the
    /// rows known at an arrival or later.
    fn thought(
        &mut self,
        columns: &Columns<'_>,
        words: &Words,
        definition: usize,
        arrival: i64,
        until: Time,
        rows: &[Row],
    ) -> Result<Vec<Time>, NeedsRows> {
        // Nothing was known before it was so.
        let before = columns.times.partition_point(|at| *at < arrival);
        let count = columns.count(until).min(before);
        let later = columns.known.up_to(count).rows().filter(|(_, at)| *at >= arrival);
        let hidden: Vec<u32> = later.filter_map(|(row, _)| u32::try_from(row).ok()).collect();
        let shown = Shown { count, hidden: &hidden };
        let known = |row: &&Row| row.known_at.unwrap_or(row.time).max(row.time).0 < arrival;
        let make = || rows.iter().filter(known).cloned().collect();
        let first = (0..columns.times.len()).find(|it| !columns.is_gap(*it));
        // What an account's name says was known with its first row.
        let is_shown = first.is_some_and(|it| shown.contains(it));
        let account = if is_shown { columns.account } else { "" };
        let mut rows = Rows::new(account, make);
        let record = self.judge(columns, words, until, &mut rows, shown)?;
        let held = record.map(|mut it| std::mem::take(&mut it.held[definition]));
        Ok(held.into_iter().flatten().map(|(entered, _)| entered).collect())
    }

    /// When each definition held, by the rows that are shown; `None` without any, and for who is
    /// left out.
    fn judge(
        &mut self,
        columns: &Columns<'_>,
        words: &Words,
        until: Time,
        rows: &mut Rows<'_>,
        shown: Shown<'_>,
    ) -> Result<Option<Record>, NeedsRows> {
        let Some(first) = shown.rows().find(|it| !columns.is_gap(*it)) else { return Ok(None) };
        let life = Life { birth: Time(columns.times[first]), until };
        self.begin();
        self.gatherer.begin(columns, words, shown);
        self.live.extend(0..self.plan.asked.len());
        let mut case = Case { life, rows, events: Some((columns, words, shown)) };
        for turn in [Turn::First, Turn::Second] {
            self.winnow(turn, &mut case)?;
            if self.only_held && self.live.is_empty() {
                return Ok(None);
            }
        }
        self.held(&mut case)
    }

    /// Begins an account.
    fn begin(&mut self) {
        self.measured.fill(false);
        self.answered.fill(false);
        self.may.fill(true);
        self.live.clear();
        self.rest.begin();
    }

    /// Leaves out the definitions that cannot have held, as far as the measures of a turn tell.
    fn winnow(&mut self, turn: Turn, case: &mut Case<'_, '_>) -> Result<(), NeedsRows> {
        let mut live = std::mem::take(&mut self.live);
        let mut kept = 0;
        for place in 0..live.len() {
            if self.may_hold(live[place], turn, case)? {
                live[kept] = live[place];
                kept += 1;
            }
        }
        live.truncate(kept);
        self.live = live;
        Ok(())
    }

    fn may_hold(
        &mut self,
        asked: usize,
        turn: Turn,
        case: &mut Case<'_, '_>,
    ) -> Result<bool, NeedsRows> {
        let plan = self.plan;
        let judgement = match &plan.asked[asked].how {
            How::ByQuestions(judgement) => judgement,
            How::Stepped(musts) => {
                for must in musts {
                    if self.is_of(must.series, turn) {
                        self.measure(must.series as usize, case)?;
                        if !must.may_be(&self.series) {
                            return Ok(false);
                        }
                    }
                }
                return Ok(true);
            }
        };
        // Too few events, or too far from each other, are found without measuring.
        if let (Turn::First, Some((columns, _, shown))) = (turn, case.events) {
            let enough = |it: u32| {
                let number = it as usize;
                plan.questions[number].series().is_none_or(|series| {
                    self.gatherer.events_max(series) >= plan.events_least[number]
                        && plan.at_least[number]
                            .as_ref()
                            .is_none_or(|it| self.gatherer.may_be(it, columns.times, shown))
                })
            };
            if !judgement.when.may_be_true(&enough) {
                return Ok(false);
            }
        }
        for question in &judgement.questions {
            let series = plan.questions[*question as usize].series();
            let Some(series) = series.filter(|it| self.is_of(*it, turn)) else { continue };
            if self.answer_at_once(*question, case)? {
                if self.may[*question as usize] {
                    continue;
                }
            } else {
                self.measure(series as usize, case)?;
                self.may[*question as usize] =
                    plan.questions[*question as usize].may_be_true(&self.series);
            }
            if !judgement.when.may_be_true(&|it| self.may[it as usize]) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a measure is looked at by the end of a turn. Moments may hang on what is looked at
    /// in the second.
    fn is_of(&self, series: u32, turn: Turn) -> bool {
        turn == Turn::Second
            || self.gatherer.turn(series) == Turn::First && !self.plan.has_moments[series as usize]
    }

    /// Answers a question from events, if that takes no timeline; whether it has been answered.
    fn answer_at_once(&mut self, question: u32, case: &Case<'_, '_>) -> Result<bool, NeedsRows> {
        let number = question as usize;
        if self.answered[number] {
            return Ok(true);
        }
        let (Some(it), Some((columns, words, shown))) = (&self.plan.at_least[number], case.events)
        else {
            return Ok(false);
        };
        if self.measured[it.series as usize] {
            return Ok(false);
        }
        let events = self.gatherer.events(it.series, columns, words, shown)?;
        let answers = &mut self.answers[number];
        if it.answer(events, case.life, answers) {
            self.answered[number] = true;
            self.may[number] = answers.iter().any(|(_, it)| *it == Some(true));
        }
        Ok(self.answered[number])
    }

    /// Works out the timeline of a measure, unless that has been done.
    fn measure(&mut self, series: usize, case: &mut Case<'_, '_>) -> Result<(), NeedsRows> {
        if self.measured[series] {
            return Ok(());
        }
        let plan = self.plan;
        let Some((columns, words, shown)) = case.events else { return Err(NeedsRows) };
        let moments = if plan.has_moments[series] {
            for it in plan.moments.iter().flat_map(|it| &it.reads) {
                self.measure(*it as usize, case)?;
            }
            self.rest.moments(&mut self.series, case.life, case.rows)
        } else {
            (0, &[][..])
        };
        let place = u32::try_from(series).expect("as many as nodes");
        let events = self.gatherer.events(place, columns, words, shown)?;
        let (measure, calendar) = (&plan.measures[series], &plan.rest.calendar);
        let into = &mut self.series[series];
        measure::series(measure, events, moments, case.life, calendar, &mut self.scratch, into)?;
        self.measured[series] = true;
        Ok(())
    }

    /// When the definitions held that are left.
    fn held(&mut self, case: &mut Case<'_, '_>) -> Result<Option<Record>, NeedsRows> {
        let plan = self.plan;
        let mut record = Record::new(&plan.rest.account);
        let mut waits = Vec::new();
        let mut any = !self.only_held;
        for asked in std::mem::take(&mut self.live) {
            let Asked { place, how } = &plan.asked[asked];
            match how {
                How::ByQuestions(it) => {
                    let watches = |it: &u32| plan.questions[*it as usize].slot().is_some();
                    if it.questions.iter().any(watches) {
                        waits.push((*place, it));
                    } else {
                        record.held[*place] = self.by_questions(it, case)?;
                        any |= !record.held[*place].is_empty();
                    }
                }
                How::Stepped(_) => any = true,
            }
        }
        if !any && waits.is_empty() {
            return Ok(None);
        }
        for series in &plan.read_by_rest {
            self.measure(*series as usize, case)?;
        }
        let stepped = self.rest.step(&mut self.series, case.life, case.rows);
        for (held, by_questions) in record.held.iter_mut().zip(stepped.held) {
            if held.is_empty() {
                *held = by_questions;
            }
        }
        record.outcomes = stepped.outcomes;
        for (place, judgement) in waits {
            record.held[place] = self.by_questions(judgement, case)?;
        }
        any |= record.held.iter().any(|it| !it.is_empty());
        Ok(any.then_some(record))
    }

    fn by_questions(
        &mut self,
        judgement: &Judgement,
        case: &mut Case<'_, '_>,
    ) -> Result<Vec<(Time, Option<Time>)>, NeedsRows> {
        for question in &judgement.questions {
            if self.answer_at_once(*question, case)? {
                continue;
            }
            let number = *question as usize;
            let question = &self.plan.questions[number];
            if let Some(series) = question.series() {
                self.measure(series as usize, case)?;
            }
            question.answer(&self.series, self.rest.watched(), &mut self.answers[number]);
            self.answered[number] = true;
        }
        Ok(judgement.held(&self.answers, &mut self.places, case.life))
    }
}

/// An account at hand.
struct Case<'a, 'r> {
    life: Life,
    rows: &'a mut Rows<'r>,
    /// Its events, and which of them are looked at; none, if its measures are known.
    events: Option<(&'a Columns<'a>, &'a Words, Shown<'a>)>,
}

/// Puts together what came out for an account.
fn conclude(
    account: &str,
    (first, last): (Time, Time),
    (started, excluded): (Option<Time>, Option<Text>),
    record: Record,
    mut intervals: impl FnMut(usize, Vec<(Time, Option<Time>)>) -> Result<Vec<Interval>, NeedsRows>,
) -> Found {
    let mut by_rows = Vec::new();
    let timelines = record.held.into_iter().enumerate().map(|(definition, held)| {
        if held.is_empty() {
            return Vec::new();
        }
        intervals(definition, held).unwrap_or_else(|NeedsRows| {
            by_rows.push(definition);
            Vec::new()
        })
    });
    let timelines = timelines.collect();
    let verdicts = Verdicts {
        subject: Subject { kind: Kind::Account, id: account.into() },
        account: Text::from(account),
        started: started.unwrap_or(first),
        first,
        last,
        timelines,
        outcomes: record.outcomes,
        excluded,
    };
    Found { verdicts, by_rows }
}
