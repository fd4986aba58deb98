//! Decides, by the beginning of a file, how all of it is read; then reads part after part.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::RecordBatch;
use firsthand_model::config::ImportMapping;
use firsthand_model::{Calendar, Text, Time};

use crate::columns;
use crate::draft::{Draft, Fault, Out};
use crate::error::ImportError;
use crate::guess;
use crate::instant::{DayOrder, TimeReader, looks_like_time};
use crate::json::Members;
use crate::record::{Field, Record, Value};
use crate::report::{NoticeCode, Notices, RAW_BYTES_MAX, Reject, RejectCode, cut};
use crate::shape::Shape;
use crate::shape::fit::Misfit;
use crate::shape::mapped::Mapped;
use crate::split::Framing;
use crate::text::{
    EachRecord, Part, Table, column_names, each_object, each_row, first_row, sniff_delimiter,
};

/// Records of the beginning of a file that are looked at.
pub const SAMPLE_RECORDS: usize = 200;

/// Bytes of text that one fact is made of, at a guess: it decides over room that is made at once.
const BYTES_PER_FACT: usize = 256;

/// What holds for a whole import.
pub(crate) struct Settings<'a> {
    pub source: Text,
    pub mapping: Option<&'a ImportMapping>,
    pub group_type: Option<Text>,
    pub calendar: &'a Calendar,
    pub now: Time,
}

/// How one file is read.
#[derive(Debug)]
pub(crate) struct Plan {
    pub file: Arc<str>,
    source: Text,
    shape: Shape,
    /// For the vendors' shapes; a mapping has its own.
    times: TimeReader,
    format: Format,
    /// Noticed about the file as a whole.
    pub notices: Notices,
    /// What the file is, for people.
    pub read_as: String,
}

#[derive(Debug)]
enum Format {
    Objects(Framing),
    Rows(Table),
    Parquet,
}

/// A part of a file.
pub(crate) enum Chunk {
    /// Whole records of a text, and the line on which they begin.
    Text { bytes: Vec<u8>, first_line: u64 },
    /// Rows of a Parquet file, and the number of the first.
    Rows { batch: RecordBatch, first_row: u64 },
}

/// A record with the id of another.
pub(crate) struct Reused {
    /// Its number in its part.
    pub record: u64,
    pub id: Text,
}

/// What was made of a part.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub records: u64,
    pub drafts: Vec<Draft>,
    pub rejects: Vec<Reject>,
    pub notices: Notices,
}

/// The beginning of a text: how it is framed, and where its records begin.
pub(crate) struct Beginning {
    pub framing: Framing,
    pub header_bytes: usize,
    format: Format,
    headerless: bool,
    notices: Notices,
}

impl Beginning {
    /// Looks at the beginning of a text: JSON or CSV, and the names of the columns.
    pub(crate) fn of(text: &[u8], file: &Arc<str>, settings: &Settings<'_>) -> Self {
        let mut notices = Notices::default();
        let trimmed = text.trim_ascii_start();
        if matches!(trimmed.first(), Some(b'{' | b'[') | None) {
            let first_line = trimmed.split(|it| *it == b'\n').next().unwrap_or_default();
            let whole = serde_json::from_slice::<serde::de::IgnoredAny>(first_line).is_ok();
            let lines = trimmed.first() == Some(&b'{') && whole;
            let framing = if lines { Framing::Lines } else { Framing::Values };
            let format = Format::Objects(framing);
            return Self { framing, header_bytes: 0, format, headerless: false, notices };
        }
        let delimiter = sniff_delimiter(text);
        let given = settings.mapping.map_or(&[][..], |it| it.header.as_slice());
        let (cells, after) = first_row(text, delimiter);
        // Without a mapping nobody has said whether there is a header; data would not be one.
        let headerless = settings.mapping.is_none() && cells.iter().any(|it| looks_like_data(it));
        let (columns, header_bytes) = if !given.is_empty() {
            (given.to_vec(), 0)
        } else if headerless {
            let numbered = (1..=cells.len()).map(|it| Text::from(format!("column_{it}")));
            (numbered.collect(), 0)
        } else {
            (column_names(cells, file, &mut notices), after)
        };
        let format = Format::Rows(Table { delimiter, columns });
        Self { framing: Framing::Rows { delimiter }, header_bytes, format, headerless, notices }
    }
}

fn looks_like_data(cell: &str) -> bool {
    cell.parse::<f64>().is_ok() || looks_like_time(cell) || cell.contains('@')
}

