//! Columns of a row group straight from their pages, for scans that look at every row.
//!
//! A general reader makes an array with a place for every row of every column. Here runs stay
//! runs, words stay numbers of their dictionary, and what few rows have is kept for those rows
//! alone. Pages that were written in another way than [`super::schema`] lays down are refused
//! ([`crate::HistoryError::is_unusual_page`]): the caller reads them the general way.
//! What the pages are encoded in is read by [`super::encodings`].

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::buf::Reader;
use bytes::{Buf, Bytes};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::encodings::{
    Differences, Found, cut, hybrid_with_width, levels, plain_numbers, plain_text,
};
use super::instants::{Instants, Later};

/// Words by number: 0 stands for none, others for a place in the dictionary, counted from 1.
#[derive(Debug, Default)]
pub(super) struct PageWords {
    bytes: Bytes,
    words: Vec<(u32, u32)>,
}

impl PageWords {
    /// How many numbers there are, that for none included.
    pub fn len(&self) -> usize {
        self.words.len() + 1
    }

    /// The word of a number.
    pub fn word(&self, number: u32) -> Option<&str> {
        let (from, to) = self.words.get(number.checked_sub(1)? as usize)?;
        std::str::from_utf8(&self.bytes[*from as usize..*to as usize]).ok()
    }

    fn plain(bytes: Bytes, count: u32) -> Result<Self> {
        // Each has four bytes of length at least.
        if count as usize > bytes.len() / 4 {
            return Err(cut());
        }
        let mut words = Vec::with_capacity(count as usize);
        let mut at = 0;
        for _ in 0..count {
            let (from, to) = plain_text(&bytes, at)?;
            words.push((narrow(from)?, narrow(to)?));
            at = to;
        }
        Ok(Self { bytes, words })
    }
}

/// Numbers that stay the same for many rows: each with the end of its rows.
#[derive(Debug, Default)]
pub(super) struct Runs(Vec<(u32, u32)>);

impl Runs {
    fn push(&mut self, count: usize, number: u32) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        match self.0.last_mut() {
            Some((end, last)) if *last == number => *end += count,
            last => {
                let begin = last.map_or(0, |it| it.0);
                self.0.push((begin + count, number));
            }
        }
    }

    /// The runs: each with its end and its number.
    pub fn all(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// The place of the run in which a row lies.
    pub fn place(&self, row: usize) -> usize {
        self.0.partition_point(|(end, _)| *end as usize <= row)
    }

    /// The number of a row.
    pub fn get(&self, row: usize) -> u32 {
        self.0.get(self.place(row)).map_or(0, |it| it.1)
    }
}

/// Values that few rows have, by row.
#[derive(Debug)]
pub(super) struct Few<T>(Vec<(u32, T)>);

impl<T> Few<T> {
    /// All of them, in order.
    pub fn all(&self) -> &[(u32, T)] {
        &self.0
    }

    /// The value of a row.
    pub fn get(&self, row: usize) -> Option<&T> {
        let place = self.0.binary_search_by_key(&row, |(row, _)| *row as usize).ok()?;
        Some(&self.0[place].1)
    }
}

/// The row groups of an open segment.
pub(super) struct Pages<'f> {
    file: &'f File,
    group: &'f RowGroupMetaData,
    rows: usize,
}

/// The pages of one column.
struct Column {
    pages: SerializedPageReader<Chunk>,
    nullable: bool,
    rows: usize,
}

/// What a page holds: for stretches of rows whether they have values, and the values of those
/// that have.
pub(super) struct Values {
    has: Vec<(usize, bool)>,
    pub bytes: Bytes,
    pub count: usize,
    encoding: Encoding,
}

/// A column's stretch of the file, in memory.
struct Chunk {
    start: u64,
    bytes: Bytes,
}

impl Length for Chunk {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Chunk {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let rest = self.from(start)?;
        if length > rest.len() { Err(cut()) } else { Ok(rest.slice(..length)) }
    }
}

impl Chunk {
    fn from(&self, start: u64) -> Result<Bytes> {
        let at = start.checked_sub(self.start).and_then(|it| usize::try_from(it).ok());
        let at = at.filter(|it| *it <= self.bytes.len()).ok_or_else(cut)?;
        Ok(self.bytes.slice(at..))
    }
}

