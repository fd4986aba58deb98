//! Columns of instants, and those that are mostly the same as another.
//!
//! When a fact was known is mostly when it was so. Both are written in the same blocks then, so that
//! only the blocks that differ need to be unpacked.

use std::ops::Range;

use bytes::Bytes;
use parquet::errors::Result;

use super::encodings::cut;
use super::pages::narrow;
use super::values::Values;

/// Instants of all rows, and the blocks that they were read from: each with its rows.
#[derive(Debug, Default)]
pub(super) struct Instants {
    pub all: Vec<i64>,
    blocks: Vec<(Range<usize>, Bytes)>,
}

impl Instants {
    /// Takes in a page of which every row has one.
    pub fn take(&mut self, values: &Values) -> Result<()> {
        if values.count == 0 {
            return Ok(());
        }
        let mut differences = values.differences()?;
        self.all.push(differences.first);
        let mut last = differences.first;
        while let Some(block) = differences.next()? {
            let rows = self.all.len()..self.all.len() + block.count;
            self.blocks.push((rows, values.bytes.slice_ref(block.bytes)));
            last = block.unpack(last, &mut self.all)?;
        }
        Ok(())
    }

    /// The block of some rows, as it is written.
    fn block(&self, of: &Range<usize>) -> Option<&[u8]> {
        let place = self.blocks.binary_search_by_key(&of.start, |(rows, _)| rows.start).ok()?;
        let (rows, bytes) = &self.blocks[place];
        (rows == of).then_some(bytes)
    }
}

/// Instants that are mostly those of another column.
#[derive(Debug, Default)]
pub(super) struct Later {
    /// Stretches of rows that have one, or have none: each with its end.
    told: Vec<(u32, bool)>,
    /// The rows that have a later one, in order.
    rows: Vec<(u32, i64)>,
}

impl Later {
    /// Whether any of some rows has one.
    pub fn any_told(&self, rows: &Range<usize>) -> bool {
        let from = self.told.partition_point(|(end, _)| *end as usize <= rows.start);
        let mut begin = rows.start;
        self.told[from..]
            .iter()
            .take_while(|(end, _)| {
                let within = begin < rows.end;
                begin = *end as usize;
                within
            })
            .any(|(_, told)| *told)
    }

    /// Those of some rows that have a later one, by the numbers that rows have here.
    pub fn of(&self, rows: &Range<usize>) -> &[(u32, i64)] {
        let place = |row: usize| self.rows.partition_point(|(it, _)| (*it as usize) < row);
        &self.rows[place(rows.start)..place(rows.end)]
    }

    /// Takes in instants of some rows, from the first on, and what stands in the other column.
    pub fn take(&mut self, first: usize, these: &[i64], than: &[i64]) -> Result<()> {
        for (row, (at, than)) in (first..).zip(these.iter().zip(than)) {
            if at > than {
                self.rows.push((narrow(row)?, *at));
            }
        }
        Ok(())
    }

    /// Takes a page of which every row has one. Where a block is written as the other column's is,
    /// so are its instants.
    pub fn take_alike(&mut self, values: &Values, first: usize, than: &Instants) -> Result<()> {
        if values.count == 0 {
            return Ok(());
        }
        let mut differences = values.differences()?;
        let mut last = differences.first;
        self.take(first, &[last], &than.all[first..=first])?;
        let mut row = first + 1;
        let mut unpacked = Vec::new();
        while let Some(block) = differences.next()? {
            let rows = row..row + block.count;
            let those = than.all.get(rows.clone()).ok_or_else(cut)?;
            if last == than.all[row - 1] && than.block(&rows) == Some(block.bytes) {
                last = those.last().copied().unwrap_or(last);
            } else {
                unpacked.clear();
                last = block.unpack(last, &mut unpacked)?;
                self.take(row, &unpacked, those)?;
            }
            row = rows.end;
        }
        Ok(())
    }

    /// Adds the stretch of rows up to an end: whether they have one.
    pub fn tell(&mut self, end: usize, some: bool) -> Result<()> {
        let end = narrow(end)?;
        match self.told.last_mut() {
            Some((last, same)) if *same == some => *last = end,
            _ => self.told.push((end, some)),
        }
        Ok(())
    }
}
