//! Where facts stand, and which rows an account has by that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firsthand_history::{History, HistoryError};
use firsthand_model::fact::Row;
use firsthand_model::{Fact, Text, Time};
use firsthand_rules::compile::program::Program;
use rustc_hash::FxHashSet;

use super::accounts::Elsewhere;
use super::learn::Learnt;
use super::{Live, NOWHERE};
use crate::error::Result;
use crate::seen;
use crate::whereabouts::{is_loose, stands_nowhere};

impl Live {
    /// Works out anew where the facts stand that may have moved; the accounts in which some did.
    /// Rows for other accounts are added to what arrives there: had they stood there before, the
    /// account would be among those.
    pub(super) fn attribute_anew(
        &mut self,
        learnt: &Learnt,
        arrivals: &mut BTreeMap<Text, Vec<Row>>,
    ) -> Result<BTreeSet<Text>> {
        let mut moved = self.whereabouts.of(&learnt.touched);
        moved.extend(self.whereabouts.loose_of(&learnt.whereabouts));
        let mut met = FxHashSet::default();
        let mut recent: BTreeMap<u64, BTreeSet<Text>> = BTreeMap::new();
        for account in &moved {
            let under = self.places_of(account, true);
            for fact in self.sealed(&under)? {
                if !learnt.may_move(&fact) {
                    continue;
                }
                self.lies_under(account, &[account.clone()].into(), true);
                let rows = self.resolver.rows(&fact, &self.rules.program.paths);
                let homes = rows.iter().map(|(home, _)| home);
                let homes: Vec<&Text> =
                    if rows.is_empty() { vec![&NOWHERE] } else { homes.collect() };
                for home in homes {
                    self.whereabouts.note(&fact.who, home, is_loose(&fact));
                    self.lies_under(home, &under, true);
                }
                if !met.insert(seen::key(&fact.source, &fact.id)) {
                    continue;
                }
                for (home, row) in rows {
                    if !moved.contains(&home) {
                        arrivals.entry(home).or_default().push(row);
                    }
                }
            }
            let offsets = std::mem::take(&mut self.account(account).recent);
            let places = self.places_of(account, false);
            for offset in offsets {
                recent.entry(offset).or_default().extend(places.iter().cloned());
            }
        }
        for (offset, places) in recent {
            let Some(fact) = self.tail.get(offset).cloned() else { continue };
            let rows = self.place(offset, &fact);
            if !learnt.may_move(&fact) {
                continue;
            }
            for place in &places {
                self.lies_under(place, &[place.clone()].into(), false);
            }
            let nowhere = rows.is_empty().then_some(&NOWHERE);
            for home in rows.iter().map(|(home, _)| home).chain(nowhere) {
                self.lies_under(home, &places, false);
            }
            for (home, row) in rows {
                if !moved.contains(&home) {
                    arrivals.entry(home).or_default().push(row);
                }
            }
        }
        Ok(moved)
    }

    /// The accounts under which facts of one may lie in the history; those that have yet to be
    /// sealed included, if they may come to lie there.
    pub(super) fn places_of(&self, account: &str, only_sealed: bool) -> BTreeSet<Text> {
        let others = self.customers.get(account).into_iter().flat_map(|it| &it.lies_under);
        let others = others.filter(|(_, it)| it.sealed || !only_sealed);
        others.map(|(place, _)| place.clone()).chain([account.into()]).collect()
    }

    /// Notes that facts stand in an account that may lie under others; or, of itself, that some lie
    /// under it that stand elsewhere, or are somebody else's now.
    fn lies_under(&mut self, account: &Text, places: &BTreeSet<Text>, sealed: bool) {
        let moved_at = self.at;
        let lies_under = &mut self.account(account).lies_under;
        for place in places {
            let fresh = || Elsewhere { moved_at, sealed };
            let known = lies_under.entry(place.clone()).or_insert_with(fresh);
            known.moved_at = moved_at;
            known.sealed |= sealed;
        }
    }

    /// Notes where a fact of the tail stands; its rows.
    pub(super) fn place(&mut self, offset: u64, fact: &Fact) -> Vec<(Text, Row)> {
        let rows = self.resolver.rows(fact, &self.rules.program.paths);
        self.stand(offset, fact, &rows);
        rows
    }

    /// Notes that a fact of the tail stands where it has rows.
    pub(super) fn stand(&mut self, offset: u64, fact: &Fact, rows: &[(Text, Row)]) {
        for (account, _) in rows {
            self.stands(offset, fact, account);
        }
        if rows.is_empty() && !stands_nowhere(fact) {
            self.stands(offset, fact, &NOWHERE);
        }
    }

    fn stands(&mut self, offset: u64, fact: &Fact, account: &Text) {
        self.whereabouts.note(&fact.who, account, is_loose(fact));
        self.account(account).recent.insert(offset);
    }

