//! The planner: leads, reactions and time in, decisions out.
//!
//! Start at [`Planner::lead`]. What it begins, [`Planner::pass`] goes on with when its time has
//! come: `steps` decides about each step, `users` about each person, `team` about owners.

mod events;
mod people;
mod steps;
mod team;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firsthand_model::config::{
    Channel, ChannelKind, Message, OwnerRule, Play, Project, Share, Step, Track,
};
use firsthand_model::lead::{Lead, LeadId, LeadStatus};
use firsthand_model::play::{
    Arm, Contact, Exposure, PlayRun, Reaction, Reason, RunState, Suppressed, size_band,
};
use firsthand_model::{Span, Text, Time};
use rustc_hash::FxHashMap;

use crate::arms::{Arms, part};
use crate::budget::Budget;
use crate::decisions::{Assignment, Decisions};
use crate::owners;
use crate::render::Renderer;
use crate::world::{PersonView, World};
use people::Owed;
pub(crate) use steps::is_wanted;
pub(crate) use team::is_reachable;
pub(crate) use users::Obstacle;

/// How far back messages are remembered at least, so that reactions find their run.
const MEMORY: Span = Span::DAY.times(60);

/// A run, by its lead and its play.
type RunKey = (LeadId, Text);

/// Decides whom to tell what about leads.
#[derive(Clone, Debug)]
pub struct Planner {
    project: Arc<Project>,
    renderer: Renderer,
    /// The leads that are not closed.
    leads: BTreeMap<LeadId, Lead>,
    of_account: FxHashMap<Text, BTreeSet<LeadId>>,
    /// How many of these each owner has.
    loads: FxHashMap<Text, u32>,
    /// The runs of these, over or not.
    runs: BTreeMap<RunKey, PlayRun>,
    /// When plays began for accounts, where that is limited.
    began: FxHashMap<(Text, Text), Vec<Time>>,
    /// What was sent, by the ids of messages.
    sent: FxHashMap<Text, Contact>,
    /// When each owner was last told of a lead, by channel.
    told: FxHashMap<(Text, Text), Time>,
    /// When owners were first told of leads.
    told_of: FxHashMap<(LeadId, Text), Time>,
    budget: Budget,
    arms: Arms,
    /// Messages inside the product that may still be shown, by account.
    offers: FxHashMap<Text, Vec<Text>>,
    timers: BTreeSet<(Time, Timer)>,
    /// For when the timers of leads that are to be answered are set.
    answers: FxHashMap<LeadId, Time>,
    /// Leads of whose people the CRM is still to be told.
    owed: FxHashMap<LeadId, Owed>,
    /// When it was last told of the people of each lead.
    people_told: FxHashMap<LeadId, Time>,
    /// Accounts that could not be seen: when that was first so, and last.
    unseen: FxHashMap<Text, (Time, Time)>,
    now: Time,
    forgotten_at: Time,
}

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// A lead that is to be answered.
    Answer(LeadId),
    /// A run's next step.
    Step(LeadId, Text),
    /// A lead of whose people the CRM is to be told.
    People(LeadId),
}

impl Planner {
    /// Knows the project, and of no lead yet.
    pub fn new(project: Arc<Project>) -> Self {
        Self {
            project,
            renderer: Renderer::default(),
            leads: BTreeMap::new(),
            of_account: FxHashMap::default(),
            loads: FxHashMap::default(),
            runs: BTreeMap::new(),
            began: FxHashMap::default(),
            sent: FxHashMap::default(),
            told: FxHashMap::default(),
            told_of: FxHashMap::default(),
            budget: Budget::default(),
            arms: Arms::default(),
            offers: FxHashMap::default(),
            timers: BTreeSet::new(),
            answers: FxHashMap::default(),
            owed: FxHashMap::default(),
            people_told: FxHashMap::default(),
            unseen: FxHashMap::default(),
            now: Time::MIN,
            forgotten_at: Time::MIN,
        }
    }

    /// Goes by another project from now on, in which plays, channels and the rules of leads are the
    /// same.
    pub fn set_project(&mut self, project: Arc<Project>) {
        self.project = project;
    }

    /// From when on messages must be remembered at an instant: [`Self::remember_contact`].
    pub fn memory_from(&self, now: Time) -> Time {
        now - self.project.contact.memory().max(MEMORY)
    }