impl Plan {
    /// Decides how a text is read. `text` holds whole records and begins behind the header.
    pub(crate) fn for_text(
        beginning: Beginning,
        text: &[u8],
        file: &Arc<str>,
        transport: &[String],
        settings: &Settings<'_>,
    ) -> Result<Self, ImportError> {
        let Beginning { format, headerless, mut notices, .. } = beginning;
        let part = Part { file, first_line: 1, bytes: first_lines(text) };
        let name = match &format {
            Format::Objects(_) => "JSON",
            Format::Rows(_) => "CSV",
            Format::Parquet => "Parquet",
        };
        let shape = match &format {
            Format::Objects(framing) => {
                // The records borrow from texts that live only for the call, so the sample is
                // gathered as text and read again.
                let mut raw = Vec::new();
                each_object(&part, *framing, &mut Notices::default(), &mut |_, text, result| {
                    if raw.len() < SAMPLE_RECORDS && result.is_ok() {
                        raw.push(text.to_owned());
                    }
                });
                let sample: Vec<Record<'_>> = raw.iter().filter_map(|it| object(it)).collect();
                choose(file, &sample, headerless, &mut notices, settings)
                    .map_err(|error| propose_encoding(error, text))?
            }
            Format::Rows(table) => {
                let mut raw = Vec::new();
                each_row(&part, table, &mut Notices::default(), &mut |_, _, result| {
                    if let (true, Ok(record)) = (raw.len() < SAMPLE_RECORDS, result) {
                        let cell =
                            |it: &Field<'_>| it.value.text().map(Text::new).unwrap_or_default();
                        raw.push(record.fields.iter().map(cell).collect::<Vec<Text>>());
                    }
                });
                let sample: Vec<Record<'_>> = raw.iter().map(|it| row(table, it)).collect();
                choose(file, &sample, headerless, &mut notices, settings)
                    .map_err(|error| propose_encoding(error, text))?
            }
            Format::Parquet => unreachable!("a Parquet file is no text"),
        };
        let mut read_as = vec![shape.title().to_owned(), name.to_owned()];
        read_as.extend_from_slice(transport);
        Ok(Self::new(file, shape, format, notices, read_as.join(", "), settings))
    }

    /// Decides how a Parquet file is read.
    pub(crate) fn for_parquet(
        first: Option<&RecordBatch>,
        file: &Arc<str>,
        settings: &Settings<'_>,
    ) -> Result<Self, ImportError> {
        let rows = first.map_or(0, |it| it.num_rows().min(SAMPLE_RECORDS));
        let sample: Vec<Record<'_>> =
            first.map(|it| (0..rows).map(|at| columns::row(it, at)).collect()).unwrap_or_default();
        let mut notices = Notices::default();
        let shape = choose(file, &sample, false, &mut notices, settings)?;
        let read_as = format!("{}, Parquet", shape.title());
        Ok(Self::new(file, shape, Format::Parquet, notices, read_as, settings))
    }

    fn new(
        file: &Arc<str>,
        shape: Shape,
        format: Format,
        notices: Notices,
        read_as: String,
        settings: &Settings<'_>,
    ) -> Self {
        Self {
            file: Arc::clone(file),
            source: settings.source.clone(),
            shape,
            times: TimeReader::utc(settings.now),
            format,
            notices,
            read_as,
        }
    }

    /// Reads one part. Pure, so that parts can be read in parallel.
    pub(crate) fn read(&self, chunk: &Chunk) -> Batch {
        let room = match chunk {
            Chunk::Text { bytes, .. } => bytes.len() / BYTES_PER_FACT,
            Chunk::Rows { batch, .. } => batch.num_rows(),
        };
        let batch = Batch { drafts: Vec::with_capacity(room), ..Batch::default() };
        let mut made = Made { plan: self, batch };
        // Of the text as such and of what it says: merged below, for both are being written to.
        let mut notices = Notices::default();
        self.each(chunk, &mut notices, &mut |line, raw, result| made.take(line, raw, result));
        made.batch.notices.merge(notices);
        made.batch
    }

    /// Rejects of the records that have the ids of others, by their numbers, in order. They are
    /// looked up in the part again: nearly always there are none, and all else is kept small.
    pub(crate) fn reused(&self, chunk: &Chunk, records: &[Reused]) -> Vec<Reject> {
        let mut rejects = Vec::new();
        let mut wanted = records.iter().peekable();
        let mut number = 0;
        let each: &mut EachRecord<'_> = &mut |line, raw, result| {
            if let Some(Reused { id, .. }) = wanted.next_if(|it| it.record == number) {
                let reason = format!("another record of the file has the id `{id}`");
                let fault = Fault::new(RejectCode::ReusedId, reason);
                let of_row = || result.map_or_else(|_| String::new(), |it| it.to_json());
                let raw = if raw.is_empty() { of_row() } else { raw.to_owned() };
                rejects.push(self.reject(line, fault, raw));
            }
            number += 1;
        };
        if !records.is_empty() {
            self.each(chunk, &mut Notices::default(), each);
        }
        rejects
    }

    /// Calls `each` with every record of a part: its line, its text where it has one, and what it
    /// holds or why it cannot be read.
    fn each(&self, chunk: &Chunk, notices: &mut Notices, each: &mut EachRecord<'_>) {
        match (chunk, &self.format) {
            (Chunk::Text { bytes, first_line }, Format::Objects(framing)) => {
                let part = Part { file: &self.file, first_line: *first_line, bytes };
                each_object(&part, *framing, notices, each);
            }
            (Chunk::Text { bytes, first_line }, Format::Rows(table)) => {
                let part = Part { file: &self.file, first_line: *first_line, bytes };
                each_row(&part, table, notices, each);
            }
            (Chunk::Rows { batch, first_row }, _) => {
                for (index, line) in (0..batch.num_rows()).zip(*first_row..) {
                    each(line, "", Ok(columns::row(batch, index)));
                }
            }
            (Chunk::Text { .. }, Format::Parquet) => unreachable!("a Parquet file is no text"),
        }
    }

    /// Names a record that was not taken in.
    pub(crate) fn reject(&self, line: u64, fault: Fault, mut raw: String) -> Reject {
        cut(&mut raw, RAW_BYTES_MAX);
        let Fault { code, column, reason } = fault;
        Reject { file: Arc::clone(&self.file), line, column, code, reason, raw }
    }
}

