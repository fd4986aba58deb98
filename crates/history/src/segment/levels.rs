//! Which rows of a page have values.
//!
//! They are written as runs and packed bits. Where few rows have a value, it is told which these
//! are; where most do, stretches of rows that have one, or have none.

use bytes::Bytes;
use parquet::errors::Result;

use super::encodings::{cut, varint};

/// Which rows of a page have values, as it is written.
#[derive(Debug)]
pub(super) struct Levels {
    /// All have, if nothing is written.
    bytes: Option<Bytes>,
    /// How many rows there are, and how many of them have values.
    pub rows: usize,
    pub count: usize,
}

/// Rows one after the other.
enum Found {
    /// So many that have a value, or have none.
    Run(usize, bool),
    /// A bit for each, from the lowest; so many, 64 at most.
    Bits(u64, usize),
}

impl Levels {
    /// Of a page in which all rows have a value.
    pub fn all(rows: usize) -> Self {
        Self { bytes: None, rows, count: rows }
    }

    /// Of a page of so many rows.
    pub fn of(bytes: Bytes, rows: usize) -> Result<Self> {
        let mut count = 0;
        each(&bytes, rows, |found| match found {
            Found::Run(rows, some) => count += if some { rows } else { 0 },
            Found::Bits(bits, _) => count += bits.count_ones() as usize,
        })?;
        Ok(Self { bytes: Some(bytes), rows, count })
    }

    fn each(&self, mut tell: impl FnMut(Found)) -> Result<()> {
        if let Some(bytes) = &self.bytes {
            return each(bytes, self.rows, tell);
        }
        tell(Found::Run(self.rows, true));
        Ok(())
    }

    /// Stretches of rows that have values, or have none.
    pub fn stretches(&self) -> Result<Vec<(usize, bool)>> {
        let mut has = Stretches { all: Vec::new(), rows: 0, some: false };
        self.each(|found| match found {
            Found::Run(rows, some) => has.take(rows, some),
            Found::Bits(bits, rows) => has.take_bits(bits, rows),
        })?;
        Ok(has.end())
    }

    /// Adds the rows that have values, by numbers from the first on; returns that behind the last.
    pub fn present(&self, first: u32, into: &mut Vec<u32>) -> Result<u32> {
        let rows = u32::try_from(self.rows).ok();
        let end = rows.and_then(|it| first.checked_add(it)).ok_or_else(cut)?;
        into.reserve(self.count);
        let mut at = first;
        // No row is behind the end, which fits.
        let behind = |at: u32, rows: usize| at.wrapping_add(u32::try_from(rows).unwrap_or(0));
        self.each(|found| match found {
            Found::Run(rows, some) => {
                let to = behind(at, rows);
                if some {
                    into.extend(at..to);
                }
                at = to;
            }
            Found::Bits(mut bits, rows) => {
                while bits != 0 {
                    into.push(at.wrapping_add(bits.trailing_zeros()));
                    bits &= bits - 1;
                }
                at = behind(at, rows);
            }
        })?;
        Ok(end)
    }
}

/// Goes through what is written of so many rows.
fn each(mut bytes: &[u8], rows: usize, mut tell: impl FnMut(Found)) -> Result<()> {
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
            tell(Found::Run(amount.min(left), *number == 1));
            left -= amount.min(left);
            continue;
        }
        let (packed, rest) =
            bytes.split_at_checked(amount.min(left.div_ceil(8))).ok_or_else(cut)?;
        bytes = rest;
        for word in packed.chunks(8) {
            let some = left.min(word.len() * 8);
            let bits = word.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
            // Behind the last row there may be anything.
            tell(Found::Bits(bits & u64::MAX >> (64 - some), some));
            left -= some;
        }
    }
    Ok(())
}

/// Stretches of rows that have values, or have none; the last of them may go on.
struct Stretches {
    all: Vec<(usize, bool)>,
    rows: usize,
    some: bool,
}

impl Stretches {
    fn take(&mut self, rows: usize, some: bool) {
        if self.some != some {
            self.turn();
        }
        self.rows += rows;
    }

    /// Takes the lowest so many bits, 64 at most.
    fn take_bits(&mut self, mut bits: u64, mut left: usize) {
        loop {
            let alike = if self.some { bits.trailing_ones() } else { bits.trailing_zeros() };
            self.rows += left.min(alike as usize);
            if left <= alike as usize {
                return;
            }
            left -= alike as usize;
            bits >>= alike;
            self.turn();
        }
    }

    fn turn(&mut self) {
        if self.rows > 0 {
            self.all.push((self.rows, self.some));
        }
        (self.rows, self.some) = (0, !self.some);
    }

    fn end(mut self) -> Vec<(usize, bool)> {
        self.turn();
        self.all
    }
}
