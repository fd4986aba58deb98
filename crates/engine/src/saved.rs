//! The state of everybody, written down when a server ends, so that the next start need not make it
//! again from the history.
//!
//! It is derived like all state, and of use only where nothing is different from when it was
//! written: the same program over the same history. Else it is made again. It tells what people did,
//! so whoever reads it removes it: of those who are erased afterwards nothing stays behind in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use firsthand_history::History;
use firsthand_model::{Text, Time};
use firsthand_rules::society::standings::Standings;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::customer::Customer;
use crate::live::{Live, Rules};
use crate::person::Person;
use crate::seen::Seen;
use crate::whereabouts::Whereabouts;

/// What such a file ends with.
const MAGIC: [u8; 8] = *b"FHSTATE1";
/// The length of what describes the parts, its checksum, and these words.
const END: usize = 8 + 32 + MAGIC.len();
/// Accounts or people of one part.
const PART: usize = 1_000;
/// Parts that are made at the same time, and held in memory.
const PARTS_AT_ONCE: usize = 16;
/// The quickest compression that is worth something: a third is left.
const LEVEL: i32 = 1;

/// Where the state is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateFile {
    /// The file.
    pub path: PathBuf,
    /// Names the build that writes and reads it: another one may remember otherwise.
    pub made_by: String,
}

/// What is remembered of everybody.
pub(crate) struct Remembered {
    /// Up to when time had passed.
    pub known_at: Time,
    pub customers: Vec<(Text, Customer)>,
    pub people: Vec<(Text, Person)>,
    pub whereabouts: Whereabouts,
    pub seen: Seen,
}

/// What is where in a file.
#[derive(Serialize, Deserialize)]
struct Contents {
    key: [u8; 32],
    known_at: Time,
    customers: Vec<Part>,
    people: Vec<Part>,
    whereabouts: Part,
    seen: Part,
}

/// Compressed content.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Part {
    at: u64,
    bytes: usize,
    /// What it comes to when it is unpacked.
    unpacked: usize,
    checksum: [u8; 32],
}

impl StateFile {
    /// Writes down a state that nothing waits to change; whether it is one.
    pub(crate) fn write(&self, live: &mut Live) -> io::Result<bool> {
        if !live.is_at_rest() {
            return Ok(false);
        }
        live.pack_all();
        let written = self.write_all(live);
        if written.is_err() {
            fs::remove_file(self.temporary()).ok();
        }
        written.map(|()| true)
    }

