//! Columns of a row group straight from their pages, for scans that look at every row.
//!
//! A general reader makes an array with a place for every row of every column. Here runs stay
//! runs, words stay numbers of their dictionary, and what few rows have is kept for those rows
//! alone. Pages that were written in another way than [`super::schema`] lays down are refused
//! ([`crate::HistoryError::is_unusual_page`]): the caller reads them the general way.
//!
//! The formats are those of the Parquet specification: the hybrid of runs and packed bits, packed
//! differences, and plain values.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::buf::Reader;
use bytes::{Buf, Bytes};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

/// Words by number: 0 stands for none, others for a place in the dictionary, counted from 1.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    bytes: Bytes,
    words: Vec<(u32, u32)>,
}

impl Dictionary {
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
pub(crate) struct Runs(Vec<(u32, u32)>);

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
pub(crate) struct Few<T>(Vec<(u32, T)>);

impl<T> Few<T> {
    /// The value of a row.
    pub fn get(&self, row: usize) -> Option<&T> {
        let place = self.0.binary_search_by_key(&row, |(row, _)| *row as usize).ok()?;
        Some(&self.0[place].1)
    }
}

/// The row groups of an open segment.
pub(crate) struct Pages<'f> {
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
struct Values {
    has: Vec<(usize, bool)>,
    bytes: Bytes,
    count: usize,
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
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        let chunk = Chunk { start, bytes: bytes.into() };
        Ok(Column {
            pages: SerializedPageReader::new(Arc::new(chunk), column, self.rows, None)?,
            nullable: column.column_descr().max_def_level() > 0,
            rows: self.rows,
        })
    }

    /// A column of words, as a number for each row.
    pub fn words(&self, name: &str) -> Result<(Vec<u32>, Dictionary)> {
        let mut numbers = Vec::with_capacity(self.rows);
        let mut packed = Vec::new();
        let dictionary = self.column(name)?.words(|values| {
            packed.clear();
            hybrid_with_width(&values.bytes, values.count, &mut |found| match found {
                Found::Run(number, count) => packed.resize(packed.len() + count, number),
                Found::Each(them) => packed.extend_from_slice(them),
            })?;
            let mut rest = &packed[..];
            for (count, has) in &values.has {
                if *has {
                    let (these, others) = rest.split_at_checked(*count).ok_or_else(cut)?;
                    numbers.extend(these.iter().map(|it| it.saturating_add(1)));
                    rest = others;
                } else {
                    numbers.resize(numbers.len() + count, 0);
                }
            }
            Ok(())
        })?;
        let most = numbers.iter().max().map_or(0, |it| *it as usize);
        if most < dictionary.len() { Ok((numbers, dictionary)) } else { Err(cut()) }
    }

