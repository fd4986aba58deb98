//! What a page holds: which rows have values, and the values of those that have.

use std::ops::Range;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::errors::{ParquetError, Result};

use super::encodings::{Differences, Found, cut, hybrid_with_width};
use super::levels::Levels;

/// What a page holds: which rows have values, and the values of those that have.
pub(super) struct Values {
    pub levels: Levels,
    pub bytes: Bytes,
    pub count: usize,
    pub encoding: Encoding,
}

impl Values {
    /// Of these rows and bytes.
    pub fn of(levels: Levels, bytes: Bytes, encoding: Encoding) -> Self {
        Self { count: levels.count, levels, bytes, encoding }
    }

    /// How many rows the page is of.
    pub fn rows(&self) -> usize {
        self.levels.rows
    }

    /// Whether the values are places in a dictionary.
    pub fn is_of_words(&self) -> bool {
        let words = [Encoding::RLE_DICTIONARY, Encoding::PLAIN_DICTIONARY];
        self.count == 0 || words.contains(&self.encoding)
    }

    /// Adds the numbers that the values are, written as packed differences.
    pub fn unpack(&self, into: &mut Vec<i64>) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        if self.encoding != Encoding::DELTA_BINARY_PACKED {
            return Err(unusual("packed differences"));
        }
        let all = Differences::of(&self.bytes)?;
        if all.count == self.count { all.unpack(into) } else { Err(cut()) }
    }
}

/// Values that few rows have, by row.
#[derive(Debug)]
pub(super) struct Few<T> {
    rows: Vec<u32>,
    values: Vec<T>,
    /// Behind the last row.
    end: u32,
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), values: Vec::new(), end: 0 }
    }
}

impl<T> Few<T> {
    /// All of them, in order, with their rows.
    pub fn all(&self) -> impl Iterator<Item = (u32, &T)> {
        self.rows.iter().copied().zip(&self.values)
    }

    /// The value of a row.
    pub fn get(&self, row: usize) -> Option<&T> {
        let place = self.rows.binary_search(&u32::try_from(row).ok()?).ok()?;
        self.values.get(place)
    }

    /// Where in the order those of some rows stand, if those of the rows before end at a place.
    pub fn places(&self, rows: &Range<usize>, from: usize) -> Range<usize> {
        let start = self.onward(from, rows.start);
        start..self.onward(start, rows.end)
    }

    /// The place of the first row from a row on, not before a place.
    fn onward(&self, from: usize, row: usize) -> usize {
        let rest = &self.rows[from..];
        // It is mostly near.
        let mut near = 8;
        while rest.get(near).is_some_and(|it| (*it as usize) < row) {
            near *= 2;
        }
        from + rest[..rest.len().min(near)].partition_point(|it| (*it as usize) < row)
    }

    /// Rows and values of some places.
    pub fn at(&self, places: Range<usize>) -> (&[u32], &[T]) {
        (&self.rows[places.clone()], &self.values[places])
    }

    /// Values of its rows made of these.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Few<U> {
        let values = self.values.into_iter().map(make).collect();
        Few { rows: self.rows, values, end: self.end }
    }

    /// Takes in others, of other rows, which come in order.
    pub fn merge(&mut self, others: Vec<(u32, T)>) {
        if others.is_empty() {
            return;
        }
        let own = std::mem::take(&mut self.rows).into_iter().zip(std::mem::take(&mut self.values));
        let mut all: Vec<(u32, T)> = own.chain(others).collect();
        all.sort_by_key(|(row, _)| *row);
        (self.rows, self.values) = all.into_iter().unzip();
    }

    /// Of how many rows pages have been taken.
    pub fn end(&self) -> usize {
        self.end as usize
    }

    /// Takes in the rows of a page that have values; these are put by `put`.
    pub fn take(
        &mut self,
        values: &Values,
        put: impl FnOnce(&mut Vec<T>) -> Result<()>,
    ) -> Result<()> {
        self.end = values.levels.present(self.end, &mut self.rows)?;
        put(&mut self.values)?;
        if self.values.len() == self.rows.len() { Ok(()) } else { Err(cut()) }
    }

    /// The same, value by value.
    pub fn take_each(
        &mut self,
        values: &Values,
        mut next: impl FnMut() -> Result<T>,
    ) -> Result<()> {
        self.take(values, |into| {
            into.reserve(values.count);
            for _ in 0..values.count {
                into.push(next()?);
            }
            Ok(())
        })
    }
}

/// The places in a dictionary that pages are written as.
#[derive(Default)]
pub(super) struct Places {
    most: Option<u32>,
}

impl Places {
    /// Adds those of the values of a page, each as so much more.
    pub fn add(&mut self, values: &Values, more: u32, into: &mut Vec<u32>) -> Result<()> {
        let mut most = self.most;
        into.reserve(values.count);
        hybrid_with_width(&values.bytes, values.count, &mut |found| match found {
            Found::Run(place, count) => {
                most = most.max(Some(place));
                into.resize(into.len() + count, place.wrapping_add(more));
            }
            Found::Each(them) => {
                most = most.max(them.iter().max().copied());
                // Where this goes round, there is no such place: see below.
                into.extend(them.iter().map(|it| it.wrapping_add(more)));
            }
        })?;
        self.most = most;
        Ok(())
    }

    /// Refuses places behind the end of a dictionary.
    pub fn lie_in(&self, words: usize) -> Result<()> {
        if self.most.is_some_and(|it| it as usize >= words) { Err(cut()) } else { Ok(()) }
    }
}

/// A page that is sound but was not written as ours are.
pub(super) fn unusual(what: &str) -> ParquetError {
    ParquetError::NYI(format!("{what} was expected"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::{btree_map, btree_set};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Values stand with their rows, wherever they came from, and are found from any place before
        /// them.
        #[test]
        fn values_stand_with_their_rows(
            all in btree_map(0..200_u32, any::<u8>(), 0..120),
            others in btree_set(0..200_u32, 0..60),
            rows in (0..200_usize, 0..200_usize),
        ) {
            let part = |of_others: bool| {
                let them = all.iter().filter(|(row, _)| others.contains(row) == of_others);
                them.map(|(row, value)| (*row, *value)).collect::<Vec<_>>()
            };
            let mut few = Few::default();
            few.merge(part(false));
            few.merge(part(true));
            let rows = rows.0.min(rows.1)..rows.0.max(rows.1);
            let expected = all.iter().filter(|(row, _)| rows.contains(&(**row as usize)));
            let expected: BTreeMap<u32, u8> = expected.map(|(row, value)| (*row, *value)).collect();
            let first = few.places(&rows, 0).start;
            for from in 0..=first {
                let (found, values) = few.at(few.places(&rows, from));
                let found: BTreeMap<u32, u8> = found.iter().copied().zip(values.iter().copied()).collect();
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
