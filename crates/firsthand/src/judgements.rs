//! What came out for everybody, kept for as many questions as somebody has: backtests of each
//! definition, and the lives that reports are made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use firsthand_history::{Projection, Whom};
use firsthand_lab::backtest::{Note, QuestionError, WITHIN_DEFAULT};
use firsthand_lab::health::{Watched, health};
use firsthand_lab::lifecycle::{Found, LeftOut, Life, Lives, Stage, Success, Within};
use firsthand_lab::{Backtest, Health, Observed, Question, SubjectHistory, backtest};
use firsthand_model::config::Track;
use firsthand_model::fact::{Kind, RowBody};
use firsthand_model::stage::{ACTS, RECORDS};
use firsthand_model::{Text, Time};
use firsthand_rules::timeline::{Interval, OutcomeAt, Subject};
use firsthand_rules::world::Verdicts;

use crate::commands::replay::BacktestArgs;
use crate::exit::Misuse;
use crate::study::{self, Asked, Study};

/// What is kept of a judged subject: its timelines in the order of the definitions asked about.
struct Kept {
    subject: Subject,
    account: Text,
    started: Time,
    first_fact: Time,
    excluded: bool,
    visitor: bool,
    timelines: Vec<Vec<Interval>>,
    outcomes: Vec<Vec<OutcomeAt>>,
}

/// What some definitions made of everybody.
pub struct Judgements {
    /// The definitions that they were judged by.
    pub definitions: Vec<Asked>,
    kept: Vec<Kept>,
    /// Of what history.
    pub observed: Observed,
}

impl Judgements {
    /// Judges everybody by some definitions, up to an instant.
    pub fn of(study: &Study, definitions: &[Asked], until: Time) -> anyhow::Result<Self> {
        let keep = |judged: &Verdicts| {
            let kind = judged.subject.kind;
            (kind == Kind::Account || definitions.iter().any(|it| it.kind == kind)).then(|| Kept {
                visitor: study::is_visitor(&judged.subject.id),
                subject: judged.subject.clone(),
                account: judged.account.clone(),
                started: judged.started,
                first_fact: judged.first,
                excluded: judged.excluded.is_some(),
                timelines: definitions
                    .iter()
                    .map(|it| {
                        if it.kind == kind {
                            judged.timelines[it.place].clone()
                        } else {
                            Vec::new()
                        }
                    })
                    .collect(),
                outcomes: judged.outcomes.clone(),
            })
        };
        let judged = study.verdicts(Whom::Everybody, definitions, until, keep)?;
        let observed = Observed {
            first: study.history.seen().first.unwrap_or(until),
            last: until,
            arrival_times: judged.arrival_times,
            calendar: study.project.calendar.clone(),
        };
        Ok(Self { definitions: definitions.to_vec(), kept: judged.kept, observed })
    }

    /// Holds a definition against the outcome.
    pub fn backtest(
        &self,
        study: &Study,
        definition: &Asked,
        args: &BacktestArgs,
    ) -> anyhow::Result<Backtest> {
        let (place, outcome) = outcome(study, definition.kind, args.outcome.as_deref())?;
        let number = self.definitions.iter().position(|it| it.name == definition.name);
        let number = number.expect("everybody was judged by it");
        let question = Question {
            definition: definition.name.clone(),
            version: Some(definition.version.clone()),
            outcome,
            within: args.within.unwrap_or(WITHIN_DEFAULT),
            cohort: args.cohort,
            split: args.split,
        };
        let subjects = self.kept.iter().filter(|it| it.subject.kind == definition.kind);
        let (visitors, subjects): (Vec<&Kept>, Vec<&Kept>) = subjects.partition(|it| it.visitor);
        let histories = subjects.into_iter().map(|it| SubjectHistory {
            subject: it.subject.clone(),
            started: it.started,
            first_fact: it.first_fact,
            intervals: it.timelines[number].clone(),
            outcomes: it.outcomes[place].clone(),
            excluded: it.excluded,
        });
        let mut backtest = backtest(&question, &self.observed, histories)
            .map_err(|it: QuestionError| Misuse::new(it.to_string()).help(it.help()))?;
        let calendar = &self.observed.calendar;
        let of_cohort =
            |it: &&&Kept| args.cohort.is_none_or(|at| at.contains(it.started, calendar));
        match visitors.iter().filter(of_cohort).count() as u64 {
            0 => {}
            count => backtest.notes.push(Note::Visitors(count)),
        }
        Ok(backtest)
    }

    /// How a definition fares since its version was published, by the outcome that it is held against
    /// if there is one.
    pub fn health(
        &self,
        study: &Study,
        definition: &Asked,
        published_at: Time,
        outcome: Option<&str>,
    ) -> anyhow::Result<Health> {
        let args = BacktestArgs { outcome: outcome.map(str::to_owned), ..BacktestArgs::default() };
        let backtest = outcome.map(|_| self.backtest(study, definition, &args)).transpose()?;
        let number = self.definitions.iter().position(|it| it.name == definition.name);
        let number = number.expect("everybody was judged by it");
        let counts = |it: &&Kept| it.subject.kind == definition.kind && !it.visitor && !it.excluded;
        let watched = self
            .kept
            .iter()
            .filter(counts)
            .map(|it| Watched { started: it.started, intervals: &it.timelines[number] });
        Ok(health(watched, backtest.as_ref(), published_at, &self.observed))
    }

