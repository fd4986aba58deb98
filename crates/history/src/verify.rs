//! Looking a history over: is everything there, whole and in its place?

use std::path::PathBuf;

use firsthand_model::fact::FactView;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::catalogue::SegmentEntry;
use crate::error::{HistoryError, Result};
use crate::files::{self, FileRef};
use crate::hash::{FactKey, bucket_of};
use crate::history::{History, State, orphans};
use crate::identity;
use crate::scan::Scan;
use crate::segment::Segment;

/// Something wrong with a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
    /// What to do about it, as a whole sentence.
    pub remedy: &'static str,
}

const RESTORE: &str =
    "Restore the file from a backup, or import the events again into a new folder.";
const REPORT: &str = "Please report this as a bug: it should not be possible.";

impl History {
    /// Reads all of the history and returns what is wrong with it; nothing, mostly.
    pub fn verify(&self, scan: Scan<'_>) -> Result<Vec<Problem>> {
        let State { dir, catalogue, overlay, .. } = &self.state;
        let mut problems = Vec::new();
        for file in catalogue.files() {
            problems.extend(check_file(&self.state, file));
        }
        if problems.is_empty() {
            let found: Vec<Vec<Problem>> = self.in_buckets(scan, |bucket| {
                let mut problems = Vec::new();
                for entry in catalogue.in_bucket(bucket) {
                    scan.check()?;
                    problems.extend(check_segment(&self.state, entry)?);
                }
                Ok(problems)
            })?;
            problems.extend(found.into_iter().flatten());
            problems.extend(self.check_facts()?);
        }
        for (segment, _) in overlay.segments() {
            if !catalogue.segments.iter().any(|it| it.file.file == segment) {
                let what = "the overlay names this segment, the catalogue does not".to_owned();
                problems.push(Problem { path: dir.join(segment), what, remedy: REPORT });
            }
        }
        for path in orphans(dir, catalogue)? {
            let what = "an interrupted import has left this file behind".to_owned();
            let remedy = "Nothing need be done: the next import removes it.";
            problems.push(Problem { path, what, remedy });
        }
        Ok(problems)
    }

    /// Counts the facts, and looks for those that count twice.
    fn check_facts(&self) -> Result<Option<Problem>> {
        let State { dir, catalogue, overlay, .. } = &self.state;
        let keys: Vec<Vec<FactKey>> = catalogue
            .segments
            .par_iter()
            .map(|entry| {
                let segment = Segment::open(dir, entry)?;
                let live = overlay.live(&entry.file.file, 0..segment.rows());
                let mut keys = Vec::new();
                for batch in segment.batches(Some(&["source", "id", "copy"]), &live)? {
                    let batch = batch?;
                    let (source, id) = (batch.words("source")?, batch.texts("id")?);
                    let copy = batch.flags("copy")?;
                    let originals = (0..batch.len()).filter(|row| !copy.value(*row));
                    let key =
                        |row| FactKey::new(source.get(row).unwrap_or_default(), id.value(row));
                    keys.extend(originals.map(key));
                }
                Ok(keys)
            })
            .collect::<Result<_>>()?;
        let mut keys: Vec<FactKey> = keys.into_iter().flatten().collect();
        let rows = keys.len();
        keys.sort_unstable();
        keys.dedup();
        let what = if keys.len() < rows {
            format!("{} facts are stored twice", rows - keys.len())
        } else if rows as u64 != catalogue.facts {
            format!("it counts {} facts, the segments hold {rows}", catalogue.facts)
        } else {
            return Ok(None);
        };
        Ok(Some(Problem { path: dir.join("catalogue.json"), what, remedy: REPORT }))
    }
}

fn check_file(state: &State, file: &FileRef) -> Option<Problem> {
    let path = state.dir.join(&file.file);
    let what = match files::checksum(&path) {
        Err(HistoryError::Io { source, .. }) => format!("it cannot be read: {source}"),
        Err(error) => error.to_string(),
        Ok((bytes, _)) if bytes != file.bytes => {
            format!("it has {bytes} bytes, the catalogue says {}", file.bytes)
        }
        Ok((_, blake3)) if blake3 != file.blake3 => {
            "its content is not what was written: the checksums differ".to_owned()
        }
        Ok(_) => return None,
    };
    let rebuilt = state.catalogue.identity.as_ref() == Some(file);
    let remedy = if rebuilt { "Run any import: the file is worked out anew." } else { RESTORE };
    Some(Problem { path, what, remedy })
}

fn check_segment(state: &State, entry: &SegmentEntry) -> Result<Vec<Problem>> {
    let segment = Segment::open(&state.dir, entry)?;
    let mut found: FxHashSet<(String, &'static str)> = FxHashSet::default();
    if segment.rows() as u64 != entry.rows {
        let what = format!("it has {} rows, the catalogue says {}", segment.rows(), entry.rows);
        found.insert((what, RESTORE));
    }
    let dead = state.overlay.dead(&entry.file.file);
    if dead.last().is_some_and(|it| *it >= segment.rows()) {
        found.insert(("the overlay names rows that it does not have".to_owned(), REPORT));
    }
    let mut before = None;
    for row in segment.whole_rows(std::slice::from_ref(&(0..segment.rows())))? {
        let (number, row) = match row {
            Ok(row) => row,
            Err(error) => {
                found.insert((error.to_string(), RESTORE));
                break;
            }
        };
        if bucket_of(&row.account, state.catalogue.buckets) != entry.bucket {
            found.insert(("it holds an account of another bucket".to_owned(), REPORT));
        }
        let is_dead = dead.binary_search(&number).is_ok();
        let placed = identity::place(&state.resolver, &FactView::from(&row.fact));
        if !is_dead && !placed.holds(&row) {
            let remedy = "Run any import: facts are then attributed anew.";
            found.insert(("a fact is not where its ids say it belongs".to_owned(), remedy));
        }
        if before.as_ref().is_some_and(|it: &crate::stored::Stored| it.sort_key() > row.sort_key())
        {
            found.insert(("its rows are not in order".to_owned(), REPORT));
        }
        before = Some(row);
    }
    let path = segment.path().to_owned();
    Ok(found
        .into_iter()
        .map(|(what, remedy)| Problem { path: path.clone(), what, remedy })
        .collect())
}
