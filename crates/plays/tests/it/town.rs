//! A small town to plan for: accounts with people, and everything that was written down.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firsthand_model::config::{Project, Track};
use firsthand_model::diagnostic::{SourceFile, Style, render};
use firsthand_model::lead::{Lead, LeadId, LeadStatus};
use firsthand_model::message::Outgoing;
use firsthand_model::play::{Contact, Exposure, PlayRun, Reaction, RunState, Suppressed};
use firsthand_model::{Decimal, Scalar, Span, Text, Time};
use firsthand_plays::{
    AccountView, Decisions, MeterView, PersonView, Picture, Planned, Planner, ReasonView, World,
    check,
};

/// A Monday, at nine in the morning.
pub const FROM: &str = "2026-01-05T09:00:00Z";

pub fn project(text: &str) -> Arc<Project> {
    let file = SourceFile { name: "firsthand.yaml".into(), text: text.into() };
    let loaded = Project::from_files(&[Arc::new(file)], &|path| {
        Err(std::io::Error::new(std::io::ErrorKind::NotFound, path.to_owned()))
    });
    let diagnostics: Vec<_> =
        loaded.diagnostics.into_iter().chain(check(&loaded.project)).collect();
    assert_eq!(render(&diagnostics, Style::default()), "");
    Arc::new(loaded.project)
}

/// What is so, as far as the planner asks.
#[derive(Default)]
pub struct Truth {
    pub traits: BTreeMap<Text, BTreeMap<Text, Scalar>>,
    pub people: BTreeMap<Text, Vec<PersonView>>,
    /// Definitions that hold for an account.
    pub holds: RefCell<BTreeSet<(Text, Text)>>,
    /// Accounts that have done what counts as success, and when.
    pub successes: RefCell<BTreeMap<Text, Time>>,
    /// Whether the history cannot be read just now.
    pub blind: Cell<bool>,
}

impl World for Truth {
    fn holds(&self, definition: &str, account: &str) -> bool {
        self.holds.borrow().contains(&(definition.into(), account.into()))
    }

    fn holds_for_person(&self, definition: &str, person: &str) -> bool {
        self.holds.borrow().contains(&(definition.into(), person.into()))
    }

    fn rests_on(&self, lead: &Lead) -> Vec<(Text, bool)> {
        vec![("near".into(), !self.holds("left", &lead.account))]
    }

    fn converted(&self, account: &str, since: Time) -> bool {
        self.successes.borrow().get(account).is_some_and(|at| *at >= since)
    }

    fn traits(&self, account: &str) -> Option<BTreeMap<Text, Scalar>> {
        Some(self.traits.get(account).cloned().unwrap_or_default())
    }

    fn size(&self, account: &str) -> u32 {
        self.people.get(account).map_or(0, |it| u32::try_from(it.len()).unwrap())
    }

    fn people(&self, account: &str) -> Option<Vec<PersonView>> {
        let people = self.people.get(account).cloned().unwrap_or_default();
        (!self.blind.get()).then_some(people)
    }

    fn picture(&self, lead: &Lead) -> Option<Picture> {
        Some(Picture {
            account: AccountView {
                id: lead.account.clone(),
                name: Some(format!("{} Inc.", lead.account).into()),
                traits: self.traits(&lead.account)?,
                plan: Some("Free".into()),
                next_plan: Some("Pro".into()),
                meters: vec![MeterView {
                    name: "contacts".into(),
                    unit: "contacts".into(),
                    used: Decimal::from(8_140_i64),
                    limit: Some(Decimal::from(10_000_i64)),
                }],
                trial_left: None,
                members: self.size(&lead.account),
                stage: Some("pql".into()),
            },
            people: Vec::new(),
            reasons: vec![ReasonView {
                title: "Free team about to outgrow its contacts".into(),
                headline: Some("8,140 of 10,000 contacts are in use".into()),
                observed: vec!["3 people exported a report in 7 days".into()],
                person: None,
                holds: true,
            }],
        })
    }
}

pub fn person(id: &str, traits: &[(&str, &str)]) -> PersonView {
    let text = |(name, value): &(&str, &str)| ((*name).into(), Scalar::Text((*value).into()));
    PersonView {
        id: id.into(),
        traits: traits.iter().map(text).collect(),
        last_seen: None,
        does: vec![("Report exported".into(), 12)],
    }
}

/// The planner, with all that it has had written down.
pub struct Town {
    pub project: Arc<Project>,
    pub truth: Truth,
    pub planner: Planner,
    pub now: Time,
    pub leads: BTreeMap<LeadId, Lead>,
    pub runs: BTreeMap<(LeadId, Text), PlayRun>,
    pub sent: Vec<Planned>,
    pub cancelled: BTreeSet<Text>,
    pub suppressed: Vec<Suppressed>,
    pub contacts: Vec<Contact>,
    pub exposures: Vec<Exposure>,
    salt: u64,
}

