//! Leads with what they rest on and what happened to them.

use firsthand_model::config::Track;
use firsthand_model::lead::{Lead, LeadChange, LeadId, LeadNote, LeadStatus};
use firsthand_model::{Decimal, Text, Time};
use firsthand_rules::timeline::Subject;
use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::fault::Fault;
use super::query::{Query, cursor, read_cursor};
use super::row::{self, all, one, opt, prepare};
use crate::{
    LeadCount, LeadEvidence, LeadFilter, LeadSheet, LeadSort, Leads, OwnerFilter, Page,
    PageRequest, Result, SEARCH_BYTES_MAX, StoreError,
};

const TABLE: &str = "leads";
const COLUMNS: &str = "
    SELECT id, account, track, status, opened_at, known_at, score, owner, snoozed_until, due_at,
           touched_at, changed_at, closed_at, reason, merged_into, held_out
    FROM leads";

/// How a list is ordered: the expression, whether the greatest comes first, and its value.
struct Order {
    list: &'static str,
    by: &'static str,
    descending: bool,
    value: fn(&Lead) -> i64,
}

impl Order {
    fn of(sort: LeadSort) -> Self {
        let (list, by, descending, value): (_, _, _, fn(&Lead) -> i64) = match sort {
            LeadSort::Newest => ("leads_newest", "known_at", true, |it| it.known_at.0),
            LeadSort::Oldest => ("leads_oldest", "known_at", false, |it| it.known_at.0),
            LeadSort::Changed => ("leads_changed", "changed_at", true, |it| it.changed_at.0),
            // Scores that are missing come after the least, dates after the latest.
            LeadSort::Score => {
                let by = "COALESCE(score, -9223372036854775807)";
                ("leads_score", by, true, |it| it.score.map_or(-i64::MAX, score_to_row))
            }
            LeadSort::Due => {
                let by = "COALESCE(due_at, 9223372036854775807)";
                ("leads_due", by, false, |it| it.due_at.map_or(i64::MAX, |at| at.0))
            }
        };
        Self { list, by, descending, value }
    }

    fn clause(&self) -> String {
        let direction = if self.descending { "DESC" } else { "ASC" };
        format!("{} {direction}, id {direction}", self.by)
    }

    fn beyond(&self) -> String {
        let sign = if self.descending { "<" } else { ">" };
        format!("({}, id) {sign} (?, ?)", self.by)
    }
}

impl Leads for SqliteStore {
    fn leads(&self, filter: &LeadFilter, sort: LeadSort, page: &PageRequest) -> Result<Page<Lead>> {
        let order = Order::of(sort);
        self.read(|reader| {
            let mut query = narrowed(COLUMNS, filter);
            if let Some(([value], [id])) = read_cursor::<1, 1>(order.list, page)? {
                query.and(&order.beyond(), [value.into(), id.into()]);
            }
            let key = |it: &Lead| cursor(order.list, &[(order.value)(it)], &[it.id.as_str()]);
            query.page(reader, &order.clause(), page, lead_from_row, key)
        })
    }

    fn unclosed_lead(&self, account: &str, track: Track) -> Result<Option<Lead>> {
        let sql = format!("{COLUMNS}\nWHERE closed_at IS NULL AND account = $1 AND track = $2");
        self.read(|reader| one(reader, &sql, (account, track.word()), lead_from_row))
    }

    fn lead(&self, id: &LeadId) -> Result<Option<LeadSheet>> {
        const EVIDENCE: &str = "
            SELECT lead, definition, version, subject_kind, subject_id, entered_at, left_at,
                   known_at, retracted_at, evidence
            FROM lead_evidence
            WHERE lead = $1
            ORDER BY entered_at, definition, subject_kind, subject_id";
        const CHANGES: &str = "
            SELECT lead, at, by_whom, from_status, to_status, reason, note, owner
            FROM lead_changes
            WHERE lead = $1
            ORDER BY id";
        const NOTES: &str = "
            SELECT lead, at, by_whom, text
            FROM lead_notes
            WHERE lead = $1
            ORDER BY id";
        let sql = format!("{COLUMNS}\nWHERE id = $1");
        let id = [id.as_str()];
        self.read(|reader| {
            let Some(lead) = one(reader, &sql, id, lead_from_row)? else { return Ok(None) };
            Ok(Some(LeadSheet {
                lead,
                evidence: all(reader, EVIDENCE, id, evidence_from_row)?,
                changes: all(reader, CHANGES, id, change_from_row)?,
                notes: all(reader, NOTES, id, note_from_row)?,
            }))
        })
    }

