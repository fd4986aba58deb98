//! Facts that came more than once: the same id from the same source counts once.
//!
//! Which of several copies counts must not hang on the order of arrival (P2). It is the one known
//! first (one without arrival time comes last), then the one of the earliest time, then the least
//! by content. New facts are held against each other and against all that is stored, in as many
//! passes as memory asks for.

use std::collections::hash_map::Entry;

use firsthand_model::{Fact, Text, Time};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use crate::error::Result;
use crate::hash::FactKey;
use crate::history::State;
use crate::overlay;
use crate::segment::Segment;
use crate::spool::Spool;

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// For each part of the spool, which of its records do not count.
    losers: Vec<FxHashSet<u64>>,
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

    /// How many records of the spool do not count.
    pub fn repeated(&self) -> u64 {
        self.losers.iter().map(|it| it.len() as u64).sum()
    }
}

/// The beginning of an encoded [`Fact`]: postcard writes the fields one after the other, so that
/// the rest need not be decoded.
#[derive(Deserialize)]
struct Head {
    id: Text,
    source: Text,
    time: Time,
    known_at: Option<Time>,
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
    fn new(time: Time, known_at: Option<Time>, encoded: &[u8]) -> Self {
        let hash = blake3::hash(encoded);
        let content = hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes");
        Self { untold: known_at.is_none(), known_at, time, content: u64::from_le_bytes(content) }
    }

    /// The rank of a fact.
    pub fn of(fact: &Fact) -> Self {
        let encoded = postcard::to_stdvec(fact).expect("a fact serialises");
        Self::new(fact.time, fact.known_at, &encoded)
    }
}

/// The best copy so far, and where it lies in the spool.
struct Best {
    rank: Rank,
    part: usize,
    number: u64,
}

/// Finds the facts of a spool that do not count, and the stored ones that count no more.
pub(crate) fn settle(
    spool: &Spool<Fact>,
    stored: &State,
    keys_per_pass_max: u64,
) -> Result<Settled> {
    let losers = vec![FxHashSet::default(); spool.parts()];
    let mut settled = Settled { losers, ..Settled::default() };
    let mut best: FxHashMap<FactKey, Best> = FxHashMap::default();
    for part in 0..spool.parts() {
        // All copies of a fact lie in one part.
        if best.len() as u64 + spool.records(part) > keys_per_pass_max {
            hold_against_stored(&best, stored, &mut settled)?;
            best.clear();
        }
        settle_part(spool, part, &mut best, &mut settled.losers[part])?;
    }
    hold_against_stored(&best, stored, &mut settled)?;
    Ok(settled)
}

fn settle_part(
    spool: &Spool<Fact>,
    part: usize,
    best: &mut FxHashMap<FactKey, Best>,
    losers: &mut FxHashSet<u64>,
) -> Result<()> {
    let mut records = spool.read(part)?;
    let mut number = 0;
    while let Some(encoded) = records.next_bytes()? {
        let (head, _) =
            postcard::take_from_bytes::<Head>(encoded).expect("this process wrote the record");
        let key = FactKey::new(&head.source, &head.id);
        let rank = Rank::new(head.time, head.known_at, encoded);
        match best.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(Best { rank, part, number });
            }
            Entry::Occupied(mut held) if rank < held.get().rank => {
                let worse = held.insert(Best { rank, part, number });
                losers.insert(worse.number);
            }
            Entry::Occupied(_) => {
                losers.insert(number);
            }
        }
        number += 1;
    }
    Ok(())
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

fn hold_against_stored(
    best: &FxHashMap<FactKey, Best>,
    stored: &State,
    settled: &mut Settled,
) -> Result<()> {
    if best.is_empty() {
        return Ok(());
    }
    let met: Vec<Vec<Met>> = stored
        .catalogue
        .segments
        .par_iter()
        .enumerate()
        .map(|(number, entry)| {
            let segment = Segment::open(&stored.dir, entry)?;
            let live = stored.overlay.live(&entry.file.file, 0..segment.rows());
            let rows = known_rows(&segment, &live, best)?;
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
    for met in met.into_iter().flatten() {
        let new = &best[&met.key];
        if met.rank <= new.rank {
            settled.losers[new.part].insert(new.number);
        } else {
            settled.superseded_facts += u64::from(!met.copy);
            let segment = &stored.catalogue.segments[met.segment].file.file;
            settled.superseded.entry(segment.clone()).or_default().insert(met.row);
        }
    }
    Ok(())
}

/// The rows of a segment whose fact is among the given keys.
fn known_rows(
    segment: &Segment,
    live: &[std::ops::Range<usize>],
    best: &FxHashMap<FactKey, Best>,
) -> Result<FxHashSet<usize>> {
    let mut rows = FxHashSet::default();
    for batch in segment.batches(Some(&["source", "id"]), live)? {
        let batch = batch?;
        let (sources, ids) = (batch.words("source")?, batch.texts("id")?);
        for (row, number) in batch.rows.clone().enumerate() {
            let source = sources.get(row).unwrap_or_default();
            if best.contains_key(&FactKey::new(source, ids.value(row))) {
                rows.insert(number);
            }
        }
    }
    Ok(rows)
}
