//! One account, as it is thought to be now.

use std::collections::BTreeSet;

use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Span, Text, Time};
use firsthand_rules::arrivals::{Arrivals, Context, TooLate};
use firsthand_rules::eval::value::Value;
use firsthand_rules::judge::Judge;
use firsthand_rules::ledger::Entry;
use firsthand_rules::world::{self, Imports};
use serde::{Deserialize, Serialize};

use crate::live::settled;
use crate::stir::Stirs;

/// One account.
///
/// It remembers the rows of the last day or so. What reaches further back is judged anew from all
/// rows ([`Customer::anew`]).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Customer {
    id: Text,
    stream: Arrivals<Row>,
    /// What it answers by itself, where others ask.
    pub(crate) answers: Option<Arrivals<Row>>,
    /// What its people are told of it.
    exported: Imports,
    /// All traits of the account that were ever set: people who come later begin with them.
    traits: Vec<Row>,
    /// Who has rows of their own here, and not only copies.
    people: BTreeSet<Text>,
    /// Who has copies here, and no rows of their own.
    guests: BTreeSet<Text>,
    /// The times of the first row and the last.
    first: Time,
    last: Time,
}

/// What a customer is judged by, and what comes of it.
pub(crate) struct Judging<'j, 'p> {
    pub judge: &'j mut Judge<'p>,
    /// What it is judged among.
    pub context: Context<'j>,
    /// What becomes known.
    pub entries: Vec<Entry>,
    /// Whom of its people it concerns.
    pub stirs: &'j mut Stirs,
}

impl Customer {
    /// An account of which nothing has been heard yet.
    pub(crate) fn new(id: Text, judge: &Judge<'_>) -> Self {
        Self {
            id,
            stream: Arrivals::new(judge.program(), Kind::Account),
            answers: None,
            exported: Imports::new(),
            traits: Vec::new(),
            people: BTreeSet::new(),
            guests: BTreeSet::new(),
            first: Time::MAX,
            last: Time::MIN,
        }
    }

    /// Its state.
    pub fn stream(&self) -> &Arrivals<Row> {
        &self.stream
    }

    /// Its traits, as they were set.
    pub fn traits(&self) -> &[Row] {
        &self.traits
    }

    /// Who has facts of their own here, in order.
    pub fn people(&self) -> &BTreeSet<Text> {
        &self.people
    }

    /// The time of the first fact.
    pub fn first(&self) -> Time {
        self.first
    }

    /// The time of the last fact; `None` if there is none.
    pub fn last(&self) -> Option<Time> {
        Some(self.last).filter(|it| *it > Time::MIN)
    }

    /// What its people are told of it, in order of time.
    pub(crate) fn exported(&self) -> &Imports {
        &self.exported
    }

    /// Takes in rows that became known together.
    ///
    /// # Errors
    /// [`TooLate`] if it has to be judged anew; what has been told by then stands.
    pub(crate) fn arrive(
        &mut self,
        judging: &mut Judging<'_, '_>,
        mut rows: Vec<Row>,
        known_at: Time,
    ) -> Result<(), TooLate> {
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
        if rows.is_empty() && (self.is_new() || judging.context.changed.is_none()) {
            return Ok(());
        }
        let own = self.own_rows(&rows)?;
        self.stream.arrive(
            judging.judge,
            judging.context,
            own,
            known_at,
            Time::MAX,
            &mut judging.entries,
        )?;
        self.first = rows.first().map_or(self.first, |it| it.time.min(self.first));
        self.last = rows.iter().map(|it| it.time).fold(self.last, Time::max);
        if judging.judge.program().person.is_idle() {
            // Nobody judges them, but an account has its people all the same.
            self.people.extend(own_people(&rows).cloned());
        } else {
            let changed = self.export(judging.judge);
            self.stir(&rows, changed, judging.stirs);
        }
        for row in rows.into_iter().filter(is_account_trait) {
            let at = self.traits.partition_point(|it| it.order() <= row.order());
            self.traits.insert(at, row);
        }
        Ok(())
    }

    /// Says whom of its people some new rows concern, and from when on it tells them otherwise.
    fn stir(&mut self, rows: &[Row], changed: Option<Time>, stirs: &mut Stirs) {
        let traits: Vec<&Row> = rows.iter().filter(|it| is_account_trait(it)).collect();
        if changed.is_some() || !traits.is_empty() {
            for id in &self.people {
                stirs.told(id, changed);
                let others = traits.iter().filter(|it| it.person.as_ref() != Some(id));
                stirs.rows(id, others.map(|it| Row::clone(it)));
            }
        }
        for row in rows {
            let Some(id) = &row.person else { continue };
            if row.copy && !self.people.contains(id) {
                self.guests.insert(id.clone());
                continue;
            }
            if !self.people.contains(id) {
                // What was copied here before counts as well from the first own row on.
                let was_guest = self.guests.remove(id);
                self.people.insert(id.clone());
                stirs.enters(id, &self.id, was_guest);
            }
            stirs.rows(id, [row.clone()]);
        }
    }

