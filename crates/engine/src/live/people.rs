//! Judging people: by their own facts, and by what their accounts say.

use std::cmp::Reverse;
use std::sync::Arc;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};
use firsthand_rules::arrivals::{Context, MEMORY, TooLate};
use firsthand_rules::judge::Judge;
use firsthand_rules::ledger::Entry;
use firsthand_rules::timeline::Subject;
use firsthand_rules::world::Imports;

use super::standings::Others;
use super::together::share;
use super::{Known, Live, Timed, count, lane, settled, tell};
use crate::customer::{Customer, answer, answer_until};
use crate::person::{Person, stream_rows};
use crate::stir::{Stir, Stirs};

/// A person whom something concerns, taken out to be judged.
pub(super) struct Concerned {
    id: Text,
    person: Box<Person>,
    /// New rows of their stream.
    rows: Vec<Row>,
    /// From when on their account tells them something else.
    changed: Option<Time>,
    /// What has become known.
    entries: Vec<Entry>,
    /// From when on something has changed.
    first: Option<Time>,
    /// Whether only judging them anew from all their rows will do.
    anew: bool,
    /// Whether that is to be done already, and what comes is of no use before.
    waits: bool,
    /// Whether they have no account any more.
    is_lost: bool,
}

impl Concerned {
    /// Has what has come to somebody arrive at another state of theirs; that, if it could.
    pub(super) fn caught_up(
        id: &Text,
        person: Box<Person>,
        (rows, changed): (Vec<Row>, Option<Time>),
        judge: &mut Judge<'_>,
        (home, others, known_at): (&Customer, Others<'_>, Time),
    ) -> Result<Box<Person>, TooLate> {
        let (entries, first, id) = (Vec::new(), None, id.clone());
        let (anew, waits, is_lost) = (false, false, false);
        let mut it = Self { id, person, rows, changed, entries, first, anew, waits, is_lost };
        it.try_to_arrive(judge, home, others, known_at)?;
        Ok(it.person)
    }

    /// Has their rows arrive, unless they have to be judged anew. `home` is the account that they
    /// are in, if it is one.
    fn arrive(
        &mut self,
        judge: &mut Judge<'_>,
        home: Option<&Customer>,
        others: Others<'_>,
        known_at: Time,
    ) {
        if self.anew || self.waits {
            return;
        }
        let Some(home) = home else {
            self.is_lost = true;
            return;
        };
        self.anew = self.try_to_arrive(judge, home, others, known_at).is_err();
    }

    fn try_to_arrive(
        &mut self,
        judge: &mut Judge<'_>,
        home: &Customer,
        others: Others<'_>,
        known_at: Time,
    ) -> Result<(), TooLate> {
        let rows = std::mem::take(&mut self.rows);
        let rows = self.person.rows_of(&self.id, rows, home.traits())?;
        let (exported, changed) = (home.exported(), self.changed);
        let said = others.answer(&mut self.person, exported, |answers, judge, context| {
            answer(answers, judge, Context { changed, ..context }, rows.clone(), known_at)
        });
        let restood = others.stood_after(said.transpose()?.flatten());
        let changed = changed.into_iter().chain(restood).min();
        let imports = &*others.tell(&self.person, exported);
        let context = Context { imports, changed, ..Context::default() };
        self.person.arrive(judge, (rows, known_at), context, &mut self.entries)
    }
}

impl Live {
    /// Judges the people whom the facts of a chunk concern.
    pub(super) fn judge_people(&mut self, mut stirs: Stirs, known: &mut Vec<Known>) {
        let concerned = stirs.take().into_iter().map(|(id, stir)| self.concerned(id, stir));
        let mut concerned: Vec<Concerned> = concerned.collect();
        let (program, from) = (&self.rules.program, self.rules.history_from);
        let (customers, known_at) = (&self.customers, self.known_at);
        let others = Others::of(self.asking.as_ref(), from, known_at - MEMORY);
        share(&mut concerned, &mut self.names, |share, names| {
            let mut judge = Judge::new(program, from).with_names(std::mem::take(names));
            for it in share {
                let home = it.person.homes.first().and_then(|it| customers.get(it));
                it.arrive(&mut judge, home.map(|it| &it.customer), others, known_at);
            }
            *names = judge.into_names();
        });
        for it in concerned {
            self.take_back(it, known);
        }
    }

    /// Judges the people whom time has told something else by way of their accounts: those of one
    /// account come to it when they are due.
    pub(super) fn judge_told(&mut self, mut stirs: Stirs, known: &mut Vec<Known>) {
        for (id, stir) in stirs.take() {
            if self.people.get(&id).is_some_and(|it| it.it.homes.len() > 1) {
                let concerned = self.concerned(id, Stir { anew: true, ..stir });
                self.take_back(concerned, known);
            } else {
                self.set_timer(&id);
            }
        }
    }

    /// Takes out a person whom something concerns.
    fn concerned(&mut self, id: Text, stir: Stir) -> Concerned {
        let Stir { rows, changed, mut anew, entered, left } = stir;
        let judge = || Judge::new(&self.rules.program, self.rules.history_from);
        let fresh = || Box::new(Person::new(&judge()));
        let mut person = self.people.remove(&id).map_or_else(fresh, |it| it.it);
        let moves = !entered.is_empty() || !left.is_empty();
        anew |= !entered.is_empty() && !person.is_new();
        person.homes.retain(|it| !left.contains(it));
        person.homes.extend(entered);
        anew |= person.homes.len() > 1;

        let subject = lane::person(&id);
        if moves && self.lane.flight(&subject).is_some() {
            self.lane.again(self.at, subject.clone());
        }
        self.lane.keep_aside(&subject, &rows, changed);
        if let Some(flight) = self.lane.flight(&subject) {
            flight.again |= anew;
        }
        // Whoever is to be judged anew is not begun with what comes last.
        let waits = person.is_blind() && self.is_marked(&id);
        let first = rows.iter().map(|it| it.time).chain(changed).min();
        let (entries, is_lost) = (Vec::new(), false);
        Concerned { id, person, rows, changed, entries, first, anew, waits, is_lost }
    }

