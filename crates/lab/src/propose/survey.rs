//! What one pass over the accounts has shown: figures for the proposal, and nothing of anybody.
//!
//! A survey is merged from parts, so any number of threads can go over accounts side by side. What
//! it holds is bounded by the names in the data and by the limits here, never by how many accounts
//! or facts there are (P8).

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault};

use firsthand_model::fact::Row;
use firsthand_model::{Span, Text};
use rustc_hash::FxHasher;

use super::account;
use super::candidates::{Look, PlanKind};
use super::plateau::Amounts;

/// Most e-mail domains that are counted; those met later are not.
pub const DOMAINS_MAX: usize = 20_000;

/// Most people of one domain who are told apart.
const KNOWN_MAX: usize = 64;

/// Figures over all accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survey {
    /// Accounts that have done anything; visitors who never signed up are left out.
    pub accounts: u64,
    /// Of these, accounts of one person alone.
    pub own_accounts: u64,
    /// Accounts in which at least two people did something.
    pub teams: u64,
    /// People in these accounts; who is in two counts twice.
    pub people: u64,
    /// Visitors who never signed up.
    pub visitors: u64,
    /// Accounts that paid at some time: by an outcome, or by coming onto a paid plan.
    pub paid: u64,
    /// By event.
    pub events: BTreeMap<Text, EventFigures>,
    /// By plan, in lower case.
    pub plans: BTreeMap<Text, PlanFigures>,
    /// For each meter of the look.
    pub meters: Vec<MeterFigures>,
    /// By e-mail domain, where it is a company's.
    pub domains: BTreeMap<Text, DomainFigures>,
}

/// How one event comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFigures {
    /// How often.
    pub count: u64,
    /// Of these, as a record.
    pub records: u64,
    /// Of these, without anybody who did it.
    pub personless: u64,
    /// Of these, by somebody who had not signed in.
    pub anonymous: u64,
    /// By how many people, each account's on its own.
    pub people: u64,
    /// In how many accounts.
    pub accounts: u64,
    /// In how many of these on at least two days.
    pub again: u64,
    /// In how many it came exactly once.
    pub once: u64,
    /// In how many nothing was done in the product before.
    pub first: u64,
    /// In how many of those that paid, before they did.
    pub before_paying: u64,
    /// In how many of those that never paid.
    pub never_paid: u64,
}

/// How one plan is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanFigures {
    /// How it is spelt most often.
    pub spelt: BTreeMap<Text, u64>,
    /// Accounts that were ever on it.
    pub accounts: u64,
    /// Accounts whose first plan it was.
    pub first: u64,
    /// Accounts on it at the end.
    pub now: u64,
    /// Where accounts went from it.
    pub moves: BTreeMap<Text, u64>,
    /// For how many whole days accounts stayed that have left it, up to a year.
    pub stays: BTreeMap<i64, u64>,
}

/// How much of a meter is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeterFigures {
    /// How much each account used at most.
    pub all: Amounts,
    /// The same by plan, in lower case, while on that plan.
    pub by_plan: BTreeMap<Text, Amounts>,
}

/// Who writes from one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainFigures {
    /// How many people, each account's on its own.
    pub people: u64,
    /// In how many accounts.
    pub accounts: u64,
    /// Some of the people by a hash of their id, with in how many accounts each is.
    known: BTreeMap<u64, u64>,
}

impl DomainFigures {
    /// Adds the people of one account.
    pub(super) fn add<'p>(&mut self, people: impl Iterator<Item = &'p Text>) {
        self.accounts += 1;
        for person in people {
            self.people += 1;
            self.know(BuildHasherDefault::<FxHasher>::default().hash_one(person), 1);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.people += other.people;
        self.accounts += other.accounts;
        for (person, accounts) in &other.known {
            self.know(*person, *accounts);
        }
    }

    /// Keeps those of the least hashes, so that the same people are kept in any order.
    fn know(&mut self, person: u64, accounts: u64) {
        *self.known.entry(person).or_default() += accounts;
        if self.known.len() > KNOWN_MAX {
            self.known.pop_last();
        }
    }

    /// Of the people kept, how many are in several accounts; and how many there are.
    pub fn in_several(&self) -> (usize, usize) {
        (self.known.values().filter(|it| **it > 1).count(), self.known.len())
    }
}

