//! Whole facts: of one account, of all, and what accounts there are.

use std::ops::Range;

use firsthand_model::fact::{Row, RowBody};
use firsthand_model::{Fact, Text, Time};
use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::catalogue::SegmentEntry;
use crate::error::Result;
use crate::hash::bucket_of;
use crate::history::{History, State};
use crate::scan::{Projection, Scan};
use crate::segment::Segment;
use crate::segment::read::WholeRows;
use crate::sort::Merge;
use crate::stored::Stored;

/// An account and how much is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountSummary {
    /// The account.
    pub account: Text,
    /// Rows of its stream.
    pub facts: u64,
    /// Of these, events.
    pub events: u64,
    /// Different persons named in it.
    pub persons: u64,
    /// The earliest time.
    pub first: Time,
    /// The latest time.
    pub last: Time,
}

impl History {
    /// All facts in an account's stream, in the order of the stream.
    pub fn facts_of(&self, account: &str) -> Result<Vec<Fact>> {
        Ok(self.facts_of_at_most(account, usize::MAX)?.unwrap_or_default())
    }

    /// The same, unless there are more than `most`: then they are not read, and it is `None`.
    pub fn facts_of_at_most(&self, account: &str, most: usize) -> Result<Option<Vec<Fact>>> {
        let stored = self.stored_of(account, most)?;
        Ok(stored.map(|it| it.into_iter().map(|it| it.fact).collect()))
    }

    /// The newest facts in an account's stream up to an instant, at most so many, in the order of
    /// the stream. The instant tells how far back they reach: before it, and at it, there may be
    /// more. `None` where these are all.
    pub fn newest_facts_of(
        &self,
        account: &str,
        until: Time,
        most: usize,
    ) -> Result<(Vec<Fact>, Option<Time>)> {
        let State { dir, overlay, .. } = &self.state;
        let (mut rows, mut more) = (Vec::new(), false);
        for entry in self.holding(account).filter(|it| it.first <= until) {
            let segment = Segment::open(dir, entry)?;
            let mut live = overlay.live(&entry.file.file, segment.rows_of(account)?);
            if entry.last > until {
                let end = segment.first_after(&live, until)?;
                live.retain(|it| it.start < end);
                if let Some(last) = live.last_mut() {
                    last.end = last.end.min(end);
                }
            }
            more |= keep_last(&mut live, most);
            if live.is_empty() {
                continue;
            }
            for row in segment.whole_rows(&live)? {
                rows.push(row?.1);
            }
        }
        rows.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        if rows.len() > most {
            rows.drain(..rows.len() - most);
            more = true;
        }
        let reach = rows.first().map(|it| it.fact.time).filter(|_| more);
        Ok((rows.into_iter().map(|it| it.fact).collect(), reach))
    }

    /// The rows of one account, as [`History::for_each_account`] shows them.
    pub fn rows_of(&self, account: &str, projection: &Projection) -> Result<Vec<Row>> {
        let stored = self.stored_of(account, usize::MAX)?.unwrap_or_default();
        let rows = stored.into_iter().filter_map(|it| it.to_row(&projection.paths));
        let wanted = |row: &Row| match (&row.body, &projection.names) {
            (RowBody::Event { name, .. }, Some(wants)) => wants(name),
            _ => true,
        };
        Ok(rows.filter(wanted).collect())
    }

    /// All accounts, in order.
    pub fn accounts(&self, scan: Scan<'_>) -> Result<Vec<AccountSummary>> {
        let summary = |account: &str, rows: &[Row]| {
            let persons: FxHashSet<&Text> =
                rows.iter().filter_map(|it| it.person.as_ref()).collect();
            let is_event = |row: &&Row| matches!(row.body, RowBody::Event { record: false, .. });
            Some(AccountSummary {
                account: account.into(),
                facts: rows.len() as u64,
                events: rows.iter().filter(is_event).count() as u64,
                persons: persons.len() as u64,
                first: rows.first()?.time,
                last: rows.last()?.time,
            })
        };
        let all = Projection::default();
        let found = self.for_each_account(&all, scan, |it| summary(it.account, it.rows))?;
        let mut accounts: Vec<AccountSummary> = found.into_iter().flatten().collect();
        accounts.sort_unstable_by(|a, b| a.account.cmp(&b.account));
        Ok(accounts)
    }

    /// All facts, each once, bucket by bucket and account by account, in the order of the stream.
    pub fn export(&self) -> Export<'_> {
        Export { state: &self.state, buckets: 0..self.state.catalogue.buckets, rows: None }
    }

    /// The rows of one account in order; `None` if there are more than `most`.
    fn stored_of(&self, account: &str, most: usize) -> Result<Option<Vec<Stored>>> {
        let State { dir, overlay, .. } = &self.state;
        let mut rows = Vec::new();
        for entry in self.holding(account) {
            let segment = Segment::open(dir, entry)?;
            let live = overlay.live(&entry.file.file, segment.rows_of(account)?);
            let count: usize = live.iter().map(ExactSizeIterator::len).sum();
            if rows.len() + count > most {
                return Ok(None);
            }
            for row in segment.whole_rows(&live)? {
                rows.push(row?.1);
            }
        }
        rows.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        Ok(Some(rows))
    }

    /// The segments that may hold rows of an account.
    fn holding(&self, account: &str) -> impl Iterator<Item = &SegmentEntry> {
        let bucket = bucket_of(account, self.state.catalogue.buckets);
        let within = move |it: &&SegmentEntry| {
            it.account_min.as_str() <= account && account <= it.account_max.as_str()
        };
        self.state.catalogue.in_bucket(bucket).filter(within)
    }
}

/// Leaves of some ranges the last rows, at most so many; whether others went.
fn keep_last(ranges: &mut Vec<Range<usize>>, most: usize) -> bool {
    let mut room = most;
    let mut went = false;
    for range in ranges.iter_mut().rev() {
        went |= range.len() > room;
        range.start = range.end - range.len().min(room);
        room -= range.len();
    }
    ranges.retain(|it| !it.is_empty());
    went
}

/// Rows without their numbers.
pub(crate) struct Live(WholeRows);

impl Iterator for Live {
    type Item = Result<Stored>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.map(|(_, row)| row))
    }
}

/// All rows of a bucket that count, in order.
fn bucket_rows(state: &State, bucket: u32) -> Result<Merge<Live>> {
    segment_rows(state, state.catalogue.in_bucket(bucket))
}

/// All rows of some segments that count, in order.
pub(crate) fn segment_rows<'a>(
    state: &State,
    segments: impl IntoIterator<Item = &'a SegmentEntry>,
) -> Result<Merge<Live>> {
    let mut sources = Vec::new();
    for entry in segments {
        let segment = Segment::open(&state.dir, entry)?;
        let live = state.overlay.live(&entry.file.file, 0..segment.rows());
        sources.push(Live(segment.whole_rows(&live)?));
    }
    Merge::new(sources)
}

/// All facts of a history, as [`History::export`] gives them.
pub struct Export<'a> {
    state: &'a State,
    buckets: Range<u32>,
    rows: Option<Merge<Live>>,
}

impl Iterator for Export<'_> {
    type Item = Result<Fact>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(rows) = &mut self.rows else {
                match bucket_rows(self.state, self.buckets.next()?) {
                    Ok(rows) => self.rows = Some(rows),
                    Err(error) => return Some(Err(error)),
                }
                continue;
            };
            match rows.next() {
                None => self.rows = None,
                Some(Ok(row)) if row.copy => {}
                Some(row) => return Some(row.map(|it| it.fact)),
            }
        }
    }
}
