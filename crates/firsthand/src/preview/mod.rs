//! What a draft of a definition would have done, over all that is recorded, beside the version
//! that decides now.
//!
//! Start at [`Past::preview`]. A [`Past`] is a history at one moment with the project that runs
//! over it; what does not depend on the draft is worked out once and kept with it: whose lives
//! they were ([`lives`]), how the running versions fared ([`side`]). A draft is judged together with
//! copies of itself that lack one condition ([`near`]) or have another number ([`mod@line`]): these
//! are [`variants`], definitions like any others, judged by the same evaluator in the same pass
//! (P1), from the timelines of measures that the history keeps. So a moved threshold reads no
//! events.
//!
//! # Promises
//!
//! - PREVIEW-1: nothing here changes what is decided, and the engine's thread does none of it.
//! - PREVIEW-2: whoever asks can stop it at any time; nothing half done is left (P8).
//! - PREVIEW-3: the figures are those of `firsthand replay --backtest` for the same text.

mod grid;
mod line;
mod lives;
mod movers;
mod near;
mod quality;
mod side;
mod variants;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use firsthand_history::{History, HistoryError, Scan};
use firsthand_lab::Question;
use firsthand_lab::backtest::WITHIN_DEFAULT;
use firsthand_model::config::Project;
use firsthand_model::fact::Kind;
use firsthand_model::{Span, Text, Time};
use firsthand_rules::compile::program::Program;
use firsthand_web::noun::{Beside, Preview, PreviewAsked};

use crate::draft::{Drafted, Sound};
use crate::study::Study;
use line::Marks;
use lives::Lives;
use side::Side;
use variants::Variants;

/// Sides, scales and previews that are kept of one history; beyond that all of them are forgotten.
const KEPT_MAX: usize = 64;
/// Longest window in which an outcome counts, in days.
pub const WITHIN_DAYS_MAX: u32 = 365;

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// Whoever asked has stopped it, or it took too long.
    #[error("stopped")]
    Stopped,
    /// There is nothing to look at.
    #[error("nothing is recorded yet")]
    Empty,
    /// There is no such outcome.
    #[error("no outcome `{0}`")]
    UnknownOutcome(String),
    /// The history could not be read.
    #[error(transparent)]
    Broken(#[from] anyhow::Error),
}

impl From<HistoryError> for PreviewError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Cancelled => Self::Stopped,
            other => Self::Broken(other.into()),
        }
    }
}

type Result<T> = std::result::Result<T, PreviewError>;

/// A history at one moment, with the project that runs over it.
pub struct Past {
    running: Study,
    from: Time,
    until: Time,
    lives: Mutex<HashMap<Kind, Arc<Lives>>>,
    sides: Mutex<HashMap<String, Arc<Side>>>,
    marks: Mutex<HashMap<String, Arc<Marks>>>,
    previews: Mutex<HashMap<String, Arc<Preview>>>,
}

impl Past {
    /// Everything up to the newest fact of a history.
    ///
    /// # Errors
    /// [`PreviewError::Empty`] without any fact.
    pub fn new(project: Project, program: Arc<Program>, history: Arc<History>) -> Result<Self> {
        let seen = history.seen();
        let (Some(from), Some(until)) = (seen.first, seen.last) else {
            return Err(PreviewError::Empty);
        };
        let running = Study::of(project, program, history).keeping_timelines();
        let (lives, sides, marks, previews) = Default::default();
        Ok(Self { running, from, until, lives, sides, marks, previews })
    }

    /// What a sound draft of the definition `name` would have done; `None` for one that is not
    /// sound. Names of subjects are not known here. A text that was tried before is not tried again.
    pub fn preview(
        &self,
        name: &str,
        drafted: &Drafted,
        asked: &PreviewAsked,
        stop: &AtomicBool,
    ) -> Result<Option<Preview>> {
        let Some(sound) = &drafted.sound else { return Ok(None) };
        let Some((kind, root)) = sound.program.definition(name) else { return Ok(None) };
        // The version holds all that it is judged by; where a number stands, the text alone.
        let text = blake3::hash(drafted.place.text.text.as_bytes());
        let key = format!("{name} {} {text} {asked:?}", root.version);
        let tried = || self.tried(name, (kind, &root.version), (sound, drafted), asked, stop);
        kept(&self.previews, key, tried).map(|it| Some(Preview::clone(&it)))
    }