    /// Takes up a lead that is not closed, as it was written down (PLAYS-5).
    pub fn remember_lead(&mut self, lead: &Lead) {
        if lead.track != Track::None && !lead.status.is_closed() {
            self.put(lead.clone());
            self.set_answer_timer(&lead.id);
            self.recall_people(lead);
        }
    }

    /// The leads that it knows, by id.
    pub fn leads(&self) -> impl Iterator<Item = &Lead> {
        self.leads.values()
    }

    /// Takes up a run. Those of leads that are not closed come after their leads.
    pub fn remember_run(&mut self, run: PlayRun) {
        self.note_began(&run);
        if self.leads.contains_key(&run.lead) {
            self.put_run(run);
        }
    }

    /// Takes up a message that was decided on, in the order of time.
    pub fn remember_contact(&mut self, it: &Contact) {
        self.note_contact(it);
    }

    /// Takes up an assignment to an arm, in the order of time.
    pub fn remember_exposure(&mut self, it: &Exposure) {
        self.arms.remember(it);
    }

    /// The instant at which [`Self::pass`] next does something; never, if nothing waits.
    pub fn next(&self) -> Time {
        self.timers.first().map_or(Time::MAX, |(at, _)| *at)
    }

    /// The project.
    pub(crate) fn project(&self) -> &Arc<Project> {
        &self.project
    }

    pub(crate) fn set_now(&mut self, now: Time) {
        self.now = self.now.max(now);
    }

    pub(crate) fn run_of(&self, lead: &Lead, play: &Text) -> Option<&PlayRun> {
        self.runs.get(&(lead.id.clone(), play.clone()))
    }

    /// Whether nobody is told of a lead because its account is held out.
    pub fn is_held_out(&self, account: &str, track: Track) -> bool {
        self.arms.of(&account.into(), track) == Some(Arm::HeldOut)
    }

    /// Takes in a lead that was opened or has changed, as it now is.
    pub fn lead(&mut self, lead: &Lead, world: &dyn World, now: Time, to: &mut Decisions) {
        if lead.track == Track::None {
            return;
        }
        self.now = self.now.max(now);
        if lead.status.is_closed() {
            self.close(lead, world, to);
        } else {
            let before = self.put(lead.clone());
            if before.as_ref() == Some(lead) {
                return;
            }
            if lead.status == LeadStatus::Open && lead.touched_at.is_none() {
                self.begin(lead, world, to);
            }
            if self.is_held_out(&lead.account, lead.track) {
                if !lead.held_out {
                    to.held_out.push(lead.id.clone());
                }
            } else {
                if before.is_none() {
                    self.assign(&lead.id, world, to);
                }
                self.tell_systems(before.as_ref(), &lead.id, world, to);
                self.rep_may_work(before.as_ref(), lead, to);
            }
            self.set_answer_timer(&lead.id);
        }
        self.work(world, to);
    }

