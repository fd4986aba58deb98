//! Attributing stored facts anew, when later facts or other rules tell who is who.
//!
//! Rows that now belong elsewhere, across buckets if need be, go to the overlay and are sealed
//! again where they belong. Each row tells by itself whether it is settled
//! ([`identity::Placed::holds`]), so that segments are looked at one by one and in parallel.

use std::ops::Range;

use firsthand_model::Text;
use firsthand_model::fact::FactView;
use firsthand_rules::resolve::RawId;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::catalogue::SegmentEntry;
use crate::error::Result;
use crate::history::{Change, State};
use crate::identity;
use crate::overlay;
use crate::segment::Segment;
use crate::segment::batch::WordColumn;

/// Ids whose facts may belong elsewhere now.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    users: FxHashSet<Text>,
    anonymous: FxHashSet<Text>,
}

impl Touched {
    pub fn add(&mut self, id: RawId) {
        match id {
            RawId::User(id) => self.users.insert(id),
            RawId::Anonymous(id) => self.anonymous.insert(id),
        };
    }

    fn is_empty(&self) -> bool {
        self.users.is_empty() && self.anonymous.is_empty()
    }
}

/// Moves every stored fact to where the change's resolver says that it belongs; looks only at
/// facts of touched ids, or at all if `None`.
pub(crate) fn attribute_anew(change: &mut Change<'_>, touched: Option<&Touched>) -> Result<()> {
    if touched.is_some_and(Touched::is_empty) {
        return Ok(());
    }
    let next = &change.next;
    let unsettled: Vec<(&SegmentEntry, FxHashSet<usize>)> = next
        .catalogue
        .segments
        .par_iter()
        .map(|entry| Ok((entry, unsettled(next, entry, touched)?)))
        .collect::<Result<_>>()?;
    let unsettled: Vec<(SegmentEntry, FxHashSet<usize>)> = unsettled
        .into_iter()
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(entry, rows)| (entry.clone(), rows))
        .collect();
    for (entry, rows) in unsettled {
        let segment = Segment::open(&change.next.dir, &entry)?;
        for row in segment.whole_rows(&overlay::ranges(&rows))? {
            let (_, row) = row?;
            // The original brings all its rows along; copies are only taken away.
            if !row.copy {
                change.add(&row.fact)?;
            }
        }
        change.next.overlay.add(&entry.file.file, rows);
    }
    Ok(())
}

/// The rows of a segment that are not where they belong.
fn unsettled(
    state: &State,
    entry: &SegmentEntry,
    touched: Option<&Touched>,
) -> Result<FxHashSet<usize>> {
    let segment = Segment::open(&state.dir, entry)?;
    let mut candidates = state.overlay.live(&entry.file.file, 0..segment.rows());
    if let Some(touched) = touched {
        candidates = overlay::ranges(&touched_rows(&segment, &candidates, touched)?);
    }
    let mut unsettled = FxHashSet::default();
    for row in segment.bare_rows(&candidates)? {
        let (number, row) = row?;
        let placed = identity::place(&state.resolver, &FactView::from(&row.fact));
        if !placed.holds(&row) {
            unsettled.insert(number);
        }
    }
    Ok(unsettled)
}

/// The rows of a segment that name a touched id.
fn touched_rows(
    segment: &Segment,
    live: &[Range<usize>],
    touched: &Touched,
) -> Result<FxHashSet<usize>> {
    let mut rows = FxHashSet::default();
    for batch in segment.batches(Some(&["user", "anonymous"]), live)? {
        let batch = batch?;
        let (users, anonymous) = (batch.words("user")?, batch.words("anonymous")?);
        let touched_users = entries(&users, &touched.users);
        let touched_anonymous = entries(&anonymous, &touched.anonymous);
        for (row, number) in batch.rows.clone().enumerate() {
            let user = users.key(row).is_some_and(|it| touched_users[it]);
            if user || anonymous.key(row).is_some_and(|it| touched_anonymous[it]) {
                rows.insert(number);
            }
        }
    }
    Ok(rows)
}

/// Which entries of a dictionary are touched.
fn entries(words: &WordColumn<'_>, touched: &FxHashSet<Text>) -> Vec<bool> {
    words.values.iter().map(|it| it.is_some_and(|it| touched.contains(it))).collect()
}
