//! The backtest: the timelines of a definition, held against the outcomes that followed.
//!
//! Start at [`backtest()`]. A definition is right about a subject when the subject's first outcome
//! comes strictly after its qualification was known, and within the window of the question. What
//! that makes of one subject is decided in `judge`; `figures` adds the subjects up; `matched`
//! finds those to compare with.
//!
//! # Promises
//!
//! - BT-1: a qualification counts from when it was known; an outcome at that instant or before
//!   it was not foreseen.
//! - BT-2: a qualification whose window was not observed to its end is neither a hit nor a miss.
//! - BT-3: a subject counts once, with its first qualification, until its first outcome.
//! - BT-4: the figures before a split use nothing that was recorded from the split on.
//! - BT-5: the order in which the subjects come changes no figure.

mod figures;
mod judge;
mod matched;
mod note;
mod weeks;

use firsthand_model::{Calendar, Date, Span, Text, Time};
use firsthand_rules::timeline::{Interval, OutcomeAt, Subject};
use serde::Serialize;

use crate::dates::Dates;
use crate::json;

pub use figures::Figures;
pub use judge::{Qualification, Status};
pub use note::Note;
pub use weeks::Week;

pub(crate) use figures::Matched;
use figures::Seen;
pub(crate) use judge::{Case, FirstOutcome};

use judge::Judge;

/// The window in which an outcome counts as foreseen, where nobody says another: 14 days, as long
/// as most trials and short enough for one talk to matter.
pub const WITHIN_DEFAULT: Span = Span::DAY.times(14);

/// What is known of one subject: its life, its timeline under one definition, its outcomes.
#[derive(Clone, Debug)]
pub struct SubjectHistory {
    /// Whom it is about.
    pub subject: Subject,
    /// Where its life begins: its start (sign-up, if configured). Cohorts and ages go by it.
    pub started: Time,
    /// The first fact about it, which may lie before the start (a visit before the sign-up).
    pub first_fact: Time,
    /// The timeline of the definition, in any order.
    pub intervals: Vec<Interval>,
    /// Its outcomes of the kind asked about, in any order.
    pub outcomes: Vec<OutcomeAt>,
    /// Whether the project never judges it (staff, tests); it is counted and left out.
    pub excluded: bool,
}

/// What is asked of history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Question {
    /// The definition's name.
    pub definition: Text,
    /// The definition's version.
    pub version: Option<Text>,
    /// The outcome's name.
    pub outcome: Text,
    /// How soon after a qualification the outcome must come. In JSON: `within_days`.
    #[serde(rename = "within_days", serialize_with = "json::span_in_days")]
    pub within: Span,
    /// Only subjects that started on these dates; all if `None`.
    pub cohort: Option<Dates>,
    /// Figures also for those who started before this date and from it on.
    #[serde(serialize_with = "json::text_or_null")]
    pub split: Option<Date>,
}

/// What history there is to ask.
#[derive(Clone, Debug, Serialize)]
pub struct Observed {
    /// The oldest fact.
    #[serde(serialize_with = "json::text")]
    pub first: Time,
    /// The newest fact: what would come later is not known.
    #[serde(serialize_with = "json::text")]
    pub last: Time,
    /// Whether facts say when they arrived; if not, each counts as known when it happened.
    pub arrival_times: bool,
    /// The project's zone and week start.
    #[serde(skip)]
    pub calendar: Calendar,
}

/// Why a question cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// The window is empty or negative.
    #[error("no outcome can come within `{0}`")]
    EmptyWindow(Span),
    /// The split leaves one side without any history.
    #[error("the split at `{split}` lies outside the history from `{first}` to `{last}`")]
    SplitOutside {
        /// The date asked for.
        split: Date,
        /// The date of the oldest fact.
        first: Date,
        /// The date of the newest fact.
        last: Date,
    },
}

impl QuestionError {
    /// What to do about it, as a whole sentence.
    pub fn help(&self) -> &'static str {
        match self {
            Self::EmptyWindow(_) => "Give a duration above zero, such as `14d`.",
            Self::SplitOutside { .. } => "Choose a date after the first and up to the last.",
        }
    }
}

/// What came of holding a definition against history. Its JSON is documented in
/// `docs/backtest.md`; names there are stable.
#[derive(Clone, Debug, Serialize)]
pub struct Backtest {
    /// What was asked.
    pub question: Question,
    /// Of what history.
    pub observed: Observed,
    /// All subjects of the cohort.
    pub all: Figures,
    /// The two sides of the split.
    pub split: Option<Split>,
    /// Week by week, oldest first; weeks in which nothing happened are not listed.
    pub weeks: Vec<Week>,
    /// What the reader must know to read the figures rightly.
    pub notes: Vec<Note>,
    /// Every qualification of the cohort, also those that do not count, by when it was known.
    pub qualifications: Vec<Qualification>,
}

