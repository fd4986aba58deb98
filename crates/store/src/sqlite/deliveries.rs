//! Messages to be sent.

use firsthand_model::Time;
use firsthand_model::lead::LeadId;
use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::fault::Fault;
use super::query::{Query, cursor, read_cursor};
use super::row::{self, all, execute, one, opt, prepare};
use crate::{
    ATTEMPTS_KEPT, Attempt, AttemptOutcome, Deliveries, Delivery, DeliveryCount, DeliveryFilter,
    DeliveryState, DisabledChannel, PAGE_ROWS_MAX, Page, PageRequest, Result, SWEEP_ROWS_MAX,
    Settlement,
};

const TABLE: &str = "deliveries";
const LIST: &str = "deliveries_newest";
const COLUMNS: &str = "
    SELECT id, lead, account, channel, queued_at, due_at, payload, state, attempts, error
    FROM deliveries";

impl Deliveries for SqliteStore {
    fn due_deliveries(
        &self,
        channel: Option<&str>,
        until: Time,
        rows: u32,
    ) -> Result<Vec<Delivery>> {
        self.read(|reader| {
            let query = due(channel, until);
            query.rows(reader, "due_at, id", rows.min(PAGE_ROWS_MAX), from_row)
        })
    }

    fn next_delivery_due(&self, channel: Option<&str>) -> Result<Option<Time>> {
        const ANY: &str = "
            SELECT MIN(due_at)
            FROM deliveries
            WHERE state = 'pending'
              AND NOT EXISTS (SELECT 1 FROM inbox WHERE delivery = deliveries.id)";
        const OF: &str = "
            SELECT MIN(due_at)
            FROM deliveries
            WHERE state = 'pending' AND channel = $1
              AND NOT EXISTS (SELECT 1 FROM inbox WHERE delivery = deliveries.id)";
        let next = self.read(|reader| match channel {
            None => one(reader, ANY, [], |row| row::time_or_none(row, 0)),
            Some(channel) => one(reader, OF, [channel], |row| row::time_or_none(row, 0)),
        });
        Ok(next?.flatten())
    }

    fn settle_deliveries(&self, settlements: &[Settlement]) -> Result<u64> {
        self.write(|writer| {
            let mut settled = 0;
            for it in settlements {
                settled += settle(writer, it)?;
            }
            Ok(settled)
        })
    }

    fn deliveries(&self, filter: &DeliveryFilter, page: &PageRequest) -> Result<Page<Delivery>> {
        self.read(|reader| {
            let mut query = Query::new(COLUMNS);
            query
                .and_among("state", filter.states.iter().map(|it| it.word()))
                .and_if("channel = ?", opt(filter.channel.as_ref()).map(str::to_owned))
                .and_if("lead = ?", filter.lead.as_ref().map(|it| it.as_str().to_owned()))
                .and_if("account = ?", opt(filter.account.as_ref()).map(str::to_owned))
                .and_if(
                    "id IN (SELECT delivery FROM play_contacts WHERE play = ?)",
                    opt(filter.play.as_ref()).map(str::to_owned),
                )
                .and_if("queued_at >= ?", filter.queued_from.map(Time::micros))
                .and_if("queued_at < ?", filter.queued_to.map(Time::micros));
            if let Some(([queued_at], [id])) = read_cursor::<1, 1>(LIST, page)? {
                query.and("(queued_at, id) < (?, ?)", [queued_at.into(), id.into()]);
            }
            let key = |it: &Delivery| cursor(LIST, &[it.queued_at.0], &[it.id.as_str()]);
            query.page(reader, "queued_at DESC, id DESC", page, from_row, key)
        })
    }

    fn delivery(&self, id: &str) -> Result<Option<(Delivery, Vec<Attempt>)>> {
        const ATTEMPTS: &str = "
            SELECT at, duration_ms, outcome, reason, request, answer
            FROM delivery_attempts
            WHERE delivery = $1
            ORDER BY id";
        let sql = format!("{COLUMNS}\nWHERE id = $1");
        self.read(|reader| {
            let Some(delivery) = one(reader, &sql, [id], from_row)? else { return Ok(None) };
            Ok(Some((delivery, all(reader, ATTEMPTS, [id], attempt_from_row)?)))
        })
    }

