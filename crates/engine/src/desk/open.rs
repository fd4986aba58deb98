//! A lead that is not closed, with what it rests on.

use std::collections::BTreeMap;

use firsthand_model::lead::{Lead, LeadChange, LeadStatus};
use firsthand_model::{Decimal, Text, Time};
use firsthand_rules::ledger::Change;
use firsthand_rules::timeline::Subject;
use firsthand_store::{Commit, LeadEvidence};

use super::{BY_ITSELF, Qualified, TrackRules};

#[derive(Clone, Debug)]
pub(super) struct Open {
    pub lead: Lead,
    evidence: BTreeMap<Key, LeadEvidence>,
    scores: BTreeMap<(Text, Subject), Decimal>,
    /// Whose it is by what was written down of it.
    owner_told: Option<Text>,
}

/// Names a qualification: definition, subject, entry.
type Key = (Text, Subject, Time);

impl Open {
    pub fn with(lead: Lead, evidence: Vec<LeadEvidence>) -> Self {
        let key = |it: &LeadEvidence| (it.definition.clone(), it.subject.clone(), it.entered);
        let evidence = evidence.into_iter().map(|it| (key(&it), it)).collect();
        let owner_told = lead.owner.clone();
        Self { lead, evidence, scores: BTreeMap::new(), owner_told }
    }

    /// What it rests on, or did.
    pub fn evidence(&self) -> impl Iterator<Item = &LeadEvidence> {
        self.evidence.values()
    }

    /// By which definitions and whose qualifications it rests on.
    pub fn rests_on(&self) -> Vec<(Text, Subject)> {
        let mut of: Vec<(Text, Subject)> = self
            .evidence
            .keys()
            .map(|(name, subject, _)| (name.clone(), subject.clone()))
            .collect();
        of.dedup();
        of
    }

    /// Takes in what became known of a qualification that it rests on, or may.
    pub fn take(&mut self, it: &Qualified, to: &mut Commit) {
        let id = |entered| (it.definition.clone(), it.subject.clone(), entered);
        match it.change {
            Change::Entered => self.add(it, to),
            Change::Left => {
                let mut before = self.evidence.range_mut(id(Time::MIN)..id(it.held_at));
                // What never was is not what is left.
                if let Some((_, newest)) = before.rfind(|(_, it)| it.retracted_at.is_none()) {
                    newest.left = Some(it.held_at);
                    to.evidence.push(newest.clone());
                }
            }
            Change::Revised { was, entry: true, .. } => {
                if let Some(old) = self.retract(&id(was), it.known_at, to) {
                    self.add(it, to);
                    if let Some(moved) = self.evidence.get_mut(&id(it.held_at)) {
                        moved.left = old.left;
                        to.evidence.push(moved.clone());
                    }
                }
            }
            Change::Revised { was, entry: false, reopened } => {
                let mut of = self.evidence.range_mut(id(Time::MIN)..=id(was));
                let left_then =
                    |it: &LeadEvidence| it.left == Some(was) && it.retracted_at.is_none();
                if let Some((_, exit)) = of.rfind(|(_, it)| left_then(it)) {
                    exit.left = (!reopened).then_some(it.held_at);
                    to.evidence.push(exit.clone());
                }
            }
            Change::Retracted => {
                if self.retract(&id(it.held_at), it.known_at, to).is_some() {
                    self.lost_ground(it.known_at, to);
                }
            }
        }
        self.lead.changed_at = self.lead.changed_at.max(it.known_at);
    }

    fn add(&mut self, it: &Qualified, to: &mut Commit) {
        let evidence = LeadEvidence {
            lead: self.lead.id.clone(),
            definition: it.definition.clone(),
            version: it.version.clone(),
            subject: it.subject.clone(),
            entered: it.held_at,
            left: None,
            known_at: it.known_at,
            retracted_at: None,
            evidence: it.evidence.clone(),
        };
        to.evidence.push(evidence.clone());
        let of = (it.definition.clone(), it.subject.clone());
        if let Some(score) = it.score {
            self.scores.insert(of, score);
            let greatest = self.scores.values().copied().max();
            self.lead.score = greatest.max(self.lead.score);
        }
        self.evidence.insert((it.definition.clone(), it.subject.clone(), it.held_at), evidence);
    }

    fn retract(&mut self, key: &Key, at: Time, to: &mut Commit) -> Option<LeadEvidence> {
        let gone = self.evidence.get_mut(key).filter(|it| it.retracted_at.is_none())?;
        gone.retracted_at = Some(at);
        to.evidence.push(gone.clone());
        Some(gone.clone())
    }

    /// Data has changed. A lead that rests on nothing any more goes, unless somebody works on it:
    /// then they are told.
    pub fn lost_ground(&mut self, at: Time, to: &mut Commit) {
        if self.evidence.values().any(|it| it.retracted_at.is_none()) {
            return;
        }
        let why = Some(Text::new_static("data_changed"));
        if self.lead.touched_at.is_none() {
            self.close(LeadStatus::Withdrawn, at, BY_ITSELF, why, None, to);
        } else {
            let status = self.lead.status;
            let note = "what it rested on has turned out not to have been so";
            self.log(status, at, BY_ITSELF, why, Some(note.into()), to);
        }
    }

    /// Changes the status.
    pub fn close(
        &mut self,
        status: LeadStatus,
        at: Time,
        by: Text,
        reason: Option<Text>,
        note: Option<Text>,
        to: &mut Commit,
    ) {
        self.log(status, at, by, reason.clone(), note, to);
        self.lead.status = status;
        self.lead.reason = reason;
        self.lead.snoozed_until = None;
        self.lead.closed_at = status.is_closed().then_some(at);
    }

    /// Writes down that something happened to it, with whose it is by now where that has changed.
    pub fn log(
        &mut self,
        status: LeadStatus,
        at: Time,
        by: Text,
        reason: Option<Text>,
        note: Option<Text>,
        to: &mut Commit,
    ) {
        self.lead.changed_at = self.lead.changed_at.max(at);
        let given = self.lead.owner != self.owner_told;
        self.owner_told.clone_from(&self.lead.owner);
        to.lead_changes.push(LeadChange {
            lead: self.lead.id.clone(),
            at,
            by,
            from: Some(self.lead.status),
            to: status,
            owner: self.lead.owner.clone().filter(|_| given),
            reason,
            note,
        });
    }

    /// When time alone next does something to it.
    pub fn wakes_at(&self, rules: &TrackRules) -> Option<Time> {
        match self.lead.status {
            LeadStatus::Snoozed => self.lead.snoozed_until,
            LeadStatus::Open => Some(self.lead.changed_at + rules.expires),
            _ => None,
        }
    }

    /// Does what time alone does at an instant.
    pub fn pass(&mut self, now: Time, to: &mut Commit) {
        match self.lead.status {
            LeadStatus::Snoozed => {
                let reason = Some(Text::new_static("snooze_over"));
                self.close(LeadStatus::Open, now, BY_ITSELF, reason, None, to);
            }
            LeadStatus::Open => {
                let reason = Some(Text::new_static("nobody_answered"));
                self.close(LeadStatus::Expired, now, BY_ITSELF, reason, None, to);
            }
            _ => {}
        }
    }
}