impl<'f> Pages<'f> {
    /// The pages of a row group.
    pub fn of(file: &'f File, group: &'f RowGroupMetaData) -> Self {
        Self { file, group, rows: usize::try_from(group.num_rows()).unwrap_or_default() }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    fn column(&self, name: &str) -> Result<Column> {
        let column = self.group.columns().iter().find(|it| it.column_path().parts() == [name]);
        let column = column.ok_or_else(|| ParquetError::General(format!("no column `{name}`")))?;
        let (start, length) = column.byte_range();
        let length = usize::try_from(length).map_err(|_| cut())?;
        if start.saturating_add(length as u64) > self.file.metadata()?.len() {
            return Err(cut());
        }
        let mut bytes = Vec::with_capacity(length);
        let mut file = self.file;
        file.seek(SeekFrom::Start(start))?;
        if file.take(length as u64).read_to_end(&mut bytes)? < length {
            return Err(cut());
        }
        let chunk = Chunk { start, bytes: bytes.into() };
        Ok(Column {
            pages: SerializedPageReader::new(Arc::new(chunk), column, self.rows, None)?,
            nullable: column.column_descr().max_def_level() > 0,
            rows: self.rows,
        })
    }

    /// A column of words, as a number for each row.
    pub fn words(&self, name: &str) -> Result<(Vec<u32>, PageWords)> {
        let mut numbers = Vec::with_capacity(self.rows);
        let mut places = Places::default();
        let dictionary = self.column(name)?.words(|values| {
            let mut rest = places.of(&values)?;
            for (count, has) in &values.has {
                if *has {
                    let (these, others) = rest.split_at_checked(*count).ok_or_else(cut)?;
                    // Where this goes round, there is no such place: see below.
                    numbers.extend(these.iter().map(|it| it.wrapping_add(1)));
                    rest = others;
                } else {
                    numbers.resize(numbers.len() + count, 0);
                }
            }
            Ok(())
        })?;
        places.lie_in(dictionary.words.len())?;
        Ok((numbers, dictionary))
    }

    /// A column of words that few rows have: the numbers of those that have one.
    pub fn few_words(&self, name: &str) -> Result<(Few<u32>, PageWords)> {
        let (mut all, mut first) = (Vec::new(), 0);
        let mut places = Places::default();
        let dictionary = self.column(name)?.words(|values| {
            let mut numbers = places.of(&values)?.iter().map(|it| it.wrapping_add(1));
            first = values.each_row(first, &mut all, || numbers.next().ok_or_else(cut))?;
            Ok(())
        })?;
        places.lie_in(dictionary.words.len())?;
        Ok((Few(all), dictionary))
    }

    /// A column of words that stay the same for many rows.
    pub fn runs(&self, name: &str) -> Result<(Runs, PageWords)> {
        let mut runs = Runs::default();
        let dictionary = self.column(name)?.words(|values| {
            let mut has = values.has.iter().copied();
            let mut left = 0;
            let mut put = |runs: &mut Runs, number: u32, mut count: usize| {
                while count > 0 {
                    while left == 0 {
                        match has.next() {
                            Some((rows, true)) => left = rows,
                            Some((rows, false)) => runs.push(rows, 0),
                            None => return,
                        }
                    }
                    let some = count.min(left);
                    runs.push(some, number.saturating_add(1));
                    (count, left) = (count - some, left - some);
                }
            };
            hybrid_with_width(&values.bytes, values.count, &mut |found| match found {
                Found::Run(number, count) => put(&mut runs, number, count),
                Found::Each(them) => them.iter().for_each(|it| put(&mut runs, *it, 1)),
            })?;
            for (rows, has) in has {
                if !has {
                    runs.push(rows, 0);
                }
            }
            Ok(())
        })?;
        let most = runs.all().iter().map(|(_, number)| *number as usize).max().unwrap_or(0);
        if most < dictionary.len() { Ok((runs, dictionary)) } else { Err(cut()) }
    }

    /// A column of instants that every row has.
    pub fn instants(&self, name: &str) -> Result<Instants> {
        let mut instants = Instants::default();
        instants.all.reserve(self.rows);
        self.column(name)?.each_page(|values| {
            let before = instants.all.len();
            instants.take(&values)?;
            let count = instants.all.len() - before;
            if values.count == values.rows() && count == values.count { Ok(()) } else { Err(cut()) }
        })?;
        Ok(instants)
    }

    /// A column of instants that are mostly those of another column, held against these: which rows
    /// have a later one, and which have none at all.
    pub fn later_instants(&self, name: &str, than: &Instants) -> Result<Later> {
        let mut later = Later::default();
        let mut packed = Vec::new();
        let mut first = 0;
        self.column(name)?.each_page(|values| {
            let end = first + values.rows();
            if end > than.all.len() {
                return Err(cut());
            }
            if values.count == end - first {
                later.tell(end, true)?;
                later.take_alike(&values, first, than)?;
                first = end;
                return Ok(());
            }
            packed.clear();
            if values.count > 0 {
                values.differences()?.unpack(&mut packed)?;
            }
            let mut rest = &packed[..];
            let mut row = first;
            for (count, has) in &values.has {
                if *has {
                    let (these, others) = rest.split_at_checked(*count).ok_or_else(cut)?;
                    later.take(row, these, &than.all[row..row + count])?;
                    rest = others;
                }
                row += count;
                later.tell(row, *has)?;
            }
            first = end;
            Ok(())
        })?;
        Ok(later)
    }

    /// A column of texts that not every row has.
    pub fn texts(&self, name: &str) -> Result<Few<Bytes>> {
        self.few(name, |values, row| {
            if values.encoding != Encoding::PLAIN {
                return Err(unusual(name));
            }
            let mut at = 0;
            row(&mut || {
                let (from, to) = plain_text(&values.bytes, at)?;
                at = to;
                Ok(values.bytes.slice(from..to))
            })
        })
    }

    /// A column of whole numbers that not every row has: the places of those that have one among
    /// the numbers that are met.
    pub fn numbers(&self, name: &str) -> Result<(Few<u32>, Vec<i64>)> {
        let mut met: Vec<i64> = Vec::new();
        let mut column = self.column(name)?;
        let (mut all, mut first) = (Vec::new(), 0);
        let mut places = Places::default();
        while let Some(page) = column.pages.get_next_page()? {
            if let Page::DictionaryPage { buf, .. } = page {
                met.extend(plain_numbers(&buf));
                continue;
            }
            let values = column.values(page)?;
            if first + values.rows() > self.rows {
                return Err(cut());
            }
            let words = [Encoding::RLE_DICTIONARY, Encoding::PLAIN_DICTIONARY];
            first = match values.encoding {
                it if values.count == 0 || words.contains(&it) => {
                    let mut places = places.of(&values)?.iter().copied();
                    values.each_row(first, &mut all, || places.next().ok_or_else(cut))?
                }
                // Those of a page that has no dictionary are met one by one.
                Encoding::PLAIN => {
                    let mut numbers = plain_numbers(&values.bytes);
                    values.each_row(first, &mut all, || {
                        met.push(numbers.next().ok_or_else(cut)?);
                        narrow(met.len() - 1)
                    })?
                }
                _ => return Err(unusual(name)),
            };
        }
        places.lie_in(met.len())?;
        if first == self.rows { Ok((Few(all), met)) } else { Err(cut()) }
    }

    /// A column of flags that not every row has.
    pub fn flags(&self, name: &str) -> Result<Few<bool>> {
        self.few(name, |values, row| {
            if values.encoding != Encoding::PLAIN {
                return Err(unusual(name));
            }
            let mut at = 0;
            row(&mut || {
                let byte = values.bytes.get(at / 8).ok_or_else(cut)?;
                at += 1;
                Ok(byte >> ((at - 1) % 8) & 1 == 1)
            })
        })
    }

    /// Values for the rows that have one; `read` is told how to hand them over, one by one.
    fn few<T>(
        &self,
        name: &str,
        read: impl Fn(
            &Values,
            &mut dyn FnMut(&mut dyn FnMut() -> Result<T>) -> Result<()>,
        ) -> Result<()>,
    ) -> Result<Few<T>> {
        let mut all = Vec::new();
        let mut first = 0;
        self.column(name)?.each_page(|values| {
            read(&values, &mut |next| {
                first = values.each_row(first, &mut all, next)?;
                Ok(())
            })
        })?;
        Ok(Few(all))
    }
}

impl Column {
    /// Reads the data pages of a column under a dictionary, and the dictionary.
    fn words(mut self, mut take: impl FnMut(Values) -> Result<()>) -> Result<PageWords> {
        let mut dictionary = PageWords::default();
        let mut rows = 0;
        while let Some(page) = self.pages.get_next_page()? {
            if let Page::DictionaryPage { buf, num_values, .. } = page {
                dictionary = PageWords::plain(buf, num_values)?;
                continue;
            }
            let values = self.values(page)?;
            let words = [Encoding::RLE_DICTIONARY, Encoding::PLAIN_DICTIONARY];
            if values.count > 0 && !words.contains(&values.encoding) {
                return Err(unusual("a dictionary"));
            }
            rows += values.rows();
            if rows > self.rows {
                return Err(cut());
            }
            take(values)?;
        }
        if rows == self.rows { Ok(dictionary) } else { Err(cut()) }
    }

