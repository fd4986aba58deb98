//! Families and populations: what is judged across subjects, in a second pass over changes only.
//!
//! In the first pass every subject says how the values that others ask for changed. From that
//! [`Society::told`] works out what each account and person is told in the second pass: a
//! family's answer at every change, a population's standing at every midnight.

use std::collections::BTreeMap;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};

use crate::compile::program::{Population, Program};
use crate::eval::value::{Linear, Value};
use crate::timeline::Subject;
use crate::world::{AMONG, Imports, Judged, Told};

pub mod asked;
pub mod families;
pub mod standings;

use families::{Belonging, Families, belonging};
use standings::Distribution;

/// What one subject said in the first pass.
#[derive(Clone, Debug)]
pub struct Said {
    subject: Subject,
    account: Text,
    /// When the account belonged to which family.
    families: Belonging,
    changes: Imports,
}

/// Everything said so far.
#[derive(Debug)]
pub struct Society<'p> {
    program: &'p Program,
    said: Vec<Said>,
}

impl Said {
    /// What an account said.
    pub fn account(judged: &Judged, rows: &[Row], parent_trait: &str) -> Self {
        let first = rows.first().map(|it| it.time);
        Self {
            subject: judged.subject.clone(),
            account: judged.account.clone(),
            families: belonging(&judged.account, first, rows.iter(), parent_trait),
            changes: judged.record.changes.clone(),
        }
    }

    /// What a person said.
    pub fn person(judged: &Judged) -> Self {
        Self {
            subject: judged.subject.clone(),
            account: judged.account.clone(),
            families: Vec::new(),
            changes: judged.record.changes.clone(),
        }
    }
}

impl<'p> Society<'p> {
    /// Nothing said yet.
    pub fn new(program: &'p Program) -> Self {
        Self { program, said: Vec::new() }
    }

    /// Whether any definition asks across subjects.
    pub fn is_asked(&self) -> bool {
        !self.program.families.is_empty() || !self.program.populations.is_empty()
    }

    /// Takes in what a subject said. The order does not matter.
    pub fn hear(&mut self, said: Said) {
        self.said.push(said);
    }

    /// What each account and its people are told, up to an instant.
    pub fn told(&mut self, until: Time) -> BTreeMap<Text, Told> {
        self.said.sort_by(|a, b| (&a.subject, &a.account).cmp(&(&b.subject, &b.account)));
        let mut told: BTreeMap<Text, Told> = BTreeMap::new();
        self.families(&mut told);
        for population in &self.program.populations {
            self.population(population, until, &mut told);
        }
        for it in told.values_mut() {
            it.account.sort_by_key(|(at, slot, _)| (*at, *slot));
        }
        told
    }

    fn families(&self, told: &mut BTreeMap<Text, Told>) {
        if self.program.families.is_empty() {
            return;
        }
        let mut families = Families::new(self.program);
        let accounts = || self.said.iter().filter(|it| it.subject.kind == Kind::Account);
        for said in accounts() {
            let belongs = Some(said.families.clone());
            families.hear(&said.account, belongs, Time::MIN, &said.changes);
        }
        families.news();
        for said in accounts() {
            let by_family = families.told(&said.account, Time::MIN);
            told.entry(said.account.clone()).or_default().account.extend(by_family);
        }
    }

    /// At every midnight, the share of the population whose value is not above the subject's; or
    /// the place from the top among the people of the account.
    fn population(&self, asked: &Population, until: Time, told: &mut BTreeMap<Text, Told>) {
        let said = self.said.iter().filter(|it| it.subject.kind == asked.kind).collect::<Vec<_>>();
        let mut moves: Vec<(Time, usize, bool, &Value)> = Vec::new();
        for (index, said) in said.iter().enumerate() {
            for (at, slot, value) in &said.changes {
                if slot & !AMONG == asked.slot {
                    moves.push((*at, index, slot & AMONG != 0, value));
                }
            }
        }
        moves.sort_by_key(|(at, ..)| *at);
        let Some(first) = moves.first().map(|(at, ..)| *at) else { return };
        // Kept as they run, so that each midnight sees them as they are by then.
        let mut values: Vec<Option<Linear>> = vec![None; said.len()];
        let mut belongs = vec![asked.among.is_none(); said.len()];
        let mut newest: Vec<Value> = vec![Value::Unknown; said.len()];
        let mut moves = moves.into_iter().peekable();
        let mut midnight = self.program.calendar.next_midnight(first);
        while midnight <= until && midnight < Time::MAX {
            // What happens at the midnight itself belongs to the day that begins.
            while let Some((_, index, among, value)) = moves.next_if(|(at, ..)| *at < midnight) {
                if among {
                    belongs[index] = value.is_true();
                } else {
                    values[index] = value.number();
                }
            }
            let values = values.iter().map(|it| it.and_then(|it| it.millionths(midnight)));
            let values = values.collect::<Vec<_>>();
            let standings = standings(asked, &said, &values, &belongs);
            for (index, standing) in standings.into_iter().enumerate() {
                if newest[index] != standing {
                    let told = told.entry(said[index].account.clone()).or_default();
                    let imports = match asked.kind {
                        Kind::Account => &mut told.account,
                        Kind::Person => {
                            told.persons.entry(said[index].subject.id.clone()).or_default()
                        }
                    };
                    imports.push((midnight, asked.slot, standing.clone()));
                    newest[index] = standing;
                }
            }
            midnight = self.program.calendar.next_midnight(midnight);
        }
    }
}

fn standings(
    asked: &Population,
    said: &[&Said],
    values: &[Option<i128>],
    belongs: &[bool],
) -> Vec<Value> {
    let group = |index: usize| asked.group(&said[index].account);
    let mut groups: BTreeMap<&str, Vec<i128>> = BTreeMap::new();
    for (index, value) in values.iter().enumerate() {
        if let Some(value) = value.filter(|_| belongs[index]) {
            groups.entry(group(index)).or_default().push(value);
        }
    }
    let spread = groups.into_iter().map(|(group, values)| (group, Distribution::of(values)));
    let groups: BTreeMap<&str, Distribution> = spread.collect();
    let standing = |(index, value): (usize, &Option<i128>)| {
        let among = groups.get(group(index)).zip(*value);
        among.map(|(it, value)| it.standing(value, asked.rank)).unwrap_or_default()
    };
    values.iter().enumerate().map(standing).collect()
}
