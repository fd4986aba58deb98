//! Sorting the rows of a bucket in bounded memory: sorted runs on disk, then one merge.

use std::ops::Range;
use std::path::Path;

use firsthand_model::Time;
use rustc_hash::FxHashMap;

use crate::error::Result;
use crate::spool::{Records, Spool};
use crate::stored::{RowView, Stored, rank};
use crate::wire::read_row;

/// Runs of one bucket; the last takes what is left.
const RUNS_MAX: usize = 1024;
/// Bytes of a run that wait to be written.
const RUN_BUFFER_BYTES: usize = 1024 * 1024;

/// Hands the rows of a spool's part, sorted, to `take`.
pub(crate) fn sorted(
    rows: &Spool,
    part: usize,
    dir: &Path,
    run_bytes_max: usize,
    mut take: impl FnMut(&RowView<'_>) -> Result<()>,
) -> Result<()> {
    let mut runs: Vec<Spool> = Vec::new();
    let mut run = Run::default();
    let mut records = rows.read(part)?;
    while let Some(record) = records.next()? {
        run.bytes.extend_from_slice(record);
        run.ends.push(run.bytes.len());
        if run.bytes.len() > run_bytes_max && runs.len() + 1 < RUNS_MAX {
            let name = format!("run-{part:05}-{:04}", runs.len());
            let mut spool = Spool::new(dir, name, 1, RUN_BUFFER_BYTES);
            for row in run.sorted() {
                spool.push(0, |to| to.extend_from_slice(row))?;
            }
            spool.spill(0)?;
            runs.push(spool);
            run.clear();
        }
    }
    if runs.is_empty() {
        return run.sorted().into_iter().try_for_each(|row| take(&read_row(row)));
    }
    let mut last = Spool::new(dir, format!("run-{part:05}-last"), 1, usize::MAX);
    for row in run.sorted() {
        last.push(0, |to| to.extend_from_slice(row))?;
    }
    drop(run);
    runs.push(last);
    merge(&runs, take)?;
    runs.iter_mut().try_for_each(|it| it.clear(0))
}

/// Rows that are sorted in memory.
#[derive(Default)]
struct Run {
    /// The rows one after the other.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

/// What a row is sorted by, with its texts replaced by their places among all texts where that
/// pays.
struct Key<'a> {
    account: u32,
    source: u32,
    time: Time,
    rank: u8,
    id: &'a str,
    row: &'a [u8],
}

impl Run {
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// The rows in order.
    fn sorted(&self) -> Vec<&[u8]> {
        let (mut accounts, mut sources) = (Ranks::default(), Ranks::default());
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let mut keys: Vec<Key<'_>> = starts
            .zip(&self.ends)
            .map(|(start, end)| {
                let row = &self.bytes[start..*end];
                let RowView { place, fact } = read_row(row);
                let (account, source) =
                    (accounts.number(place.account), sources.number(fact.source));
                Key { account, source, time: fact.time, rank: rank(&fact.body), id: fact.id, row }
            })
            .collect();
        let (accounts, sources) = (accounts.ranks(), sources.ranks());
        for key in &mut keys {
            key.account = accounts[key.account as usize];
            key.source = sources[key.source as usize];
        }
        keys.sort_unstable_by(|a, b| {
            let order = |it: &Key<'_>| (it.account, it.time, it.rank, it.source);
            order(a).cmp(&order(b)).then_with(|| a.id.cmp(b.id))
        });
        keys.into_iter().map(|it| it.row).collect()
    }
}

/// Numbers texts as they come, and ranks them once all have come.
#[derive(Default)]
struct Ranks<'a> {
    numbers: FxHashMap<&'a str, u32>,
    last: Option<(&'a str, u32)>,
}

impl<'a> Ranks<'a> {
    fn number(&mut self, text: &'a str) -> u32 {
        if let Some((last, number)) = self.last
            && last == text
        {
            return number;
        }
        let next = u32::try_from(self.numbers.len()).expect("a run has fewer than 2^32 rows");
        let number = *self.numbers.entry(text).or_insert(next);
        self.last = Some((text, number));
        number
    }

    /// The rank of each number.
    fn ranks(self) -> Vec<u32> {
        let mut texts: Vec<(&str, u32)> = self.numbers.into_iter().collect();
        texts.sort_unstable();
        let mut ranks = vec![0; texts.len()];
        for (rank, (_, number)) in (0..).zip(texts) {
            ranks[number as usize] = rank;
        }
        ranks
    }
}

/// Hands the rows of sorted runs, sorted, to `take`.
fn merge(runs: &[Spool], mut take: impl FnMut(&RowView<'_>) -> Result<()>) -> Result<()> {
    let mut heads = Vec::with_capacity(runs.len());
    for run in runs {
        heads.extend(Head::first(run.read(0)?)?);
    }
    loop {
        // Runs of one bucket are few: a heap gains nothing.
        let least = heads.iter().enumerate().min_by(|(_, a), (_, b)| a.key().cmp(&b.key()));
        let Some((least, head)) = least else { return Ok(()) };
        take(&read_row(&head.row))?;
        if !heads[least].advance()? {
            heads.swap_remove(least);
        }
    }
}

/// The row at which a run stands.
struct Head<'a> {
    rest: Records<'a>,
    row: Vec<u8>,
    account: Range<usize>,
    time: Time,
    rank: u8,
    source: Range<usize>,
    id: Range<usize>,
}

impl<'a> Head<'a> {
    /// Stands at the first row of a run, if it has one.
    fn first(rest: Records<'a>) -> Result<Option<Self>> {
        let row = Vec::new();
        let (time, rank) = (Time::default(), 0);
        let mut head = Self { rest, row, account: 0..0, time, rank, source: 0..0, id: 0..0 };
        Ok(head.advance()?.then_some(head))
    }

    /// Goes on to the next row; tells whether there is one.
    fn advance(&mut self) -> Result<bool> {
        let Some(record) = self.rest.next()? else {
            return Ok(false);
        };
        self.row.clear();
        self.row.extend_from_slice(record);
        let RowView { place, fact } = read_row(&self.row);
        (self.time, self.rank) = (fact.time, rank(&fact.body));
        let within = |text: &str| {
            let start = text.as_ptr().addr() - self.row.as_ptr().addr();
            start..start + text.len()
        };
        let (account, source, id) = (within(place.account), within(fact.source), within(fact.id));
        (self.account, self.source, self.id) = (account, source, id);
        Ok(true)
    }

    /// What [`Stored::sort_key`] says; texts compare as their bytes do.
    fn key(&self) -> (&[u8], Time, u8, &[u8], &[u8]) {
        let text = |range: &Range<usize>| &self.row[range.clone()];
        (text(&self.account), self.time, self.rank, text(&self.source), text(&self.id))
    }
}

/// Merges sorted rows into one sorted stream.
pub(crate) struct Merge<I> {
    sources: Vec<(Stored, I)>,
}

impl<I: Iterator<Item = Result<Stored>>> Merge<I> {
    /// Begins the merge; reads the first row of each source.
    pub fn new(sources: Vec<I>) -> Result<Self> {
        let mut begun = Vec::with_capacity(sources.len());
        for mut source in sources {
            if let Some(first) = source.next().transpose()? {
                begun.push((first, source));
            }
        }
        Ok(Self { sources: begun })
    }
}

impl<I: Iterator<Item = Result<Stored>>> Iterator for Merge<I> {
    type Item = Result<Stored>;

    fn next(&mut self) -> Option<Self::Item> {
        // Sources are few (runs of one bucket, segments of one bucket): a heap gains nothing.
        let sources = self.sources.iter().enumerate();
        let (least, _) = sources.min_by(|(_, a), (_, b)| a.0.sort_key().cmp(&b.0.sort_key()))?;
        let (head, source) = &mut self.sources[least];
        match source.next() {
            Some(Ok(next)) => Some(Ok(std::mem::replace(head, next))),
            Some(Err(error)) => Some(Err(error)),
            None => Some(Ok(self.sources.swap_remove(least).0)),
        }
    }
}
