//! The attribution overlay: rows of segments that count no more.
//!
//! Segments never change. When an identity learnt later moves a fact to another account, or a
//! better copy of a fact comes in, its old rows are listed here and its new rows are sealed with
//! the next segments. Compaction rewrites a bucket without the rows listed. The list is a Parquet
//! file of its own, so that other readers can leave the same rows out.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use rustc_hash::FxHashSet;

use crate::catalogue::KNOWLEDGE;
use crate::error::{HistoryError, Result};
use crate::files::FileRef;

/// The numbers of the rows that count no more, by segment file; sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overlay {
    dead: BTreeMap<String, Arc<[usize]>>,
}

impl Overlay {
    /// Reads the overlay that a catalogue names.
    pub fn load(dir: &Path, file: &FileRef) -> Result<Self> {
        let path = dir.join(&file.file);
        let opened = File::open(&path).map_err(HistoryError::io("open", &path))?;
        let mut lists: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let read = || -> Result<(), ParquetError> {
            for batch in ParquetRecordBatchReaderBuilder::try_new(opened)?.build()? {
                let batch = batch?;
                let shape = || ParquetError::General("it has other columns".to_owned());
                let segments = batch.column(0).as_string_opt::<i32>().ok_or_else(shape)?;
                let rows = batch.column(1).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
                for (segment, row) in segments.iter().flatten().zip(rows.values()) {
                    let row = usize::try_from(*row).map_err(|_| shape())?;
                    match lists.get_mut(segment) {
                        Some(list) => list.push(row),
                        None => _ = lists.insert(segment.to_owned(), vec![row]),
                    }
                }
            }
            Ok(())
        };
        read().map_err(HistoryError::parquet(&path))?;
        let mut overlay = Self::default();
        for (segment, rows) in lists {
            overlay.add(&segment, rows);
        }
        Ok(overlay)
    }

    /// Writes the overlay durably; an empty one too, so that queries can always name it.
    pub fn save(&self, dir: &Path, generation: u64) -> Result<FileRef> {
        let file = format!("{KNOWLEDGE}/overlay-{generation:08}.parquet");
        let path = dir.join(&file);
        let opened = File::create(&path).map_err(HistoryError::io("create", &path))?;
        let write = || -> Result<File, ParquetError> {
            let schema = Arc::new(Schema::new(vec![
                Field::new("segment", DataType::Utf8, false),
                Field::new("row", DataType::Int64, false),
            ]));
            let mut writer = ArrowWriter::try_new(opened, Arc::clone(&schema), None)?;
            for (segment, rows) in &self.dead {
                let segments = StringArray::from_iter_values(rows.iter().map(|_| segment));
                let rows = Int64Array::from_iter_values(rows.iter().map(|it| row_number(*it)));
                let columns = vec![Arc::new(segments) as _, Arc::new(rows) as _];
                writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns)?)?;
            }
            writer.into_inner()
        };
        let opened = write().map_err(HistoryError::parquet(&path))?;
        opened.sync_all().map_err(HistoryError::io("sync", &path))?;
        FileRef::of(dir, file)
    }

    /// Lists more rows of a segment.
    pub fn add(&mut self, segment: &str, rows: impl IntoIterator<Item = usize>) {
        let mut all: Vec<usize> = self.dead(segment).iter().copied().chain(rows).collect();
        all.sort_unstable();
        all.dedup();
        if !all.is_empty() {
            self.dead.insert(segment.to_owned(), all.into());
        }
    }

    /// Forgets a segment.
    pub fn forget(&mut self, segment: &str) {
        self.dead.remove(segment);
    }

    /// The rows of a segment that count no more.
    pub fn dead(&self, segment: &str) -> &[usize] {
        self.dead.get(segment).map_or(&[], |it| it)
    }

    /// The segments that have such rows.
    pub fn segments(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.dead.iter().map(|(segment, rows)| (segment.as_str(), &**rows))
    }

    /// The rows that do count, as ranges.
    pub fn live(&self, segment: &str, within: Range<usize>) -> Vec<Range<usize>> {
        let mut live = Vec::new();
        let mut start = within.start;
        let dead = self.dead(segment);
        let from = dead.partition_point(|it| *it < within.start);
        for row in dead[from..].iter().copied().take_while(|it| *it < within.end) {
            if start < row {
                live.push(start..row);
            }
            start = row + 1;
        }
        if start < within.end {
            live.push(start..within.end);
        }
        live
    }
}

fn row_number(row: usize) -> i64 {
    i64::try_from(row).expect("a segment has fewer than 2^63 rows")
}

/// Joins row numbers into ranges.
pub(crate) fn ranges(rows: &FxHashSet<usize>) -> Vec<Range<usize>> {
    let mut sorted: Vec<usize> = rows.iter().copied().collect();
    sorted.sort_unstable();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for row in sorted {
        match ranges.last_mut() {
            Some(last) if last.end == row => last.end += 1,
            _ => ranges.push(row..row + 1),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlay_is_read_back_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(KNOWLEDGE)).unwrap();
        let mut overlay = Overlay::default();
        overlay.add("segments/a.parquet", [7, 3, 3]);
        overlay.add("segments/b.parquet", [0]);
        overlay.add("segments/a.parquet", [4]);
        let file = overlay.save(dir.path(), 1).unwrap();
        assert_eq!(Overlay::load(dir.path(), &file).unwrap(), overlay);
        assert_eq!(overlay.live("segments/a.parquet", 2..9), [2..3, 5..7, 8..9]);
        assert!(overlay.live("segments/b.parquet", 0..1).is_empty());
    }
}
