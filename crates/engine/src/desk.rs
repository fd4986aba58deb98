//! The desk: one lead an account and track, opened and closed by what becomes known and by what
//! people decide.
//!
//! Everything here is a function of what it is told and when; what it decides goes into the
//! [`Commit`] that also holds what it was decided by (P5).

mod act;
mod open;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use firsthand_model::config::Track;
use firsthand_model::lead::{Lead, LeadChange, LeadId, LeadStatus};
use firsthand_model::{Decimal, Text, Time};
use firsthand_rules::ledger::Change;
use firsthand_rules::timeline::Subject;
use firsthand_store::{Commit, LeadEvidence};
use rustc_hash::FxHashMap;

pub use act::{Act, ActError};
pub use firsthand_model::config::{LeadRules, TrackRules};

use open::Open;

/// Who is named where no person decided.
pub const BY_ITSELF: Text = Text::new_static("firsthand");

/// What became known of a subject, as the desk looks at it.
#[derive(Clone, Debug)]
pub struct Qualified {
    /// The account whose lead it is.
    pub account: Text,
    /// The definition's track.
    pub track: Track,
    /// The definition.
    pub definition: Text,
    /// Its version.
    pub version: Text,
    /// Who.
    pub subject: Subject,
    /// What became known.
    pub change: Change,
    /// When it was so.
    pub held_at: Time,
    /// When it was known.
    pub known_at: Time,
    /// Whether the interval entered at `held_at` still holds.
    pub holds: bool,
    /// The value that orders leads, if the definition has one.
    pub score: Option<Decimal>,
    /// The evidence, as JSON.
    pub evidence: Option<String>,
}

/// All leads that are not closed, and who must not have another yet.
#[derive(Debug)]
pub struct Desk {
    rules: LeadRules,
    open: FxHashMap<(Text, Track), Open>,
    by_id: FxHashMap<LeadId, (Text, Track)>,
    /// The leads that rest on a subject's qualifications by a definition. A person may have come to
    /// another account since.
    resting: FxHashMap<(Text, Subject), BTreeSet<(Text, Track)>>,
    /// Until when no lead opens for an account and track that was rejected.
    cooling: FxHashMap<(Text, Track), Time>,
    /// What is to be looked at when.
    timers: BTreeSet<(Time, LeadId)>,
    /// Leads that have changed since this was last asked, each as it then was.
    changed: Vec<Lead>,
}

/// To whom a lead is given without anybody having decided it.
#[derive(Clone, Debug)]
pub(crate) struct Assigned {
    /// Who.
    pub owner: Text,
    /// By when they are to answer, where that begins anew.
    pub due_at: Option<Time>,
    /// Why, by a word.
    pub why: Text,
}

/// A lead before something was done with it.
#[derive(Debug)]
pub(crate) struct Before {
    key: Option<(Text, Track)>,
    /// `None` if it was closed.
    open: Option<Open>,
    /// Until when no other was to open.
    cooling: Option<Time>,
    /// How many changes nobody had asked for yet.
    changed: usize,
}

impl Before {
    /// The lead; `None` if it was closed.
    pub(crate) fn lead(&self) -> Option<&Lead> {
        self.open.as_ref().map(|it| &it.lead)
    }
}

impl Desk {
    /// Without any leads.
    pub fn new(rules: LeadRules) -> Self {
        Self {
            rules,
            open: FxHashMap::default(),
            by_id: FxHashMap::default(),
            resting: FxHashMap::default(),
            cooling: FxHashMap::default(),
            timers: BTreeSet::new(),
            changed: Vec::new(),
        }
    }

    /// The leads that are not closed, in no order.
    pub fn leads(&self) -> impl Iterator<Item = &Lead> {
        self.open.values().map(|it| &it.lead)
    }

