//! The two hashes that a history stands on, both BLAKE3, so that any release finds the same.

use firsthand_model::{Fact, Text};
use rustc_hash::FxHashMap;

/// The bucket of an account, out of `buckets`.
pub(crate) fn bucket_of(account: &str, buckets: u32) -> u32 {
    let hash = blake3::hash(account.as_bytes());
    let head = u64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes"));
    u32::try_from(head % u64::from(buckets)).expect("a remainder of a u32")
}

/// Accounts whose bucket is remembered.
const REMEMBERED_MAX: usize = 32 * 1024;

/// The buckets of accounts, remembered while the same accounts come again and again.
pub(crate) struct Buckets {
    count: u32,
    known: FxHashMap<Text, u32>,
}

impl Buckets {
    /// Accounts are spread over so many buckets.
    pub fn new(count: u32) -> Self {
        Self { count, known: FxHashMap::default() }
    }

    /// The bucket of an account, as [`bucket_of`] has it.
    pub fn of(&mut self, account: &str) -> u32 {
        if let Some(bucket) = self.known.get(account) {
            return *bucket;
        }
        if self.known.len() >= REMEMBERED_MAX {
            self.known.clear();
        }
        let bucket = bucket_of(account, self.count);
        self.known.insert(account.into(), bucket);
        bucket
    }
}

/// Bytes of a source and an id that are hashed in one piece.
const KEY_BYTES: usize = 256;

/// Puts parts one after the other, if there is room.
fn join<'a>(whole: &'a mut [u8; KEY_BYTES], parts: &[&[u8]]) -> Option<&'a [u8]> {
    let mut length = 0;
    for part in parts {
        whole.get_mut(length..length + part.len())?.copy_from_slice(part);
        length += part.len();
    }
    Some(&whole[..length])
}

/// What makes a fact the same fact: its source and id.
///
/// 128 bits: among a billion facts, two different ones share a key with a chance of 10^-21.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FactKey(pub u128);

impl FactKey {
    /// The key of a source and id.
    pub fn new(source: &str, id: &str) -> Self {
        // The length keeps `("a", "bc")` and `("ab", "c")` apart.
        let length = (source.len() as u64).to_le_bytes();
        let parts = [&length[..], source.as_bytes(), id.as_bytes()];
        // In one piece, as most are short, it is hashed much quicker than part by part.
        let mut whole = [0; KEY_BYTES];
        let hash = match join(&mut whole, &parts) {
            Some(whole) => blake3::hash(whole),
            None => {
                parts.iter().fold(&mut blake3::Hasher::new(), |it, part| it.update(part)).finalize()
            }
        };
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
