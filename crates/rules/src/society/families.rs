//! Families: the accounts of one parent or domain, and what they say together.
//!
//! Accounts say by themselves how the values that are asked of siblings changed. [`Families`]
//! brings that together, over changes only: a replay tells it all at once, a running server
//! whatever changes, from when on. What is told is the same (P1, P2).

use std::collections::{BTreeMap, BTreeSet};

use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Scalar, Text, Time};
use rustc_hash::FxHashMap;

use crate::compile::program::{Family, Program};
use crate::eval::each::combine;
use crate::eval::value::Value;
use crate::world::Imports;

/// Most accounts of one family that are asked, the first by name; of more it is not known what
/// they would say.
pub const FAMILY_MEMBERS_MAX: usize = 10_000;

/// Which family an account belonged to, and from when on; in order of time.
pub type Belonging = Vec<(Time, Option<Text>)>;

/// A value, and since when it is so.
type Since = (Time, Value);

/// What an account was part of: its parent's family, else its domain's. `first` is the time of its
/// first fact; `traits` are the facts that set traits, in order.
pub fn belonging<'r>(
    account: &str,
    first: Option<Time>,
    traits: impl Iterator<Item = &'r Row>,
    parent_trait: &str,
) -> Belonging {
    let (mut parent, mut domain) = (None, account.strip_prefix("domain:").map(Text::from));
    // An account that is named by its domain belongs to it from its first fact on.
    let named = first.filter(|_| domain.is_some()).map(|at| (at, domain.clone()));
    let mut families: Belonging = named.into_iter().collect();
    for row in traits {
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
    families
}

/// All families, as they are known by now.
#[derive(Clone, Debug)]
pub struct Families {
    asked: Vec<Family>,
    accounts: FxHashMap<Text, Member>,
    together: FxHashMap<Text, Together>,
    /// Families whose answers may be others, and from when on.
    stirred: BTreeMap<Text, Time>,
    /// Accounts that were in another family than was known, and from when on.
    moved: BTreeMap<Text, Time>,
}

/// An account, with what it said to each question.
#[derive(Clone, Debug)]
struct Member {
    belongs: Belonging,
    said: Vec<Vec<Since>>,
}

/// A family, with the answer to each question.
#[derive(Clone, Debug)]
struct Together {
    /// Who is or was in it.
    members: BTreeSet<Text>,
    answers: Vec<Vec<Since>>,
}

impl Families {
    /// Of which nothing has been heard yet.
    pub fn new(program: &Program) -> Self {
        Self {
            asked: program.families.clone(),
            accounts: FxHashMap::default(),
            together: FxHashMap::default(),
            stirred: BTreeMap::new(),
            moved: BTreeMap::new(),
        }
    }

    /// Takes in what an account says from an instant on, in order of time, and where it belongs,
    /// if that is told. What it said before stays.
    pub fn hear(
        &mut self,
        account: &Text,
        belongs: Option<Belonging>,
        from: Time,
        said: &[(Time, u32, Value)],
    ) {
        let count = self.asked.len();
        let fresh = || Member { belongs: Belonging::new(), said: vec![Vec::new(); count] };
        let member = self.accounts.entry(account.clone()).or_insert_with(fresh);
        let questions = self.asked.iter().zip(&mut member.said);
        let changed = questions.filter_map(|(asked, old)| {
            let new = said.iter().filter(|(at, slot, _)| *slot == asked.slot && *at >= from);
            replace(old, from, new.map(|(at, _, value)| (*at, value.clone())).collect())
        });
        let changed = changed.min();
        let moved = belongs.and_then(|new| {
            let old = std::mem::replace(&mut member.belongs, new);
            let at = first_difference(&old, &member.belongs)?;
            Some((at, old))
        });
        if let Some(at) = changed {
            stir(&mut self.stirred, &member.belongs, at);
        }
        let Some((at, old)) = moved else { return };
        for before in [&old, &member.belongs] {
            stir(&mut self.stirred, before, at);
        }
        for family in old.iter().filter_map(|(_, it)| it.as_ref()) {
            if let Some(it) = self.together.get_mut(family) {
                it.members.remove(account);
            }
        }
        for family in member.belongs.iter().filter_map(|(_, it)| it.as_ref()) {
            let fresh = || Together { members: BTreeSet::new(), answers: vec![Vec::new(); count] };
            let together = self.together.entry(family.clone()).or_insert_with(fresh);
            together.members.insert(account.clone());
        }
        soonest(&mut self.moved, account, at);
    }

    /// The accounts that are told something else than before by what was heard since, and from
    /// when on.
    pub fn news(&mut self) -> BTreeMap<Text, Time> {
        let mut news = std::mem::take(&mut self.moved);
        for (family, from) in std::mem::take(&mut self.stirred) {
            let Some(mut together) = self.together.remove(&family) else { continue };
            if let Some(changed) = self.ask(&family, &mut together, from) {
                for account in &together.members {
                    let here = self.stays(account).filter(|(it, ..)| *it == Some(&family));
                    let here = here.filter(|(_, _, end)| *end > changed);
                    if let Some(at) = here.map(|(_, start, _)| start.max(changed)).min() {
                        soonest(&mut news, account, at);
                    }
                }
            }
            if !together.members.is_empty() {
                self.together.insert(family, together);
            }
        }
        news
    }

    /// What an account is told after an instant, in order of time. What was told by then stands.
    pub fn told(&self, account: &str, after: Time) -> Imports {
        let mut told = Imports::new();
        let mut is_first = true;
        for (family, start, end) in self.stays(account) {
            let begins = after < start || after == Time::MIN;
            let together = family.and_then(|it| self.together.get(it));
            for (place, asked) in self.asked.iter().enumerate().filter(|_| end > after) {
                let answers = together.map_or(&[][..], |it| it.answers[place].as_slice());
                let here = answers.partition_point(|(at, _)| *at <= start);
                // Until another family says something, there is nobody to ask.
                let standing =
                    here.checked_sub(1).map_or(Value::Unknown, |it| answers[it].1.clone());
                if begins && !(is_first && standing.is_unknown()) {
                    told.push((start, asked.slot, standing));
                }
                let rest = &answers[here.max(answers.partition_point(|(at, _)| *at <= after))..];
                let rest = rest.iter().take_while(|(at, _)| *at < end);
                told.extend(rest.map(|(at, value)| (*at, asked.slot, value.clone())));
            }
            is_first = false;
        }
        told.sort_by_key(|(at, slot, _)| (*at, *slot));
        told
    }

    /// The family in which an account is at an instant.
    pub fn family(&self, account: &str, at: Time) -> Option<&Text> {
        self.accounts.get(account)?.family(at)
    }

    /// The accounts that are or were in a family, in order.
    pub fn members(&self, family: &str) -> impl Iterator<Item = &Text> {
        self.together.get(family).into_iter().flat_map(|it| &it.members)
    }

    /// Where an account was: family, from, until.
    fn stays(&self, account: &str) -> impl Iterator<Item = (Option<&Text>, Time, Time)> {
        let belongs = self.accounts.get(account).map_or(&[][..], |it| &it.belongs);
        let ends = belongs.iter().skip(1).map(|(at, _)| *at).chain([Time::MAX]);
        belongs.iter().zip(ends).map(|((start, family), end)| (family.as_ref(), *start, end))
    }

    /// Asks a family anew from an instant on; from when on it answers otherwise, if it does.
    fn ask(&self, family: &Text, together: &mut Together, from: Time) -> Option<Time> {
        let Together { members, answers } = together;
        let of = members.iter().filter_map(|it| self.accounts.get(it));
        let mut members: Vec<Standing<'_>> = of.map(|it| Standing::before(it, from)).collect();
        let mut moves: Vec<(Time, usize)> = Vec::new();
        for (index, it) in members.iter().enumerate() {
            moves.extend(it.moves().map(|at| (at, index)));
        }
        moves.sort_unstable();
        moves.dedup();
        let mut new: Vec<Vec<Since>> = vec![Vec::new(); self.asked.len()];
        for instant in moves.chunk_by(|a, b| a.0 == b.0) {
            let now = instant[0].0;
            let mut concerns = false;
            for (_, index) in instant {
                let member = &mut members[*index];
                concerns |= member.is_in(family);
                member.pass(now);
                concerns |= member.is_in(family);
            }
            if !concerns {
                continue;
            }
            let here = members.iter().filter(|it| it.is_in(family));
            let forgotten = here.clone().count().saturating_sub(FAMILY_MEMBERS_MAX) as u64;
            let here = here.take(FAMILY_MEMBERS_MAX);
            for (place, asked) in self.asked.iter().enumerate() {
                let said = here.clone().filter_map(|it| it.says(place));
                let answer = combine(asked.over, said, forgotten, now);
                let standing = new[place].last().or_else(|| {
                    let before = answers[place].partition_point(|(at, _)| *at < from);
                    answers[place][..before].last()
                });
                if standing.is_none_or(|(_, it)| *it != answer) {
                    new[place].push((now, answer));
                }
            }
        }
        let both = answers.iter_mut().zip(new);
        both.filter_map(|(old, new)| replace(old, from, new)).min()
    }
}

impl Member {
    /// The family at an instant.
    fn family(&self, at: Time) -> Option<&Text> {
        let stay = self.belongs.partition_point(|(it, _)| *it <= at).checked_sub(1)?;
        self.belongs[stay].1.as_ref()
    }
}

/// An account as it stands at an instant.
struct Standing<'m> {
    member: &'m Member,
    /// How many of its stays have begun.
    stays: usize,
    /// How much it has said to each question.
    said: Vec<usize>,
}

