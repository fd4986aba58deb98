//! What every step of a play would send for a lead as it is now, and why not, without sending.

use std::sync::Arc;

use firsthand_model::config::{ChannelKind, Play, Receiver};
use firsthand_model::lead::Lead;
use firsthand_model::message::Outgoing;
use firsthand_model::play::{PlayRun, Reason, RunState};
use firsthand_model::{Span, Text, Time};

use crate::planner::{Obstacle, Planner, is_wanted, variant_of};
use crate::world::World;

/// One message of a step, or its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The step, from 0.
    pub step: u32,
    /// How long after the step before.
    pub wait: Span,
    /// The channel's name.
    pub channel: Text,
    /// The message's name; the one that comes with the program if `None`.
    pub message: Option<Text>,
    /// To whom: the person, the owner, or nobody in particular.
    pub receiver: Option<Text>,
    /// What would become of it now.
    pub verdict: Verdict,
    /// What would be sent, as far as it can be written.
    pub outgoing: Option<Outgoing>,
}

/// What would become of a message now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It would go.
    Goes,
    /// It would wait until then.
    Waits(Time, Reason),
    /// It would not go.
    Not(Reason),
    /// The step's conditions do not hold.
    PassedOver,
    /// Nobody is told of the account: it is held out.
    HeldOut,
}

impl Planner {
    /// What each step of a play would do for a lead at an instant, if it were due then.
    pub fn preview(
        &mut self,
        play: &str,
        lead: &Lead,
        world: &dyn World,
        now: Time,
    ) -> Option<Vec<Preview>> {
        let project = Arc::clone(self.project());
        let play = project.plays.get(play)?;
        let picture = world.whole_picture(lead)?;
        self.set_now(now);
        let begun = self.run_of(lead, &play.name).cloned();
        let held_out = self.is_held_out(&lead.account, lead.track);
        let mut previews = Vec::new();
        for (place, step) in (0..).zip(&play.steps) {
            let run = PlayRun {
                step: place,
                wanted_at: now,
                ..begun.clone().unwrap_or_else(|| fresh(play, lead, now))
            };
            let wanted = is_wanted(step, &run, lead, world);
            let channel = project.channels.get(&step.by.text)?;
            let judged = |verdict: Verdict| {
                if held_out {
                    Verdict::HeldOut
                } else if !channel.enabled {
                    Verdict::Not(Reason::ChannelOff)
                } else if wanted {
                    verdict
                } else {
                    Verdict::PassedOver
                }
            };
            let mut add = |receiver: Option<Text>, verdict, outgoing| {
                previews.push(Preview {
                    step: place,
                    wait: step.wait,
                    channel: step.by.text.clone(),
                    message: variant_of(play, step, &lead.account).cloned(),
                    receiver,
                    verdict: judged(verdict),
                    outgoing,
                });
            };
            let of_owner = || lead.owner.clone().filter(|_| step.to == Receiver::Owner);
            let written = |it: Option<Outgoing>| match it {
                Some(it) => (Verdict::Goes, Some(it)),
                None => (Verdict::Not(Reason::Unwritten), None),
            };
            match &channel.kind {
                ChannelKind::Webhook(_) => {
                    let (verdict, outgoing) =
                        written(self.call("play.step", lead, &picture, Some(&run)));
                    add(None, verdict, outgoing);
                }
                ChannelKind::HubSpot(hubspot) => {
                    let (verdict, outgoing) = written(self.task(&run, lead, &picture, hubspot));
                    add(of_owner(), verdict, outgoing);
                }
                _ if step.to.are_users() => {
                    let receivers = self.receivers(play, step, &run, lead, &picture, world);
                    if receivers.is_empty() {
                        add(None, Verdict::Not(Reason::Nobody), None);
                    }
                    for person in receivers {
                        let outgoing = self.message_to(play, step, channel, lead, &picture, person);
                        let verdict = match self.obstacle(play, channel, lead, &picture, person) {
                            None if outgoing.is_none() => Verdict::Not(Reason::Unwritten),
                            None => Verdict::Goes,
                            Some(Obstacle::Never(reason)) => Verdict::Not(reason),
                            Some(Obstacle::Until(at, reason)) => Verdict::Waits(at, reason),
                        };
                        add(Some(person.id.clone()), verdict, outgoing);
                    }
                }
                _ => {
                    let owner = of_owner();
                    let to = owner.clone().unwrap_or_default();
                    let notice = self.notice(&run, lead, &picture, None);
                    let outgoing =
                        notice.and_then(|it| self.for_colleague(&to, channel, &[it], lead));
                    let (verdict, outgoing) = written(outgoing);
                    add(owner, verdict, outgoing);
                }
            }
        }
        Some(previews)
    }
}

/// A run that has not begun.
pub(crate) fn fresh(play: &Play, lead: &Lead, now: Time) -> PlayRun {
    PlayRun {
        lead: lead.id.clone(),
        play: play.name.clone(),
        account: lead.account.clone(),
        state: RunState::Running,
        began_at: now,
        step: 0,
        wanted_at: now,
        due_at: Some(now),
        waits: None,
        seen_at: None,
        clicked_at: None,
        dismissed_at: None,
        changed_at: now,
    }
}
