//! Compaction: rewriting buckets that have gathered many segments or many rows that count no more.

use rayon::prelude::*;

use crate::catalogue::{LogRange, PromotedColumn, SegmentEntry};
use crate::error::Result;
use crate::facts::bucket_rows;
use crate::history::{Change, History, State};
use crate::segment::SegmentWriter;

/// Segments of a bucket before it is due.
pub const SEGMENTS_PER_BUCKET_MAX: usize = 8;
/// Percentage of a bucket's rows that count no more before it is due.
pub const DEAD_PERCENT_MAX: u64 = 20;

/// Which buckets are rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compaction {
    /// Those that have gathered too much; what an intake ends with.
    WhereDue,
    /// All that would be any different: one segment, no rows that count no more, and all promoted
    /// columns afterwards.
    Everywhere,
}

impl History {
    /// Rewrites buckets; what scans see stays the same. Returns how many were rewritten.
    pub fn compact(&mut self, which: Compaction) -> Result<usize> {
        let state = &self.state;
        let buckets = 0..state.catalogue.buckets;
        let due: Vec<u32> = buckets.filter(|it| is_due(state, *it, which)).collect();
        if due.is_empty() {
            return Ok(0);
        }
        let mut change = Change::begin(self)?;
        let now = change.now().clone();
        let generation = change.next.catalogue.generation;
        let rewritten: Vec<Option<SegmentEntry>> = due
            .par_iter()
            .map(|bucket| rewrite(&now, *bucket, generation))
            .collect::<Result<_>>()?;
        let (old, mut kept): (Vec<_>, Vec<_>) =
            now.catalogue.segments.into_iter().partition(|it| due.contains(&it.bucket));
        for entry in &old {
            change.next.overlay.forget(&entry.file.file);
        }
        kept.extend(rewritten.into_iter().flatten());
        kept.sort_by_key(|it| (it.bucket, it.generation));
        change.next.catalogue.segments = kept;
        change.commit()?;
        Ok(due.len())
    }
}

fn is_due(state: &State, bucket: u32, which: Compaction) -> bool {
    let segments: Vec<&SegmentEntry> = state.catalogue.in_bucket(bucket).collect();
    let rows: u64 = segments.iter().map(|it| it.rows).sum();
    let dead =
        segments.iter().map(|it| state.overlay.dead(&it.file.file).len() as u64).sum::<u64>();
    let lacks_column = |entry: &&SegmentEntry| {
        let has = |column: &PromotedColumn| entry.promoted.iter().any(|it| it.path == column.path);
        !state.catalogue.columns_now().iter().all(has)
    };
    match which {
        Compaction::WhereDue => {
            segments.len() > SEGMENTS_PER_BUCKET_MAX || dead * 100 > rows * DEAD_PERCENT_MAX
        }
        Compaction::Everywhere => {
            segments.len() > 1 || dead > 0 || segments.iter().any(lacks_column)
        }
    }
}

fn rewrite(state: &State, bucket: u32, generation: u64) -> Result<Option<SegmentEntry>> {
    let columns = state.catalogue.columns_now();
    let mut writer = SegmentWriter::new(&state.dir, bucket, generation, columns);
    for row in bucket_rows(state, bucket)? {
        writer.push(row?)?;
    }
    let logs = state.catalogue.in_bucket(bucket).filter_map(|it| it.log);
    let log =
        logs.reduce(|a, b| LogRange { first: a.first.min(b.first), last: a.last.max(b.last) });
    Ok(writer.finish()?.map(|entry| SegmentEntry { log, ..entry }))
}
