//! Folds lines of the ledger into the qualifications, as `firsthand_rules::ledger::fold` does in
//! memory (P1, STORE-3).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use firsthand_model::Time;
use firsthand_rules::ledger::Change;
use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::fault::Fault;
use super::row::{execute, opt, prepare};
use crate::LedgerLine;

/// Which intervals a line is about: timeline, kind of subject, subject.
type Key<'l> = (i64, &'static str, &'l str);
/// What else an interval has: its end and its account.
type Rest = (Option<i64>, Option<String>);

pub(super) fn fold(writer: &Connection, lines: &[LedgerLine]) -> Result<(), Fault> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut fold = Fold::prepare(writer)?;
    let mut timelines = BTreeMap::new();
    for line in lines {
        let definition = (line.definition.as_str(), line.version.as_str());
        let timeline = match timelines.entry(definition) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => *new.insert(timeline(writer, definition)?),
        };
        fold.take((timeline, line.subject.kind.word(), &line.subject.id), line)?;
    }
    Ok(())
}

/// The number of the timelines of a version of a definition.
fn timeline(writer: &Connection, definition: (&str, &str)) -> Result<i64, Fault> {
    const INSERT: &str = "
        INSERT INTO timelines (definition, version)
        VALUES ($1, $2)
        ON CONFLICT (definition, version) DO NOTHING";
    const SELECT: &str = "
        SELECT id
        FROM timelines
        WHERE definition = $1 AND version = $2";
    execute(writer, INSERT, definition)?;
    Ok(prepare(writer, SELECT)?.query_row(definition, |row| row.get(0))?)
}

struct Fold<'w> {
    enter: CachedStatement<'w>,
    leave: CachedStatement<'w>,
    revise_exit: CachedStatement<'w>,
    remove: CachedStatement<'w>,
}

impl<'w> Fold<'w> {
    fn prepare(writer: &'w Connection) -> Result<Self, Fault> {
        // An entry at an instant at which there is one already takes its place.
        let enter = "
            INSERT INTO qualifications (timeline, subject_kind, subject_id, entered_at, left_at,
                                        known_at, account)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (timeline, subject_kind, subject_id, entered_at) DO UPDATE
            SET left_at = excluded.left_at, known_at = excluded.known_at,
                account = excluded.account";
        // The newest interval entered before the exit ends, open or not.
        let leave = "
            UPDATE qualifications
            SET left_at = $1
            WHERE timeline = $2 AND subject_kind = $3 AND subject_id = $4
              AND entered_at = (
                SELECT MAX(entered_at)
                FROM qualifications
                WHERE timeline = $2 AND subject_kind = $3 AND subject_id = $4 AND entered_at < $1
              )";
        let revise_exit = "
            UPDATE qualifications
            SET left_at = $1
            WHERE timeline = $2 AND subject_kind = $3 AND subject_id = $4
              AND entered_at = (
                SELECT MIN(entered_at)
                FROM qualifications
                WHERE timeline = $2 AND subject_kind = $3 AND subject_id = $4 AND left_at = $5
              )";
        let remove = "
            DELETE FROM qualifications
            WHERE timeline = $1 AND subject_kind = $2 AND subject_id = $3 AND entered_at = $4
            RETURNING left_at, account";
        Ok(Self {
            enter: prepare(writer, enter)?,
            leave: prepare(writer, leave)?,
            revise_exit: prepare(writer, revise_exit)?,
            remove: prepare(writer, remove)?,
        })
    }

    fn take(&mut self, key: Key<'_>, line: &LedgerLine) -> Result<(), Fault> {
        let (held_at, known_at) = (line.held_at, line.known_at);
        let account = opt(line.account());
        let (timeline, kind, subject) = key;
        match line.change {
            Change::Entered => self.enter(key, held_at, None, known_at, account),
            Change::Left => {
                self.leave.execute((held_at.0, timeline, kind, subject))?;
                Ok(())
            }
            Change::Revised { was, entry: true, .. } => {
                let Some((left, old)) = self.remove(key, was)? else { return Ok(()) };
                self.enter(key, held_at, left, known_at, account.or(old.as_deref()))
            }
            Change::Revised { was, entry: false, reopened } => {
                let left = (!reopened).then_some(held_at.0);
                self.revise_exit.execute((left, timeline, kind, subject, was.0))?;
                Ok(())
            }
            Change::Retracted => self.remove(key, held_at).map(|_| ()),
        }
    }

    fn enter(
        &mut self,
        (timeline, kind, subject): Key<'_>,
        entered: Time,
        left: Option<i64>,
        known_at: Time,
        account: Option<&str>,
    ) -> Result<(), Fault> {
        let row = (timeline, kind, subject, entered.0, left, known_at.0, account);
        self.enter.execute(row)?;
        Ok(())
    }

    /// Removes an interval; gives the rest of it, if it was there.
    fn remove(
        &mut self,
        (timeline, kind, subject): Key<'_>,
        entered: Time,
    ) -> Result<Option<Rest>, Fault> {
        let key = (timeline, kind, subject, entered.0);
        Ok(self.remove.query_row(key, |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }
}
