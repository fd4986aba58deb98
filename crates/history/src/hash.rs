//! The two hashes that a history stands on, both BLAKE3, so that any release finds the same.

use firsthand_model::Fact;

/// The bucket of an account, out of `buckets`.
pub(crate) fn bucket_of(account: &str, buckets: u32) -> u32 {
    let hash = blake3::hash(account.as_bytes());
    let head = u64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes"));
    u32::try_from(head % u64::from(buckets)).expect("a remainder of a u32")
}

/// What makes a fact the same fact: its source and id.
///
/// 128 bits: among a billion facts, two different ones share a key with a chance of 10^-21.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FactKey(pub u128);

impl FactKey {
    /// The key of a source and id.
    pub fn new(source: &str, id: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        // The length keeps `("a", "bc")` and `("ab", "c")` apart.
        hasher.update(&(source.len() as u64).to_le_bytes());
        hasher.update(source.as_bytes());
        hasher.update(id.as_bytes());
        let hash = hasher.finalize();
        Self(u128::from_le_bytes(hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes")))
    }

    /// The key of a fact.
    pub fn of(fact: &Fact) -> Self {
        Self::new(&fact.source, &fact.id)
    }

    /// Which of `parts` it belongs to.
    pub fn part(self, parts: usize) -> usize {
        usize::try_from(self.0 % parts as u128).expect("a remainder of a usize")
    }
}
