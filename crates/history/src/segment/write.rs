//! Sealing sorted rows into a segment.

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Decimal128Builder, StringDictionaryBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::SchemaRef;
use firsthand_model::fact::Body;
use firsthand_model::{Scalar, Text, Time};
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;

use super::promote;
use super::schema::{self, NUMBER_DIGITS, NUMBER_PLACES};
use crate::catalogue::{ColumnKind, PromotedColumn, SEGMENTS, SegmentEntry};
use crate::error::{HistoryError, Result};
use crate::files::FileRef;
use crate::stored::{Stored, kind_word};

/// Rows handed to Parquet at a time.
const BATCH_ROWS: usize = 8 * 1024;
/// A batch is handed over early once its JSON has this size.
const BATCH_JSON_BYTES: usize = 32 * 1024 * 1024;

/// Writes one segment. Rows must come sorted by [`Stored::sort_key`].
pub(crate) struct SegmentWriter {
    dir: PathBuf,
    file: String,
    bucket: u32,
    generation: u64,
    promoted: Vec<PromotedColumn>,
    pending: Vec<Stored>,
    pending_json_bytes: usize,
    open: Option<Open>,
    rows: u64,
    bounds: Option<Bounds>,
}

/// The file; there is none before the first batch, so that a bucket without rows leaves none.
struct Open {
    writer: ArrowWriter<File>,
    schema: SchemaRef,
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
            pending: Vec::new(),
            pending_json_bytes: 0,
            open: None,
            rows: 0,
            bounds: None,
        }
    }

    /// Adds the next row.
    pub fn push(&mut self, row: Stored) -> Result<()> {
        let time = row.fact.time;
        match &mut self.bounds {
            Some(bounds) => {
                bounds.first = bounds.first.min(time);
                bounds.last = bounds.last.max(time);
                if bounds.account_max != row.account {
                    bounds.account_max = row.account.clone();
                }
            }
            none => {
                let (account_min, account_max) = (row.account.clone(), row.account.clone());
                *none = Some(Bounds { first: time, last: time, account_min, account_max });
            }
        }
        self.rows += 1;
        self.pending_json_bytes += json_of(&row).map_or(0, |(_, text)| text.len());
        self.pending.push(row);
        if self.pending.len() >= BATCH_ROWS || self.pending_json_bytes >= BATCH_JSON_BYTES {
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
            log: None,
            promoted: self.promoted,
        }))
    }

    fn flush(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let path = self.dir.join(&self.file);
        if self.open.is_none() {
            self.open = Some(self.begin(&path)?);
        }
        let open = self.open.as_mut().expect("it was just opened");
        let columns = columns(&self.pending, &mut self.promoted);
        columns
            .and_then(|it| Ok(RecordBatch::try_new(Arc::clone(&open.schema), it)?))
            .and_then(|batch| open.writer.write(&batch))
            .map_err(HistoryError::parquet(&path))?;
        self.pending.clear();
        self.pending_json_bytes = 0;
        Ok(())
    }

    fn begin(&self, path: &Path) -> Result<Open> {
        let promoted = self.promoted.iter().map(|it| (it.path.as_str(), it.kind));
        let schema = schema::schema(promoted);
        let file = File::create(path).map_err(HistoryError::io("create", path))?;
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(schema::properties()))
            .map_err(HistoryError::parquet(path))?;
        Ok(Open { writer, schema })
    }
}

/// The JSON of a row, and whether it is a set of traits.
fn json_of(row: &Stored) -> Option<(bool, &str)> {
    match &row.fact.body {
        Body::Event { properties, .. } | Body::Record { properties, .. } => {
            Some((false, properties.as_str()))
        }
        Body::Traits { traits, .. } => Some((true, traits.as_str())),
        _ => None,
    }
}

fn event_json(row: &Stored) -> Option<&str> {
    json_of(row).filter(|(traits, _)| !traits).map(|(_, text)| text)
}

