//! What an account's facts say of it and of one of its people at an instant.

use std::collections::BTreeMap;

use firsthand_model::config::Project;
use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Scalar, Span, Text, Time};
use firsthand_rules::compile::{PLAN, TRIAL_ENDS};

/// What stood of an account at an instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// The account's traits in force.
    pub account: BTreeMap<Text, Scalar>,
    /// The traits of the one person asked about.
    pub person: BTreeMap<Text, Scalar>,
    /// How many people belonged to it.
    pub members: u64,
    /// Since when it had been on trial.
    pub trial_since: Option<Time>,
    /// When that trial ends.
    pub trial_ends: Option<Time>,
}

impl Standing {
    /// Reads the rows of an account, in their order, up to and including an instant.
    pub fn of(
        account: &str,
        rows: &[Row],
        person: Option<&str>,
        at: Time,
        project: &Project,
    ) -> Self {
        let mut standing = Self::default();
        if let Some(domain) = account.strip_prefix("domain:") {
            standing.account.insert("domain".into(), Scalar::Text(domain.into()));
        }
        let mut members: BTreeMap<&Text, bool> = BTreeMap::new();
        let rows = &rows[..rows.partition_point(|it| it.time <= at)];
        for row in rows {
            let theirs = person.is_some() && row.person.as_deref() == person;
            match &row.body {
                RowBody::Traits { of: Kind::Account, traits } => {
                    set(&mut standing.account, traits);
                    standing.note_trial(row.time, project);
                }
                RowBody::Traits { of: Kind::Person, traits } if theirs => {
                    set(&mut standing.person, traits);
                }
                RowBody::Membership { joined, role } => {
                    if let Some(member) = &row.person {
                        members.insert(member, *joined);
                    }
                    if let (true, true, Some(role)) = (theirs, *joined, role) {
                        standing.person.insert("role".into(), Scalar::Text(role.clone()));
                    }
                }
                // Whoever does something in the account belongs to it, unless they have left.
                RowBody::Event { .. } => {
                    if let Some(member) = &row.person {
                        members.entry(member).or_insert(true);
                    }
                }
                RowBody::Traits { .. } => {}
            }
        }
        standing.members = members.values().filter(|it| **it).count() as u64;
        standing.settle_trial(at, project);
        standing
    }

    /// A trial begins where the plan becomes one.
    fn note_trial(&mut self, at: Time, project: &Project) {
        match self.trial_length(at, project) {
            Some(_) => self.trial_since = self.trial_since.or(Some(at)),
            None => self.trial_since = None,
        }
    }

    /// Its end is what billing tells, else what the plan gives.
    fn settle_trial(&mut self, at: Time, project: &Project) {
        let Some(since) = self.trial_since else { return };
        let told = match self.account.get(TRIAL_ENDS) {
            Some(Scalar::Text(text)) => {
                text.parse().ok().or_else(|| project.calendar.local(text.as_str()))
            }
            _ => None,
        };
        self.trial_ends = told.or_else(|| Some(since + self.trial_length(at, project)?));
    }

    fn trial_length(&self, at: Time, project: &Project) -> Option<Span> {
        let Some(Scalar::Text(plan)) = self.account.get(PLAN) else { return None };
        let plan = project.plans.values().find(|it| it.id.eq_ignore_ascii_case(plan))?;
        let in_force = |from: firsthand_model::Date| project.calendar.start_of(from) <= at;
        plan.terms.iter().rev().find(|it| it.from.is_none_or(in_force))?.trial
    }
}

fn set(held: &mut BTreeMap<Text, Scalar>, traits: &[(Text, Scalar)]) {
    for (path, value) in traits {
        if value.is_missing() {
            held.remove(path);
        } else {
            held.insert(path.clone(), value.clone());
        }
    }
}