    fn tried(
        &self,
        name: &str,
        (kind, version): (Kind, &Text),
        (sound, drafted): (&Sound, &Drafted),
        asked: &PreviewAsked,
        stop: &AtomicBool,
    ) -> Result<Preview> {
        let began = Instant::now();
        let version = version.clone();
        let question = self.question(name, &version, kind, asked)?;
        let pass = Pass { past: self, name, kind, question, stop };
        let lives = self.lives(kind, stop)?;
        let running = self.running.program.definition(name);
        let running = running.filter(|(of, _)| *of == kind).map(|(_, root)| root.version.clone());
        let running = match running {
            Some(version) => Some(pass.running_side(&version, &lives)?),
            None => None,
        };
        let mut variants = Variants::of(&sound.project, name);
        let dropped = near::add(&mut variants);
        let study = pass.study(&variants);
        let mut held = pass.judge(&study, &variants.names())?;
        let lacking = held.split_off(1);
        let draft = Side::new(version.clone(), held.remove(0), &pass, &lives);
        let near = near::find(&pass, &study, &draft, &dropped, lacking, &lives)?;
        let movers = match &running {
            Some(running) => Some(movers::find(&pass, &study, &draft, running)?),
            None => None,
        };
        let line = line::find(&pass, drafted, &draft, asked.number, &lives)?;
        let quality = quality::of(&pass, &draft, running.as_deref(), self.outcomes(kind));
        let beside = |of: &dyn Fn(&Side) -> u64| Beside {
            draft: of(&draft),
            running: running.as_deref().map(of),
        };
        let (newly, no_longer) = side::differences(&draft, running.as_deref());
        Ok(Preview {
            version: version.to_string(),
            running: running.as_ref().map(|it| it.version.to_string()),
            from: self.from.into(),
            until: self.until.into(),
            facts: self.running.history.facts(),
            weeks: side::weeks(&pass, &draft, running.as_deref()),
            per_week: Beside {
                draft: draft.per_week,
                running: running.as_ref().map(|it| it.per_week),
            },
            holds: beside(&Side::holds),
            newly,
            no_longer,
            quality,
            movers,
            near,
            line,
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }

    /// What counts as success for this kind of subject.
    fn outcomes(&self, kind: Kind) -> Vec<String> {
        let root = self.running.program.root(kind);
        root.outcomes.iter().map(|(name, _)| name.to_string()).collect()
    }

    fn question(
        &self,
        name: &str,
        version: &Text,
        kind: Kind,
        asked: &PreviewAsked,
    ) -> Result<Option<Question>> {
        let known = self.outcomes(kind);
        let outcome = match &asked.outcome {
            Some(name) if known.contains(name) => Some(name.clone()),
            Some(name) => return Err(PreviewError::UnknownOutcome(name.clone())),
            None => known.first().cloned(),
        };
        let days = asked.within_days.map(|it| it.clamp(1, WITHIN_DAYS_MAX));
        let within = days.map_or(WITHIN_DEFAULT, |it| Span::DAY.times(i64::from(it)));
        Ok(outcome.map(|outcome| Question {
            definition: name.into(),
            version: Some(version.clone()),
            outcome: outcome.as_str().into(),
            within,
            cohort: None,
            split: None,
        }))
    }

    fn lives(&self, kind: Kind, stop: &AtomicBool) -> Result<Arc<Lives>> {
        if let Some(found) = lock(&self.lives).get(&kind) {
            return Ok(Arc::clone(found));
        }
        let scan = Scan { cancelled: Some(stop), ..Scan::default() };
        let lives = Arc::new(Lives::read(&self.running, kind, self.until, scan)?);
        lock(&self.lives).insert(kind, Arc::clone(&lives));
        Ok(lives)
    }
}

/// One question that is being answered.
struct Pass<'p> {
    past: &'p Past,
    /// The definition's name.
    name: &'p str,
    kind: Kind,
    /// What the definition is held against; `None` without an outcome.
    question: Option<Question>,
    stop: &'p AtomicBool,
}

impl Pass<'_> {
    fn scan(&self) -> Scan<'_> {
        Scan { cancelled: Some(self.stop), ..Scan::default() }
    }

    /// A study of variants over the same history.
    fn study(&self, variants: &Variants) -> Study {
        let history = Arc::clone(&self.past.running.history);
        Study::of(variants.project.clone(), variants.program(), history).keeping_timelines()
    }

    /// A key of everything that a side depends on beside the history.
    fn key(&self, version: &str) -> String {
        match &self.question {
            Some(it) => format!("{version} {} {}", it.outcome, it.within.0),
            None => version.to_owned(),
        }
    }

    fn running_side(&self, version: &Text, lives: &Lives) -> Result<Arc<Side>> {
        let key = self.key(&format!("{} {version}", self.name));
        kept(&self.past.sides, key, || {
            let held = self.judge(&self.past.running, &[self.name.into()])?.remove(0);
            Ok(Side::new(version.clone(), held, self, lives))
        })
    }
}

/// What was kept under a key, or is kept from now on.
fn kept<T>(
    all: &Mutex<HashMap<String, Arc<T>>>,
    key: String,
    make: impl FnOnce() -> Result<T>,
) -> Result<Arc<T>> {
    if let Some(found) = lock(all).get(&key) {
        return Ok(Arc::clone(found));
    }
    let made = Arc::new(make()?);
    let mut all = lock(all);
    if all.len() >= KEPT_MAX {
        all.clear();
    }
    all.insert(key, Arc::clone(&made));
    Ok(made)
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
