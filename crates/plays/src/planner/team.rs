//! Messages to the team: owners are told of leads, reminded of them, and relieved of them.

use std::sync::Arc;

use firsthand_model::config::{Channel, ChannelKind, Message, Play, Project, SlackChannel};
use firsthand_model::lead::{Lead, LeadId, LeadStatus};
use firsthand_model::message::{Outgoing, SlackMessage, SlackTarget};
use firsthand_model::play::{Contact, PlayRun, Reason};
use firsthand_model::{Text, Time};

use super::steps::{Done, LOOK_AGAIN};
use super::{Planner, RunKey, Timer, message_of};
use crate::decisions::{Decisions, Planned, message_id};
use crate::owners::{by_name, email_of};
use crate::render::{Notice, Telling, digest_blocks, lead_blocks, phrases, to_colleague};
use crate::world::{Picture, World};

impl Planner {
    /// Whether an owner can be told now; nobody in particular is the team.
    pub(super) fn tell_team(
        &mut self,
        play: &Play,
        channel: &Channel,
        run: &PlayRun,
        lead: &Lead,
        owner: Option<Text>,
    ) -> Done {
        if let (LeadStatus::Snoozed, Some(until)) = (lead.status, lead.snoozed_until) {
            return Done::Waits(until, Reason::RepWorks);
        }
        let Some(owner) = owner else { return Done::Tells(Text::default(), channel.name.clone()) };
        let last = self.told.get(&(owner.clone(), channel.name.clone()));
        let again = last.map_or(self.now, |at| *at + self.project.leads.digest_every);
        if again > self.now && !play.critical && !self.is_given_up(run) {
            return Done::Waits(again, Reason::Digest);
        }
        Done::Tells(owner, channel.name.clone())
    }

    /// Tells an owner, or the team, of leads: of one at length, of several in one message.
    pub(super) fn tell_owner(
        &mut self,
        owner: &Text,
        channel: &Text,
        keys: &[RunKey],
        world: &dyn World,
        to: &mut Decisions,
    ) {
        let project = Arc::clone(&self.project);
        let Some(channel) = project.channels.get(channel) else { return };
        let of_team = owner.is_empty();
        let mut told: Vec<(Text, LeadId, Notice)> = Vec::new();
        for key in keys {
            let (Some(run), Some(lead)) = (self.runs.get(key).cloned(), self.leads.get(&key.0))
            else {
                continue;
            };
            let lead = lead.clone();
            let id = message_id(&lead.id, &[&run.play, &run.step.to_string(), owner]);
            if self.sent.contains_key(&id) {
                continue;
            }
            let picture = world.whole_picture(&lead);
            let notice = picture.and_then(|it| self.notice(&run, &lead, &it, None));
            let addressed = of_team || is_reachable(&project, channel, owner);
            let Some(notice) = notice.filter(|_| addressed) else {
                let reason = if addressed { Reason::Unwritten } else { Reason::NoAddress };
                to.suppressed.push(self.suppress(&run, id, None, &channel.name, reason));
                continue;
            };
            self.note_told(id.clone(), &lead, Some(run.play), owner, channel, to);
            told.push((id, lead.id, notice));
            // The team has one message for each lead: nobody's leads are no digest.
            if of_team {
                self.send_notices(owner, channel, std::mem::take(&mut told), to);
            }
        }
        self.send_notices(owner, channel, told, to);
    }

    /// What an owner is told of a lead, with the words of the play's message if it has one.
    pub(crate) fn notice(
        &self,
        run: &PlayRun,
        lead: &Lead,
        picture: &Picture,
        prefix: Option<&str>,
    ) -> Option<Notice> {
        let project = &self.project;
        let play = project.plays.get(&run.play);
        let step = play.and_then(|it| Some((it, it.steps.get(run.step as usize)?)));
        let own = step.and_then(|(play, step)| message_of(project, play, step, &lead.account));
        self.notice_by(own, lead, picture, prefix)
    }

    /// What an owner is told of a lead, with the words of a message if there is one.
    pub(crate) fn notice_by(
        &self,
        own: Option<&Message>,
        lead: &Lead,
        picture: &Picture,
        prefix: Option<&str>,
    ) -> Option<Notice> {
        let telling = Telling { project: &self.project, lead, picture, person: None };
        let own = own.map(|it| self.renderer.fill(it, telling)).transpose().ok()?;
        Some(Notice::of(telling, own.as_ref(), prefix))
    }

