//! Beginning with everybody as they were, and whether that could be done with them as they are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firsthand_history::History;
use firsthand_model::fact::Kind;
use firsthand_model::{Text, Time};
use firsthand_rules::judge::Judge;
use firsthand_rules::society::families::belonging;
use firsthand_rules::society::standings::Standings;
use firsthand_rules::timeline::Subject;

use super::accounts::Account;
use super::{Live, Rules, Timed, lane, settled};
use crate::error::Result;
use crate::person::Person;
use crate::saved::Remembered;
use crate::seen::Seen;
use crate::whereabouts::Whereabouts;

impl Live {
    /// Everybody as they were written down, and the standings that were taken. Nothing is decided by
    /// it.
    pub(crate) fn remember(
        rules: Rules,
        history: History,
        standings: &Standings,
        remembered: Remembered,
    ) -> Result<Self> {
        let mut live = Self::new(rules, history);
        if let Some(asking) = &mut live.asking {
            asking.stood.go_on(standings, settled(remembered.known_at));
            let parent_trait = &live.rules.project.identity.parent_trait;
            for (account, it) in &remembered.customers {
                let Some(answers) = &it.answers else { continue };
                let first = Some(it.first()).filter(|it| *it < Time::MAX);
                let belongs = belonging(account, first, it.traits().iter(), parent_trait);
                let said = &answers.record().changes;
                asking.families.hear(account, Some(belongs), Time::MIN, said);
            }
            asking.families.news();
        }
        live.begin(remembered)?;
        Ok(live)
    }

    /// Begins with what is remembered of everybody.
    pub(crate) fn begin(&mut self, remembered: Remembered) -> Result<()> {
        let Remembered { known_at: now, customers, people, whereabouts, seen } = remembered;
        (self.known_at, self.whereabouts, self.seen) = (now, whereabouts, seen);
        for (id, customer) in customers {
            let due = customer.next();
            if due < Time::MAX {
                self.timers.push(Reverse((due, Subject { kind: Kind::Account, id: id.clone() })));
            }
            self.customers.insert(id, Box::new(Account { due, ..Account::new(customer) }));
        }
        let mut of_several = BTreeMap::new();
        for (id, person) in people {
            match self.people.remove(&id) {
                None => _ = self.people.insert(id, Timed { it: Box::new(person), due: Time::MAX }),
                Some(known) => {
                    let homes: &mut BTreeSet<Text> = of_several.entry(id.clone()).or_default();
                    homes.extend(known.it.homes.iter().chain(&person.homes).cloned());
                    self.people.insert(id, known);
                }
            }
        }
        for (id, homes) in of_several {
            let program = Arc::clone(&self.rules.program);
            let mut person = Person::new(&Judge::new(&program, self.rules.history_from));
            person.homes = homes;
            self.put_person(&id, Box::new(person));
            self.lane.far.insert(self.at, lane::person(&id));
        }
        // Nothing that they come to is new.
        while self.take_late(now)?.is_some() {}
        let everybody: Vec<Text> = self.people.keys().cloned().collect();
        for id in &everybody {
            self.set_timer(id);
        }
        Ok(())
    }

    /// Whether nothing waits to be judged or to come into the history, and all that is remembered
    /// is what the history and the rules come to.
    pub(crate) fn is_at_rest(&self) -> bool {
        let is_sealed = self.tail.len() == 0 && self.sealing.is_none();
        let is_judged = self.lane.len() == 0 && self.lane.first().is_none();
        let stands = self.customers.values().all(|it| it.is_at_rest());
        is_sealed && is_judged && stands
    }

    /// Where the facts of each id stand.
    pub(crate) fn whereabouts(&self) -> &Whereabouts {
        &self.whereabouts
    }

    /// Which facts became known lately.
    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }
}