    fn each_page(mut self, mut take: impl FnMut(Values) -> Result<()>) -> Result<()> {
        let mut rows = 0;
        while let Some(page) = self.pages.get_next_page()? {
            if matches!(page, Page::DictionaryPage { .. }) {
                return Err(unusual("no dictionary"));
            }
            let values = self.values(page)?;
            rows += values.rows();
            if rows > self.rows {
                return Err(cut());
            }
            take(values)?;
        }
        if rows == self.rows { Ok(()) } else { Err(cut()) }
    }

    /// Tells which rows of a page have values, and where these are.
    fn values(&self, page: Page) -> Result<Values> {
        let Page::DataPage { buf, num_values, encoding, .. } = page else {
            return Err(unusual("pages of the first version"));
        };
        let rows = num_values as usize;
        if !self.nullable {
            return Ok(Values { has: vec![(rows, true)], bytes: buf, count: rows, encoding });
        }
        let length = buf.first_chunk::<4>().map(|it| u32::from_le_bytes(*it) as usize);
        let end = length.map(|it| it + 4).filter(|it| *it <= buf.len()).ok_or_else(cut)?;
        let has = levels(&buf[4..end], rows)?;
        let count = has.iter().filter(|(_, has)| *has).map(|(rows, _)| rows).sum();
        Ok(Values { has, bytes: buf.slice(end..), count, encoding })
    }
}

impl Values {
    /// The differences that the values are written as.
    pub fn differences(&self) -> Result<Differences<'_>> {
        if self.encoding != Encoding::DELTA_BINARY_PACKED {
            return Err(unusual("packed differences"));
        }
        let all = Differences::of(&self.bytes)?;
        if all.count == self.count { Ok(all) } else { Err(cut()) }
    }

