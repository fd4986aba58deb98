//! Steps whose time has come.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use firsthand_model::config::{ChannelKind, Condition, Play, Receiver, Step, What};
use firsthand_model::lead::Lead;
use firsthand_model::play::{PlayRun, Reason, RunState};
use firsthand_model::{Span, Text, Time};

use super::{Planner, RunKey, open_channel};
use crate::decisions::{Decisions, message_id};
use crate::world::World;

/// After how long it is tried again to see an account.
pub(super) const LOOK_AGAIN: Span = Span::MINUTE;

/// For how long at least it is tried.
const UNSEEN_MAX: Span = Span::HOUR;

/// What came of looking at a step.
pub(super) enum Done {
    /// It is done, or passed over: the next one comes.
    Passed,
    /// It is looked at again.
    Waits(Time, Reason),
    /// An owner is told, together with what else they are told now.
    Tells(Text, Text),
}

impl Planner {
    /// Does the steps that are due, those of the greatest priority first.
    pub(super) fn do_steps(&mut self, due: &[RunKey], world: &dyn World, to: &mut Decisions) {
        let project = Arc::clone(&self.project);
        let rank = |key: &RunKey| {
            let play = project.plays.get(&key.1);
            let run = self.runs.get(key);
            let urgency = play.map(|it| (it.critical, it.priority));
            let score = self.leads.get(&key.0).and_then(|it| it.score);
            (Reverse(urgency), Reverse(score), run.map(|it| it.wanted_at), key.clone())
        };
        let mut ranked: Vec<_> = due.iter().map(rank).collect();
        ranked.sort_unstable();
        ranked.dedup();
        let mut told: BTreeMap<(Text, Text), Vec<RunKey>> = BTreeMap::new();
        for (.., key) in ranked {
            let Some(run) = self.runs.get(&key).filter(|it| it.state == RunState::Running) else {
                continue;
            };
            let (run, lead) = (run.clone(), self.leads.get(&key.0).cloned());
            let step = project.plays.get(&key.1).filter(|it| it.enabled);
            let step = step.and_then(|it| Some((it, it.steps.get(run.step as usize)?)));
            let (Some((play, step)), Some(lead)) = (step, lead) else {
                self.end(run, RunState::Stopped, to);
                continue;
            };
            match self.look_at(play, step, &run, &lead, world, to) {
                Done::Passed => self.advance(run, play, to),
                Done::Waits(at, reason) => self.wait(run, at, reason, to),
                Done::Tells(owner, channel) => told.entry((owner, channel)).or_default().push(key),
            }
        }
        for ((owner, channel), keys) in told {
            self.tell_owner(&owner, &channel, &keys, world, to);
            for key in keys {
                if let (Some(run), Some(play)) = (self.runs.get(&key), project.plays.get(&key.1)) {
                    self.advance(run.clone(), play, to);
                }
            }
        }
    }

    fn look_at(
        &mut self,
        play: &Play,
        step: &Step,
        run: &PlayRun,
        lead: &Lead,
        world: &dyn World,
        to: &mut Decisions,
    ) -> Done {
        if !is_wanted(step, run, lead, world) {
            return Done::Passed;
        }
        let project = Arc::clone(&self.project);
        let Some(channel) = open_channel(&project, step) else {
            let id = message_id(&lead.id, &[&play.name, &run.step.to_string(), ""]);
            to.suppressed.push(self.suppress(run, id, None, &step.by.text, Reason::ChannelOff));
            return Done::Passed;
        };
        match (&channel.kind, &step.to) {
            (ChannelKind::Webhook(_), _) => self.call_step(play, channel, run, lead, world, to),
            (ChannelKind::HubSpot(_), _) => self.write_task(play, channel, run, lead, world, to),
            (_, it) if it.are_users() => self.tell_users(play, step, channel, run, lead, world, to),
            (ChannelKind::InApp(_), _) => {
                let id = message_id(&lead.id, &[&play.name, &run.step.to_string(), ""]);
                to.suppressed.push(self.suppress(run, id, None, &channel.name, Reason::Nobody));
                Done::Passed
            }
            (_, receiver) => {
                let owner = lead.owner.clone().filter(|_| *receiver == Receiver::Owner);
                // What they are told has to be seen by then.
                if world.people(&lead.account).is_none() {
                    return self.unseen(run, &channel.name, to);
                }
                self.tell_team(play, channel, run, lead, owner)
            }
        }
    }

