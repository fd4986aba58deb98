//! Judging accounts one by one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};
use firsthand_rules::arrivals::{Context, MEMORY};
use firsthand_rules::judge::Judge;
use firsthand_rules::ledger::Entry;
use firsthand_rules::timeline::Subject;
use firsthand_rules::world::Imports;

use super::quiet::Touched;
use super::{CUSTOMER, Known, Live, Success, count, lane, tell};
use crate::customer::{Customer, Judging};
use crate::stir::Stirs;

/// A customer, and where its facts lie.
pub(super) struct Account {
    pub(super) customer: Customer,
    /// The offsets of its facts that are not in the history yet.
    pub(super) recent: BTreeSet<u64>,
    /// Accounts under which facts of this one may lie: what is known of them came later than what
    /// the history knows. Itself, where facts lie under it that stand elsewhere or are somebody
    /// else's now.
    pub(super) lies_under: BTreeMap<Text, Elsewhere>,
    /// Rows that came late, and wait to be judged.
    pub(super) late: Vec<Row>,
    /// How many of these, the first, only being judged anew will do for; what its family asks the
    /// account answers with them.
    pub(super) answered: usize,
    /// When it is to be woken.
    pub(super) due: Time,
    /// When something last came to it.
    pub(super) touched: Touched,
}

/// Facts that lie elsewhere.
pub(super) struct Elsewhere {
    /// Behind which offset of the log lies what has moved them last.
    pub(super) moved_at: u64,
    /// Whether some are in the history; else they may yet come into it so.
    pub(super) sealed: bool,
}

impl Live {
    pub(super) fn account(&mut self, id: &Text) -> &mut Account {
        let rules = &self.rules;
        let judge = || Judge::new(&rules.program, rules.history_from);
        let new = || Box::new(Account::new(Customer::new(id.clone(), &judge())));
        self.customers.entry(id.clone()).or_insert_with(new)
    }

    /// Has an account judged by what others tell it, and from when on that is something else;
    /// and sets its timer.
    pub(super) fn have_judged<T>(
        &mut self,
        id: &Text,
        told: &(Imports, Option<Time>),
        stirs: &mut Stirs,
        known: &mut Vec<Known>,
        judge_it: impl FnOnce(&mut Customer, &mut Judging<'_, '_>) -> T,
    ) -> T {
        self.account(id);
        let program = Arc::clone(&self.rules.program);
        let names = std::mem::take(&mut self.names[0]);
        let mut judge = Judge::new(&program, self.rules.history_from).with_names(names);
        let context = context(told, &self.watched);
        let account = self.customers.get_mut(id).expect("it was just made sure of");
        let (judged, came) = account.judge(&mut judge, context, self.known_at - MEMORY, judge_it);
        self.names[0] = judge.into_names();
        self.note(id, came, stirs, known);
        judged
    }

    /// Takes up what came of judging an account.
    pub(super) fn note(
        &mut self,
        id: &Text,
        came: Came,
        stirs: &mut Stirs,
        known: &mut Vec<Known>,
    ) {
        let names = &self.rules.program.account.outcomes;
        self.successes.extend(came.outcomes.into_iter().map(|(outcome, at)| Success {
            account: id.clone(),
            outcome: names[outcome].0.clone(),
            stage: CUSTOMER,
            at,
        }));
        tell(Kind::Account, id, came.entries, known);
        stirs.append(came.stirs);
        count(&mut self.judged, Kind::Account, id);
        self.set_account_timer(id);
    }

    pub(super) fn set_account_timer(&mut self, id: &Text) {
        let Some(account) = self.customers.get_mut(id) else { return };
        if !account.customer.stream().is_packed() {
            self.open.note(&mut account.touched, self.known_at, || lane::account(id));
        }
        let due = account.customer.next();
        if due != account.due {
            account.due = due;
            if due < Time::MAX {
                self.timers.push(Reverse((due, Subject { kind: Kind::Account, id: id.clone() })));
            }
        }
    }
}

/// What came of judging an account.
#[derive(Default)]
pub(super) struct Came {
    entries: Vec<Entry>,
    stirs: Stirs,
    /// The outcomes that it has come to: which, and when.
    outcomes: Vec<(usize, Time)>,
}

impl Account {
    pub(super) fn new(customer: Customer) -> Self {
        Self {
            customer,
            recent: BTreeSet::new(),
            lies_under: BTreeMap::new(),
            late: Vec::new(),
            answered: 0,
            due: Time::MAX,
            touched: Touched::default(),
        }
    }

    /// Rows that came late and have not arrived in any way.
    pub(super) fn unanswered(&self) -> &[Row] {
        &self.late[self.answered..]
    }

    /// Whether what the history has under this account is not what stands there now.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.lies_under.values().any(|it| it.sealed)
    }

    /// Whether all its facts are in the history, where they belong, and judged.
    pub(super) fn is_at_rest(&self) -> bool {
        self.recent.is_empty() && self.lies_under.is_empty() && self.late.is_empty()
    }

    /// Judges it, and forgets what lies before `memory`.
    pub(super) fn judge<T>(
        &mut self,
        judge: &mut Judge<'_>,
        context: Context<'_>,
        memory: Time,
        judge_it: impl FnOnce(&mut Customer, &mut Judging<'_, '_>) -> T,
    ) -> (T, Came) {
        let mut came = Came::default();
        let stirs = &mut came.stirs;
        let mut judging = Judging { judge, context, entries: Vec::new(), stirs };
        let outcomes = |it: &Customer| {
            it.stream().record().outcomes.iter().map(Vec::len).collect::<Vec<usize>>()
        };
        let before = outcomes(&self.customer);
        let judged = judge_it(&mut self.customer, &mut judging);
        came.entries = judging.entries;
        let found = self.customer.stream().record().outcomes.iter().zip(&before);
        for (outcome, (found, before)) in found.enumerate() {
            // Where a late fact comes in between, the last ones stand for it.
            let new = found.get(*before..).unwrap_or_default();
            came.outcomes.extend(new.iter().map(|it| (outcome, it.time)));
        }
        self.customer.forget_before(memory);
        (judged, came)
    }
}

/// What an account is judged among: what others tell it, and from when on that is something
/// else.
pub(super) fn context<'a>(
    (imports, changed): &'a (Imports, Option<Time>),
    watched: &'a [(u32, u32)],
) -> Context<'a> {
    let certain = imports.last().map(|(at, ..)| *at);
    Context { imports, changed: *changed, certain, watched }
}