    /// What a lead that is not closed rests on, or did.
    pub fn evidence_of(&self, id: &LeadId) -> impl Iterator<Item = &LeadEvidence> {
        let open = self.by_id.get(id).and_then(|key| self.open.get(key));
        open.into_iter().flat_map(Open::evidence)
    }

    /// The leads that have changed since this was last asked, each as it then was.
    pub(crate) fn take_changed(&mut self) -> Vec<Lead> {
        std::mem::take(&mut self.changed)
    }

    /// Gives a lead to somebody by the rules; that touches it not.
    pub(crate) fn assign(&mut self, id: &LeadId, it: Assigned, at: Time, to: &mut Commit) {
        let Some(key) = self.by_id.get(id).cloned() else { return };
        let Some(mut open) = self.lift(&key) else { return };
        open.lead.owner = Some(it.owner);
        open.log(open.lead.status, at, BY_ITSELF, Some(it.why), None, to);
        open.lead.due_at = it.due_at.or(open.lead.due_at);
        self.put_back(open, to);
    }

    /// Marks a lead as one of which nobody is told; that touches it not.
    pub(crate) fn hold_out(&mut self, id: &LeadId, to: &mut Commit) {
        let Some(key) = self.by_id.get(id).cloned() else { return };
        let Some(mut open) = self.lift(&key) else { return };
        open.lead.held_out = true;
        self.put_back(open, to);
    }

    /// Takes up a lead that is not closed, with what it rests on.
    pub fn take_up(&mut self, lead: Lead, evidence: Vec<LeadEvidence>) {
        self.put(Open::with(lead, evidence));
    }

    /// Remembers that a lead was rejected: no other opens until some time has passed.
    pub fn remember_rejected(&mut self, lead: &Lead) {
        if let (LeadStatus::Rejected, Some(at)) = (lead.status, lead.closed_at) {
            let until = at + self.rules.of(lead.track).cool_down;
            self.cooling.insert((lead.account.clone(), lead.track), until);
        }
    }

    /// Takes up a closed lead, to be opened again; false if another one stands in its place.
    pub fn take_back(&mut self, lead: Lead, evidence: Vec<LeadEvidence>) -> bool {
        let key = (lead.account.clone(), lead.track);
        let free = !self.open.contains_key(&key);
        if free {
            self.cooling.remove(&key);
            self.put(Open::with(lead, evidence));
        }
        free
    }

    /// Goes by other rules from now on. A cool-down that has begun ends when it was to.
    pub(crate) fn set_rules(&mut self, rules: LeadRules) {
        let before = std::mem::replace(self, Self::new(rules));
        self.cooling = before.cooling;
        self.changed = before.changed;
        before.open.into_values().for_each(|it| self.put(it));
    }

    /// A desk of the same rules, without any leads.
    pub(crate) fn emptied(&self) -> Self {
        Self::new(self.rules.clone())
    }

    /// Looks for leads of which nothing is known any more that they rest on: those that nobody has
    /// touched are withdrawn, people are told of the others.
    pub(crate) fn drop_unfounded(&mut self, at: Time, to: &mut Commit) {
        let unfounded = self.open.iter().filter(|(_, it)| it.rests_on().is_empty());
        let unfounded: Vec<(Text, Track)> = unfounded.map(|(key, _)| key.clone()).collect();
        for key in unfounded {
            if let Some(mut open) = self.lift(&key) {
                open.lost_ground(at, to);
                self.put_back(open, to);
            }
        }
    }

    /// A lead as it is, to be put back by [`Desk::put_as_it_was`] if what is done with it fails;
    /// one that is closed as it is written down.
    pub(crate) fn before(&self, id: &LeadId, closed: Option<&Lead>) -> Before {
        let of_closed = || closed.map(|it| (it.account.clone(), it.track));
        let key = self.by_id.get(id).cloned().or_else(of_closed);
        let open = key.as_ref().and_then(|key| self.open.get(key).cloned());
        let cooling = key.as_ref().and_then(|key| self.cooling.get(key).copied());
        Before { key, open, cooling, changed: self.changed.len() }
    }

