//! Who has which e-mail address.
//!
//! An address unites nobody: two people may share one, and whoever has it may change. It only tells
//! whom somebody else means who knows people by their addresses, such as a CRM.

use std::collections::BTreeMap;

use firsthand_model::{Text, Time};
use serde::{Deserialize, Serialize};

use super::domains::{Class, domain_of};
use super::names::Name;
use super::person::Person;
use super::{Id, Resolver};

/// What stands before the `@` of addresses behind which nobody is.
const NOBODY: [&str; 8] = [
    "bounce",
    "bounces",
    "do-not-reply",
    "donotreply",
    "mailer-daemon",
    "no-reply",
    "noreply",
    "postmaster",
];

/// The users of each address that was ever told, by a digest of it (the addresses themselves are
/// with the facts) and the place of the user's name, with when that was first known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Addresses(BTreeMap<(u64, u32), Time>);

impl Addresses {
    /// Notes that a user has an address.
    pub fn learn(&mut self, address: &str, user: Name, known_at: Option<Time>) {
        self.note(digest(&plain(address)), user, known_at.unwrap_or(Time::MIN));
    }

    /// Takes in what another was taught; `ours` are its names.
    pub fn merge(&mut self, other: &Self, ours: impl Fn(usize) -> Name) {
        for ((digest, user), since) in &other.0 {
            self.note(*digest, ours(*user as usize), *since);
        }
    }

    fn note(&mut self, digest: u64, user: Name, since: Time) {
        let user = u32::try_from(user.index()).expect("fewer than four billion ids");
        let known = self.0.entry((digest, user)).or_insert(since);
        *known = since.min(*known);
    }

    /// The places of the names of who has an address, and since when that is known.
    fn of(&self, address: &str) -> impl Iterator<Item = (usize, Time)> {
        let digest = digest(address);
        let found = self.0.range((digest, 0)..=(digest, u32::MAX));
        found.map(|((_, user), since)| (*user as usize, *since))
    }
}

/// Whom an address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// A person.
    Person {
        /// Their canonical id.
        id: Text,
        /// The other person whose user id is the address, if there is one.
        namesake: Option<Text>,
        /// Since when it is known that they have the address; [`Time::MIN`] where nobody says.
        since: Time,
    },
    /// One of several: nobody can say which.
    Several,
    /// Somebody of whom nothing is known yet.
    Stranger,
    /// Nobody who could become a customer: no address, a machine's, or one of our own.
    Nobody,
}

impl Resolver {
    /// The person who has a user id, where anything was learnt of them by it.
    pub fn user(&self, id: &str) -> Option<Text> {
        let user = self.names.find(id)?;
        let person = Person::User(self.aliases.canonical(user).name);
        let known = self.sources(person).any(|it| self.is_teacher(it) || it != Id::User(user));
        known.then(|| self.person_text(person))
    }

    /// Whom an address means. Whoever has the address as user id stands back where another user
    /// has it.
    pub fn addressee(&self, address: &str) -> Addressee {
        let address = plain(address);
        let Some(domain) = domain_of(&address) else { return Addressee::Nobody };
        let is_real = address.rsplit_once('@').is_some_and(|(name, _)| !NOBODY.contains(&name));
        if !is_real || self.rules.domains.class(&domain) == Class::Own {
            return Addressee::Nobody;
        }
        let person = |user: Name| self.aliases.canonical(user).name;
        let known = self.names.find(&address).filter(|it| self.is_teacher(Id::User(*it)));
        let namesake = known.map(person);
        let mut others: Vec<(Name, Time)> = Vec::new();
        for (user, since) in self.addresses.of(&address) {
            let user = person(self.names.at(user));
            match others.iter_mut().find(|it| it.0 == user) {
                Some((_, known)) => *known = since.min(*known),
                None => others.push((user, since)),
            }
        }
        let itself = others.iter().position(|it| Some(it.0) == namesake);
        let itself = itself.map(|at| others.swap_remove(at));
        let text = |name: Name| self.names.text(name).clone();
        match (others.as_slice(), namesake) {
            ([(one, since)], _) => {
                Addressee::Person { id: text(*one), namesake: namesake.map(text), since: *since }
            }
            ([], Some(one)) => {
                let since = itself.map_or(Time::MIN, |it| it.1);
                Addressee::Person { id: text(one), namesake: None, since }
            }
            ([], None) => Addressee::Stranger,
            _ => Addressee::Several,
        }
    }
}

/// An address as it is compared.
fn plain(address: &str) -> String {
    address.trim().to_lowercase()
}

/// The same on every machine and in every version: it is kept with the history.
fn digest(address: &str) -> u64 {
    let digest = blake3::hash(address.as_bytes());
    u64::from_le_bytes(digest.as_bytes()[..8].try_into().expect("a digest has 32 bytes"))
}
