//! Reading segments: opening, skipping, and whole rows back from columns.

use std::collections::BTreeSet;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::vec::IntoIter;

use arrow_array::{Array, BooleanArray, StringArray};
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Fact, Json, Text, Time};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use parquet::file::statistics::Statistics;

use super::batch::{Batch, Batches, Promoted, WordColumn, text_at, time_at};
use super::later::instant_at;
use super::{promote, schema};
use crate::catalogue::{PromotedColumn, SegmentEntry};
use crate::error::{HistoryError, Result};
use crate::stored::Stored;

/// Rows decoded at a time.
pub(crate) const BATCH_ROWS: usize = 8 * 1024;

/// An open segment.
pub(crate) struct Segment {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    promoted: Vec<PromotedColumn>,
}

impl Segment {
    /// Opens a segment and reads its footer.
    pub fn open(dir: &Path, entry: &SegmentEntry) -> Result<Self> {
        let path = dir.join(&entry.file.file);
        let file = File::open(&path).map_err(HistoryError::io("open", &path))?;
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let metadata =
            ArrowReaderMetadata::load(&file, options).map_err(HistoryError::parquet(&path))?;
        Ok(Self { path, metadata, promoted: entry.promoted.clone() })
    }

    /// The file, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many rows the file says it has.
    pub fn rows(&self) -> usize {
        let rows = self.metadata.metadata().file_metadata().num_rows();
        usize::try_from(rows).unwrap_or_default()
    }

    /// What the file says of itself.
    pub fn metadata(&self) -> &ParquetMetaData {
        self.metadata.metadata()
    }

    /// The promoted columns.
    pub fn promoted(&self) -> &[PromotedColumn] {
        &self.promoted
    }

    /// Reads the named columns (all if `None`) of some ranges of rows.
    pub fn batches(&self, columns: Option<&[&str]>, rows: &[Range<usize>]) -> Result<Batches> {
        let file = File::open(&self.path).map_err(HistoryError::io("open", &self.path))?;
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let mask = match columns {
            None => ProjectionMask::all(),
            // By number: a name with a dot would be taken for a path.
            Some(names) => {
                let schema = builder.parquet_schema();
                let all = schema.root_schema().get_fields().iter().enumerate();
                let wanted = all.filter(|(_, it)| names.contains(&it.name()));
                ProjectionMask::roots(schema, wanted.map(|(number, _)| number))
            }
        };
        let whole = matches!(rows, [all] if *all == (0..self.rows()));
        let mut builder = builder.with_projection(mask).with_batch_size(BATCH_ROWS);
        if !whole {
            let ranges = rows.iter().cloned();
            let selection = RowSelection::from_consecutive_ranges(ranges, self.rows());
            builder = builder.with_row_selection(selection);
        }
        let reader = builder.build().map_err(HistoryError::parquet(&self.path))?;
        Ok(Batches::new(self.path.clone(), reader, rows.to_vec()))
    }

    /// Reads whole rows of some ranges, each with its number in the segment.
    pub fn whole_rows(&self, rows: &[Range<usize>]) -> Result<WholeRows> {
        let batches = self.batches(None, rows)?;
        Ok(WholeRows {
            batches,
            json: Some(self.promoted.clone()),
            decoded: Vec::new().into_iter(),
        })
    }

    /// Reads rows as [`Segment::whole_rows`] does, but leaves their JSON empty: enough to say to
    /// whom they belong.
    pub fn bare_rows(&self, rows: &[Range<usize>]) -> Result<WholeRows> {
        let batches = self.batches(Some(&schema::bare()), rows)?;
        Ok(WholeRows { batches, json: None, decoded: Vec::new().into_iter() })
    }

    /// The rows of one account.
    pub fn rows_of(&self, account: &str) -> Result<Range<usize>> {
        let found = self.rows_among(&[Text::from(account)].into())?;
        Ok(found.into_iter().next().unwrap_or(0..0))
    }

    /// The first of some rows, which are in order of time, that is later than an instant; behind
    /// the last of them if none is.
    pub fn first_after(&self, rows: &[Range<usize>], instant: Time) -> Result<usize> {
        for batch in self.batches(Some(&["time"]), rows)? {
            let batch = batch?;
            let times = batch.instants("time")?;
            for (row, number) in batch.rows.clone().enumerate() {
                if time_at(times, row).is_some_and(|it| it > instant) {
                    return Ok(number);
                }
            }
        }
        Ok(rows.last().map_or(0, |it| it.end))
    }

    /// The rows of each of some accounts that has any, found by statistics and then in the one
    /// sorted column.
    pub fn rows_among(&self, accounts: &BTreeSet<Text>) -> Result<Vec<Range<usize>>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut last: Option<Text> = None;
        let mut start = 0;
        for group in self.metadata.metadata().row_groups() {
            let rows = usize::try_from(group.num_rows()).unwrap_or_default();
            let range = start..start + rows;
            start = range.end;
            // The account is the first column.
            let bounds = match group.column(0).statistics() {
                Some(Statistics::ByteArray(it)) => it.min_opt().zip(it.max_opt()),
                _ => None,
            };
            let outside = bounds.is_some_and(|(min, max)| {
                let within = |it: &Text| min.data() <= it.as_bytes() && it.as_bytes() <= max.data();
                !accounts.iter().any(within)
            });
            if outside {
                continue;
            }
            for batch in self.batches(Some(&["account"]), std::slice::from_ref(&range))? {
                let batch = batch?;
                let column = batch.words("account")?;
                let (mut key, mut wanted) = (None, false);
                for (row, number) in batch.rows.clone().enumerate() {
                    if key != Some(column.key(row)) {
                        key = Some(column.key(row));
                        let account = column.get(row).unwrap_or_default();
                        wanted = accounts.contains(account);
                        if wanted && last.as_deref() != Some(account) {
                            last = Some(account.into());
                            found.push(number..number);
                        }
                    }
                    if wanted && let Some(range) = found.last_mut() {
                        range.end = number + 1;
                    }
                }
            }
        }
        Ok(found)
    }
}

