//! Batches of columns, and the columns in them by name and type.

use std::ops::Range;
use std::path::PathBuf;
use std::vec::IntoIter;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, BooleanArray, Int32Array, PrimitiveArray, RecordBatch, StringArray};
use firsthand_model::{Scalar, Text, Time};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::promote;
use super::schema::promoted_name;
use crate::catalogue::{ColumnKind, PromotedColumn};
use crate::error::{HistoryError, Result};

/// Batches of columns, each with the numbers of its rows.
pub(crate) struct Batches {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
    numbers: IntoIter<Range<usize>>,
    current: Range<usize>,
}

/// Some columns of some rows of a segment.
pub(crate) struct Batch {
    path: PathBuf,
    columns: RecordBatch,
    /// The numbers of the rows within the segment.
    pub rows: RowNumbers,
}

/// The numbers of a batch's rows: ranges one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowNumbers(Vec<Range<usize>>);

impl RowNumbers {
    pub fn enumerate(self) -> impl Iterator<Item = (usize, usize)> {
        self.0.into_iter().flatten().enumerate()
    }
}

impl Batches {
    /// The batches of a reader that was told to read these rows.
    pub fn new(path: PathBuf, reader: ParquetRecordBatchReader, rows: Vec<Range<usize>>) -> Self {
        Self { path, reader, numbers: rows.into_iter(), current: 0..0 }
    }

    /// Takes the next `count` row numbers.
    fn take_numbers(&mut self, mut count: usize) -> RowNumbers {
        let mut taken = Vec::new();
        while count > 0 {
            if self.current.is_empty() {
                let Some(next) = self.numbers.next() else {
                    break;
                };
                self.current = next;
                continue;
            }
            let end = self.current.end.min(self.current.start + count);
            taken.push(self.current.start..end);
            count -= end - self.current.start;
            self.current.start = end;
        }
        RowNumbers(taken)
    }
}

impl Iterator for Batches {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        let columns = match self.reader.next()? {
            Ok(columns) => columns,
            Err(error) => return Some(Err(HistoryError::parquet(&self.path)(error.into()))),
        };
        let rows = self.take_numbers(columns.num_rows());
        Some(Ok(Batch { path: self.path.clone(), columns, rows }))
    }
}

/// A column of texts under a dictionary.
pub(crate) struct WordColumn<'a> {
    pub keys: &'a Int32Array,
    pub values: &'a StringArray,
}

impl<'a> WordColumn<'a> {
    /// The row's text.
    pub fn get(&self, row: usize) -> Option<&'a str> {
        self.key(row).map(|key| self.values.value(key))
    }

    /// The row's place in the dictionary.
    pub fn key(&self, row: usize) -> Option<usize> {
        let key = self.keys.is_valid(row).then(|| self.keys.value(row))?;
        usize::try_from(key).ok()
    }

    /// The row's text, as an id or name.
    pub fn text(&self, row: usize) -> Option<Text> {
        self.get(row).map(Text::from)
    }
}

impl Batch {
    pub fn len(&self) -> usize {
        self.columns.num_rows()
    }

    /// Says what is wrong with the segment.
    pub fn damaged(&self, what: impl Into<String>) -> HistoryError {
        HistoryError::damaged(&self.path, what)
    }

    fn lacks(&self, name: &str) -> HistoryError {
        self.damaged(format!("column `{name}` is missing or of another type"))
    }

    pub fn words(&self, name: &str) -> Result<WordColumn<'_>> {
        let words = || {
            let column = self.columns.column_by_name(name)?.as_dictionary_opt::<Int32Type>()?;
            Some(WordColumn { keys: column.keys(), values: column.values().as_string_opt()? })
        };
        words().ok_or_else(|| self.lacks(name))
    }

    pub fn texts(&self, name: &str) -> Result<&StringArray> {
        let column = self.columns.column_by_name(name);
        column.and_then(|it| it.as_string_opt()).ok_or_else(|| self.lacks(name))
    }

    pub fn instants(&self, name: &str) -> Result<&PrimitiveArray<TimestampMicrosecondType>> {
        let column = self.columns.column_by_name(name);
        column.and_then(|it| it.as_primitive_opt()).ok_or_else(|| self.lacks(name))
    }

    pub fn wholes(&self, name: &str) -> Result<&PrimitiveArray<Int64Type>> {
        let column = self.columns.column_by_name(name);
        column.and_then(|it| it.as_primitive_opt()).ok_or_else(|| self.lacks(name))
    }

    pub fn flags(&self, name: &str) -> Result<&BooleanArray> {
        let column = self.columns.column_by_name(name);
        column.and_then(|it| it.as_boolean_opt()).ok_or_else(|| self.lacks(name))
    }

    pub fn promoted(&self, column: &PromotedColumn) -> Result<Promoted<'_>> {
        let name = promoted_name(&column.path);
        Ok(match column.kind {
            ColumnKind::Text => Promoted::Text(self.words(&name)?),
            ColumnKind::Bool => Promoted::Bool(self.flags(&name)?),
            ColumnKind::Number => {
                let found = self.columns.column_by_name(&name);
                let found = found.and_then(|it| it.as_primitive_opt());
                Promoted::Number(found.ok_or_else(|| self.lacks(&name))?)
            }
        })
    }
}

/// A promoted column.
pub(crate) enum Promoted<'a> {
    Number(&'a PrimitiveArray<Decimal128Type>),
    Text(WordColumn<'a>),
    Bool(&'a BooleanArray),
}

impl Promoted<'_> {
    pub fn get(&self, row: usize) -> Scalar {
        match self {
            Self::Number(it) if it.is_valid(row) => promote::number(it.value(row)),
            Self::Text(it) => it.text(row).map_or(Scalar::Missing, Scalar::Text),
            Self::Bool(it) if it.is_valid(row) => Scalar::Bool(it.value(row)),
            _ => Scalar::Missing,
        }
    }
}

pub(crate) fn text_at(column: &StringArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}

pub(crate) fn time_at(
    column: &PrimitiveArray<TimestampMicrosecondType>,
    row: usize,
) -> Option<Time> {
    column.is_valid(row).then(|| Time(column.value(row)))
}
