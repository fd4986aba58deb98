//! Reads the records of a part of a text: JSON objects and CSV rows.

use std::borrow::Cow;
use std::sync::Arc;

use firsthand_model::Text;

use crate::draft::Fault;
use crate::json::{self, DEPTH_MAX, Members};
use crate::record::{Field, Record, Value};
use crate::report::{NoticeCode, Notices, RejectCode};
use crate::split::{Framing, lines_in, next_value};

/// Takes each record, or why there is none: its line, its raw text, and what was read.
pub(crate) type EachRecord<'e> = dyn FnMut(u64, &str, Result<Record<'_>, Fault>) + 'e;

/// A part of a text that holds whole records.
pub(crate) struct Part<'a> {
    pub file: &'a Arc<str>,
    pub first_line: u64,
    pub bytes: &'a [u8],
}

/// Reads JSON objects.
pub(crate) fn each_object(
    part: &Part<'_>,
    framing: Framing,
    notices: &mut Notices,
    each: &mut EachRecord<'_>,
) {
    let mut line = part.first_line;
    let mut at = 0;
    if framing == Framing::Values {
        while let Some(range) = next_value(part.bytes, at) {
            line += lines_in(&part.bytes[at..range.start]);
            one_object(part.file, line, &part.bytes[range.clone()], notices, each);
            line += lines_in(&part.bytes[range.clone()]);
            at = range.end;
        }
        return;
    }
    while at < part.bytes.len() {
        let rest = &part.bytes[at..];
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |it| it + 1);
        one_object(part.file, line, &rest[..length], notices, each);
        at += length;
        line += 1;
    }
}

/// Reads one JSON object, mending what can be mended; calls `each` once, unless there is nothing.
pub(crate) fn one_object(
    file: &Arc<str>,
    line: u64,
    bytes: &[u8],
    notices: &mut Notices,
    each: &mut EachRecord<'_>,
) {
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() {
        return;
    }
    let Ok(raw) = std::str::from_utf8(bytes) else {
        return not_utf8(line, bytes, each);
    };
    if json::too_deep(raw) {
        let reason = format!("the record nests deeper than {DEPTH_MAX} objects and lists");
        return each(line, raw, Err(Fault::new(RejectCode::TooDeep, reason)));
    }
    let mut text = Cow::Borrowed(raw);
    // Looked for in two steps, since most records have no escapes at all.
    if memchr::memchr(b'\\', bytes).is_some() && memchr::memmem::find(bytes, b"\\u").is_some() {
        if let Some(mended) = json::without_lone_surrogates(raw) {
            notices.add(NoticeCode::LoneSurrogate, file, line, || raw.to_owned());
            text = Cow::Owned(mended);
        }
        if raw.contains("\\u0000") {
            notices.add(NoticeCode::Nul, file, line, || raw.to_owned());
        }
    }
    match Members::parse(&text) {
        Ok(members) => {
            if let Some(name) = members.repeated() {
                let seen = || format!("`{name}` is there twice");
                notices.add(NoticeCode::RepeatedMember, file, line, seen);
            }
            let list = members.into_list().into_iter();
            let fields = list.map(|(name, raw)| Field { name, value: Value::Json(raw) }).collect();
            each(line, raw, Ok(Record { fields }));
        }
        Err(_)
            if !text.starts_with('{')
                && serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok() =>
        {
            let reason = "the record is JSON, but not an object";
            each(line, raw, Err(Fault::new(RejectCode::NotAnObject, reason)));
        }
        Err(error) => {
            let reason = format!("the record is not JSON: {}", without_place(&error));
            each(line, raw, Err(Fault::new(RejectCode::BadJson, reason)));
        }
    }
}

/// The parser's message; its line is always 1, so only the column is of use.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    format!("{message} at character {}", error.column())
}

fn not_utf8(line: u64, bytes: &[u8], each: &mut EachRecord<'_>) {
    let reason = "the record is not UTF-8; say which `encoding` the file has, such as latin-1";
    let fault = Fault::new(RejectCode::NotUtf8, reason);
    each(line, &String::from_utf8_lossy(bytes), Err(fault));
}

/// How a CSV file is read.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub delimiter: u8,
    pub columns: Vec<Text>,
}

/// Words that programs write for "nothing"; kept, because they may be meant.
const NULL_WORDS: [&str; 6] = ["NULL", "null", "NaN", "nan", "None", "\\N"];

