//! Everybody, judged once, and the answers that were worked out from it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use firsthand_engine::Rules;
use firsthand_history::History;
use firsthand_lab::lifecycle::{AskError, Question, WINDOW_DEFAULT, lifecycle};
use firsthand_lab::{Backtest, Dates, Health, Holdouts, Lifecycle, Lives, holdout, holdouts};
use firsthand_model::config::Track;
use firsthand_model::fact::Kind;
use firsthand_model::play::Exposure;
use firsthand_model::{Date, Span, Text, Time};
use firsthand_web::Failure;
use firsthand_web::noun::{BacktestAsked, CohortBy, EffectsAsked, LifecycleAsked};

use super::Origin;
use crate::commands::replay::BacktestArgs;
use crate::exit::Misuse;
use crate::judgements::{self, Judgements};
use crate::study::{Asked, Study};

/// Answers of a kind that are kept; beyond it all are forgotten.
const ANSWERS_MAX: usize = 64;
/// How long assignments that were read are believed.
const EXPOSURES_FOR: Duration = Duration::from_mins(1);

/// Everybody, judged once.
pub(super) struct Snapshot {
    pub origin: Origin,
    pub study: Study,
    pub lives: Lives,
    judgements: Judgements,
    lifecycles: Answers<LifecycleAsked, Lifecycle>,
    backtests: Answers<(Text, BacktestAsked), Backtest>,
    healths: Answers<(Text, Time), Health>,
    exposures: Mutex<Option<(Instant, Arc<Vec<Exposure>>)>>,
}

impl Snapshot {
    /// Judges everybody. Takes a while; half of the cores are left for the server's own work.
    pub fn of(history: History, rules: &Rules, origin: Origin, now: Time) -> anyhow::Result<Self> {
        let cores = available_parallelism().map_or(1, usize::from);
        let study = Study::beside(rules, Arc::new(history), (cores / 2).max(1));
        let until = study.history.seen().last.unwrap_or(now);
        let judgements = Judgements::of(&study, &study.all_definitions()?, until)?;
        let lives = judgements.lives(&study)?;
        Ok(Self {
            origin,
            study,
            lives,
            judgements,
            lifecycles: Answers::default(),
            backtests: Answers::default(),
            healths: Answers::default(),
            exposures: Mutex::default(),
        })
    }

    /// The lifecycle.
    pub fn lifecycle(&self, asked: &LifecycleAsked) -> Result<Arc<Lifecycle>, Failure> {
        self.lifecycles.of(asked, || {
            let question = Question {
                cohort: cohort(asked, &self.lives)?,
                by: match asked.by {
                    CohortBy::Began => firsthand_lab::lifecycle::By::Began,
                    CohortBy::Found => firsthand_lab::lifecycle::By::Found,
                },
                segment: asked.segment.as_deref().map(Text::from),
                outcome: asked.outcome.as_deref().map(Text::from),
                within: asked.within_days.map_or(WINDOW_DEFAULT, days),
            };
            lifecycle(&self.lives, &question).map_err(|error| wrong(&error))
        })
    }

    /// The definitions that can be held against an outcome, by name.
    pub fn tested(&self) -> impl Iterator<Item = &Asked> {
        let has_track = |it: &&Asked| self.track(it) != Track::None;
        let has_outcome = |it: &&Asked| !self.study.program.root(it.kind).outcomes.is_empty();
        self.judgements.definitions.iter().filter(has_track).filter(has_outcome)
    }

    /// A definition's track.
    pub fn track(&self, it: &Asked) -> Track {
        self.study.project.definitions[&it.name].track
    }

    /// A definition held against what happened.
    pub fn backtest(
        &self,
        definition: &Asked,
        asked: &BacktestAsked,
    ) -> Result<Arc<Backtest>, Failure> {
        self.backtests.of(&(definition.name.clone(), asked.clone()), || {
            let outcome = match &asked.outcome {
                Some(named) => Some(named.clone()),
                None => self.usual_outcome(definition),
            };
            judgements::outcome(&self.study, definition.kind, outcome.as_deref())
                .map_err(|error| refused("outcome", &error))?;
            let split = asked.split.as_deref().map(|it| date("split", it)).transpose()?;
            let within = asked.within_days.map(days);
            let args = BacktestArgs { outcome, within, split, ..BacktestArgs::default() };
            let mut backtest = self
                .judgements
                .backtest(&self.study, definition, &args)
                .map_err(|error| refused("split", &error))?;
            // Nobody asks for them, and they are many.
            backtest.qualifications = Vec::new();
            Ok(backtest)
        })
    }

