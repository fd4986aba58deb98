//! A spool: records put aside in parts, in memory while they are few, in files beyond that.
//!
//! A spool promises nothing after a crash. Its folder is emptied before the next one is filled.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{HistoryError, Result};

/// Longest record: a fact of the most that a collector takes, with room to spare.
const RECORD_BYTES_MAX: u32 = 256 * 1024 * 1024;
const TOO_LONG: &str = "a fact is longer than 256 MiB";
/// Bytes that a feeder holds before the spool takes them.
const FEEDER_BYTES: usize = 1024 * 1024;
/// Bytes read from a file at a time.
const READ_BYTES: usize = 256 * 1024;

/// Records of one type, in numbered parts.
pub(crate) struct Spool<T> {
    dir: PathBuf,
    name: String,
    parts: Vec<Part>,
    buffered_bytes: usize,
    memory_bytes_max: usize,
    records: PhantomData<T>,
}

#[derive(Default)]
struct Part {
    buffer: Vec<u8>,
    /// Whether its file holds what came before the buffer.
    spilt: bool,
    records: u64,
}

impl<T: Serialize + DeserializeOwned> Spool<T> {
    /// A spool with so many parts, which keeps at most so many bytes in memory.
    pub fn new(dir: &Path, name: impl Into<String>, parts: usize, memory_bytes_max: usize) -> Self {
        Self {
            dir: dir.to_owned(),
            name: name.into(),
            parts: std::iter::repeat_with(Part::default).take(parts).collect(),
            buffered_bytes: 0,
            memory_bytes_max,
            records: PhantomData,
        }
    }

    /// Puts a record aside.
    pub fn push(&mut self, part: usize, record: &T) -> Result<()> {
        let part = &mut self.parts[part];
        self.buffered_bytes += write(&mut part.buffer, record)
            .ok_or_else(|| HistoryError::damaged(&self.dir, TOO_LONG))?;
        part.records += 1;
        self.spill_if_full()
    }

    /// Puts aside what a feeder holds, which is empty afterwards.
    pub fn take(&mut self, feeder: &mut Feeder<T>) -> Result<()> {
        for (part, (buffer, records)) in self.parts.iter_mut().zip(&mut feeder.parts) {
            part.buffer.append(buffer);
            part.records += std::mem::take(records);
        }
        self.buffered_bytes += std::mem::take(&mut feeder.bytes);
        self.spill_if_full()
    }

    fn spill_if_full(&mut self) -> Result<()> {
        if self.buffered_bytes > self.memory_bytes_max { self.spill() } else { Ok(()) }
    }

    /// How many parts there are.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// How many records a part holds.
    pub fn records(&self, part: usize) -> u64 {
        self.parts[part].records
    }

    /// Reads a part from its beginning.
    pub fn read(&self, part: usize) -> Result<Records<'_, T>> {
        let Part { buffer, spilt, .. } = &self.parts[part];
        let path = self.path(part);
        let spilt = if *spilt {
            let file = File::open(&path).map_err(HistoryError::io("open", &path))?;
            Some(BufReader::with_capacity(READ_BYTES, file))
        } else {
            None
        };
        Ok(Records { path, spilt, buffer, bytes: Vec::new(), of: PhantomData })
    }

    /// Drops a part's records and its file.
    pub fn clear(&mut self, part: usize) -> Result<()> {
        let path = self.path(part);
        let part = &mut self.parts[part];
        self.buffered_bytes -= part.buffer.len();
        if part.spilt {
            crate::files::remove(&path)?;
        }
        *part = Part::default();
        Ok(())
    }

    fn path(&self, part: usize) -> PathBuf {
        self.dir.join(format!("{}-{part:05}.spool", self.name))
    }

    fn spill(&mut self) -> Result<()> {
        for number in 0..self.parts.len() {
            let path = self.path(number);
            let part = &mut self.parts[number];
            if part.buffer.is_empty() {
                continue;
            }
            // Opened each time: a thousand parts must not hold a thousand files open.
            let mut options = File::options();
            let file = options.create(true).write(true).append(part.spilt).truncate(!part.spilt);
            file.open(&path)
                .and_then(|mut file| file.write_all(&part.buffer))
                .map_err(HistoryError::io("write", &path))?;
            part.spilt = true;
            part.buffer = Vec::new();
        }
        self.buffered_bytes = 0;
        Ok(())
    }
}