    /// A column of words that stay the same for many rows.
    pub fn runs(&self, name: &str) -> Result<(Runs, Dictionary)> {
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
    pub fn instants(&self, name: &str) -> Result<Vec<i64>> {
        let mut instants = Vec::with_capacity(self.rows);
        self.column(name)?.each_page(|values| {
            let before = instants.len();
            differences(&values, &mut instants)?;
            if values.count == values.rows() && instants.len() - before == values.count {
                Ok(())
            } else {
                Err(cut())
            }
        })?;
        Ok(instants)
    }

    /// A column of instants that rows may lack, with something in the place of those; `None` if
    /// no row has one.
    pub fn some_instants(&self, name: &str, instead: i64) -> Result<Option<Vec<i64>>> {
        let (mut instants, mut packed) = (Vec::new(), Vec::new());
        let mut any = false;
        self.column(name)?.each_page(|values| {
            packed.clear();
            if values.count > 0 {
                differences(&values, &mut packed)?;
                any = true;
            }
            let mut rest = &packed[..];
            for (count, has) in &values.has {
                if *has {
                    let (these, others) = rest.split_at_checked(*count).ok_or_else(cut)?;
                    instants.extend_from_slice(these);
                    rest = others;
                } else {
                    instants.resize(instants.len() + count, instead);
                }
            }
            Ok(())
        })?;
        Ok(any.then_some(instants))
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

    /// A column of whole numbers that not every row has.
    pub fn numbers(&self, name: &str) -> Result<Few<i64>> {
        let mut known = Vec::new();
        let mut column = self.column(name)?;
        let (mut all, mut first) = (Vec::new(), 0);
        while let Some(page) = column.pages.get_next_page()? {
            if let Page::DictionaryPage { buf, .. } = page {
                let numbers = buf.chunks_exact(8).map(|it| i64::from_le_bytes(eight(it)));
                known = numbers.collect();
                continue;
            }
            let values = column.values(page)?;
            if first + values.rows() > self.rows {
                return Err(cut());
            }
            let mut numbers = Vec::with_capacity(values.count);
            let of = |it: u32| known.get(it as usize).copied().ok_or_else(cut);
            match values.encoding {
                _ if values.count == 0 => {}
                Encoding::PLAIN => {
                    numbers.extend(
                        values.bytes.chunks_exact(8).map(|it| i64::from_le_bytes(eight(it))),
                    );
                }
                Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
                    let mut places = Vec::new();
                    hybrid_with_width(&values.bytes, values.count, &mut |found| match found {
                        Found::Run(number, count) => places.resize(places.len() + count, number),
                        Found::Each(them) => places.extend_from_slice(them),
                    })?;
                    for place in places {
                        numbers.push(of(place)?);
                    }
                }
                _ => return Err(unusual(name)),
            }
            let mut numbers = numbers.into_iter();
            let mut row = first;
            for (count, has) in &values.has {
                if *has {
                    for row in row..row + count {
                        all.push((narrow(row)?, numbers.next().ok_or_else(cut)?));
                    }
                }
                row += count;
            }
            first = row;
        }
        if first == self.rows { Ok(Few(all)) } else { Err(cut()) }
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
                let mut row = first;
                for (count, has) in &values.has {
                    if *has {
                        for row in row..row + count {
                            all.push((narrow(row)?, next()?));
                        }
                    }
                    row += count;
                }
                Ok(())
            })?;
            first += values.rows();
            Ok(())
        })?;
        Ok(Few(all))
    }
}

