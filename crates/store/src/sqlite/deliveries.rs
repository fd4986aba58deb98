//! Messages to be sent.

use firsthand_model::Time;
use firsthand_model::lead::LeadId;
use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::fault::Fault;
use super::row::{self, all, execute, one, opt, prepare};
use crate::{Deliveries, Delivery, DeliveryState, PAGE_ROWS_MAX, Result};

impl Deliveries for SqliteStore {
    fn due_deliveries(&self, until: Time, rows: u32) -> Result<Vec<Delivery>> {
        const SQL: &str = "
            SELECT id, lead, account, channel, due_at, payload, state, attempts, error
            FROM deliveries
            WHERE state = 'pending' AND due_at <= $1
            ORDER BY due_at, id
            LIMIT $2";
        self.read(|reader| all(reader, SQL, (until.0, rows.min(PAGE_ROWS_MAX)), from_row))
    }

    fn next_delivery_due(&self) -> Result<Option<Time>> {
        const SQL: &str = "
            SELECT MIN(due_at)
            FROM deliveries
            WHERE state = 'pending'";
        Ok(self.read(|reader| one(reader, SQL, [], |row| row::time_or_none(row, 0)))?.flatten())
    }

    fn settle_delivery(&self, delivery: &Delivery) -> Result<bool> {
        const SQL: &str = "
            UPDATE deliveries
            SET state = $1, due_at = $2, attempts = $3, error = $4
            WHERE id = $5";
        let Delivery { id, state, due_at, attempts, error, .. } = delivery;
        let parameters = (state.word(), due_at.0, attempts, opt(error.as_ref()), id.as_str());
        Ok(self.write(|writer| execute(writer, SQL, parameters))? > 0)
    }
}

/// Adds messages; one that is there already stays as it is.
pub(super) fn insert(writer: &Connection, deliveries: &[Delivery]) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO deliveries (id, lead, account, channel, due_at, payload, state, attempts, error)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (id) DO NOTHING";
    let mut insert = prepare(writer, INSERT)?;
    for it in deliveries {
        insert.execute((
            it.id.as_str(),
            it.lead.as_ref().map(LeadId::as_str),
            opt(it.account.as_ref()),
            it.channel.as_str(),
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
    const TABLE: &str = "deliveries";
    let lead = row::text_or_none(row, 1)?;
    let lead = lead.map(|id| {
        let what = format!("`{id}`");
        LeadId::try_from(id).map_err(|_| Fault::BadRow { table: TABLE, column: "lead", what })
    });
    Ok(Delivery {
        id: row::text(row, 0)?,
        lead: lead.transpose()?,
        account: row::text_or_none(row, 2)?,
        channel: row::text(row, 3)?,
        due_at: row::time(row, 4)?,
        payload: row.get(5)?,
        state: row::word(row, 6, TABLE, "state", DeliveryState::from_word)?,
        attempts: row.get(7)?,
        error: row::text_or_none(row, 8)?,
    })
}
