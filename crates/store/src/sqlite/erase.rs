//! Erasing people and accounts, and looking for what is left of them.

use std::collections::BTreeMap;

use firsthand_model::fact::Kind;
use firsthand_model::{Mentions, Text};
use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::fault::Fault;
use super::row::{self, execute, one, prepare};
use super::{SqliteStore, log, space};
use crate::{Chunk, Erase, ErasedRows, Identities, Result, RewriteLog, StoreError, Trace};

/// What a column may say about people and accounts that can be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Nothing: words, ids and texts of the team's own or of ours, names of its staff.
    Nothing,
    /// The id of an account; the row is about it.
    Account,
    /// The id of a person; the row is about them.
    Person,
    /// The id of a subject whose kind another column tells; the row is about it.
    Subject(&'static str),
    /// Free text; it is blanked where it mentions somebody.
    Text,
    /// Free text; the row says nothing without it and goes with it.
    Row,
    /// Facts that only the caller can read.
    Facts,
}

/// Every column of text or bytes, by table. A table whose rows belong to leads goes before them,
/// so that each row is counted.
pub(super) const COLUMNS: &[(&str, &[(&str, Holds)])] = {
    use Holds::{Account, Facts, Nothing, Person, Row, Subject, Text};
    const SUBJECT: Holds = Subject("subject_kind");
    &[
        ("log_chunks", &[("bytes", Facts)]),
        ("quarantine", &[("source", Nothing), ("code", Nothing), ("reason", Row), ("raw", Row)]),
        ("sources", &[("source", Nothing)]),
        ("source_minutes", &[("source", Nothing)]),
        (
            "ledger",
            &[
                ("definition", Nothing),
                ("version", Nothing),
                ("subject_kind", Nothing),
                ("subject_id", SUBJECT),
                ("account", Account),
                ("change", Nothing),
                ("evidence", Text),
            ],
        ),
        (
            "qualifications",
            &[("subject_kind", Nothing), ("subject_id", SUBJECT), ("account", Account)],
        ),
        ("timelines", &[("definition", Nothing), ("version", Nothing)]),
        (
            "lead_evidence",
            &[
                ("lead", Nothing),
                ("definition", Nothing),
                ("subject_kind", Nothing),
                ("subject_id", SUBJECT),
                ("version", Nothing),
                ("evidence", Text),
            ],
        ),
        (
            "lead_changes",
            &[
                ("lead", Nothing),
                ("by_whom", Nothing),
                ("from_status", Nothing),
                ("to_status", Nothing),
                ("reason", Nothing),
                ("note", Text),
                ("owner", Nothing),
            ],
        ),
        ("lead_notes", &[("lead", Nothing), ("by_whom", Nothing), ("text", Row)]),
        ("inbox", &[("delivery", Nothing), ("person", Person)]),
        (
            "deliveries",
            &[
                ("id", Nothing),
                ("lead", Nothing),
                ("account", Account),
                ("channel", Nothing),
                ("payload", Row),
                ("state", Nothing),
                ("error", Text),
            ],
        ),
        (
            "play_runs",
            &[
                ("lead", Nothing),
                ("play", Nothing),
                ("account", Account),
                ("state", Nothing),
                ("waits", Nothing),
            ],
        ),
        (
            "play_contacts",
            &[
                ("delivery", Nothing),
                ("lead", Nothing),
                ("play", Nothing),
                ("account", Account),
                ("person", Person),
                ("owner", Nothing),
                ("channel", Nothing),
                // It goes with its person.
                ("person_name", Nothing),
            ],
        ),
        (
            "play_suppressed",
            &[
                ("id", Nothing),
                ("lead", Nothing),
                ("play", Nothing),
                ("account", Account),
                ("person", Person),
                ("channel", Nothing),
                ("reason", Nothing),
                // It goes with its person.
                ("person_name", Nothing),
            ],
        ),
        (
            "play_exposures",
            &[
                ("account", Account),
                ("track", Nothing),
                ("play", Nothing),
                ("lead", Nothing),
                ("arm", Nothing),
                ("size", Nothing),
            ],
        ),
        (
            "leads",
            &[
                ("id", Nothing),
                ("account", Account),
                ("track", Nothing),
                ("status", Nothing),
                ("owner", Nothing),
                ("reason", Nothing),
                ("merged_into", Nothing),
            ],
        ),
        (
            "stage_moves",
            &[("account", Account), ("from_stage", Nothing), ("to_stage", Nothing), ("why", Text)],
        ),
        ("account_stages", &[("account", Account), ("stage", Nothing)]),
        ("standings", &[("population", Nothing), ("account", Account), ("spread", Nothing)]),
        (
            "delivery_attempts",
            &[
                ("delivery", Nothing),
                ("outcome", Nothing),
                ("reason", Text),
                ("request", Text),
                ("answer", Text),
            ],
        ),
        ("disabled_channels", &[("channel", Nothing), ("reason", Nothing)]),
        (
            "keys",
            &[
                ("id", Nothing),
                ("kind", Nothing),
                ("name", Nothing),
                ("hash", Nothing),
                ("hint", Nothing),
                ("scopes", Nothing),
                ("created_by", Nothing),
            ],
        ),
        (
            "definitions",
            &[
                ("name", Nothing),
                ("version", Nothing),
                ("text", Nothing),
                ("published_by", Nothing),
                ("state", Nothing),
            ],
        ),
        (
            "identity_acts",
            &[
                ("id", Nothing),
                ("kind", Nothing),
                ("of_kind", Nothing),
                ("one", Subject("of_kind")),
                ("other", Subject("of_kind")),
                ("state", Nothing),
                ("proposed_by", Nothing),
                ("decided_by", Nothing),
                ("why", Text),
            ],
        ),
        ("settings", &[("name", Nothing), ("value", Nothing)]),
        (
            // Its ids go by themselves, once the erasure is done.
            "erasures",
            &[
                ("id", Nothing),
                ("subject_kind", Nothing),
                ("subject_hash", Nothing),
                ("asked_by", Nothing),
                ("ids", Nothing),
                ("erased", Nothing),
            ],
        ),
        // Who works with Firsthand is no customer. What they save and do names none either.
        (
            "users",
            &[
                ("id", Nothing),
                ("email", Nothing),
                ("name", Nothing),
                ("role", Nothing),
                ("password", Nothing),
            ],
        ),
        ("identities", &[("issuer", Nothing), ("subject", Nothing), ("user_id", Nothing)]),
        ("sessions", &[("hash", Nothing), ("user_id", Nothing)]),
        ("invitations", &[("hash", Nothing), ("user_id", Nothing)]),
        (
            "views",
            &[("user_id", Nothing), ("page", Nothing), ("name", Nothing), ("query", Nothing)],
        ),
        // A draft may name a customer whom it shuts out.
        (
            "drafts",
            &[("user_id", Nothing), ("definition", Nothing), ("text", Row), ("base", Nothing)],
        ),
        ("audit", &[("by_whom", Nothing), ("act", Nothing), ("about", Nothing)]),
    ]
};

