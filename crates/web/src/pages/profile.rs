//! What the pages of a lead and of an account both tell of a customer: plan, usage, people, evidence,
//! what happened.

use firsthand_model::Time;
use serde_json::{Map, Value};

use super::error::PageError;
use super::evidence::{Line, lines, met_of};
use super::inbox::{TrackMark, status_word};
use super::shell::{initials, tint};
use super::show::Show;
use super::texts::{Texts, fill};
use crate::backend::{Answer, Failure, Someone};
use crate::noun::{Explanation, LeadDetail, Qualification, StageMove, SubjectKind, Usage};

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

/// Something that happened.
pub(crate) struct Happening {
    pub at: Time,
    pub when: String,
    pub machine: String,
    /// The tint of the dot.
    pub class: &'static str,
    /// The icon in the dot; a track's own glyph if empty.
    pub icon: &'static str,
    pub text: String,
    pub below: String,
}

fn happening(
    show: &Show,
    at: Time,
    (class, icon): (&'static str, &'static str),
    text: String,
    below: String,
) -> Happening {
    Happening { at, when: show.when(at), machine: show.machine(at), class, icon, text, below }
}

/// What qualified, with its reason.
pub(super) fn of_qualifications(
    show: &Show,
    all: &[Qualification],
    track: impl Fn(&Qualification) -> &'static str,
) -> Vec<Happening> {
    let l = &show.t.leads;
    let mut told = Vec::new();
    for it in all {
        let mut below: Vec<String> = it.why.iter().cloned().collect();
        if it.subject.kind == SubjectKind::Person {
            below.push(fill(l.h_person, &[("person", &it.subject.id)]));
        }
        let text = fill(l.h_qualified, &[("definition", &it.definition)]);
        told.push(happening(show, it.entered_at.0, (track(it), ""), text, below.join(", ")));
        if let Some(left) = it.left_at {
            let text = fill(l.h_left, &[("definition", &it.definition)]);
            told.push(happening(show, left.0, ("", "minus"), text, String::new()));
        }
    }
    told
}

/// What was done with a lead.
pub(super) fn of_lead(show: &Show, detail: &LeadDetail) -> Vec<Happening> {
    let l = &show.t.leads;
    let class = TrackMark::of(show.t, detail.lead.track).class;
    let mut told = Vec::new();
    for it in &detail.history {
        let (mark, text) = match (it.from, it.to) {
            (None, _) => ((class, "inbox"), l.h_opened.to_owned()),
            (Some(from), to) if from == to => (("", "pen"), l.h_changed.to_owned()),
            (_, to) => {
                use crate::noun::LeadStatus as S;
                let mark = match to {
                    S::Accepted | S::Won => ("good", "check"),
                    S::Rejected | S::Lost => ("bad", "cross"),
                    S::Snoozed => ("", "snooze"),
                    _ => ("", "inbox"),
                };
                (mark, fill(l.h_status, &[("status", status_word(show.t, to))]))
            }
        };
        let mut below: Vec<String> = it.reason.iter().cloned().collect();
        if let Some(by) = &it.by {
            below.push(fill(l.h_by, &[("who", by)]));
        }
        told.push(happening(show, it.at.0, mark, text, below.join(", ")));
    }
    told
}

/// How the account came to its stage.
pub(super) fn of_stages(show: &Show, moves: &[StageMove]) -> Vec<Happening> {
    let l = &show.t.leads;
    let told = moves.iter().map(|it| {
        let stage = super::inbox::Stage::of(show.t, Some(&it.to)).word;
        let text = if it.corrected { l.h_stage_corrected } else { l.h_stage };
        let text = fill(text, &[("stage", &stage)]);
        happening(show, it.at.0, ("", "flag"), text, it.cause.clone().unwrap_or_default())
    });
    told.collect()
}

/// The newest first; what happened at once stays in the order it was told in.
pub(super) fn newest_first(mut all: Vec<Happening>) -> Vec<Happening> {
    all.sort_by_key(|it| std::cmp::Reverse(it.at));
    all
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
