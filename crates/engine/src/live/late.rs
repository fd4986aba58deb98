//! The late lane: what comes long after its account has gone on waits, so that what is on time is
//! judged first.

use std::collections::BTreeSet;

use firsthand_model::fact::Row;
use firsthand_model::{Text, Time};

use super::{Known, LATE, LATE_MAX, Live};
use crate::error::Result;
use crate::stir::Stirs;

impl Live {
    /// Judges the late facts of the account that has waited longest; tells what has become known
    /// by it, and nothing if none waits. It became known now.
    pub fn take_late(&mut self, now: Time) -> Result<Option<Vec<Known>>> {
        let Some((_, account)) = self.lane.pop_front() else { return Ok(None) };
        let rows = std::mem::take(&mut self.account(&account).late);
        self.waiting -= rows.len();
        self.known_at = self.known_at.max(now);
        let (mut stirs, mut known) = (Stirs::default(), Vec::new());
        let arrivals = [(account, rows)].into();
        self.judge_accounts(&BTreeSet::new(), arrivals, &mut stirs, &mut known)?;
        self.judge_people(stirs, &mut known)?;
        Ok(Some(known))
    }

    /// How many facts wait in the late lane.
    pub fn late(&self) -> usize {
        self.waiting
    }

    /// Behind which offset of the log something is not decided yet.
    pub fn decided(&self) -> u64 {
        self.lane.front().map_or(self.taken, |(first, _)| *first)
    }

    /// Puts the rows aside that an account's state has long passed; the others.
    pub(super) fn put_aside_late(&mut self, first: u64, id: &Text, rows: Vec<Row>) -> Vec<Row> {
        let full = self.waiting + rows.len() > LATE_MAX;
        let account = self.account(id);
        let passed = account.customer.stream().stream().now();
        if full || passed == Time::MIN || rows.iter().all(|it| it.time + LATE >= passed) {
            return rows;
        }
        let (late, rows): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|it| it.time + LATE < passed);
        let waits = !account.late.is_empty();
        let count = late.len();
        account.late.extend(late);
        self.waiting += count;
        if !waits {
            self.lane.push_back((first, id.clone()));
        }
        rows
    }

    /// What waits in an account's late lane is judged with all its rows.
    pub(super) fn leave_lane(&mut self, id: &Text) {
        let waited = std::mem::take(&mut self.account(id).late).len();
        if waited > 0 {
            self.waiting -= waited;
            self.lane.retain(|(_, it)| it != id);
        }
    }
}
