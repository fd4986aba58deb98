//! Adds the subjects up. What each figure means in one sentence: `report::FIGURES`.

use firsthand_model::{Decimal, Span, Time};
use serde::Serialize;

use super::judge::{Case, Status};
use super::matched::{Controls, controls};
use crate::json;
use crate::statistics::{Lift, Rate, f1, median};

/// The figures of one set of subjects. Rates are shares from 0 to 1; what cannot be said (nothing
/// to divide by) is `None`, in JSON `null`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Subjects of the cohort.
    pub subjects: u64,
    /// Subjects whose first qualification has been observed for the whole window.
    pub qualified: u64,
    /// First qualifications a week, observed for the whole window or not.
    pub per_week: Option<f64>,
    /// Qualified subjects with their first outcome after it was known, within the window.
    pub hits: u64,
    /// Hits of the qualified.
    pub precision: Rate,
    /// Hits of the outcomes that could be foreseen.
    pub recall: Rate,
    /// Hits of all subjects with an outcome.
    pub recall_of_all: Rate,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// Subjects without outcome at their start that have one within the window after it.
    pub base: Rate,
    /// Precision over base.
    pub lift: Option<Lift>,
    /// Hits of those qualified that have a control.
    pub matched: Rate,
    /// Share of their controls that have their first outcome in the same window.
    pub controls: Option<f64>,
    /// The matched rate over that of the controls.
    pub matched_lift: Option<Lift>,
    /// Controls of a qualification, on average.
    pub controls_mean: Option<f64>,
    /// Median days from the known qualification to the outcome, of the hits.
    pub lead_days: Option<f64>,
    /// Worth of the hits' first outcomes, together.
    #[serde(serialize_with = "json::number_or_null")]
    pub value_total: Option<Decimal>,
    /// Worth of a hit's first outcome, on average over those that tell it.
    pub value_mean: Option<f64>,
    /// First qualifications whose window was not over when history ends.
    pub too_early: u64,
    /// Those of them that have their first outcome already.
    pub too_early_converted: u64,
    /// Subjects whose qualification was known only with the first outcome or after it.
    pub too_late: u64,
    /// Subjects whose qualification no longer held when it became known.
    pub lapsed: u64,
}

/// The stretch of history that the subjects were watched in, and the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub from: Time,
    pub to: Time,
    pub within: Span,
}

impl Figures {
    pub(super) fn of(cases: &[Case], seen: Seen) -> Self {
        let judged: Vec<&Case> = cases.iter().filter(|it| it.is_judged()).collect();
        let hits: Vec<&Case> = judged.iter().copied().filter(|it| it.is_hit()).collect();
        let (hit_count, qualified) = (count(&hits), count(&judged));
        let too_early = tally(cases, |it| it.is(Status::TooEarly));
        let precision = Rate::new(hit_count, qualified);
        let recall = Rate::new(hit_count, tally(cases, Case::foreseeable));
        let base = base(cases, seen);
        let matched = Matched::of(cases, &judged, seen.within);
        let worth = Worth::of(&hits);
        Self {
            subjects: cases.len() as u64,
            qualified,
            per_week: per_week(qualified + too_early, seen),
            hits: hit_count,
            precision,
            recall,
            recall_of_all: Rate::new(hit_count, tally(cases, |it| it.outcome.is_some())),
            f1: f1(precision.rate, recall.rate),
            base,
            lift: Lift::over(precision, base.rate),
            matched: matched.rate,
            controls: matched.controls,
            matched_lift: Lift::over(matched.rate, matched.controls),
            controls_mean: matched.controls_mean,
            lead_days: lead(&hits).map(json::days),
            value_total: worth.total,
            value_mean: worth.mean,
            too_early,
            too_early_converted: tally(cases, |it| {
                it.is(Status::TooEarly) && it.converts(it.known_time(), seen.within)
            }),
            too_late: tally(cases, |it| it.passed_over == Some(Status::TooLate)),
            lapsed: tally(cases, |it| it.passed_over == Some(Status::Lapsed)),
        }
    }
}