/// Records on their way into a spool, encoded apart from it: several threads fill it that way.
pub(crate) struct Feeder<T> {
    /// The bytes for each part, and how many records they are.
    parts: Vec<(Vec<u8>, u64)>,
    bytes: usize,
    records: PhantomData<T>,
}

impl<T: Serialize> Feeder<T> {
    /// A feeder for a spool of so many parts.
    pub fn new(parts: usize) -> Self {
        Self { parts: vec![(Vec::new(), 0); parts], bytes: 0, records: PhantomData }
    }

    /// Holds a record; tells whether it is time that the spool takes what is held.
    pub fn push(&mut self, part: usize, record: &T) -> Result<bool> {
        let (buffer, records) = &mut self.parts[part];
        self.bytes += write(buffer, record)
            .ok_or_else(|| HistoryError::damaged(Path::new("a record"), TOO_LONG))?;
        *records += 1;
        Ok(self.bytes >= FEEDER_BYTES)
    }
}

/// Writes a record behind its length; tells how many bytes that took, `None` if it is too long.
fn write<T: Serialize>(buffer: &mut Vec<u8>, record: &T) -> Option<usize> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; size_of::<u32>()]);
    let written = postcard::to_extend(record, std::mem::take(buffer));
    *buffer = written.expect("a record serialises");
    let record = start + size_of::<u32>();
    let Some(length) =
        u32::try_from(buffer.len() - record).ok().filter(|it| *it <= RECORD_BYTES_MAX)
    else {
        buffer.truncate(start);
        return None;
    };
    buffer[start..record].copy_from_slice(&length.to_le_bytes());
    Some(buffer.len() - start)
}

/// The records of one part, in the order they came.
pub(crate) struct Records<'a, T> {
    path: PathBuf,
    spilt: Option<BufReader<File>>,
    buffer: &'a [u8],
    bytes: Vec<u8>,
    of: PhantomData<T>,
}

impl<T: DeserializeOwned> Records<'_, T> {
    /// The next record as it was written.
    pub fn next_bytes(&mut self) -> Result<Option<&[u8]>> {
        if let Some(file) = &mut self.spilt {
            let mut length = [0; size_of::<u32>()];
            match file.read_exact(&mut length) {
                Ok(()) => {
                    self.bytes.resize(u32::from_le_bytes(length) as usize, 0);
                    file.read_exact(&mut self.bytes)
                        .map_err(HistoryError::io("read", &self.path))?;
                    return Ok(Some(&self.bytes));
                }
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    self.spilt = None;
                }
                Err(error) => return Err(HistoryError::io("read", &self.path)(error)),
            }
        }
        let Some((length, rest)) = self.buffer.split_first_chunk() else {
            return Ok(None);
        };
        let (record, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        self.buffer = rest;
        Ok(Some(record))
    }
}

impl<T: DeserializeOwned> Iterator for Records<'_, T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let path = self.path.clone();
        let bytes = self.next_bytes().transpose()?;
        let decode = |bytes| {
            postcard::from_bytes(bytes).map_err(|it| HistoryError::damaged(&path, it.to_string()))
        };
        Some(bytes.and_then(decode))
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
            for number in 0..100_u64 {
                spool.push((number % 3) as usize, &format!("record {number}")).unwrap();
            }
            let part: Vec<String> = spool.read(1).unwrap().map(Result::unwrap).collect();
            assert_eq!(part.len(), 33);
            assert_eq!((part[0].as_str(), part[32].as_str()), ("record 1", "record 97"));
            spool.clear(1).unwrap();
            assert_eq!(spool.read(1).unwrap().count(), 0);
            assert_eq!(spool.read(2).unwrap().count(), 33);
        }
    }
}
