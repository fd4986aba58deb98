//! What the pages of a lead and of an account both tell of a customer: plan, usage, people, evidence.
//! What happened is in [`super::happened`].

use serde_json::{Map, Value};

use super::error::PageError;
use super::evidence::{Line, lines, met_of};
use super::shell::{initials, tint};
use super::show::Show;
use super::texts::{Texts, fill};
use crate::backend::{Answer, Failure, Someone};
use crate::noun::{Explanation, Qualification, SubjectKind, Usage};

/// Definitions that do not hold yet and are shown.
pub(super) const NEAR_MAX: usize = 3;
/// Letters of a version's hash that are shown.
const VERSION_CHARS: usize = 7;
/// The longest value of a trait that is shown, in characters.
const TRAIT_CHARS_MAX: usize = 200;

/// What is asked of the engine's memory is left out while that is being rebuilt.
pub(super) fn calm<T>(answer: Answer<T>) -> Result<Option<T>, PageError> {
    match answer {
        Ok(it) => Ok(Some(it)),
        Err(Failure::NotReady { .. }) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

/// The plan and the trial in words.
pub(super) fn plan(show: &Show, usage: Option<&Usage>) -> (String, Option<String>) {
    let l = &show.t.leads;
    let Some(plan) = usage.and_then(|it| it.plan.as_ref()) else {
        return (l.no_plan.to_owned(), None);
    };
    let words = match plan.since {
        Some(since) => fill(l.plan_since, &[("plan", &plan.name), ("time", &show.date(since.0))]),
        None => plan.name.clone(),
    };
    let trial = plan.trial_ends_at.map(|it| {
        if it.0 > show.now {
            fill(l.trial_left, &[("span", &show.span(it.0 - show.now))])
        } else {
            fill(l.trial_over, &[("time", &show.date(it.0))])
        }
    });
    (words, trial)
}

/// A person of the account.
pub(crate) struct PersonRow {
    pub id: String,
    pub name: String,
    pub initials: String,
    pub tint: u8,
    pub role: String,
    pub seen: String,
    /// What they did most, in words.
    pub does: String,
}

pub(super) fn people(show: &Show, people: &[Someone]) -> Vec<PersonRow> {
    let does = |of: &[(String, u64)]| {
        let told = |(name, n): &(String, u64)| format!("{name} {}", show.count(*n));
        of.iter().map(told).collect::<Vec<_>>().join(", ")
    };
    let row = |it: &Someone| {
        let name = it.name.clone().unwrap_or_else(|| it.id.clone());
        PersonRow {
            id: it.id.clone(),
            initials: initials(&name),
            tint: tint(&name),
            role: it.role.clone().unwrap_or_default(),
            seen: it.last_seen_at.map_or_else(String::new, |at| show.ago(at)),
            does: does(&it.does),
            name,
        }
    };
    people.iter().map(row).collect()
}

/// A definition with its evidence.
pub(crate) struct Evidence {
    pub definition: String,
    pub version: String,
    pub holds: bool,
    /// Who it is about, where that is a person.
    pub person: Option<String>,
    /// `5 of 5 hold`.
    pub summary: String,
    pub when: Vec<Line>,
    pub stay: Vec<Line>,
    pub unless: Vec<Line>,
    /// The fewest conditions that would do, in words.
    pub missing: Vec<String>,
}

impl Evidence {
    pub fn of(show: &Show, it: &Explanation) -> Self {
        let t = show.t;
        let part = |it: &Option<Value>| it.as_ref().map_or_else(Vec::new, |it| lines(t, it));
        let when = lines(t, &it.when);
        Self {
            definition: it.definition.clone(),
            version: short(&it.version),
            holds: it.holds,
            person: (it.subject.kind == SubjectKind::Person).then(|| it.subject.id.clone()),
            summary: summary(show, &when),
            when,
            stay: part(&it.stay),
            unless: part(&it.unless),
            missing: it.missing.clone(),
        }
    }

    /// As the ledger recorded it, where it can no longer be looked at.
    pub fn recorded(show: &Show, it: &Qualification) -> Option<Self> {
        let part = |name: &str| it.evidence.get(name).map_or_else(Vec::new, |it| lines(show.t, it));
        let when = part("when");
        (!when.is_empty()).then(|| Self {
            definition: it.definition.clone(),
            version: short(&it.version),
            holds: it.left_at.is_none(),
            person: (it.subject.kind == SubjectKind::Person).then(|| it.subject.id.clone()),
            summary: summary(show, &when),
            when,
            stay: part("stay"),
            unless: part("unless"),
            missing: Vec::new(),
        })
    }
}

fn summary(show: &Show, when: &[Line]) -> String {
    let (met, of) = met_of(when);
    fill(show.t.leads.hold, &[("n", &met.to_string()), ("m", &of.to_string())])
}

/// A version as people tell it apart from others.
pub(crate) fn short(version: &str) -> String {
    version.chars().take(VERSION_CHARS).collect()
}

/// What does not hold yet, the nearest first.
pub(super) fn nearly(show: &Show, all: &[Explanation]) -> Vec<Evidence> {
    let mut near: Vec<&Explanation> = all.iter().filter(|it| !it.holds).collect();
    near.sort_by_key(|it| (it.missing.is_empty(), it.missing.len()));
    near.into_iter().take(NEAR_MAX).map(|it| Evidence::of(show, it)).collect()
}

/// The traits of an account as names and values.
pub(super) fn traits(of: &Map<String, Value>) -> Vec<(String, String)> {
    let told = |it: &Value| {
        let text = match it {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        text.chars().take(TRAIT_CHARS_MAX).collect()
    };
    of.iter().map(|(name, value)| (name.clone(), told(value))).collect()
}

/// The steps of the lifecycle up to being a customer: the word, its class, and whether it is now.
pub(super) fn lifecycle(t: &'static Texts, stage: Option<&str>, track: &str) -> Vec<Step> {
    let middle = if track == "marketing" || stage == Some("mql") { "mql" } else { "pql" };
    let steps = ["lead", middle, "sql", "opportunity", "customer"];
    let place = stage.and_then(|it| steps.iter().position(|step| *step == it));
    let told = steps.iter().enumerate().map(|(index, step)| Step {
        word: super::inbox::Stage::of(t, Some(step)).word,
        done: place.is_some_and(|it| index < it),
        current: place == Some(index),
    });
    told.collect()
}

/// A step of the lifecycle.
pub(crate) struct Step {
    pub word: String,
    pub done: bool,
    pub current: bool,
}