    fn count_deliveries(&self) -> Result<Vec<DeliveryCount>> {
        const SQL: &str = "
            SELECT channel, state, COUNT(*)
            FROM deliveries
            GROUP BY channel, state
            ORDER BY channel, state";
        self.read(|reader| {
            all(reader, SQL, [], |row| {
                Ok(DeliveryCount {
                    channel: row::text(row, 0)?,
                    state: row::word(row, 1, TABLE, "state", DeliveryState::from_word)?,
                    deliveries: row::count(row, 2, TABLE, "count")?,
                })
            })
        })
    }

    fn resend_delivery(&self, id: &str, now: Time) -> Result<bool> {
        const SQL: &str = "
            UPDATE deliveries
            SET state = 'pending', queued_at = $1, due_at = $1, attempts = 0
            WHERE id = $2 AND state = 'dead'";
        Ok(self.write(|writer| execute(writer, SQL, (now.0, id)))? > 0)
    }

    fn resend_dead(&self, channel: Option<&str>, now: Time) -> Result<u64> {
        const SQL: &str = "
            UPDATE deliveries
            SET state = 'pending', queued_at = $1, due_at = $1, attempts = 0
            WHERE id IN (
                SELECT id
                FROM deliveries
                WHERE state = 'dead' AND channel = COALESCE($2, channel)
                ORDER BY queued_at, id
                LIMIT $3
            )";
        self.write(|writer| execute(writer, SQL, (now.0, channel, SWEEP_ROWS_MAX)))
    }

    fn expire_deliveries(&self, channel: &str, queued_before: Time, now: Time) -> Result<u64> {
        const SQL: &str = "
            UPDATE deliveries
            SET state = 'dead', error = COALESCE(error, 'it could not be sent for too long')
            WHERE id IN (
                SELECT id
                FROM deliveries
                WHERE state = 'pending' AND channel = $1 AND due_at <= $2 AND queued_at < $3
                  AND NOT EXISTS (SELECT 1 FROM inbox WHERE delivery = deliveries.id)
                ORDER BY due_at, id
                LIMIT $4
            )";
        let parameters = (channel, now.0, queued_before.0, SWEEP_ROWS_MAX);
        self.write(|writer| execute(writer, SQL, parameters))
    }

    fn disabled_channels(&self) -> Result<Vec<DisabledChannel>> {
        const SQL: &str = "
            SELECT channel, at, reason
            FROM disabled_channels
            ORDER BY channel";
        self.read(|reader| {
            all(reader, SQL, [], |row| {
                Ok(DisabledChannel {
                    channel: row::text(row, 0)?,
                    at: row::time(row, 1)?,
                    reason: row::text(row, 2)?,
                })
            })
        })
    }

    fn disable_channel(&self, channel: &DisabledChannel) -> Result<()> {
        const SQL: &str = "
            INSERT INTO disabled_channels (channel, at, reason)
            VALUES ($1, $2, $3)
            ON CONFLICT (channel) DO NOTHING";
        let DisabledChannel { channel, at, reason } = channel;
        self.write(|writer| execute(writer, SQL, (channel.as_str(), at.0, reason.as_str())))?;
        Ok(())
    }

    fn enable_channel(&self, channel: &str) -> Result<bool> {
        const SQL: &str = "
            DELETE FROM disabled_channels
            WHERE channel = $1";
        Ok(self.write(|writer| execute(writer, SQL, [channel]))? > 0)
    }
}

/// The query for what is due.
pub(super) fn due(channel: Option<&str>, until: Time) -> Query {
    let mut query = Query::new(COLUMNS);
    query
        .and("state = 'pending'", [])
        .and_if("channel = ?", channel.map(str::to_owned))
        .and("due_at <= ?", [until.0.into()])
        .and("NOT EXISTS (SELECT 1 FROM inbox WHERE delivery = deliveries.id)", []);
    query
}