    /// The lives of all accounts. Everybody must have been judged by a definition of accounts, or
    /// nothing is known of them.
    pub fn lives(&self, study: &Study) -> anyhow::Result<Lives> {
        let track = |it: &Asked| study.project.definitions[&it.name].track;
        let segments: Vec<&Asked> =
            self.definitions.iter().filter(|it| track(it) == Track::None).collect();
        let mut told = told(study, self.observed.last)?;
        let mut lives: BTreeMap<Text, Life> = BTreeMap::new();
        for it in self.kept.iter().filter(|it| it.subject.kind == Kind::Account) {
            let outcomes = it.outcomes.iter().zip(0_u16..);
            let successes = outcomes.flat_map(|(times, outcome)| {
                times.iter().map(move |it| Success { outcome, time: it.time, value: it.value })
            });
            let left_out = if it.excluded {
                Some(LeftOut::Excluded)
            } else {
                it.visitor.then_some(LeftOut::Visitor)
            };
            let mut life = Life {
                account: it.subject.id.clone(),
                began: it.started,
                left_out,
                found: Vec::new(),
                segments: Vec::new(),
                successes: successes.collect(),
                told: told.remove(&it.subject.id).unwrap_or_default(),
            };
            life.successes.sort_by_key(|it| (it.time, it.outcome));
            lives.insert(it.subject.id.clone(), life);
        }
        // What is found of people counts for the account that they are in.
        for it in self.kept.iter().filter(|it| it.subject.kind == Kind::Account || !it.excluded) {
            let Some(life) = lives.get_mut(&it.account) else { continue };
            for (definition, intervals) in self.definitions.iter().zip(&it.timelines) {
                let segment = segments.iter().position(|it| it.name == definition.name);
                let segment = segment.and_then(|it| u16::try_from(it).ok());
                for it in intervals {
                    let known_at = it.known_at.max(it.entered);
                    if let Some(segment) = segment {
                        let (from, to) = (it.entered, it.left);
                        life.segments.push(Within { segment, from, to });
                    } else if it.left.is_none_or(|left| left > known_at) {
                        life.found.push(Found { track: track(definition), known_at });
                    }
                }
            }
        }
        let mut lives: Vec<Life> = lives.into_values().collect();
        for life in &mut lives {
            life.found.sort_by_key(|it| (it.known_at, it.track));
        }
        let Observed { first, last, arrival_times, calendar } = self.observed.clone();
        let outcomes = study.program.account.outcomes.iter();
        Ok(Lives {
            lives,
            segments: segments.iter().map(|it| it.name.clone()).collect(),
            outcomes: outcomes.map(|(name, _)| name.clone()).collect(),
            first,
            last,
            arrival_times,
            calendar,
        })
    }
}

/// What people and other systems told of the stages of accounts, in order of time.
fn told(study: &Study, until: Time) -> anyhow::Result<BTreeMap<Text, Vec<(Stage, Time)>>> {
    let stage = |name: &str| {
        let known = RECORDS.iter().chain(&ACTS).find(|(known, _)| *known == name);
        known.and_then(|(_, stage)| Stage::from_word(stage))
    };
    let names = Arc::new(move |name: &str| stage(name).is_some());
    let projection = Projection { names: Some(names), ..Projection::default() };
    let found = study.history.for_each_account(&projection, study.scan(), |it| {
        let told = it.rows.iter().filter(|row| !row.copy && row.time <= until);
        let told = told.filter_map(|row| match &row.body {
            RowBody::Event { name, record: true, .. } => Some((stage(name)?, row.time)),
            _ => None,
        });
        (Text::from(it.account), told.collect::<Vec<_>>())
    })?;
    Ok(found.into_iter().filter(|(_, told)| !told.is_empty()).collect())
}

/// The outcome to hold a definition against: its place among those of the subject, and its name.
pub fn outcome(study: &Study, of: Kind, named: Option<&str>) -> anyhow::Result<(usize, Text)> {
    let known = &study.program.root(of).outcomes;
    let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
    let found = match named {
        Some(name) => names.iter().position(|it| *it == name),
        None if names.len() == 1 => Some(0),
        None => None,
    };
    if let Some(place) = found {
        return Ok((place, known[place].0.clone()));
    }
    let kind = format!("outcome of {of}s");
    Err(match named {
        Some(name) => Misuse::unknown(&kind, name, names),
        None if names.is_empty() => Misuse::new(format!("the project has no {kind}"))
            .help("Say what counts as success under `outcomes:` in firsthand.yaml."),
        None => Misuse::new(format!("the project has several {kind}"))
            .help(format!("Name one: `--outcome {}`.", names.join("` or `--outcome "))),
    }
    .into())
}
