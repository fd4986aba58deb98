//! Says to whom a fact belongs: to which person, and to which account's stream.
//!
//! A [`Resolver`] takes in what facts teach about identity ([`Resolver::learn`]) and answers from
//! all that it was taught ([`Resolver::attribute`], [`Resolver::rows`]). It keeps what was *said*
//! and works the rest out from that, so that no answer depends on the order of learning. Live and
//! replay ask the same code (P1).
//!
//! # The rules
//!
//! - **Person.** A user id beats an anonymous id. An anonymous id belongs at a time to the user
//!   of the latest link at or before it, else of the first link after; without any link it is a
//!   person of its own, `anon:<id>`. Only explicit aliases unite user ids; the person's id is the
//!   least of them. A later split undoes an alias.
//! - **Account.** The account that the fact names; else the membership in force; else the first
//!   account joined soon after; else, if switched on, the domain of the work e-mail,
//!   `domain:<domain>`; else the person's own, `own:<person>`.
//! - **Membership.** Told ones go before those that only events show. Of several told ones the
//!   latest joined counts, of several shown ones the first.
//! - **Known.** A fact is known to belong somewhere once it is known itself and everything that
//!   ties it there is known as well. This may be later than the first possible instant, never
//!   earlier (P3).
//! - **Limits.** A user has at most [`ids_per_person_max`] anonymous ids, and a person as many
//!   user ids: the earliest count, the others are refused.
//!
//! # Promises
//!
//! - P1: nothing here knows a clock, or differs between live and replay.
//! - P2: any order of learning, and any repetition, gives the same attribution of every fact.
//! - P3: no attribution is known before the facts that it rests on.
//!
//! Repeated facts are dropped by the history, not here. A company with a domain under another's
//! (`eu.acme.com` and `acme.com`) has two accounts: there is no list of public suffixes here.
//!
//! [`ids_per_person_max`]: firsthand_model::config::IdentityRules::ids_per_person_max

mod addresses;
mod aliases;
mod attribution;
mod domains;
mod junk;
mod learn;
mod links;
mod merge;
mod moves;
mod names;
mod person;
mod rows;
mod series;
mod stays;
mod survey;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use firsthand_model::config::IdentityRules;
use firsthand_model::{Span, Text, Time};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use addresses::Addresses;
use aliases::Aliases;
use junk::JunkIds;
use links::Links;
use names::{Name, Names};
use series::Series;
use stays::Stays;

pub use addresses::Addressee;
pub use attribution::{Attribution, Excluded, Home};
pub use domains::Domains;
pub use learn::{RawId, Refused};
pub use moves::{Move, MoveKind};
pub use survey::{Finding, Striking, Survey};

/// What facts have taught about identity, and the rules by which it is read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Resolver {
    rules: Rules,
    names: Names,
    links: Links,
    aliases: Aliases,
    stays: FxHashMap<Id, Vec<(Name, Stays)>>,
    /// The domains of e-mail addresses.
    domains: FxHashMap<Id, Series<Name>>,
    addresses: Addresses,
}

/// An id as facts carry it: the same text may be a user's and, apart from that, a device's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Id {
    User(Name),
    Anonymous(Name),
}

/// [`IdentityRules`], made ready for use.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rules {
    junk: JunkIds,
    domains: Domains,
    company_domains: bool,
    ids_per_person_max: usize,
    membership_reach: Span,
}

impl Resolver {
    /// Knows nothing yet.
    pub fn new(rules: &IdentityRules) -> Self {
        Self {
            rules: Rules {
                junk: JunkIds::new(&rules.junk_ids, &rules.real_ids),
                domains: Domains::new(rules),
                company_domains: rules.company_domains,
                ids_per_person_max: rules.ids_per_person_max,
                membership_reach: rules.membership_reach,
            },
            names: Names::default(),
            links: Links::default(),
            aliases: Aliases::default(),
            stays: FxHashMap::default(),
            domains: FxHashMap::default(),
            addresses: Addresses::default(),
        }
    }

    /// The canonical id of the person that an id belongs to in the end: a user id, or an anonymous
    /// one.
    pub fn person_of(&self, id: &str) -> Option<Text> {
        let device = self.names.find(id).map(|it| self.person_at(Id::Anonymous(it), Time::MAX).0);
        let linked = device.filter(|it| matches!(it, person::Person::User(_)));
        linked.or_else(|| self.find_person(id)).map(|it| self.person_text(it))
    }

    /// Every account that a person (by canonical id) is known to have been a member of, by id.
    pub fn accounts_of(&self, person: &str) -> Vec<Text> {
        let Some(person) = self.find_person(person) else {
            return Vec::new();
        };
        let stays = self.stays_of(person);
        let mut accounts: Vec<Text> = stays
            .iter()
            .filter(|(_, stays)| stays.ever().is_some())
            .map(|(account, _)| self.names.text(*account).clone())
            .collect();
        accounts.sort_unstable();
        accounts
    }

    /// The canonical ids of all persons that were members of more than one account, in order.
    pub fn persons_with_several_accounts(&self) -> Vec<Text> {
        let persons = self.stays.keys().flat_map(|&id| self.persons_of(id));
        let mut several: Vec<Text> = persons
            .map(|person| self.person_text(person))
            .collect::<rustc_hash::FxHashSet<_>>()
            .into_iter()
            .filter(|person| self.accounts_of(person).len() > 1)
            .collect();
        several.sort_unstable();
        several
    }

    /// Every id that ever belonged to a person (by canonical id), in order.
    pub fn ids_of(&self, person: &str) -> Vec<RawId> {
        let Some(person) = self.find_person(person) else {
            return Vec::new();
        };
        let mut ids: Vec<RawId> = self.sources(person).map(|it| self.raw_id(it)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn raw_id(&self, id: Id) -> RawId {
        match id {
            Id::User(name) => RawId::User(self.names.text(name).clone()),
            Id::Anonymous(name) => RawId::Anonymous(self.names.text(name).clone()),
        }
    }
}
