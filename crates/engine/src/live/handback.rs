//! Taking over from a job who was judged anew: what has come meanwhile is taken up, the new state
//! takes the place of the old one, and what differs becomes known.

use std::sync::Arc;

use firsthand_model::fact::Kind;
use firsthand_model::{Text, Time};
use firsthand_rules::arrivals::{MEMORY, TooLate};
use firsthand_rules::judge::Judge;

use super::judging::{Judged, Unit};
use super::lane::{self, Flight};
use super::people::Concerned;
use super::{Known, Live, count, settled, tell};
use crate::customer::Customer;
use crate::error::Result;
use crate::person::Person;
use crate::stir::{Stir, Stirs};

impl Live {
    /// Has the next of those who were judged anew take their places; tells what has become known by
    /// it, now, and nothing if there are no more. What came to nobody's use any more is passed
    /// over.
    pub fn take_judged(&mut self, judged: &mut Judged, now: Time) -> Result<Option<Vec<Known>>> {
        if self.lane.under_way.as_ref().is_none_or(|it| it.number != judged.number) {
            return Ok(None);
        }
        let Some(unit) = judged.units.pop_front() else {
            self.end_judging()?;
            return Ok(None);
        };
        self.known_at = self.known_at.max(now);
        let mut known = Vec::new();
        self.take_unit(unit, judged.settled, &mut known);
        if judged.units.is_empty() {
            self.end_judging()?;
        }
        Ok(Some(known))
    }

    /// Gives up what is being judged anew: it is to be done once more.
    pub fn abandon_judging(&mut self) -> Result<()> {
        self.lane.abandon();
        self.tidy_if_due()
    }

    /// Whether somebody is being judged anew.
    pub fn is_judging(&self) -> bool {
        self.lane.under_way.is_some()
    }

    fn end_judging(&mut self) -> Result<()> {
        self.lane.end();
        self.tidy_if_due()
    }

    fn take_unit(&mut self, unit: Unit, judged_to: Time, known: &mut Vec<Known>) {
        let mut stirs = Stirs::default();
        let mut since_changed = None;
        if let Some((id, customer)) = unit.account {
            let taken = self.take_account(&id, customer, &mut stirs, known);
            let Ok(changed) = taken else {
                // They were judged by a state that nobody has.
                for (id, _) in unit.people {
                    if let Some(flight) = self.lane.land(&lane::person(&id)) {
                        self.lane.far.insert(flight.offset, lane::person(&id));
                    }
                }
                return;
            };
            since_changed = changed;
        }
        for (id, person) in unit.people {
            let Some(mut flight) = self.lane.land(&lane::person(&id)) else { continue };
            let stir = stirs.take_of(&id).unwrap_or_default();
            flight.changed = flight.changed.into_iter().chain(since_changed).min();
            self.take_person(&id, (Box::new(person), judged_to), flight, stir, known);
        }
        self.judge_people(stirs, known);
    }

    /// Has the new state of an account take its place; from when on that tells people something else
    /// than it did to those of the job. `None` if it came to nobody's use.
    fn take_account(
        &mut self,
        id: &Text,
        to: Result<Customer, TooLate>,
        stirs: &mut Stirs,
        known: &mut Vec<Known>,
    ) -> Result<Option<Time>, TooLate> {
        let subject = lane::account(id);
        let flight = self.lane.land(&subject).ok_or(TooLate)?;
        self.at = flight.offset;
        let account = self.customers.get_mut(id).ok_or(TooLate)?;
        let late: Vec<_> = account.late.drain(..flight.late).collect();
        account.answered -= late.len();
        let known_at = self.known_at;
        let told = (self.others_tell(id, Time::MIN), flight.changed);
        let taken = to.and_then(|to| {
            self.have_judged(id, &told, stirs, known, |customer, judging| {
                customer.give_way(judging, to, flight.since, &late, known_at)
            })
        });
        if let Ok(changed) = taken {
            self.lane.rows -= late.len();
            return Ok(changed);
        }
        if let Some(account) = self.customers.get_mut(id) {
            account.answered += late.len();
            account.late.splice(..0, late);
        }
        self.lane.far.insert(flight.offset, subject);
        Err(TooLate)
    }

    /// Has the new state of a person take its place, which was judged up to an instant.
    fn take_person(
        &mut self,
        id: &Text,
        (to, judged_to): (Box<Person>, Time),
        flight: Flight,
        stir: Stir,
        known: &mut Vec<Known>,
    ) {
        self.at = flight.offset;
        let (known_at, settled) = (self.known_at, settled(self.known_at));
        let program = Arc::clone(&self.rules.program);
        let names = std::mem::take(&mut self.names[0]);
        let mut judge = Judge::new(&program, self.rules.history_from).with_names(names);
        let fresh = || Box::new(Person::new(&judge));
        let mut before = self.people.remove(id).map_or_else(fresh, |it| it.it);
        before.homes.extend(stir.entered);
        let mut entries = Vec::new();
        // Where they stood since follows from what they answer now.
        let restood = self.others().stood_after(Some(judged_to));
        let changed = flight.changed.into_iter().chain(restood).min();
        let has_news = !flight.since.is_empty() || changed.is_some();
        let mut again = flight.again || before.homes.len() > 1 && has_news;
        let mut to = Some(to).filter(|to| before.homes == to.homes);
        if before.homes.len() == 1 && has_news {
            let home = before.homes.first().and_then(|it| self.customers.get(it));
            to = to.zip(home).and_then(|(to, home)| {
                let among = (&home.customer, self.others(), known_at);
                Concerned::caught_up(id, to, (flight.since, changed), &mut judge, among).ok()
            });
        }
        again |= to.is_none();
        if let Some(mut to) = to {
            // What has come to a person of several accounts only judging them once more will do for.
            if !again {
                self.settle_by_all(&mut judge, &mut to, settled, &mut Vec::new());
            }
            if !before.is_blind() {
                before.settle(&mut judge, self.told_to(&before), settled, &mut entries);
            }
            before.give_way(*to, known_at, &mut entries);
            before.forget_before(known_at - MEMORY);
        }
        self.names[0] = judge.into_names();
        count(&mut self.judged, Kind::Person, id);
        tell(Kind::Person, id, entries, known);
        self.put_person(id, before);
        if again {
            self.lane.far.insert(flight.offset, lane::person(id));
        }
        self.set_timer(id);
    }
}
