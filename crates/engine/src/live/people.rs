//! Judging people: by their own facts, and by what their accounts say.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};
use firsthand_rules::arrivals::{Context, TooLate};
use firsthand_rules::judge::Judge;
use firsthand_rules::ledger::Entry;
use firsthand_rules::timeline::Subject;
use firsthand_rules::travel::{self, Journey};
use firsthand_rules::world::Imports;

use super::standings::Others;
use super::together::share;
use super::{Known, Live, MEMORY, Timed, count, settled, tell};
use crate::customer::{Customer, answer, answer_until};
use crate::error::Result;
use crate::person::{Person, stream_rows};
use crate::stir::{Stir, Stirs};

/// A person whom something concerns, taken out to be judged.
struct Concerned {
    id: Text,
    person: Box<Person>,
    /// New rows of their stream.
    rows: Vec<Row>,
    /// From when on their account tells them something else.
    changed: Option<Time>,
    /// What has become known.
    entries: Vec<Entry>,
    /// Whether only judging them anew from all their rows will do.
    anew: bool,
    /// Whether they have no account any more.
    is_lost: bool,
}

impl Concerned {
    /// Has their rows arrive, unless they have to be judged anew. `home` is the account that they
    /// are in, if it is one.
    fn arrive(
        &mut self,
        judge: &mut Judge<'_>,
        home: Option<&Customer>,
        others: Others<'_>,
        known_at: Time,
    ) {
        if self.anew {
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
    pub(super) fn judge_people(&mut self, mut stirs: Stirs, known: &mut Vec<Known>) -> Result<()> {
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
            self.take_back(it, known)?;
        }
        Ok(())
    }

    /// Judges the people whom time has told something else by way of their accounts: those of one
    /// account come to it when they are due.
    pub(super) fn judge_told(&mut self, mut stirs: Stirs, known: &mut Vec<Known>) -> Result<()> {
        for (id, stir) in stirs.take() {
            if self.people.get(&id).is_some_and(|it| it.it.homes.len() > 1) {
                let concerned = self.concerned(id, Stir { anew: true, ..stir });
                self.take_back(concerned, known)?;
            } else {
                self.set_timer(&id);
            }
        }
        Ok(())
    }

    /// Takes out a person whom something concerns.
    fn concerned(&mut self, id: Text, stir: Stir) -> Concerned {
        let Stir { rows, changed, mut anew, entered, left } = stir;
        let judge = || Judge::new(&self.rules.program, self.rules.history_from);
        let fresh = || Box::new(Person::new(&judge()));
        let mut person = self.people.remove(&id).map_or_else(fresh, |it| it.it);
        anew |= !entered.is_empty() && !person.is_new();
        person.homes.retain(|it| !left.contains(it));
        person.homes.extend(entered);
        anew |= person.homes.len() > 1;
        Concerned { id, person, rows, changed, entries: Vec::new(), anew, is_lost: false }
    }

    /// Puts a person back once they are judged; where only judging them anew will do, does that.
    fn take_back(&mut self, concerned: Concerned, known: &mut Vec<Known>) -> Result<()> {
        let Concerned { id, mut person, mut entries, anew, is_lost, .. } = concerned;
        if is_lost {
            return Ok(());
        }
        if anew {
            let (known_at, settled) = (self.known_at, settled(self.known_at));
            let (rows, imports, newest) = self.stream_of(&id, &person.homes)?;
            person.newest = newest;
            let program = Arc::clone(&self.rules.program);
            let names = std::mem::take(&mut self.names[0]);
            let mut judge = Judge::new(&program, self.rules.history_from).with_names(names);
            let of_account = self.told_to(&person);
            person.settle(&mut judge, of_account, settled, &mut entries);
            let others = self.others();
            others.answer(&mut person, &imports, |answers, judge, context| {
                answers.anew(judge, context, rows.clone(), settled, None);
            });
            let imports = others.tell(&person, &imports);
            person.anew(&mut judge, &id, rows, &imports, settled, Some((known_at, &mut entries)));
            self.names[0] = judge.into_names();
        }
        person.forget_before(self.known_at - MEMORY);
        count(&mut self.judged, Kind::Person, &id);
        tell(Kind::Person, &id, entries, known);
        if !person.homes.is_empty() {
            self.people.insert(id.clone(), Timed { it: person, due: Time::MAX });
            self.set_timer(&id);
        }
        Ok(())
    }

    pub(super) fn settle_person(&mut self, id: &Text, settled: Time, known: &mut Vec<Known>) {
        let program = Arc::clone(&self.rules.program);
        let names = std::mem::take(&mut self.names[0]);
        let mut judge = Judge::new(&program, self.rules.history_from).with_names(names);
        let mut entries = Vec::new();
        if let Some(mut person) = self.people.remove(id) {
            let of_account = self.told_to(&person.it);
            person.it.settle(&mut judge, of_account, settled, &mut entries);
            let told = person.it.told_by(of_account).clone();
            self.others().answer(&mut person.it, &told, |answers, judge, context| {
                answer_until(answers, judge, context, settled)
            });
            self.people.insert(id.clone(), person);
            self.set_timer(id);
        }
        self.names[0] = judge.into_names();
        count(&mut self.judged, Kind::Person, id);
        tell(Kind::Person, id, entries, known);
    }

    /// What the one account of a person tells them.
    pub(super) fn told_to(&self, person: &Person) -> &Imports {
        const NOTHING: &Imports = &Imports::new();
        let home = person.homes.first().and_then(|it| self.customers.get(it));
        home.map_or(NOTHING, |it| it.customer.exported())
    }

    /// The whole stream of a person, what they are told, and where they are in the end.
    pub(super) fn stream_of(
        &self,
        id: &Text,
        homes: &BTreeSet<Text>,
    ) -> Result<(Vec<Row>, Imports, Option<Text>)> {
        let mut accounts: BTreeMap<Text, Vec<Row>> = BTreeMap::new();
        for home in homes {
            let mut rows = self.rows_of(home)?;
            // What waits in the late lane has yet to arrive.
            let late = self.customers.get(home).map_or(&[][..], |it| &it.late);
            rows.retain(|row| late.iter().all(|it| it.order() != row.order()));
            accounts.insert(home.clone(), rows);
        }
        let exported = |home: &Text| {
            self.customers.get(home).map_or_else(Imports::new, |it| it.customer.exported().clone())
        };
        if let Some((home, rows)) = accounts.first_key_value().filter(|_| homes.len() == 1) {
            let traits = self.customers.get(home).map_or(&[][..], |it| it.customer.traits());
            return Ok((stream_rows(id, rows, traits), exported(home), Some(home.clone())));
        }
        let own = accounts.iter().flat_map(|(home, rows)| {
            let own = rows.iter().filter(|it| !it.copy && it.person.as_ref() == Some(id));
            own.map(|it| (home.clone(), it.clone()))
        });
        let mut journey: Journey = own.collect();
        journey.sort_by(|a, b| a.1.order().cmp(&b.1.order()));
        let exported = homes.iter().map(|it| (it.clone(), exported(it))).collect();
        let (rows, imports) = travel::stream(&journey, &accounts, &exported);
        Ok((rows, imports, travel::newest(&journey).cloned()))
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
        }
    }
}
