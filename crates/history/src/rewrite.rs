//! Rewriting a history without some of its facts, or with others in their place: all at once, and
//! as if it had never been otherwise (HIST-7).
//!
//! Segments that hold nothing of it stay. Whatever is left is attributed as in a history that was
//! made from what is left: what the facts that go have taught about who is who goes with them.

use std::collections::BTreeSet;
use std::slice::from_ref;
use std::sync::{Arc, Mutex, PoisonError};

use firsthand_model::fact::FactView;
use firsthand_model::seen::Seen;
use firsthand_model::{Calendar, Fact, Text};
use firsthand_rules::resolve::Resolver;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::catalogue::SegmentEntry;
use crate::compact::Compaction;
use crate::error::Result;
use crate::hash::Buckets;
use crate::history::{Change, History, State};
use crate::identity;
use crate::scan::Scan;
use crate::segment::Segment;
use crate::spool::{Feeder, Spool};
use crate::stored::{Place, Stored};
use crate::wire::{write_fact, write_row};

/// Groups of segments that are looked at side by side.
const GROUPS: usize = 16;
/// Rows between two looks at whether to go on.
const ROWS_PER_LOOK: usize = 8 * 1024;

/// What becomes of a stored row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fate {
    /// It stays as it is.
    Kept,
    /// Another fact takes its place.
    Changed(Fact),
    /// It goes.
    Gone,
}

/// What a rewriting has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// Facts that are gone.
    pub gone: u64,
    /// Facts that were changed.
    pub changed: u64,
    /// The accounts whose stream is another than before.
    pub accounts: BTreeSet<Text>,
}

/// What a rewriting would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WouldGo {
    /// Facts that would go.
    pub gone: u64,
    /// Facts that would be changed.
    pub changed: u64,
    /// Segments that hold any of it, even if it counts no more.
    pub segments: u64,
}

/// What a first look has shown.
struct Looked {
    resolver: Resolver,
    seen: Seen,
    /// Segments of which something goes or changes, even if it counts no more.
    concerned: BTreeSet<String>,
    gone: u64,
    changed: u64,
}

impl History {
    /// What a rewriting would do.
    pub(crate) fn would_rewrite(
        &self,
        calendar: &Calendar,
        fate: impl Fn(&Stored) -> Fate + Sync,
        scan: Scan<'_>,
    ) -> Result<WouldGo> {
        let Looked { gone, changed, concerned, .. } = look(&self.state, calendar, &fate, scan)?;
        Ok(WouldGo { gone, changed, segments: concerned.len() as u64 })
    }

    /// Rewrites what is stored by the fate of each row, in one commit. Of a fact that has several
    /// rows, each must meet the same fate. The calendar is for the statistics.
    ///
    /// # Errors
    /// [`HistoryError::Cancelled`](crate::HistoryError::Cancelled) where the scan says so; whatever
    /// fails, nothing has changed.
    pub(crate) fn rewrite_facts(
        &mut self,
        calendar: &Calendar,
        fate: impl Fn(&Stored) -> Fate + Sync,
        scan: Scan<'_>,
    ) -> Result<Rewritten> {
        // Begun first: what an earlier commit has left behind goes, even if nothing else does.
        let mut change = Change::begin(self)?;
        let Looked { resolver, seen, mut concerned, gone, changed } =
            look(change.now(), calendar, &fate, scan)?;
        if concerned.is_empty() {
            change.abandon()?;
            return Ok(Rewritten::default());
        }
        change.next.resolver = Arc::new(resolver);
        change.next.seen = Arc::new(seen);
        (change.identity_changed, change.seen_changed) = (true, true);
        concerned.extend(misplaced(&change, &concerned, scan)?);

        let accounts = {
            let Change { next, rows, .. } = &mut change;
            rewrite_rows(next, rows, &concerned, &fate, scan)?
        };
        let next = &mut change.next;
        for segment in &concerned {
            next.overlay.forget(segment);
        }
        next.catalogue.segments.retain(|it| !concerned.contains(&it.file.file));
        next.catalogue.facts -= gone;
        change.seal()?;
        change.commit()?.compact(Compaction::WhereDue)?;
        Ok(Rewritten { gone, changed, accounts })
    }
}

/// Reads everything once: what is left teaches who is who and what there is.
fn look(
    state: &State,
    calendar: &Calendar,
    fate: &(impl Fn(&Stored) -> Fate + Sync),
    scan: Scan<'_>,
) -> Result<Looked> {
    let nothing = || Looked {
        resolver: Resolver::new(&state.rules),
        seen: Seen::default(),
        concerned: BTreeSet::new(),
        gone: 0,
        changed: 0,
    };
    // The same groups for any number of threads, so that names are numbered alike.
    let group = state.catalogue.segments.len().div_ceil(GROUPS).max(1);
    let groups = state.catalogue.segments.par_chunks(group).map(|entries| {
        let mut looked = nothing();
        for entry in entries {
            look_at(state, entry, calendar, fate, scan, &mut looked)?;
        }
        Ok(looked)
    });
    let groups = groups.collect::<Result<Vec<Looked>>>()?;
    Ok(groups.into_iter().reduce(Looked::and).unwrap_or_else(nothing))
}