impl<'m> Standing<'m> {
    fn before(member: &'m Member, from: Time) -> Self {
        let said = member.said.iter().map(|it| it.partition_point(|(at, _)| *at < from));
        Self {
            member,
            stays: member.belongs.partition_point(|(at, _)| *at < from),
            said: said.collect(),
        }
    }

    /// When it does something from here on.
    fn moves(&self) -> impl Iterator<Item = Time> {
        let said = self.member.said.iter().zip(&self.said).flat_map(|(it, from)| &it[*from..]);
        let stays = self.member.belongs[self.stays..].iter().map(|(at, _)| *at);
        said.map(|(at, _)| *at).chain(stays)
    }

    fn pass(&mut self, now: Time) {
        let rest = &self.member.belongs[self.stays..];
        self.stays += rest.iter().take_while(|(at, _)| *at <= now).count();
        for (all, said) in self.member.said.iter().zip(&mut self.said) {
            *said += all[*said..].iter().take_while(|(at, _)| *at <= now).count();
        }
    }

    fn is_in(&self, family: &Text) -> bool {
        self.stays > 0 && self.member.belongs[self.stays - 1].1.as_ref() == Some(family)
    }

    fn says(&self, place: usize) -> Option<&'m Value> {
        let newest = self.said[place].checked_sub(1)?;
        Some(&self.member.said[place][newest].1)
    }
}

