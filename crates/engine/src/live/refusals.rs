//! Ids that were not taken at their word, counted since the start.

use std::collections::BTreeMap;

use firsthand_model::{Fact, Text};
use firsthand_rules::resolve::{Refused, Resolver};

/// Most ids that name nobody which are told apart.
const JUNK_IDS_MAX: usize = 100;
/// The longest that is kept, in bytes: those of the lists are short.
const JUNK_ID_BYTES_MAX: usize = 64;

/// How often facts carried ids that were not taken at their word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// Facts with an id that names nobody.
    pub junk: u64,
    /// The ids, in lower case, and how often each was met; the first hundred that were.
    pub junk_ids: BTreeMap<Text, u64>,
    /// Links beyond the limit of ids a person.
    pub links: u64,
}

impl Refusals {
    /// Takes a fact in, with what the resolver made of it.
    pub(super) fn count(&mut self, resolver: &Resolver, fact: &Fact, refused: Option<&Refused>) {
        self.links += u64::from(matches!(refused, Some(Refused::TooManyIds { .. })));
        let Some(id) = resolver.junk_of(fact) else { return };
        self.junk += 1;
        let id: Text = id.trim().to_lowercase().into();
        if id.len() <= JUNK_ID_BYTES_MAX
            && (self.junk_ids.len() < JUNK_IDS_MAX || self.junk_ids.contains_key(&id))
        {
            *self.junk_ids.entry(id).or_default() += 1;
        }
    }
}
