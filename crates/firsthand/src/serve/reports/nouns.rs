//! The lab's figures as the API tells them.

use firsthand_lab::lifecycle::{self, Group, GroupFigures, Stage};
use firsthand_lab::report::{FIGURES, HOLDOUT_FIGURES, LIFECYCLE_FIGURES, Value as FigureValue};
use firsthand_lab::statistics::{self, Lift};
use firsthand_lab::{Backtest, Holdouts, Lifecycle, Rate, holdout};
use firsthand_model::Span;
use firsthand_web::noun::{
    AccountsLeftOut, BacktestFigure, BacktestReport, BacktestSide, BacktestSummary, BacktestWeek,
    Contrast, CurvePoint, Difference, Effect, EffectsAsked, EffectsReport, Estimate, FigureMeaning,
    GroupName, LifecycleAsked, LifecycleGroup, LifecycleReport, MonthFigures, Observed, Reading,
    ReportNote, Share, StageFigures, Worth,
};

use super::snapshot::Snapshot;
use crate::serve::leads::track_noun;
use crate::study::Asked;

/// The lifecycle.
pub(super) fn lifecycle(
    of: &Lifecycle,
    asked: LifecycleAsked,
    observed: Observed,
    snapshot: &Snapshot,
) -> LifecycleReport {
    LifecycleReport {
        asked: LifecycleAsked { within_days: Some(days(of.question.within)), ..asked },
        observed,
        segments: snapshot.lives.segments.iter().map(ToString::to_string).collect(),
        outcomes: outcomes(snapshot),
        accounts: of.accounts,
        left_out: AccountsLeftOut {
            excluded: of.left_out.excluded,
            visitors: of.left_out.visitors,
            older: of.left_out.older,
        },
        groups: of.groups.iter().map(group).collect(),
        contrasts: of
            .contrasts
            .iter()
            .map(|it| Contrast {
                one: group_name(it.one),
                other: group_name(it.other),
                difference: difference(&it.conversion),
                times: it.times,
                days: it.days,
            })
            .collect(),
        stages: of
            .steps
            .iter()
            .map(|it| StageFigures {
                stage: it.stage.word().to_owned(),
                entered: it.entered,
                further: share(it.further),
                customer: it.customer.map(share),
                too_early: it.too_early,
                days: it.days.map(estimate),
                now: it.now,
            })
            .collect(),
        months: of.months.iter().map(month).collect(),
        notes: of
            .notes
            .iter()
            .map(|it| ReportNote { code: it.code().to_owned(), text: it.to_string() })
            .collect(),
        figures: meanings(LIFECYCLE_FIGURES),
    }
}

fn group(it: &GroupFigures) -> LifecycleGroup {
    LifecycleGroup {
        group: group_name(it.group),
        entered: it.entered,
        too_early: it.too_early,
        too_early_converted: it.too_early_converted,
        sql: level(&it.levels, Stage::Sql),
        opportunity: level(&it.levels, Stage::Opportunity),
        converted: share(it.converted),
        curve: it.curve.iter().map(|it| CurvePoint { days: it.days, share: it.share }).collect(),
        days: it.days.map(estimate),
        worth: it.worth.map(|it| Worth {
            told: it.told,
            total: it.total.to_f64(),
            mean: estimate(it.mean),
        }),
        alike: it.alike.map(|it| it.share),
        alike_lift: it.alike.and_then(|it| it.lift).map(lift),
    }
}

fn month(it: &lifecycle::Month) -> MonthFigures {
    let of = |stage| level(&it.reached, stage);
    MonthFigures {
        month: it.month.to_string(),
        accounts: it.accounts,
        too_early: it.too_early,
        mql: of(Stage::Mql),
        pql: of(Stage::Pql),
        sql: of(Stage::Sql),
        opportunity: of(Stage::Opportunity),
        customer: of(Stage::Customer),
    }
}

fn level(of: &[lifecycle::Level], stage: Stage) -> Share {
    of.iter().find(|it| it.stage == stage).map(|it| share(it.reached)).unwrap_or_default()
}

/// A backtest in short.
pub(super) fn summary(of: &Backtest, asked: &Asked, snapshot: &Snapshot) -> BacktestSummary {
    let definition = &snapshot.study.project.definitions[&asked.name];
    BacktestSummary {
        definition: asked.name.to_string(),
        title: definition.title.as_ref().map(ToString::to_string),
        version: asked.version.to_string(),
        track: track_noun(definition.track),
        outcome: of.question.outcome.to_string(),
        within_days: days(of.question.within),
        qualified: of.all.qualified,
        precision: share(of.all.precision),
        recall: share(of.all.recall),
        lift: of.all.matched_lift.map(lift),
        lead_days: of.all.lead_days,
        too_early: of.all.too_early,
    }
}

