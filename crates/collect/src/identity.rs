//! Gives facts their ids, and notices records that come twice.
//!
//! The id decides what an import may be run again over: the same id from the same source counts
//! once. Where the file has ids, they are taken as they are. A record whose id another record of the
//! same file has used for something else is a reject: the first counts, since the order of a file is
//! part of it, so that every import of the file takes in the same. (Between files the history
//! decides, by what was known first.) Where it has none:
//!
//! - The id is a hash of what the fact says: kind, name, time, ids and properties. Neither the
//!   line number nor the file's name is in it, so a file may be imported again, after an
//!   interruption or as a newer export that overlaps the older one, and only what is new is added.
//! - Rows that are equal to the letter are different facts: two lines of a log may well be equal.
//!   The nth of them in a file gets `-n` behind its hash. Equal rows are interchangeable, so a later
//!   export with one more of them adds exactly one.
//! - When it arrived is not in the hash: a newer export may say it differently.
//!
//! Some limits follow, and are documented. Equal rows are counted within one file, so the same row
//! at the end of one file and at the beginning of the next is taken for an overlap and counts
//! once. And what is remembered is bounded ([`REMEMBERED_MAX`]): equal rows further apart than that
//! count once, and of two records further apart that share an id the history decides which counts.

use std::hash::Hasher;

use firsthand_model::fact::Body;
use firsthand_model::{Fact, Text};
use rustc_hash::{FxHashMap, FxHasher};

use crate::draft::{Draft, Identity};
use crate::report::NoticeCode;

/// How many of the latest ids and hashes of a file are remembered; half as many at least.
pub const REMEMBERED_MAX: usize = 2 << 20;

/// Writes what a fact says, each part with its length so that no two facts write the same.
fn write_content(fact: &Fact, with_time: bool, mut part: impl FnMut(&[u8])) {
    let mut text = |text: Option<&str>| {
        part(&text.map_or(u64::MAX, |it| it.len() as u64).to_le_bytes());
        part(text.unwrap_or_default().as_bytes());
    };
    text(fact.who.user.as_deref());
    text(fact.who.anonymous.as_deref());
    text(fact.who.account.as_deref());
    match &fact.body {
        Body::Event { name, properties } => {
            text(Some("event"));
            text(Some(name));
            text(Some(properties.as_str()));
        }
        Body::Record { name, properties } => {
            text(Some("record"));
            text(Some(name));
            text(Some(properties.as_str()));
        }
        Body::Traits { of, traits } => {
            text(Some("traits"));
            text(Some(of.word()));
            text(Some(traits.as_str()));
        }
        Body::Link => text(Some("link")),
        Body::Alias { other } => {
            text(Some("alias"));
            text(Some(other));
        }
        Body::Split { other } => {
            text(Some("split"));
            text(Some(other));
        }
        Body::Membership { joined, role } => {
            text(Some(if *joined { "joined" } else { "left" }));
            text(role.as_deref());
        }
    }
    if with_time {
        part(&fact.time.0.to_le_bytes());
    }
}

/// The id of a fact whose record has none: 88 bits, so that even a thousand million facts have
/// none in common but with a chance of one in a thousand million.
pub(crate) fn hashed_id(fact: &Fact, part: &str) -> Text {
    let mut hasher = blake3::Hasher::new();
    write_content(fact, true, |bytes| {
        hasher.update(bytes);
    });
    hasher.update(part.as_bytes());
    hex(&hasher.finalize())
}

/// The hash that stands for an id that is too long.
pub(crate) fn hashed_text(text: &str) -> Text {
    hex(&blake3::hash(text.as_bytes()))
}

fn hex(hash: &blake3::Hash) -> Text {
    // 22 characters fit into a `Text` without a further allocation.
    hash.to_hex()[..22].into()
}

/// A number for what a fact says, to tell a repetition from a reused id.
pub(crate) fn content_short(fact: &Fact) -> u32 {
    let mut hasher = FxHasher::default();
    write_content(fact, true, |bytes| hasher.write(bytes));
    fold(hasher.finish())
}

/// A number for whom traits are about, and one for what they say.
pub(crate) fn state_of(fact: &Fact) -> (u64, u32) {
    let mut subject = FxHasher::default();
    subject.write(b"state");
    for id in [&fact.who.user, &fact.who.anonymous, &fact.who.account] {
        subject.write(id.as_deref().unwrap_or_default().as_bytes());
        subject.write_u8(0xFF);
    }
    let mut said = FxHasher::default();
    write_content(fact, false, |bytes| said.write(bytes));
    (subject.finish(), fold(said.finish()))
}

fn fold(hash: u64) -> u32 {
    // The upper half is the better mixed one.
    u32::try_from(hash >> 32).expect("the upper half of 64 bits")
}

/// What was seen lately in one file, in bounded memory: two generations, of which the older is
/// forgotten when the younger is full.
#[derive(Debug, Default)]
pub(crate) struct Lately {
    young: FxHashMap<u64, u32>,
    old: FxHashMap<u64, u32>,
}

impl Lately {
    /// What was last set for a key.
    fn get(&self, key: u64) -> Option<u32> {
        self.young.get(&key).or_else(|| self.old.get(&key)).copied()
    }

    fn set(&mut self, key: u64, value: u32) {
        if self.young.len() >= REMEMBERED_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    /// Whether another record of the file has given the id of this draft to something else.
    pub(crate) fn is_reused(&self, draft: &Draft) -> bool {
        match draft.identity {
            Identity::Given(said) => self.get(draft.key).is_some_and(|before| before != said),
            Identity::Hashed | Identity::Repeating(..) => false,
        }
    }

    /// Looks at the next draft of the file, whose id is not reused. Gives a repeated row its
    /// number; returns what there is to notice, and whether the draft is to be kept.
    pub(crate) fn settle(&mut self, draft: &mut Draft) -> (bool, Option<NoticeCode>) {
        let key = draft.key;
        match draft.identity {
            Identity::Given(said) => {
                let notice = self.get(key).map(|_| NoticeCode::RepeatedRecord);
                if notice.is_none() {
                    self.set(key, said);
                }
                (true, notice)
            }
            Identity::Hashed => {
                let times = self.get(key).unwrap_or(0) + 1;
                self.set(key, times);
                if times > 1 {
                    draft.fact.id = smol_str::format_smolstr!("{}-{times}", draft.fact.id);
                }
                (true, None)
            }
            Identity::Repeating(subject, said) => {
                let changed = self.get(subject) != Some(said);
                if changed {
                    self.set(subject, said);
                }
                (changed, None)
            }
        }
    }
}

/// A number for the id of a fact, which is unique within its source: our own shape names it.
pub(crate) fn key_of(fact: &Fact) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(fact.source.as_bytes());
    hasher.write_u8(0xFF);
    hasher.write(fact.id.as_bytes());
    hasher.finish()
}

/// The name of a source for people: a file's name without its path and endings.
pub(crate) fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = file.split('.').next().unwrap_or(file);
    if stem.is_empty() { "import" } else { stem }
}
