//! The late lane: what comes long after its account has gone on waits, so that what is on time is
//! judged first. What lies a short way back in an account's memory comes in between there; what lies
//! a long way back, or has to be judged anew from the history, is judged beside the engine
//! ([`super::judging`]).

use std::collections::BTreeSet;

use firsthand_model::fact::Row;
use firsthand_model::{Text, Time};

use super::{Known, LATE, Live, WAY_BACK_MAX, lane};
use crate::error::Result;
use crate::stir::Stirs;

impl Live {
    /// Judges the late facts of the account that has waited longest, if they lie a short way back in
    /// what it remembers, or marks it to be judged beside the engine; tells what has become known by it, and nothing if none
    /// waits. It became known now.
    pub fn take_near(&mut self, now: Time) -> Result<Option<Vec<Known>>> {
        let Some((offset, account)) = self.lane.near.pop() else { return Ok(None) };
        let account = account.id;
        self.at = offset;
        self.known_at = self.known_at.max(now);
        let it = self.account(&account);
        let rows = it.late.split_off(it.answered);
        let first = rows.iter().map(|it| it.time).min().unwrap_or(Time::MAX);
        let way_back = it.customer.stream().way_back(first);
        self.lane.rows -= rows.len();
        let (mut stirs, mut known) = (Stirs::default(), Vec::new());
        let waits = self.lane.is_marked(&lane::account(&account)) || way_back > WAY_BACK_MAX;
        let arrivals = [(account.clone(), rows)].into();
        if waits {
            let mut news = self.ask(&BTreeSet::new(), &arrivals)?;
            news.remove(&account);
            for (id, rows) in arrivals {
                self.wait_for_lane(&id, rows);
            }
            let told = news.into_iter().map(|(it, changed)| (it, Vec::new(), Some(changed)));
            self.arrive(told, &mut stirs, &mut known);
        } else {
            self.judge_accounts(&BTreeSet::new(), arrivals, &mut stirs, &mut known)?;
        }
        self.judge_people(stirs, &mut known);
        Ok(Some(known))
    }

    /// Judges late facts of somebody who waits, all in this one call; tells what has become known
    /// by it, and nothing if none waits. Somebody else who judges is not waited for.
    pub fn take_late(&mut self, now: Time) -> Result<Option<Vec<Known>>> {
        if let Some(known) = self.take_near(now)? {
            return Ok(Some(known));
        }
        let Some(job) = self.begin_judging(usize::MAX)? else { return Ok(None) };
        let mut judged = job.run()?;
        let mut known = Vec::new();
        while let Some(more) = self.take_judged(&mut judged, now)? {
            known.extend(more);
        }
        Ok(Some(known))
    }

    /// How much waits in the late lane: facts, and whoever is to be judged anew.
    pub fn late(&self) -> usize {
        self.lane.len()
    }

    /// Whether late facts wait that may come in between what is remembered.
    pub fn has_near(&self) -> bool {
        self.lane.near.len() > 0
    }

    /// Behind which offset of the log something is not decided yet.
    pub fn decided(&self) -> u64 {
        self.lane.first().map_or(self.taken, |first| first.min(self.taken))
    }

    /// Puts the rows aside that an account's state has long passed; the others.
    pub(super) fn put_aside_late(&mut self, id: &Text, rows: Vec<Row>) -> Vec<Row> {
        let account = self.account(id);
        let passed = account.customer.stream().now();
        if passed == Time::MIN || rows.iter().all(|it| it.time + LATE >= passed) {
            return rows;
        }
        let (late, rows): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|it| it.time + LATE < passed);
        self.lane.rows += late.len();
        self.account(id).late.extend(late);
        self.lane.near.insert(self.at, lane::account(id));
        rows
    }

    /// Has an account wait to be judged anew, with rows that it has answered for and not taken in.
    pub(super) fn wait_for_history(&mut self, id: &Text, rows: Vec<Row>) {
        self.keep_answered(id, rows);
        self.lane.far.insert(self.at, lane::account(id));
    }

    /// Has an account wait until its rows, which it has answered for, are taken in beside the engine.
    fn wait_for_lane(&mut self, id: &Text, rows: Vec<Row>) {
        self.keep_answered(id, rows);
        self.lane.back.insert(self.at, lane::account(id));
    }

    fn keep_answered(&mut self, id: &Text, rows: Vec<Row>) {
        self.lane.rows += rows.len();
        let account = self.account(id);
        let answered = account.answered;
        account.answered += rows.len();
        account.late.splice(answered..answered, rows);
    }

    /// What waits in an account's late lane is judged with all its rows.
    pub(super) fn leave_lane(&mut self, id: &Text) {
        let account = self.account(id);
        account.answered = 0;
        let waited = std::mem::take(&mut account.late).len();
        self.lane.rows -= waited;
        self.lane.leave(&lane::account(id));
    }
}
