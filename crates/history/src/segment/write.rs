//! Sealing sorted rows into a segment.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::SchemaRef;
use firsthand_model::{Text, Time};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;

use super::schema;
use super::table::Columns;
use crate::catalogue::{PromotedColumn, SEGMENTS, SegmentEntry};
use crate::error::{HistoryError, Result};
use crate::files::FileRef;
use crate::stored::RowView;

/// Rows handed to Parquet at a time.
const BATCH_ROWS: usize = 8 * 1024;
/// A batch is handed over early once its JSON has this size.
const BATCH_JSON_BYTES: usize = 32 * 1024 * 1024;

/// Writes one segment. Rows must come sorted by [`RowView::sort_key`].
pub(crate) struct SegmentWriter {
    dir: PathBuf,
    file: String,
    bucket: u32,
    generation: u64,
    promoted: Vec<PromotedColumn>,
    open: Option<Open>,
    rows: u64,
    bounds: Option<Bounds>,
}

/// The file; there is none before the first row, so that a bucket without rows leaves none.
struct Open {
    writer: ArrowWriter<File>,
    schema: SchemaRef,
    /// Rows that wait to be handed to the writer.
    pending: Columns,
}

struct Bounds {
    first: Time,
    last: Time,
    account_min: Text,
    account_max: Text,
}

impl SegmentWriter {
    /// Begins the segment of a bucket with these promoted columns.
    pub fn new(dir: &Path, bucket: u32, generation: u64, promoted: Vec<PromotedColumn>) -> Self {
        Self {
            dir: dir.to_owned(),
            file: format!("{SEGMENTS}/{generation:08}-{bucket:05}.parquet"),
            bucket,
            generation,
            promoted,
            open: None,
            rows: 0,
            bounds: None,
        }
    }

    /// Adds the next row.
    pub fn push(&mut self, row: &RowView<'_>) -> Result<()> {
        let (time, account) = (row.fact.time, row.place.account);
        match &mut self.bounds {
            Some(bounds) => {
                bounds.first = bounds.first.min(time);
                bounds.last = bounds.last.max(time);
                if bounds.account_max != account {
                    bounds.account_max = account.into();
                }
            }
            none => {
                let (account_min, account_max) = (account.into(), account.into());
                *none = Some(Bounds { first: time, last: time, account_min, account_max });
            }
        }
        self.rows += 1;
        if self.open.is_none() {
            self.open = Some(self.begin()?);
        }
        let open = self.open.as_mut().expect("it was just opened");
        open.pending.push(row, &mut self.promoted);
        if open.pending.rows() >= BATCH_ROWS || open.pending.json_bytes() >= BATCH_JSON_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Makes the segment durable; `None` if no row came.
    pub fn finish(mut self) -> Result<Option<SegmentEntry>> {
        self.flush()?;
        let (Some(open), Some(bounds)) = (self.open, self.bounds) else {
            return Ok(None);
        };
        let path = self.dir.join(&self.file);
        let file = open.writer.into_inner().map_err(HistoryError::parquet(&path))?;
        file.sync_all().map_err(HistoryError::io("sync", &path))?;
        Ok(Some(SegmentEntry {
            file: FileRef::of(&self.dir, self.file)?,
            bucket: self.bucket,
            generation: self.generation,
            rows: self.rows,
            first: bounds.first,
            last: bounds.last,
            account_min: bounds.account_min,
            account_max: bounds.account_max,
            promoted: self.promoted,
        }))
    }

    fn flush(&mut self) -> Result<()> {
        let Some(Open { writer, schema, pending }) = &mut self.open else {
            return Ok(());
        };
        pending
            .finish(schema)
            .and_then(|batch| writer.write(&batch))
            .map_err(HistoryError::parquet(&self.dir.join(&self.file)))
    }

    fn begin(&self) -> Result<Open> {
        let path = self.dir.join(&self.file);
        let file = File::create(&path).map_err(HistoryError::io("create", &path))?;
        let promoted = || self.promoted.iter().map(|it| (it.path.as_str(), it.kind));
        // Parquet makes the dictionaries itself. Arrow's would be made only to be taken apart, so
        // that they are promised to readers and not made.
        let schema = schema::as_written(promoted());
        let options = ArrowWriterOptions::new()
            .with_properties(schema::properties(&schema::schema(promoted())))
            .with_skip_arrow_metadata(true);
        let begin = || {
            Ok(Open {
                writer: ArrowWriter::try_new_with_options(file, Arc::clone(&schema), options)?,
                schema,
                pending: Columns::new(&self.promoted)?,
            })
        };
        begin().map_err(HistoryError::parquet(&path))
    }
}