    /// Puts a person back once they are judged; where only judging them anew will do, marks them,
    /// unless their account remembers all of them.
    fn take_back(&mut self, concerned: Concerned, known: &mut Vec<Known>) {
        let Concerned { id, mut person, mut entries, first, anew, waits, is_lost, .. } = concerned;
        if person.homes.is_empty() {
            self.lane.leave(&lane::person(&id));
        }
        if is_lost {
            return;
        }
        let known_at = self.known_at;
        if anew && !waits {
            let program = Arc::clone(&self.rules.program);
            let names = std::mem::take(&mut self.names[0]);
            let mut judge = Judge::new(&program, self.rules.history_from).with_names(names);
            if person.homes.is_empty() {
                let (settled, nothing) = (settled(known_at), Imports::new());
                person.settle(&mut judge, &nothing, settled, &mut entries);
                let told = Some((known_at, &mut entries));
                person.anew(&mut judge, &id, Vec::new(), &nothing, settled, told);
            } else if !self.judge_by_memory(&mut judge, &id, &mut person, first, &mut entries) {
                self.lane.far.insert(self.at, lane::person(&id));
            }
            self.names[0] = judge.into_names();
        }
        person.forget_before(known_at - MEMORY);
        count(&mut self.judged, Kind::Person, &id);
        tell(Kind::Person, &id, entries, known);
        if !person.homes.is_empty() {
            self.put_person(&id, person);
        }
    }

    /// Judges a person of one account anew from what that remembers, if it remembers all of them.
    /// `first` is when something has changed that is not new; whether that was possible.
    fn judge_by_memory(
        &self,
        judge: &mut Judge<'_>,
        id: &Text,
        person: &mut Person,
        first: Option<Time>,
        entries: &mut Vec<Entry>,
    ) -> bool {
        let home = person.homes.first().filter(|_| person.homes.len() == 1);
        let Some(home) = home.and_then(|it| self.customers.get(it)).map(|it| &it.customer) else {
            return false;
        };
        let all = if person.is_new() { Time::MIN } else { person.first() };
        if !home.stream().remembers(first.map_or(all, |it| it.min(all))) {
            return false;
        }
        let settled = settled(self.known_at);
        let rows = stream_rows(id, home.stream().rows(), home.traits());
        person.settle(judge, home.exported(), settled, entries);
        let told = Some((self.known_at, entries));
        self.others().judge_anew(judge, person, (id, rows), home.exported(), (settled, told));
        true
    }

    pub(super) fn put_person(&mut self, id: &Text, person: Box<Person>) {
        self.people.insert(id.clone(), Timed { it: person, due: Time::MAX });
        self.set_timer(id);
    }

    pub(super) fn settle_person(&mut self, id: &Text, settled: Time, known: &mut Vec<Known>) {
        let program = Arc::clone(&self.rules.program);
        // Who is to be judged anew, by more than what they are, stands still until then.
        if self.people.get(id).is_some_and(|it| it.it.is_blind()) && self.is_marked(id) {
            return;
        }
        let names = std::mem::take(&mut self.names[0]);
        let mut judge = Judge::new(&program, self.rules.history_from).with_names(names);
        let mut entries = Vec::new();
        if let Some(mut person) = self.people.remove(id) {
            let was_packed = person.it.stream().is_packed();
            self.settle_by_all(&mut judge, &mut person.it, settled, &mut entries);
            if was_packed {
                person.it.pack(self.known_at - MEMORY);
            }
            self.people.insert(id.clone(), person);
            self.set_timer(id);
        }
        self.names[0] = judge.into_names();
        count(&mut self.judged, Kind::Person, id);
        tell(Kind::Person, id, entries, known);
    }

    /// Lets time alone act on somebody, and on what they answer.
    pub(super) fn settle_by_all(
        &self,
        judge: &mut Judge<'_>,
        person: &mut Person,
        settled: Time,
        entries: &mut Vec<Entry>,
    ) {
        let of_account = self.told_to(person);
        person.settle(judge, of_account, settled, entries);
        let told = person.told_by(of_account).clone();
        self.others().answer(person, &told, |answers, judge, context| {
            answer_until(answers, judge, context, settled)
        });
    }

    /// What the one account of a person tells them.
    pub(super) fn told_to(&self, person: &Person) -> &Imports {
        const NOTHING: &Imports = &Imports::new();
        let home = person.homes.first().and_then(|it| self.customers.get(it));
        home.map_or(NOTHING, |it| it.customer.exported())
    }

    /// Whether a person waits to be judged anew, or is being judged so.
    fn is_marked(&self, id: &Text) -> bool {
        let subject = lane::person(id);
        let under_way = self.lane.under_way.as_ref();
        self.lane.is_marked(&subject)
            || under_way.is_some_and(|it| it.flights.contains_key(&subject))
    }

    pub(super) fn set_timer(&mut self, id: &Text) {
        let Some(person) = self.people.get(id) else { return };
        let due = person.it.next(self.told_to(&person.it));
        if due < Time::MAX && due != person.due {
            let subject = Subject { kind: Kind::Person, id: id.clone() };
            self.timers.push(Reverse((due, subject)));
        }
        if let Some(person) = self.people.get_mut(id) {
            person.due = due;
            if !person.it.stream().is_packed() {
                self.open.note(&mut person.it.touched, self.known_at, || lane::person(id));
            }
        }
    }
}
