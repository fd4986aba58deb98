//! What the CRM is told of the people of a lead.
//!
//! They are seen a little later than the lead changes, so what is owed is remembered until then. A
//! start finds it again: whatever lead has changed since the CRM was last told of its people, of that
//! it is told once more, and only what differs is written there.

use std::sync::Arc;

use firsthand_model::Text;
use firsthand_model::Time;
use firsthand_model::config::{Channel, ChannelKind, HubSpotChannel};
use firsthand_model::lead::{Lead, LeadId};
use firsthand_model::message::Outgoing;
use firsthand_model::play::Contact;

use super::steps::LOOK_AGAIN;
use super::{Planner, Timer};
use crate::decisions::{Decisions, message_id};
use crate::render::{Telling, crm_people};
use crate::world::World;

/// That the CRM is to be told of the people of a lead.
#[derive(Clone, Debug)]
pub(super) struct Owed {
    /// The lead, which may be closed by then.
    lead: Lead,
    since: Time,
    /// When it is tried next.
    at: Time,
}

/// The channel as one that is told of people; `None` where it is none.
fn tells(channel: &Channel) -> Option<&HubSpotChannel> {
    let ChannelKind::HubSpot(hubspot) = &channel.kind else { return None };
    let contacts = hubspot.contacts.as_ref().filter(|_| channel.enabled)?;
    (!contacts.properties.is_empty()).then_some(hubspot)
}

impl Planner {
    /// Has the CRM told of the people of a lead as soon as they can be seen.
    pub(super) fn owe_people(&mut self, lead: &Lead) {
        self.owe(lead, self.now, self.now);
    }

    /// The same for a lead that was written down, if it has changed since the CRM was told.
    pub(super) fn recall_people(&mut self, lead: &Lead) {
        if self.people_told.get(&lead.id).is_none_or(|at| *at < lead.changed_at) {
            self.owe(lead, lead.changed_at, lead.changed_at);
        } else {
            self.settle(&lead.id);
        }
    }

    /// The people of an account can be seen: what is owed is told.
    pub(super) fn tell_people_now(&mut self, account: &str) {
        let of_account = self.owed.values().filter(|it| it.lead.account == account);
        let owed: Vec<Owed> = of_account.cloned().collect();
        for it in owed {
            self.owe(&it.lead, it.since, self.now);
        }
    }

    fn owe(&mut self, lead: &Lead, since: Time, at: Time) {
        if self.project.channels.values().any(|it| tells(it).is_some()) {
            self.settle(&lead.id);
            self.owed.insert(lead.id.clone(), Owed { lead: lead.clone(), since, at });
            self.timers.insert((at, Timer::People(lead.id.clone())));
        }
    }

    fn settle(&mut self, id: &LeadId) -> Option<Owed> {
        let owed = self.owed.remove(id)?;
        self.timers.remove(&(owed.at, Timer::People(id.clone())));
        Some(owed)
    }

    /// Tells the CRM of the people of a lead, or looks again later.
    pub(super) fn tell_people(&mut self, id: &LeadId, world: &dyn World, to: &mut Decisions) {
        let Some(Owed { lead, since, .. }) = self.settle(id) else { return };
        let lead = self.leads.get(id).cloned().unwrap_or(lead);
        // Of what was told so long ago nothing is remembered: not at every start once more.
        if since < self.memory_from(self.now) || self.is_held_out(&lead.account, lead.track) {
            return;
        }
        let Some(picture) = world.whole_picture(&lead) else {
            let in_time = self.now < since + self.project.contact.patience;
            if self.may_be_seen(&lead.account) || in_time {
                self.owe(&lead, since, self.now + LOOK_AGAIN);
            }
            return;
        };
        let project = Arc::clone(&self.project);
        let telling = Telling { project: &project, lead: &lead, picture: &picture, person: None };
        let at = self.now.micros().to_string();
        for channel in project.channels.values() {
            let Some(hubspot) = tells(channel) else { continue };
            let id = message_id(&lead.id, &[&channel.name, "people", &at]);
            // Where nobody can be found there, it is not tried again either.
            self.note_people_told(id.clone(), &lead, &channel.name, to);
            let people = crm_people(telling, hubspot).map(Outgoing::CrmPeople);
            self.plan(id, &lead, channel, people, to);
        }
    }

    fn note_people_told(&mut self, id: Text, lead: &Lead, channel: &Text, to: &mut Decisions) {
        let contact = Contact {
            delivery: id,
            lead: lead.id.clone(),
            play: None,
            account: lead.account.clone(),
            receiver: None,
            receiver_name: None,
            of_team: true,
            channel: channel.clone(),
            at: self.now,
        };
        self.note_contact(&contact);
        to.contacts.push(contact);
    }
}
