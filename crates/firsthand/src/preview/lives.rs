//! Whose lives are recorded, and when they succeeded: what no draft of a definition changes.

use std::collections::HashMap;

use firsthand_history::{Replay, Scan, Whom};
use firsthand_model::fact::Kind;
use firsthand_model::{Text, Time};
use firsthand_rules::timeline::{OutcomeAt, Subject};
use firsthand_rules::world::Verdicts;

use crate::study::{Study, is_visitor};

/// One subject's life.
pub struct Life {
    pub subject: Subject,
    pub started: Time,
    pub first_fact: Time,
    /// By the place of the outcome among those of the project.
    outcomes: Vec<Vec<OutcomeAt>>,
}

/// Everybody's lives but those of visitors, and of those whom the project never judges.
pub struct Lives {
    pub all: Vec<Life>,
    pub arrival_times: bool,
    outcomes: Vec<Text>,
    by_subject: HashMap<Subject, usize>,
}

impl Lives {
    /// Reads them.
    pub fn read(study: &Study, kind: Kind, until: Time, scan: Scan<'_>) -> super::Result<Self> {
        let root = study.program.root(kind);
        let keep = |it: &Verdicts| {
            let counts =
                it.subject.kind == kind && it.excluded.is_none() && !is_visitor(&it.subject.id);
            counts.then(|| Life {
                subject: it.subject.clone(),
                started: it.started,
                first_fact: it.first,
                outcomes: it.outcomes.clone(),
            })
        };
        let replay = Replay { scan, ..study.replay(until) };
        // Persons are judged only where a definition on persons is asked about.
        let any = root.definitions.first().filter(|_| kind == Kind::Person);
        let asked = |name: &Text| any.is_some_and(|it| it.name == *name);
        let found = replay.verdicts(Whom::Everybody, |it| asked(&it.name), keep)?;
        let by_subject = found.kept.iter().enumerate().map(|(at, it)| (it.subject.clone(), at));
        Ok(Self {
            by_subject: by_subject.collect(),
            all: found.kept,
            arrival_times: found.arrival_times,
            outcomes: root.outcomes.iter().map(|(name, _)| name.clone()).collect(),
        })
    }

    /// The place of a subject among all.
    pub fn place(&self, subject: &Subject) -> Option<usize> {
        self.by_subject.get(subject).copied()
    }

    /// When a life had an outcome.
    pub fn outcomes<'l>(&self, life: &'l Life, outcome: &str) -> &'l [OutcomeAt] {
        let place = self.outcomes.iter().position(|it| it == outcome);
        place.and_then(|it| life.outcomes.get(it)).map_or(&[], Vec::as_slice)
    }
}
