//! The commit: everything of it in the transaction that the caller has begun.

use rusqlite::Connection;

use super::fault::Fault;
use super::{
    definitions, deliveries, fold, identity, inbox, leads, ledger, log, plays, quarantine, sources,
    stages, standings,
};
use crate::{Commit, Receipt};

pub(super) fn write(writer: &Connection, commit: &Commit) -> Result<Receipt, Fault> {
    // Named one by one, so that a new field cannot be forgotten here.
    let Commit {
        chunk,
        applied,
        quarantined,
        tallies,
        definitions,
        ledger,
        leads,
        evidence,
        lead_changes,
        lead_notes,
        stage_moves,
        deliveries,
        cancelled,
        play_runs,
        contacts,
        suppressed,
        exposures,
        identity_acts,
        standings,
    } = commit;
    log::advance(writer, chunk.as_ref(), *applied)?;
    let quarantined = quarantine::insert(writer, quarantined)?;
    sources::add(writer, tallies)?;
    definitions::upsert(writer, definitions)?;
    let numbers = ledger::append(writer, ledger)?;
    fold::fold(writer, ledger)?;
    leads::upsert(writer, leads)?;
    leads::upsert_evidence(writer, evidence)?;
    leads::append_changes(writer, lead_changes)?;
    leads::append_notes(writer, lead_notes)?;
    stages::append(writer, stage_moves)?;
    deliveries::insert(writer, deliveries)?;
    inbox::insert(writer, deliveries)?;
    plays::cancel(writer, cancelled)?;
    plays::upsert_runs(writer, play_runs)?;
    plays::insert_contacts(writer, contacts)?;
    plays::insert_suppressed(writer, suppressed)?;
    plays::insert_exposures(writer, exposures)?;
    identity::upsert(writer, identity_acts)?;
    standings::insert(writer, standings)?;
    Ok(Receipt { ledger: numbers, quarantined })
}
