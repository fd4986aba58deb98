//! Facts that are in the log and not yet in the history.

use std::collections::BTreeMap;
use std::sync::Arc;

use firsthand_model::{Fact, Time};

/// The newest facts, by their offset in the log.
#[derive(Debug, Default)]
pub struct Tail {
    facts: BTreeMap<u64, Arc<Fact>>,
}

impl Tail {
    /// Adds a fact.
    pub fn push(&mut self, offset: u64, fact: Fact) {
        self.facts.insert(offset, Arc::new(fact));
    }

    /// The fact at an offset.
    pub fn get(&self, offset: u64) -> Option<&Arc<Fact>> {
        self.facts.get(&offset)
    }

    /// How many facts there are.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// All facts, in the order of the log.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.values().map(|it| &**it)
    }

    /// When the oldest fact became known.
    pub fn oldest(&self) -> Option<Time> {
        self.facts.values().next().and_then(|it| it.known_at)
    }

    /// Forgets all facts: they are in the history.
    pub fn clear(&mut self) {
        self.facts.clear();
    }
}