/// Notes that the families someone is in from an instant on may answer otherwise.
fn stir(stirred: &mut BTreeMap<Text, Time>, belongs: &Belonging, from: Time) {
    let ends = belongs.iter().skip(1).map(|(at, _)| *at).chain([Time::MAX]);
    for ((start, family), end) in belongs.iter().zip(ends) {
        if let Some(family) = family.as_ref().filter(|_| end > from) {
            soonest(stirred, family, (*start).max(from));
        }
    }
}

fn soonest(of: &mut BTreeMap<Text, Time>, key: &Text, at: Time) {
    let known = of.entry(key.clone()).or_insert(at);
    *known = at.min(*known);
}

/// Replaces what is said from an instant on; from when on it is something else, if it is.
fn replace(old: &mut Vec<Since>, from: Time, new: Vec<Since>) -> Option<Time> {
    let kept = old.partition_point(|(at, _)| *at < from);
    let at = first_difference(&old[kept..], &new)?;
    let same = old[kept..].iter().zip(&new).take_while(|(a, b)| a == b).count();
    old.truncate(kept + same);
    old.extend(new.into_iter().skip(same));
    Some(at)
}

fn first_difference<T: PartialEq>(old: &[(Time, T)], new: &[(Time, T)]) -> Option<Time> {
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    [old.get(same), new.get(same)].into_iter().flatten().map(|(at, _)| *at).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::ast::Quantifier;

    const SLOT: u32 = 7;

    fn families(over: Quantifier) -> Families {
        Families {
            asked: vec![Family { slot: SLOT, node: 0, over }],
            accounts: FxHashMap::default(),
            together: FxHashMap::default(),
            stirred: BTreeMap::new(),
            moved: BTreeMap::new(),
        }
    }

    fn at(time: i64, value: Value) -> (Time, u32, Value) {
        (Time(time), SLOT, value)
    }

    fn joins(time: i64) -> Belonging {
        vec![(Time(time), Some("globex".into()))]
    }

    #[test]
    fn who_is_told_otherwise_is_told_from_when_on() {
        let mut families = families(Quantifier::Sum);
        families.hear(&"a".into(), Some(joins(1)), Time::MIN, &[at(1, Value::count(2))]);
        families.hear(&"b".into(), Some(joins(5)), Time::MIN, &[at(5, Value::count(3))]);
        assert_eq!(families.news(), [("a".into(), Time(1)), ("b".into(), Time(5))].into());
        let told = [at(1, Value::count(2)), at(5, Value::count(5))];
        assert_eq!(families.told("a", Time::MIN), told);
        assert_eq!(families.told("a", Time(1)), told[1..]);

        families.hear(&"a".into(), None, Time(3), &[at(3, Value::count(2))]);
        assert_eq!(families.news(), News::new(), "that is the same");
        families.hear(&"a".into(), None, Time(3), &[at(3, Value::count(4))]);
        assert_eq!(families.news(), [("a".into(), Time(3)), ("b".into(), Time(5))].into());
        families.hear(&"b".into(), Some(Vec::new()), Time::MIN, &[]);
        assert_eq!(families.news(), [("a".into(), Time(5)), ("b".into(), Time(5))].into());
        assert_eq!(families.told("b", Time::MIN), []);
        assert_eq!(families.told("a", Time(3)), []);
    }

    /// P8: beyond the limit it is not known what the others would say; one is enough for `any`.
    #[test]
    fn more_siblings_than_are_asked_leave_it_unknown() {
        for (over, says, answer) in [
            (Quantifier::Sum, Value::count(1), Value::Unknown),
            (Quantifier::Any, Value::Bool(true), Value::Bool(true)),
            (Quantifier::Any, Value::Bool(false), Value::Unknown),
        ] {
            let mut families = families(over);
            for number in 0..=FAMILY_MEMBERS_MAX {
                let account = format!("a{number:05}").into();
                families.hear(&account, Some(joins(1)), Time::MIN, &[at(1, says.clone())]);
            }
            families.news();
            let told = families.told("a00000", Time(0));
            let told: Vec<Value> = told.into_iter().map(|(.., value)| value).collect();
            assert!(told == [answer.clone()] || told.is_empty() && answer.is_unknown(), "{told:?}");
        }
    }

    type News = BTreeMap<Text, Time>;
}
