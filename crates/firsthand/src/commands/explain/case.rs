//! One definition, explained for one subject.

use std::sync::Arc;

use firsthand_model::fact::Kind;
use firsthand_model::{Decimal, Text, Time};
use firsthand_rules::explain::{Evidence, Explanation, Met};
use firsthand_rules::ledger::{Change, Entry};
use firsthand_rules::timeline::{Interval, Subject};
use firsthand_rules::world::Judged;
use serde_json::{Value, json};

use crate::commands::replay::qualification::in_words;
use crate::headline::{About, Amounts, Headlines};
use crate::study::{Asked, Study};

/// One definition, explained for one subject.
pub struct Case {
    /// Who.
    pub subject: Subject,
    /// The exclusion that keeps the subject out.
    pub excluded: Option<Text>,
    /// What was observed, condition by condition.
    pub explanation: Explanation,
    /// When it held.
    pub intervals: Vec<Interval>,
    /// How that became known.
    pub ledger: Vec<Entry>,
    /// The definition's `why`, filled in, where it holds.
    pub headline: Option<String>,
    /// The value of the definition's score.
    pub score: Option<Decimal>,
    /// Why it holds, in plain words, where it does.
    pub reasons: Vec<String>,
}

/// Explains definitions for subjects, as of an instant.
pub fn of(
    study: &Study,
    definitions: &[Asked],
    found: Vec<Judged>,
    at: Time,
) -> anyhow::Result<Vec<Case>> {
    let headlines = Headlines::new(study);
    let mut cases = Vec::new();
    let mut about = Vec::new();
    for judged in found {
        let amounts = amounts(study, &headlines, &judged, at)?;
        for asked in definitions.iter().filter(|it| it.kind == judged.subject.kind) {
            let Some(explanation) = study.explain(&judged.stream, &asked.name) else { continue };
            let score = asked.score(&judged);
            about.push(About {
                definition: asked.name.clone(),
                subject: judged.subject.clone(),
                account: judged.account.clone(),
                amounts: Arc::clone(&amounts),
                score,
            });
            let entries = judged.ledger.iter().filter(|it| it.definition == asked.place);
            let mut case = Case {
                subject: judged.subject.clone(),
                excluded: judged.excluded.clone(),
                intervals: judged.timelines[asked.place].clone(),
                ledger: entries.cloned().collect(),
                headline: None,
                score,
                reasons: Vec::new(),
                explanation,
            };
            if case.holds() {
                case.reasons = in_words(study, &case.explanation);
            }
            cases.push(case);
        }
    }
    for (case, headline) in cases.iter_mut().zip(headlines.of_each(&about, at)?) {
        case.headline = headline.filter(|_| case.holds());
    }
    Ok(cases)
}

/// The amounts that a headline may tell: always the account's.
fn amounts(
    study: &Study,
    headlines: &Headlines<'_>,
    judged: &Judged,
    at: Time,
) -> anyhow::Result<Arc<Amounts>> {
    let of = |it: &Judged| Amounts::of(&study.program.account, &it.stream);
    Ok(Arc::new(match judged.subject.kind {
        Kind::Account => of(judged),
        Kind::Person if headlines.tells_persons_of_amounts() => {
            let account = study.subjects(&judged.account, Some(Kind::Account), at)?;
            account.first().map(of).unwrap_or_default()
        }
        Kind::Person => Amounts::default(),
    }))
}

impl Case {
    /// Whether the definition holds, and counts.
    pub fn holds(&self) -> bool {
        self.explanation.holds && self.excluded.is_none()
    }

    /// Where it stands, in a word or three.
    pub fn state(&self) -> String {
        match &self.excluded {
            Some(exclusion) => format!("excluded as {exclusion}"),
            None if self.holds() => "qualified".to_owned(),
            None if self.intervals.is_empty() => "not qualified yet".to_owned(),
            None => "not qualified".to_owned(),
        }
    }

    /// Since when it stands there; `None` from the beginning.
    pub fn since(&self) -> Option<Time> {
        let last = self.intervals.last()?;
        Some(last.left.unwrap_or(last.entered))
    }

    /// What is missing.
    pub fn missing(&self) -> Vec<&Evidence> {
        if self.holds() { Vec::new() } else { self.explanation.when.missing() }
    }

    /// What shuts the subject out.
    pub fn shut_out_by(&self) -> Vec<&Evidence> {
        let unless = self.explanation.unless.as_ref().filter(|it| it.met() == Met::Met);
        unless.map(|it| it.reasons()).unwrap_or_default()
    }

    /// Why it holds, or the one thing that comes nearest to making it hold.
    pub fn in_short(&self) -> String {
        if self.holds() {
            let reason = || self.reasons.first().cloned().unwrap_or_default();
            return self.headline.clone().unwrap_or_else(reason);
        }
        if let Some(evidence) = self.shut_out_by().first() {
            return format!("shut out: {}", evidence.words);
        }
        let missing = self.missing();
        // What can be told by how much it is missed comes nearest to being met.
        let nearest = missing.iter().find(|it| it.gap.is_some()).or_else(|| missing.first());
        match (nearest, missing.len()) {
            (Some(it), 1) => it.words.clone(),
            (Some(it), all) => format!("{}; {} more missing", it.words, all - 1),
            (None, _) => "all is met, but not for long enough".to_owned(),
        }
    }

    /// For programs.
    pub fn to_json(&self, at: Time) -> Value {
        let timeline = self.intervals.iter().map(|it| {
            json!({
                "entered": it.entered.to_string(),
                "left": it.left.map(|it| it.to_string()),
                "known_at": it.known_at.to_string(),
            })
        });
        let ledger = self.ledger.iter().map(|it| {
            json!({
                "change": change(it.change),
                "held_at": it.held_at.to_string(),
                "known_at": it.known_at.to_string(),
            })
        });
        json!({
            "subject": self.subject.id,
            "kind": self.subject.kind,
            "definition": self.explanation.definition,
            "at": at.to_string(),
            "state": self.state(),
            "holds": self.holds(),
            "since": self.since().map(|it| it.to_string()),
            "excluded": self.excluded,
            "headline": self.headline,
            "score": self.score.map(Decimal::to_f64),
            "reasons": self.reasons,
            "missing": self.missing(),
            "timeline": timeline.collect::<Vec<_>>(),
            "ledger": ledger.collect::<Vec<_>>(),
            "explanation": self.explanation,
        })
    }
}

/// What became known, in words.
pub fn change(change: Change) -> &'static str {
    match change {
        Change::Entered => "entered",
        Change::Left => "left",
        Change::Revised { entry: true, .. } => "entry moved",
        Change::Revised { reopened: true, .. } => "exit withdrawn",
        Change::Revised { .. } => "exit moved",
        Change::Retracted => "entry withdrawn",
    }
}