impl Case {
    fn is(&self, status: Status) -> bool {
        self.qualified.is_some_and(|it| it.1 == status)
    }

    pub(super) fn is_hit(&self) -> bool {
        self.is(Status::Hit)
    }

    pub(super) fn is_judged(&self) -> bool {
        self.is(Status::Hit) || self.is(Status::Miss)
    }
}

fn count(cases: &[&Case]) -> u64 {
    cases.len() as u64
}

fn tally(cases: &[Case], which: impl Fn(&Case) -> bool) -> u64 {
    cases.iter().filter(|it| which(it)).count() as u64
}

/// What happens without any definition: from each subject's own start, as far as it was observed.
fn base(cases: &[Case], seen: Seen) -> Rate {
    let at_risk = |it: &Case| {
        it.started + seen.within <= seen.to && it.outcome.is_none_or(|o| o.time > it.started)
    };
    let converting = |it: &Case| at_risk(it) && it.converts(it.started, seen.within);
    Rate::new(tally(cases, converting), tally(cases, at_risk))
}

fn per_week(qualified: u64, seen: Seen) -> Option<f64> {
    let weeks = json::days(seen.to - seen.from) / 7.0;
    (weeks > 0.0).then(|| qualified as f64 / weeks)
}

fn lead(hits: &[&Case]) -> Option<Span> {
    let mut leads: Vec<Span> = hits.iter().map(|it| it.outcome_time() - it.known_time()).collect();
    median(&mut leads)
}

/// The comparison with the unqualified of the same time and age.
pub(crate) struct Matched {
    /// Hits of those that have controls.
    pub rate: Rate,
    /// The share of their controls that would be expected to convert.
    pub controls: Option<f64>,
    /// How many controls one has, on average.
    controls_mean: Option<f64>,
}

impl Matched {
    /// Each qualification weighs the same, whether it has ten controls or ten thousand: the
    /// controls' rate is what would be expected of the qualified if qualifying meant nothing.
    pub fn of(cases: &[Case], judged: &[&Case], within: Span) -> Self {
        let asked: Vec<_> = judged.iter().map(|it| (it.known_time(), it.started)).collect();
        let found = controls(cases, &asked, within);
        let paired: Vec<(&Case, Controls)> =
            judged.iter().copied().zip(found).filter(|(_, it)| it.count > 0).collect();

        let pairs = paired.len() as u64;
        let hits = paired.iter().filter(|(it, _)| it.is_hit()).count() as u64;
        let share = |it: Controls| it.converting as f64 / it.count as f64;
        // Added in order of size: floats added in another order differ in the last place (BT-5).
        let mut shares: Vec<f64> = paired.iter().map(|(_, it)| share(*it)).collect();
        shares.sort_unstable_by(f64::total_cmp);
        let expected: f64 = shares.iter().sum();
        let total: u64 = paired.iter().map(|(_, it)| it.count).sum();
        let mean = |sum: f64| (pairs > 0).then(|| sum / pairs as f64);
        Self {
            rate: Rate::new(hits, pairs),
            controls: mean(expected),
            controls_mean: mean(total as f64),
        }
    }
}

/// What the hits' first outcomes are worth.
struct Worth {
    total: Option<Decimal>,
    mean: Option<f64>,
}

impl Worth {
    fn of(hits: &[&Case]) -> Self {
        let values: Vec<i128> =
            hits.iter().filter_map(|it| Some(it.outcome?.value?.raw())).collect();
        if values.is_empty() {
            return Self { total: None, mean: None };
        }
        let sum = values.iter().fold(0, |sum: i128, it| sum.saturating_add(*it));
        let total = Decimal::from_raw(sum);
        Self { total: Some(total), mean: Some(total.to_f64() / values.len() as f64) }
    }
}