    /// Whether rows, of which this is the first, and what it is told otherwise from an instant on,
    /// can come in between what it remembers.
    pub(crate) fn reaches(&self, first: Option<Time>, changed: Option<Time>) -> bool {
        let begins = first.is_some_and(|it| self.begins_earlier(it));
        let from = first.into_iter().chain(changed).min();
        !begins && from.is_none_or(|it| self.stream.remembers(it))
    }

    /// Lets time alone act up to an instant.
    pub(crate) fn settle(&mut self, judging: &mut Judging<'_, '_>, until: Time) {
        self.stream.settle(judging.judge, judging.context, until, &mut judging.entries);
        if !judging.judge.program().person.is_idle()
            && let changed @ Some(_) = self.export(judging.judge)
        {
            self.people.iter().for_each(|it| judging.stirs.told(it, changed));
        }
    }

    /// Judges it anew from all its rows, in order, with time passed to `settled`. What differs
    /// from what was thought becomes known at `known_at`; nothing is told if that is `None`.
    pub(crate) fn anew(
        &mut self,
        judging: &mut Judging<'_, '_>,
        rows: &[Row],
        settled: Time,
        known_at: Option<Time>,
    ) {
        self.first = rows.first().map_or(Time::MAX, |it| it.time);
        self.last = rows.last().map_or(Time::MIN, |it| it.time);
        self.traits = rows.iter().filter(|it| is_account_trait(it)).cloned().collect();
        let own = domain_row(&self.id, rows).into_iter().chain(rows.iter().cloned()).collect();
        let told = known_at.map(|at| (at, &mut judging.entries));
        self.stream.anew(judging.judge, judging.context, own, settled, told);
        let people: BTreeSet<Text> = own_people(rows).cloned().collect();
        if judging.judge.program().person.is_idle() {
            self.people = people;
            return;
        }
        self.export(judging.judge);
        self.guests = rows.iter().filter_map(|it| it.person.clone()).collect();
        self.guests.retain(|it| !people.contains(it));
        for id in &people {
            judging.stirs.enters(id, &self.id, true);
        }
        for id in self.people.difference(&people) {
            judging.stirs.leaves(id, &self.id);
        }
        self.people = people;
    }

    /// Has another state of it take this one's place, which was judged anew from all its rows but
    /// those of `since`; `late` are those that this one has not taken in. What differs from what
    /// was thought becomes known at `known_at`. Tells from when on its people are told something
    /// else than that state had told them by then.
    ///
    /// # Errors
    /// [`TooLate`] if the other one cannot take in what has come since; then nothing has happened.
    pub(crate) fn give_way(
        &mut self,
        judging: &mut Judging<'_, '_>,
        mut to: Self,
        since: Vec<Row>,
        late: &[Row],
        known_at: Time,
    ) -> Result<Option<Time>, TooLate> {
        let (settled, told) = (settled(known_at), to.exported.clone());
        let mut aside = Stirs::default();
        let mut silent = Judging {
            judge: &mut *judging.judge,
            context: judging.context,
            entries: Vec::new(),
            stirs: &mut aside,
        };
        to.arrive(&mut silent, since, known_at)?;
        to.settle(&mut silent, settled);
        self.settle(judging, settled);
        to.stream.replace(&mut self.stream, known_at, &mut judging.entries);
        let since_changed = first_difference(&told, &to.exported);
        if !judging.judge.program().person.is_idle() {
            let changed = first_difference(&self.exported, &to.exported);
            to.people = std::mem::take(&mut self.people);
            to.guests = std::mem::take(&mut self.guests);
            to.stir(late, changed, judging.stirs);
        }
        to.answers = self.answers.take();
        *self = to;
        Ok(since_changed)
    }

    /// Forgets rows before an instant, as far as it can still go back to it.
    pub(crate) fn forget_before(&mut self, instant: Time) {
        self.stream.forget_before(instant);
    }

    /// Packs it until something happens; what lies before an instant is forgotten.
    pub(crate) fn pack(&mut self, forgotten_before: Time) {
        self.stream.pack(forgotten_before);
        if let Some(answers) = &mut self.answers {
            answers.pack(forgotten_before);
        }
    }

    /// Takes over what the account tells its people; from when on that is something else.
    fn export(&mut self, judge: &Judge<'_>) -> Option<Time> {
        let exported = world::exports(judge.program(), self.stream.record());
        let changed = first_difference(&self.exported, &exported);
        self.exported = exported;
        changed
    }

    /// Whether nothing is known of it.
    fn is_new(&self) -> bool {
        self.first == Time::MAX
    }

    /// Whether a row of an instant would make it what it is by its name from an earlier one on.
    fn begins_earlier(&self, first: Time) -> bool {
        !self.is_new() && self.id.starts_with(DOMAIN) && first < self.first
    }

