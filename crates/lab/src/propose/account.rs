//! One account's part in a survey.

use std::collections::{BTreeMap, BTreeSet};

use firsthand_model::fact::{Kind as Whose, Row, RowBody};
use firsthand_model::time::Period;
use firsthand_model::{Calendar, Scalar, Text, Time};
use rustc_hash::FxHashSet;

use super::candidates::{Candidate, Kind, Look, PlanKind};
use super::survey::Survey;
use super::words::Role;

/// Most things that a level tells apart in one account; further ones are not counted.
const KEYS_MAX: usize = 100_000;

/// Adds an account to the survey.
pub(super) fn take(
    survey: &mut Survey,
    look: &Look,
    account: &str,
    visitor: bool,
    rows: &[Row],
    is_work: &dyn Fn(&str) -> bool,
) {
    let mut life = Life::new(look);
    for row in rows {
        life.take(row);
    }
    life.end(survey, account, visitor, is_work);
}

/// What an account has done so far.
struct Life<'l, 'r> {
    look: &'l Look,
    /// The names of events in the data's spelling, against the look's.
    calendar: Calendar,
    events: BTreeMap<&'l Text, Did<'r>>,
    used: bool,
    people: BTreeSet<&'r Text>,
    domains: BTreeMap<String, BTreeSet<&'r Text>>,
    paid_at: Option<Time>,
    plan: Option<Text>,
    plan_since: Time,
    plans: Vec<Stay>,
    meters: Vec<Gauge<'l>>,
}

/// What an account has done of one event.
#[derive(Default)]
struct Did<'r> {
    count: u64,
    records: u64,
    personless: u64,
    anonymous: u64,
    people: FxHashSet<&'r Text>,
    first: Time,
    last: Time,
    began: bool,
}

/// Some time on a plan.
struct Stay {
    plan: Text,
    spelt: Text,
    since: Time,
    left: Option<(Text, Time)>,
}

impl<'l, 'r> Life<'l, 'r> {
    fn new(look: &'l Look) -> Self {
        Self {
            look,
            calendar: Calendar::default(),
            events: BTreeMap::new(),
            used: false,
            people: BTreeSet::new(),
            domains: BTreeMap::new(),
            paid_at: None,
            plan: None,
            plan_since: Time::MIN,
            plans: Vec::new(),
            meters: look.meters.iter().map(Gauge::new).collect(),
        }
    }

    fn take(&mut self, row: &'r Row) {
        match &row.body {
            RowBody::Event { name, record, values } => self.event(row, name, *record, values),
            RowBody::Traits { of: Whose::Account, traits } => {
                for (path, value) in traits {
                    if path == "plan" {
                        self.plan_is(value, row.time);
                    }
                }
            }
            RowBody::Traits { of: Whose::Person, traits } => {
                let Some(person) = &row.person else { return };
                for (path, value) in traits {
                    if path == "email"
                        && let Scalar::Text(email) = value
                        && let Some((_, domain)) = email.rsplit_once('@')
                    {
                        self.domains.entry(domain.to_lowercase()).or_default().insert(person);
                    }
                }
            }
            RowBody::Membership { .. } => {}
        }
    }

    fn event(&mut self, row: &'r Row, name: &Text, record: bool, values: &[Scalar]) {
        let Some((name, role)) = self.look.events.get_key_value(name) else { return };
        let did = self.events.entry(name).or_insert_with(|| Did {
            first: row.time,
            began: !self.used && !record,
            ..Did::default()
        });
        did.count += 1;
        did.records += u64::from(record);
        did.last = row.time;
        match &row.person {
            None => did.personless += 1,
            Some(person) => {
                did.anonymous += u64::from(person.starts_with("anon:"));
                did.people.insert(person);
                self.people.insert(person);
            }
        }
        self.used |= !record && *role != Role::Content;
        if role.is_outcome() {
            self.pays(row.time);
        }
        let plan = self.plan.as_ref();
        for gauge in &mut self.meters {
            gauge.take(name, row.time, values, plan, &self.calendar);
        }
    }

    fn pays(&mut self, at: Time) {
        self.paid_at = Some(self.paid_at.map_or(at, |it| it.min(at)));
    }

    fn plan_is(&mut self, value: &Scalar, at: Time) {
        let Scalar::Text(spelt) = value else { return };
        let plan = Text::from(spelt.to_lowercase());
        if !self.look.plans.contains_key(&plan) || self.plan.as_ref() == Some(&plan) {
            return;
        }
        if let Some(stay) = self.plans.last_mut() {
            stay.left = Some((plan.clone(), at));
        }
        if self.look.plan(&plan) == PlanKind::Paid {
            self.pays(at);
        }
        self.plans.push(Stay { plan: plan.clone(), spelt: spelt.clone(), since: at, left: None });
        for gauge in &mut self.meters {
            gauge.note(Some(&plan));
        }
        (self.plan, self.plan_since) = (Some(plan), at);
    }