/// The arrays of a batch, in the order of the schema.
fn columns(
    rows: &[Stored],
    promoted: &mut [PromotedColumn],
) -> Result<Vec<ArrayRef>, ParquetError> {
    let (properties, promoted) = properties(rows, promoted)?;
    let mut columns: Vec<ArrayRef> = vec![
        words(rows, |it| Some(&it.account)),
        instants(rows, |it| Some(it.fact.time)),
        instants(rows, |it| it.fact.known_at),
        instants(rows, |it| it.attributed_at),
        words(rows, |it| Some(&it.fact.source)),
        texts(rows, |it| Some(&it.fact.id)),
        words(rows, |it| Some(kind_word(&it.fact.body))),
        words(rows, |it| match &it.fact.body {
            Body::Event { name, .. } | Body::Record { name, .. } => Some(name),
            _ => None,
        }),
        words(rows, |it| it.person.as_deref()),
        flags(rows, |it| Some(it.copy)),
        Arc::new(rows.iter().map(|it| it.homes).collect::<Int64Array>()),
        words(rows, |it| match &it.fact.body {
            Body::Traits { of, .. } => Some(of.word()),
            _ => None,
        }),
        words(rows, |it| it.fact.who.user.as_deref()),
        words(rows, |it| it.fact.who.anonymous.as_deref()),
        words(rows, |it| it.fact.who.account.as_deref()),
        texts(rows, |it| match &it.fact.body {
            Body::Alias { other } | Body::Split { other } => Some(other),
            _ => None,
        }),
        flags(rows, |it| match &it.fact.body {
            Body::Membership { joined, .. } => Some(*joined),
            _ => None,
        }),
        words(rows, |it| match &it.fact.body {
            Body::Membership { role, .. } => role.as_deref(),
            _ => None,
        }),
        properties,
        texts(rows, |it| json_of(it).filter(|(traits, _)| *traits).map(|(_, text)| text)),
    ];
    columns.extend(promoted);
    Ok(columns)
}

fn words<'a>(rows: &'a [Stored], get: impl Fn(&'a Stored) -> Option<&'a str>) -> ArrayRef {
    Arc::new(rows.iter().map(get).collect::<DictionaryArray<Int32Type>>())
}

fn texts<'a>(rows: &'a [Stored], get: impl Fn(&'a Stored) -> Option<&'a str>) -> ArrayRef {
    Arc::new(rows.iter().map(get).collect::<StringArray>())
}

fn flags(rows: &[Stored], get: impl Fn(&Stored) -> Option<bool>) -> ArrayRef {
    Arc::new(rows.iter().map(get).collect::<BooleanArray>())
}

fn instants(rows: &[Stored], get: impl Fn(&Stored) -> Option<Time>) -> ArrayRef {
    let micros = rows.iter().map(|it| get(it).map(Time::micros));
    Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}

/// A promoted column under construction.
enum Builder {
    Number(Decimal128Builder),
    Text(StringDictionaryBuilder<Int32Type>),
    Bool(BooleanBuilder),
}

impl Builder {
    fn new(kind: ColumnKind) -> Result<Self, ParquetError> {
        Ok(match kind {
            ColumnKind::Number => Self::Number(
                Decimal128Builder::new().with_precision_and_scale(NUMBER_DIGITS, NUMBER_PLACES)?,
            ),
            ColumnKind::Text => Self::Text(StringDictionaryBuilder::new()),
            ColumnKind::Bool => Self::Bool(BooleanBuilder::new()),
        })
    }

    fn push(&mut self, value: &Scalar) {
        match (self, value) {
            (Self::Number(to), Scalar::Number(it)) => to.append_value(it.raw()),
            (Self::Text(to), Scalar::Text(it)) => to.append_value(it),
            (Self::Bool(to), Scalar::Bool(it)) => to.append_value(*it),
            (Self::Number(to), _) => to.append_null(),
            (Self::Text(to), _) => to.append_null(),
            (Self::Bool(to), _) => to.append_null(),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Number(mut it) => Arc::new(it.finish()),
            Self::Text(mut it) => Arc::new(it.finish()),
            Self::Bool(mut it) => Arc::new(it.finish()),
        }
    }
}

/// The column `properties`, and the promoted columns taken out of it.
fn properties(
    rows: &[Stored],
    promoted: &mut [PromotedColumn],
) -> Result<(ArrayRef, Vec<ArrayRef>), ParquetError> {
    let mut builders =
        promoted.iter().map(|it| Builder::new(it.kind)).collect::<Result<Vec<_>, _>>()?;
    let rest: Vec<Option<Cow<'_, str>>> = rows
        .iter()
        .map(|row| {
            let Some(text) = event_json(row) else {
                for builder in &mut builders {
                    builder.push(&Scalar::Missing);
                }
                return None;
            };
            let (rest, values) = promote::take_out(text, promoted);
            for (builder, value) in builders.iter_mut().zip(&values) {
                builder.push(value);
            }
            Some(rest)
        })
        .collect();
    let rest: StringArray = rest.iter().map(Option::as_deref).collect();
    Ok((Arc::new(rest), builders.into_iter().map(Builder::finish).collect()))
}