impl Column {
    /// Reads the data pages of a column under a dictionary, and the dictionary.
    fn words(mut self, mut take: impl FnMut(Values) -> Result<()>) -> Result<Dictionary> {
        let mut dictionary = Dictionary::default();
        let mut rows = 0;
        while let Some(page) = self.pages.get_next_page()? {
            if let Page::DictionaryPage { buf, num_values, .. } = page {
                dictionary = Dictionary::plain(buf, num_values)?;
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
    fn rows(&self) -> usize {
        self.has.iter().map(|(rows, _)| rows).sum()
    }
}

/// What the hybrid of runs and packed bits tells.
enum Found<'a> {
    Run(u32, usize),
    Each(&'a [u32]),
}

/// The hybrid behind a byte that tells its width.
fn hybrid_with_width(bytes: &[u8], count: usize, tell: &mut dyn FnMut(Found<'_>)) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    let (width, rest) = bytes.split_first().ok_or_else(cut)?;
    hybrid(rest, *width, count, tell)
}

/// Reads `count` numbers of so many bits each.
fn hybrid(
    mut bytes: &[u8],
    width: u8,
    count: usize,
    tell: &mut dyn FnMut(Found<'_>),
) -> Result<()> {
    if width > 32 {
        return Err(cut());
    }
    let mut left = count;
    let mut unpacked = Vec::new();
    while left > 0 {
        let header = varint(&mut bytes)?;
        let amount = usize::try_from(header >> 1).map_err(|_| cut())?;
        if header & 1 == 0 {
            let size = usize::from(width).div_ceil(8);
            let (number, rest) = bytes.split_at_checked(size).ok_or_else(cut)?;
            bytes = rest;
            let number = number.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
            let run = amount.min(left);
            if run == 0 {
                return Err(cut());
            }
            tell(Found::Run(number, run));
            left -= run;
        } else {
            let size = amount.checked_mul(usize::from(width)).ok_or_else(cut)?;
            // The last group may be cut short where nothing of it is left to read.
            let (packed, rest) = bytes.split_at(size.min(bytes.len()));
            bytes = rest;
            let some = amount.saturating_mul(8).min(left);
            if some == 0 || packed.len() * 8 < some * usize::from(width) {
                return Err(cut());
            }
            unpacked.clear();
            unpack(packed, width, some, &mut unpacked);
            tell(Found::Each(&unpacked));
            left -= some;
        }
    }
    Ok(())
}

/// Reads which rows have values, of so many.
fn levels(mut bytes: &[u8], rows: usize) -> Result<Vec<(usize, bool)>> {
    let mut has: Vec<(usize, bool)> = Vec::new();
    let mut put = |rows: usize, some: bool| match has.last_mut() {
        Some((before, same)) if *same == some => *before += rows,
        _ => has.push((rows, some)),
    };
    let mut left = rows;
    while left > 0 {
        let header = varint(&mut bytes)?;
        let amount = usize::try_from(header >> 1).map_err(|_| cut())?;
        if amount == 0 {
            return Err(cut());
        }
        if header & 1 == 0 {
            let (number, rest) = bytes.split_first().ok_or_else(cut)?;
            bytes = rest;
            put(amount.min(left), *number == 1);
            left -= amount.min(left);
            continue;
        }
        for _ in 0..amount.min(left.div_ceil(8)) {
            let (byte, rest) = bytes.split_first().ok_or_else(cut)?;
            bytes = rest;
            let some = left.min(8);
            match byte {
                0xff => put(some, true),
                0 => put(some, false),
                mixed => runs_of_bits(*mixed, some, &mut put),
            }
            left -= some;
        }
    }
    Ok(has)
}

/// Tells the runs of equal bits among the lowest so many.
fn runs_of_bits(byte: u8, count: usize, put: &mut impl FnMut(usize, bool)) {
    let (mut bits, mut left) = (byte, count);
    while left > 0 {
        let some = bits & 1 == 1;
        let alike = if some { bits.trailing_ones() } else { bits.trailing_zeros() };
        let run = (alike as usize).min(left);
        put(run, some);
        left -= run;
        bits = bits.checked_shr(alike).unwrap_or(0);
    }
}

/// Unpacks numbers of at most 32 bits.
fn unpack(packed: &[u8], width: u8, count: usize, into: &mut Vec<u32>) {
    let bits = usize::from(width);
    if bits == 0 {
        into.resize(into.len() + count, 0);
        return;
    }
    let mask = (1_u64 << bits) - 1;
    let low = |it: u64| u32::try_from(it & mask).unwrap_or_default();
    let word = |at: usize| -> Option<u64> {
        packed.get(at..)?.first_chunk().map(|it| u64::from_le_bytes(*it))
    };
    let mut done = 0;
    // Eight numbers take as many bytes as they have bits each; of up to eight bits they fit one
    // word, of up to fifteen two.
    if bits <= 8 {
        while done + 8 <= count
            && let Some(all) = word(done / 8 * bits)
        {
            into.extend_from_slice(&std::array::from_fn::<u32, 8, _>(|it| low(all >> (it * bits))));
            done += 8;
        }
    } else if bits <= 15 {
        while done + 8 <= count {
            let at = done / 8 * bits;
            let (Some(first), Some(second)) = (word(at), word(at + bits / 2)) else { break };
            let second = second >> (bits % 2 * 4);
            into.extend_from_slice(&std::array::from_fn::<u32, 8, _>(|it| {
                if it < 4 { low(first >> (it * bits)) } else { low(second >> ((it - 4) * bits)) }
            }));
            done += 8;
        }
    }
    for index in done..count {
        into.push(low(wide(packed, index * bits)));
    }
}

/// The word that begins at a bit; only its lowest 57 bits are sure.
fn wide(packed: &[u8], bit: usize) -> u64 {
    let rest = &packed[bit / 8..];
    let word = rest.first_chunk().map_or_else(
        || rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        |it| u64::from_le_bytes(*it),
    );
    word >> (bit % 8)
}

/// Reads a page of packed differences.
fn differences(values: &Values, into: &mut Vec<i64>) -> Result<()> {
    if values.encoding != Encoding::DELTA_BINARY_PACKED {
        return Err(unusual("packed differences"));
    }
    let mut bytes = &values.bytes[..];
    let block = usize::try_from(varint(&mut bytes)?).map_err(|_| cut())?;
    let parts = usize::try_from(varint(&mut bytes)?).map_err(|_| cut())?;
    let total = usize::try_from(varint(&mut bytes)?).map_err(|_| cut())?;
    let mut last = zigzag(varint(&mut bytes)?);
    // Blocks are some hundreds long; none is longer than a page.
    if parts == 0 || block % parts != 0 || block > 1 << 24 || total != values.count {
        return Err(cut());
    }
    if total == 0 {
        return Ok(());
    }
    into.reserve(total);
    into.push(last);
    let (size, mut left) = (block / parts, total - 1);
    while left > 0 {
        let least = zigzag(varint(&mut bytes)?);
        let (widths, rest) = bytes.split_at_checked(parts).ok_or_else(cut)?;
        bytes = rest;
        for width in widths {
            if left == 0 {
                break;
            }
            let width = usize::from(*width);
            if width > 64 {
                return Err(cut());
            }
            let (packed, rest) = bytes.split_at(bytes.len().min(size * width / 8));
            bytes = rest;
            let some = size.min(left);
            if packed.len() * 8 < some * width {
                return Err(cut());
            }
            let mask = u64::MAX.checked_shr(64 - u32::try_from(width).unwrap_or(64)).unwrap_or(0);
            for index in 0..some {
                let bit = index * width;
                let mut difference = if width == 0 { 0 } else { wide(packed, bit) };
                if width > 57 && bit % 8 + width > 64 {
                    let top = packed.get(bit / 8 + 8).copied().unwrap_or_default();
                    difference |= u64::from(top) << (64 - bit % 8);
                }
                last = last.wrapping_add(least).wrapping_add_unsigned(difference & mask);
                into.push(last);
            }
            left -= some;
        }
    }
    Ok(())
}

/// Where a text of four bytes of length and its bytes lies.
fn plain_text(bytes: &[u8], at: usize) -> Result<(usize, usize)> {
    let length = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>).ok_or_else(cut)?;
    let from = at + 4;
    let to = from + u32::from_le_bytes(*length) as usize;
    if to <= bytes.len() { Ok((from, to)) } else { Err(cut()) }
}

/// Eight bytes of a chunk of eight.
fn eight(chunk: &[u8]) -> [u8; 8] {
    chunk.first_chunk().copied().unwrap_or_default()
}

fn varint(bytes: &mut &[u8]) -> Result<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or_else(cut)?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(cut())
}

fn zigzag(number: u64) -> i64 {
    let half = (number >> 1).cast_signed();
    if number & 1 == 0 { half } else { !half }
}

fn narrow(number: usize) -> Result<u32> {
    u32::try_from(number).map_err(|_| cut())
}

fn cut() -> ParquetError {
    ParquetError::EOF("a page ends too early, or says more than it holds".to_owned())
}

/// A page that is sound but was not written as ours are.
fn unusual(what: &str) -> ParquetError {
    ParquetError::NYI(format!("{what} was expected"))
}
