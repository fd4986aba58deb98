//! Messages inside the product.

use firsthand_model::message::Outgoing;
use firsthand_model::play::Reaction;
use firsthand_model::{Text, Time};
use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::deliveries::lead_of;
use super::fault::Fault;
use super::row::{self, all, execute, one, prepare};
use crate::{Delivery, INBOX_ROWS_MAX, Inbox, InboxRow, Result};

const COLUMNS: &str = "
    SELECT i.delivery, i.person, d.lead, d.account, d.channel, d.payload, i.due_at, i.until,
           i.shown_at, i.clicked_at, i.dismissed_at
    FROM inbox AS i
    JOIN deliveries AS d ON d.id = i.delivery";

impl Inbox for SqliteStore {
    fn inbox(&self, persons: &[Text], now: Time) -> Result<Vec<InboxRow>> {
        let sql = format!(
            "{COLUMNS}
            WHERE i.person = $1 AND i.due_at <= $2
              AND (i.until IS NULL OR i.until > $3)
              AND i.clicked_at IS NULL AND i.dismissed_at IS NULL
              AND d.state IN ('pending', 'sent')
            ORDER BY i.due_at, i.delivery
            LIMIT $4"
        );
        let mut waiting = self.read(|reader| {
            let of = |person: &Text| {
                all(reader, &sql, (person.as_str(), now.0, now.0, INBOX_ROWS_MAX), from_row)
            };
            persons.iter().map(of).collect::<Result<Vec<_>, _>>()
        })?;
        let mut waiting = waiting.drain(..).flatten().collect::<Vec<_>>();
        waiting.sort_by(|a, b| (a.due_at, &a.delivery).cmp(&(b.due_at, &b.delivery)));
        waiting.truncate(INBOX_ROWS_MAX as usize);
        Ok(waiting)
    }

    fn inbox_message(&self, delivery: &str) -> Result<Option<InboxRow>> {
        let sql = format!("{COLUMNS}\nWHERE i.delivery = $1");
        self.read(|reader| one(reader, &sql, [delivery], from_row))
    }

    fn note_inbox(&self, delivery: &str, reaction: Reaction, at: Time) -> Result<bool> {
        const SENT: &str = "
            UPDATE deliveries
            SET state = 'sent', attempts = attempts + 1
            WHERE id = $1 AND state = 'pending'";
        let column = match reaction {
            Reaction::Shown => "shown_at",
            Reaction::Clicked => "clicked_at",
            Reaction::Dismissed => "dismissed_at",
        };
        let note =
            format!("UPDATE inbox SET {column} = $1 WHERE delivery = $2 AND {column} IS NULL");
        self.write(|writer| {
            execute(writer, SENT, [delivery])?;
            Ok(execute(writer, &note, (at.0, delivery))? > 0)
        })
    }
}

/// Adds those of the messages that are shown inside the product. One that is there already stays
/// as it is.
pub(super) fn insert(writer: &Connection, deliveries: &[Delivery]) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO inbox (delivery, person, due_at, until)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (delivery) DO NOTHING";
    for it in deliveries {
        // What is no message at all is the business of whoever sends it.
        let Ok(Outgoing::InApp(message)) = serde_json::from_slice(&it.payload) else { continue };
        let until = message.until.map(Time::micros);
        let row = (it.id.as_str(), message.person.as_str(), it.due_at.0, until);
        prepare(writer, INSERT)?.execute(row)?;
    }
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<InboxRow, Fault> {
    Ok(InboxRow {
        delivery: row::text(row, 0)?,
        person: row::text(row, 1)?,
        lead: lead_of(row, 2)?,
        account: row::text_or_none(row, 3)?,
        channel: row::text(row, 4)?,
        payload: row.get(5)?,
        due_at: row::time(row, 6)?,
        until: row::time_or_none(row, 7)?,
        shown_at: row::time_or_none(row, 8)?,
        clicked_at: row::time_or_none(row, 9)?,
        dismissed_at: row::time_or_none(row, 10)?,
    })
}