/// Writes down what became of one message; 1 if it was there and pending.
fn settle(writer: &Connection, settlement: &Settlement) -> Result<u64, Fault> {
    const UPDATE: &str = "
        UPDATE deliveries
        SET state = $1, due_at = $2, attempts = $3, error = $4
        WHERE id = $5 AND state = 'pending'";
    // Of a message that has been erased meanwhile, nothing is to be written.
    const INSERT: &str = "
        INSERT INTO delivery_attempts (delivery, at, duration_ms, outcome, reason, request, answer)
        SELECT id, $1, $2, $3, $4, $5, $6
        FROM deliveries
        WHERE id = $7";
    const FORGET: &str = "
        DELETE FROM delivery_attempts
        WHERE delivery = $1 AND id NOT IN (
            SELECT id
            FROM delivery_attempts
            WHERE delivery = $2
            ORDER BY id DESC
            LIMIT $3
        )";
    let Settlement { id, state, due_at, attempts, error, attempt } = settlement;
    let parameters = (state.word(), due_at.0, attempts, opt(error.as_ref()), id.as_str());
    let settled = execute(writer, UPDATE, parameters)?;
    if let Some(it) = attempt {
        let parameters = (
            it.at.0,
            it.duration_ms,
            it.outcome.word(),
            opt(it.reason.as_ref()),
            it.request.as_deref(),
            it.answer.as_deref(),
            id.as_str(),
        );
        execute(writer, INSERT, parameters)?;
        if *attempts > 1 {
            execute(writer, FORGET, (id.as_str(), id.as_str(), ATTEMPTS_KEPT))?;
        }
    }
    Ok(settled)
}

/// Adds messages; one that is there already stays as it is.
pub(super) fn insert(writer: &Connection, deliveries: &[Delivery]) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO deliveries (id, lead, account, channel, queued_at, due_at, payload, state,
                                attempts, error)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (id) DO NOTHING";
    let mut insert = prepare(writer, INSERT)?;
    for it in deliveries {
        insert.execute((
            it.id.as_str(),
            it.lead.as_ref().map(LeadId::as_str),
            opt(it.account.as_ref()),
            it.channel.as_str(),
            it.queued_at.0,
            it.due_at.0,
            &it.payload,
            it.state.word(),
            it.attempts,
            opt(it.error.as_ref()),
        ))?;
    }
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<Delivery, Fault> {
    Ok(Delivery {
        id: row::text(row, 0)?,
        lead: lead_of(row, 1)?,
        account: row::text_or_none(row, 2)?,
        channel: row::text(row, 3)?,
        queued_at: row::time(row, 4)?,
        due_at: row::time(row, 5)?,
        payload: row.get(6)?,
        state: row::word(row, 7, TABLE, "state", DeliveryState::from_word)?,
        attempts: row.get(8)?,
        error: row::text_or_none(row, 9)?,
    })
}

fn attempt_from_row(row: &Row<'_>) -> Result<Attempt, Fault> {
    const TABLE: &str = "delivery_attempts";
    Ok(Attempt {
        at: row::time(row, 0)?,
        duration_ms: row.get(1)?,
        outcome: row::word(row, 2, TABLE, "outcome", AttemptOutcome::from_word)?,
        reason: row::text_or_none(row, 3)?,
        request: row.get(4)?,
        answer: row.get(5)?,
    })
}

/// The lead that a message is about.
pub(super) fn lead_of(row: &Row<'_>, index: usize) -> Result<Option<LeadId>, Fault> {
    let lead = row::text_or_none(row, index)?;
    let lead = lead.map(|id| {
        let what = format!("`{id}`");
        LeadId::try_from(id).map_err(|_| Fault::BadRow { table: TABLE, column: "lead", what })
    });
    lead.transpose()
}