/// Reads CSV rows.
pub(crate) fn each_row(
    part: &Part<'_>,
    table: &Table,
    notices: &mut Notices,
    each: &mut EachRecord<'_>,
) {
    let mut reader = reader(part.bytes, table.delimiter);
    let mut row = csv::ByteRecord::new();
    let (mut start, mut line) = (0, part.first_line);
    while reader.read_byte_record(&mut row).expect("reading from memory cannot fail") {
        let end = usize::try_from(reader.position().byte()).unwrap_or(part.bytes.len());
        // The reader passes over empty lines, and over the second half of `\r\n`.
        while start < end && matches!(part.bytes[start], b'\n' | b'\r') {
            line += u64::from(part.bytes[start] == b'\n');
            start += 1;
        }
        let whole = &part.bytes[start..end];
        let begins = line;
        (start, line) = (end, line + lines_in(whole));
        let (line, raw) = (begins, whole.trim_ascii());
        let Ok(raw) = std::str::from_utf8(raw) else {
            not_utf8(line, raw, each);
            continue;
        };
        if row.len() != table.columns.len() {
            let (cells, columns) = (row.len(), table.columns.len());
            let reason = format!("the row has {cells} cells; the header has {columns}");
            each(line, raw, Err(Fault::new(RejectCode::RaggedRow, reason)));
            continue;
        }
        if is_header(&row, table) {
            notices.add(NoticeCode::HeaderAgain, part.file, line, || raw.to_owned());
            continue;
        }
        let mut fields = Vec::with_capacity(row.len());
        for (name, cell) in table.columns.iter().zip(&row) {
            let cell = std::str::from_utf8(cell).expect("cells of a row that is UTF-8 are, too");
            if NULL_WORDS.contains(&cell) {
                let seen = || format!("`{name}` is `{cell}`");
                notices.add(NoticeCode::NullWord, part.file, line, seen);
            }
            fields.push(Field { name: Cow::Borrowed(name.as_str()), value: Value::Cell(cell) });
        }
        if memchr::memchr(0, raw.as_bytes()).is_some() {
            notices.add(NoticeCode::Nul, part.file, line, || raw.to_owned());
        }
        each(line, raw, Ok(Record { fields }));
    }
}

fn is_header(row: &csv::ByteRecord, table: &Table) -> bool {
    row.len() > 1 && row.iter().zip(&table.columns).all(|(cell, name)| cell == name.as_bytes())
}

fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(bytes)
}

/// The first row of a text and where the rest begins.
pub(crate) fn first_row(bytes: &[u8], delimiter: u8) -> (Vec<String>, usize) {
    let mut reader = reader(bytes, delimiter);
    let mut row = csv::ByteRecord::new();
    let found = reader.read_byte_record(&mut row).expect("reading from memory cannot fail");
    if !found {
        return (Vec::new(), bytes.len());
    }
    let mut end = usize::try_from(reader.position().byte()).unwrap_or(bytes.len());
    // The reader stops between the two halves of `\r\n`.
    if bytes.get(end) == Some(&b'\n') {
        end += 1;
    }
    let cells = row.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
    (cells, end)
}

/// Rows looked at to tell the delimiter.
const SNIFFED_ROWS: usize = 50;

/// The delimiter with which the first rows have the same number of cells, and the most.
pub(crate) fn sniff_delimiter(bytes: &[u8]) -> u8 {
    let score = |delimiter: u8| {
        let mut reader = reader(bytes, delimiter);
        let mut row = csv::ByteRecord::new();
        let mut counts = Vec::new();
        while counts.len() < SNIFFED_ROWS && reader.read_byte_record(&mut row).unwrap_or(false) {
            counts.push(row.len());
        }
        let first = counts.first().copied().unwrap_or(0);
        let alike = counts.iter().filter(|it| **it == first).count();
        if first < 2 { (0, 0) } else { (alike * 100 / counts.len(), first) }
    };
    // Of equals the last wins, so the commonest stands last.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|it| score(*it)).unwrap_or(b',')
}

/// Gives every column a name of its own.
pub(crate) fn column_names(
    cells: Vec<String>,
    file: &Arc<str>,
    notices: &mut Notices,
) -> Vec<Text> {
    let mut names: Vec<Text> = Vec::with_capacity(cells.len());
    for (index, cell) in cells.into_iter().enumerate() {
        let plain = cell.trim();
        let mut name = match plain {
            "" => format!("column_{}", index + 1),
            _ => plain.to_owned(),
        };
        let mut copy = 2;
        while names.iter().any(|it| *it == name) {
            name = format!("{plain}_{copy}");
            copy += 1;
        }
        if name != cell {
            notices.add(NoticeCode::ColumnRenamed, file, 1, || {
                format!("`{cell}` is read as `{name}`")
            });
        }
        names.push(name.into());
    }
    names
}