    fn evidence_of(
        &self,
        definition: &str,
        version: &str,
        subject: &Subject,
    ) -> Result<Vec<(LeadStatus, LeadEvidence)>> {
        const SQL: &str = "
            SELECT lead, definition, version, subject_kind, subject_id, entered_at, left_at,
                   lead_evidence.known_at, retracted_at, evidence, status
            FROM lead_evidence JOIN leads ON leads.id = lead_evidence.lead
            WHERE subject_id = $1 AND subject_kind = $2 AND definition = $3 AND version = $4
            ORDER BY lead_evidence.id";
        self.read(|reader| {
            let of = (subject.id.as_str(), subject.kind.word(), definition, version);
            all(reader, SQL, of, |row| {
                let status = row::word(row, 10, TABLE, "status", LeadStatus::from_word)?;
                Ok((status, evidence_from_row(row)?))
            })
        })
    }

    fn count_leads_of(&self, filter: &LeadFilter, most: u32) -> Result<u64> {
        self.read(|reader| {
            let found = narrowed("SELECT id FROM leads", filter);
            Ok(found.rows(reader, "id", most, |_| Ok(()))?.len() as u64)
        })
    }

    fn count_open_leads_by_definition(&self) -> Result<Vec<(Text, u64)>> {
        const SQL: &str = "
            SELECT definition, COUNT(DISTINCT lead)
            FROM lead_evidence JOIN leads ON leads.id = lead_evidence.lead
            WHERE status = 'open' AND held_out = 0 AND retracted_at IS NULL
            GROUP BY definition
            ORDER BY definition";
        self.read(|reader| {
            all(reader, SQL, [], |row| {
                Ok((row::text(row, 0)?, row::count(row, 1, TABLE, "count")?))
            })
        })
    }

    fn count_leads(&self) -> Result<Vec<LeadCount>> {
        const SQL: &str = "
            SELECT track, status, COUNT(*)
            FROM leads
            GROUP BY track, status
            ORDER BY track, status";
        self.read(|reader| {
            all(reader, SQL, [], |row| {
                Ok(LeadCount {
                    track: row::word(row, 0, TABLE, "track", Track::from_word)?,
                    status: row::word(row, 1, TABLE, "status", LeadStatus::from_word)?,
                    leads: row::count(row, 2, TABLE, "count")?,
                })
            })
        })
    }
}

/// The leads that fit.
fn narrowed(select: &str, filter: &LeadFilter) -> Query {
    const FOUND: &str = r"LOWER(account) LIKE ? ESCAPE '\'";
    let mut query = Query::new(select);
    query
        .and_if("track = ?", filter.track.map(|it| it.word().to_owned()))
        .and_among("status", filter.statuses.iter().map(|it| it.word()))
        .and_if("account = ?", opt(filter.account.as_ref()).map(str::to_owned))
        .and_if("opened_at >= ?", filter.opened_from.map(|it| it.0))
        .and_if("opened_at < ?", filter.opened_to.map(|it| it.0))
        .and_if("due_at < ?", filter.due_to.map(|it| it.0))
        .and_if("held_out = ?", filter.held_out.map(i64::from));
    match &filter.owner {
        Some(OwnerFilter::Of(owner)) => _ = query.and("owner = ?", [owner.to_string().into()]),
        Some(OwnerFilter::Nobody) => _ = query.and("owner IS NULL", []),
        None => {}
    }
    match (&filter.search, filter.named.as_slice()) {
        (None, _) => {}
        (Some(text), []) => _ = query.and(FOUND, [pattern(text).into()]),
        (Some(text), named) => {
            let marks = vec!["?"; named.len()].join(", ");
            let names = named.iter().map(|it| it.to_string().into());
            let values = std::iter::once(pattern(text).into()).chain(names);
            query.and_all(&format!("({FOUND} OR account IN ({marks}))"), values);
        }
    }
    query
}

