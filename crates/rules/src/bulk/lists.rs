//! An account's rows, by who takes them.
//!
//! Names that the same takers want are of one kind. Rows are told apart by kind once for all
//! takers; most of them take one kind, whose rows are theirs as they stand.

use std::ops::Range;

use rustc_hash::FxHashMap;

/// The rows of an account that are looked at: the first so many, but for those that are hidden.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown<'a> {
    pub count: usize,
    /// In order, and among the first so many.
    pub hidden: &'a [u32],
}

impl Shown<'_> {
    /// The stretches of rows between those that are hidden.
    fn stretches(self) -> impl Iterator<Item = Range<usize>> {
        let mut from = 0;
        let ends = self.hidden.iter().map(|it| *it as usize).chain([self.count]);
        ends.map(move |end| std::mem::replace(&mut from, end + 1)..end)
    }

    /// Whether a row is one of them.
    pub fn contains(self, row: usize) -> bool {
        let is_hidden = |row| self.hidden.binary_search(&row).is_ok();
        row < self.count && !u32::try_from(row).is_ok_and(is_hidden)
    }

    /// All of them.
    pub fn rows(self) -> impl Iterator<Item = usize> {
        self.stretches().flatten()
    }
}

/// Who wants a name, by the numbers of takers.
type Wanted = Box<[bool]>;

/// The rows of the account at hand by their kind.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// For each name met, its kind.
    kind_of: Vec<u32>,
    kinds: FxHashMap<Wanted, u32>,
    /// For each kind its rows.
    rows: Vec<Vec<u32>>,
    /// For each kind who takes it.
    taken_by: Vec<Vec<u32>>,
    takers: Vec<Taken>,
    /// How many rows each taker takes.
    counts: Vec<usize>,
}

/// What one taker wants.
#[derive(Clone, Debug, Default)]
struct Taken {
    /// For each name met, whether it is wanted.
    names: Vec<bool>,
    /// The kinds of those that are wanted, and of the others.
    kinds: Vec<u32>,
    others: Vec<u32>,
}

impl Lists {
    /// For so many takers.
    pub fn new(takers: usize) -> Self {
        let (takers, counts) = (vec![Taken::default(); takers], vec![0; takers]);
        Self { takers, counts, ..Self::default() }
    }

    /// How many names are known.
    pub fn names(&self) -> usize {
        self.kind_of.len()
    }

    /// Takes in the next name: which takers want it.
    pub fn learn(&mut self, wanted: Wanted) {
        for (taker, wanted) in self.takers.iter_mut().zip(&wanted) {
            taker.names.push(*wanted);
        }
        let next = u32::try_from(self.rows.len()).expect("fewer kinds than names");
        let kind = *self.kinds.entry(wanted).or_insert_with_key(|wanted| {
            self.rows.push(Vec::new());
            let mut taken_by = Vec::new();
            for ((place, taker), wanted) in (0..).zip(&mut self.takers).zip(wanted) {
                if *wanted {
                    taker.kinds.push(next);
                    taken_by.push(place);
                } else {
                    taker.others.push(next);
                }
            }
            self.taken_by.push(taken_by);
            next
        });
        self.kind_of.push(kind);
    }

    /// Whether a taker wants a name.
    pub fn wants(&self, taker: usize, name: u32) -> bool {
        self.takers[taker].names[name as usize]
    }

    /// Tells an account's rows apart.
    pub fn sort(&mut self, names: &[u32], shown: Shown<'_>) {
        let Self { kind_of, rows, taken_by, counts, .. } = self;
        rows.iter_mut().for_each(Vec::clear);
        for stretch in shown.stretches() {
            let mut row = u32::try_from(stretch.start).expect("fewer rows than 2^32");
            for name in &names[stretch] {
                rows[kind_of[*name as usize] as usize].push(row);
                row = row.wrapping_add(1);
            }
        }
        counts.fill(0);
        for (rows, taken_by) in rows.iter().zip(taken_by) {
            for taker in taken_by.iter().filter(|_| !rows.is_empty()) {
                counts[*taker as usize] += rows.len();
            }
        }
    }

    /// The rows of a kind.
    fn of_kind(&self, kind: u32) -> &[u32] {
        &self.rows[kind as usize]
    }