/// The figures on two sides of a date: look for a definition before it, test it after it.
#[derive(Clone, Debug, Serialize)]
pub struct Split {
    /// The date.
    #[serde(serialize_with = "json::text")]
    pub at: Date,
    /// Subjects that started before the date, as known the moment before it.
    pub before: Figures,
    /// Subjects that started from the date on.
    pub after: Figures,
}

/// Holds the timelines of a definition against outcomes.
///
/// Pure, and independent of the order of the subjects. Takes O(n log n) time for n subjects, and
/// keeps about 150 bytes for each.
///
/// ```
/// use firsthand_lab::{Observed, Question, SubjectHistory, backtest};
/// use firsthand_model::{Calendar, Span, fact::Kind};
/// use firsthand_rules::timeline::{Interval, OutcomeAt, Subject};
///
/// let question = Question {
///     definition: "engaged".into(),
///     version: None,
///     outcome: "subscribed".into(),
///     within: Span::DAY.times(14),
///     cohort: None,
///     split: None,
/// };
/// let observed = Observed {
///     first: "2022-07-01T00:00:00Z".parse()?,
///     last: "2022-07-31T00:00:00Z".parse()?,
///     arrival_times: true,
///     calendar: Calendar::default(),
/// };
/// let ann = SubjectHistory {
///     subject: Subject { kind: Kind::Person, id: "ann".into() },
///     started: observed.first,
///     first_fact: observed.first,
///     intervals: vec![Interval {
///         entered: "2022-07-03T09:00:00Z".parse()?,
///         left: None,
///         known_at: "2022-07-03T09:00:00Z".parse()?,
///     }],
///     outcomes: vec![OutcomeAt { time: "2022-07-06T09:00:00Z".parse()?, value: None }],
///     excluded: false,
/// };
/// let result = backtest(&question, &observed, [ann])?;
/// assert_eq!((result.all.qualified, result.all.hits), (1, 1));
/// assert_eq!(result.all.lead_days, Some(3.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Returns what is wrong with the question; no history makes a good question fail.
pub fn backtest(
    question: &Question,
    observed: &Observed,
    subjects: impl IntoIterator<Item = SubjectHistory>,
) -> Result<Backtest, QuestionError> {
    question.check(observed)?;
    let calendar = &observed.calendar;
    let split_at = question.split.map(|date| calendar.start_of(date));
    let now = Judge { within: question.within, last: observed.last };
    let before_split = split_at.map(|at| Judge { last: just_before(at), ..now });

    let mut excluded = 0;
    let mut cases = Vec::new();
    let mut cases_before = Vec::new();
    let mut qualifications = Vec::new();
    for history in subjects {
        let in_cohort = question.cohort.is_none_or(|it| it.contains(history.started, calendar));
        if !in_cohort || history.started > observed.last {
            continue;
        }
        if history.excluded {
            excluded += 1;
            continue;
        }
        if let Some(judge) = before_split
            && history.started <= judge.last
        {
            cases_before.push(judge.case(&history, &mut Vec::new()));
        }
        cases.push(now.case(&history, &mut qualifications));
    }
    qualifications.sort_by(|a, b| (a.known_at, &a.subject).cmp(&(b.known_at, &b.subject)));

    let cohort_from = question.cohort.map(|it| calendar.start_of(it.first()));
    let from = cohort_from.map_or(observed.first, |it| it.max(observed.first));
    let seen = Seen { from, to: observed.last, within: question.within };
    let all = Figures::of(&cases, seen);
    let split = question.split.zip(split_at).map(|(date, at)| {
        let after: Vec<Case> = cases.iter().filter(|it| it.started >= at).cloned().collect();
        Split {
            at: date,
            before: Figures::of(&cases_before, Seen { to: just_before(at), ..seen }),
            after: Figures::of(&after, Seen { from: from.max(at), ..seen }),
        }
    });
    Ok(Backtest {
        weeks: weeks::by_week(&cases, calendar),
        notes: note::notes(&all, &cases, &qualifications, observed, excluded),
        question: question.clone(),
        observed: observed.clone(),
        all,
        split,
        qualifications,
    })
}

/// The last instant that lies before `at`.
fn just_before(at: Time) -> Time {
    at - Span(1)
}

impl Question {
    fn check(&self, observed: &Observed) -> Result<(), QuestionError> {
        if self.within <= Span::ZERO {
            return Err(QuestionError::EmptyWindow(self.within));
        }
        let first = observed.calendar.date(observed.first);
        let last = observed.calendar.date(observed.last);
        match self.split {
            Some(split) if split <= first || split > last => {
                Err(QuestionError::SplitOutside { split, first, last })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