fn look_at(
    state: &State,
    entry: &SegmentEntry,
    calendar: &Calendar,
    fate: &impl Fn(&Stored) -> Fate,
    scan: Scan<'_>,
    looked: &mut Looked,
) -> Result<()> {
    let segment = Segment::open(&state.dir, entry)?;
    let dead = state.overlay.dead(&entry.file.file);
    let mut concerned = false;
    // All rows, those included that count no more: they are in the file.
    for row in segment.whole_rows(from_ref(&(0..segment.rows())))? {
        let (number, row) = row?;
        if number % ROWS_PER_LOOK == 0 {
            scan.check()?;
        }
        let fate = fate(&row);
        concerned |= fate != Fate::Kept;
        if row.copy || dead.binary_search(&number).is_ok() {
            continue;
        }
        let fact = match &fate {
            Fate::Kept => &row.fact,
            Fate::Changed(fact) => {
                looked.changed += 1;
                fact
            }
            Fate::Gone => {
                looked.gone += 1;
                continue;
            }
        };
        identity::learn(&mut looked.resolver, &FactView::from(fact), |_| ());
        looked.seen.take(fact, calendar);
    }
    scan.done(segment.rows());
    if concerned {
        looked.concerned.insert(entry.file.file.clone());
    }
    Ok(())
}

impl Looked {
    fn and(mut self, later: Self) -> Self {
        self.resolver.merge(&later.resolver);
        self.seen.merge(&later.seen);
        self.concerned.extend(later.concerned);
        self.gone += later.gone;
        self.changed += later.changed;
        self
    }
}

/// Other segments that hold rows which belong elsewhere by what is left.
fn misplaced(
    change: &Change<'_>,
    concerned: &BTreeSet<String>,
    scan: Scan<'_>,
) -> Result<Vec<String>> {
    let State { dir, catalogue, overlay, resolver, .. } = &change.next;
    let others = catalogue.segments.par_iter().filter(|it| !concerned.contains(&it.file.file));
    let found = others.map(|entry| {
        scan.check()?;
        let segment = Segment::open(dir, entry)?;
        let live = overlay.live(&entry.file.file, 0..segment.rows());
        for row in segment.bare_rows(&live)? {
            let (_, row) = row?;
            if !identity::place(resolver, &FactView::from(&row.fact)).holds(&row) {
                return Ok(Some(entry.file.file.clone()));
            }
        }
        Ok(None)
    });
    let found = found.collect::<Result<Vec<Option<String>>>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// Puts what is left of some segments aside, where it belongs now; tells whose streams change.
fn rewrite_rows(
    next: &State,
    rows: &mut Spool,
    concerned: &BTreeSet<String>,
    fate: &(impl Fn(&Stored) -> Fate + Sync),
    scan: Scan<'_>,
) -> Result<BTreeSet<Text>> {
    let rows = Mutex::new(rows);
    let put_aside =
        |feeder: &mut Feeder| rows.lock().unwrap_or_else(PoisonError::into_inner).take(feeder);
    let entries = next.catalogue.segments.par_iter();
    let entries = entries.filter(|it| concerned.contains(&it.file.file));
    let changed = entries.map_init(
        || Buckets::new(next.catalogue.buckets),
        |buckets, entry| {
            scan.check()?;
            let mut feeder = Feeder::new(next.catalogue.buckets as usize);
            let mut accounts = FxHashSet::default();
            let mut written = Vec::new();
            let segment = Segment::open(&next.dir, entry)?;
            let live = next.overlay.live(&entry.file.file, 0..segment.rows());
            for row in segment.whole_rows(&live)? {
                let (_, row) = row?;
                let fact = match fate(&row) {
                    Fate::Kept => None,
                    Fate::Changed(fact) => Some(fact),
                    Fate::Gone => {
                        accounts.insert(row.account);
                        continue;
                    }
                };
                let view = FactView::from(fact.as_ref().unwrap_or(&row.fact));
                written.clear();
                write_fact(&mut written, &view);
                let placed = identity::place(&next.resolver, &view);
                let stays = placed.holds(&row);
                if fact.is_some() || !stays {
                    accounts.insert(row.account.clone());
                }
                let mut put = |place: Place<'_>| {
                    let bucket = buckets.of(place.account) as usize;
                    feeder.push(bucket, |to| write_row(to, &place, &written))
                };
                let mut full = false;
                if stays {
                    full = put(row.place())?;
                } else if !row.copy {
                    // The original brings all its rows along; copies are only taken away.
                    for place in placed.places() {
                        accounts.insert(place.account.into());
                        full |= put(place)?;
                    }
                }
                if full {
                    put_aside(&mut feeder)?;
                }
            }
            put_aside(&mut feeder)?;
            Ok(accounts)
        },
    );
    let changed = changed.collect::<Result<Vec<FxHashSet<Text>>>>()?;
    Ok(changed.into_iter().flatten().filter(|it| !it.is_empty()).collect())
}
