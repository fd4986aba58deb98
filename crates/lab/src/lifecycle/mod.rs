//! The lifecycle: how accounts go from stage to stage, and whether those that product or marketing
//! found buy more often and sooner than those that neither did.
//!
//! Start at [`lifecycle()`]. It works on [`Lives`]: what `firsthand` makes of a replay and of what
//! was told of stages, once for many questions. `life` is one account, `group` those that are
//! compared, `step` the stages, `month` the cohorts.
//!
//! # Promises
//!
//! - LIFE-1: an account counts as found from when that was known (LAB-1), and an outcome at that
//!   instant or before it was not foreseen.
//! - LIFE-2: whoever could not be watched for the whole window is in no share, and counted beside it.
//! - LIFE-3: the order of the accounts changes no figure.

mod group;
mod life;
mod month;
mod step;

use std::cell::OnceCell;

use firsthand_model::config::Track;
use firsthand_model::{Calendar, Decimal, Span, Text, Time};
use serde::Serialize;

pub use group::{Alike, CurvePoint, Group, GroupFigures, Level, Worth};
pub use life::{FIRST_DAY, Found, LeftOut, Life, Stage, Stay, Success, Within};
pub use month::Month;
pub use step::Step;

use crate::backtest::{Case, FirstOutcome, Note, Status};
use crate::dates::Dates;
use crate::json;
use crate::statistics::Difference;

/// The window in which an outcome counts, where nobody says another.
pub const WINDOW_DEFAULT: Span = Span::DAY.times(60);

/// The lives of all accounts of a project.
#[derive(Clone, Debug)]
pub struct Lives {
    /// The lives, in any order.
    pub lives: Vec<Life>,
    /// The segments, by name.
    pub segments: Vec<Text>,
    /// The outcomes of accounts, by name.
    pub outcomes: Vec<Text>,
    /// The oldest fact.
    pub first: Time,
    /// The newest fact: what would come later is not known.
    pub last: Time,
    /// Whether facts say when they arrived.
    pub arrival_times: bool,
    /// The project's zone.
    pub calendar: Calendar,
}

/// By which date accounts belong to a cohort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// When they began.
    #[default]
    Began,
    /// When product or marketing first found them.
    Found,
}

impl By {
    /// The word in files and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Found => "found",
        }
    }

    /// The one of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Began, Self::Found].into_iter().find(|it| it.word() == word)
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Question {
    /// Only accounts of these dates; all if `None`.
    pub cohort: Option<Dates>,
    /// Which date of an account that is.
    pub by: By,
    /// Only accounts that were in this segment when they came into view, or within a day of it.
    pub segment: Option<Text>,
    /// The outcome; any of them if `None`.
    pub outcome: Option<Text>,
    /// How soon it must come. In JSON: `within_days`.
    #[serde(rename = "within_days", serialize_with = "json::span_in_days")]
    pub within: Span,
}

impl Default for Question {
    fn default() -> Self {
        Self {
            cohort: None,
            by: By::default(),
            segment: None,
            outcome: None,
            within: WINDOW_DEFAULT,
        }
    }
}

/// Why a question cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The window is empty or negative.
    #[error("no outcome can come within `{0}`")]
    EmptyWindow(Span),
    /// There is no such segment.
    #[error("there is no segment `{name}`")]
    NoSegment {
        /// The name asked for.
        name: Text,
        /// Those that there are.
        known: Vec<Text>,
    },
    /// There is no such outcome.
    #[error("accounts have no outcome `{name}`")]
    NoOutcome {
        /// The name asked for.
        name: Text,
        /// Those that there are.
        known: Vec<Text>,
    },
}

impl AskError {
    /// What to do about it, as a whole sentence.
    pub fn help(&self) -> String {
        let listed = |known: &[Text], what: &str| {
            let names: Vec<String> = known.iter().map(|it| format!("`{it}`")).collect();
            match names.as_slice() {
                [] => format!("The project has no {what}."),
                [one] => format!("There is {one}."),
                _ => format!("There are {}.", names.join(", ")),
            }
        };
        match self {
            Self::EmptyWindow(_) => "Give a duration above zero, such as `60d`.".to_owned(),
            Self::NoSegment { known, .. } => listed(known, "segment: a definition without a track"),
            Self::NoOutcome { known, .. } => listed(known, "outcome of accounts"),
        }
    }

