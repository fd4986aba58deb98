//! The encodings of Parquet pages that segments are written in.
//!
//! The formats are those of the Parquet specification: the hybrid of runs and packed bits, packed
//! differences, and plain values. What a page says is never trusted: too short a page is an error.

use parquet::errors::{ParquetError, Result};

/// What the hybrid of runs and packed bits tells.
pub(super) enum Found<'a> {
    Run(u32, usize),
    Each(&'a [u32]),
}

/// Reads `count` numbers from the hybrid behind a byte that tells their width.
pub(super) fn hybrid_with_width(
    bytes: &[u8],
    count: usize,
    tell: &mut impl FnMut(Found<'_>),
) -> Result<()> {
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
    tell: &mut impl FnMut(Found<'_>),
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

/// A page of packed differences, block by block.
pub(super) struct Differences<'a> {
    bytes: &'a [u8],
    /// The first number, of which there is no difference.
    pub first: i64,
    /// How many numbers there are.
    pub count: usize,
    /// How many numbers are packed alike, and how many such parts make a block.
    part: usize,
    parts: usize,
    left: usize,
}

/// A block of packed differences.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    /// How many differences.
    pub count: usize,
    least: i64,
    widths: &'a [u8],
    packed: &'a [u8],
    /// The same, with all that comes behind it.
    ahead: &'a [u8],
    part: usize,
}

impl<'a> Differences<'a> {
    /// Begins a page.
    pub fn of(mut bytes: &'a [u8]) -> Result<Self> {
        let block = usize::try_from(varint(&mut bytes)?).map_err(|_| cut())?;
        let parts = usize::try_from(varint(&mut bytes)?).map_err(|_| cut())?;
        let count = usize::try_from(varint(&mut bytes)?).map_err(|_| cut())?;
        let first = zigzag(varint(&mut bytes)?);
        // Blocks are some hundreds long; none is longer than a page. Each number but the first
        // takes its share of a block's widths at least.
        if parts == 0 || block % parts != 0 || block == 0 || block > 1 << 24 {
            return Err(cut());
        }
        if count.saturating_sub(1) / block > bytes.len() {
            return Err(cut());
        }
        let left = count.saturating_sub(1);
        Ok(Self { bytes, first, count, part: block / parts, parts, left })
    }

    /// The next block; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Block<'a>>> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut bytes = self.bytes;
        let least = zigzag(varint(&mut bytes)?);
        let (widths, packed) = bytes.split_at_checked(self.parts).ok_or_else(cut)?;
        let count = self.left.min(self.part * self.parts);
        let mut size = 0;
        for width in &widths[..count.div_ceil(self.part)] {
            if *width > 64 {
                return Err(cut());
            }
            size += self.part * usize::from(*width) / 8;
        }
        // The last part may be cut short where nothing of it is left to read.
        let ahead = packed;
        let (packed, rest) = packed.split_at(size.min(packed.len()));
        self.bytes = rest;
        self.left -= count;
        Ok(Some(Block { count, least, widths, packed, ahead, part: self.part }))
    }

    /// Reads all numbers.
    pub fn unpack(mut self, into: &mut Vec<i64>) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        into.push(self.first);
        let mut last = self.first;
        while let Some(block) = self.next()? {
            last = block.unpack(last, into)?;
        }
        Ok(())
    }
}

impl Block<'_> {
    /// Reads the numbers that follow one; returns the last of them.
    pub fn unpack(&self, mut last: i64, into: &mut Vec<i64>) -> Result<i64> {
        let (mut packed, mut ahead, mut left) = (self.packed, self.ahead, self.count);
        into.reserve(self.count);
        for width in self.widths {
            if left == 0 {
                break;
            }
            let width = usize::from(*width);
            let (part, rest) = packed.split_at(packed.len().min(self.part * width / 8));
            packed = rest;
            let some = self.part.min(left);
            if part.len() * 8 < some * width {
                return Err(cut());
            }
            let eights = Eights { packed: ahead, least: self.least, last, into };
            let done = eights.unpack(width, some / 8);
            ahead = ahead.get(part.len()..).unwrap_or_default();
            last = into.last().copied().filter(|_| done > 0).unwrap_or(last);
            let mask = u64::MAX.checked_shr(64 - u32::try_from(width).unwrap_or(64)).unwrap_or(0);
            let least = self.least;
            into.extend((done..some).map(|index| {
                let bit = index * width;
                let mut difference = if width == 0 { 0 } else { wide(part, bit) };
                if width > 57 && bit % 8 + width > 64 {
                    let top = part.get(bit / 8 + 8).copied().unwrap_or_default();
                    difference |= u64::from(top) << (64 - bit % 8);
                }
                last = last.wrapping_add(least).wrapping_add_unsigned(difference & mask);
                last
            }));
            left -= some;
        }
        Ok(last)
    }
}

/// Differences packed eight by eight: of so many bits each, they take as many bytes.
struct Eights<'a> {
    packed: &'a [u8],
    least: i64,
    last: i64,
    into: &'a mut Vec<i64>,
}

impl Eights<'_> {
    /// Reads so many eights of differences of so many bits, as long as enough bytes lie behind each
    /// to read whole words; returns how many differences were read.
    fn unpack(self, width: usize, eights: usize) -> usize {
        macro_rules! by_width {
            ($($bits:literal)*) => {
                match width {
                    0 => self.alike(eights),
                    $($bits => self.of::<$bits>(eights),)*
                    _ => 0,
                }
            };
        }
        by_width!(
            1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
            33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57
        )
    }

    /// Of no bits: all differences are the least.
    fn alike(mut self, eights: usize) -> usize {
        let least = self.least;
        self.into.extend((0..eights * 8).map(|_| {
            self.last = self.last.wrapping_add(least);
            self.last
        }));
        eights * 8
    }

    /// Where the number of bits is known beforehand, so is where each difference begins.
    fn of<const BITS: usize>(mut self, eights: usize) -> usize {
        for eight in 0..eights {
            let here = self.packed.get(eight * BITS..).and_then(<[u8]>::first_chunk::<64>);
            let Some(here) = here else { return eight * 8 };
            let numbers: [i64; 8] = std::array::from_fn(|it| {
                let bit = it * BITS;
                let word = std::array::from_fn(|byte| here[bit / 8 + byte]);
                let difference = u64::from_le_bytes(word) >> (bit % 8) & (u64::MAX >> (64 - BITS));
                self.last = self.last.wrapping_add(self.least).wrapping_add_unsigned(difference);
                self.last
            });
            self.into.extend_from_slice(&numbers);
        }
        eights * 8
    }
}

/// Where a text of four bytes of length and its bytes lies.
pub(super) fn plain_text(bytes: &[u8], at: usize) -> Result<(usize, usize)> {
    let length = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>).ok_or_else(cut)?;
    let from = at + 4;
    let to = from + u32::from_le_bytes(*length) as usize;
    if to <= bytes.len() { Ok((from, to)) } else { Err(cut()) }
}

/// Whole numbers of eight bytes.
pub(super) fn plain_numbers(bytes: &[u8]) -> impl Iterator<Item = i64> {
    let (chunks, _) = bytes.as_chunks::<8>();
    chunks.iter().map(|it| i64::from_le_bytes(*it))
}

pub(super) fn varint(bytes: &mut &[u8]) -> Result<u64> {
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

/// A page that is shorter than what it says.
pub(super) fn cut() -> ParquetError {
    ParquetError::EOF("a page ends too early, or says more than it holds".to_owned())
}

#[cfg(test)]
mod tests;
