//! Going over the rows of every account, in parallel and in bounded memory.
//!
//! A bucket holds whole accounts, so buckets are independent: a thread takes one at a time and
//! merges its segments account by account. In memory are, for each thread, one batch of each
//! segment of its bucket and the rows of the account at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use firsthand_model::Text;
use firsthand_model::fact::Row;
use firsthand_rules::bulk::Columns;
use firsthand_rules::bulk::plan::BulkPlan;
use firsthand_rules::bulk::words::Words;
use rayon::prelude::*;

use crate::error::{HistoryError, Result};
use crate::hash::bucket_of;
use crate::history::{History, State};
use crate::segment::Segment;
use crate::segment::bulk::{AccountColumns, BulkCursor};
use crate::segment::columns::{Cursor, RowPlan};
use crate::segment::read::BATCH_ROWS;

/// Says which event names are wanted.
pub type NameFilter = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What a scan reads.
#[derive(Clone, Default)]
pub struct Projection {
    /// The property paths that the values of event rows are taken from, in this order.
    pub paths: Vec<Text>,
    /// Which events and records are wanted; all if `None`. Traits and memberships always are.
    pub names: Option<NameFilter>,
    /// Which accounts are wanted; all if `None`. Of the others there are no rows.
    pub accounts: Option<Arc<BTreeSet<Text>>>,
}

/// How a scan runs.
#[derive(Clone, Copy, Default)]
pub struct Scan<'a> {
    /// How many threads; as many as the machine has cores, if 0.
    pub threads: usize,
    /// Ends the scan early with [`HistoryError::Cancelled`] once it is true.
    pub cancelled: Option<&'a AtomicBool>,
    /// Called now and then with a number of rows done since the last call, by any thread.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

/// All rows of one account.
#[derive(Clone, Copy, Debug)]
pub struct AccountRows<'a> {
    /// The account.
    pub account: &'a str,
    /// Its rows by [`Row::order`]; each fact once. Empty where the filter let none through.
    pub rows: &'a [Row],
}