    /// What was asked wrongly.
    pub const fn parameter(&self) -> &'static str {
        match self {
            Self::EmptyWindow(_) => "within",
            Self::NoSegment { .. } => "segment",
            Self::NoOutcome { .. } => "outcome",
        }
    }
}

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lifecycle {
    /// What was asked.
    pub question: Question,
    /// The oldest fact.
    #[serde(serialize_with = "json::text")]
    pub first: Time,
    /// The newest fact.
    #[serde(serialize_with = "json::text")]
    pub last: Time,
    /// Accounts of the cohort.
    pub accounts: u64,
    /// Accounts that are left out everywhere, whatever is asked.
    pub left_out: Absent,
    /// Product, marketing, neither, expansion.
    pub groups: Vec<GroupFigures>,
    /// The first three against each other, where both have anybody.
    pub contrasts: Vec<Contrast>,
    /// The stages, the lowest first.
    pub steps: Vec<Step>,
    /// The cohorts, the oldest first.
    pub months: Vec<Month>,
    /// What the reader must know to read the figures rightly.
    pub notes: Vec<Note>,
}

/// How many accounts are left out, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Absent {
    /// The project never judges them.
    pub excluded: u64,
    /// Visitors who never signed up.
    pub visitors: u64,
    /// They began before recorded history does: only those who lasted are known.
    pub older: u64,
}

/// One group against another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contrast {
    /// The one.
    pub one: Group,
    /// The other.
    pub other: Group,
    /// Conversion of the one less that of the other, from −1 to 1.
    pub conversion: Difference,
    /// How many times as often; only where the difference is clear.
    pub times: Option<f64>,
    /// Median days to the outcome of the one less those of the other, where their intervals do not
    /// overlap: a cautious test.
    pub days: Option<f64>,
}

/// Answers a question about lives.
///
/// Pure, and independent of their order. Takes O(n log n) time for n accounts.
///
/// # Errors
/// Returns what is wrong with the question; no lives make a good question fail.
pub fn lifecycle(lives: &Lives, question: &Question) -> Result<Lifecycle, AskError> {
    let asked = Asked::new(lives, question)?;
    let groups: Vec<GroupFigures> =
        Group::ALL.into_iter().map(|it| GroupFigures::of(it, &asked)).collect();
    Ok(Lifecycle {
        question: question.clone(),
        first: lives.first,
        last: lives.last,
        accounts: asked.lives_of_cohort().count() as u64,
        left_out: asked.left_out(),
        contrasts: contrasts(&groups),
        steps: step::steps(&asked),
        months: month::months(&asked),
        notes: notes(&groups, lives),
        groups,
    })
}

/// A question with what it is asked of.
struct Asked<'l> {
    all: &'l Lives,
    question: &'l Question,
    segment: Option<u16>,
    outcome: Option<u16>,
    last: Time,
    calendar: &'l Calendar,
    cases: OnceCell<Vec<Case>>,
}

impl<'l> Asked<'l> {
    fn new(all: &'l Lives, question: &'l Question) -> Result<Self, AskError> {
        if question.within <= Span::ZERO {
            return Err(AskError::EmptyWindow(question.within));
        }
        let place = |names: &[Text], name: &Text| {
            names.iter().position(|it| it == name).and_then(|it| u16::try_from(it).ok())
        };
        let segment = match &question.segment {
            None => None,
            Some(name) => Some(place(&all.segments, name).ok_or_else(|| AskError::NoSegment {
                name: name.clone(),
                known: all.segments.clone(),
            })?),
        };
        let outcome = match &question.outcome {
            None => None,
            Some(name) => Some(place(&all.outcomes, name).ok_or_else(|| AskError::NoOutcome {
                name: name.clone(),
                known: all.outcomes.clone(),
            })?),
        };
        let (last, calendar) = (all.last, &all.calendar);
        Ok(Self { all, question, segment, outcome, last, calendar, cases: OnceCell::new() })
    }