    /// All rows of an account, in order, each fact once.
    pub fn rows_of(&self, account: &str) -> Result<Vec<Row>> {
        Ok(self.rows_of_at_most(account, usize::MAX)?.unwrap_or_default())
    }

    /// The same, unless that means reading more than `most` recorded facts of any place where they
    /// may lie: then nothing is read, and it is `None`.
    pub fn rows_of_at_most(&self, account: &str, most: usize) -> Result<Option<Vec<Row>>> {
        let Some(lie) = self.where_facts_lie(account) else { return Ok(Some(Vec::new())) };
        let Some(facts) = lie.read(&self.history, most)? else { return Ok(None) };
        let mut rows = self.rows_among(account, &facts, &self.rules.program);
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
        Ok(Some(rows))
    }

    /// Where the facts of an account lie, for whoever reads them beside the engine; `None` where
    /// there is no such account.
    pub fn where_facts_lie(&self, account: &str) -> Option<FactsLie> {
        let it = self.customers.get(account)?;
        let recent = it.recent.iter().filter_map(|it| self.tail.get(*it));
        Some(FactsLie {
            sealed_under: self.places_of(account, true),
            recent: recent.map(Arc::clone).collect(),
        })
    }

    /// The rows that an account has among some facts, by who is who now, as a program reads them, in
    /// no order.
    pub fn rows_among(&self, account: &str, facts: &[Fact], program: &Program) -> Vec<Row> {
        let rows = facts.iter().flat_map(|it| self.resolver.rows(it, &program.paths));
        rows.filter(|(home, _)| home == account).map(|(_, row)| row).collect()
    }

    /// Whose each of some facts is in an account, by who is who now; `None` for those that stand
    /// elsewhere.
    pub fn standing_in(&self, account: &str, facts: &[Fact]) -> Vec<Option<Stands>> {
        let stands = |fact: &Fact| {
            let it = self.resolver.attribute(fact);
            let home = it.accounts.into_iter().find(|home| home.account == account)?;
            let counts = it.excluded.is_none();
            counts.then_some(Stands { person: it.person, known_at: home.known_at })
        };
        facts.iter().map(stands).collect()
    }

    pub(super) fn sealed(&self, under: &BTreeSet<Text>) -> Result<Vec<Fact>> {
        let mut facts = Vec::new();
        for account in under {
            facts.extend(self.history.facts_of(account)?);
        }
        Ok(facts)
    }
}

/// How a fact stands in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stands {
    /// The canonical person, if the fact is about one.
    pub person: Option<Text>,
    /// When it was known that it belongs to the account; `None` if nothing says when.
    pub known_at: Option<Time>,
}

/// Where the facts of an account lie.
#[derive(Clone, Debug)]
pub struct FactsLie {
    /// In the history, under these accounts.
    sealed_under: BTreeSet<Text>,
    /// Not there yet.
    recent: Vec<Arc<Fact>>,
}

impl FactsLie {
    /// The facts, each once, in the order in which they were known. The history may be newer than
    /// the answer where they lie, but not older. `None` where there are more than `most` in one
    /// place of the history: then they are not read.
    ///
    /// # Errors
    /// Where the history cannot be read; where it has been rewritten since it was taken, a newer one can.
    pub fn read(
        &self,
        history: &History,
        most: usize,
    ) -> std::result::Result<Option<Vec<Fact>>, HistoryError> {
        let mut facts = Vec::new();
        for place in &self.sealed_under {
            let Some(found) = history.facts_of_at_most(place, most)? else { return Ok(None) };
            facts.extend(found);
        }
        facts.extend(self.recent.iter().map(|it| Fact::clone(it)));
        Ok(Some(once(facts)))
    }

    /// The newest facts up to an instant, at most `most` of each place of the history, each once.
    /// The instant tells how far back they reach: before it, and at it, there may be more. `None`
    /// where these are all.
    ///
    /// # Errors
    /// As [`FactsLie::read`].
    pub fn read_newest(
        &self,
        history: &History,
        until: Time,
        most: usize,
    ) -> std::result::Result<(Vec<Fact>, Option<Time>), HistoryError> {
        let (mut facts, mut reach) = (Vec::new(), None);
        for place in &self.sealed_under {
            let (found, from) = history.newest_facts_of(place, until, most)?;
            facts.extend(found);
            reach = reach.max(from);
        }
        let recent = self.recent.iter().filter(|it| it.time <= until);
        facts.extend(recent.map(|it| Fact::clone(it)));
        Ok((once(facts), reach))
    }
}

/// Facts each once: of copies the one known first counts, as in the history.
fn once(mut facts: Vec<Fact>) -> Vec<Fact> {
    facts.sort_by_key(|it| it.known_at);
    let mut met = FxHashSet::default();
    facts.retain(|it| met.insert(seen::key(&it.source, &it.id)));
    facts
}
