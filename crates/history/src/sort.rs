//! Sorting the rows of a bucket in bounded memory: sorted runs on disk, then one merge.

use std::ops::Range;
use std::path::Path;
use std::vec::IntoIter;

use firsthand_model::Time;
use rustc_hash::FxHashMap;

use crate::error::Result;
use crate::spool::{Records, Spool};
use crate::stored::{RowView, Stored};
use crate::wire::{RowKey, read_key, read_row};

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
    // Grown by doubling it could take twice the room.
    run.bytes.reserve_exact(run_bytes_max.min(rows.bytes(part)));
    let mut records = rows.read(part)?;
    while let Some(record) = records.next()? {
        // Looked at before, since one row too many would make the room grow.
        let full = !run.ends.is_empty() && run.bytes.len() + record.len() > run_bytes_max;
        if full && runs.len() + 1 < RUNS_MAX {
            let name = format!("run-{part:05}-{:04}", runs.len());
            let mut spool = Spool::new(dir, name, 1, RUN_BUFFER_BYTES);
            for row in run.sorted() {
                spool.push(0, |to| to.extend_from_slice(row))?;
            }
            spool.spill(0)?;
            runs.push(spool);
            run.clear();
        }
        run.bytes.extend_from_slice(record);
        run.ends.push(run.bytes.len());
    }
    if runs.is_empty() {
        return run.sorted().into_iter().try_for_each(|row| take(&read_row(row)));
    }
    merge(&runs, run.sorted(), take)?;
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
    id: &'a [u8],
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
                let RowKey { account, time, rank, source, id } = read_key(row);
                let (account, source) =
                    (accounts.number(&row[account]), sources.number(&row[source]));
                Key { account, source, time, rank, id: &row[id], row }
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
    numbers: FxHashMap<&'a [u8], u32>,
    last: Option<(&'a [u8], u32)>,
}

impl<'a> Ranks<'a> {
    fn number(&mut self, text: &'a [u8]) -> u32 {
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
        let mut texts: Vec<(&[u8], u32)> = self.numbers.into_iter().collect();
        texts.sort_unstable();
        let mut ranks = vec![0; texts.len()];
        for (rank, (_, number)) in (0..).zip(texts) {
            ranks[number as usize] = rank;
        }
        ranks
    }
}

/// Hands the rows of sorted runs, and of the last one, which is still in memory, to `take`, sorted.
fn merge(
    runs: &[Spool],
    last: Vec<&[u8]>,
    mut take: impl FnMut(&RowView<'_>) -> Result<()>,
) -> Result<()> {
    let mut heads = Vec::with_capacity(runs.len() + 1);
    for run in runs {
        heads.extend(Head::first(Rest::Spilt(run.read(0)?))?);
    }
    heads.extend(Head::first(Rest::InMemory(last.into_iter()))?);
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

/// The rows of a run that are to come.
enum Rest<'a> {
    Spilt(Records<'a>),
    InMemory(IntoIter<&'a [u8]>),
}

impl Rest<'_> {
    fn next(&mut self) -> Result<Option<&[u8]>> {
        match self {
            Self::Spilt(records) => records.next(),
            Self::InMemory(rows) => Ok(rows.next()),
        }
    }
}

/// The row at which a run stands.
struct Head<'a> {
    rest: Rest<'a>,
    row: Vec<u8>,
    key: RowKey<Range<usize>>,
}

impl<'a> Head<'a> {
    /// Stands at the first row of a run, if it has one.
    fn first(mut rest: Rest<'a>) -> Result<Option<Self>> {
        let Some(row) = rest.next()?.map(<[u8]>::to_vec) else {
            return Ok(None);
        };
        let key = read_key(&row);
        Ok(Some(Self { rest, row, key }))
    }

    /// Goes on to the next row; tells whether there is one.
    fn advance(&mut self) -> Result<bool> {
        let Some(record) = self.rest.next()? else {
            return Ok(false);
        };
        self.row.clear();
        self.row.extend_from_slice(record);
        self.key = read_key(&self.row);
        Ok(true)
    }

    fn key(&self) -> RowKey<&[u8]> {
        let RowKey { account, time, rank, source, id } = &self.key;
        let text = |place: &Range<usize>| &self.row[place.clone()];
        let (account, source, id) = (text(account), text(source), text(id));
        RowKey { account, time: *time, rank: *rank, source, id }
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
