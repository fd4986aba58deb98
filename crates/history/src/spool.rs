//! A spool: records put aside in parts, in memory while they are few, in files beyond that.
//!
//! A record is bytes; who puts it aside knows what they mean. A spool promises nothing after a
//! crash. Its folder is emptied before the next one is filled.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::{HistoryError, Result};

/// Longest record: a fact of the most that a collector takes, with room to spare.
const RECORD_BYTES_MAX: u32 = 256 * 1024 * 1024;
const TOO_LONG: &str = "a fact is longer than 256 MiB";
/// Bytes that a feeder holds before the spool takes them.
const FEEDER_BYTES: usize = 1024 * 1024;
/// Bytes read from a file at a time.
const READ_BYTES: usize = 256 * 1024;
/// Bytes of the length before each record.
const LENGTH_BYTES: usize = size_of::<u32>();

/// Records in numbered parts.
pub(crate) struct Spool {
    dir: PathBuf,
    name: String,
    parts: Vec<Part>,
    /// A part is written to its file once it holds more in memory than this.
    part_bytes_max: usize,
}

#[derive(Default)]
struct Part {
    buffer: Vec<u8>,
    /// Whether its file holds what came before the buffer.
    spilt: bool,
    records: u64,
    bytes: usize,
}

impl Part {
    /// Makes room for all that is held before it is written out, and for the record that makes it
    /// too much, once so much is likely to come. Grown by doubling to the end, the buffers of all
    /// parts would take up to twice that, and leave as much behind in pieces.
    fn make_room(&mut self, bytes_max: usize) {
        let Self { buffer, .. } = self;
        if buffer.len() >= bytes_max / 8 && buffer.capacity() < bytes_max {
            buffer.reserve_exact(bytes_max + bytes_max / 8 - buffer.len());
        }
    }
}

impl Spool {
    /// A spool with so many parts, which keeps at most so many bytes in memory.
    pub fn new(dir: &Path, name: impl Into<String>, parts: usize, memory_bytes_max: usize) -> Self {
        Self {
            dir: dir.to_owned(),
            name: name.into(),
            parts: std::iter::repeat_with(Part::default).take(parts).collect(),
            part_bytes_max: memory_bytes_max / parts,
        }
    }

    /// Puts aside the record that `write` appends to a buffer.
    pub fn push(&mut self, part: usize, write: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        let held = &mut self.parts[part];
        held.bytes += append(&mut held.buffer, write)?;
        held.records += 1;
        held.make_room(self.part_bytes_max);
        self.spill_if_full(part)
    }

    /// Puts aside what a feeder holds, which is empty afterwards.
    pub fn take(&mut self, feeder: &mut Feeder) -> Result<()> {
        feeder.bytes = 0;
        for (part, (buffer, records)) in feeder.parts.iter_mut().enumerate() {
            let held = &mut self.parts[part];
            held.records += std::mem::take(records);
            held.bytes += buffer.len();
            held.buffer.append(buffer);
            held.make_room(self.part_bytes_max);
            self.spill_if_full(part)?;
        }
        Ok(())
    }

    /// How many parts there are.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// How many records a part holds.
    pub fn records(&self, part: usize) -> u64 {
        self.parts[part].records
    }

    /// How many bytes they take.
    pub fn bytes(&self, part: usize) -> usize {
        self.parts[part].bytes
    }

    /// Reads a part from its beginning.
    pub fn read(&self, part: usize) -> Result<Records<'_>> {
        let Part { buffer, spilt, .. } = &self.parts[part];
        let path = self.path(part);
        let spilt = if *spilt {
            let file = File::open(&path).map_err(HistoryError::io("open", &path))?;
            Some(Window { file, bytes: vec![0; READ_BYTES], filled: 0..0 })
        } else {
            None
        };
        Ok(Records { path, spilt, buffer })
    }

    /// Drops a part's records and its file.
    pub fn clear(&mut self, part: usize) -> Result<()> {
        let path = self.path(part);
        let part = std::mem::take(&mut self.parts[part]);
        if part.spilt { crate::files::remove(&path) } else { Ok(()) }
    }

    fn path(&self, part: usize) -> PathBuf {
        self.dir.join(format!("{}-{part:05}.spool", self.name))
    }

    fn spill_if_full(&mut self, part: usize) -> Result<()> {
        if self.parts[part].buffer.len() <= self.part_bytes_max {
            return Ok(());
        }
        let buffer = self.write_out(part)?;
        // It is filled again; but one long record must not hold its memory for ever.
        self.parts[part].buffer = buffer;
        self.parts[part].buffer.shrink_to(2 * self.part_bytes_max);
        Ok(())
    }

    /// Writes all that a part holds in memory to its file, and frees the memory.
    pub fn spill(&mut self, part: usize) -> Result<()> {
        self.write_out(part).map(drop)
    }

    /// Writes all that a part holds in memory to its file; returns the memory, empty.
    fn write_out(&mut self, part: usize) -> Result<Vec<u8>> {
        let path = self.path(part);
        let part = &mut self.parts[part];
        // Opened each time: a thousand parts must not hold a thousand files open.
        let mut options = File::options();
        let file = options.create(true).write(true).append(part.spilt).truncate(!part.spilt);
        file.open(&path)
            .and_then(|mut file| file.write_all(&part.buffer))
            .map_err(HistoryError::io("write", &path))?;
        part.spilt = true;
        let mut buffer = std::mem::take(&mut part.buffer);
        buffer.clear();
        Ok(buffer)
    }
}

/// Records on their way into a spool, written apart from it: several threads fill it that way.
pub(crate) struct Feeder {
    /// The bytes for each part, and how many records they are.
    parts: Vec<(Vec<u8>, u64)>,
    bytes: usize,
}