    /// All definitions that everybody was judged by.
    pub fn definitions(&self) -> &[Asked] {
        &self.judgements.definitions
    }

    /// How a definition fares since its version was published.
    pub fn health(&self, definition: &Asked, published_at: Time) -> Result<Arc<Health>, Failure> {
        self.healths.of(&(definition.name.clone(), published_at), || {
            let tested = self.track(definition) != Track::None;
            let outcome = tested.then(|| self.usual_outcome(definition)).flatten();
            let (study, outcome) = (&self.study, outcome.as_deref());
            let health = self.judgements.health(study, definition, published_at, outcome);
            health.map_err(|it| Failure::broken(it.into_boxed_dyn_error()))
        })
    }

    /// What a definition is held against where nobody says: the first outcome; on the expansion
    /// track the next, because who is on it has done the first.
    pub fn usual_outcome(&self, definition: &Asked) -> Option<String> {
        let known = &self.study.program.root(definition.kind).outcomes;
        let place = usize::from(self.track(definition) == Track::Expansion);
        known.get(place).or(known.first()).map(|(name, _)| name.to_string())
    }

    /// What outreach caused.
    pub fn effects(
        &self,
        exposures: &[Exposure],
        asked: &EffectsAsked,
    ) -> Result<Holdouts, Failure> {
        let question = holdout::Question {
            outcome: asked.outcome.as_deref().map(Text::from),
            within: asked.within_days.map_or(WINDOW_DEFAULT, days),
        };
        if let Some(name) = &question.outcome {
            judgements::outcome(&self.study, Kind::Account, Some(name))
                .map_err(|error| refused("outcome", &error))?;
        }
        Ok(holdouts(&self.lives, exposures, &question))
    }

    /// The assignments that were read lately.
    pub fn known_exposures(&self) -> Option<Arc<Vec<Exposure>>> {
        let known = self.exposures.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, exposures) = known.as_ref()?;
        (at.elapsed() < EXPOSURES_FOR).then(|| Arc::clone(exposures))
    }

    /// Keeps the assignments for a while.
    pub fn know_exposures(&self, exposures: &Arc<Vec<Exposure>>) {
        let known = Some((Instant::now(), Arc::clone(exposures)));
        *self.exposures.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }
}

/// The dates that are asked for; an open end is that of the record.
fn cohort(asked: &LifecycleAsked, lives: &Lives) -> Result<Option<Dates>, Failure> {
    if asked.from.is_none() && asked.to.is_none() {
        return Ok(None);
    }
    let end = |parameter, given: &Option<String>, otherwise: Time| match given {
        Some(text) => date(parameter, text),
        None => Ok(lives.calendar.date(otherwise)),
    };
    let from = end("from", &asked.from, lives.first)?;
    let to = end("to", &asked.to, lives.last.max(lives.first))?;
    Dates::new(from, to).map(Some).ok_or_else(|| Failure::Invalid {
        parameter: "to",
        detail: format!("nothing lies between `{from}` and `{to}`"),
        help: "Put the earlier date first, within the recorded history.".to_owned(),
    })
}

fn date(parameter: &'static str, text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|_| Failure::Invalid {
        parameter,
        detail: format!("`{text}` is not a date"),
        help: "Write it as `2026-01-31`.".to_owned(),
    })
}

fn days(count: u32) -> Span {
    Span::DAY.times(count.into())
}

fn wrong(error: &AskError) -> Failure {
    let parameter = match error.parameter() {
        "within" => "within_days",
        other => other,
    };
    Failure::Invalid { parameter, detail: error.to_string(), help: error.help() }
}

fn refused(parameter: &'static str, error: &anyhow::Error) -> Failure {
    let help = error.downcast_ref::<Misuse>().and_then(Misuse::advice).unwrap_or_default();
    Failure::Invalid { parameter, detail: error.to_string(), help: help.to_owned() }
}

/// Answers by question.
struct Answers<Q, A>(Mutex<HashMap<Q, Arc<A>>>);

impl<Q, A> Default for Answers<Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q: Clone + Eq + Hash, A> Answers<Q, A> {
    /// The answer to a question, worked out where it is not known.
    fn of(
        &self,
        question: &Q,
        work: impl FnOnce() -> Result<A, Failure>,
    ) -> Result<Arc<A>, Failure> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(question).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        // Two who ask at once both work: that is no harm, and nobody waits for another.
        let answer = Arc::new(work()?);
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= ANSWERS_MAX {
            answers.clear();
        }
        answers.insert(question.clone(), Arc::clone(&answer));
        Ok(answer)
    }
}
