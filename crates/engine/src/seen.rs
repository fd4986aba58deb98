//! Which facts have been taken in: the same id from the same source counts once.

use std::collections::VecDeque;

use firsthand_model::{Span, Time};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

/// How long a repeated fact is recognised by its id alone. An older one is recognised where its
/// account is judged anew, which takes each fact once.
pub const REMEMBERED: Span = Span::HOUR.times(48);
/// Most ids remembered, at 16 bytes and some; the oldest go first.
pub const IDS_MAX: usize = 20_000_000;
/// How much time one part covers.
const PART: Span = Span::HOUR.times(6);

/// Names a fact: a digest of source and id.
pub type Key = u128;

/// The digest of a fact's source and id. Clients choose ids, so it is one that nobody can make
/// collide.
pub fn key(source: &str, id: &str) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(source.len() as u64).to_le_bytes());
    hasher.update(source.as_bytes());
    hasher.update(id.as_bytes());
    let digest = hasher.finalize();
    Key::from_le_bytes(digest.as_bytes()[..16].try_into().expect("a digest has 32 bytes"))
}

/// The facts taken in lately.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    /// By when they became known, the oldest first.
    parts: VecDeque<(Time, FxHashSet<Key>)>,
    count: usize,
}

impl Seen {
    /// Remembers a fact that became known at an instant; false if it is remembered already.
    pub fn insert(&mut self, key: Key, known_at: Time) -> bool {
        if self.parts.iter().any(|(_, keys)| keys.contains(&key)) {
            return false;
        }
        if self.parts.back().is_none_or(|(from, _)| known_at >= *from + PART) {
            self.parts.push_back((known_at, FxHashSet::default()));
        }
        let (_, newest) = self.parts.back_mut().expect("a part was just made sure of");
        newest.insert(key);
        self.count += 1;
        self.forget(known_at);
        true
    }

    fn forget(&mut self, now: Time) {
        while self.parts.len() > 1 {
            let ends = self.parts[0].0 + PART;
            if ends + REMEMBERED >= now && self.count <= IDS_MAX {
                return;
            }
            let gone = self.parts.pop_front().map_or(0, |(_, keys)| keys.len());
            self.count -= gone;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_counts_once_within_two_days() {
        let mut seen = Seen::default();
        let start = Time(0);
        assert!(seen.insert(1, start));
        assert!(!seen.insert(1, start + Span::HOUR.times(47)));
        assert!(seen.insert(2, start + Span::HOUR.times(48)));
        assert!(seen.insert(3, start + Span::HOUR.times(60)));
        assert!(seen.insert(1, start + Span::HOUR.times(61)), "the first part is gone");
        assert_eq!(seen.count, 3);
    }
}
