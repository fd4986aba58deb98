//! Plays in the engine: the planner is told of leads, reactions and time, and what it decides goes
//! into the commit that also holds what it was decided by (P5).

mod people;
mod picture;
mod readings;

use std::collections::BTreeMap;

use firsthand_model::config::Track;
use firsthand_model::fact::{Body, Kind};
use firsthand_model::lead::{Lead, LeadId, LeadStatus};
use firsthand_model::play::Reaction;
use firsthand_model::{Fact, Scalar, Text, Time};
use firsthand_plays::{Decisions, PersonView, Picture, Planned, Planner, Preview, Sampled, World};
use firsthand_rules::judge::Record;
use firsthand_rules::timeline::Subject;
use firsthand_store::{Delivery, DeliveryState, PAGE_ROWS_MAX, PageRequest, PlayFilter, Store};

use crate::desk::{Assigned, Desk};
use crate::engine::Engine;
use crate::error::Result;
use crate::live::Live;

pub(crate) use readings::Readings;
pub use readings::{Read, ReadJob};

/// The property of a reaction that names the message.
const DELIVERY: &str = "delivery";

/// What a planner may ask, answered from the engine's memory and the history.
pub(crate) struct Seen<'e, S> {
    pub live: &'e Live,
    pub desk: &'e Desk,
    pub store: &'e S,
    pub readings: &'e Readings,
    pub now: Time,
}

impl<S: Store> World for Seen<'_, S> {
    fn holds(&self, definition: &str, account: &str) -> bool {
        holds(self.live, definition, Kind::Account, account)
    }

    fn holds_for_person(&self, definition: &str, person: &str) -> bool {
        holds(self.live, definition, Kind::Person, person)
    }

    fn rests_on(&self, lead: &Lead) -> Vec<(Text, bool)> {
        let evidence = self.desk.evidence_of(&lead.id);
        let standing = evidence.filter(|it| it.retracted_at.is_none());
        let of: BTreeMap<Text, bool> = standing.fold(BTreeMap::new(), |mut of, it| {
            *of.entry(it.definition.clone()).or_default() |= it.left.is_none();
            of
        });
        of.into_iter().collect()
    }

    fn converted(&self, account: &str, since: Time) -> bool {
        let since = |record: &Record| record.outcomes.iter().flatten().any(|it| it.time >= since);
        let Some(customer) = self.live.customer(account) else { return false };
        let person = |id: &Text| {
            let person = self.live.person(id).filter(|it| it.accounts().contains(account));
            person.is_some_and(|it| since(it.stream().record()))
        };
        since(customer.stream().record()) || customer.people().iter().any(person)
    }

    fn traits(&self, account: &str) -> Option<BTreeMap<Text, Scalar>> {
        self.live.customer(account).map(|it| picture::traits_of(it.traits()))
    }

    fn size(&self, account: &str) -> u32 {
        let people = self.live.customer(account).map_or(0, |it| it.people().len());
        u32::try_from(people).unwrap_or(u32::MAX)
    }

    fn picture(&self, lead: &Lead) -> Option<Picture> {
        picture::of(self, lead)
    }

    fn people(&self, account: &str) -> Option<Vec<PersonView>> {
        self.readings.people(self.live, account, self.now)
    }
}

/// Whether a definition holds for somebody now.
pub(crate) fn holds(live: &Live, definition: &str, kind: Kind, id: &str) -> bool {
    let definitions = &live.rules().program.root(kind).definitions;
    let place = definitions.iter().position(|it| it.name == definition);
    let subject = Subject { kind, id: id.into() };
    place.zip(live.subject(&subject)).is_some_and(|(place, state)| {
        state.record().held[place].last().is_some_and(|(_, left)| left.is_none())
    })
}

impl<S: Store> Engine<S> {
    /// What plays have under way.
    pub fn planner(&self) -> &Planner {
        &self.planner
    }