impl History {
    /// Calls `judge` once for every account and gathers what it returns, by bucket and account:
    /// the same order whatever the number of threads.
    pub fn for_each_account<T: Send>(
        &self,
        projection: &Projection,
        scan: Scan<'_>,
        judge: impl Fn(&AccountRows<'_>) -> T + Sync,
    ) -> Result<Vec<T>> {
        let parts = self.fold_accounts(projection, scan, Vec::new, |all, account| {
            all.push(judge(account));
        })?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// Calls `take` once for every account with a value of its bucket's own, which begins as
    /// `new` makes it. Returns these values in order of bucket.
    pub fn fold_accounts<S: Send>(
        &self,
        projection: &Projection,
        scan: Scan<'_>,
        new: impl Fn() -> S + Sync,
        take: impl Fn(&mut S, &AccountRows<'_>) + Sync,
    ) -> Result<Vec<S>> {
        self.in_buckets(scan, |bucket| {
            let mut value = new();
            scan_bucket(&self.state, bucket, projection, scan, |account| {
                take(&mut value, account);
            })?;
            Ok(value)
        })
    }

    /// Calls `take` once for each of some accounts of which there are rows. Each segment is opened
    /// once, and nothing else of it read: for a few accounts out of many, by the calling thread.
    ///
    /// What the projection says of accounts does not count.
    pub fn for_accounts(
        &self,
        accounts: &BTreeSet<Text>,
        projection: &Projection,
        mut take: impl FnMut(&AccountRows<'_>),
    ) -> Result<()> {
        let State { dir, catalogue, overlay, .. } = &self.state;
        let mut buckets: BTreeMap<u32, BTreeSet<Text>> = BTreeMap::new();
        for account in accounts {
            let bucket = bucket_of(account, catalogue.buckets);
            buckets.entry(bucket).or_default().insert(account.clone());
        }
        for (bucket, accounts) in buckets {
            let accounts = Arc::new(accounts);
            let projection =
                Projection { accounts: Some(Arc::clone(&accounts)), ..projection.clone() };
            let mut cursors = Vec::new();
            for entry in catalogue.in_bucket(bucket) {
                let (least, greatest) = (&entry.account_min, &entry.account_max);
                if accounts.range(least.clone()..=greatest.clone()).next().is_none() {
                    continue;
                }
                let segment = Segment::open(dir, entry)?;
                let lie = segment.rows_among(&accounts)?.into_iter();
                let live: Vec<Range<usize>> =
                    lie.flat_map(|it| overlay.live(&entry.file.file, it)).collect();
                if !live.is_empty() {
                    let plan = RowPlan::new(&segment, &projection);
                    cursors.push(Cursor::new(&segment, &live, plan)?);
                }
            }
            merge(cursors, Scan::default(), &mut take)?;
        }
        Ok(())
    }

    /// Runs `work` for every bucket, on as many threads as the scan asks for.
    pub(crate) fn in_buckets<T: Send>(
        &self,
        scan: Scan<'_>,
        work: impl Fn(u32) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let buckets = self.state.catalogue.buckets;
        let run = || (0..buckets).into_par_iter().map(&work).collect();
        if scan.threads == 0 {
            return run();
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(scan.threads).build();
        pool.map_err(HistoryError::Threads)?.install(run)
    }
}

impl Scan<'_> {
    pub(crate) fn check(&self) -> Result<()> {
        let cancelled = self.cancelled.is_some_and(|it| it.load(Ordering::Relaxed));
        if cancelled { Err(HistoryError::Cancelled) } else { Ok(()) }
    }

    pub(crate) fn done(&self, rows: usize) {
        if let Some(progress) = self.progress
            && rows > 0
        {
            progress(rows as u64);
        }
    }
}

/// Goes over the accounts of one bucket in order.
pub(crate) fn scan_bucket(
    state: &State,
    bucket: u32,
    projection: &Projection,
    scan: Scan<'_>,
    take: impl FnMut(&AccountRows<'_>),
) -> Result<()> {
    let mut cursors = Vec::new();
    for entry in state.catalogue.in_bucket(bucket) {
        let segment = Segment::open(&state.dir, entry)?;
        let live = state.overlay.live(&entry.file.file, 0..segment.rows());
        let plan = RowPlan::new(&segment, projection);
        cursors.push(Cursor::new(&segment, &live, plan)?);
    }
    merge(cursors, scan, take)
}

/// Goes over the accounts of some segments of a bucket in order.
fn merge(
    mut cursors: Vec<Cursor>,
    scan: Scan<'_>,
    mut take: impl FnMut(&AccountRows<'_>),
) -> Result<()> {
    let mut rows: Vec<Row> = Vec::new();
    loop {
        scan.check()?;
        let mut least: Option<Text> = None;
        for cursor in &mut cursors {
            if let Some(account) = cursor.account()?
                && least.as_ref().is_none_or(|it| account < it)
            {
                least = Some(account.clone());
            }
        }
        let Some(account) = least else { return Ok(()) };
        rows.clear();
        let mut sources = 0;
        let mut read = 0;
        for cursor in &mut cursors {
            if cursor.account()? == Some(&account) {
                sources += 1;
                read += cursor.take_account(&mut rows)?;
            }
        }
        if sources > 1 {
            rows.sort_by(|a, b| a.order().cmp(&b.order()));
        }
        // Facts that count for no account are kept under no name.
        if !account.is_empty() {
            take(&AccountRows { account: &account, rows: &rows });
        }
        scan.done(read);
    }
}

/// One account of a scan in bulk.
pub(crate) struct InBulk<'a> {
    /// The account's rows.
    pub columns: Columns<'a>,
    /// What the numbers in them stand for.
    pub words: &'a Words,
    /// Whether the columns are in order, or only whole rows would be.
    pub in_order: bool,
    /// Where its rows were put together, and where they are left in place.
    apart: &'a AccountColumns,
    cursor: Option<&'a BulkCursor<'a>>,
}

impl InBulk<'_> {
    /// The account's rows that the plan asks for.
    pub fn wanted_rows(&self) -> Vec<Row> {
        let in_place = self.cursor.and_then(|it| it.rows_in_place(false, self.words));
        in_place.unwrap_or_else(|| self.apart.rows().to_vec())
    }

    /// All of the account's rows, whole but for their ids; `None` where they would have to be read
    /// again.
    pub fn all_rows(&self) -> Option<Vec<Row>> {
        self.cursor?.rows_in_place(true, self.words)
    }
}

/// Goes over the accounts of one bucket in order, as columns.
pub(crate) fn scan_bucket_in_bulk(
    state: &State,
    bucket: u32,
    plan: &BulkPlan,
    scan: Scan<'_>,
    mut take: impl FnMut(&InBulk<'_>),
) -> Result<()> {
    let mut cursors = Vec::new();
    for entry in state.catalogue.in_bucket(bucket) {
        let segment = Segment::open(&state.dir, entry)?;
        let live = state.overlay.live(&entry.file.file, 0..segment.rows());
        cursors.push(BulkCursor::new(segment, live, plan)?);
    }
    let mut words = Words::default();
    let mut columns = AccountColumns::new(plan.paths().len());
    let mut done = 0;
    loop {
        let mut least: Option<Text> = None;
        for cursor in &mut cursors {
            if let Some(account) = cursor.account(&mut words)?
                && least.as_ref().is_none_or(|it| account < it)
            {
                least = Some(account.clone());
            }
        }
        let Some(account) = least else {
            scan.done(done);
            return Ok(());
        };
        columns.clear();
        let mut here = Vec::new();
        for (place, cursor) in cursors.iter_mut().enumerate() {
            if cursor.account(&mut words)? == Some(&account) {
                here.push(place);
            }
        }
        let mut parts = Vec::new();
        for place in &here {
            cursors[*place].take_account(&mut words, &mut columns, here.len() == 1)?;
            parts.push(columns.len());
        }
        let in_order = parts.len() < 2 || columns.sort(&parts);
        // Facts that count for no account are kept under no name.
        if !account.is_empty() {
            let cursor = if let [only] = here[..] { Some(&cursors[only]) } else { None };
            let in_place = cursor.and_then(|it| it.in_place(&account));
            let (words, apart) = (&words, &columns);
            let columns = in_place.unwrap_or_else(|| apart.of(&account));
            done += columns.times.len();
            take(&InBulk { columns, words, in_order, apart, cursor });
        }
        if done >= BATCH_ROWS {
            scan.check()?;
            scan.done(std::mem::take(&mut done));
        }
    }
}
