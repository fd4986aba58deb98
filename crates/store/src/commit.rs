//! What one step of the engine leaves behind, in one transaction.

use std::ops::RangeInclusive;

use firsthand_model::Text;
use firsthand_model::lead::{Lead, LeadChange, LeadNote};
use firsthand_model::play::{Contact, Exposure, PlayRun, Suppressed};
use firsthand_model::stage::StageMove;

use crate::{
    Chunk, Delivery, IdentityAct, LeadEvidence, LedgerLine, Published, Quarantined, SourceTally,
    TakenStanding,
};

/// A chunk of the log and what was decided since the last one: all of it, or nothing (P4, P5).
///
/// Rows are written in the order of the fields, and of a field in the order given, but for leads:
/// those that are closed go first, so that one may be closed and the next opened in one commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// The next facts of the log.
    pub chunk: Option<Chunk>,
    /// Facts up to and with this offset have been decided; `None` leaves it as it is.
    pub applied: Option<u64>,
    /// What was refused.
    pub quarantined: Vec<Quarantined>,
    /// What was counted by source; added to what is there.
    pub tallies: Vec<SourceTally>,
    /// Versions of definitions, each as it now is.
    pub definitions: Vec<Published>,
    /// What became known; also folded into the qualifications.
    pub ledger: Vec<LedgerLine>,
    /// Leads, each as it now is.
    pub leads: Vec<Lead>,
    /// What leads rest on, each as it now is.
    pub evidence: Vec<LeadEvidence>,
    /// What happened to leads.
    pub lead_changes: Vec<LeadChange>,
    /// What people wrote down about leads.
    pub lead_notes: Vec<LeadNote>,
    /// Accounts that came to another stage.
    pub stage_moves: Vec<StageMove>,
    /// Messages to be sent. One whose id is known already is not sent again.
    pub deliveries: Vec<Delivery>,
    /// Messages that are called back, by their ids; those inside the product also once shown.
    pub cancelled: Vec<Text>,
    /// How far plays have come, each as it now is.
    pub play_runs: Vec<PlayRun>,
    /// Messages that were decided on, for the contact budget.
    pub contacts: Vec<Contact>,
    /// Messages that were not sent.
    pub suppressed: Vec<Suppressed>,
    /// Accounts that were assigned to an arm. The first of an account and play holds.
    pub exposures: Vec<Exposure>,
    /// What people did about who is who, each as it now is.
    pub identity_acts: Vec<IdentityAct>,
    /// Standings that were taken. The first of a population and midnight holds.
    pub standings: Vec<TakenStanding>,
}

impl Commit {
    /// One commit for two: what `later` says comes after.
    #[must_use]
    pub fn then(mut self, later: Self) -> Self {
        let Self {
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
        } = later;
        self.chunk = chunk.or(self.chunk);
        self.applied = applied.or(self.applied);
        self.quarantined.extend(quarantined);
        self.tallies.extend(tallies);
        self.definitions.extend(definitions);
        self.ledger.extend(ledger);
        // Closed leads are written first, so that no lead may come twice.
        self.leads.retain(|old| leads.iter().all(|new| new.id != old.id));
        self.leads.extend(leads);
        self.evidence.extend(evidence);
        self.lead_changes.extend(lead_changes);
        self.lead_notes.extend(lead_notes);
        self.stage_moves.extend(stage_moves);
        self.deliveries.extend(deliveries);
        self.cancelled.extend(cancelled);
        self.play_runs.extend(play_runs);
        self.contacts.extend(contacts);
        self.suppressed.extend(suppressed);
        self.exposures.extend(exposures);
        self.identity_acts.extend(identity_acts);
        self.standings.extend(standings);
        self
    }
}

/// What the database made of a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The numbers of the ledger's new lines, if there are some; in their order, without gaps.
    pub ledger: Option<RangeInclusive<u64>>,
    /// The numbers of what was refused, in its order.
    pub quarantined: Vec<u64>,
}
