//! What the backtest makes of one subject.

use firsthand_model::{Decimal, Span, Time};
use firsthand_rules::timeline::{Interval, Subject};
use serde::Serialize;

use super::SubjectHistory;
use crate::json;

/// One qualification, and what the backtest makes of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Qualification {
    /// Whose.
    pub subject: Subject,
    /// From when on the definition held.
    #[serde(serialize_with = "json::text")]
    pub entered: Time,
    /// Until when; `None` while it holds.
    #[serde(serialize_with = "json::text_or_null")]
    pub left: Option<Time>,
    /// When it was known: what counts.
    #[serde(serialize_with = "json::text")]
    pub known_at: Time,
    /// What it is to the figures.
    pub status: Status,
    /// The subject's first outcome, whenever it came.
    #[serde(serialize_with = "json::text_or_null")]
    pub outcome_at: Option<Time>,
    /// Days from `known_at` to the outcome, for a hit.
    pub lead_days: Option<f64>,
    /// The outcome's worth, for a hit whose outcome tells it.
    #[serde(serialize_with = "json::number_or_null")]
    pub value: Option<Decimal>,
}

/// What a qualification is to the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Counts: the first outcome came after it was known, within the window.
    Hit,
    /// Counts: the window passed without the first outcome.
    Miss,
    /// Its window was not over when history ends: neither hit nor miss.
    TooEarly,
    /// Known only with the first outcome, or after it.
    TooLate,
    /// No longer held when it became known, so that no lead would have opened.
    Lapsed,
    /// A later one of a subject whose first one counts.
    Further,
}

impl Status {
    /// The word in tables and files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::TooEarly => "too early",
            Self::TooLate => "too late",
            Self::Lapsed => "lapsed",
            Self::Further => "further",
        }
    }

    /// Whether it is the one qualification that counts for its subject.
    pub const fn is_first(self) -> bool {
        matches!(self, Self::Hit | Self::Miss | Self::TooEarly)
    }
}

/// One subject, reduced to what the figures need.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub started: Time,
    /// The first instant at which anything was known of the subject.
    pub known_from: Time,
    /// The first outcome.
    pub outcome: Option<FirstOutcome>,
    /// The qualification that counts: when it was known, and what it is.
    pub qualified: Option<(Time, Status)>,
    /// Where none counts although there were some: why the first of them does not.
    pub passed_over: Option<Status>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct FirstOutcome {
    pub time: Time,
    pub value: Option<Decimal>,
}

impl Case {
    /// When the subject's first outcome came, or the end of time.
    pub fn outcome_time(&self) -> Time {
        self.outcome.map_or(Time::MAX, |it| it.time)
    }

    /// When the qualification that counts was known, or the end of time.
    pub fn known_time(&self) -> Time {
        self.qualified.map_or(Time::MAX, |it| it.0)
    }

    /// Whether the first outcome came within `span` strictly after `from`.
    pub fn converts(&self, from: Time, span: Span) -> bool {
        self.outcome.is_some_and(|it| from < it.time && it.time <= from + span)
    }

    /// Whether anything was known of the subject at an instant before its first outcome.
    pub fn foreseeable(&self) -> bool {
        self.outcome.is_some_and(|it| it.time > self.known_from)
    }
}

/// Judges subjects as one does who has seen history up to `last`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge {
    pub within: Span,
    pub last: Time,
}

impl Judge {
    /// Reduces a subject to its case, and appends all its qualifications to `listed`.
    pub fn case(self, history: &SubjectHistory, listed: &mut Vec<Qualification>) -> Case {
        let outcomes = history.outcomes.iter().filter(|it| it.time <= self.last);
        let outcome = outcomes
            .min_by_key(|it| (it.time, it.value))
            .map(|it| FirstOutcome { time: it.time, value: it.value });
        let mut case = Case {
            started: history.started,
            known_from: history.started.min(history.first_fact),
            outcome,
            qualified: None,
            passed_over: None,
        };

        let mut known: Vec<(Time, &Interval)> = history
            .intervals
            .iter()
            .map(|it| (it.known_at.max(it.entered), it))
            .filter(|(known_at, _)| *known_at <= self.last)
            .collect();
        known.sort_by_key(|(known_at, it)| (*known_at, it.entered));
        for (known_at, interval) in known {
            let status = self.status(&case, known_at, interval.left);
            case.known_from = case.known_from.min(known_at);
            if status.is_first() {
                case.qualified = Some((known_at, status));
                case.passed_over = None;
            } else if case.qualified.is_none() {
                case.passed_over = case.passed_over.or(Some(status));
            }
            let hit = outcome.filter(|_| status == Status::Hit);
            listed.push(Qualification {
                subject: history.subject.clone(),
                entered: interval.entered,
                left: interval.left,
                known_at,
                status,
                outcome_at: outcome.map(|it| it.time),
                lead_days: hit.map(|it| json::days(it.time - known_at)),
                value: hit.and_then(|it| it.value),
            });
        }
        case
    }

    /// What a qualification is, given what came before it.
    fn status(self, case: &Case, known_at: Time, left: Option<Time>) -> Status {
        if case.outcome_time() <= known_at {
            Status::TooLate
        } else if left.is_some_and(|left| left <= known_at) {
            Status::Lapsed
        } else if case.qualified.is_some() {
            Status::Further
        } else if known_at + self.within > self.last {
            Status::TooEarly
        } else if case.converts(known_at, self.within) {
            Status::Hit
        } else {
            Status::Miss
        }
    }
}
