//! Facts that came more than once: the same id from the same source counts once.
//!
//! Which of several copies counts must not hang on the order of arrival (P2). It is the one known
//! first (one without arrival time comes last), then the one of the earliest time, then the least
//! by content. New facts are held against each other and against all that is stored, in as many
//! passes as memory asks for.

use std::collections::hash_map::Entry;
use std::ops::Range;

use firsthand_model::fact::FactView;
use firsthand_model::{Fact, Time};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::error::Result;
use crate::hash::FactKey;
use crate::history::State;
use crate::overlay;
use crate::segment::Segment;
use crate::spool::Spool;
use crate::wire::{read_fact, write_fact};

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// For each part of the spool, which of its records do not count.
    losers: Vec<FxHashSet<u64>>,
    /// How many of these do not count because a stored fact does.
    pub already_there: u64,
    /// Stored rows that a better copy replaces, by segment file.
    pub superseded: FxHashMap<String, FxHashSet<usize>>,
    /// Stored facts that a better copy replaces.
    pub superseded_facts: u64,
}

impl Settled {
    /// Whether a record of the spool counts.
    pub fn counts(&self, part: usize, number: u64) -> bool {
        !self.losers[part].contains(&number)
    }

    /// How many records of the spool do not count because another of them does.
    pub fn repeated(&self) -> u64 {
        self.losers.iter().map(|it| it.len() as u64).sum::<u64>() - self.already_there
    }
}

/// What decides between copies; the least counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    untold: bool,
    known_at: Option<Time>,
    time: Time,
    content: u64,
}

impl Rank {
    fn new(time: Time, known_at: Option<Time>, written: &[u8]) -> Self {
        let hash = blake3::hash(written);
        let content = hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes");
        Self { untold: known_at.is_none(), known_at, time, content: u64::from_le_bytes(content) }
    }

    /// The rank of a fact.
    pub fn of(fact: &Fact) -> Self {
        let mut written = Vec::new();
        write_fact(&mut written, &fact.into());
        Self::new(fact.time, fact.known_at, &written)
    }
}

/// Puts a fact aside by its key.
pub(crate) fn put_aside(spool: &mut Spool, fact: &FactView<'_>) -> Result<()> {
    let key = FactKey::new(fact.source, fact.id);
    // All copies of a fact lie in one part.
    spool.push(key.part(spool.parts()), |to| {
        to.extend_from_slice(&key.0.to_le_bytes());
        write_fact(to, fact);
    })
}

/// Takes a record of [`put_aside`] apart: the key, and the fact as it was written.
pub(crate) fn split(record: &[u8]) -> (FactKey, &[u8]) {
    let (key, fact) = record.split_first_chunk().expect("this process wrote the record");
    (FactKey(u128::from_le_bytes(*key)), fact)
}

/// The keys of a part of the spool.
#[derive(Default)]
struct Keys {
    all: FxHashSet<FactKey>,
    /// Those that it has more than once, and those that are stored.
    contested: FxHashSet<FactKey>,
}

/// The best copy so far, and its number in its part of the spool.
struct Best {
    rank: Rank,
    number: u64,
}

/// The best copies of the contested facts of a part of the spool.
type BestOfPart = FxHashMap<FactKey, Best>;

/// Finds the facts of a spool that do not count, and the stored ones that count no more.
pub(crate) fn settle(spool: &Spool, stored: &State, keys_per_pass_max: u64) -> Result<Settled> {
    let mut settled = Settled::default();
    let mut parts = 0..spool.parts();
    while !parts.is_empty() {
        // At first nothing is stored, and no key need be held beyond its part.
        let is_first = stored.catalogue.segments.is_empty();
        let pass = if is_first { parts.clone() } else { pass(spool, &parts, keys_per_pass_max) };
        parts.start = pass.end;
        let mut keys: Vec<Keys> = pass
            .clone()
            .into_par_iter()
            .map(|part| {
                let keys = Keys::of(spool, part)?;
                Ok(if is_first { Keys { all: FxHashSet::default(), ..keys } } else { keys })
            })
            .collect::<Result<_>>()?;
        let met = meet(&keys, pass.start, spool.parts(), stored)?;
        for met in &met {
            keys[met.key.part(spool.parts()) - pass.start].contested.insert(met.key);
        }
        let (best, losers): (Vec<_>, Vec<_>) = pass
            .clone()
            .into_par_iter()
            .map(|part| judge_part(spool, part, &keys[part - pass.start].contested))
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .unzip();
        settled.losers.extend(losers);
        settled.hold_against_stored(&met, &best, pass.start, spool.parts(), stored);
    }
    Ok(settled)
}

