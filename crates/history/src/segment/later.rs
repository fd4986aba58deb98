//! When facts were known, written as how much later that was than when they were so.
//!
//! Most facts were known when they were so. Nothing is written of these; [`UNTOLD`] stands for "nobody
//! said". Whole instants would be two more columns that hold what `time` does.

use std::ops::Range;

use arrow_array::types::Int64Type;
use arrow_array::{Array, PrimitiveArray};
use firsthand_model::Time;
use parquet::errors::Result;

use super::pages::narrow;
use super::values::Few;

/// In the place of how much later: nobody said. No two instants are that far apart.
const UNTOLD: i64 = i64::MIN;

/// How an instant is written beside the one that it is mostly the same as: in microseconds.
pub(super) fn written(at: Option<Time>, than: Time) -> Option<i64> {
    let Some(at) = at else { return Some(UNTOLD) };
    (at != than).then(|| at.micros().wrapping_sub(than.micros()))
}

/// The instant that a row's column tells of, beside the one that it is mostly the same as.
pub(crate) fn instant_at(
    column: &PrimitiveArray<Int64Type>,
    row: usize,
    than: Time,
) -> Option<Time> {
    match column.is_valid(row).then(|| column.value(row)) {
        None => Some(than),
        Some(UNTOLD) => None,
        Some(later) => Some(Time(than.micros().wrapping_add(later))),
    }
}

/// When the rows of a row group were known.
#[derive(Debug, Default)]
pub(super) struct Later {
    /// Stretches of rows of which nobody said.
    untold: Vec<Range<u32>>,
    /// The rows that were known later than they were so, in order, with when they were known.
    rows: Vec<(u32, i64)>,
}

impl Later {
    /// Of what is written of some rows, and when all were so.
    pub fn of(written: &Few<i64>, times: &[i64]) -> Result<Self> {
        let mut of = Self::default();
        for (row, later) in written.all() {
            match (*later, of.untold.last_mut()) {
                (UNTOLD, Some(last)) if last.end == row => last.end = narrow(row as usize + 1)?,
                (UNTOLD, _) => of.untold.push(row..narrow(row as usize + 1)?),
                (later, _) if later > 0 => {
                    of.rows.push((row, times[row as usize].saturating_add(later)));
                }
                // What is known before it is so counts from when it is so.
                _ => {}
            }
        }
        Ok(of)
    }

    /// Whether of any of some rows it was said.
    pub fn any_told(&self, rows: &Range<usize>) -> bool {
        let place = self.untold.partition_point(|it| it.end as usize <= rows.start);
        let untold = self.untold.get(place);
        let holds_all =
            |it: &Range<u32>| it.start as usize <= rows.start && rows.end <= it.end as usize;
        !rows.is_empty() && !untold.is_some_and(holds_all)
    }

    /// Those of some rows that were known later, by the numbers that rows have here.
    pub fn within(&self, rows: &Range<usize>) -> &[(u32, i64)] {
        let place = |row: usize| self.rows.partition_point(|(it, _)| (*it as usize) < row);
        &self.rows[place(rows.start)..place(rows.end)]
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is written is read as it was, row by row and of all rows at once.
        #[test]
        fn what_is_written_is_read(
            known in proptest::collection::vec((0..50_i64, option::of(-3..9_i64)), 0..40),
            from in 0..40_usize,
            count in 0..20_usize,
        ) {
            let facts = known.iter().map(|(time, later)| (Time(*time), later.map(|it| Time(time + it))));
            let facts: Vec<(Time, Option<Time>)> = facts.collect();
            let column: Int64Array = facts.iter().map(|(time, at)| written(*at, *time)).collect();
            for (row, (time, at)) in facts.iter().enumerate() {
                prop_assert_eq!(instant_at(&column, row, *time), *at);
            }
            let mut few = Few::default();
            few.merge((0..).zip(&column).filter_map(|(row, it)| Some((row, it?))).collect());
            let times: Vec<i64> = facts.iter().map(|(time, _)| time.0).collect();
            let later = Later::of(&few, &times).unwrap();
            let to = facts.len().min(from + count);
            let rows = from.min(to)..to;
            let said = |row: &usize| facts[*row].1.is_some();
            prop_assert_eq!(later.any_told(&rows), rows.clone().any(|row| said(&row)));
            let late = rows.clone().filter_map(|row| {
                let (time, at) = facts[row];
                Some((u32::try_from(row).unwrap(), at.filter(|it| *it > time)?.0))
            });
            prop_assert_eq!(later.within(&rows), late.collect::<Vec<_>>());
        }
    }
}