    fn send_notices(
        &self,
        owner: &Text,
        channel: &Channel,
        told: Vec<(Text, LeadId, Notice)>,
        to: &mut Decisions,
    ) {
        let Some((first, lead, _)) = told.first() else { return };
        let id = if told.len() == 1 {
            first.clone()
        } else {
            let ids: Vec<&str> = told.iter().map(|(id, ..)| id.as_str()).collect();
            message_id(lead, &ids)
        };
        let Some(lead) = self.leads.get(lead).cloned() else { return };
        let notices: Vec<Notice> = told.into_iter().map(|(.., it)| it).collect();
        if let Some(outgoing) = self.for_colleague(owner, channel, &notices, &lead) {
            to.deliveries.push(Planned {
                id,
                account: lead.account.clone(),
                lead: Some(lead.id),
                channel: channel.name.clone(),
                at: self.now,
                outgoing,
            });
        }
    }

    /// One message to a colleague, or to the team, about a lead or several.
    pub(crate) fn for_colleague(
        &self,
        owner: &Text,
        channel: &Channel,
        notices: &[Notice],
        lead: &Lead,
    ) -> Option<Outgoing> {
        let project = &self.project;
        let words = phrases(&project.contact.language);
        let (title, text) = match notices {
            [one] => (one.title.clone(), one.summary()),
            several => {
                let title = format!("{} {}", several.len(), words.digest);
                (title.clone(), title)
            }
        };
        match &channel.kind {
            ChannelKind::Slack(slack) => {
                let picture = Picture::default();
                let telling = Telling { project, lead, picture: &picture, person: None };
                let blocks = match notices {
                    [one] => lead_blocks(one, telling, !slack.signing_secrets.is_empty()),
                    several => digest_blocks(&title, several),
                };
                let (to, blocks) = (target(project, slack, owner)?, blocks.to_string());
                Some(Outgoing::Slack(SlackMessage { to, text, blocks }))
            }
            ChannelKind::Email(email) => {
                // What is for the team goes to where its answers go.
                let address = email_of(&project.leads, owner);
                let to = address.or_else(|| email.reply_to.clone().filter(|_| owner.is_empty()))?;
                let name = by_name(&project.leads, owner).map(|it| it.title.clone());
                let language = &project.contact.language;
                Some(Outgoing::Email(to_colleague(title, notices, language, to, name)))
            }
            _ => None,
        }
    }

    fn note_told(
        &mut self,
        id: Text,
        lead: &Lead,
        play: Option<Text>,
        owner: &Text,
        channel: &Channel,
        to: &mut Decisions,
    ) {
        let contact = Contact {
            delivery: id,
            lead: lead.id.clone(),
            play,
            account: lead.account.clone(),
            receiver: (!owner.is_empty()).then(|| owner.clone()),
            receiver_name: None,
            of_team: true,
            channel: channel.name.clone(),
            at: self.now,
        };
        self.note_contact(&contact);
        self.set_answer_timer(&contact.lead);
        to.contacts.push(contact);
    }

    /// Nobody has answered a lead by one of its times: the owner is reminded, or relieved.
    pub(super) fn unanswered(&mut self, id: &LeadId, world: &dyn World, to: &mut Decisions) {
        let Some(lead) = self.leads.get(id).cloned() else { return };
        let Some((at, relieve)) = self.answer_timer(&lead) else { return };
        if at > self.now {
            self.set_answer_timer(id);
            return;
        }
        if world.people(&lead.account).is_none() && self.may_be_seen(&lead.account) {
            // A little later is soon enough, and much later is not.
            self.answer_at(id, self.now + LOOK_AGAIN);
            return;
        }
        let project = Arc::clone(&self.project);
        let words = phrases(&project.contact.language);
        let rules = &project.leads;
        let owner = lead.owner.clone().unwrap_or_default();
        if let (true, Some(fallback)) = (relieve, rules.fallback.clone()) {
            let due_at = rules.due(lead.track, self.now);
            self.give(lead, fallback.clone(), Some(due_at), "not_answered", to);
            let message = message_id(id, &["reassigned", &fallback]);
            self.tell_of(id, message, &fallback, words.reassigned, world, to);
            self.tell_assigned(id, world, to);
        } else {
            let message = message_id(id, &["remind", &owner]);
            self.tell_of(id, message, &owner, words.reminder, world, to);
        }
        self.set_answer_timer(id);
    }