impl Survey {
    /// Takes in one account. `rows` are its rows in order, with the properties [`Look::paths`]
    /// names; `is_work` tells whether an address is a company's. A visitor is only counted.
    pub fn take(
        &mut self,
        look: &Look,
        account: &str,
        visitor: bool,
        rows: &[Row],
        is_work: &dyn Fn(&str) -> bool,
    ) {
        self.meters.resize_with(look.meters.len(), MeterFigures::default);
        account::take(self, look, account, visitor, rows, is_work);
    }

    /// Adds what other accounts have shown.
    pub fn merge(&mut self, other: Self) {
        self.accounts += other.accounts;
        self.own_accounts += other.own_accounts;
        self.teams += other.teams;
        self.people += other.people;
        self.visitors += other.visitors;
        self.paid += other.paid;
        for (name, theirs) in other.events {
            self.events.entry(name).or_default().merge(&theirs);
        }
        for (name, theirs) in other.plans {
            self.plans.entry(name).or_default().merge(theirs);
        }
        self.meters.resize_with(self.meters.len().max(other.meters.len()), MeterFigures::default);
        for (ours, theirs) in self.meters.iter_mut().zip(&other.meters) {
            ours.all.merge(&theirs.all);
            for (plan, amounts) in &theirs.by_plan {
                ours.by_plan.entry(plan.clone()).or_default().merge(amounts);
            }
        }
        for (domain, theirs) in other.domains {
            if let Some(ours) = self.domain(&domain) {
                ours.merge(&theirs);
            }
        }
    }

    /// The figures of a domain; `None` if too many are known already.
    pub(super) fn domain(&mut self, domain: &str) -> Option<&mut DomainFigures> {
        if !self.domains.contains_key(domain) && self.domains.len() >= DOMAINS_MAX {
            return None;
        }
        Some(self.domains.entry(domain.into()).or_default())
    }

    /// Whether customers are single people rather than teams.
    pub const fn is_of_individuals(&self) -> bool {
        self.own_accounts * 10 >= self.accounts * 9
    }
}

impl EventFigures {
    fn merge(&mut self, other: &Self) {
        let Self {
            count,
            records,
            personless,
            anonymous,
            people,
            accounts,
            again,
            once,
            first,
            before_paying,
            never_paid,
        } = self;
        for (ours, theirs) in [
            (count, other.count),
            (records, other.records),
            (personless, other.personless),
            (anonymous, other.anonymous),
            (people, other.people),
            (accounts, other.accounts),
            (again, other.again),
            (once, other.once),
            (first, other.first),
            (before_paying, other.before_paying),
            (never_paid, other.never_paid),
        ] {
            *ours += theirs;
        }
    }
}

impl PlanFigures {
    fn merge(&mut self, other: Self) {
        self.accounts += other.accounts;
        self.first += other.first;
        self.now += other.now;
        for (name, count) in other.spelt {
            *self.spelt.entry(name).or_default() += count;
        }
        for (plan, count) in other.moves {
            *self.moves.entry(plan).or_default() += count;
        }
        for (days, count) in other.stays {
            *self.stays.entry(days).or_default() += count;
        }
    }

    /// How it is spelt.
    pub fn spelling(&self) -> Option<&Text> {
        self.spelt.iter().max_by_key(|it| it.1).map(|it| it.0)
    }

    /// Where accounts went most often, among some plans.
    pub fn next(&self, among: impl Fn(&str) -> bool) -> Option<(&Text, u64)> {
        let moves = self.moves.iter().filter(|(plan, _)| among(plan));
        moves.max_by_key(|it| it.1).map(|(plan, count)| (plan, *count))
    }

    /// The middle one of the stays, in days.
    pub fn usual_stay(&self) -> Option<i64> {
        let half = self.stays.values().sum::<u64>().div_ceil(2);
        let mut passed = 0;
        self.stays.iter().find_map(|(days, count)| {
            passed += count;
            (passed >= half).then_some(*days)
        })
    }

    /// Notes that an account has left after so long.
    pub(super) fn left(&mut self, to: &Text, after: Span) {
        const DAYS_MAX: i64 = 366;
        *self.moves.entry(to.clone()).or_default() += 1;
        // Rounded, so that fourteen days less an hour are fourteen.
        let days = (after.0 + Span::DAY.0 / 2) / Span::DAY.0;
        *self.stays.entry(days.clamp(0, DAYS_MAX)).or_default() += 1;
    }
}

impl Look {
    /// What a plan probably is; one that was not looked at is paid for.
    pub(super) fn plan(&self, lower: &str) -> PlanKind {
        self.plans.get(lower).copied().unwrap_or(PlanKind::Paid)
    }
}