    /// Takes back all that was done with a lead.
    pub(crate) fn put_as_it_was(&mut self, before: Before) {
        let Before { key: Some(key), open, cooling, changed } = before else { return };
        self.lift(&key);
        self.changed.truncate(changed);
        match cooling {
            Some(until) => _ = self.cooling.insert(key, until),
            None => _ = self.cooling.remove(&key),
        }
        if let Some(open) = open {
            self.put(open);
        }
    }

    /// Whether a lead that is not closed rests on an open interval, whichever account's it is.
    pub(crate) fn rests_on(&self, definition: &Text, subject: &Subject, entered: Time) -> bool {
        let leads = self.resting.get(&(definition.clone(), subject.clone()));
        let mut evidence = leads.into_iter().flatten().flat_map(|key| self.open[key].evidence());
        evidence.any(|it| {
            (&it.definition, &it.subject, it.entered) == (definition, subject, entered)
                && it.retracted_at.is_none()
                && it.left.is_none()
        })
    }

    /// Whether an account has a lead on a track that is not closed.
    pub(crate) fn has(&self, account: &Text, track: Track) -> bool {
        self.open.contains_key(&(account.clone(), track))
    }

    /// When the first of an account's leads that are not closed has opened.
    pub(crate) fn since(&self, account: &Text) -> Option<Time> {
        let of = |track| self.open.get(&(account.clone(), track)).map(|it| it.lead.opened_at);
        [Track::Product, Track::Marketing, Track::Expansion].into_iter().filter_map(of).min()
    }

    /// How many leads are not closed.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether all leads are closed.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Takes in what became known. `closed` is what closed leads rest on or did, by the same version
    /// and subject: what has led to a lead that somebody decided on never opens another (P5).
    pub fn take(&mut self, it: &Qualified, closed: &[LeadEvidence], to: &mut Commit) {
        if it.track == Track::None || correct_closed(it, closed, to) {
            return;
        }
        if it.change != Change::Entered {
            let resting = self.resting.get(&(it.definition.clone(), it.subject.clone()));
            for key in resting.cloned().into_iter().flatten() {
                if let Some(mut open) = self.lift(&key) {
                    open.take(it, to);
                    self.put_back(open, to);
                }
            }
            return;
        }
        let key = (it.account.clone(), it.track);
        if let Some(mut open) = self.lift(&key) {
            open.take(it, to);
            self.put_back(open, to);
        } else if it.holds && !self.is_cooling(&key, it.known_at) {
            self.open_lead(it, to);
        }
    }

    /// An account did what counts as success: what was tried has come true.
    pub fn succeeded(&mut self, account: &Text, outcome: &Text, at: Time, to: &mut Commit) {
        for track in [Track::Product, Track::Marketing, Track::Expansion] {
            if let Some(mut open) = self.lift(&(account.clone(), track)) {
                open.close(LeadStatus::Won, at, BY_ITSELF, Some(outcome.clone()), None, to);
                self.put_back(open, to);
            }
        }
    }

    /// Lets time pass: snoozed leads come back, untouched ones expire.
    pub fn pass(&mut self, now: Time, to: &mut Commit) {
        while self.timers.first().is_some_and(|(due, _)| *due <= now)
            && let Some((due, id)) = self.timers.pop_first()
        {
            let Some(key) = self.by_id.get(&id).cloned() else { continue };
            let Some(mut open) = self.lift(&key) else { continue };
            open.pass(due, to);
            self.put_back(open, to);
        }
    }

    /// The instant at which [`Self::pass`] next does something.
    pub fn next(&self) -> Time {
        self.timers.first().map_or(Time::MAX, |(at, _)| *at)
    }

    fn is_cooling(&mut self, key: &(Text, Track), now: Time) -> bool {
        match self.cooling.get(key) {
            Some(until) if *until > now => true,
            Some(_) => {
                self.cooling.remove(key);
                false
            }
            None => false,
        }
    }

