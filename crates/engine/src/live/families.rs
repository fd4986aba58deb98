//! What siblings are asked: the first of the two passes of a replay (`rules::society`), as facts
//! arrive.
//!
//! An account answers by itself, in a state of its own that decides nothing. [`Families`] makes of
//! the answers what each account is told, and tells who is told otherwise by a change; these are
//! judged with it, at the instants at which it is so. Nobody is judged before all have answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};
use firsthand_rules::arrivals::{Arrivals, Context, MEMORY};
use firsthand_rules::compile::program::Program;
use firsthand_rules::judge::Judge;
use firsthand_rules::society::asked::Asked;
use firsthand_rules::society::families::{Belonging, Families, belonging};
use firsthand_rules::world::Imports;

use super::standings::Stood;
use super::together::Arrival;
use super::{Known, Live, NOWHERE, settled};
use crate::customer::{self, Customer, first_difference, is_account_trait};
use crate::error::Result;
use crate::stir::Stirs;

/// All families, and what they are asked.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) asked: Arc<Asked>,
    pub(crate) families: Families,
    pub(crate) stood: Stood,
}

/// The accounts that are told something else than before, and from when on.
pub(super) type News = BTreeMap<Text, Time>;

impl Asking {
    /// What a program asks of siblings; `None` if it does not.
    pub(super) fn of(program: &Program) -> Option<Self> {
        let asked = Arc::new(Asked::of(program)?);
        Some(Self { families: Families::new(program), stood: Stood::of(program), asked })
    }

    /// What an account is told after an instant, by its family and by where it stood; the latter
    /// follows from what it said itself.
    pub(crate) fn tells(&self, account: &str, said: Option<&Imports>, after: Time) -> Imports {
        let mut told = self.families.told(account, after);
        if let Some(said) = said.filter(|_| self.stood.asks(Kind::Account)) {
            told.extend(self.stood.told(Kind::Account, account, said, after));
            told.sort_by_key(|(at, slot, _)| (*at, *slot));
        }
        told
    }

    /// Up to when accounts that are or were in a family with others have to answer, so that all
    /// answer for the same instant: the accounts are given with when they last did.
    pub(crate) fn reached<'a>(
        &self,
        accounts: impl Iterator<Item = (&'a Text, Time)>,
    ) -> BTreeMap<Text, Time> {
        let mut families: BTreeMap<&Text, Time> = BTreeMap::new();
        for (account, at) in accounts {
            if let Some(family) = self.families.family(account, at) {
                latest(&mut families, family, at);
            }
        }
        let mut reached = BTreeMap::new();
        for (family, at) in families {
            self.families.members(family).for_each(|it| latest(&mut reached, it.clone(), at));
        }
        reached
    }
}

fn latest<K: Ord>(of: &mut BTreeMap<K, Time>, key: K, at: Time) {
    let known = of.entry(key).or_insert(at);
    *known = at.max(*known);
}

/// Notes the sooner of two instants.
pub(super) fn soonest(of: &mut News, key: &Text, at: Time) {
    let known = of.entry(key.clone()).or_insert(at);
    *known = at.min(*known);
}

impl Live {
    /// Judges accounts: some anew from all their rows, others by rows that became known together,
    /// and whoever is told something else by what these answer.
    pub(super) fn judge_accounts(
        &mut self,
        anew: &BTreeSet<Text>,
        arrivals: BTreeMap<Text, Vec<Row>>,
        stirs: &mut Stirs,
        known: &mut Vec<Known>,
    ) -> Result<()> {
        let mut news = self.ask(anew, &arrivals)?;
        for account in anew {
            news.remove(account);
            self.anew(account, stirs, known)?;
        }
        let mut arrivals: Vec<Arrival> = arrivals
            .into_iter()
            .map(|(account, rows)| {
                let changed = news.remove(&account);
                (account, rows, changed)
            })
            .collect();
        arrivals.extend(news.into_iter().map(|(it, changed)| (it, Vec::new(), Some(changed))));
        self.arrive(arrivals.into_iter(), stirs, known);
        Ok(())
    }

    /// Has accounts answer for what they are judged by next, and their siblings for the same
    /// instant.
    pub(super) fn ask(
        &mut self,
        anew: &BTreeSet<Text>,
        arrivals: &BTreeMap<Text, Vec<Row>>,
    ) -> Result<News> {
        if self.asking.is_none() {
            return Ok(News::new());
        }
        for account in anew.iter().filter(|it| **it != NOWHERE) {
            self.leave_lane(account);
            self.answer_anew(account)?;
        }
        for (account, rows) in arrivals.iter().filter(|(_, rows)| !rows.is_empty()) {
            self.answer(account, rows.clone())?;
        }
        let asked = anew.iter().chain(arrivals.keys());
        let asked = asked.filter_map(|it| Some((it, self.customers.get(it)?.customer.answered()?)));
        let asking = self.asking.as_ref();
        for (sibling, at) in asking.map(|it| it.reached(asked)).unwrap_or_default() {
            self.answer_until(&sibling, at);
        }
        Ok(self.news())
    }

