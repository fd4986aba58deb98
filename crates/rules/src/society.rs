//! Families and populations: what is judged across subjects, in a second pass over changes only.
//!
//! In the first pass every subject says how the values that others ask for changed. From that
//! [`Society::told`] works out what each account and person is told in the second pass: a
//! family's answer at every change, a population's standing at every midnight.

use std::collections::BTreeMap;

use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Scalar, Text, Time};

use crate::compile::program::{Population, Program};
use crate::eval::each::combine;
use crate::eval::value::{Linear, Value};
use crate::timeline::Subject;
use crate::world::{AMONG, Imports, Judged, Told};

/// What one subject said in the first pass.
#[derive(Clone, Debug)]
pub struct Said {
    subject: Subject,
    account: Text,
    /// When the account belonged to which family.
    families: Vec<(Time, Option<Text>)>,
    changes: Imports,
}

/// Everything said so far.
#[derive(Debug)]
pub struct Society<'p> {
    program: &'p Program,
    said: Vec<Said>,
}

impl Said {
    /// What an account said. Its family is its parent's, else its domain's.
    pub fn account(judged: &Judged, rows: &[Row], parent_trait: &str) -> Self {
        let (mut parent, mut domain) =
            (None, judged.account.strip_prefix("domain:").map(Text::from));
        // An account that is named by its domain belongs to it from its first fact on.
        let named = rows.first().filter(|_| domain.is_some()).map(|row| (row.time, domain.clone()));
        let mut families = named.into_iter().collect::<Vec<_>>();
        for row in rows {
            let RowBody::Traits { of: Kind::Account, traits } = &row.body else { continue };
            for (name, value) in traits {
                let text = match value {
                    Scalar::Text(text) => Some(Text::from(text.to_lowercase())),
                    _ => None,
                };
                if name == parent_trait {
                    parent = text;
                } else if name == "domain" {
                    domain = text;
                }
            }
            let family = parent.clone().or_else(|| domain.clone());
            if families.last().map(|(_, it)| it) != Some(&family) {
                families.push((row.time, family));
            }
        }
        Self {
            subject: judged.subject.clone(),
            account: judged.account.clone(),
            families,
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
        /// What an account does at an instant, as its family sees it.
        enum Move<'a> {
            Belongs(Option<&'a Text>),
            Says(u32, &'a Value),
        }
        if self.program.families.is_empty() {
            return;
        }
        let mut moves: Vec<(Time, &Text, Move<'_>)> = Vec::new();
        for said in self.said.iter().filter(|it| it.subject.kind == Kind::Account) {
            for (at, family) in &said.families {
                moves.push((*at, &said.account, Move::Belongs(family.as_ref())));
            }
            for (at, slot, value) in &said.changes {
                moves.push((*at, &said.account, Move::Says(*slot, value)));
            }
        }
        moves.sort_by_key(|(at, ..)| *at);
        let mut family_of: BTreeMap<&Text, &Text> = BTreeMap::new();
        let mut members: BTreeMap<&Text, Vec<&Text>> = BTreeMap::new();
        let mut values: BTreeMap<(&Text, u32), &Value> = BTreeMap::new();
        for instant in moves.chunk_by(|a, b| a.0 == b.0) {
            let mut touched: Vec<&Text> = Vec::new();
            for (_, account, moved) in instant {
                match moved {
                    Move::Belongs(family) => {
                        if let Some(old) = family_of.remove(account) {
                            // Until another family says something, there is nobody to ask.
                            let told = told.entry((*account).clone()).or_default();
                            let alone = self.program.families.iter();
                            told.account
                                .extend(alone.map(|it| (instant[0].0, it.slot, Value::Unknown)));
                            touched.push(old);
                            members.entry(old).or_default().retain(|it| it != account);
                        }
                        if let Some(family) = family {
                            family_of.insert(account, family);
                            let members = members.entry(family).or_default();
                            members.insert(members.partition_point(|it| it < account), account);
                        }
                    }
                    Move::Says(slot, value) => {
                        values.insert((account, *slot), value);
                    }
                }
                touched.extend(family_of.get(account));
            }
            touched.sort_unstable();
            touched.dedup();
            let now = instant[0].0;
            for family in touched {
                let members = members.get(family).map_or(&[][..], |it| it);
                for asked in &self.program.families {
                    let answers =
                        members.iter().filter_map(|it| values.get(&(*it, asked.slot)).copied());
                    let answer = combine(asked.over, answers, 0, now);
                    for member in members {
                        let told = told.entry((*member).clone()).or_default();
                        told.account.push((now, asked.slot, answer.clone()));
                    }
                }
            }
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
    let group = |index: usize| if asked.rank { said[index].account.as_str() } else { "" };
    let mut groups: BTreeMap<&str, Vec<i128>> = BTreeMap::new();
    for (index, value) in values.iter().enumerate() {
        if let Some(value) = value.filter(|_| belongs[index]) {
            groups.entry(group(index)).or_default().push(value);
        }
    }
    for group in groups.values_mut() {
        group.sort_unstable();
    }
    let standing = |(index, value): (usize, &Option<i128>)| {
        let (Some(value), Some(all)) = (value, groups.get(group(index))) else {
            return Value::Unknown;
        };
        let not_above = all.partition_point(|it| it <= value) as u64;
        if asked.rank {
            return Value::count(all.len() as u64 - not_above + 1);
        }
        let share = Linear::ratio(Linear::count(not_above).still(), all.len() as i128);
        share.map_or(Value::Unknown, Value::Number)
    };
    values.iter().enumerate().map(standing).collect()
}
