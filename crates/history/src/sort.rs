//! Sorting the rows of a bucket in bounded memory: sorted runs on disk, then one merge.

use std::path::Path;

use crate::error::Result;
use crate::spool::Spool;
use crate::stored::Stored;

/// Runs of one bucket; the last takes what is left.
const RUNS_MAX: usize = 1024;
/// Bytes of a run that wait to be written.
const RUN_BUFFER_BYTES: usize = 4 * 1024 * 1024;

type Rows<'a> = Box<dyn Iterator<Item = Result<Stored>> + 'a>;

/// Hands the rows of a spool's part, sorted, to `take`.
pub(crate) fn sorted(
    rows: &Spool<Stored>,
    part: usize,
    dir: &Path,
    run_bytes_max: usize,
    mut take: impl FnMut(Stored) -> Result<()>,
) -> Result<()> {
    let mut runs: Spool<Stored> =
        Spool::new(dir, format!("run-{part:05}"), RUNS_MAX, RUN_BUFFER_BYTES);
    let mut run = 0;
    let mut memory = Vec::new();
    let mut memory_bytes = 0;
    let mut records = rows.read(part)?;
    while let Some(bytes) = records.next_bytes()? {
        memory_bytes += bytes.len();
        memory.push(postcard::from_bytes(bytes).expect("this process wrote it"));
        if memory_bytes > run_bytes_max && run + 1 < RUNS_MAX {
            sort(&mut memory);
            for row in memory.drain(..) {
                runs.push(run, &row)?;
            }
            run += 1;
            memory_bytes = 0;
        }
    }
    sort(&mut memory);
    let mut sources: Vec<Rows<'_>> = Vec::new();
    for run in 0..run {
        sources.push(Box::new(runs.read(run)?));
    }
    sources.push(Box::new(memory.into_iter().map(Ok)));
    for row in Merge::new(sources)? {
        take(row?)?;
    }
    for run in 0..run {
        runs.clear(run)?;
    }
    Ok(())
}

fn sort(rows: &mut [Stored]) {
    rows.sort_unstable_by(|a, b| a.sort_key().cmp(&b.sort_key()));
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
