//! What plays leave behind.

use firsthand_model::config::Track;
use firsthand_model::lead::LeadId;
use firsthand_model::play::{Arm, Contact, Exposure, PlayRun, Reason, RunState, Suppressed};
use firsthand_model::{Text, Time};
use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::deliveries::lead_of;
use super::fault::Fault;
use super::query::{Query, cursor, read_cursor};
use super::row::{self, all, one, opt, prepare};
use crate::{
    ExposureCount, Page, PageRequest, PlayFilter, Plays, ReactionCount, Result, RunCount,
    StepCount, SuppressedCount,
};

const RUNS: &str = "play_runs";
const CONTACTS: &str = "play_contacts";
const SUPPRESSED: &str = "play_suppressed";
const EXPOSURES: &str = "play_exposures";
const CONTACT_COLUMNS: &str = "
    SELECT delivery, lead, play, account, person, owner, channel, at, person_name
    FROM play_contacts";

impl Plays for SqliteStore {
    fn play_runs(
        &self,
        filter: &PlayFilter,
        state: Option<RunState>,
        page: &PageRequest,
    ) -> Result<Page<PlayRun>> {
        const COLUMNS: &str = "
            SELECT lead, play, account, state, began_at, step, wanted_at, due_at, waits, seen_at,
                   clicked_at, dismissed_at, changed_at
            FROM play_runs";
        self.read(|reader| {
            let mut query = narrowed(COLUMNS, filter);
            query.and_if("state = ?", state.map(|it| it.word().to_owned()));
            if let Some(([began], [lead, play])) = read_cursor::<1, 2>(RUNS, page)? {
                let place = [began.into(), lead.into(), play.into()];
                query.and("(began_at, lead, play) < (?, ?, ?)", place);
            }
            let key = |it: &PlayRun| cursor(RUNS, &[it.began_at.0], &[it.lead.as_str(), &it.play]);
            query.page(reader, "began_at DESC, lead DESC, play DESC", page, run_from_row, key)
        })
    }

    fn suppressed(&self, filter: &PlayFilter, page: &PageRequest) -> Result<Page<Suppressed>> {
        const COLUMNS: &str = "
            SELECT id, lead, play, step, account, person, channel, at, reason, person_name
            FROM play_suppressed";
        self.read(|reader| {
            let mut query = narrowed(COLUMNS, filter);
            if let Some(([at], [id])) = read_cursor::<1, 1>(SUPPRESSED, page)? {
                query.and("(at, id) < (?, ?)", [at.into(), id.into()]);
            }
            let key = |it: &Suppressed| cursor(SUPPRESSED, &[it.at.0], &[&it.id]);
            query.page(reader, "at DESC, id DESC", page, suppressed_from_row, key)
        })
    }

    fn exposures(
        &self,
        filter: &PlayFilter,
        arm: Option<Arm>,
        page: &PageRequest,
    ) -> Result<Page<Exposure>> {
        const COLUMNS: &str = "
            SELECT account, track, play, lead, arm, size, share, part, at
            FROM play_exposures";
        self.read(|reader| {
            let mut query = narrowed(COLUMNS, filter);
            query.and_if("arm = ?", arm.map(|it| it.word().to_owned()));
            if let Some(([at], [account, play])) = read_cursor::<1, 2>(EXPOSURES, page)? {
                let place = [at.into(), account.into(), play.into()];
                query.and("(at, account, play) < (?, ?, ?)", place);
            }
            let key = |it: &Exposure| cursor(EXPOSURES, &[it.at.0], &[&it.account, &it.play]);
            query.page(reader, "at DESC, account DESC, play DESC", page, exposure_from_row, key)
        })
    }