/// Finds a text anywhere in a column.
fn pattern(text: &str) -> String {
    let end = text.floor_char_boundary(SEARCH_BYTES_MAX);
    let mut pattern = String::from("%");
    for letter in text[..end].chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter.to_ascii_lowercase());
    }
    pattern.push('%');
    pattern
}

/// Writes leads as they now are, closed ones first.
pub(super) fn upsert(writer: &Connection, leads: &[Lead]) -> Result<(), Fault> {
    const UPSERT: &str = "
        INSERT INTO leads (id, account, track, status, opened_at, known_at, score, owner,
                           snoozed_until, due_at, touched_at, changed_at, closed_at, reason,
                           merged_into, held_out)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        ON CONFLICT (id) DO UPDATE
        SET account = excluded.account, track = excluded.track, status = excluded.status,
            opened_at = excluded.opened_at, known_at = excluded.known_at, score = excluded.score,
            owner = excluded.owner, snoozed_until = excluded.snoozed_until,
            due_at = excluded.due_at, touched_at = excluded.touched_at,
            changed_at = excluded.changed_at, closed_at = excluded.closed_at,
            reason = excluded.reason, merged_into = excluded.merged_into,
            held_out = excluded.held_out";
    let mut upsert = prepare(writer, UPSERT)?;
    let (closed, unclosed): (Vec<&Lead>, Vec<_>) =
        leads.iter().partition(|it| it.closed_at.is_some());
    for lead in closed.into_iter().chain(unclosed) {
        if lead.closed_at.is_some() != lead.status.is_closed() {
            let (lead, status) = (Text::from(lead.id.clone()), lead.status.word());
            return Err(StoreError::LeadClosing { lead, status }.into());
        }
        let written = upsert.execute((
            lead.id.as_str(),
            lead.account.as_str(),
            lead.track.word(),
            lead.status.word(),
            lead.opened_at.0,
            lead.known_at.0,
            lead.score.map(score_to_row),
            opt(lead.owner.as_ref()),
            lead.snoozed_until.map(Time::micros),
            lead.due_at.map(Time::micros),
            lead.touched_at.map(Time::micros),
            lead.changed_at.0,
            lead.closed_at.map(Time::micros),
            opt(lead.reason.as_ref()),
            lead.merged_into.as_ref().map(LeadId::as_str),
            lead.held_out,
        ));
        if let Err(error) = written {
            return Err(second_or(error.into(), lead));
        }
    }
    Ok(())
}

/// Tells a second open lead from other refusals; a track that leads cannot have is one of these.
fn second_or(fault: Fault, lead: &Lead) -> Fault {
    if fault.is_repetition() && lead.closed_at.is_none() {
        let account = lead.account.clone();
        return StoreError::LeadOpen { account, track: lead.track }.into();
    }
    fault
}

pub(super) fn upsert_evidence(writer: &Connection, rows: &[LeadEvidence]) -> Result<(), Fault> {
    const UPSERT: &str = "
        INSERT INTO lead_evidence (lead, definition, subject_kind, subject_id, entered_at, version,
                                   left_at, known_at, retracted_at, evidence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (lead, definition, subject_kind, subject_id, entered_at) DO UPDATE
        SET version = excluded.version, left_at = excluded.left_at, known_at = excluded.known_at,
            retracted_at = excluded.retracted_at, evidence = excluded.evidence";
    let mut upsert = prepare(writer, UPSERT)?;
    for it in rows {
        upsert.execute((
            it.lead.as_str(),
            it.definition.as_str(),
            it.subject.kind.word(),
            it.subject.id.as_str(),
            it.entered.0,
            it.version.as_str(),
            it.left.map(Time::micros),
            it.known_at.0,
            it.retracted_at.map(Time::micros),
            it.evidence.as_deref(),
        ))?;
    }
    Ok(())
}

pub(super) fn append_changes(writer: &Connection, changes: &[LeadChange]) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO lead_changes (lead, at, by_whom, from_status, to_status, reason, note, owner)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let mut insert = prepare(writer, INSERT)?;
    for it in changes {
        insert.execute((
            it.lead.as_str(),
            it.at.0,
            it.by.as_str(),
            it.from.map(LeadStatus::word),
            it.to.word(),
            opt(it.reason.as_ref()),
            opt(it.note.as_ref()),
            opt(it.owner.as_ref()),
        ))?;
    }
    Ok(())
}

