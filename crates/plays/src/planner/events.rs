//! What other systems are told: webhooks of what happens to leads, and the CRM of how they stand.

use std::sync::Arc;

use firsthand_model::config::{Channel, ChannelKind, HubSpotChannel, Play, Track};
use firsthand_model::lead::{Lead, LeadId, LeadStatus};
use firsthand_model::message::{Outgoing, WebhookCall};
use firsthand_model::play::{Contact, PlayRun};
use firsthand_model::stage::StageMove;
use firsthand_model::{Json, Scalar, Text, Time};
use serde_json::json;

use super::Planner;
use super::steps::Done;
use crate::decisions::{Decisions, Planned, id_of, message_id};
use crate::owners::email_of;
use crate::render::{Telling, crm_task, crm_write};
use crate::world::{Picture, World};

/// What webhooks are told when an account comes to another stage.
const STAGE_CHANGED: &str = "stage.changed";
/// Most reasons that a webhook is told.
const REASONS_MAX: usize = 20;

impl Planner {
    /// Tells of a change of a lead that is not closed.
    pub(super) fn tell_systems(
        &mut self,
        before: Option<&Lead>,
        id: &LeadId,
        world: &dyn World,
        to: &mut Decisions,
    ) {
        if let Some(lead) = self.leads.get(id).cloned() {
            self.tell_systems_of(before, &lead, world, to);
        }
    }

    /// Tells that a lead has another owner.
    pub(super) fn tell_assigned(&mut self, id: &LeadId, world: &dyn World, to: &mut Decisions) {
        if let Some(lead) = self.leads.get(id).cloned() {
            let before = Lead { owner: None, ..lead.clone() };
            self.tell_systems_of(Some(&before), &lead, world, to);
        }
    }

    /// Tells of a change of a lead.
    pub(super) fn tell_systems_of(
        &mut self,
        before: Option<&Lead>,
        lead: &Lead,
        world: &dyn World,
        to: &mut Decisions,
    ) {
        let project = Arc::clone(&self.project);
        let events = events(before, lead);
        let hears = |it: &&Channel| match &it.kind {
            ChannelKind::Webhook(hook) => events.iter().any(|event| hook.hears(event)),
            ChannelKind::HubSpot(_) => {
                !events.is_empty() || before.is_none_or(|it| it.score != lead.score)
            }
            _ => false,
        };
        let channels: Vec<&Channel> =
            project.channels.values().filter(|it| it.enabled).filter(hears).collect();
        if channels.is_empty() {
            return;
        }
        self.owe_people(lead);
        let picture = world.picture(lead).unwrap_or_default();
        for channel in channels {
            match &channel.kind {
                ChannelKind::Webhook(hook) => {
                    for event in events.iter().filter(|it| hook.hears(it)) {
                        let at = self.now.micros().to_string();
                        let id = message_id(&lead.id, &[&channel.name, event, &at]);
                        let call = self.call(event, lead, &picture, None);
                        self.plan(id, lead, channel, call, to);
                    }
                }
                ChannelKind::HubSpot(hubspot) => {
                    let telling =
                        Telling { project: &project, lead, picture: &picture, person: None };
                    let at = self.now.micros().to_string();
                    let id = message_id(&lead.id, &[&channel.name, "write", &at]);
                    let write = Outgoing::Crm(crm_write(telling, hubspot));
                    self.plan(id, lead, channel, Some(write), to);
                }
                _ => {}
            }
        }
    }

    /// An account has come to another stage. Nobody is told of one that is held out on any track:
    /// where it stands would tell that it has qualified.
    pub fn stage(&mut self, it: &StageMove, world: &dyn World, now: Time, to: &mut Decisions) {
        self.set_now(now);
        let tracks = [Track::Product, Track::Marketing, Track::Expansion];
        if tracks.into_iter().any(|track| self.is_held_out(&it.account, track)) {
            return;
        }
        let project = Arc::clone(&self.project);
        let hears = |channel: &&Channel| match &channel.kind {
            ChannelKind::Webhook(hook) => channel.enabled && hook.hears(STAGE_CHANGED),
            _ => false,
        };
        for channel in project.channels.values().filter(hears) {
            let (held_at, known_at) =
                (it.held_at.micros().to_string(), it.known_at.micros().to_string());
            let parts = [&*it.account, STAGE_CHANGED, &*channel.name, &*it.to, &held_at, &known_at];
            let name = world.traits(&it.account).and_then(|it| it.get("name").cloned());
            let data = json!({
                "account": { "id": it.account, "name": name.as_ref().and_then(text_of) },
                "from": it.from,
                "to": it.to,
                "at": it.held_at.to_string(),
                "known_at": it.known_at.to_string(),
                "why": it.why,
                "correction": it.correction,
            });
            let Ok(data) = Json::parse(data.to_string()) else { continue };
            let event = Text::new_static(STAGE_CHANGED);
            to.deliveries.push(Planned {
                id: id_of(parts),
                lead: None,
                account: it.account.clone(),
                channel: channel.name.clone(),
                at: self.now,
                outgoing: Outgoing::Webhook(WebhookCall { event, at: it.known_at, data }),
            });
        }
    }

    /// A step of a play that calls a webhook.
    pub(super) fn call_step(
        &mut self,
        play: &Play,
        channel: &Channel,
        run: &PlayRun,
        lead: &Lead,
        world: &dyn World,
        to: &mut Decisions,
    ) -> Done {
        let id = message_id(&lead.id, &[&play.name, &run.step.to_string(), ""]);
        let Some(picture) = world.picture(lead) else {
            return self.unseen(run, &channel.name, to);
        };
        if !self.sent.contains_key(&id) {
            let call = self.call("play.step", lead, &picture, Some(run));
            self.note_step(id.clone(), play, channel, lead, to);
            self.plan(id, lead, channel, call, to);
        }
        Done::Passed
    }