    /// All lives that may count.
    fn lives(&self) -> impl Iterator<Item = &'l Life> {
        let (first, last) = (self.all.first, self.last);
        let lives = self.all.lives.iter();
        lives.filter(move |it| it.left_out.is_none() && first <= it.began && it.began <= last)
    }

    /// Those of the cohort and the segment.
    fn lives_of_cohort(&self) -> impl Iterator<Item = &'l Life> {
        self.lives().filter(|life| {
            let anchor = self.anchor(life);
            anchor.is_some_and(|at| self.in_cohort(at) && self.in_segment(life, at))
        })
    }

    /// When an account comes into view.
    fn anchor(&self, life: &Life) -> Option<Time> {
        match self.question.by {
            By::Began => Some(life.began),
            By::Found => {
                let found = life.first_found(&[Track::Product, Track::Marketing]);
                found.map(|it| it.known_at).filter(|at| *at <= self.last)
            }
        }
    }

    fn in_cohort(&self, at: Time) -> bool {
        self.question.cohort.is_none_or(|it| it.contains(at, self.calendar))
    }

    fn in_segment(&self, life: &Life, at: Time) -> bool {
        self.segment.is_none_or(|it| life.is_in(it, at))
    }

    /// The first outcome strictly after an instant, with its worth. Where any outcome counts, so
    /// does a lead that somebody told was won.
    fn success(&self, life: &Life, after: Time) -> Option<(Time, Option<Decimal>)> {
        let counts = |at: Time| after < at && at <= self.last;
        let done = life.successes.iter().filter(|it| {
            counts(it.time) && self.outcome.is_none_or(|outcome| outcome == it.outcome)
        });
        let done = done.map(|it| (it.time, it.value));
        let told = life
            .told
            .iter()
            .filter(|it| it.0 == Stage::Customer && counts(it.1) && self.outcome.is_none());
        // Of one instant that counts which tells its worth.
        let first = done.chain(told.map(|it| (it.1, None)));
        first.min_by_key(|it| (it.0, it.1.is_none(), it.1))
    }

    /// All lives as a backtest looks at them, found or not.
    fn cases(&self) -> &[Case] {
        self.cases.get_or_init(|| {
            let case = |life: &Life| {
                let found = life.first_found(&[Track::Product, Track::Marketing]);
                let success = self.success(life, Time::MIN);
                Case {
                    started: life.began,
                    known_from: life.began,
                    outcome: success.map(|(time, value)| FirstOutcome { time, value }),
                    qualified: found.map(|it| (it.known_at, Status::TooEarly)),
                    passed_over: None,
                }
            };
            self.lives().map(case).collect()
        })
    }

    fn left_out(&self) -> Absent {
        let mut absent = Absent::default();
        for life in &self.all.lives {
            match life.left_out {
                Some(LeftOut::Excluded) => absent.excluded += 1,
                Some(LeftOut::Visitor) => absent.visitors += 1,
                None if life.began < self.all.first => absent.older += 1,
                None => {}
            }
        }
        absent
    }
}

fn contrasts(groups: &[GroupFigures]) -> Vec<Contrast> {
    let of = |group: Group| groups.iter().find(|it| it.group == group);
    let pairs = [
        (Group::Product, Group::Marketing),
        (Group::Product, Group::Neither),
        (Group::Marketing, Group::Neither),
    ];
    let contrast = |(one, other): (Group, Group)| {
        let (a, b) = (of(one)?, of(other)?);
        let conversion = Difference::between(a.converted, b.converted)?;
        let clear = conversion.low > 0.0 || conversion.high < 0.0;
        let times = a.converted.rate.zip(b.converted.rate.filter(|it| *it > 0.0));
        let days = a.days.zip(b.days).and_then(|(a, b)| {
            let apart = a.high? < b.low? || b.high? < a.low?;
            apart.then_some(a.value - b.value)
        });
        let times = times.filter(|_| clear).map(|(a, b)| a / b);
        Some(Contrast { one, other, conversion, times, days })
    };
    pairs.into_iter().filter_map(contrast).collect()
}

fn notes(groups: &[GroupFigures], lives: &Lives) -> Vec<Note> {
    let found = groups.iter().any(|it| it.group != Group::Neither && it.entered > 0);
    let bought = lives.lives.iter().any(|it| it.reached(Stage::Customer, Time::MIN).is_some());
    [
        (!found, Note::NobodyQualified),
        (!bought, Note::NoOutcomes),
        (!lives.arrival_times, Note::NoArrivalTimes),
        (found, Note::Association),
    ]
    .into_iter()
    .filter_map(|(applies, note)| applies.then_some(note))
    .collect()
}

#[cfg(test)]
pub(crate) mod tests;