pub(super) fn append_notes(writer: &Connection, notes: &[LeadNote]) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO lead_notes (lead, at, by_whom, text)
        VALUES ($1, $2, $3, $4)";
    let mut insert = prepare(writer, INSERT)?;
    for it in notes {
        insert.execute((it.lead.as_str(), it.at.0, it.by.as_str(), it.text.as_str()))?;
    }
    Ok(())
}

/// Millionths, held within what the database can order; the edges stand for what is missing.
fn score_to_row(score: Decimal) -> i64 {
    let edge = i128::from(i64::MAX) - 1;
    i64::try_from(score.raw().clamp(-edge, edge)).unwrap_or(0)
}

fn lead_from_row(row: &Row<'_>) -> Result<Lead, Fault> {
    let score = row.get::<_, Option<i64>>(6)?;
    let merged_into = row::text_or_none(row, 14)?;
    Ok(Lead {
        id: lead_id(row::text(row, 0)?, TABLE)?,
        account: row::text(row, 1)?,
        track: row::word(row, 2, TABLE, "track", Track::from_word)?,
        status: row::word(row, 3, TABLE, "status", LeadStatus::from_word)?,
        opened_at: row::time(row, 4)?,
        known_at: row::time(row, 5)?,
        score: score.map(|millionths| Decimal::from_raw(millionths.into())),
        owner: row::text_or_none(row, 7)?,
        snoozed_until: row::time_or_none(row, 8)?,
        due_at: row::time_or_none(row, 9)?,
        touched_at: row::time_or_none(row, 10)?,
        changed_at: row::time(row, 11)?,
        closed_at: row::time_or_none(row, 12)?,
        reason: row::text_or_none(row, 13)?,
        merged_into: merged_into.map(|id| lead_id(id, TABLE)).transpose()?,
        held_out: row.get(15)?,
    })
}

fn evidence_from_row(row: &Row<'_>) -> Result<LeadEvidence, Fault> {
    Ok(LeadEvidence {
        lead: lead_id(row::text(row, 0)?, "lead_evidence")?,
        definition: row::text(row, 1)?,
        version: row::text(row, 2)?,
        subject: row::subject(row, 3, "lead_evidence")?,
        entered: row::time(row, 5)?,
        left: row::time_or_none(row, 6)?,
        known_at: row::time(row, 7)?,
        retracted_at: row::time_or_none(row, 8)?,
        evidence: row.get(9)?,
    })
}

fn change_from_row(row: &Row<'_>) -> Result<LeadChange, Fault> {
    const TABLE: &str = "lead_changes";
    let from = match row::text_or_none(row, 3)? {
        None => None,
        Some(_) => Some(row::word(row, 3, TABLE, "from_status", LeadStatus::from_word)?),
    };
    Ok(LeadChange {
        lead: lead_id(row::text(row, 0)?, TABLE)?,
        at: row::time(row, 1)?,
        by: row::text(row, 2)?,
        from,
        to: row::word(row, 4, TABLE, "to_status", LeadStatus::from_word)?,
        reason: row::text_or_none(row, 5)?,
        note: row::text_or_none(row, 6)?,
        owner: row::text_or_none(row, 7)?,
    })
}

fn note_from_row(row: &Row<'_>) -> Result<LeadNote, Fault> {
    Ok(LeadNote {
        lead: lead_id(row::text(row, 0)?, "lead_notes")?,
        at: row::time(row, 1)?,
        by: row::text(row, 2)?,
        text: row::text(row, 3)?,
    })
}

fn lead_id(text: Text, table: &'static str) -> Result<LeadId, Fault> {
    let what = format!("`{text}`");
    LeadId::try_from(text).map_err(|_| Fault::BadRow { table, column: "lead", what })
}