    fn contacts_since(&self, from: Time, page: &PageRequest) -> Result<Page<Contact>> {
        self.read(|reader| {
            let mut query = Query::new(CONTACT_COLUMNS);
            query.and("at >= ?", [from.0.into()]);
            if let Some(([at], [delivery])) = read_cursor::<1, 1>(CONTACTS, page)? {
                query.and("(at, delivery) > (?, ?)", [at.into(), delivery.into()]);
            }
            let key = |it: &Contact| cursor(CONTACTS, &[it.at.0], &[&it.delivery]);
            query.page(reader, "at, delivery", page, contact_from_row, key)
        })
    }

    fn contact(&self, delivery: &str) -> Result<Option<Contact>> {
        let sql = format!("{CONTACT_COLUMNS}\nWHERE delivery = $1");
        self.read(|reader| one(reader, &sql, [delivery], contact_from_row))
    }

    fn count_play_steps(&self, play: &str) -> Result<Vec<StepCount>> {
        const SQL: &str = "
            SELECT state, step, waits, COUNT(*)
            FROM play_runs
            WHERE play = $1
            GROUP BY state, step, waits
            ORDER BY state, step, waits";
        self.read(|reader| {
            all(reader, SQL, [play], |row| {
                Ok(StepCount {
                    state: row::word(row, 0, RUNS, "state", RunState::from_word)?,
                    step: whole(row, 1, RUNS, "step")?,
                    waits: waits(row, 2)?,
                    runs: row::count(row, 3, RUNS, "count")?,
                })
            })
        })
    }

    fn count_reactions(&self, play: &str) -> Result<ReactionCount> {
        const SQL: &str = "
            SELECT COUNT(*), COUNT(seen_at), COUNT(clicked_at), COUNT(dismissed_at)
            FROM play_runs
            WHERE play = $1 AND state <> 'held_out'";
        let counted = self.read(|reader| {
            one(reader, SQL, [play], |row| {
                let count = |index| row::count(row, index, RUNS, "count");
                Ok(ReactionCount {
                    runs: count(0)?,
                    seen: count(1)?,
                    clicked: count(2)?,
                    dismissed: count(3)?,
                })
            })
        });
        Ok(counted?.unwrap_or_default())
    }

    fn count_suppressed(&self, play: &str) -> Result<Vec<SuppressedCount>> {
        const SQL: &str = "
            SELECT step, reason, COUNT(*)
            FROM play_suppressed
            WHERE play = $1
            GROUP BY step, reason
            ORDER BY step, reason";
        self.read(|reader| {
            all(reader, SQL, [play], |row| {
                Ok(SuppressedCount {
                    step: whole(row, 0, SUPPRESSED, "step")?,
                    reason: row::word(row, 1, SUPPRESSED, "reason", Reason::from_word)?,
                    messages: row::count(row, 2, SUPPRESSED, "count")?,
                })
            })
        })
    }

    fn count_play_runs(&self) -> Result<Vec<RunCount>> {
        const SQL: &str = "
            SELECT play, state, COUNT(*)
            FROM play_runs
            GROUP BY play, state
            ORDER BY play, state";
        self.read(|reader| {
            all(reader, SQL, [], |row| {
                Ok(RunCount {
                    play: row::text(row, 0)?,
                    state: row::word(row, 1, RUNS, "state", RunState::from_word)?,
                    runs: row::count(row, 2, RUNS, "count")?,
                })
            })
        })
    }

    fn count_exposures(&self) -> Result<Vec<ExposureCount>> {
        const SQL: &str = "
            SELECT play, track, size, arm, COUNT(*)
            FROM play_exposures
            GROUP BY play, track, size, arm
            ORDER BY play, track, size, arm";
        self.read(|reader| {
            all(reader, SQL, [], |row| {
                Ok(ExposureCount {
                    play: row::text(row, 0)?,
                    track: row::word(row, 1, EXPOSURES, "track", Track::from_word)?,
                    size: row::text(row, 2)?,
                    arm: row::word(row, 3, EXPOSURES, "arm", Arm::from_word)?,
                    accounts: row::count(row, 4, EXPOSURES, "count")?,
                })
            })
        })
    }
}

