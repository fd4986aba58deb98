//! In which accounts the facts of an id stand.
//!
//! When something new is learnt about an id, its earlier facts may belong elsewhere. This tells
//! where they lie.

use std::collections::BTreeSet;

use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Fact, Text};
use firsthand_rules::resolve::RawId;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// For every id met, the accounts that hold facts naming it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Whereabouts {
    users: FxHashMap<Text, Accounts>,
    anonymous: FxHashMap<Text, Accounts>,
}

/// Mostly one account, seldom a few; and whether facts stand there that name no account, or are
/// copied to every account of a person.
type Accounts = Vec<(Text, bool)>;

impl Whereabouts {
    /// Notes that a fact naming these ids stands in an account; `loose` if who is where decides on
    /// that ([`is_loose`]).
    pub fn note(&mut self, who: &Who, account: &Text, loose: bool) {
        let ids = [(&mut self.users, &who.user), (&mut self.anonymous, &who.anonymous)];
        for (known, id) in ids {
            let Some(id) = id else { continue };
            let accounts = match known.get_mut(id) {
                Some(accounts) => accounts,
                None => known.entry(id.clone()).or_default(),
            };
            match accounts.iter_mut().find(|(it, _)| it == account) {
                Some((_, any)) => *any |= loose,
                None => accounts.push((account.clone(), loose)),
            }
        }
    }

    /// The accounts that may hold facts naming one of these ids.
    pub fn of<'a>(&self, ids: impl IntoIterator<Item = &'a RawId>) -> BTreeSet<Text> {
        self.found(ids).map(|(account, _)| account.clone()).collect()
    }

    /// The accounts that may hold loose facts naming one of these ids.
    pub fn loose_of<'a>(&self, ids: impl IntoIterator<Item = &'a RawId>) -> BTreeSet<Text> {
        self.found(ids).filter(|(_, loose)| *loose).map(|(account, _)| account.clone()).collect()
    }

    fn found<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a RawId>,
    ) -> impl Iterator<Item = &(Text, bool)> {
        let accounts = ids.into_iter().filter_map(|id| match id {
            RawId::User(id) => self.users.get(id),
            RawId::Anonymous(id) => self.anonymous.get(id),
        });
        accounts.flatten()
    }
}

/// Whether it hangs on where people are in which accounts a fact stands.
pub fn is_loose(fact: &Fact) -> bool {
    fact.who.account.is_none() || matches!(fact.body, Body::Traits { of: Kind::Person, .. })
}

/// Whether a fact tells no more than where a person is: who is who stays as it was.
pub fn tells_only_where(fact: &Fact) -> bool {
    let links = fact.who.user.is_some() && fact.who.anonymous.is_some();
    matches!(fact.body, Body::Event { .. } | Body::Membership { .. }) && !links
}

/// Whether a fact never stands anywhere.
pub fn stands_nowhere(fact: &Fact) -> bool {
    matches!(fact.body, Body::Link | Body::Alias { .. } | Body::Split { .. })
}