impl Feeder {
    /// A feeder for a spool of so many parts.
    pub fn new(parts: usize) -> Self {
        Self { parts: vec![(Vec::new(), 0); parts], bytes: 0 }
    }

    /// Holds a record; tells whether it is time that the spool takes what is held.
    pub fn push(&mut self, part: usize, write: impl FnOnce(&mut Vec<u8>)) -> Result<bool> {
        let (buffer, records) = &mut self.parts[part];
        self.bytes += append(buffer, write)?;
        *records += 1;
        Ok(self.bytes >= FEEDER_BYTES)
    }
}

/// Writes a record behind its length; tells how many bytes both took.
fn append(buffer: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) -> Result<usize> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; LENGTH_BYTES]);
    write(buffer);
    let record = start + LENGTH_BYTES;
    let length = u32::try_from(buffer.len() - record).ok().filter(|it| *it <= RECORD_BYTES_MAX);
    let Some(length) = length else {
        buffer.truncate(start);
        return Err(HistoryError::damaged(Path::new("a record"), TOO_LONG));
    };
    buffer[start..record].copy_from_slice(&length.to_le_bytes());
    Ok(buffer.len() - start)
}

/// Takes the first record off.
fn split_record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

/// The records of one part, in the order they came.
pub(crate) struct Records<'a> {
    path: PathBuf,
    spilt: Option<Window>,
    buffer: &'a [u8],
}

/// A stretch of a file.
struct Window {
    file: File,
    bytes: Vec<u8>,
    /// Which of the bytes are read and not yet taken.
    filled: Range<usize>,
}

impl Window {
    /// Reads on until there is a whole record; tells its place, `None` at the end.
    fn next(&mut self) -> std::io::Result<Option<Range<usize>>> {
        loop {
            let held = &self.bytes[self.filled.clone()];
            if let Some((record, _)) = split_record(held) {
                let start = self.filled.start + LENGTH_BYTES;
                self.filled.start = start + record.len();
                return Ok(Some(start..self.filled.start));
            }
            if !self.fill()? {
                let cut_off = !self.filled.is_empty();
                return if cut_off { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(None) };
            }
        }
    }

    /// Moves what is held to the front and reads more behind it; tells whether there was more.
    fn fill(&mut self) -> std::io::Result<bool> {
        self.bytes.copy_within(self.filled.clone(), 0);
        self.filled = 0..self.filled.len();
        if self.filled.end == self.bytes.len() {
            self.bytes.resize(2 * self.bytes.len(), 0);
        }
        let count = self.file.read(&mut self.bytes[self.filled.end..])?;
        self.filled.end += count;
        Ok(count > 0)
    }
}

impl Records<'_> {
    /// The next record.
    pub fn next(&mut self) -> Result<Option<&[u8]>> {
        if let Some(window) = &mut self.spilt {
            match window.next().map_err(HistoryError::io("read", &self.path))? {
                Some(place) => {
                    // Asked for again, since the borrow of what is given back outlives this arm.
                    return Ok(self.spilt.as_ref().map(|it| &it.bytes[place]));
                }
                None => self.spilt = None,
            }
        }
        let Some((record, rest)) = split_record(self.buffer) else {
            return Ok(None);
        };
        self.buffer = rest;
        Ok(Some(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_in_order_whether_spilt_or_not() {
        for memory in [0, 40, 1_000_000] {
            let dir = tempfile::tempdir().unwrap();
            let mut spool = Spool::new(dir.path(), "test", 3, memory);
            let mut feeder = Feeder::new(3);
            for number in 0..100_u64 {
                let text = format!("record {number}");
                let part = (number % 3) as usize;
                let write = |to: &mut Vec<u8>| to.extend_from_slice(text.as_bytes());
                if number < 50 {
                    spool.push(part, write).unwrap();
                } else {
                    feeder.push(part, write).unwrap();
                }
            }
            spool.take(&mut feeder).unwrap();
            let part = read(&spool, 1);
            assert_eq!(part.len(), 33);
            assert_eq!((part[0].as_str(), part[32].as_str()), ("record 1", "record 97"));
            spool.clear(1).unwrap();
            assert_eq!(read(&spool, 1).len(), 0);
            assert_eq!(read(&spool, 2).len(), 33);
        }
    }

    #[test]
    fn a_part_takes_little_more_room_than_it_may_hold() {
        let dir = tempfile::tempdir().unwrap();
        let bytes_max = 10_000;
        let mut spool = Spool::new(dir.path(), "test", 1, bytes_max);
        for _ in 0..1_000 {
            spool.push(0, |to| to.extend_from_slice(&[7; 60])).unwrap();
            assert!(spool.parts[0].buffer.capacity() <= bytes_max + bytes_max / 8);
        }
    }

    #[test]
    fn a_record_longer_than_what_is_read_at_a_time_comes_back_whole() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(dir.path(), "test", 1, 0);
        let long = vec![7; 3 * READ_BYTES + 1];
        for record in [&[1][..], &long, &[], &[2]] {
            spool.push(0, |to| to.extend_from_slice(record)).unwrap();
        }
        let mut records = spool.read(0).unwrap();
        for record in [&[1][..], &long, &[], &[2]] {
            assert_eq!(records.next().unwrap(), Some(record));
        }
        assert_eq!(records.next().unwrap(), None);
    }

    fn read(spool: &Spool, part: usize) -> Vec<String> {
        let mut records = spool.read(part).unwrap();
        let mut texts = Vec::new();
        while let Some(record) = records.next().unwrap() {
            texts.push(String::from_utf8(record.to_vec()).unwrap());
        }
        texts
    }
}