/// What is being made of a part.
struct Made<'p> {
    plan: &'p Plan,
    batch: Batch,
}

impl Made<'_> {
    /// Takes one record: all its facts, or one reject.
    fn take(&mut self, line: u64, raw: &str, result: Result<Record<'_>, Fault>) {
        let Batch { records, drafts, rejects, notices } = &mut self.batch;
        let number = *records;
        *records += 1;
        let before = drafts.len();
        let plan = self.plan;
        let record = match result {
            Ok(record) => record,
            Err(fault) => return rejects.push(plan.reject(line, fault, raw.to_owned())),
        };
        let (source, file) = (&plan.source, &plan.file);
        let mut out = Out { source, file, line, record: number, drafts, notices };
        if let Err(fault) = plan.shape.facts(&record, &plan.times, &mut out) {
            drafts.truncate(before);
            let raw = if raw.is_empty() { record.to_json() } else { raw.to_owned() };
            rejects.push(plan.reject(line, fault, raw));
        }
    }
}

/// Recognises the shape, or holds the mapping against the sample.
fn choose(
    file: &Arc<str>,
    sample: &[Record<'_>],
    headerless: bool,
    notices: &mut Notices,
    settings: &Settings<'_>,
) -> Result<Shape, ImportError> {
    let Some(mapping) = settings.mapping else {
        return match Shape::of_sample(sample, settings.group_type.as_ref()) {
            Some(shape) => Ok(shape),
            // Nothing to tell a shape by: each record will be refused by itself.
            None if sample.is_empty() => Ok(Shape::Own),
            None => {
                let proposal = Box::new(guess::propose(file, sample, headerless));
                Err(ImportError::NeedsMapping { file: Arc::clone(file), proposal })
            }
        };
    };
    let mapped =
        Mapped::new(mapping, sample, settings.calendar, settings.now).map_err(|misfit| {
            let Misfit { what, help } = misfit;
            ImportError::Mapping { file: Arc::clone(file), what, help }
        })?;
    if let Some((order, text)) = &mapped.guessed {
        let first = match order {
            DayOrder::MonthFirst => "month",
            DayOrder::DayFirst | DayOrder::Either => "day",
        };
        let seen = || format!("the {first} comes first, as in `{text}`");
        notices.add(NoticeCode::DayOrderGuessed, file, 0, seen);
    }
    let left_out = mapped.left_out(sample);
    if !left_out.is_empty() {
        notices.add(NoticeCode::ColumnsLeftOut, file, 0, || left_out.join(", "));
    }
    Ok(Shape::Mapped(Box::new(mapped)))
}

/// Adds the likeliest encoding to a proposal for a text that is not UTF-8.
fn propose_encoding(mut error: ImportError, text: &[u8]) -> ImportError {
    if let ImportError::NeedsMapping { proposal, .. } = &mut error
        && std::str::from_utf8(text).is_err()
    {
        proposal.mapping.encoding = Some("latin-1".into());
    }
    error
}

/// Enough of a text for the sample.
fn first_lines(text: &[u8]) -> &[u8] {
    const SAMPLE_BYTES: usize = 1 << 18;
    if text.len() <= SAMPLE_BYTES {
        return text;
    }
    let end = memchr::memrchr(b'\n', &text[..SAMPLE_BYTES]).map_or(text.len(), |at| at + 1);
    &text[..end]
}

fn object(text: &str) -> Option<Record<'_>> {
    let list = Members::parse(text).ok()?.into_list().into_iter();
    let fields = list.map(|(name, raw)| Field { name, value: Value::Json(raw) }).collect();
    Some(Record { fields })
}

fn row<'a>(table: &'a Table, cells: &'a [Text]) -> Record<'a> {
    let cells = table.columns.iter().zip(cells);
    let fields = cells
        .map(|(name, cell)| Field {
            name: Cow::Borrowed(name.as_str()),
            value: Value::Cell(cell.as_str()),
        })
        .collect();
    Record { fields }
}