/// The next parts of a spool that are held against what is stored at one time: one at least.
fn pass(spool: &Spool, left: &Range<usize>, keys_max: u64) -> Range<usize> {
    let mut keys = spool.records(left.start);
    let mut end = left.start + 1;
    while end < left.end && keys + spool.records(end) <= keys_max {
        keys += spool.records(end);
        end += 1;
    }
    left.start..end
}

impl Keys {
    fn of(spool: &Spool, part: usize) -> Result<Self> {
        let mut keys = Self::default();
        keys.all.reserve(usize::try_from(spool.records(part)).unwrap_or_default());
        let mut records = spool.read(part)?;
        while let Some(record) = records.next()? {
            let (key, _) = split(record);
            if !keys.all.insert(key) {
                keys.contested.insert(key);
            }
        }
        Ok(keys)
    }
}

/// Finds the best copy of each contested fact of a part, and the numbers of the others.
fn judge_part(
    spool: &Spool,
    part: usize,
    contested: &FxHashSet<FactKey>,
) -> Result<(BestOfPart, FxHashSet<u64>)> {
    let mut best = BestOfPart::default();
    let mut losers = FxHashSet::default();
    if contested.is_empty() {
        return Ok((best, losers));
    }
    let mut records = spool.read(part)?;
    let mut number = 0;
    while let Some(record) = records.next()? {
        let (key, written) = split(record);
        if contested.contains(&key) {
            let fact = read_fact(written);
            let rank = Rank::new(fact.time, fact.known_at, written);
            match best.entry(key) {
                Entry::Vacant(vacant) => _ = vacant.insert(Best { rank, number }),
                Entry::Occupied(mut held) if rank < held.get().rank => {
                    let worse = held.insert(Best { rank, number });
                    losers.insert(worse.number);
                }
                Entry::Occupied(_) => _ = losers.insert(number),
            }
        }
        number += 1;
    }
    Ok((best, losers))
}

/// A stored row whose fact has come again.
struct Met {
    /// Which of the catalogue's segments.
    segment: usize,
    row: usize,
    copy: bool,
    key: FactKey,
    rank: Rank,
}

/// Finds the stored rows of the facts of some parts, from the `first` on.
fn meet(keys: &[Keys], first: usize, parts: usize, stored: &State) -> Result<Vec<Met>> {
    if keys.iter().all(|it| it.all.is_empty()) {
        return Ok(Vec::new());
    }
    let is_new = |key: FactKey| {
        let part = key.part(parts).checked_sub(first).and_then(|it| keys.get(it));
        part.is_some_and(|it| it.all.contains(&key))
    };
    let segments = stored.catalogue.segments.par_iter().enumerate();
    let met: Vec<Vec<Met>> = segments
        .map(|(number, entry)| {
            let segment = Segment::open(&stored.dir, entry)?;
            let live = stored.overlay.live(&entry.file.file, 0..segment.rows());
            let rows = known_rows(&segment, &live, is_new)?;
            let found = segment.whole_rows(&overlay::ranges(&rows))?;
            found
                .map(|row| {
                    let (row, it) = row?;
                    let (key, rank) = (FactKey::of(&it.fact), Rank::of(&it.fact));
                    Ok(Met { segment: number, row, copy: it.copy, key, rank })
                })
                .collect()
        })
        .collect::<Result<_>>()?;
    Ok(met.into_iter().flatten().collect())
}

impl Settled {
    /// Holds the best copies of some parts of the spool, from the `first` on, against what is
    /// stored.
    fn hold_against_stored(
        &mut self,
        met: &[Met],
        best: &[BestOfPart],
        first: usize,
        parts: usize,
        stored: &State,
    ) {
        for met in met {
            let part = met.key.part(parts);
            let new = best[part - first].get(&met.key).expect("a fact that was met is contested");
            if met.rank <= new.rank {
                // A stored fact may have several rows.
                let is_new = self.losers[part].insert(new.number);
                self.already_there += u64::from(is_new);
            } else {
                self.superseded_facts += u64::from(!met.copy);
                let segment = &stored.catalogue.segments[met.segment].file.file;
                self.superseded.entry(segment.clone()).or_default().insert(met.row);
            }
        }
    }
}

/// The rows of a segment whose fact is among the given keys.
fn known_rows(
    segment: &Segment,
    live: &[Range<usize>],
    is_known: impl Fn(FactKey) -> bool,
) -> Result<FxHashSet<usize>> {
    let mut rows = FxHashSet::default();
    for batch in segment.batches(Some(&["source", "id"]), live)? {
        let batch = batch?;
        let (sources, ids) = (batch.words("source")?, batch.texts("id")?);
        for (row, number) in batch.rows.clone().enumerate() {
            let source = sources.get(row).unwrap_or_default();
            if is_known(FactKey::new(source, ids.value(row))) {
                rows.insert(number);
            }
        }
    }
    Ok(rows)
}