    /// The newest lead of an account that is not closed, on a track if one is named; else a lead as
    /// it would open now. `None` where the account is not known.
    pub fn lead_or_as_if(&self, account: &str, track: Option<Track>, now: Time) -> Option<Lead> {
        let fits = |it: &&Lead| it.account == account && track.is_none_or(|of| of == it.track);
        if let Some(lead) = self.desk.leads().filter(fits).max_by(|a, b| a.id.cmp(&b.id)) {
            return Some(lead.clone());
        }
        self.live.customer(account)?;
        Some(Lead {
            id: LeadId::mint(now, 0),
            account: account.into(),
            track: track.unwrap_or(Track::Product),
            status: LeadStatus::Open,
            opened_at: now,
            known_at: now,
            score: None,
            owner: None,
            snoozed_until: None,
            due_at: None,
            touched_at: None,
            changed_at: now,
            closed_at: None,
            reason: None,
            merged_into: None,
            held_out: false,
        })
    }

    /// What each step of a play would do for a lead as it is now; `None` where the play or the
    /// account is not known, or its history cannot be read.
    pub fn preview(&mut self, play: &str, lead: &Lead, now: Time) -> Option<Vec<Preview>> {
        let now = now.max(self.now);
        let Self { live, desk, store, planner, readings, .. } = self;
        let world = Seen { live, desk, store: store.as_ref(), readings, now };
        planner.preview(play, lead, &world, now)
    }

    /// How each message of a play reads, for an account that nobody has; `None` where the play is
    /// not known.
    pub fn samples(&self, play: &str, now: Time) -> Option<Vec<Sampled>> {
        self.planner.samples(play, now.max(self.now))
    }

    /// Takes up what plays had under way, from what was written down.
    pub(crate) fn take_up_plays(&mut self) -> Result<()> {
        self.planner = self.knowing(self.desk.leads());
        self.read_plays()
    }

    /// Has the planner forget what it decided about a lead, which is as it was before; `None` if it
    /// was closed. What the store cannot tell now, it is asked again later.
    pub(crate) fn plan_anew(&mut self, id: &LeadId, before: Option<&Lead>) {
        let others = self.planner.leads().filter(|it| it.id != *id);
        self.planner = self.knowing(others.chain(before));
        self.planner_is_bare = true;
        self.planner_is_whole();
    }