    /// Has accounts answer for what time alone has done.
    pub(super) fn ask_until<'a>(
        &mut self,
        due: impl Iterator<Item = &'a Text>,
        until: Time,
    ) -> News {
        if self.asking.is_none() {
            return News::new();
        }
        due.for_each(|it| self.answer_until(it, until));
        self.news()
    }

    /// Judges an account that is told something else by what time alone has done, where that is
    /// so before the state that it has come to; whether it is.
    pub(super) fn judge_behind(
        &mut self,
        account: &Text,
        changed: Option<Time>,
        stirs: &mut Stirs,
        known: &mut Vec<Known>,
    ) -> bool {
        let passed = |it: &Customer| it.stream().now();
        let now = self.customers.get(account).map_or(Time::MAX, |it| passed(&it.customer));
        let Some(changed) = changed.filter(|it| *it <= now) else { return false };
        self.arrive([(account.clone(), Vec::new(), Some(changed))].into_iter(), stirs, known);
        true
    }

    /// What others tell an account after an instant.
    pub(super) fn others_tell(&self, account: &str, after: Time) -> Imports {
        let answers = self.customers.get(account).and_then(|it| it.customer.answers.as_ref());
        let said = answers.map(|it| &it.record().changes);
        self.asking.as_ref().map_or_else(Imports::new, |it| it.tells(account, said, after))
    }

    fn news(&mut self) -> News {
        let Some(asking) = &mut self.asking else { return News::new() };
        let mut news = asking.families.news();
        for (account, at) in asking.stood.take_restood() {
            soonest(&mut news, &account, at);
        }
        news
    }

    fn answer(&mut self, account: &Text, mut rows: Vec<Row>) -> Result<()> {
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
        let known_at = self.known_at;
        let is_new = self.account(account).customer.last().is_none();
        let belongs = (is_new || rows.iter().any(is_account_trait)).then(|| {
            let it = self.account(account);
            // What waits to be judged anew it has answered for already.
            let heard = rows.iter().chain(&it.late[..it.answered]);
            let new = heard.clone().filter(|it| is_account_trait(it));
            let mut traits: Vec<Row> = it.customer.traits().iter().chain(new).cloned().collect();
            traits.sort_by(|a, b| a.order().cmp(&b.order()));
            let first = heard.map(|it| it.time).min().map(|at| at.min(it.customer.first()));
            self.belonging(account, first, &traits)
        });
        let from = self.have_answer(account, |customer, judge, context| {
            customer.answer(judge, context, &rows, known_at).ok()
        });
        match from {
            Some(from) => {
                self.hear(account, belongs, from);
                Ok(())
            }
            None => self.answer_anew(account),
        }
    }

    fn answer_anew(&mut self, account: &Text) -> Result<()> {
        let mut rows = self.rows_of(account)?;
        // What waits in the late lane has yet to arrive.
        let late = self.account(account).unanswered();
        rows.retain(|row| late.iter().all(|it| it.order() != row.order()));
        let belongs = self.belonging(account, rows.first().map(|it| it.time), &rows);
        let settled = settled(self.known_at);
        let from = self.have_answer(account, |customer, judge, context| {
            let anew = customer::answers(judge, context, account, &rows, settled);
            let old = customer.answers.replace(anew);
            let said = |it: Option<&Arrivals<Row>>| it.map(|it| it.record().changes.clone());
            let old = said(old.as_ref()).unwrap_or_default();
            first_difference(&old, &said(customer.answers.as_ref()).unwrap_or_default())
        });
        self.hear(account, Some(belongs), from);
        Ok(())
    }

    fn answer_until(&mut self, account: &Text, until: Time) {
        let is_due = |it: &Customer| it.answers.as_ref().is_some_and(|it| it.next() <= until);
        if !self.customers.get(account).is_some_and(|it| is_due(&it.customer)) {
            return;
        }
        let from = self.have_answer(account, |customer, judge, context| {
            customer.answer_until(judge, context, until)
        });
        self.hear(account, None, from);
    }

    fn belonging(&self, account: &str, first: Option<Time>, rows: &[Row]) -> Belonging {
        let parent_trait = &self.rules.project.identity.parent_trait;
        belonging(account, first, rows.iter(), parent_trait)
    }

    /// Has the others hear what an account says from an instant on, if it says something else.
    fn hear(&mut self, account: &Text, belongs: Option<Belonging>, from: Option<Time>) {
        let from = from.unwrap_or(Time::MAX);
        let answers = self.customers.get(account).and_then(|it| it.customer.answers.as_ref());
        let (Some(answers), Some(asking)) = (answers, &mut self.asking) else { return };
        let said = &answers.record().changes;
        let new = &said[said.partition_point(|(at, ..)| *at < from)..];
        asking.families.hear(account, belongs, from, new);
        asking.stood.heard(account, from);
    }

    /// Has an account answer, and sets its timer.
    fn have_answer<T: Default>(
        &mut self,
        id: &Text,
        answer: impl FnOnce(&mut Customer, &mut Judge<'_>, Context<'_>) -> T,
    ) -> T {
        let Some(asked) = self.asking.as_ref().map(|it| Arc::clone(&it.asked)) else {
            return T::default();
        };
        let names = std::mem::take(&mut self.names[0]);
        let mut judge = Judge::new(&asked.program, self.rules.history_from).with_names(names);
        let context = Context { watched: &asked.of_accounts, ..Context::default() };
        let before = self.known_at - MEMORY;
        let customer = &mut self.account(id).customer;
        let answered = answer(customer, &mut judge, context);
        if let Some(answers) = &mut customer.answers {
            answers.forget_before(before);
        }
        self.names[0] = judge.into_names();
        self.set_account_timer(id);
        answered
    }
}