    fn end(
        self,
        survey: &mut Survey,
        account: &str,
        visitor: bool,
        is_work: &dyn Fn(&str) -> bool,
    ) {
        if self.events.is_empty() && self.plans.is_empty() {
            return;
        }
        survey.visitors += u64::from(visitor);
        survey.accounts += u64::from(!visitor);
        if !visitor {
            survey.own_accounts += u64::from(account.starts_with("own:"));
            survey.teams += u64::from(self.people.len() > 1);
            survey.people += self.people.len() as u64;
            survey.paid += u64::from(self.paid_at.is_some());
        }
        for (name, did) in &self.events {
            let figures = survey.events.entry((*name).clone()).or_default();
            figures.count += did.count;
            figures.records += did.records;
            figures.personless += did.personless;
            figures.anonymous += did.anonymous;
            if visitor {
                continue;
            }
            figures.people += did.people.len() as u64;
            figures.accounts += 1;
            let days = (self.calendar.date(did.first), self.calendar.date(did.last));
            figures.again += u64::from(days.0 != days.1);
            figures.once += u64::from(did.count == 1);
            figures.first += u64::from(did.began);
            match self.paid_at {
                Some(at) => figures.before_paying += u64::from(did.first < at),
                None => figures.never_paid += 1,
            }
        }
        self.plans_end(survey);
        for (gauge, figures) in self.meters.into_iter().zip(&mut survey.meters) {
            let mut most = 0.0_f64;
            for (plan, peak) in gauge.peaks {
                most = most.max(peak);
                if let Some(plan) = plan {
                    figures.by_plan.entry(plan).or_default().add(peak);
                }
            }
            figures.all.add(most);
        }
        for (domain, people) in self.domains {
            if is_work(&format!("x@{domain}"))
                && let Some(figures) = survey.domain(&domain)
            {
                figures.add(people.into_iter());
            }
        }
    }

    fn plans_end(&self, survey: &mut Survey) {
        let mut met = BTreeSet::new();
        for (place, stay) in self.plans.iter().enumerate() {
            let figures = survey.plans.entry(stay.plan.clone()).or_default();
            *figures.spelt.entry(stay.spelt.clone()).or_default() += 1;
            figures.accounts += u64::from(met.insert(&stay.plan));
            figures.first += u64::from(place == 0);
            match &stay.left {
                Some((to, at)) => figures.left(to, *at - stay.since),
                None => figures.now += 1,
            }
        }
    }
}

/// One meter as it runs in one account.
struct Gauge<'l> {
    of: &'l Candidate,
    now: f64,
    /// For a level by key: what there is.
    keys: FxHashSet<u64>,
    month: Option<i32>,
    /// The greatest amount on each plan, and without one.
    peaks: BTreeMap<Option<Text>, f64>,
}

impl<'l> Gauge<'l> {
    fn new(of: &'l Candidate) -> Self {
        Self { of, now: 0.0, keys: FxHashSet::default(), month: None, peaks: BTreeMap::new() }
    }

    fn take(
        &mut self,
        name: &Text,
        at: Time,
        values: &[Scalar],
        plan: Option<&Text>,
        calendar: &Calendar,
    ) {
        let adds = *name == self.of.add;
        if !adds && self.of.remove.as_ref() != Some(name) {
            return;
        }
        if self.of.monthly {
            let month = calendar.period_start(Period::Month, calendar.date(at)).0;
            if self.month.replace(month) != Some(month) {
                self.now = 0.0;
            }
        }
        if let Some(key) = self.of.key {
            let key = match values.get(key) {
                None | Some(Scalar::Missing) => return,
                Some(value) => fingerprint(value),
            };
            if !adds {
                self.keys.remove(&key);
            } else if self.keys.len() < KEYS_MAX {
                self.keys.insert(key);
            }
            self.now = self.keys.len() as f64;
        } else {
            let amount = match self.of.value.map(|it| values.get(it)) {
                None => 1.0,
                Some(Some(Scalar::Number(it))) => it.to_f64(),
                Some(_) if self.of.kind == Kind::Count => 1.0,
                Some(_) => return,
            };
            self.now += if adds { amount } else { -amount };
        }
        self.note(plan);
    }

    /// Keeps the greatest amount of the plan in force.
    fn note(&mut self, plan: Option<&Text>) {
        let peak = self.peaks.entry(plan.cloned()).or_default();
        *peak = peak.max(self.now);
    }
}

fn fingerprint(value: &Scalar) -> u64 {
    use std::hash::{BuildHasher, BuildHasherDefault};
    BuildHasherDefault::<rustc_hash::FxHasher>::default().hash_one(value.to_string().to_lowercase())
}
