//! Which nodes of a graph something concerns, so that the others need not be looked at.
//!
//! Nodes are numbered by their places in the order in which they are stepped. Whoever reads a node
//! comes after it: what changes marks only what is still to come.

use std::collections::BTreeMap;

use firsthand_model::fact::{Kind, RowBody};
use rustc_hash::FxHashMap;

use super::graph::{Instant, Item};
use super::node::NodeKind;

/// Graphs of up to so many nodes are stepped without asking for memory.
const WORDS_AT_HAND: usize = 8;

/// A set of places, one bit each.
type Places = Box<[u64]>;

/// For everything that may concern a node, the nodes that it concerns.
#[derive(Clone, Debug)]
pub(super) struct Concerns {
    words: usize,
    /// Events, by pattern. All are gone through for each event.
    patterns: Box<[(u32, Places)]>,
    /// Traits of accounts, and of persons.
    traits: [Places; 2],
    /// Any fact at all.
    facts: Places,
    /// What other strata say, by slot.
    imports: FxHashMap<u32, Places>,
    /// Every instant.
    always: Places,
    /// A change of a node, by its number: who reads it.
    readers: Box<[Places]>,
    /// Places of nodes that read graphs further out.
    pub outward: Box<[usize]>,
}

/// What a graph tells of a node.
pub(super) struct Reader<'a> {
    pub kind: &'a NodeKind,
    pub patterns: &'a [u32],
    /// The nodes of its own graph that it reads, by number.
    pub reads: Vec<u32>,
    /// Whether it reads graphs further out as well.
    pub reads_outward: bool,
}

impl Concerns {
    /// Of nodes in the order in which they are stepped, among so many.
    pub fn of<'a>(stepped: impl ExactSizeIterator<Item = Reader<'a>>, nodes: usize) -> Self {
        let words = stepped.len().div_ceil(64);
        let none = || -> Places { vec![0; words].into() };
        let mut concerns = Self {
            words,
            patterns: Box::default(),
            traits: [none(), none()],
            facts: none(),
            imports: FxHashMap::default(),
            always: none(),
            readers: (0..nodes).map(|_| none()).collect(),
            outward: Box::default(),
        };
        let mut patterns = BTreeMap::new();
        let mut outward = Vec::new();
        for (place, it) in stepped.enumerate() {
            let mark = |places: &mut Places| places[place / 64] |= 1 << (place % 64);
            match it.kind {
                NodeKind::Imported(slot) => {
                    mark(concerns.imports.entry(*slot).or_insert_with(none));
                }
                NodeKind::Trait(kind, _) => mark(&mut concerns.traits[*kind as usize]),
                NodeKind::Members
                | NodeKind::Each(_)
                | NodeKind::Ranks(_)
                | NodeKind::EachPeriod(_) => mark(&mut concerns.facts),
                _ => {
                    for pattern in it.patterns {
                        mark(patterns.entry(*pattern).or_insert_with(none));
                    }
                }
            }
            if it.kind.fires() {
                mark(&mut concerns.always);
            }
            for read in it.reads {
                mark(&mut concerns.readers[read as usize]);
            }
            if it.reads_outward {
                outward.push(place);
            }
        }
        concerns.patterns = patterns.into_iter().collect();
        concerns.outward = outward.into();
        concerns
    }

    /// The nodes to be looked at, to begin with those that an instant concerns.
    pub fn at(&self, instant: &Instant<'_>) -> Due {
        let mut due = Due::none(self.words);
        due.add(&self.always);
        for (slot, _) in instant.imports {
            self.imports.get(slot).into_iter().for_each(|it| due.add(it));
        }
        if !instant.items.is_empty() {
            due.add(&self.facts);
        }
        for item in instant.items {
            match &item.row.body {
                RowBody::Event { .. } => self.add_event(item, &mut due),
                RowBody::Traits { of, .. } => due.add(&self.traits[*of as usize]),
                RowBody::Membership { .. } => due.add(&self.traits[Kind::Person as usize]),
            }
        }
        due
    }

    fn add_event(&self, item: &Item<'_>, due: &mut Due) {
        for (pattern, places) in &self.patterns {
            if item.matches(*pattern) {
                due.add(places);
            }
        }
    }

    /// A node has changed: whoever reads it is looked at.
    pub fn add_readers(&self, node: usize, due: &mut Due) {
        due.add(&self.readers[node]);
    }
}

/// The nodes that are still to be looked at.
pub(super) struct Due {
    at_hand: [u64; WORDS_AT_HAND],
    more: Vec<u64>,
    words: usize,
    /// The word in which the next one is.
    word: usize,
}

impl Due {
    fn none(words: usize) -> Self {
        let more = if words > WORDS_AT_HAND { vec![0; words] } else { Vec::new() };
        Self { at_hand: [0; WORDS_AT_HAND], more, words, word: 0 }
    }

    fn bits(&mut self) -> &mut [u64] {
        if self.more.is_empty() { &mut self.at_hand[..self.words] } else { &mut self.more }
    }

    fn add(&mut self, places: &[u64]) {
        for (bits, more) in self.bits().iter_mut().zip(places) {
            *bits |= more;
        }
    }

    /// Adds the node at a place.
    pub fn insert(&mut self, place: usize) {
        self.bits()[place / 64] |= 1 << (place % 64);
    }

    /// The next in order; only later ones are added from then on.
    pub fn next(&mut self) -> Option<usize> {
        while self.word < self.words {
            let word = self.word;
            let bits = &mut self.bits()[word];
            if *bits != 0 {
                let bit = bits.trailing_zeros() as usize;
                *bits &= *bits - 1;
                return Some(word * 64 + bit);
            }
            self.word += 1;
        }
        None
    }
}
