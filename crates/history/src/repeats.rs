//! Facts that came more than once: the same id from the same source counts once.
//!
//! Which of several copies counts must not hang on the order of arrival (P2). It is the one known
//! first (one without arrival time comes last), then the one of the earliest time, then the least
//! by content. New facts are held against each other and against all that is stored, in as many
//! passes as memory asks for.

use std::collections::hash_map::Entry;
use std::ops::Range;

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

/// The best copy so far, and its number in its part of the spool.
struct Best {
    rank: Rank,
    number: u64,
}

/// The best copy of every fact in a part of the spool.
type BestOfPart = FxHashMap<FactKey, Best>;

/// Finds the facts of a spool that do not count, and the stored ones that count no more.
pub(crate) fn settle(
    spool: &Spool<Fact>,
    stored: &State,
    keys_per_pass_max: u64,
) -> Result<Settled> {
    let mut settled = Settled::default();
    let is_first = stored.catalogue.segments.is_empty();
    let mut parts = 0..spool.parts();
    while !parts.is_empty() {
        let pass = if is_first { parts.clone() } else { pass(spool, &parts, keys_per_pass_max) };
        parts.start = pass.end;
        // All copies of a fact lie in one part.
        let settle = |part| {
            let (best, losers) = settle_part(spool, part)?;
            Ok((if is_first { BestOfPart::default() } else { best }, losers))
        };
        let (best, losers): (Vec<_>, Vec<_>) = pass
            .clone()
            .into_par_iter()
            .map(settle)
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .unzip();
        settled.losers.extend(losers);
        hold_against_stored(&best, pass.start, spool.parts(), stored, &mut settled)?;
    }
    Ok(settled)
}

/// The next parts of a spool that are held against what is stored at one time: one at least.
fn pass(spool: &Spool<Fact>, left: &Range<usize>, keys_max: u64) -> Range<usize> {
    let mut keys = spool.records(left.start);
    let mut end = left.start + 1;
    while end < left.end && keys + spool.records(end) <= keys_max {
        keys += spool.records(end);
        end += 1;
    }
    left.start..end
}

fn settle_part(spool: &Spool<Fact>, part: usize) -> Result<(BestOfPart, FxHashSet<u64>)> {
    let mut best = BestOfPart::default();
    let mut losers = FxHashSet::default();
    let mut records = spool.read(part)?;
    let mut number = 0;
    while let Some(encoded) = records.next_bytes()? {
        let (head, _) =
            postcard::take_from_bytes::<Head>(encoded).expect("this process wrote the record");
        let key = FactKey::new(&head.source, &head.id);
        let rank = Rank::new(head.time, head.known_at, encoded);
        match best.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(Best { rank, number });
            }
            Entry::Occupied(mut held) if rank < held.get().rank => {
                let worse = held.insert(Best { rank, number });
                losers.insert(worse.number);
            }
            Entry::Occupied(_) => {
                losers.insert(number);
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

/// Holds the best copies of some parts of the spool, from the `first` on, against what is stored.
fn hold_against_stored(
    best: &[BestOfPart],
    first: usize,
    parts: usize,
    stored: &State,
    settled: &mut Settled,
) -> Result<()> {
    if best.iter().all(FxHashMap::is_empty) {
        return Ok(());
    }
    let part_of = |key: FactKey| key.part(parts);
    let find = |key: FactKey| best.get(part_of(key).checked_sub(first)?)?.get(&key);
    let met: Vec<Vec<Met>> = stored
        .catalogue
        .segments
        .par_iter()
        .enumerate()
        .map(|(number, entry)| {
            let segment = Segment::open(&stored.dir, entry)?;
            let live = stored.overlay.live(&entry.file.file, 0..segment.rows());
            let rows = known_rows(&segment, &live, |key| find(key).is_some())?;
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
        let new = find(met.key).expect("its key was found before");
        if met.rank <= new.rank {
            // A stored fact may have several rows.
            let is_new = settled.losers[part_of(met.key)].insert(new.number);
            settled.already_there += u64::from(is_new);
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
