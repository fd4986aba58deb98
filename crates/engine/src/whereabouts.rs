//! In which accounts the facts of an id stand.
//!
//! When something new is learnt about an id, its earlier facts may belong elsewhere. This tells
//! where they lie.

use std::collections::BTreeSet;

use firsthand_model::Text;
use firsthand_model::fact::Who;
use firsthand_rules::resolve::RawId;
use rustc_hash::FxHashMap;

/// For every id met, the accounts that hold facts naming it.
#[derive(Debug, Default)]
pub struct Whereabouts {
    users: FxHashMap<Text, Accounts>,
    anonymous: FxHashMap<Text, Accounts>,
}

/// Mostly one account, seldom a few.
type Accounts = Vec<Text>;

impl Whereabouts {
    /// Notes that a fact naming these ids stands in an account.
    pub fn note(&mut self, who: &Who, account: &Text) {
        let ids = [(&mut self.users, &who.user), (&mut self.anonymous, &who.anonymous)];
        for (known, id) in ids {
            let Some(id) = id else { continue };
            match known.get_mut(id) {
                None => _ = known.insert(id.clone(), vec![account.clone()]),
                Some(accounts) if accounts.contains(account) => {}
                Some(accounts) => accounts.push(account.clone()),
            }
        }
    }

    /// The accounts that may hold facts naming one of these ids.
    pub fn of<'a>(&self, ids: impl IntoIterator<Item = &'a RawId>) -> BTreeSet<Text> {
        let accounts = ids.into_iter().filter_map(|id| match id {
            RawId::User(id) => self.users.get(id),
            RawId::Anonymous(id) => self.anonymous.get(id),
        });
        accounts.flatten().cloned().collect()
    }
}
