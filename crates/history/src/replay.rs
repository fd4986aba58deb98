//! Replay: a program over everybody's recorded facts, exactly as they would have been judged live.
//!
//! Accounts are judged in parallel, bucket by bucket, each from its own rows alone; what has to
//! be brought together (families, populations, persons of several accounts) goes over changes
//! only. The subjects themselves would not fit into memory: the caller says what to keep of each.

use std::collections::{BTreeMap, BTreeSet};

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};
use firsthand_rules::compile::program::Program;
use firsthand_rules::judge::Judge;
use firsthand_rules::society::{Said, Society};
use firsthand_rules::timeline::Subject;
use firsthand_rules::travel;
use firsthand_rules::world::{self, Imports, Judged, Told};

use crate::{AccountRows, History, Projection, Result, Scan, Traveller};

/// A program over a history, up to an instant.
#[derive(Clone, Copy)]
pub struct Replay<'a> {
    /// What is recorded.
    pub history: &'a History,
    /// What is judged.
    pub program: &'a Program,
    /// The account trait that names a parent, for families.
    pub parent_trait: &'a str,
    /// Where recorded history begins; windows that reach before it are short.
    pub history_from: Time,
    /// How far to judge.
    pub until: Time,
    /// Threads, progress, and how to stop.
    pub scan: Scan<'a>,
}

/// What came of judging everybody.
pub struct Everybody<T> {
    /// What the caller wanted to keep, in the same order for any number of threads.
    pub kept: Vec<T>,
    /// Whether any fact says when it arrived.
    pub arrival_times: bool,
}

impl Replay<'_> {
    /// A judge of this program.
    pub fn judge(&self) -> Judge<'_> {
        Judge::new(self.program, self.history_from)
    }

    /// Judges everybody; `keep` says what to remember of a judged subject.
    pub fn everybody<T: Send>(
        &self,
        keep: impl Fn(&Judged) -> Option<T> + Sync,
    ) -> Result<Everybody<T>> {
        let mut society = Society::new(self.program);
        let travellers = self.travellers()?;
        let mut told = BTreeMap::new();
        if society.is_asked() {
            let first = self.pass(&told, &travellers, true, |_| None::<T>)?;
            for said in first.said {
                society.hear(said);
            }
            told = society.told(self.until);
        }
        let Pass { kept, arrival_times, .. } = self.pass(&told, &travellers, false, keep)?;
        Ok(Everybody { kept, arrival_times })
    }

    /// Judges whoever has this id: the account, the person, or both.
    pub fn one(&self, id: &str) -> Result<Vec<Judged>> {
        let alone = !Society::new(self.program).is_asked();
        let rows = self.history.rows_of(id, &self.projection())?;
        if alone && !rows.is_empty() {
            let mut judge = self.judge();
            // Nobody is counted as a person here: an account is asked about.
            let nobody = |_: &str| true;
            let judged =
                world::account(&mut judge, id, &rows, &Told::default(), &nobody, self.until);
            return Ok(judged.map(|it| it.account).into_iter().collect());
        }
        let keep = |judged: &Judged| (judged.subject.id == id).then(|| judged.clone());
        Ok(self.everybody(keep)?.kept)
    }

    /// What a scan must read. Names are not filtered: an account's life begins with its first
    /// fact, whichever definitions happen to be compiled together.
    pub fn projection(&self) -> Projection {
        Projection { paths: self.program.paths.clone(), names: None }
    }

    fn pass<T: Send>(
        &self,
        told: &BTreeMap<Text, Told>,
        travellers: &[Traveller],
        listens: bool,
        keep: impl Fn(&Judged) -> Option<T> + Sync,
    ) -> Result<Pass<T>> {
        let names: BTreeSet<&str> = travellers.iter().map(|it| it.person.as_str()).collect();
        let stops: BTreeSet<&str> = travellers
            .iter()
            .flat_map(|it| &it.rows)
            .map(|(account, _)| account.as_str())
            .collect();
        let nothing = Told::default();
        let take = |(judge, pass): &mut (Judge<'_>, Pass<T>), stream: &AccountRows<'_>| {
            pass.arrival_times |= stream.rows.iter().any(|it| it.known_at.is_some());
            let told = told.get(stream.account).unwrap_or(&nothing);
            let travels = |person: &str| names.contains(person);
            let judged =
                world::account(judge, stream.account, stream.rows, told, &travels, self.until);
            let Some(judged) = judged else { return };
            if listens {
                pass.said.push(Said::account(&judged.account, stream.rows, self.parent_trait));
                pass.said.extend(judged.persons.iter().map(Said::person));
            }
            if stops.contains(stream.account) {
                let exports = world::exports(self.program, &judged.account.record);
                pass.exports.insert(stream.account.into(), exports);
                pass.rows.insert(stream.account.into(), stream.rows.to_vec());
            }
            pass.kept.extend(keep(&judged.account));
            pass.kept.extend(judged.persons.iter().filter_map(&keep));
        };
        let new = || (self.judge(), Pass::default());
        let parts = self.history.fold_accounts(&self.projection(), self.scan, new, take)?;
        let mut pass = Pass::default();
        for (_, part) in parts {
            pass.absorb(part);
        }

        let mut judge = self.judge();
        for traveller in travellers {
            let judged = pass.traveller(&mut judge, traveller, told, self.until);
            let Some(judged) = judged else { continue };
            if listens {
                pass.said.push(Said::person(&judged));
            }
            pass.kept.extend(keep(&judged));
        }
        Ok(pass)
    }

    /// Those with facts in several accounts; nobody, if persons are not judged at all.
    fn travellers(&self) -> Result<Vec<Traveller>> {
        if self.program.person.is_idle() {
            return Ok(Vec::new());
        }
        let mut travellers = self.history.travellers(&self.projection(), self.scan)?;
        for traveller in &mut travellers {
            // What comes later says nothing about where a person is.
            traveller.rows.retain(|(_, row)| row.time <= self.until);
        }
        Ok(travellers)
    }
}

/// What one pass over all accounts has brought.
struct Pass<T> {
    kept: Vec<T>,
    arrival_times: bool,
    said: Vec<Said>,
    /// Of the accounts that travellers come through: what people there are told, and the rows.
    exports: BTreeMap<Text, Imports>,
    rows: BTreeMap<Text, Vec<Row>>,
}

impl<T> Default for Pass<T> {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            arrival_times: false,
            said: Vec::new(),
            exports: BTreeMap::new(),
            rows: BTreeMap::new(),
        }
    }
}

impl<T> Pass<T> {
    /// Judges a traveller by what the accounts on the way have said.
    fn traveller(
        &self,
        judge: &mut Judge<'_>,
        traveller: &Traveller,
        told: &BTreeMap<Text, Told>,
        until: Time,
    ) -> Option<Judged> {
        let (rows, mut imports) = travel::stream(&traveller.rows, &self.rows, &self.exports);
        let rows: Vec<&Row> = rows.iter().filter(|it| it.time <= until).collect();
        let (newest, _) = traveller.rows.last()?;
        rows.first()?;
        let standing = told.get(newest).and_then(|it| it.persons.get(&traveller.person));
        imports.extend(standing.into_iter().flatten().cloned());
        imports.sort_by_key(|(at, slot, _)| (*at, *slot));
        let id = Subject { kind: Kind::Person, id: traveller.person.clone() };
        Some(world::person(judge, id, newest.clone(), &rows, &imports, until))
    }

    fn absorb(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.arrival_times |= other.arrival_times;
        self.said.extend(other.said);
        self.exports.extend(other.exports);
        self.rows.extend(other.rows);
    }
}