    fn open_lead(&mut self, it: &Qualified, to: &mut Commit) {
        let salt = blake3::hash(format!("{}\n{}", it.account, it.track.word()).as_bytes());
        let salt = u64::from_le_bytes(salt.as_bytes()[..8].try_into().expect("eight bytes"));
        let lead = Lead {
            id: LeadId::mint(it.known_at, salt),
            account: it.account.clone(),
            track: it.track,
            status: LeadStatus::Open,
            opened_at: it.held_at,
            known_at: it.known_at,
            score: None,
            owner: None,
            snoozed_until: None,
            due_at: Some(self.rules.due(it.track, it.known_at)),
            touched_at: None,
            changed_at: it.known_at,
            closed_at: None,
            reason: None,
            merged_into: None,
            held_out: false,
        };
        to.lead_changes.push(LeadChange {
            lead: lead.id.clone(),
            at: it.known_at,
            by: BY_ITSELF,
            from: None,
            to: LeadStatus::Open,
            owner: None,
            reason: Some(it.definition.clone()),
            note: None,
        });
        let mut open = Open::with(lead, Vec::new());
        open.take(it, to);
        self.put_back(open, to);
    }

    /// Takes a lead out to change it.
    fn lift(&mut self, key: &(Text, Track)) -> Option<Open> {
        let open = self.open.remove(key)?;
        self.by_id.remove(&open.lead.id);
        for of in open.rests_on() {
            if let Some(leads) = self.resting.get_mut(&of) {
                leads.remove(key);
            }
        }
        if let Some(at) = open.wakes_at(self.rules.of(key.1)) {
            self.timers.remove(&(at, open.lead.id.clone()));
        }
        Some(open)
    }

    fn put(&mut self, open: Open) {
        let key = (open.lead.account.clone(), open.lead.track);
        if let Some(at) = open.wakes_at(self.rules.of(key.1)) {
            self.timers.insert((at, open.lead.id.clone()));
        }
        self.by_id.insert(open.lead.id.clone(), key.clone());
        for of in open.rests_on() {
            self.resting.entry(of).or_default().insert(key.clone());
        }
        self.open.insert(key, open);
    }

    /// Writes a changed lead down; it stays on the desk unless it is closed.
    fn put_back(&mut self, open: Open, to: &mut Commit) {
        // Of several changes within one commit the last counts.
        to.leads.retain(|it| it.id != open.lead.id);
        to.leads.push(open.lead.clone());
        self.changed.push(open.lead.clone());
        if open.lead.status.is_closed() {
            self.remember_rejected(&open.lead);
        } else {
            self.put(open);
        }
    }
}

/// Corrects what closed leads rest on; whether the entry belongs to one of them.
fn correct_closed(it: &Qualified, closed: &[LeadEvidence], to: &mut Commit) -> bool {
    let of = |entered| closed.iter().find(move |of| of.entered == entered);
    match it.change {
        Change::Entered => {
            let Some(known) = of(it.held_at) else { return false };
            if known.retracted_at.is_some() {
                let stands = LeadEvidence { left: None, retracted_at: None, ..known.clone() };
                to.evidence.push(stands);
            }
            return true;
        }
        Change::Retracted => {
            if let Some(known) = of(it.held_at) {
                to.evidence.push(LeadEvidence { retracted_at: Some(it.known_at), ..known.clone() });
            }
        }
        Change::Revised { was, entry: true, .. } => {
            if let Some(known) = of(was).filter(|it| it.retracted_at.is_none()) {
                to.evidence.push(LeadEvidence { retracted_at: Some(it.known_at), ..known.clone() });
                to.evidence.push(LeadEvidence { entered: it.held_at, ..known.clone() });
            }
        }
        Change::Left | Change::Revised { entry: false, .. } => {}
    }
    false
}
