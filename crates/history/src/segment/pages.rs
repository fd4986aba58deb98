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

use super::encodings::{Found, cut, hybrid_with_width, plain_numbers, plain_text};
use super::later::Later;
use super::levels::Levels;
use super::values::{Few, Places, Values, unusual};

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

    /// A column of words, as a number for each row; in the memory of what was read before.
    pub fn words(&self, name: &str, mut numbers: Vec<u32>) -> Result<(Vec<u32>, PageWords)> {
        numbers.clear();
        numbers.reserve(self.rows);
        let mut places = Places::default();
        let mut some = Vec::new();
        let dictionary = self.column(name)?.words(|values| {
            if values.count == values.rows() {
                return places.add(&values, 1, &mut numbers);
            }
            some.clear();
            places.add(&values, 1, &mut some)?;
            let mut rest = &some[..];
            for (count, has) in values.levels.stretches()? {
                if has {
                    let (these, others) = rest.split_at_checked(count).ok_or_else(cut)?;
                    numbers.extend_from_slice(these);
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
        let (mut few, mut places) = (Few::default(), Places::default());
        let dictionary = self
            .column(name)?
            .words(|values| few.take(&values, |into| places.add(&values, 1, into)))?;
        places.lie_in(dictionary.words.len())?;
        Ok((few, dictionary))
    }

    /// A column of words that stay the same for many rows.
    pub fn runs(&self, name: &str) -> Result<(Runs, PageWords)> {
        let mut runs = Runs::default();
        let dictionary = self.column(name)?.words(|values| {
            let mut has = values.levels.stretches()?.into_iter();
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
                Found::Each(them) => {
                    let alike = them.chunk_by(|a, b| a == b);
                    alike.for_each(|it| put(&mut runs, it[0], it.len()));
                }
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

    /// A column of instants that every row has; in the memory of what was read before.
    pub fn instants(&self, name: &str, mut instants: Vec<i64>) -> Result<Vec<i64>> {
        instants.clear();
        instants.reserve(self.rows);
        self.column(name)?.each_page(|values| {
            let before = instants.len();
            values.unpack(&mut instants)?;
            if instants.len() - before == values.rows() { Ok(()) } else { Err(cut()) }
        })?;
        Ok(instants)
    }

    /// A column of how much later than at some instants rows were known.
    pub fn later(&self, name: &str, than: &[i64]) -> Result<Later> {
        let mut few = Few::default();
        self.column(name)?.each_page(|values| few.take(&values, |into| values.unpack(into)))?;
        Later::of(&few, than)
    }

    /// A column of texts that not every row has.
    pub fn texts(&self, name: &str) -> Result<Few<Bytes>> {
        let mut few = Few::default();
        self.column(name)?.each_page(|values| {
            if values.encoding != Encoding::PLAIN {
                return Err(unusual(name));
            }
            let mut at = 0;
            few.take_each(&values, || {
                let (from, to) = plain_text(&values.bytes, at)?;
                at = to;
                Ok(values.bytes.slice(from..to))
            })
        })?;
        Ok(few)
    }

    /// A column of whole numbers that not every row has: the places of those that have one among
    /// the numbers that are met.
    pub fn numbers(&self, name: &str) -> Result<(Few<u32>, Vec<i64>)> {
        let mut met: Vec<i64> = Vec::new();
        let mut column = self.column(name)?;
        let (mut few, mut places) = (Few::default(), Places::default());
        while let Some(page) = column.pages.get_next_page()? {
            if let Page::DictionaryPage { buf, .. } = page {
                met.extend(plain_numbers(&buf));
                continue;
            }
            let values = column.values(page)?;
            if few.end() + values.rows() > self.rows {
                return Err(cut());
            }
            if values.is_of_words() {
                few.take(&values, |into| places.add(&values, 0, into))?;
            } else if values.encoding == Encoding::PLAIN {
                // Those of a page that has no dictionary are met one by one.
                let mut numbers = plain_numbers(&values.bytes);
                few.take_each(&values, || {
                    met.push(numbers.next().ok_or_else(cut)?);
                    narrow(met.len() - 1)
                })?;
            } else {
                return Err(unusual(name));
            }
        }
        places.lie_in(met.len())?;
        if few.end() == self.rows { Ok((few, met)) } else { Err(cut()) }
    }

    /// A column of flags that not every row has.
    pub fn flags(&self, name: &str) -> Result<Few<bool>> {
        let mut few = Few::default();
        self.column(name)?.each_page(|values| {
            if values.encoding != Encoding::PLAIN {
                return Err(unusual(name));
            }
            let mut at = 0;
            few.take_each(&values, || {
                let byte = values.bytes.get(at / 8).ok_or_else(cut)?;
                at += 1;
                Ok(byte >> ((at - 1) % 8) & 1 == 1)
            })
        })?;
        Ok(few)
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
            if !values.is_of_words() {
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
            return Ok(Values::of(Levels::all(rows), buf, encoding));
        }
        let length = buf.first_chunk::<4>().map(|it| u32::from_le_bytes(*it) as usize);
        let end = length.map(|it| it + 4).filter(|it| *it <= buf.len()).ok_or_else(cut)?;
        Ok(Values::of(Levels::of(buf.slice(4..end), rows)?, buf.slice(end..), encoding))
    }
}

pub(super) fn narrow(number: usize) -> Result<u32> {
    u32::try_from(number).map_err(|_| cut())
}
