//! Folds lines of the ledger into the qualifications, as `firsthand_rules::ledger::fold` does in
//! memory (P1, STORE-3).

use firsthand_model::Time;
use firsthand_rules::ledger::Change;
use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::fault::Fault;
use super::row::{opt, prepare};
use crate::LedgerLine;

/// Which timeline a line belongs to: subject, its kind, definition, version.
type Key<'l> = (&'l str, &'l str, &'l str, &'l str);

/// What else an interval has: its end and its account.
type Rest = (Option<i64>, Option<String>);

pub(super) fn fold(writer: &Connection, lines: &[LedgerLine]) -> Result<(), Fault> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut fold = Fold::prepare(writer)?;
    for line in lines {
        fold.take(line)?;
    }
    Ok(())
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
            INSERT INTO qualifications (subject_id, subject_kind, definition, version,
                                        entered_at, left_at, known_at, account)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (subject_id, subject_kind, definition, version, entered_at) DO UPDATE
            SET left_at = excluded.left_at, known_at = excluded.known_at,
                account = excluded.account";
        // The newest interval entered before the exit ends, open or not.
        let leave = "
            UPDATE qualifications
            SET left_at = $1
            WHERE subject_id = $2 AND subject_kind = $3 AND definition = $4 AND version = $5
              AND entered_at = (
                SELECT MAX(entered_at)
                FROM qualifications
                WHERE subject_id = $2 AND subject_kind = $3 AND definition = $4 AND version = $5
                  AND entered_at < $1
              )";
        let revise_exit = "
            UPDATE qualifications
            SET left_at = $1
            WHERE subject_id = $2 AND subject_kind = $3 AND definition = $4 AND version = $5
              AND entered_at = (
                SELECT MIN(entered_at)
                FROM qualifications
                WHERE subject_id = $2 AND subject_kind = $3 AND definition = $4 AND version = $5
                  AND left_at = $6
              )";
        let remove = "
            DELETE FROM qualifications
            WHERE subject_id = $1 AND subject_kind = $2 AND definition = $3 AND version = $4
              AND entered_at = $5
            RETURNING left_at, account";
        Ok(Self {
            enter: prepare(writer, enter)?,
            leave: prepare(writer, leave)?,
            revise_exit: prepare(writer, revise_exit)?,
            remove: prepare(writer, remove)?,
        })
    }

    fn take(&mut self, line: &LedgerLine) -> Result<(), Fault> {
        let LedgerLine { definition, version, subject, account, held_at, .. } = line;
        let key = (subject.id.as_str(), subject.kind.word(), definition.as_str(), version.as_str());
        let account = opt(account.as_ref());
        match line.change {
            Change::Entered => self.enter(key, *held_at, None, line.known_at, account),
            Change::Left => {
                self.leave.execute((held_at.0, key.0, key.1, key.2, key.3))?;
                Ok(())
            }
            Change::Revised { was, entry: true, .. } => {
                let Some((left, old)) = self.remove(key, was)? else { return Ok(()) };
                self.enter(key, *held_at, left, line.known_at, account.or(old.as_deref()))
            }
            Change::Revised { was, entry: false, reopened } => {
                let left = (!reopened).then_some(held_at.0);
                self.revise_exit.execute((left, key.0, key.1, key.2, key.3, was.0))?;
                Ok(())
            }
            Change::Retracted => self.remove(key, *held_at).map(|_| ()),
        }
    }

    fn enter(
        &mut self,
        (subject, kind, definition, version): Key<'_>,
        entered: Time,
        left: Option<i64>,
        known_at: Time,
        account: Option<&str>,
    ) -> Result<(), Fault> {
        let interval = (entered.0, left, known_at.0, account);
        self.enter.execute((
            subject, kind, definition, version, interval.0, interval.1, interval.2, interval.3,
        ))?;
        Ok(())
    }

    /// Removes an interval; gives the rest of it, if it was there.
    fn remove(
        &mut self,
        (subject, kind, definition, version): Key<'_>,
        entered: Time,
    ) -> Result<Option<Rest>, Fault> {
        let key = (subject, kind, definition, version, entered.0);
        Ok(self.remove.query_row(key, |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }
}