    fn write_all(&self, live: &Live) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut to = Writer { to: BufWriter::new(create(&self.temporary())?), at: 0 };
        let contents = Contents {
            key: self.key(live.rules(), live.history(), live.standings()),
            known_at: live.known_at(),
            customers: to.parts(live.customers())?,
            people: to.parts(live.people())?,
            whereabouts: to.part(live.whereabouts())?,
            seen: to.part(live.seen())?,
        };
        to.end(&contents)?;
        fs::rename(self.temporary(), &self.path)
    }

    /// Where it is written until it is whole.
    fn temporary(&self) -> PathBuf {
        self.path.with_extension("tmp")
    }

    /// Reads and removes what was written down, if it is the state of just this; `None` if there is
    /// nothing of that kind.
    pub(crate) fn take(
        &self,
        rules: &Rules,
        history: &History,
        standings: &Standings,
    ) -> Option<Remembered> {
        let found = self.read(&self.key(rules, history, standings));
        for file in [&self.path, &self.temporary()] {
            fs::remove_file(file).ok();
        }
        found.ok()
    }

    fn read(&self, key: &[u8; 32]) -> io::Result<Remembered> {
        let contents = self.contents()?;
        if contents.key != *key {
            return Err(damaged());
        }
        Ok(Remembered {
            known_at: contents.known_at,
            customers: self.parts(&contents.customers)?,
            people: self.parts(&contents.people)?,
            whereabouts: self.part(contents.whereabouts)?,
            seen: self.part(contents.seen)?,
        })
    }

    fn contents(&self) -> io::Result<Contents> {
        let mut file = File::open(&self.path)?;
        let end = i64::try_from(END).map_err(|_| damaged())?;
        file.seek(SeekFrom::End(-end))?;
        let mut last = [0; END];
        file.read_exact(&mut last)?;
        let (length, rest) = last.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (checksum, magic) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
        let length = i64::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
        let back = length.checked_add(end).ok_or_else(damaged)?;
        if magic != MAGIC {
            return Err(damaged());
        }
        file.seek(SeekFrom::End(-back))?;
        let mut bytes = Vec::new();
        file.take(length.unsigned_abs()).read_to_end(&mut bytes)?;
        if blake3::hash(&bytes).as_bytes() != checksum {
            return Err(damaged());
        }
        postcard::from_bytes(&bytes).map_err(|_| damaged())
    }

    fn parts<T: DeserializeOwned + Send>(&self, parts: &[Part]) -> io::Result<Vec<T>> {
        let read = parts.par_iter().map(|it| self.part::<Vec<T>>(*it));
        let read: Vec<Vec<T>> = read.collect::<io::Result<_>>()?;
        Ok(read.into_iter().flatten().collect())
    }

    fn part<T: DeserializeOwned>(&self, part: Part) -> io::Result<T> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(part.at))?;
        let mut bytes = Vec::new();
        file.take(part.bytes as u64).read_to_end(&mut bytes)?;
        if *blake3::hash(&bytes).as_bytes() != part.checksum {
            return Err(damaged());
        }
        let unpacked = zstd::bulk::decompress(&bytes, part.unpacked)?;
        postcard::from_bytes(&unpacked).map_err(|_| damaged())
    }

    /// Names all that a state hangs on.
    fn key(&self, rules: &Rules, history: &History, standings: &Standings) -> [u8; 32] {
        let mut key = blake3::Hasher::new();
        key.update(self.made_by.as_bytes());
        let Rules { project, program, history_from } = rules;
        let (identity, logged) = (&project.identity, history.logged());
        let of_rules = format!("\n{program:?}\n{history_from:?}\n{identity:?}\n{logged}\n");
        key.update(of_rules.as_bytes());
        for asked in &program.populations {
            key.update(format!("{:?}\n", standings.newest(asked)).as_bytes());
        }
        key.update(history.content_key().as_bytes());
        key.finalize().into()
    }
}

/// Writes parts one after the other.
struct Writer {
    to: BufWriter<File>,
    at: u64,
}

impl Writer {
    /// Writes many, some at a time.
    fn parts<'a, T: Serialize + Sync + 'a>(
        &mut self,
        all: impl Iterator<Item = (&'a Text, &'a T)>,
    ) -> io::Result<Vec<Part>> {
        let (mut all, mut parts) = (all, Vec::new());
        loop {
            let some: Vec<_> = all.by_ref().take(PART * PARTS_AT_ONCE).collect();
            if some.is_empty() {
                return Ok(parts);
            }
            let made: Vec<_> =
                some.par_chunks(PART).map(|it| compressed(&it)).collect::<io::Result<_>>()?;
            for (bytes, unpacked) in made {
                parts.push(self.put(&bytes, unpacked)?);
            }
        }
    }

    fn part(&mut self, it: &impl Serialize) -> io::Result<Part> {
        let (bytes, unpacked) = compressed(it)?;
        self.put(&bytes, unpacked)
    }

    fn put(&mut self, bytes: &[u8], unpacked: usize) -> io::Result<Part> {
        let (at, checksum) = (self.at, *blake3::hash(bytes).as_bytes());
        self.to.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(Part { at, bytes: bytes.len(), unpacked, checksum })
    }

    fn end(mut self, contents: &Contents) -> io::Result<()> {
        let bytes = postcard::to_allocvec(contents).map_err(io::Error::other)?;
        self.to.write_all(&bytes)?;
        self.to.write_all(&(bytes.len() as u64).to_le_bytes())?;
        self.to.write_all(blake3::hash(&bytes).as_bytes())?;
        self.to.write_all(&MAGIC)?;
        self.to.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}

fn compressed(it: &impl Serialize) -> io::Result<(Vec<u8>, usize)> {
    let bytes = postcard::to_allocvec(it).map_err(io::Error::other)?;
    Ok((zstd::bulk::compress(&bytes, LEVEL)?, bytes.len()))
}

/// Makes a file that nobody else may read.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn damaged() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