impl Town {
    pub fn new(text: &str) -> Self {
        let project = project(text);
        Self {
            planner: Planner::new(project.clone()),
            project,
            truth: Truth::default(),
            now: FROM.parse().unwrap(),
            leads: BTreeMap::new(),
            runs: BTreeMap::new(),
            sent: Vec::new(),
            cancelled: BTreeSet::new(),
            suppressed: Vec::new(),
            contacts: Vec::new(),
            exposures: Vec::new(),
            salt: 0,
        }
    }

    pub fn people(&mut self, account: &str, people: impl IntoIterator<Item = PersonView>) {
        self.truth.people.insert(account.into(), people.into_iter().collect());
    }

    pub fn open(&mut self, account: &str) -> LeadId {
        self.salt += 1;
        let lead = Lead {
            id: LeadId::mint(self.now, self.salt),
            account: account.into(),
            track: Track::Product,
            status: LeadStatus::Open,
            opened_at: self.now,
            known_at: self.now,
            score: None,
            owner: None,
            snoozed_until: None,
            due_at: Some(self.project.leads.due(Track::Product, self.now)),
            touched_at: None,
            changed_at: self.now,
            closed_at: None,
            reason: None,
            merged_into: None,
            held_out: false,
        };
        let id = lead.id.clone();
        self.change(&lead);
        id
    }

    pub fn turn(&mut self, id: &LeadId, status: LeadStatus) {
        let closed_at = status.is_closed().then_some(self.now);
        let old = self.leads[id].clone();
        let (touched_at, changed_at) = (Some(self.now), self.now);
        self.change(&Lead { status, closed_at, touched_at, changed_at, ..old });
    }

    fn change(&mut self, lead: &Lead) {
        let mut to = Decisions::default();
        self.leads.insert(lead.id.clone(), lead.clone());
        self.planner.lead(lead, &self.truth, self.now, &mut to);
        self.write(to);
    }

    pub fn react(&mut self, delivery: &str, reaction: Reaction) {
        let mut to = Decisions::default();
        self.planner.reaction(delivery, reaction, self.now, &mut to);
        self.write(to);
    }

    /// Lets time pass, and looks whenever the planner asks to.
    pub fn pass(&mut self, span: Span) {
        let until = self.now + span;
        loop {
            self.now = self.planner.next().max(self.now).min(until);
            let mut to = Decisions::default();
            self.planner.pass(self.now, &self.truth, &mut to);
            self.write(to);
            if self.planner.next() > until {
                self.now = until;
                return;
            }
        }
    }

    /// The people of an account can be seen now.
    pub fn seen(&mut self, account: &str) {
        self.planner.seen(account);
        self.pass(Span::ZERO);
    }

    fn write(&mut self, to: Decisions) {
        for run in to.runs {
            self.runs.insert((run.lead.clone(), run.play.clone()), run);
        }
        for it in &to.deliveries {
            assert!(self.sent.iter().all(|old| old.id != it.id), "decided twice: {it:?}");
        }
        self.sent.extend(to.deliveries);
        self.cancelled.extend(to.cancelled);
        self.suppressed.extend(to.suppressed);
        self.contacts.extend(to.contacts);
        self.exposures.extend(to.exposures);
        for it in to.held_out {
            self.leads.get_mut(&it).unwrap().held_out = true;
        }
        for it in to.assignments {
            let lead = self.leads.get_mut(&it.lead).unwrap();
            lead.owner = Some(it.owner);
            lead.due_at = it.due_at.or(lead.due_at);
        }
    }

    /// Makes the planner anew from what was written down.
    pub fn restart(&mut self) {
        let mut planner = Planner::new(self.project.clone());
        let leads = || self.leads.values().filter(|it| !it.status.is_closed());
        leads().for_each(|it| planner.remember_lead(it));
        self.exposures.iter().for_each(|it| planner.remember_exposure(it));
        self.runs.values().for_each(|it| planner.remember_run(it.clone()));
        let from = planner.memory_from(self.now);
        let contacts = self.contacts.iter().filter(|it| it.at >= from);
        contacts.for_each(|it| planner.remember_contact(it));
        leads().for_each(|it| planner.remember_lead(it));
        self.planner = planner;
    }

    /// What was sent, one line each: when, by which channel, to whom.
    pub fn told(&self) -> Vec<String> {
        let line = |it: &Planned| {
            let whom = match &it.outgoing {
                Outgoing::InApp(it) => it.person.to_string(),
                Outgoing::Email(it) => it.to.to_string(),
                Outgoing::Slack(it) => format!("{:?}", it.to),
                Outgoing::Webhook(it) => it.event.to_string(),
                Outgoing::Crm(it) => format!("{} {}", it.account, it.task.is_some()),
                Outgoing::CrmPeople(it) => format!("{} {} people", it.account, it.people.len()),
            };
            let back = if self.cancelled.contains(&it.id) { ", called back" } else { "" };
            format!("{} {} {whom}{back}", it.at, it.channel)
        };
        self.sent.iter().map(line).collect()
    }

    pub fn run(&self, play: &str) -> &PlayRun {
        self.runs.values().find(|it| it.play == play).unwrap()
    }

    pub fn state(&self, play: &str) -> RunState {
        self.run(play).state
    }
}