    /// Tells an owner of a lead in a message of its own, whatever the plays do.
    fn tell_of(
        &mut self,
        id: &LeadId,
        message: Text,
        owner: &Text,
        prefix: &str,
        world: &dyn World,
        to: &mut Decisions,
    ) {
        let project = Arc::clone(&self.project);
        let Some(lead) = self.leads.get(id).cloned() else { return };
        let channels = project.channels.values();
        let reaching = channels.filter(|it| it.enabled && is_reachable(&project, it, owner));
        // As they were told last; else where an answer is nearest.
        let rank = |it: &&Channel| {
            let told = self.told.get(&(owner.clone(), it.name.clone()));
            (told.copied(), matches!(it.kind, ChannelKind::Slack(_)))
        };
        let Some(channel) = reaching.max_by_key(rank) else {
            // Nothing goes out, but it is not tried again.
            self.sent.entry(message.clone()).or_insert_with(|| Contact {
                delivery: message,
                lead: lead.id.clone(),
                play: None,
                account: lead.account.clone(),
                receiver: None,
                receiver_name: None,
                of_team: true,
                channel: Text::default(),
                at: self.now,
            });
            return;
        };
        let picture = world.whole_picture(&lead).or_else(|| world.picture(&lead));
        let picture = picture.unwrap_or_default();
        let telling = Telling { project: &project, lead: &lead, picture: &picture, person: None };
        let notice = Notice::of(telling, None, Some(prefix));
        self.note_told(message.clone(), &lead, None, owner, channel, to);
        self.send_notices(owner, channel, vec![(message, lead.id, notice)], to);
    }

    /// When a lead's owner is reminded, or relieved (`true`); `None` if neither. Time runs from
    /// when they were told of it.
    fn answer_timer(&self, lead: &Lead) -> Option<(Time, bool)> {
        let rules = &self.project.leads;
        let waits = lead.status == LeadStatus::Open && lead.touched_at.is_none();
        let owner = lead.owner.as_ref().filter(|_| waits)?;
        let told_at = *self.told_of.get(&(lead.id.clone(), owner.clone()))?;
        let answer_at = rules.due(lead.track, told_at);
        let reminded = self.sent.contains_key(&message_id(&lead.id, &["remind", owner]));
        if let Some(after) = rules.remind_after.filter(|_| !reminded) {
            let at = rules.work.after(told_at, after);
            if at < answer_at {
                return Some((at, false));
            }
        }
        let relieved_at = answer_at.max(lead.due_at.unwrap_or(answer_at));
        rules.fallback.as_ref().filter(|it| *it != owner).map(|_| (relieved_at, true))
    }

    pub(super) fn set_answer_timer(&mut self, id: &LeadId) {
        if let Some(at) = self.answers.remove(id) {
            self.timers.remove(&(at, Timer::Answer(id.clone())));
        }
        if let Some((at, _)) = self.leads.get(id).and_then(|it| self.answer_timer(it)) {
            self.answer_at(id, at);
        }
    }

    fn answer_at(&mut self, id: &LeadId, at: Time) {
        self.answers.insert(id.clone(), at);
        self.timers.insert((at, Timer::Answer(id.clone())));
    }
}

/// Whether an owner can be written to by a channel.
pub(crate) fn is_reachable(project: &Project, channel: &Channel, owner: &Text) -> bool {
    match &channel.kind {
        ChannelKind::Slack(slack) => target(project, slack, owner).is_some(),
        ChannelKind::Email(_) => email_of(&project.leads, owner).is_some(),
        _ => false,
    }
}

/// Where in Slack an owner is written to: directly where they are known there, else in the team's
/// channel.
fn target(project: &Project, slack: &SlackChannel, owner: &Text) -> Option<SlackTarget> {
    if slack.webhook.is_some() {
        return Some(SlackTarget::Webhook);
    }
    let member = by_name(&project.leads, owner).and_then(|it| it.slack.clone());
    let member = member.map(SlackTarget::Channel);
    let by_email = || email_of(&project.leads, owner).map(SlackTarget::Member);
    member.or_else(by_email).or_else(|| slack.channel.clone().map(SlackTarget::Channel))
}
