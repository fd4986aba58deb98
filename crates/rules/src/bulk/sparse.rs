//! Numbers that some rows have.

use super::words::Words;

/// The numbers of those rows that have one, in order, by [`Words`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Sparse<'a> {
    /// The rows, by numbers from `first` on.
    pub rows: &'a [u32],
    /// The number of each.
    pub numbers: &'a [u32],
    /// The number of the first row there is.
    pub first: u32,
}

impl<'a> Sparse<'a> {
    /// The number of a row; [`Words::NONE`], if it has none.
    pub(super) fn get(self, row: usize) -> u32 {
        self.from(row).get(row)
    }

    /// For rows from one on, asked for in order.
    pub(super) fn from(self, row: usize) -> Onward<'a> {
        let row = self.first as usize + row;
        Onward { of: self, next: self.rows.partition_point(|it| (*it as usize) < row) }
    }
}

/// Goes on from row to row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Onward<'a> {
    of: Sparse<'a>,
    next: usize,
}

impl Onward<'_> {
    /// The number of a row, none before the last that was asked for.
    pub fn get(&mut self, row: usize) -> u32 {
        let row = self.of.first as usize + row;
        while let Some(here) = self.of.rows.get(self.next) {
            if *here as usize >= row {
                return if *here as usize == row {
                    self.of.numbers[self.next]
                } else {
                    Words::NONE
                };
            }
            self.next += 1;
        }
        Words::NONE
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_map;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A row has the number that it was given, whether it is asked for alone or in order.
        #[test]
        fn a_row_has_its_number(
            given in btree_map(0..60_u32, 1..9_u32, 0..40),
            first in 0..1000_u32,
            asked in 0..60_usize,
        ) {
            let rows: Vec<u32> = given.keys().map(|it| it + first).collect();
            let numbers: Vec<u32> = given.values().copied().collect();
            let sparse = Sparse { rows: &rows, numbers: &numbers, first };
            let number = |row: usize| given.get(&u32::try_from(row).unwrap()).copied();
            let mut onward = sparse.from(asked);
            for row in asked..70 {
                let expected = number(row).unwrap_or(Words::NONE);
                prop_assert_eq!((sparse.get(row), onward.get(row)), (expected, expected));
            }
        }
    }
}
