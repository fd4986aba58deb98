//! Which facts became known lately: a repeat of one of them counts once.

use firsthand_model::{Text, Time};

use crate::error::Result;
use crate::history::History;
use crate::scan::Scan;
use crate::segment::{Segment, later};

/// A fact's source and id, and when it became known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// When it became known; where that is not recorded, when it happened.
    pub known_at: Time,
    /// The source.
    pub source: Text,
    /// The id.
    pub id: Text,
}

impl History {
    /// The facts that became known after an instant, those included that stand in nobody's stream.
    /// A fact of several accounts comes once for each.
    pub fn known_since(&self, instant: Time, scan: Scan<'_>) -> Result<Vec<Recent>> {
        let state = &self.state;
        let parts = self.in_buckets(scan, |bucket| {
            let mut found = Vec::new();
            for entry in state.catalogue.in_bucket(bucket) {
                scan.check()?;
                let segment = Segment::open(&state.dir, entry)?;
                let mut known = Vec::new();
                let live = state.overlay.live(&entry.file.file, 0..segment.rows());
                for batch in segment.batches(Some(&["time", "known_after"]), &live)? {
                    let batch = batch?;
                    let (times, after) = (batch.instants("time")?, batch.wholes("known_after")?);
                    for (row, number) in batch.rows.clone().enumerate() {
                        let time = Time(times.value(row));
                        let arrived = later::instant_at(after, row, time).unwrap_or(time);
                        known.extend((arrived > instant).then_some((number, arrived)));
                    }
                }
                let rows: Vec<_> = known.iter().map(|(row, _)| *row..*row + 1).collect();
                if rows.is_empty() {
                    continue;
                }
                let mut known = known.into_iter();
                for batch in segment.batches(Some(&["source", "id"]), &rows)? {
                    let batch = batch?;
                    let (sources, ids) = (batch.words("source")?, batch.texts("id")?);
                    for (row, (_, known_at)) in (0..batch.len()).zip(known.by_ref()) {
                        let source = sources.text(row).unwrap_or_default();
                        found.push(Recent { known_at, source, id: ids.value(row).into() });
                    }
                }
            }
            Ok(found)
        })?;
        Ok(parts.into_iter().flatten().collect())
    }
}
