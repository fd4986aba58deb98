//! Compaction: joining the segments of a bucket, and leaving out the rows that count no more.
//!
//! Each intake leaves a segment in every bucket that it touches. Small ones are joined with small
//! ones, as soon as there are [`FANOUT`] of them: a row is then rewritten about as often as the
//! history has doubled, however many small imports there are, and a bucket never has more than a
//! few segments of each size.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::catalogue::{PromotedColumn, SegmentEntry};
use crate::error::Result;
use crate::facts::segment_rows;
use crate::history::{Change, History, State};
use crate::scan::Scan;
use crate::segment::SegmentWriter;

/// Segments of about the same size that are joined.
pub const FANOUT: usize = 4;
/// Segments of a bucket before some are joined, whatever their sizes.
pub const SEGMENTS_PER_BUCKET_MAX: usize = 8;
/// Percentage of a bucket's rows that count no more before it is due.
pub const DEAD_PERCENT_MAX: u64 = 20;
/// Buckets that one commit rewrites: what is lost at most when it is interrupted.
const BUCKETS_PER_COMMIT: usize = 16;
/// Rows between two looks at whether to go on.
const ROWS_PER_LOOK: usize = 8 * 1024;

/// Which segments are rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compaction {
    /// Those of which a bucket has gathered too many; what an intake ends with.
    WhereDue,
    /// All that would be any different: one segment a bucket, no rows that count no more, and all
    /// promoted columns afterwards.
    Everywhere,
}

/// What a compaction has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// How many buckets were rewritten, or a part of them.
    pub buckets: usize,
    /// How many rows that took.
    pub rows: u64,
}

impl History {
    /// Rewrites segments; what scans see stays the same. Returns how many buckets were rewritten.
    pub fn compact(&mut self, which: Compaction) -> Result<usize> {
        Ok(self.compact_with(which, Scan::default())?.buckets)
    }

    /// Rewrites segments, a few buckets with each commit. It can be stopped at any time and loses
    /// at most the buckets at hand: run again, it goes on where it stopped.
    ///
    /// # Errors
    /// [`HistoryError::Cancelled`](crate::HistoryError::Cancelled) where the scan says so.
    pub fn compact_with(&mut self, which: Compaction, scan: Scan<'_>) -> Result<Compacted> {
        let mut done = Compacted::default();
        loop {
            scan.check()?;
            let mut due = due(&self.state, which);
            due.truncate(BUCKETS_PER_COMMIT);
            if due.is_empty() {
                return Ok(done);
            }
            done.buckets += due.len();
            done.rows += self.rewrite(&due, scan)?;
        }
    }

    /// How many rows a compaction would rewrite; one that joins what it has joined, some more.
    pub fn rows_to_compact(&self, which: Compaction) -> u64 {
        due(&self.state, which).iter().flat_map(|it| &it.segments).map(|it| it.rows).sum()
    }

    /// Joins some segments and makes that the history.
    fn rewrite(&mut self, due: &[Due], scan: Scan<'_>) -> Result<u64> {
        let mut change = Change::begin(self)?;
        let now = change.now().clone();
        let generation = change.next.catalogue.generation;
        let rows = AtomicU64::new(0);
        let joined: Vec<Option<SegmentEntry>> = due
            .par_iter()
            .map(|due| join(&now, due, generation, scan, &rows))
            .collect::<Result<_>>()?;
        let old: FxHashSet<&str> =
            due.iter().flat_map(|it| &it.segments).map(|it| it.file.file.as_str()).collect();
        let next = &mut change.next;
        for segment in &old {
            next.overlay.forget(segment);
        }
        next.catalogue.segments.retain(|it| !old.contains(it.file.file.as_str()));
        next.catalogue.segments.extend(joined.into_iter().flatten());
        next.catalogue.segments.sort_by_key(|it| (it.bucket, it.generation));
        change.commit()?;
        Ok(rows.into_inner())
    }
}

/// Segments of one bucket that become one.
struct Due {
    bucket: u32,
    segments: Vec<SegmentEntry>,
}

fn due(state: &State, which: Compaction) -> Vec<Due> {
    let segments = state.catalogue.segments.chunk_by(|a, b| a.bucket == b.bucket);
    segments
        .filter_map(|segments| {
            let segments = match which {
                Compaction::WhereDue => overdue(state, segments),
                Compaction::Everywhere => different(state, segments),
            };
            let bucket = segments.first()?.bucket;
            Some(Due { bucket, segments: segments.to_vec() })
        })
        .collect()
}

/// All segments of a bucket, if they would be any different afterwards.
fn different<'a>(state: &State, segments: &'a [SegmentEntry]) -> &'a [SegmentEntry] {
    let wanted = state.catalogue.columns_now();
    let lacks_column = |entry: &SegmentEntry| {
        let has = |column: &PromotedColumn| entry.promoted.iter().any(|it| it.path == column.path);
        !wanted.iter().all(has)
    };
    let changes = segments.len() > 1
        || segments.iter().any(|it| dead(state, it) > 0)
        || segments.iter().any(lacks_column);
    if changes { segments } else { &[] }
}

/// Those segments of a bucket, oldest first, that should be one by now: all of them where too many
/// rows count no more; else the newest ones up to one that is much larger than they are together.
fn overdue<'a>(state: &State, segments: &'a [SegmentEntry]) -> &'a [SegmentEntry] {
    let rows: u64 = segments.iter().map(|it| it.rows).sum();
    let dead: u64 = segments.iter().map(|it| dead(state, it)).sum();
    if dead * 100 > rows * DEAD_PERCENT_MAX {
        return segments;
    }
    let mut together = 0;
    let mut start = segments.len();
    while start > 0 && (segments.len() - start < 2 || segments[start - 1].rows <= 2 * together) {
        start -= 1;
        together += segments[start].rows;
    }
    let too_many = segments.len() > SEGMENTS_PER_BUCKET_MAX;
    let alike = &segments[start..];
    if alike.len() >= FANOUT || (too_many && alike.len() > 1) { alike } else { &[] }
}

fn dead(state: &State, entry: &SegmentEntry) -> u64 {
    state.overlay.dead(&entry.file.file).len() as u64
}

fn join(
    state: &State,
    due: &Due,
    generation: u64,
    scan: Scan<'_>,
    rewritten: &AtomicU64,
) -> Result<Option<SegmentEntry>> {
    let columns = state.catalogue.columns_now();
    let mut writer = SegmentWriter::new(&state.dir, due.bucket, generation, columns);
    let mut rows = 0;
    for row in segment_rows(state, &due.segments)? {
        writer.push(&row?.view())?;
        rows += 1;
        if rows % ROWS_PER_LOOK == 0 {
            scan.check()?;
            scan.done(ROWS_PER_LOOK);
        }
    }
    scan.done(rows % ROWS_PER_LOOK);
    rewritten.fetch_add(rows as u64, Ordering::Relaxed);
    writer.finish()
}
