//! Messages to the people of an account.

use firsthand_model::config::{
    CRM_OPT_OUT_TRAIT, Channel, ChannelKind, Message, Play, Project, RECEIVERS_MAX, Receiver, Step,
};
use firsthand_model::lead::Lead;
use firsthand_model::message::Outgoing;
use firsthand_model::play::{Contact, PlayRun, Reason, is_yes};
use firsthand_model::{Calendar, Text, Time};

use super::steps::Done;
use super::{Planner, message_of};
use crate::budget::awake_at;
use crate::decisions::{Decisions, Planned, message_id};
use crate::render::{STANDARD, Telling, in_app, to_user};
use crate::world::{PersonView, Picture, World};

/// Why a message to a person does not go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// It never will.
    Never(Reason),
    /// It may from an instant on.
    Until(Time, Reason),
}

impl Planner {
    #[expect(clippy::too_many_arguments, reason = "what a step is about, whole")]
    pub(super) fn tell_users(
        &mut self,
        play: &Play,
        step: &Step,
        channel: &Channel,
        run: &PlayRun,
        lead: &Lead,
        world: &dyn World,
        to: &mut Decisions,
    ) -> Done {
        // While a rep works, nothing is asked of the world.
        if !play.critical && self.rep_works(&lead.account) && !self.is_given_up(run) {
            let until = run.wanted_at + self.project.contact.patience;
            return Done::Waits(until, Reason::RepWorks);
        }
        let Some(picture) = world.whole_picture(lead) else {
            return self.unseen(run, &channel.name, to);
        };
        let receivers = self.receivers(play, step, run, lead, &picture, world);
        if receivers.is_empty() {
            let id = message_id(&lead.id, &[&play.name, &run.step.to_string(), ""]);
            to.suppressed.push(self.suppress(run, id, None, &channel.name, Reason::Nobody));
            return Done::Passed;
        }
        let mut waits: Option<(Time, Reason)> = None;
        for person in receivers {
            let id = id_for(play, run, &person.id);
            if self.sent.contains_key(&id) {
                continue;
            }
            let obstacle = self.obstacle(play, channel, lead, &picture, person);
            let reason = match obstacle {
                None => match self.message_to(play, step, channel, lead, &picture, person) {
                    Some(outgoing) => {
                        self.send_to_user(play, channel, lead, person, id, outgoing, to);
                        continue;
                    }
                    None => Reason::Unwritten,
                },
                Some(Obstacle::Until(at, reason)) if !self.is_given_up(run) => {
                    let first = waits.is_none_or(|(other, _)| at < other);
                    waits = if first { Some((at, reason)) } else { waits };
                    continue;
                }
                Some(Obstacle::Never(reason) | Obstacle::Until(_, reason)) => reason,
            };
            to.suppressed.push(self.suppress(run, id, Some(person), &channel.name, reason));
        }
        waits.map_or(Done::Passed, |(at, reason)| Done::Waits(at, reason))
    }

    #[expect(clippy::too_many_arguments, reason = "what is sent, and what it is about")]
    fn send_to_user(
        &mut self,
        play: &Play,
        channel: &Channel,
        lead: &Lead,
        person: &PersonView,
        id: Text,
        outgoing: Outgoing,
        to: &mut Decisions,
    ) {
        let contact = Contact {
            delivery: id.clone(),
            lead: lead.id.clone(),
            play: Some(play.name.clone()),
            account: lead.account.clone(),
            receiver: Some(person.id.clone()),
            receiver_name: person.name().cloned(),
            of_team: false,
            channel: channel.name.clone(),
            at: self.now,
        };
        self.note_contact(&contact);
        to.contacts.push(contact);
        to.deliveries.push(Planned {
            id,
            lead: Some(lead.id.clone()),
            account: lead.account.clone(),
            channel: channel.name.clone(),
            at: self.now,
            outgoing,
        });
    }