/// A backtest.
pub(super) fn backtest(
    of: &Backtest,
    asked: &Asked,
    observed: Observed,
    snapshot: &Snapshot,
) -> BacktestReport {
    let mut sides = vec![side("all", &of.all)];
    if let Some(split) = &of.split {
        sides.extend([side("before", &split.before), side("after", &split.after)]);
    }
    let root = snapshot.study.program.root(asked.kind);
    BacktestReport {
        summary: summary(of, asked, snapshot),
        observed,
        outcomes: root.outcomes.iter().map(|(name, _)| name.to_string()).collect(),
        sides,
        weeks: of
            .weeks
            .iter()
            .map(|it| BacktestWeek {
                week: it.week.to_string(),
                started: it.started,
                qualified: it.qualified,
                hits: it.hits,
            })
            .collect(),
        notes: of
            .notes
            .iter()
            .map(|it| ReportNote { code: it.code().to_owned(), text: it.to_string() })
            .collect(),
        figures: FIGURES
            .iter()
            .map(|it| FigureMeaning { code: it.code.to_owned(), meaning: it.meaning.to_owned() })
            .collect(),
    }
}

fn side(name: &str, of: &firsthand_lab::Figures) -> BacktestSide {
    let figure = |it: &firsthand_lab::report::Figure| {
        let value = (it.value)(of);
        let (code, label) = (it.code.to_owned(), it.label.to_owned());
        let shown = value.for_people();
        let empty = BacktestFigure {
            code,
            label,
            shown,
            count: None,
            of: None,
            value: None,
            low: None,
            high: None,
        };
        match value {
            FigureValue::Count(count) => BacktestFigure { count: Some(count), ..empty },
            FigureValue::Rate(it) => BacktestFigure {
                count: Some(it.count),
                of: Some(it.of),
                value: it.rate,
                low: it.low,
                high: it.high,
                ..empty
            },
            FigureValue::Lift(Some(it)) => BacktestFigure {
                value: Some(it.value),
                low: Some(it.low),
                high: Some(it.high),
                ..empty
            },
            FigureValue::Lift(None) => empty,
            FigureValue::Share(value)
            | FigureValue::Days(value)
            | FigureValue::Number(value)
            | FigureValue::Worth(value) => BacktestFigure { value, ..empty },
        }
    };
    BacktestSide { side: name.to_owned(), figures: FIGURES.iter().map(figure).collect() }
}

/// What outreach caused.
pub(super) fn effects(
    of: &Holdouts,
    asked: EffectsAsked,
    observed: Observed,
    snapshot: &Snapshot,
) -> EffectsReport {
    let effect = |it: &holdout::Effect| {
        let play = it.play.as_ref().and_then(|it| snapshot.study.project.plays.get(it));
        Effect {
            track: track_noun(it.track),
            play: it.play.as_ref().map(ToString::to_string),
            title: play.map(|it| it.title.to_string()),
            assigned_told: it.assigned_told,
            assigned_held_out: it.assigned_held_out,
            too_early: it.too_early,
            told: share(it.told),
            held_out: share(it.held_out),
            difference: it.difference.as_ref().map(difference),
            more_needed: it.more_needed,
            share_changed: it.share_changed,
        }
    };
    EffectsReport {
        asked: EffectsAsked { within_days: Some(days(of.question.within)), ..asked },
        observed,
        outcomes: outcomes(snapshot),
        tracks: of.tracks.iter().map(effect).collect(),
        plays: of.plays.iter().map(effect).collect(),
        figures: meanings(HOLDOUT_FIGURES),
    }
}

/// The outcomes of accounts.
pub(super) fn outcomes(snapshot: &Snapshot) -> Vec<String> {
    snapshot.lives.outcomes.iter().map(ToString::to_string).collect()
}

pub(super) fn meanings(of: &[(&str, &str)]) -> Vec<FigureMeaning> {
    let meaning = |(code, meaning): &(&str, &str)| FigureMeaning {
        code: (*code).to_owned(),
        meaning: (*meaning).to_owned(),
    };
    of.iter().map(meaning).collect()
}

pub(super) fn share(it: Rate) -> Share {
    Share { count: it.count, of: it.of, rate: it.rate, low: it.low, high: it.high }
}

fn estimate(it: statistics::Estimate) -> Estimate {
    Estimate { value: it.value, low: it.low, high: it.high }
}

fn lift(it: Lift) -> Estimate {
    Estimate { value: it.value, low: Some(it.low), high: Some(it.high) }
}

pub(super) fn difference(it: &statistics::Difference) -> Difference {
    Difference {
        value: it.value,
        low: it.low,
        high: it.high,
        reading: match it.reading {
            statistics::Reading::Higher => Reading::Higher,
            statistics::Reading::Lower => Reading::Lower,
            statistics::Reading::Unclear => Reading::Unclear,
        },
    }
}

fn group_name(of: Group) -> GroupName {
    match of {
        Group::Product => GroupName::Product,
        Group::Marketing => GroupName::Marketing,
        Group::Neither => GroupName::Neither,
        Group::Expansion => GroupName::Expansion,
    }
}

pub(super) fn days(span: Span) -> u32 {
    u32::try_from(span.0 / Span::DAY.0).unwrap_or(u32::MAX)
}
