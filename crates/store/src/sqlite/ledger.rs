//! The ledger's lines and the qualifications.

use std::ops::RangeInclusive;

use firsthand_model::fact::Kind;
use firsthand_rules::ledger::Change;
use firsthand_rules::timeline::Subject;
use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::fault::Fault;
use super::query::{Query, cursor, read_cursor};
use super::row::{self, number, one, opt, prepare};
use super::{SqliteStore, qualifications};
use crate::{
    Ledger, LedgerFilter, LedgerLine, LedgerOrder, LedgerRow, Page, PageRequest, Qualification,
    Result,
};

const LIST: &str = "ledger";

impl Ledger for SqliteStore {
    fn ledger(
        &self,
        filter: &LedgerFilter,
        order: LedgerOrder,
        page: &PageRequest,
    ) -> Result<Page<LedgerRow>> {
        let direction = match order {
            LedgerOrder::OldestFirst => "id",
            LedgerOrder::NewestFirst => "id DESC",
        };
        self.read(|reader| {
            let key = |it: &LedgerRow| cursor(LIST, &[it.id.cast_signed()], &[]);
            query(filter, order, page)?.page(reader, direction, page, line_from_row, key)
        })
    }

    fn ledger_end(&self) -> Result<u64> {
        self.read(end)
    }

    fn open_qualifications(
        &self,
        definition: Option<(&str, &str)>,
        page: &PageRequest,
    ) -> Result<Page<Qualification>> {
        self.read(|reader| qualifications::open(reader, definition, page))
    }

    fn count_open_qualifications(&self, definition: &str, version: &str) -> Result<u64> {
        self.read(|reader| qualifications::count_open(reader, definition, version))
    }

    fn qualifications_of(&self, subject: &Subject) -> Result<Vec<Qualification>> {
        self.read(|reader| qualifications::of(reader, subject))
    }

    fn open_qualifications_in(&self, account: &str) -> Result<Vec<Qualification>> {
        self.read(|reader| qualifications::open_in(reader, account))
    }
}

/// The lines that a filter lets through, beyond the cursor.
pub(super) fn query(
    filter: &LedgerFilter,
    order: LedgerOrder,
    page: &PageRequest,
) -> Result<Query, Fault> {
    let mut query = Query::new(
        "SELECT id, definition, version, subject_kind, subject_id, account, change, held_at,
                was_at, known_at, log_offset, evidence
         FROM ledger",
    );
    if let Some(Subject { kind, id }) = &filter.subject {
        // Written as the indexes are.
        match kind {
            Kind::Account => query
                .and("subject_kind = 'account'", [])
                .and("subject_id = ?", [id.to_string().into()])
                .and("account = ?", [id.to_string().into()]),
            Kind::Person => query
                .and("subject_kind = 'person'", [])
                .and("subject_id = ?", [id.to_string().into()]),
        };
    }
    query
        .and_if("definition = ?", opt(filter.definition.as_ref()).map(str::to_owned))
        .and_if("version = ?", opt(filter.version.as_ref()).map(str::to_owned))
        .and_if("account = ?", opt(filter.account.as_ref()).map(str::to_owned))
        .and_if("known_at >= ?", filter.known_from.map(|it| it.0))
        .and_if("known_at < ?", filter.known_to.map(|it| it.0))
        .and_if("id > ?", filter.after.map(|it| i64::try_from(it).unwrap_or(i64::MAX)));
    if let Some(([id], [])) = read_cursor::<1, 0>(LIST, page)? {
        let beyond = match order {
            LedgerOrder::OldestFirst => "id > ?",
            LedgerOrder::NewestFirst => "id < ?",
        };
        query.and(beyond, [Value::Integer(id)]);
    }
    Ok(query)
}

/// Appends lines; gives their numbers, which have no gaps: nobody else writes meanwhile.
pub(super) fn append(
    writer: &Connection,
    lines: &[LedgerLine],
) -> Result<Option<RangeInclusive<u64>>, Fault> {
    const INSERT: &str = "
        INSERT INTO ledger (definition, version, subject_kind, subject_id, account, change,
                            held_at, was_at, known_at, log_offset, evidence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let mut insert = prepare(writer, INSERT)?;
    for line in lines {
        let (change, was) = change_to_row(line.change);
        let parameters = (
            line.definition.as_str(),
            line.version.as_str(),
            line.subject.kind.word(),
            line.subject.id.as_str(),
            opt(line.account()),
            change,
            line.held_at.0,
            was,
            line.known_at.0,
            number("an offset", line.offset)?,
            line.evidence.as_deref(),
        );
        insert.execute(parameters)?;
    }
    if lines.is_empty() {
        return Ok(None);
    }
    // Asked once: `RETURNING` makes the database ready to take back each line by itself.
    let last = end(writer)?;
    Ok(Some(last + 1 - lines.len() as u64..=last))
}

/// The number of the last line.
fn end(connection: &Connection) -> Result<u64, Fault> {
    const SQL: &str = "
        SELECT COALESCE(MAX(id), 0)
        FROM ledger";
    let end = one(connection, SQL, [], |row| row::count(row, 0, "ledger", "id"))?;
    Ok(end.unwrap_or(0))
}

fn change_to_row(change: Change) -> (&'static str, Option<i64>) {
    match change {
        Change::Entered => ("entered", None),
        Change::Left => ("left", None),
        Change::Revised { was, entry: true, .. } => ("entry_revised", Some(was.0)),
        Change::Revised { was, entry: false, reopened: false } => ("exit_revised", Some(was.0)),
        Change::Revised { was, entry: false, reopened: true } => ("reopened", Some(was.0)),
        Change::Retracted => ("retracted", None),
    }
}

fn line_from_row(row: &Row<'_>) -> Result<LedgerRow, Fault> {
    let was = row::time_or_none(row, 8)?;
    let change = row::word(row, 6, "ledger", "change", |word| match (word, was) {
        ("entered", None) => Some(Change::Entered),
        ("left", None) => Some(Change::Left),
        ("entry_revised", Some(was)) => Some(Change::Revised { was, entry: true, reopened: false }),
        ("exit_revised", Some(was)) => Some(Change::Revised { was, entry: false, reopened: false }),
        ("reopened", Some(was)) => Some(Change::Revised { was, entry: false, reopened: true }),
        ("retracted", None) => Some(Change::Retracted),
        _ => None,
    })?;
    Ok(LedgerRow {
        id: row::count(row, 0, "ledger", "id")?,
        line: LedgerLine {
            definition: row::text(row, 1)?,
            version: row::text(row, 2)?,
            subject: row::subject(row, 3, "ledger")?,
            account: row::text_or_none(row, 5)?,
            change,
            held_at: row::time(row, 7)?,
            known_at: row::time(row, 9)?,
            offset: row::count(row, 10, "ledger", "log_offset")?,
            evidence: row.get(11)?,
        },
    })
}
