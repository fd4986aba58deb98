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

    /// The facts before an offset, in the order of the log.
    pub fn before(&self, offset: u64) -> Vec<Arc<Fact>> {
        self.facts.range(..offset).map(|(_, it)| Arc::clone(it)).collect()
    }

    /// When the oldest fact became known.
    pub fn oldest(&self) -> Option<Time> {
        self.facts.values().next().and_then(|it| it.known_at)
    }

    /// Takes out the facts before an offset.
    pub fn take_before(&mut self, offset: u64) -> Self {
        let after = self.facts.split_off(&offset);
        Self { facts: std::mem::replace(&mut self.facts, after) }
    }
}