    /// A step of a play that writes a task for the owner into the CRM.
    pub(super) fn write_task(
        &mut self,
        play: &Play,
        channel: &Channel,
        run: &PlayRun,
        lead: &Lead,
        world: &dyn World,
        to: &mut Decisions,
    ) -> Done {
        let project = Arc::clone(&self.project);
        let ChannelKind::HubSpot(hubspot) = &channel.kind else { return Done::Passed };
        let owner = lead.owner.clone().unwrap_or_default();
        let id = message_id(&lead.id, &[&play.name, &run.step.to_string(), &owner]);
        let Some(picture) = world.whole_picture(lead) else {
            return self.unseen(run, &channel.name, to);
        };
        if self.sent.contains_key(&id) {
            return Done::Passed;
        }
        let write = self.task(run, lead, &picture, hubspot);
        debug_assert!(project.plays.contains_key(&play.name), "only plays of the project run");
        self.note_step(id.clone(), play, channel, lead, to);
        self.plan(id, lead, channel, write, to);
        Done::Passed
    }

    pub(crate) fn task(
        &self,
        run: &PlayRun,
        lead: &Lead,
        picture: &Picture,
        hubspot: &HubSpotChannel,
    ) -> Option<Outgoing> {
        let telling = Telling { project: &self.project, lead, picture, person: None };
        let notice = self.notice(run, lead, picture, None)?;
        let owner = lead.owner.as_ref().and_then(|it| email_of(&self.project.leads, it));
        let mut write = crm_write(telling, hubspot);
        write.task = Some(crm_task(&notice, lead.due_at.unwrap_or(self.now), owner));
        Some(Outgoing::Crm(write))
    }

    /// A call of a webhook.
    pub(crate) fn call(
        &self,
        event: &str,
        lead: &Lead,
        picture: &Picture,
        run: Option<&PlayRun>,
    ) -> Option<Outgoing> {
        let reasons = picture.reasons.iter().take(REASONS_MAX);
        let telling = Telling { project: &self.project, lead, picture, person: None };
        let data = json!({
            "lead": {
                "id": lead.id,
                "account": lead.account,
                "track": lead.track.word(),
                "status": lead.status.word(),
                "score": lead.score.map(firsthand_model::Decimal::to_f64),
                "owner": lead.owner,
                "reason": lead.reason,
                "opened_at": lead.opened_at.to_string(),
                "due_at": lead.due_at.map(|it| it.to_string()),
                "link": telling.link(),
            },
            "account": {
                "id": lead.account,
                "name": picture.account.name,
                "plan": picture.account.plan,
                "stage": picture.account.stage,
                "members": picture.account.members,
            },
            "reasons": reasons.map(super::super::world::ReasonView::line).collect::<Vec<_>>(),
            "play": run.map(|it| json!({ "name": it.play, "step": it.step })),
        });
        let data = Json::parse(data.to_string()).ok()?;
        Some(Outgoing::Webhook(WebhookCall { event: event.into(), at: self.now, data }))
    }

    fn note_step(
        &mut self,
        id: Text,
        play: &Play,
        channel: &Channel,
        lead: &Lead,
        to: &mut Decisions,
    ) {
        let contact = Contact {
            delivery: id,
            lead: lead.id.clone(),
            play: Some(play.name.clone()),
            account: lead.account.clone(),
            receiver: None,
            receiver_name: None,
            of_team: true,
            channel: channel.name.clone(),
            at: self.now,
        };
        self.note_contact(&contact);
        to.contacts.push(contact);
    }

    pub(super) fn plan(
        &self,
        id: Text,
        lead: &Lead,
        channel: &Channel,
        outgoing: Option<Outgoing>,
        to: &mut Decisions,
    ) {
        if let Some(outgoing) = outgoing {
            to.deliveries.push(Planned {
                id,
                lead: Some(lead.id.clone()),
                account: lead.account.clone(),
                channel: channel.name.clone(),
                at: self.now,
                outgoing,
            });
        }
    }
}

fn text_of(value: &Scalar) -> Option<&str> {
    if let Scalar::Text(it) = value { Some(it) } else { None }
}

/// What has happened between two states of a lead, by the words of webhooks.
fn events(before: Option<&Lead>, lead: &Lead) -> Vec<&'static str> {
    let mut events = Vec::new();
    match before.map(|it| it.status) {
        // One that was closed and is taken up again was touched before.
        None if lead.touched_at.is_some() => events.push("lead.reopened"),
        None => events.push("lead.opened"),
        Some(status) if status != lead.status => events.extend(match lead.status {
            LeadStatus::Open => Some("lead.reopened"),
            LeadStatus::Accepted => Some("lead.accepted"),
            LeadStatus::Snoozed => Some("lead.snoozed"),
            LeadStatus::Rejected => Some("lead.rejected"),
            LeadStatus::Won => Some("lead.won"),
            LeadStatus::Lost => Some("lead.lost"),
            LeadStatus::Expired => Some("lead.expired"),
            LeadStatus::Withdrawn => Some("lead.withdrawn"),
            LeadStatus::Merged => None,
        }),
        Some(_) => {}
    }
    if before.is_some_and(|it| it.owner != lead.owner) && lead.owner.is_some() {
        events.push("lead.assigned");
    }
    events
}
