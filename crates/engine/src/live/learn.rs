//! Learning who is who from facts.

use firsthand_model::Fact;
use firsthand_rules::resolve::RawId;
use rustc_hash::FxHashSet;

#[cfg(feature = "canary")]
use super::Canary;
use super::Live;
use crate::chunk::Chunk;
use crate::seen;
use crate::whereabouts::{is_loose, tells_only_where};

/// What was learnt from a chunk.
#[derive(Default)]
pub(super) struct Learnt {
    /// The offsets of the facts that are new.
    pub fresh: Vec<u64>,
    /// Ids whose other facts may belong to somebody else.
    pub touched: FxHashSet<RawId>,
    /// Ids whose other facts may belong elsewhere, as far as they do not say themselves where.
    pub whereabouts: FxHashSet<RawId>,
}

impl Learnt {
    /// Whether an earlier fact may belong to somebody else, or elsewhere.
    pub fn may_move(&self, fact: &Fact) -> bool {
        let user = fact.who.user.clone().map(RawId::User);
        let anonymous = fact.who.anonymous.clone().map(RawId::Anonymous);
        user.into_iter().chain(anonymous).any(|it| {
            self.touched.contains(&it) || is_loose(fact) && self.whereabouts.contains(&it)
        })
    }
}

impl Live {
    /// Learns who is who from the facts that are new.
    pub(super) fn learn(&mut self, chunk: &Chunk) -> Learnt {
        let mut learnt = Learnt::default();
        for (offset, fact) in (chunk.first..).zip(&chunk.facts) {
            let known = !self.seen.insert(seen::key(&fact.source, &fact.id), chunk.known_at);
            #[cfg(feature = "canary")]
            let known = known && self.canary != Some(Canary::Dedupe);
            if known {
                self.repeated += 1;
                *self.repeated_by.entry(fact.source.clone()).or_default() += 1;
                continue;
            }
            // What teaches nothing is still a fact.
            let learned = self.resolver.learn(fact);
            self.refusals.count(&self.resolver, fact, learned.as_ref().err());
            let touched = learned.unwrap_or_default();
            let only_where = tells_only_where(fact);
            let to = if only_where { &mut learnt.whereabouts } else { &mut learnt.touched };
            to.extend(touched);
            self.tail.push(offset, fact.clone());
            learnt.fresh.push(offset);
        }
        learnt
    }
}
