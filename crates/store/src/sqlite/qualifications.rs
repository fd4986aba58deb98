//! The qualifications: intervals that the ledger folds into.

use firsthand_model::Text;
use firsthand_rules::timeline::{Interval, Subject};
use rusqlite::{Connection, Row};

use super::fault::Fault;
use super::query::{Query, cursor, read_cursor};
use super::row::{self, all, one};
use crate::{PAGE_ROWS_MAX, Page, PageRequest, Qualification};

const TABLE: &str = "qualifications";
const COLUMNS: &str = "
    SELECT t.definition, t.version, q.subject_kind, q.subject_id, q.account, q.entered_at,
           q.left_at, q.known_at
    FROM timelines AS t
    JOIN qualifications AS q ON q.timeline = t.id";

/// A version of a definition: its number, its name, its version.
struct Timeline {
    id: i64,
    definition: Text,
    version: Text,
}

/// The versions of definitions that ever decided something, or the one asked for; by name.
fn timelines(
    reader: &Connection,
    definition: Option<(&str, &str)>,
) -> Result<Vec<Timeline>, Fault> {
    const SQL: &str = "
        SELECT id, definition, version
        FROM timelines
        ORDER BY definition, version";
    let mut timelines = all(reader, SQL, [], |row| {
        let (definition, version) = (row::text(row, 1)?, row::text(row, 2)?);
        Ok(Timeline { id: row.get(0)?, definition, version })
    })?;
    if let Some((name, version)) = definition {
        timelines.retain(|it| it.definition == name && it.version == version);
    }
    Ok(timelines)
}

/// A page of what holds now. Goes from timeline to timeline, so that each page is read from where
/// the last one ended, not from the beginning.
pub(super) fn open(
    reader: &Connection,
    definition: Option<(&str, &str)>,
    page: &PageRequest,
) -> Result<Page<Qualification>, Fault> {
    const LIST: &str = "open_qualifications";
    let asked = page.rows.clamp(1, PAGE_ROWS_MAX);
    let mut wanted = asked + 1;
    let mut place = read_cursor::<1, 4>(LIST, page)?;
    let mut rows = Vec::new();
    for it in timelines(reader, definition)? {
        let beyond = match &place {
            Some((_, [name, version, ..])) => {
                let here = (it.definition.as_str(), it.version.as_str());
                if here < (name, version) {
                    continue;
                }
                if here == (name, version) { place.take() } else { None }
            }
            None => None,
        };
        let mut query = Query::new(COLUMNS);
        query.and("q.timeline = ?", [it.id.into()]).and("q.left_at IS NULL", []);
        if let Some(([entered], [_, _, kind, id])) = beyond {
            let after = "(q.subject_kind, q.subject_id, q.entered_at) > (?, ?, ?)";
            query.and(after, [kind.into(), id.into(), entered.into()]);
        }
        let order = "q.subject_kind, q.subject_id, q.entered_at";
        let found = query.rows(reader, order, wanted, from_row)?;
        wanted -= u32::try_from(found.len()).unwrap_or(wanted);
        rows.extend(found);
        if wanted == 0 {
            break;
        }
    }
    Ok(Page::cut(rows, asked, |last| {
        let Qualification { definition, version, subject, interval, .. } = last;
        cursor(
            LIST,
            &[interval.entered.0],
            &[definition, version, subject.kind.word(), &subject.id],
        )
    }))
}

pub(super) fn count_open(
    reader: &Connection,
    definition: &str,
    version: &str,
) -> Result<u64, Fault> {
    const SQL: &str = "
        SELECT COUNT(*)
        FROM timelines AS t
        JOIN qualifications AS q ON q.timeline = t.id
        WHERE t.definition = $1 AND t.version = $2 AND q.left_at IS NULL";
    let count = one(reader, SQL, (definition, version), |row| row::count(row, 0, TABLE, "count"))?;
    Ok(count.unwrap_or(0))
}

/// The timelines of a subject.
pub(super) fn of(reader: &Connection, subject: &Subject) -> Result<Vec<Qualification>, Fault> {
    all(reader, &of_sql(), (subject.kind.word(), subject.id.as_str()), from_row)
}

pub(super) fn of_sql() -> String {
    format!(
        "{COLUMNS}
        WHERE q.subject_kind = $1 AND q.subject_id = $2
        ORDER BY t.definition, t.version, q.entered_at"
    )
}

/// What holds now for an account and the people in it.
pub(super) fn open_in(reader: &Connection, account: &str) -> Result<Vec<Qualification>, Fault> {
    all(reader, &open_in_sql(), [account], from_row)
}

/// Two ways to the rows, each along an index.
pub(super) fn open_in_sql() -> String {
    format!(
        "{COLUMNS}
        WHERE q.left_at IS NULL AND q.subject_kind = 'account' AND q.subject_id = $1
        UNION ALL
        {COLUMNS}
        WHERE q.left_at IS NULL AND q.subject_kind = 'person' AND q.account = $1
        ORDER BY 1, 2, 3, 4, 6"
    )
}

fn from_row(row: &Row<'_>) -> Result<Qualification, Fault> {
    Ok(Qualification {
        definition: row::text(row, 0)?,
        version: row::text(row, 1)?,
        subject: row::subject(row, 2, TABLE)?,
        account: row::text_or_none(row, 4)?,
        interval: Interval {
            entered: row::time(row, 5)?,
            left: row::time_or_none(row, 6)?,
            known_at: row::time(row, 7)?,
        },
    })
}