    /// Rows that arrive, with what else is so from the first row on.
    fn own_rows(&self, rows: &[Row]) -> Result<Vec<Row>, TooLate> {
        if rows.first().is_some_and(|it| self.begins_earlier(it.time)) {
            return Err(TooLate);
        }
        let domain = if self.is_new() { domain_row(&self.id, rows) } else { None };
        Ok(domain.into_iter().chain(rows.iter().cloned()).collect())
    }
}

/// What others ask.
impl Customer {
    /// Answers with rows that became known together, in order; from when on it says something else
    /// than before, if it does.
    ///
    /// # Errors
    /// [`TooLate`] if it has to answer anew from all its rows.
    pub(crate) fn answer(
        &mut self,
        judge: &mut Judge<'_>,
        context: Context<'_>,
        rows: &[Row],
        known_at: Time,
    ) -> Result<Option<Time>, TooLate> {
        let own = self.own_rows(rows)?;
        let fresh = || Arrivals::new(judge.program(), Kind::Account);
        let answers = self.answers.get_or_insert_with(fresh);
        answer(answers, judge, context, own, known_at)
    }

    /// Answers with time passed to an instant; from when on it says something else, if it does.
    pub(crate) fn answer_until(
        &mut self,
        judge: &mut Judge<'_>,
        context: Context<'_>,
        until: Time,
    ) -> Option<Time> {
        let answers = self.answers.as_mut().filter(|it| it.next() <= until)?;
        answer_until(answers, judge, context, until)
    }

    /// The instant that it last answered for.
    pub(crate) fn answered(&self) -> Option<Time> {
        self.answers.as_ref().map(Arrivals::now)
    }

    /// The next instant at which time alone may change something of it.
    pub(crate) fn next(&self) -> Time {
        let answers = self.answers.as_ref().map_or(Time::MAX, Arrivals::next);
        self.stream.next().min(answers)
    }
}

/// Has somebody answer with rows that became known together; from when on something else is said.
///
/// # Errors
/// [`TooLate`] if they have to answer anew from all their rows.
pub(crate) fn answer(
    answers: &mut Arrivals<Row>,
    judge: &mut Judge<'_>,
    context: Context<'_>,
    rows: Vec<Row>,
    known_at: Time,
) -> Result<Option<Time>, TooLate> {
    let first = rows.iter().map(|it| it.time).chain(context.changed).min();
    let from = first.unwrap_or(Time::MAX).min(answers.now() + Span(1));
    let said = |it: &Arrivals<Row>| {
        let said = &it.record().changes;
        said[said.partition_point(|(at, ..)| *at < from)..].to_vec()
    };
    let before = said(answers);
    answers.arrive(judge, context, rows, known_at, Time::MAX, &mut Vec::new())?;
    Ok(first_difference(&before, &said(answers)))
}

/// Has somebody answer with time passed to an instant; from when on something else is said.
pub(crate) fn answer_until(
    answers: &mut Arrivals<Row>,
    judge: &mut Judge<'_>,
    context: Context<'_>,
    until: Time,
) -> Option<Time> {
    let before = answers.record().changes.len();
    answers.settle(judge, context, until, &mut Vec::new());
    answers.record().changes.get(before).map(|(at, ..)| *at)
}

/// From when on something is said otherwise, if it is.
pub(crate) fn first_difference(
    before: &[(Time, u32, Value)],
    now: &[(Time, u32, Value)],
) -> Option<Time> {
    let same = before.iter().zip(now).take_while(|(a, b)| a == b).count();
    [before.get(same), now.get(same)].into_iter().flatten().map(|(at, ..)| *at).min()
}

/// What an account answers by all its rows, with time passed to `settled`.
pub(crate) fn answers(
    judge: &mut Judge<'_>,
    context: Context<'_>,
    id: &str,
    rows: &[Row],
    settled: Time,
) -> Arrivals<Row> {
    let own = domain_row(id, rows).into_iter().chain(rows.iter().cloned()).collect();
    let mut answers = Arrivals::new(judge.program(), Kind::Account);
    answers.anew(judge, context, own, settled, None);
    answers
}

/// How accounts begin that are made of a company's domain.
const DOMAIN: &str = "domain:";

fn domain_row(id: &str, rows: &[Row]) -> Option<Row> {
    let first = rows.first()?;
    Some(world::domain_row(id.strip_prefix(DOMAIN)?, first.time, first.known_at))
}

/// Who has facts of their own among rows; some come several times.
fn own_people(rows: &[Row]) -> impl Iterator<Item = &Text> {
    rows.iter().filter(|it| !it.copy).filter_map(|it| it.person.as_ref())
}

/// Whether a row sets traits of the account.
pub(crate) fn is_account_trait(row: &Row) -> bool {
    matches!(row.body, RowBody::Traits { of: Kind::Account, .. })
}
