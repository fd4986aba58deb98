//! Forgetting what is old, a little at a time.

use firsthand_model::Time;
use rusqlite::Connection;

use super::SqliteStore;
use super::fault::Fault;
use super::row::execute;
use crate::{Result, Retain, Retention, SWEEP_ROWS_MAX};

/// Lines about subjects for whom the definition still holds stay: they say why it does.
const LEDGER: &str = "
    DELETE FROM ledger
    WHERE id IN (
        SELECT id
        FROM ledger
        WHERE known_at < $1
          AND NOT EXISTS (
            SELECT 1
            FROM timelines AS t
            JOIN qualifications AS q ON q.timeline = t.id
            WHERE t.definition = ledger.definition AND t.version = ledger.version
              AND q.subject_kind = ledger.subject_kind AND q.subject_id = ledger.subject_id
              AND q.left_at IS NULL
          )
        ORDER BY known_at
        LIMIT $2
    )";
const QUALIFICATIONS: &str = "
    DELETE FROM qualifications
    WHERE (timeline, subject_kind, subject_id, entered_at) IN (
        SELECT timeline, subject_kind, subject_id, entered_at
        FROM qualifications
        WHERE left_at < $1
        LIMIT $2
    )";
/// What a version that decides no more left open would else be open for ever.
const RETIRED: &str = "
    DELETE FROM qualifications
    WHERE (timeline, subject_kind, subject_id, entered_at) IN (
        SELECT q.timeline, q.subject_kind, q.subject_id, q.entered_at
        FROM definitions AS d
        JOIN timelines AS t ON t.definition = d.name AND t.version = d.version
        JOIN qualifications AS q ON q.timeline = t.id
        WHERE d.state = 'retired' AND d.state_at < $1
        LIMIT $2
    )";
const QUARANTINE: &str = "
    DELETE FROM quarantine
    WHERE id IN (
        SELECT id
        FROM quarantine
        WHERE received_at < $1
        ORDER BY received_at
        LIMIT $2
    )";
const MINUTES: &str = "
    DELETE FROM source_minutes
    WHERE (minute, source) IN (
        SELECT minute, source
        FROM source_minutes
        WHERE minute < $1
        ORDER BY minute, source
        LIMIT $2
    )";
const LEADS: &str = "
    DELETE FROM leads
    WHERE id IN (
        SELECT id
        FROM leads
        WHERE closed_at IS NOT NULL AND closed_at < $1
        ORDER BY closed_at
        LIMIT $2
    )";
const DELIVERIES: &str = "
    DELETE FROM deliveries
    WHERE id IN (
        SELECT id
        FROM deliveries
        WHERE state <> 'pending' AND due_at < $1
        ORDER BY due_at
        LIMIT $2
    )";
const AUDIT: &str = "
    DELETE FROM audit
    WHERE id IN (
        SELECT id
        FROM audit
        WHERE at < $1
        ORDER BY at, id
        LIMIT $2
    )";
/// Populations that are still asked for have a newer one.
const STANDINGS: &str = "
    DELETE FROM standings
    WHERE (population, at, account) IN (
        SELECT population, at, account
        FROM standings
        WHERE population IN (
            SELECT population
            FROM standings
            GROUP BY population
            HAVING MAX(at) < $1
        )
        LIMIT $2
    )";

/// Messages inside the product that nobody came for.
const INBOX: &str = "
    DELETE FROM deliveries
    WHERE id IN (
        SELECT i.delivery
        FROM inbox AS i
        JOIN deliveries AS d ON d.id = i.delivery
        WHERE d.state = 'pending' AND i.due_at < $1 AND (i.until IS NULL OR i.until < $2)
        ORDER BY i.due_at
        LIMIT $3
    )";

impl Retain for SqliteStore {
    fn sweep(&self, retention: &Retention) -> Result<u64> {
        self.write(|writer| {
            let old = |sql, before: Option<Time>| sweep(writer, sql, before);
            // Intervals first: lines about what holds are kept.
            Ok(old(RETIRED, retention.ledger_before)?
                + old(QUALIFICATIONS, retention.ledger_before)?
                + old(LEDGER, retention.ledger_before)?
                + old(STANDINGS, retention.ledger_before)?
                + old(QUARANTINE, retention.quarantine_before)?
                + old(MINUTES, retention.minutes_before)?
                + old(LEADS, retention.leads_before)?
                + old(DELIVERIES, retention.deliveries_before)?
                + inbox(writer, retention.deliveries_before)?
                + old(AUDIT, retention.audit_before)?)
        })
    }
}

fn sweep(writer: &Connection, sql: &str, before: Option<Time>) -> Result<u64, Fault> {
    before.map_or(Ok(0), |before| execute(writer, sql, (before.0, SWEEP_ROWS_MAX)))
}

fn inbox(writer: &Connection, before: Option<Time>) -> Result<u64, Fault> {
    before.map_or(Ok(0), |at| execute(writer, INBOX, (at.0, at.0, SWEEP_ROWS_MAX)))
}