    /// The rows that a taker takes, if they are of one kind, or if there are none.
    pub fn of_one_kind(&self, taker: usize) -> Option<&[u32]> {
        let lists = self.takers[taker].kinds.iter().map(|it| self.of_kind(*it));
        let mut wanted = lists.filter(|it| !it.is_empty());
        let first = wanted.next();
        wanted.next().is_none().then(|| first.unwrap_or_default())
    }

    /// How many rows a taker takes.
    pub fn count(&self, taker: usize) -> usize {
        self.counts[taker]
    }

    /// The first few rows that a taker takes.
    pub fn first(&self, taker: usize, count: usize, into: &mut Vec<usize>) {
        for kind in &self.takers[taker].kinds {
            into.extend(self.of_kind(*kind).iter().take(count).map(|it| *it as usize));
        }
        into.sort_unstable();
        into.truncate(count);
    }

    /// The rows that a taker takes, of the account that was sorted last.
    pub fn of<'a>(&'a self, taker: usize, shown: Shown<'_>, memory: &'a mut Memory) -> &'a [u32] {
        if let Some(rows) = self.of_one_kind(taker) {
            return rows;
        }
        let Taken { kinds, others, .. } = &self.takers[taker];
        let lists = |of: &'a [u32]| of.iter().map(|it| self.of_kind(*it));
        // A bit for each row, so that rows of several kinds come into order without comparing
        // them. What is wanted is marked, or what is not, whichever is less.
        let Memory { bits, rows } = memory;
        rows.clear();
        bits.clear();
        if 2 * self.count(taker) <= shown.count {
            bits.resize(shown.count.div_ceil(64), 0);
            lists(kinds).for_each(|it| flip(bits, it));
            for (word, base) in bits.iter_mut().zip((0..).step_by(64)) {
                while *word != 0 {
                    rows.push(base + word.trailing_zeros());
                    *word &= *word - 1;
                }
            }
        } else {
            bits.resize(shown.count.div_ceil(64), u64::MAX);
            if let Some(last) = bits.last_mut() {
                *last >>= (64 - shown.count % 64) % 64;
            }
            lists(others).for_each(|it| flip(bits, it));
            flip(bits, shown.hidden);
            for (word, mut base) in bits.iter_mut().zip((0..).step_by(64)) {
                while *word != 0 {
                    let gap = word.trailing_zeros();
                    let from = base + gap;
                    *word >>= gap;
                    let alike = word.trailing_ones();
                    rows.extend(from..from + alike);
                    *word = word.checked_shr(alike).unwrap_or(0);
                    base = from + alike;
                }
            }
        }
        rows
    }
}

/// Memory that is used again for the rows of several kinds.
#[derive(Debug, Default)]
pub(super) struct Memory {
    bits: Vec<u64>,
    rows: Vec<u32>,
}

/// Changes the bits of some rows.
fn flip(bits: &mut [u64], rows: &[u32]) {
    for row in rows {
        bits[*row as usize / 64] ^= 1 << (row % 64);
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What a taker takes are the rows of the names that it wants, in order, whether these are
        /// few or many, and without those that are hidden.
        #[test]
        fn a_taker_takes_the_rows_that_it_wants(
            wants in vec(vec(any::<bool>(), 3), 5),
            names in vec(0..5_u32, 0..300),
            hidden in btree_set(0..300_u32, 0..6),
            left_out in 0..9_usize,
        ) {
            let mut lists = Lists::new(3);
            for wanted in &wants {
                lists.learn(wanted.clone().into());
            }
            let count = names.len().saturating_sub(left_out);
            let hidden: Vec<u32> = hidden.into_iter().filter(|it| (*it as usize) < count).collect();
            let shown = Shown { count, hidden: &hidden };
            lists.sort(&names, shown);
            let mut memory = Memory::default();
            for taker in [0, 1, 2] {
                let wanted = |row: &usize| wants[names[*row] as usize][taker];
                let rows: Vec<usize> = shown.rows().filter(wanted).collect();
                prop_assert_eq!(lists.count(taker), rows.len());
                let mut first = Vec::new();
                lists.first(taker, 2, &mut first);
                prop_assert_eq!(&first[..], &rows[..rows.len().min(2)]);
                if let Some(alone) = lists.of_one_kind(taker) {
                    prop_assert_eq!(alone.len(), rows.len());
                }
                let of = lists.of(taker, shown, &mut memory);
                let of: Vec<usize> = of.iter().map(|it| *it as usize).collect();
                prop_assert_eq!(of, rows);
            }
        }
    }
}