    /// A planner that knows leads and nothing else.
    fn knowing<'l>(&self, leads: impl Iterator<Item = &'l Lead>) -> Planner {
        let mut planner = Planner::new(self.live.rules().project.clone());
        leads.for_each(|it| planner.remember_lead(it));
        planner
    }

    /// Whether the planner knows all; what it lacks is read, if it can be.
    fn planner_is_whole(&mut self) -> bool {
        !self.planner_is_bare || self.read_plays().is_ok()
    }

    /// Has a planner that knows the leads learn what else is written down, or about to be.
    fn read_plays(&mut self) -> Result<()> {
        let mut planner = self.knowing(self.planner.leads());
        let any = PlayFilter::default();
        let mut page = PageRequest::first(PAGE_ROWS_MAX);
        let mut exposures = Vec::new();
        loop {
            let found = self.store.exposures(&any, None, &page)?;
            exposures.extend(found.rows);
            let Some(next) = found.next else { break };
            page = PageRequest::after(next, PAGE_ROWS_MAX);
        }
        // They come newest first, and the first assignment holds.
        exposures.reverse();
        // What was decided and is not yet written down goes over what is.
        exposures.extend(self.unwritten().flat_map(|it| &it.exposures).cloned());
        for it in &exposures {
            planner.remember_exposure(it);
        }
        let mut page = PageRequest::first(PAGE_ROWS_MAX);
        loop {
            let found = self.store.play_runs(&any, None, &page)?;
            found.rows.into_iter().for_each(|it| planner.remember_run(it));
            let Some(next) = found.next else { break };
            page = PageRequest::after(next, PAGE_ROWS_MAX);
        }
        let runs = self.unwritten().flat_map(|it| &it.play_runs);
        runs.for_each(|it| planner.remember_run(it.clone()));
        let from = planner.memory_from(self.now);
        let mut page = PageRequest::first(PAGE_ROWS_MAX);
        loop {
            let found = self.store.contacts_since(from, &page)?;
            found.rows.iter().for_each(|it| planner.remember_contact(it));
            let Some(next) = found.next else { break };
            page = PageRequest::after(next, PAGE_ROWS_MAX);
        }
        let contacts = self.unwritten().flat_map(|it| &it.contacts);
        contacts.for_each(|it| planner.remember_contact(it));
        // Times of what waits for an answer depend on what was sent.
        for lead in self.planner.leads() {
            planner.remember_lead(lead);
        }
        self.planner = planner;
        self.planner_is_bare = false;
        Ok(())
    }

    /// Tells the planner of the leads that have changed, and then of the stages.
    pub(crate) fn plan(&mut self, now: Time) {
        if !self.planner_is_whole() {
            return;
        }
        loop {
            let changed = self.desk.take_changed();
            if changed.is_empty() {
                break;
            }
            let mut decided = Decisions::default();
            let Self { live, desk, store, planner, readings, .. } = self;
            let world = Seen { live, desk, store: store.as_ref(), readings, now };
            for lead in &changed {
                planner.lead(lead, &world, now, &mut decided);
            }
            self.put_decisions(decided);
        }
        let moves = std::mem::take(&mut self.untold_moves);
        if !moves.is_empty() {
            let mut decided = Decisions::default();
            let Self { live, desk, store, planner, readings, .. } = self;
            let world = Seen { live, desk, store: store.as_ref(), readings, now };
            for it in &moves {
                planner.stage(it, &world, now, &mut decided);
            }
            self.put_decisions(decided);
        }
    }

    /// Lets time pass for plays.
    pub(crate) fn pass_plays(&mut self, now: Time) {
        if !self.planner_is_whole() || self.planner.next() > now {
            return;
        }
        let mut decided = Decisions::default();
        let Self { live, desk, store, planner, readings, .. } = self;
        let world = Seen { live, desk, store: store.as_ref(), readings, now };
        planner.pass(now, &world, &mut decided);
        self.put_decisions(decided);
        self.plan(now);
    }

    /// Tells the planner what people did with messages.
    pub(crate) fn react(&mut self, facts: &[Fact]) {
        let mut decided = Decisions::default();
        for fact in facts {
            let (Body::Record { name, properties } | Body::Event { name, properties }) = &fact.body
            else {
                continue;
            };
            let Some(reaction) = Reaction::from_word(name) else { continue };
            let properties: BTreeMap<String, serde_json::Value> =
                serde_json::from_str(properties.as_str()).unwrap_or_default();
            if let Some(serde_json::Value::String(delivery)) = properties.get(DELIVERY) {
                self.planner.reaction(delivery, reaction, fact.time, &mut decided);
            }
        }
        self.put_decisions(decided);
    }

    /// Puts what was decided into the next commit.
    fn put_decisions(&mut self, decided: Decisions) {
        let Decisions {
            runs,
            deliveries,
            cancelled,
            suppressed,
            contacts,
            exposures,
            assignments,
            held_out,
        } = decided;
        for it in held_out {
            self.desk.hold_out(&it, &mut self.pending);
        }
        for it in assignments {
            let assigned = Assigned { owner: it.owner, due_at: it.due_at, why: it.why };
            self.desk.assign(&it.lead, assigned, it.at, &mut self.pending);
        }
        let to = &mut self.pending;
        to.play_runs.extend(runs);
        to.deliveries.extend(deliveries.iter().filter_map(delivery));
        to.cancelled.extend(cancelled);
        to.suppressed.extend(suppressed);
        to.contacts.extend(contacts);
        to.exposures.extend(exposures);
    }
}

/// A message as the store keeps it until it is sent.
fn delivery(it: &Planned) -> Option<Delivery> {
    Some(Delivery {
        id: it.id.clone(),
        lead: it.lead.clone(),
        account: Some(it.account.clone()),
        channel: it.channel.clone(),
        queued_at: it.at,
        due_at: it.at,
        payload: serde_json::to_vec(&it.outgoing).ok()?,
        state: DeliveryState::Pending,
        attempts: 0,
        error: None,
    })
}