fn narrowed(columns: &str, filter: &PlayFilter) -> Query {
    let PlayFilter { play, lead, account } = filter;
    let mut query = Query::new(columns);
    query.and_if("play = ?", play.as_ref().map(ToString::to_string));
    query.and_if("lead = ?", lead.as_ref().map(ToString::to_string));
    query.and_if("account = ?", account.as_ref().map(ToString::to_string));
    query
}

/// Writes runs down, each as it now is.
pub(super) fn upsert_runs(writer: &Connection, runs: &[PlayRun]) -> Result<(), Fault> {
    const UPSERT: &str = "
        INSERT INTO play_runs (lead, play, account, state, began_at, step, wanted_at, due_at,
                               waits, seen_at, clicked_at, dismissed_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (lead, play) DO UPDATE
        SET state = excluded.state, step = excluded.step, wanted_at = excluded.wanted_at,
            due_at = excluded.due_at, waits = excluded.waits, seen_at = excluded.seen_at,
            clicked_at = excluded.clicked_at, dismissed_at = excluded.dismissed_at,
            changed_at = excluded.changed_at";
    let mut upsert = prepare(writer, UPSERT)?;
    let micros = |at: Option<Time>| at.map(Time::micros);
    for it in runs {
        upsert.execute((
            it.lead.as_str(),
            it.play.as_str(),
            it.account.as_str(),
            it.state.word(),
            it.began_at.0,
            it.step,
            it.wanted_at.0,
            micros(it.due_at),
            it.waits.map(Reason::word),
            micros(it.seen_at),
            micros(it.clicked_at),
            micros(it.dismissed_at),
            it.changed_at.0,
        ))?;
    }
    Ok(())
}

/// Adds contacts; one that is there already stays as it is.
pub(super) fn insert_contacts(writer: &Connection, contacts: &[Contact]) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO play_contacts
            (delivery, lead, play, account, person, owner, channel, at, person_name)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (delivery) DO NOTHING";
    let mut insert = prepare(writer, INSERT)?;
    for it in contacts {
        let receiver = opt(it.receiver.as_ref());
        insert.execute((
            it.delivery.as_str(),
            it.lead.as_str(),
            opt(it.play.as_ref()),
            it.account.as_str(),
            receiver.filter(|_| !it.of_team),
            receiver.filter(|_| it.of_team),
            it.channel.as_str(),
            it.at.0,
            opt(it.receiver_name.as_ref()),
        ))?;
    }
    Ok(())
}

/// Adds messages that were not sent; one that is there already stays as it is.
pub(super) fn insert_suppressed(writer: &Connection, rows: &[Suppressed]) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO play_suppressed
            (id, lead, play, step, account, person, channel, at, reason, person_name)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (id) DO NOTHING";
    let mut insert = prepare(writer, INSERT)?;
    for it in rows {
        insert.execute((
            it.id.as_str(),
            it.lead.as_str(),
            it.play.as_str(),
            it.step,
            it.account.as_str(),
            opt(it.person.as_ref()),
            it.channel.as_str(),
            it.at.0,
            it.reason.word(),
            opt(it.person_name.as_ref()),
        ))?;
    }
    Ok(())
}

/// Adds exposures; the first of an account and play holds for ever.
pub(super) fn insert_exposures(writer: &Connection, exposures: &[Exposure]) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO play_exposures (account, track, play, lead, arm, size, share, part, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (account, play) DO NOTHING";
    let mut insert = prepare(writer, INSERT)?;
    for it in exposures {
        insert.execute((
            it.account.as_str(),
            it.track.word(),
            it.play.as_str(),
            it.lead.as_str(),
            it.arm.word(),
            it.size.as_str(),
            it.share,
            it.part,
            it.at.0,
        ))?;
    }
    Ok(())
}

/// Calls messages back that are not sent yet.
pub(super) fn cancel(writer: &Connection, deliveries: &[Text]) -> Result<(), Fault> {
    const UPDATE: &str = "
        UPDATE deliveries
        SET state = 'cancelled'
        WHERE id = $1
          AND (state = 'pending' OR EXISTS (SELECT 1 FROM inbox WHERE delivery = deliveries.id))";
    let mut update = prepare(writer, UPDATE)?;
    for id in deliveries {
        update.execute([id.as_str()])?;
    }
    Ok(())
}

