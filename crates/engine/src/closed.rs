//! What leads that somebody decided on rest on, or did.

use std::collections::BTreeMap;

use firsthand_model::config::Track;
use firsthand_model::lead::{LeadId, LeadStatus};
use firsthand_model::{Text, Time};
use firsthand_rules::ledger::Change;
use firsthand_rules::timeline::Subject;
use firsthand_store::{LeadEvidence, Store};
use rustc_hash::FxHashMap;

use crate::desk::Qualified;
use crate::engine::Engine;
use crate::error::Result;

/// Evidence that is decided and not in the store yet, by what it is of: looked through once for all
/// that is decided together, however much that is.
#[derive(Default)]
pub(crate) struct Unwritten {
    of: FxHashMap<(Text, Text, Subject), Vec<LeadEvidence>>,
    /// How much has been looked through of what is pending; nothing, if nothing has been yet.
    pending: Option<usize>,
}

impl Unwritten {
    fn add(&mut self, evidence: &[LeadEvidence]) {
        for it in evidence {
            let of = (it.definition.clone(), it.version.clone(), it.subject.clone());
            self.of.entry(of).or_default().push(it.clone());
        }
    }

    fn of(&self, it: &Qualified) -> &[LeadEvidence] {
        let of = (it.definition.clone(), it.version.clone(), it.subject.clone());
        self.of.get(&of).map_or(&[], Vec::as_slice)
    }
}

impl<S: Store> Engine<S> {
    /// What leads that were decided on rest on or did, by the definition and subject of a
    /// qualification; written down or about to be. A lead that was withdrawn nobody decided on.
    pub(crate) fn closed_evidence(
        &self,
        it: &Qualified,
        unwritten: &mut Unwritten,
    ) -> Result<Vec<LeadEvidence>> {
        if it.track == Track::None
            || matches!(it.change, Change::Left | Change::Revised { entry: false, .. })
        {
            return Ok(Vec::new());
        }
        self.look_through(unwritten);
        let written = self.store.evidence_of(&it.definition, &it.version, &it.subject)?;
        let mut of: BTreeMap<(LeadId, Time), (Option<LeadStatus>, LeadEvidence)> = written
            .into_iter()
            .map(|(status, of)| ((of.lead.clone(), of.entered), (Some(status), of)))
            .collect();
        for new in unwritten.of(it) {
            let place = of.entry((new.lead.clone(), new.entered));
            place.or_insert_with(|| (None, new.clone())).1 = new.clone();
        }
        let decided = |status: LeadStatus| status.is_closed() && status != LeadStatus::Withdrawn;
        of.retain(|(lead, _), (written, _)| {
            let mut unwritten = self.unwritten().flat_map(|it| &it.leads);
            unwritten
                .rfind(|it| it.id == *lead)
                .map(|it| it.status)
                .or(*written)
                .is_some_and(decided)
        });
        Ok(of.into_values().map(|(_, it)| it).collect())
    }

    /// Looks through what has been decided since the last time. Meanwhile it may only grow.
    fn look_through(&self, unwritten: &mut Unwritten) {
        if unwritten.pending.is_none()
            && let Some(writing) = &self.writing
        {
            unwritten.add(&writing.commit.evidence);
        }
        let seen = unwritten.pending.unwrap_or_default();
        unwritten.add(&self.pending.evidence[seen..]);
        unwritten.pending = Some(self.pending.evidence.len());
    }
}