/// Whole rows, in the order of the segment.
pub(crate) struct WholeRows {
    batches: Batches,
    /// The promoted columns; `None` for bare rows.
    json: Option<Vec<PromotedColumn>>,
    decoded: IntoIter<(usize, Stored)>,
}

impl Iterator for WholeRows {
    type Item = Result<(usize, Stored)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.decoded.next() {
                return Some(Ok(row));
            }
            match self.batches.next()?.and_then(|it| decode(&it, self.json.as_deref())) {
                Ok(rows) => self.decoded = rows.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Makes rows of a batch; bare ones without `promoted`.
fn decode(batch: &Batch, promoted: Option<&[PromotedColumn]>) -> Result<Vec<(usize, Stored)>> {
    let account = batch.words("account")?;
    let time = batch.instants("time")?;
    let known_after = batch.wholes("known_after")?;
    let attributed_after = batch.wholes("attributed_after")?;
    let source = batch.words("source")?;
    let id = batch.texts("id")?;
    let person = batch.words("person")?;
    let copy = batch.flags("copy")?;
    let homes = batch.wholes("homes")?;
    let user = batch.words("user")?;
    let anonymous = batch.words("anonymous")?;
    let named = batch.words("named_account")?;
    let bodies = Bodies::of(batch, promoted)?;
    let rows = batch.rows.clone().enumerate();
    rows.map(|(row, number)| {
        let time = Time(time.value(row));
        let stored = Stored {
            account: account.text(row).unwrap_or_default(),
            person: person.text(row),
            attributed_at: instant_at(attributed_after, row, time),
            copy: copy.value(row),
            homes: homes.is_valid(row).then(|| homes.value(row)),
            fact: Fact {
                id: text_at(id, row).unwrap_or_default().into(),
                source: source.text(row).unwrap_or_default(),
                time,
                known_at: instant_at(known_after, row, time),
                who: Who {
                    user: user.text(row),
                    anonymous: anonymous.text(row),
                    account: named.text(row),
                },
                body: bodies.get(row).map_err(|it| batch.damaged(it))?,
            },
        };
        Ok((number, stored))
    })
    .collect()
}

/// The columns that bodies are made of.
struct Bodies<'a> {
    kind: WordColumn<'a>,
    name: WordColumn<'a>,
    of: WordColumn<'a>,
    other: &'a StringArray,
    joined: &'a BooleanArray,
    role: WordColumn<'a>,
    /// Absent from bare rows, whose JSON is left empty.
    json: Option<(&'a StringArray, &'a StringArray)>,
    promoted: Vec<(&'a str, Promoted<'a>)>,
}

impl<'a> Bodies<'a> {
    fn of(batch: &'a Batch, promoted: Option<&'a [PromotedColumn]>) -> Result<Self> {
        let json = match promoted {
            Some(_) => Some((batch.texts("properties")?, batch.texts("traits")?)),
            None => None,
        };
        let promoted = promoted
            .unwrap_or_default()
            .iter()
            .map(|it| Ok((it.path.as_str(), batch.promoted(it)?)))
            .collect::<Result<_>>()?;
        Ok(Self {
            kind: batch.words("kind")?,
            name: batch.words("name")?,
            of: batch.words("of")?,
            other: batch.texts("other")?,
            joined: batch.flags("joined")?,
            role: batch.words("role")?,
            json,
            promoted,
        })
    }

    /// The body of a row, or what is wrong with it.
    fn get(&self, row: usize) -> Result<Body, String> {
        let name = || self.name.text(row).ok_or("an event has no name");
        let other = || text_at(self.other, row).map(Text::from).ok_or("an alias has no other id");
        Ok(match self.kind.get(row).unwrap_or_default() {
            "event" => Body::Event { name: name()?, properties: self.properties(row)? },
            "record" => Body::Record { name: name()?, properties: self.properties(row)? },
            "traits" => Body::Traits {
                of: if self.of.get(row) == Some("account") { Kind::Account } else { Kind::Person },
                traits: self.traits(row)?,
            },
            "link" => Body::Link,
            "alias" => Body::Alias { other: other()? },
            "split" => Body::Split { other: other()? },
            "membership" => {
                Body::Membership { joined: self.joined.value(row), role: self.role.text(row) }
            }
            unknown => return Err(format!("a fact is of the unknown kind `{unknown}`")),
        })
    }

    fn traits(&self, row: usize) -> Result<Json, String> {
        let Some((_, traits)) = self.json else {
            return Ok(Json::default());
        };
        json(text_at(traits, row).ok_or("a set of traits is absent")?)
    }

    fn properties(&self, row: usize) -> Result<Json, String> {
        let Some((properties, _)) = self.json else {
            return Ok(Json::default());
        };
        let rest = text_at(properties, row).ok_or("an event has no properties")?;
        let values = self.promoted.iter().map(|(path, column)| (*path, column.get(row)));
        let known = values.filter(|(_, value)| !value.is_missing());
        json(&promote::restore(rest, known))
    }
}

fn json(text: &str) -> Result<Json, String> {
    Json::parse(text).map_err(|error| format!("the JSON of a fact is broken: {error}"))
}