fn lead_id(row: &Row<'_>, index: usize, table: &'static str) -> Result<LeadId, Fault> {
    let missing = || Fault::BadRow { table, column: "lead", what: "no lead".to_owned() };
    lead_of(row, index)?.ok_or_else(missing)
}

fn whole(
    row: &Row<'_>,
    index: usize,
    table: &'static str,
    column: &'static str,
) -> Result<u32, Fault> {
    let count = row::count(row, index, table, column)?;
    u32::try_from(count).map_err(|_| Fault::BadRow { table, column, what: count.to_string() })
}

/// What a run waits for, if it is kept back.
fn waits(row: &Row<'_>, index: usize) -> Result<Option<Reason>, Fault> {
    let word = row::text_or_none(row, index)?;
    let reason = word.map(|word| {
        let bad = || Fault::BadRow { table: RUNS, column: "waits", what: format!("`{word}`") };
        Reason::from_word(&word).ok_or_else(bad)
    });
    reason.transpose()
}

fn run_from_row(row: &Row<'_>) -> Result<PlayRun, Fault> {
    Ok(PlayRun {
        lead: lead_id(row, 0, RUNS)?,
        play: row::text(row, 1)?,
        account: row::text(row, 2)?,
        state: row::word(row, 3, RUNS, "state", RunState::from_word)?,
        began_at: row::time(row, 4)?,
        step: whole(row, 5, RUNS, "step")?,
        wanted_at: row::time(row, 6)?,
        due_at: row::time_or_none(row, 7)?,
        waits: waits(row, 8)?,
        seen_at: row::time_or_none(row, 9)?,
        clicked_at: row::time_or_none(row, 10)?,
        dismissed_at: row::time_or_none(row, 11)?,
        changed_at: row::time(row, 12)?,
    })
}

fn suppressed_from_row(row: &Row<'_>) -> Result<Suppressed, Fault> {
    Ok(Suppressed {
        id: row::text(row, 0)?,
        lead: lead_id(row, 1, SUPPRESSED)?,
        play: row::text(row, 2)?,
        step: whole(row, 3, SUPPRESSED, "step")?,
        account: row::text(row, 4)?,
        person: row::text_or_none(row, 5)?,
        person_name: row::text_or_none(row, 9)?,
        channel: row::text(row, 6)?,
        at: row::time(row, 7)?,
        reason: row::word(row, 8, SUPPRESSED, "reason", Reason::from_word)?,
    })
}

fn exposure_from_row(row: &Row<'_>) -> Result<Exposure, Fault> {
    Ok(Exposure {
        account: row::text(row, 0)?,
        track: row::word(row, 1, EXPOSURES, "track", Track::from_word)?,
        play: row::text(row, 2)?,
        lead: lead_id(row, 3, EXPOSURES)?,
        arm: row::word(row, 4, EXPOSURES, "arm", Arm::from_word)?,
        size: row::text(row, 5)?,
        share: whole(row, 6, EXPOSURES, "share")?,
        part: whole(row, 7, EXPOSURES, "part")?,
        at: row::time(row, 8)?,
    })
}

fn contact_from_row(row: &Row<'_>) -> Result<Contact, Fault> {
    let (person, owner) = (row::text_or_none(row, 4)?, row::text_or_none(row, 5)?);
    Ok(Contact {
        delivery: row::text(row, 0)?,
        lead: lead_id(row, 1, CONTACTS)?,
        play: row::text_or_none(row, 2)?,
        account: row::text(row, 3)?,
        of_team: person.is_none(),
        receiver: person.or(owner),
        channel: row::text(row, 6)?,
        at: row::time(row, 7)?,
        receiver_name: row::text_or_none(row, 8)?,
    })
}