    /// Who gets a step's message: those who have got it already count as well, so that who is most
    /// active meanwhile does not come on top.
    pub(crate) fn receivers<'p>(
        &self,
        play: &Play,
        step: &Step,
        run: &PlayRun,
        lead: &Lead,
        picture: &'p Picture,
        world: &dyn World,
    ) -> Vec<&'p PersonView> {
        let people = &picture.people;
        let has = |it: &PersonView| self.sent.contains_key(&id_for(play, run, &it.id));
        // Of those who can be reached; where nobody can, it is said why of those who cannot.
        let never = |it: &PersonView| {
            let channel = self.project.channels.get(&step.by.text);
            let obstacle = channel.and_then(|by| self.obstacle(play, by, lead, picture, it));
            matches!(obstacle, Some(Obstacle::Never(_)))
        };
        let most_active = |count: u32| -> Vec<&PersonView> {
            let (had, others): (Vec<&PersonView>, Vec<_>) = people.iter().partition(|it| has(it));
            let (out, free): (Vec<_>, Vec<_>) = others.into_iter().partition(|it| never(it));
            let out = if free.is_empty() && had.is_empty() { out } else { Vec::new() };
            had.into_iter().chain(free).chain(out).take(count as usize).collect()
        };
        match &step.to {
            Receiver::MostActive(count) => most_active(*count),
            Receiver::Everyone => most_active(RECEIVERS_MAX),
            Receiver::Qualified => {
                let who: Vec<&Text> =
                    picture.reasons.iter().filter_map(|it| it.person.as_ref()).collect();
                let found: Vec<_> = people.iter().filter(|it| who.contains(&&it.id)).collect();
                if found.is_empty() { most_active(1) } else { found }
            }
            Receiver::Segment(name) => {
                let holds = |it: &&PersonView| world.holds_for_person(name, &it.id);
                people.iter().filter(holds).take(RECEIVERS_MAX as usize).collect()
            }
            Receiver::Owner | Receiver::Team => {
                debug_assert!(false, "step of {} is not for users", lead.id);
                Vec::new()
            }
        }
    }

    /// What keeps a message from a person now.
    pub(crate) fn obstacle(
        &self,
        play: &Play,
        channel: &Channel,
        lead: &Lead,
        picture: &Picture,
        person: &PersonView,
    ) -> Option<Obstacle> {
        let rules = &self.project.contact;
        let out = [&person.traits, &picture.account.traits];
        let says = |name: &str| out.iter().any(|it| it.get(name).is_some_and(is_yes));
        let is_mail = matches!(channel.kind, ChannelKind::Email(_));
        // What a CRM knows of are mails.
        if says(&rules.opt_out_trait) || is_mail && says(CRM_OPT_OUT_TRAIT) {
            return Some(Obstacle::Never(Reason::OptedOut));
        }
        if is_mail && person.email().is_none() {
            return Some(Obstacle::Never(Reason::NoAddress));
        }
        if play.critical {
            return None;
        }
        if self.rep_works(&lead.account) {
            return Some(Obstacle::Until(Time::MAX, Reason::RepWorks));
        }
        // A message inside the product wakes nobody: it waits until they come.
        if !matches!(channel.kind, ChannelKind::InApp(_))
            && let Some(hours) = play.quiet_hours.or(rules.quiet_hours)
        {
            let at = awake_at(hours, &self.clock_of(person), self.now);
            if at > self.now {
                return Some(Obstacle::Until(at, Reason::QuietHours));
            }
        }
        let room = self.budget.room(rules, &lead.account, &person.id, self.now);
        room.err().map(|(at, reason)| Obstacle::Until(at, reason))
    }

    /// The clock of a person, by their zone; else the project's.
    fn clock_of(&self, person: &PersonView) -> Calendar {
        let project: &Project = &self.project;
        let zone = person.text(&project.contact.zone_trait);
        let starts = project.calendar.week_starts();
        zone.and_then(|it| Calendar::new(it, starts)).unwrap_or_else(|| project.calendar.clone())
    }

    /// A step's message for a person; `None` where it cannot be written.
    pub(crate) fn message_to(
        &self,
        play: &Play,
        step: &Step,
        channel: &Channel,
        lead: &Lead,
        picture: &Picture,
        person: &PersonView,
    ) -> Option<Outgoing> {
        let message = message_of(&self.project, play, step, &lead.account).unwrap_or(&STANDARD);
        self.write_to(message, channel, lead, picture, person)
    }

    /// A message for a person; `None` where it cannot be written.
    pub(crate) fn write_to(
        &self,
        message: &Message,
        channel: &Channel,
        lead: &Lead,
        picture: &Picture,
        person: &PersonView,
    ) -> Option<Outgoing> {
        let telling = Telling { project: &self.project, lead, picture, person: Some(person) };
        let filled = self.renderer.fill(message, telling).ok()?;
        Some(match &channel.kind {
            ChannelKind::InApp(_) => {
                Outgoing::InApp(in_app(&filled, telling, &person.id, self.now))
            }
            ChannelKind::Email(email) => {
                let to = person.email()?.clone();
                Outgoing::Email(to_user(&filled, telling, to, email.reply_to.clone()))
            }
            _ => return None,
        })
    }
}

/// The id of a step's message for a person.
fn id_for(play: &Play, run: &PlayRun, person: &str) -> Text {
    message_id(&run.lead, &[&play.name, &run.step.to_string(), person])
}