    fn rows(&self) -> usize {
        self.has.iter().map(|(rows, _)| rows).sum()
    }

    /// Adds the next value of each row that has one, by the numbers of rows from the first on;
    /// returns the first row of the next page.
    fn each_row<T>(
        &self,
        first: usize,
        into: &mut Vec<(u32, T)>,
        mut next: impl FnMut() -> Result<T>,
    ) -> Result<usize> {
        let mut row = narrow(first)?;
        into.reserve(self.count);
        for (count, has) in &self.has {
            let end = row.checked_add(narrow(*count)?).ok_or_else(cut)?;
            if *has {
                for row in row..end {
                    into.push((row, next()?));
                }
            }
            row = end;
        }
        Ok(row as usize)
    }
}

/// The places in a dictionary that pages are written as.
#[derive(Default)]
struct Places {
    all: Vec<u32>,
    most: Option<u32>,
}

impl Places {
    /// Those of the values of a page.
    fn of(&mut self, values: &Values) -> Result<&[u32]> {
        self.all.clear();
        hybrid_with_width(&values.bytes, values.count, &mut |found| match found {
            Found::Run(number, count) => self.all.resize(self.all.len() + count, number),
            Found::Each(them) => self.all.extend_from_slice(them),
        })?;
        self.most = self.most.max(self.all.iter().max().copied());
        Ok(&self.all)
    }

    /// Refuses places behind the end of a dictionary.
    fn lie_in(&self, words: usize) -> Result<()> {
        if self.most.is_some_and(|it| it as usize >= words) { Err(cut()) } else { Ok(()) }
    }
}

pub(super) fn narrow(number: usize) -> Result<u32> {
    u32::try_from(number).map_err(|_| cut())
}

/// A page that is sound but was not written as ours are.
fn unusual(what: &str) -> ParquetError {
    ParquetError::NYI(format!("{what} was expected"))
}
