//! What a value can be at all, by what it is.

use firsthand_model::Decimal;
use firsthand_model::config::{MeterKind, Project};
use firsthand_model::fact::Kind;
use firsthand_model::time::Period;

use super::band::{Band, End};
use crate::lang::ast::{
    Aggregate, At, Expr, Field, Key, LengthUnit, MeterValue, Moment, Owner, Quantifier, Window,
};

/// The numbers that a value can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// From where to where.
    pub band: Band,
    /// Whether it is always whole.
    pub whole: bool,
    /// Whether it is never unknown while its windows are closed.
    pub known: bool,
}

impl Range {
    const ANY: Self = Self { band: Band::ALL, whole: false, known: false };

    const fn whole(band: Band) -> Self {
        Self { band, whole: true, known: true }
    }

    const fn part(band: Band) -> Self {
        Self { band, whole: false, known: false }
    }
}

/// What a value can be, judged on a kind of subject.
pub(super) fn range(project: &Project, subject: Kind, value: &At<Expr>) -> Range {
    match &value.node {
        Expr::Aggregate { kind, windows, .. } => match kind {
            Aggregate::People if subject == Kind::Person => Range::whole(Band::up_to(1)),
            Aggregate::Days => Range::whole(days_in(windows)),
            Aggregate::Count | Aggregate::People | Aggregate::Distinct => {
                Range::whole(Band::NOT_NEGATIVE)
            }
            _ => Range::ANY,
        },
        Expr::Streak(..) => Range::whole(Band::NOT_NEGATIVE),
        Expr::Each { over: Quantifier::Number, key, within, .. } => {
            let most = within.as_ref().and_then(|window| periods_in(key, &window.node));
            Range::whole(most.map_or(Band::NOT_NEGATIVE, Band::up_to))
        }
        Expr::Meter(MeterValue::Usage, name) => match project.meters.get(name).map(|it| it.kind) {
            Some(MeterKind::Count | MeterKind::Distinct) => Range::whole(Band::NOT_NEGATIVE),
            _ => Range::ANY,
        },
        Expr::Meter(MeterValue::Limit | MeterValue::LimitReachedIn, _)
        | Expr::TrialAge
        | Expr::Growth(..)
        | Expr::Percentile(..)
        | Expr::Since(_)
        | Expr::Score(..) => Range::part(part(project, subject, &value.node)),
        Expr::Trait(Owner::Account, path) if path == "members" => Range::whole(Band::NOT_NEGATIVE),
        Expr::Rank(_) => {
            let low = Some(End::at(Decimal::SCALE));
            Range { known: false, ..Range::whole(Band { low, high: None }) }
        }
        Expr::Field(Field::Hour) => Range::whole(Band::up_to(23)),
        Expr::AtMoment(inner, _) | Expr::Ago(inner, _) => {
            Range { known: false, ..range(project, subject, inner) }
        }
        _ => Range::ANY,
    }
}

/// The band of a value that is not whole and may be unknown.
fn part(project: &Project, subject: Kind, value: &Expr) -> Band {
    match value {
        Expr::Percentile(..) => Band::between(0, Decimal::SCALE),
        // What is never below nothing loses all of itself at most.
        Expr::Growth(of, _) if Band::NOT_NEGATIVE.holds(range(project, subject, of).band) => {
            Band { low: Some(End::at(-Decimal::SCALE)), high: None }
        }
        Expr::Since(moment) => match &moment.node {
            Moment::First(_) | Moment::Last(_) | Moment::Nth(..) => Band::NOT_NEGATIVE,
            _ => Band::ALL,
        },
        Expr::Score(name, part) => {
            let Some(score) = project.scores.get(name) else { return Band::ALL };
            let (floor, cap) = match part {
                None => (score.floor, score.cap),
                Some(part) => score.groups.get(part).map_or((None, None), |it| (it.floor, it.cap)),
            };
            let end = |it: Option<Decimal>| it.map(|it| End::at(it.raw()));
            Band { low: end(floor), high: end(cap) }
        }
        Expr::Growth(..) => Band::ALL,
        _ => Band::NOT_NEGATIVE,
    }
}

/// How many calendar days some windows can touch.
fn days_in(windows: &[At<Window>]) -> Band {
    let most = windows.iter().filter_map(|window| {
        Some(match &window.node {
            // A sliding window touches a day at either end, and one more where clocks change.
            Window::Last(length) => match length.unit {
                LengthUnit::Days => length.count.saturating_add(2),
                LengthUnit::Weeks => length.count.saturating_mul(7).saturating_add(2),
                LengthUnit::Dates => length.count,
                LengthUnit::Months => length.count.saturating_mul(31),
                LengthUnit::Years => length.count.saturating_mul(366),
                LengthUnit::Seconds | LengthUnit::Minutes | LengthUnit::Hours => {
                    length.count / 24 + 3
                }
            },
            Window::This(period) => days_of(*period),
            Window::LastFull(count, period) => count.saturating_mul(days_of(*period)),
            _ => return None,
        })
    });
    most.min().map_or(Band::NOT_NEGATIVE, Band::up_to)
}

const fn days_of(period: Period) -> u32 {
    match period {
        Period::Day => 1,
        Period::Week => 7,
        Period::Month => 31,
        Period::Year => 366,
    }
}

/// How many periods lie in a window of periods.
fn periods_in(key: &Key, window: &Window) -> Option<u32> {
    let Key::Period(unit) = key else { return None };
    match window {
        Window::LastFull(count, period) if period == unit => Some(*count),
        Window::LastFull(count, period) if *unit == Period::Day => {
            Some(count.saturating_mul(days_of(*period)))
        }
        Window::This(period) if *unit == Period::Day => Some(days_of(*period)),
        _ => None,
    }
}