    /// The account cannot be seen now.
    pub(super) fn unseen(&mut self, run: &PlayRun, channel: &Text, to: &mut Decisions) -> Done {
        if !self.may_be_seen(&run.account) && self.is_given_up(run) {
            let id = message_id(&run.lead, &[&run.play, &run.step.to_string(), ""]);
            to.suppressed.push(self.suppress(run, id, None, channel, Reason::Unwritten));
            return Done::Passed;
        }
        Done::Waits(self.now + LOOK_AGAIN, Reason::Unwritten)
    }

    /// Whether an account that cannot be seen may be before long. Time runs from when it was looked
    /// at first, and anew from each start: a server that was down for days has not waited.
    pub(super) fn may_be_seen(&mut self, account: &Text) -> bool {
        let (first, last) = self.unseen.entry(account.clone()).or_insert((self.now, self.now));
        if *last + LOOK_AGAIN.times(2) < self.now {
            *first = self.now;
        }
        *last = self.now;
        self.now < *first + UNSEEN_MAX
    }

    /// Whether a step has waited for too long.
    pub(super) fn is_given_up(&self, run: &PlayRun) -> bool {
        self.now >= run.wanted_at + self.project.contact.patience
    }

    fn advance(&mut self, mut run: PlayRun, play: &Play, to: &mut Decisions) {
        run.step += 1;
        let Some(next) = play.steps.get(run.step as usize) else {
            return self.end(run, RunState::Done, to);
        };
        run.wanted_at = self.now + next.wait;
        run.due_at = Some(run.wanted_at);
        run.waits = None;
        run.changed_at = self.now;
        to.runs.push(run.clone());
        self.put_run(run);
    }

    fn wait(&mut self, mut run: PlayRun, at: Time, reason: Reason, to: &mut Decisions) {
        // Nothing waits beyond its patience, nor in the past.
        let patient = run.wanted_at + self.project.contact.patience;
        let at = if reason == Reason::Unwritten { at } else { at.min(patient) };
        let at = at.max(self.now + Span(1));
        let waits = (Some(at), Some(reason));
        if (run.due_at, run.waits) != waits {
            run.changed_at = self.now;
            (run.due_at, run.waits) = waits;
            to.runs.push(run.clone());
        }
        self.put_run(run);
    }

    fn end(&mut self, run: PlayRun, state: RunState, to: &mut Decisions) {
        let run = PlayRun { state, due_at: None, waits: None, changed_at: self.now, ..run };
        to.runs.push(run.clone());
        self.put_run(run);
    }
}

/// Whether a step's conditions hold.
pub(crate) fn is_wanted(step: &Step, run: &PlayRun, lead: &Lead, world: &dyn World) -> bool {
    let so = |what: &What| match what {
        What::Seen => run.seen_at.is_some(),
        What::Clicked => run.clicked_at.is_some(),
        What::Dismissed => run.dismissed_at.is_some(),
        // What the account itself does wins the lead, and so ends the run.
        What::Converted => world.converted(&lead.account, lead.opened_at),
        What::Answered => lead.touched_at.is_some(),
        What::Qualified => world.rests_on(lead).iter().any(|(_, holds)| *holds),
        What::Segment(name) => world.holds(name, &lead.account),
    };
    let holds = |it: &Condition| so(&it.what) == it.is;
    step.only_if.iter().all(holds) && !step.unless.iter().any(holds)
}