/// Rows that belong to the leads of an account.
const OF_LEADS: [&str; 7] = [
    "lead_evidence",
    "lead_changes",
    "lead_notes",
    "deliveries",
    "play_runs",
    "play_contacts",
    "play_suppressed",
];

impl Erase for SqliteStore {
    fn erase(&self, who: &Identities, rewrite: &mut RewriteLog<'_>) -> Result<ErasedRows> {
        let erased = self.write(|writer| {
            let mut erased = Erased::default();
            erased.about(writer, who)?;
            erased.mentioning(writer, who)?;
            erased.chunks(writer, rewrite)?;
            Ok(ErasedRows { by_table: erased.0 })
        })?;
        self.overwrite()?;
        Ok(erased)
    }

    fn traces(
        &self,
        who: &Identities,
        mentions: &mut dyn FnMut(&Chunk) -> bool,
    ) -> Result<Vec<Trace>> {
        self.read(|reader| traces(reader, who, mentions))
    }
}

impl SqliteStore {
    /// Leaves nothing of deleted rows in the files: free pages go back to the disk, and the
    /// write-ahead log begins anew, once nobody reads an older state.
    pub(super) fn overwrite(&self) -> Result<()> {
        let writer = self.lock();
        let overwritten = || -> Result<(), Fault> {
            space::shrink(&writer, space::free(&writer)?)?;
            Ok(writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
        };
        overwritten().map_err(|fault| fault.at(&self.place))
    }
}

/// The ids of a kind.
fn ids(who: &Identities, kind: Kind) -> &[Text] {
    match kind {
        Kind::Account => &who.accounts,
        Kind::Person => &who.persons,
    }
}

/// Rows deleted or blanked, by table.
#[derive(Default)]
struct Erased(BTreeMap<&'static str, u64>);

impl Erased {
    fn add(&mut self, table: &'static str, rows: u64) {
        if rows > 0 {
            *self.0.entry(table).or_default() += rows;
        }
    }

    /// Deletes the rows that are about somebody.
    fn about(&mut self, writer: &Connection, who: &Identities) -> Result<(), Fault> {
        for table in OF_LEADS {
            let sql = format!(
                "DELETE FROM {table} WHERE lead IN (SELECT id FROM leads WHERE account = $1)"
            );
            for account in &who.accounts {
                self.add(table, execute(writer, &sql, [account.as_str()])?);
            }
        }
        for (table, column, kind, of_kind) in about() {
            let sql = format!("DELETE FROM {table} WHERE {column} = $1{of_kind}");
            for id in ids(who, kind) {
                self.add(table, execute(writer, &sql, [id.as_str()])?);
            }
        }
        Ok(())
    }

    /// Blanks or deletes what mentions somebody.
    fn mentioning(&mut self, writer: &Connection, who: &Identities) -> Result<(), Fault> {
        let mentions = Mentions::of(who.all().map(Text::as_str));
        for (table, column, holds) in free_texts() {
            let sql = match (holds, is_required(writer, table, column)?) {
                (Holds::Row, _) => format!("DELETE FROM {table} WHERE id = $1"),
                (_, true) => format!("UPDATE {table} SET {column} = '' WHERE id = $1"),
                (_, false) => format!("UPDATE {table} SET {column} = NULL WHERE id = $1"),
            };
            for id in rows_mentioning(writer, table, column, &mentions)? {
                self.add(table, execute(writer, &sql, [id])?);
            }
        }
        Ok(())
    }

    /// Lets the caller rewrite the log.
    fn chunks(&mut self, writer: &Connection, rewrite: &mut RewriteLog<'_>) -> Result<(), Fault> {
        const UPDATE: &str = "
            UPDATE log_chunks
            SET bytes = $1, size_bytes = $2
            WHERE last_offset = $3";
        log::each_chunk(writer, |chunk| {
            if let Some(bytes) = rewrite(chunk).map_err(StoreError::Rewrite)? {
                let (size, last) = (bytes.len() as u64, chunk.last);
                let (size, last) = (size.cast_signed(), last.cast_signed());
                self.add("log_chunks", execute(writer, UPDATE, (bytes, size, last))?);
            }
            Ok(())
        })
    }
}

/// Every column that says whom its row is about: table, column, kind, and the condition that the
/// row is of that kind.
fn about() -> impl Iterator<Item = (&'static str, &'static str, Kind, String)> {
    columns().flat_map(|(table, column, holds)| {
        let of = |kind: Kind, of_kind: &str| {
            let condition = format!(" AND {of_kind} = '{kind}'");
            (table, column, kind, condition)
        };
        match holds {
            Holds::Account => vec![(table, column, Kind::Account, String::new())],
            Holds::Person => vec![(table, column, Kind::Person, String::new())],
            Holds::Subject(kind) => vec![of(Kind::Account, kind), of(Kind::Person, kind)],
            _ => Vec::new(),
        }
    })
}

/// Every column of free text.
fn free_texts() -> impl Iterator<Item = (&'static str, &'static str, Holds)> {
    columns().filter(|(.., holds)| matches!(holds, Holds::Text | Holds::Row))
}

fn columns() -> impl Iterator<Item = (&'static str, &'static str, Holds)> {
    let of_table = |(table, columns): &(&'static str, &'static [(&'static str, Holds)])| {
        let table = *table;
        columns.iter().map(move |(column, holds)| (table, *column, *holds))
    };
    COLUMNS.iter().flat_map(of_table)
}

/// Whether a column must have a value.
fn is_required(connection: &Connection, table: &str, column: &str) -> Result<bool, Fault> {
    let sql = r#"SELECT "notnull" FROM pragma_table_info($1) WHERE name = $2"#;
    let required = one(connection, sql, [table, column], |row| Ok(row.get::<_, i64>(0)? != 0))?;
    Ok(required.unwrap_or(true))
}

/// The ids of the rows whose column mentions somebody.
fn rows_mentioning(
    connection: &Connection,
    table: &str,
    column: &str,
    mentions: &Mentions<'_>,
) -> Result<Vec<Value>, Fault> {
    let sql = format!("SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL");
    let mut statement = prepare(connection, &sql)?;
    let found = |row: &Row<'_>| -> Result<Option<Value>, Fault> {
        let value = row.get_ref(1)?;
        let hit = match value.as_str() {
            Ok(text) => mentions.in_text(text),
            Err(_) => mentions.in_bytes(value.as_blob()?),
        };
        Ok(if hit { Some(row.get(0)?) } else { None })
    };
    let rows = statement.query_and_then([], found)?;
    rows.filter_map(Result::transpose).collect()
}

/// Where somebody is still to be found.
fn traces(
    reader: &Connection,
    who: &Identities,
    in_chunk: &mut dyn FnMut(&Chunk) -> bool,
) -> Result<Vec<Trace>, Fault> {
    let mut found = BTreeMap::<(&str, &str), u64>::new();
    for (table, column, kind, of_kind) in about() {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} = $1{of_kind}");
        for id in ids(who, kind) {
            let rows = one(reader, &sql, [id.as_str()], |row| row::count(row, 0, table, column))?;
            *found.entry((table, column)).or_default() += rows.unwrap_or(0);
        }
    }
    let mentions = Mentions::of(who.all().map(Text::as_str));
    for (table, column, _) in free_texts() {
        let rows = rows_mentioning(reader, table, column, &mentions)?.len() as u64;
        *found.entry((table, column)).or_default() += rows;
    }
    log::each_chunk(reader, |chunk| {
        *found.entry(("log_chunks", "bytes")).or_default() += u64::from(in_chunk(chunk));
        Ok(())
    })?;
    let trace = |((table, column), rows): ((&str, &str), u64)| Trace {
        table: table.to_owned(),
        column: column.to_owned(),
        rows,
    };
    Ok(found.into_iter().filter(|(_, rows)| *rows > 0).map(trace).collect())
}