    /// Takes in what a person did with a message; the first time counts.
    pub fn reaction(&mut self, delivery: &str, reaction: Reaction, at: Time, to: &mut Decisions) {
        let Some(contact) = self.sent.get(delivery) else { return };
        let Some(play) = contact.play.clone() else { return };
        let Some(run) = self.runs.get_mut(&(contact.lead.clone(), play)) else { return };
        let first = match reaction {
            Reaction::Shown => &mut run.seen_at,
            Reaction::Clicked => &mut run.clicked_at,
            Reaction::Dismissed => &mut run.dismissed_at,
        };
        if first.is_none() {
            *first = Some(at);
            // Whoever does something with a message has seen it.
            run.seen_at.get_or_insert(at);
            run.changed_at = run.changed_at.max(at);
            to.runs.push(run.clone());
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, now: Time, world: &dyn World, to: &mut Decisions) {
        self.now = self.now.max(now);
        self.work(world, to);
        if self.now - self.forgotten_at > Span::DAY {
            self.forgotten_at = self.now;
            let before = self.memory_from(self.now);
            self.budget.forget_before(before);
            self.sent.retain(|_, it| it.at >= before);
            self.told.retain(|_, at| *at >= before);
            self.told_of.retain(|_, at| *at >= before);
            self.people_told.retain(|_, at| *at >= before);
            let lately = self.now - Span::DAY;
            self.unseen.retain(|_, (_, last)| *last >= lately);
            let sent = &self.sent;
            self.offers.retain(|_, ids| {
                ids.retain(|it| sent.contains_key(it));
                !ids.is_empty()
            });
        }
    }

    /// Does all that is due.
    fn work(&mut self, world: &dyn World, to: &mut Decisions) {
        loop {
            let mut due = Vec::new();
            while self.timers.first().is_some_and(|(at, _)| *at <= self.now)
                && let Some((_, timer)) = self.timers.pop_first()
            {
                match timer {
                    Timer::Answer(lead) => self.unanswered(&lead, world, to),
                    Timer::Step(lead, play) => due.push((lead, play)),
                    Timer::People(lead) => self.tell_people(&lead, world, to),
                }
            }
            if due.is_empty() && self.timers.first().is_none_or(|(at, _)| *at > self.now) {
                return;
            }
            self.do_steps(&due, world, to);
        }
    }

    /// Begins the plays that fit a lead and have not run for it; or notes that it is held out.
    fn begin(&mut self, lead: &Lead, world: &dyn World, to: &mut Decisions) {
        let project = Arc::clone(&self.project);
        let rests_on = world.rests_on(lead);
        let fits = |it: &&Play| self.fits(it, lead, &rests_on, world);
        let plays: Vec<&Play> = project.plays.values().filter(fits).collect();
        let Some(share) = plays.iter().map(|it| it.holdout).max() else { return };
        let size = size_band(world.size(&lead.account));
        let arm = match self.arms.of(&lead.account, lead.track) {
            Some(arm) => arm,
            // Where nobody is to be held out, nobody is assigned: a share may come later.
            None if share == Share::NONE => Arm::Treated,
            None => self.arms.assign(&lead.account, lead.track, &size, share),
        };
        for play in plays {
            if share > Share::NONE {
                to.exposures.push(Exposure {
                    account: lead.account.clone(),
                    track: lead.track,
                    play: play.name.clone(),
                    lead: lead.id.clone(),
                    arm,
                    size: size.clone(),
                    share: share.0,
                    part: part(&lead.account, &play.name),
                    at: self.now,
                });
            }
            let wait = play.steps.first().map_or(Span::ZERO, |it| it.wait);
            let wanted_at = self.now + wait;
            let (state, due_at) = match arm {
                Arm::Treated => (RunState::Running, Some(wanted_at)),
                Arm::HeldOut => (RunState::HeldOut, None),
            };
            let run = PlayRun {
                lead: lead.id.clone(),
                play: play.name.clone(),
                account: lead.account.clone(),
                state,
                began_at: self.now,
                step: 0,
                wanted_at,
                due_at,
                waits: None,
                seen_at: None,
                clicked_at: None,
                dismissed_at: None,
                changed_at: self.now,
            };
            self.note_began(&run);
            self.put_run(run.clone());
            to.runs.push(run);
        }
    }

    fn fits(&self, play: &Play, lead: &Lead, rests_on: &[(Text, bool)], world: &dyn World) -> bool {
        let by = |names: &[Text]| {
            names.is_empty() || rests_on.iter().any(|(it, holds)| *holds && names.contains(it))
        };
        let holds = |it: &Text| world.holds(it, &lead.account);
        play.enabled
            && play.track == lead.track
            && !self.runs.contains_key(&(lead.id.clone(), play.name.clone()))
            && by(&play.definitions)
            && play.segment.as_ref().is_none_or(holds)
            && !play.except.as_ref().is_some_and(holds)
            && self.may_begin(play, &lead.account)
    }

    /// Whether a play may begin once more for an account.
    fn may_begin(&self, play: &Play, account: &Text) -> bool {
        let Some(rate) = play.at_most else { return true };
        let began = self.began.get(&(play.name.clone(), account.clone()));
        let lately = began.into_iter().flatten().filter(|at| **at + rate.span > self.now);
        lately.count() < rate.count as usize
    }

    fn note_began(&mut self, run: &PlayRun) {
        if self.project.plays.get(&run.play).is_some_and(|it| it.at_most.is_some()) {
            let began = self.began.entry((run.play.clone(), run.account.clone())).or_default();
            // A run is told again as it changes.
            if !began.contains(&run.began_at) {
                began.push(run.began_at);
            }
        }
    }

    /// Gives a lead without an owner to somebody.
    fn assign(&mut self, id: &LeadId, world: &dyn World, to: &mut Decisions) {
        let Some(lead) = self.leads.get(id).filter(|it| it.owner.is_none()).cloned() else {
            return;
        };
        let rules = &self.project.leads;
        let mut own = self.project.plays.values().filter(|it| {
            it.assign.is_some() && self.runs.contains_key(&(id.clone(), it.name.clone()))
        });
        let assign: &[OwnerRule] =
            own.next().and_then(|it| it.assign.as_deref()).unwrap_or(&rules.assign);
        let traits = world.traits(&lead.account).unwrap_or_default();
        let load = |name: &str| self.loads.get(name).copied().unwrap_or(0);
        let found = owners::find(rules, assign, &traits, self.now, load, id.as_str());
        if let Some(owner) = found {
            self.give(lead, owner, None, "assigned", to);
        }
    }

    /// Gives a lead to an owner.
    fn give(
        &mut self,
        lead: Lead,
        owner: Text,
        due_at: Option<Time>,
        why: &'static str,
        to: &mut Decisions,
    ) {
        to.assignments.push(Assignment {
            lead: lead.id.clone(),
            owner: owner.clone(),
            due_at,
            why: Text::new_static(why),
            at: self.now,
        });
        let due_at = due_at.or(lead.due_at);
        self.put(Lead { owner: Some(owner), due_at, ..lead });
    }

    /// Ends all that was under way for a lead that is closed.
    fn close(&mut self, lead: &Lead, world: &dyn World, to: &mut Decisions) {
        let Some(before) = self.leads.remove(&lead.id) else { return };
        self.unload(&before);
        self.set_answer_timer(&lead.id);
        let from = (lead.id.clone(), Text::default());
        let of_lead: Vec<RunKey> = self
            .runs
            .range(from..)
            .map(|(key, _)| key)
            .take_while(|it| it.0 == lead.id)
            .cloned()
            .collect();
        for key in of_lead {
            if let Some(run) = self.runs.remove(&key)
                && run.state == RunState::Running
            {
                if let Some(at) = run.due_at {
                    self.timers.remove(&(at, Timer::Step(key.0, key.1)));
                }
                let state = RunState::Stopped;
                to.runs.push(PlayRun {
                    state,
                    due_at: None,
                    waits: None,
                    changed_at: self.now,
                    ..run
                });
            }
        }
        self.call_back(&lead.account, |it| it.lead == lead.id, to);
        if !self.is_held_out(&lead.account, lead.track) {
            self.tell_systems_of(Some(&before), lead, world, to);
        }
        self.wake(&lead.account, Reason::RepWorks);
    }

    /// A rep has taken a lead, or let it go: offers to the account are called back, or may go on.
    fn rep_may_work(&mut self, before: Option<&Lead>, lead: &Lead, to: &mut Decisions) {
        let works = |it: &Lead| it.status == LeadStatus::Accepted;
        match (before.is_some_and(works), works(lead)) {
            (false, true) => self.call_back(&lead.account, |_| true, to),
            (true, false) => self.wake(&lead.account, Reason::RepWorks),
            _ => {}
        }
    }

    /// Calls back an account's offers inside the product that may still be shown, but for those
    /// of critical plays.
    fn call_back(&mut self, account: &Text, which: impl Fn(&Contact) -> bool, to: &mut Decisions) {
        let Some(offers) = self.offers.get_mut(account) else { return };
        let (plays, sent) = (&self.project.plays, &self.sent);
        offers.retain(|id| {
            let Some(it) = sent.get(id) else { return false };
            let play = it.play.as_ref().and_then(|it| plays.get(it));
            let back = which(it) && !play.is_some_and(|it| it.critical);
            if back {
                to.cancelled.push(id.clone());
            }
            !back
        });
    }

    /// Goes on with what waits until the people of an account can be seen: now they can.
    /// [`Self::pass`] does it.
    pub fn seen(&mut self, account: &str) {
        self.unseen.remove(account);
        self.wake(account, Reason::Unwritten);
        for id in self.of_account.get(account).cloned().unwrap_or_default() {
            self.set_answer_timer(&id);
        }
        self.tell_people_now(account);
    }

    /// Looks at once at the runs of an account that wait for this reason.
    fn wake(&mut self, account: &str, reason: Reason) {
        let leads = self.of_account.get(account).cloned().unwrap_or_default();
        let waiting: Vec<RunKey> = self
            .runs
            .values()
            .filter(|it| leads.contains(&it.lead) && it.waits == Some(reason))
            .map(|it| (it.lead.clone(), it.play.clone()))
            .collect();
        for key in waiting {
            if let Some(run) = self.runs.get(&key) {
                self.put_run(PlayRun { due_at: Some(self.now), ..run.clone() });
            }
        }
    }

    /// Whether a rep works on a lead of the account.
    fn rep_works(&self, account: &str) -> bool {
        let leads = self.of_account.get(account).into_iter().flatten();
        leads.filter_map(|it| self.leads.get(it)).any(|it| it.status == LeadStatus::Accepted)
    }

    fn put(&mut self, lead: Lead) -> Option<Lead> {
        self.of_account.entry(lead.account.clone()).or_default().insert(lead.id.clone());
        if let Some(owner) = &lead.owner {
            *self.loads.entry(owner.clone()).or_default() += 1;
        }
        let before = self.leads.insert(lead.id.clone(), lead);
        if let Some(owner) = before.as_ref().and_then(|it| it.owner.as_ref()) {
            self.unload_one(&owner.clone());
        }
        before
    }

    fn unload(&mut self, lead: &Lead) {
        if let Some(of) = self.of_account.get_mut(&lead.account) {
            of.remove(&lead.id);
            if of.is_empty() {
                self.of_account.remove(&lead.account);
            }
        }
        if let Some(owner) = &lead.owner {
            self.unload_one(owner);
        }
    }

    fn unload_one(&mut self, owner: &Text) {
        if let Some(load) = self.loads.get_mut(owner) {
            *load = load.saturating_sub(1);
        }
    }

    fn put_run(&mut self, run: PlayRun) {
        let key = (run.lead.clone(), run.play.clone());
        if let Some(old) = self.runs.get(&key).and_then(|it| it.due_at) {
            self.timers.remove(&(old, Timer::Step(key.0.clone(), key.1.clone())));
        }
        if let Some(at) = run.due_at {
            self.timers.insert((at, Timer::Step(key.0.clone(), key.1.clone())));
        }
        self.runs.insert(key, run);
    }

    fn note_contact(&mut self, it: &Contact) {
        if self.sent.insert(it.delivery.clone(), it.clone()).is_some() {
            return;
        }
        let channel = self.project.channels.get(&it.channel).map(|it| &it.kind);
        if it.play.is_none() && matches!(channel, Some(ChannelKind::HubSpot(_))) {
            let last = self.people_told.entry(it.lead.clone()).or_insert(it.at);
            *last = (*last).max(it.at);
        }
        if !it.of_team && matches!(channel, Some(ChannelKind::InApp(_))) {
            self.offers.entry(it.account.clone()).or_default().push(it.delivery.clone());
        }
        match &it.receiver {
            Some(person) if !it.of_team => self.budget.count(&it.account, person, it.at),
            Some(owner) => {
                let last = self.told.entry((owner.clone(), it.channel.clone())).or_insert(it.at);
                *last = (*last).max(it.at);
                self.told_of.entry((it.lead.clone(), owner.clone())).or_insert(it.at);
            }
            None => {}
        }
    }

    fn suppress(
        &self,
        run: &PlayRun,
        id: Text,
        person: Option<&PersonView>,
        channel: &Text,
        reason: Reason,
    ) -> Suppressed {
        Suppressed {
            id,
            lead: run.lead.clone(),
            play: run.play.clone(),
            step: run.step,
            account: run.account.clone(),
            person: person.map(|it| it.id.clone()),
            person_name: person.and_then(|it| it.name().cloned()),
            channel: channel.clone(),
            at: self.now,
            reason,
        }
    }
}

/// A step's channel, unless it is off.
fn open_channel<'p>(project: &'p Project, step: &Step) -> Option<&'p Channel> {
    project.channels.get(&step.by.text).filter(|it| it.enabled)
}

/// The message of a step for an account, by its variants; `None` is the one that comes with
/// the program.
fn message_of<'p>(
    project: &'p Project,
    play: &Play,
    step: &Step,
    account: &str,
) -> Option<&'p Message> {
    variant_of(play, step, account).and_then(|it| project.messages.get(it))
}

/// The name of the message that an account gets by a step; `None` is the one that comes with the
/// program.
pub fn variant_of<'p>(play: &Play, step: &'p Step, account: &str) -> Option<&'p Text> {
    let mut part = part(account, &play.name);
    step.variants.iter().find_map(|(name, share)| {
        if part < share.0 {
            return Some(name);
        }
        part -= share.0;
        None
    })
}
