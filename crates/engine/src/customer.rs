//! One account, as it is thought to be now.

use std::collections::BTreeSet;

use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Text, Time};
use firsthand_rules::arrivals::{Arrivals, Context, TooLate};
use firsthand_rules::judge::Judge;
use firsthand_rules::ledger::Entry;
use firsthand_rules::world::{self, Imports};

use crate::stir::Stirs;

/// One account.
///
/// It remembers the rows of the last day or so. What reaches further back is judged anew from all
/// rows ([`Customer::anew`]).
#[derive(Debug)]
pub struct Customer {
    id: Text,
    stream: Arrivals<Row>,
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
    /// Pairs of slot and node of the account's graph whose changes are kept.
    pub watched: &'j [(u32, u32)],
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
        let Some(first) = rows.first().map(|it| it.time) else { return Ok(()) };
        let is_new = self.first == Time::MAX;
        // What an account is from its first fact on, it would be from an earlier one on.
        if !is_new && first < self.first && self.domain().is_some() {
            return Err(TooLate);
        }
        let domain = if is_new { self.domain_row(&rows) } else { None };
        let own = domain.into_iter().chain(rows.iter().cloned()).collect();
        let context = Context { watched: judging.watched, ..Context::default() };
        self.stream.arrive(
            judging.judge,
            context,
            own,
            known_at,
            Time::MAX,
            &mut judging.entries,
        )?;
        self.first = self.first.min(first);
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

    /// Lets time alone act up to an instant.
    pub(crate) fn settle(&mut self, judging: &mut Judging<'_, '_>, until: Time) {
        let context = Context { watched: judging.watched, ..Context::default() };
        self.stream.settle(judging.judge, context, until, &mut judging.entries);
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
        let own = self.domain_row(rows).into_iter().chain(rows.iter().cloned()).collect();
        let context = Context { watched: judging.watched, ..Context::default() };
        let told = known_at.map(|at| (at, &mut judging.entries));
        self.stream.anew(judging.judge, context, own, settled, told);
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

    /// Forgets rows before an instant, as far as it can still go back to it.
    pub(crate) fn forget_before(&mut self, instant: Time) {
        self.stream.forget_before(instant);
    }

    /// Takes over what the account tells its people; from when on that is something else.
    fn export(&mut self, judge: &Judge<'_>) -> Option<Time> {
        let exported = world::exports(judge.program(), self.stream.record());
        let same = self.exported.iter().zip(&exported).take_while(|(a, b)| a == b).count();
        let changed = [self.exported.get(same), exported.get(same)];
        let changed = changed.into_iter().flatten().map(|(at, ..)| *at).min();
        self.exported = exported;
        changed
    }

    fn domain(&self) -> Option<&str> {
        self.id.strip_prefix("domain:")
    }

    fn domain_row(&self, rows: &[Row]) -> Option<Row> {
        let first = rows.first()?;
        Some(world::domain_row(self.domain()?, first.time, first.known_at))
    }
}

/// Who has facts of their own among rows; some come several times.
fn own_people(rows: &[Row]) -> impl Iterator<Item = &Text> {
    rows.iter().filter(|it| !it.copy).filter_map(|it| it.person.as_ref())
}

fn is_account_trait(row: &Row) -> bool {
    matches!(row.body, RowBody::Traits { of: Kind::Account, .. })
}
