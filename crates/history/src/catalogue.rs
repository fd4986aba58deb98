//! The catalogue: which segments make up the history. Replacing its one file is the commit.

use std::collections::BTreeMap;
use std::path::Path;

use firsthand_model::seen::Seen;
use firsthand_model::{Text, Time};
use serde::{Deserialize, Serialize};

use crate::error::{HistoryError, Result};
use crate::files::{self, FileRef};

/// The format this release writes.
pub(crate) const FORMAT: u32 = 2;
const FILE: &str = "catalogue.json";
/// The folder of the segments, inside the history's.
pub(crate) const SEGMENTS: &str = "segments";
/// The folder of what is known beside the segments: identity, overlay, statistics.
pub(crate) const KNOWLEDGE: &str = "knowledge";
/// The folder that a running intake works in; whatever is left in it belongs to nobody.
pub(crate) const INTAKE: &str = "intake";

/// What makes up a history at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Catalogue {
    /// The format of this file and of the segments.
    pub format: u32,
    /// Counts the commits.
    pub generation: u64,
    /// How many buckets the accounts are spread over; never changes.
    pub buckets: u32,
    /// How many facts there are.
    pub facts: u64,
    /// Behind which offset of a server's log its facts are not in here yet.
    #[serde(default)]
    pub logged: u64,
    /// Under which identity rules the rows were attributed.
    pub identity_rules: String,
    /// The properties that newly written segments keep as typed columns, by path.
    pub promoted: BTreeMap<Text, Option<ColumnKind>>,
    /// The segments, by bucket and age.
    pub segments: Vec<SegmentEntry>,
    /// Rows of segments that count no more.
    pub overlay: FileRef,
    /// What is known about who is who.
    pub identity: Option<FileRef>,
    /// What the data has shown so far.
    pub seen: Option<FileRef>,
}

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SegmentEntry {
    /// The file.
    #[serde(flatten)]
    pub file: FileRef,
    /// The bucket of all its accounts.
    pub bucket: u32,
    /// The commit that brought it.
    pub generation: u64,
    /// How many rows it has, those of the overlay included.
    pub rows: u64,
    /// The earliest time.
    pub first: Time,
    /// The latest time.
    pub last: Time,
    /// The least account.
    pub account_min: Text,
    /// The greatest account.
    pub account_max: Text,
    /// Its typed columns.
    pub promoted: Vec<PromotedColumn>,
}

/// A property that has a column of its own in a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PromotedColumn {
    /// The property's path.
    pub path: Text,
    /// The type of the column.
    pub kind: ColumnKind,
    /// Whether the column tells all: no value of another type was left in the JSON.
    pub complete: bool,
}

/// The type of a promoted column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ColumnKind {
    /// Exact numbers of six places.
    Number,
    /// Texts.
    Text,
    /// True or false.
    Bool,
}

impl ColumnKind {
    /// The type of most values of a property, if it has been seen at all.
    fn commonest(path: &str, seen: &Seen) -> Option<Self> {
        let properties = seen.events.values().filter_map(|it| it.properties.get(path));
        let (mut texts, mut numbers, mut bools) = (0, 0, 0);
        for values in properties {
            texts += values.texts;
            numbers += values.numbers;
            bools += values.bools;
        }
        let counts = [(bools, Self::Bool), (numbers, Self::Number), (texts, Self::Text)];
        let (most, kind) = counts.into_iter().max_by_key(|(count, _)| *count)?;
        (most > 0).then_some(kind)
    }
}

impl Catalogue {
    /// Identifies what scans see: the segments, and which of their rows count.
    pub fn content_key(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for file in self.segments.iter().map(|it| &it.file).chain([&self.overlay]) {
            hasher.update(file.blake3.as_bytes());
        }
        hasher.finalize()
    }

    /// A history without facts.
    pub fn empty(buckets: u32, identity_rules: String, overlay: FileRef) -> Self {
        Self {
            format: FORMAT,
            generation: 0,
            buckets,
            facts: 0,
            logged: 0,
            identity_rules,
            promoted: BTreeMap::new(),
            segments: Vec::new(),
            overlay,
            identity: None,
            seen: None,
        }
    }

    /// Whether a folder has a catalogue.
    pub fn exists(dir: &Path) -> bool {
        dir.join(FILE).exists()
    }

    /// Reads the catalogue of a history.
    pub fn load(dir: &Path) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let path = dir.join(FILE);
        if !path.exists() {
            return Err(HistoryError::Absent(dir.to_owned()));
        }
        let text = std::fs::read(&path).map_err(HistoryError::io("read", &path))?;
        let damaged = |error: serde_json::Error| HistoryError::damaged(&path, error.to_string());
        let head: Head = serde_json::from_slice(&text).map_err(damaged)?;
        if head.format != FORMAT {
            let path = dir.to_owned();
            return Err(HistoryError::Format { path, found: head.format, known: FORMAT });
        }
        let catalogue: Self = serde_json::from_slice(&text).map_err(damaged)?;
        if catalogue.buckets == 0 {
            return Err(HistoryError::damaged(&path, "it has no buckets"));
        }
        Ok(catalogue)
    }

    /// Makes this the catalogue, at once and for good.
    pub fn commit(&self, dir: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).expect("a catalogue serialises");
        files::write_whole(&dir.join(FILE), &text)
    }

    /// Settles the types of promoted properties that have been seen by now. A type is settled
    /// once and for all, so that other readers find one type in all segments.
    pub fn settle_promoted(&mut self, seen: &Seen) {
        for (path, kind) in &mut self.promoted {
            if kind.is_none() {
                *kind = ColumnKind::commonest(path, seen);
            }
        }
    }

    /// The columns that a segment written now has.
    pub fn columns_now(&self) -> Vec<PromotedColumn> {
        let settled = self.promoted.iter().filter_map(|(path, kind)| Some((path, (*kind)?)));
        let column =
            |(path, kind): (&Text, _)| PromotedColumn { path: path.clone(), kind, complete: true };
        settled.map(column).collect()
    }

    /// The segments of a bucket, oldest first.
    pub fn in_bucket(&self, bucket: u32) -> impl Iterator<Item = &SegmentEntry> {
        self.segments.iter().filter(move |it| it.bucket == bucket)
    }

    /// Every file it names.
    pub fn files(&self) -> impl Iterator<Item = &FileRef> {
        let segments = self.segments.iter().map(|it| &it.file);
        segments.chain([&self.overlay]).chain(&self.identity).chain(&self.seen)
    }
}
