//! The accounts that a track found first, and those that none found: how many of each bought, how
//! soon, and for how much.

use firsthand_model::config::Track;
use firsthand_model::{Decimal, Span, Time};
use serde::Serialize;

use super::life::{Life, Stage};
use super::{Asked, By};
use crate::backtest::{Case, FirstOutcome, Matched, Status};
use crate::json;
use crate::statistics::{Estimate, Lift, Rate, mean_worth, median_days};

/// Points of a curve after the first.
const CURVE_POINTS: i64 = 30;
/// The stages behind the qualification.
const LEVELS: [Stage; 3] = [Stage::Sql, Stage::Opportunity, Stage::Customer];

/// Accounts that are compared with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// First found on the product track.
    Product,
    /// First found on the marketing track.
    Marketing,
    /// Found on neither of them within the window after they began, nor before they bought; who
    /// bought as they began cannot be won any more and is in no group.
    Neither,
    /// Found on the expansion track: accounts that pay already.
    Expansion,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Product, Self::Marketing, Self::Neither, Self::Expansion];

    /// The word in files and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Marketing => "marketing",
            Self::Neither => "neither",
            Self::Expansion => "expansion",
        }
    }
}

/// The figures of a group. Its meanings: `report::LIFECYCLE_FIGURES`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupFigures {
    /// Which.
    pub group: Group,
    /// Accounts in it, observed for the whole window or not.
    pub entered: u64,
    /// Those whose window was not over when history ends.
    pub too_early: u64,
    /// Those of them that have the outcome already.
    pub too_early_converted: u64,
    /// Reached within the window, of those observed for all of it.
    pub levels: Vec<Level>,
    /// Had the outcome within the window, of those observed for all of it.
    pub converted: Rate,
    /// The share that had it by each of these days.
    pub curve: Vec<CurvePoint>,
    /// Median days to the outcome, of those that had it within the window.
    pub days: Option<Estimate>,
    /// What the outcomes are worth, where that is told.
    pub worth: Option<Worth>,
    /// The same of accounts that are alike but for having been found.
    pub alike: Option<Alike>,
}

/// How many reached a stage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Level {
    /// The stage.
    pub stage: Stage,
    /// Reached it within the window.
    pub reached: Rate,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Days since the account was found, or began.
    pub days: f64,
    /// How many had the outcome by then.
    pub converted: u64,
    /// Their share, from 0 to 1.
    pub share: f64,
}

/// What outcomes are worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Worth {
    /// How many tell it.
    pub told: u64,
    /// Together.
    #[serde(serialize_with = "json::number")]
    pub total: Decimal,
    /// On average.
    pub mean: Estimate,
}

/// Accounts of the same age at the same time that nobody had found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Alike {
    /// Conversion of those found that can be compared.
    pub found: Rate,
    /// The share of those alike that had the outcome in the same windows.
    pub share: f64,
    /// The one over the other.
    pub lift: Option<Lift>,
}

/// One account in a group: since when, and its outcome after that.
struct Member<'l> {
    life: &'l Life,
    from: Time,
    success: Option<(Time, Option<Decimal>)>,
}

impl GroupFigures {
    pub(super) fn of(group: Group, asked: &Asked<'_>) -> Self {
        let members: Vec<Member<'_>> =
            asked.lives().filter_map(|life| Member::of(life, group, asked)).collect();
        let within = asked.question.within;
        let observed: Vec<&Member<'_>> =
            members.iter().filter(|it| it.from + within <= asked.last).collect();
        let of = observed.len() as u64;
        let hits: Vec<(Span, Option<Decimal>)> =
            observed.iter().filter_map(|it| it.hit(within)).collect();
        let too_early = members.len() as u64 - of;
        let converted_of_all = members.iter().filter(|it| it.hit(within).is_some()).count();
        let mut spans: Vec<Span> = hits.iter().map(|it| it.0).collect();
        let worths: Vec<Decimal> = hits.iter().filter_map(|it| it.1).collect();
        Self {
            group,
            entered: members.len() as u64,
            too_early,
            too_early_converted: (converted_of_all - hits.len()) as u64,
            levels: LEVELS.into_iter().map(|it| level(it, &observed, within)).collect(),
            converted: Rate::new(hits.len() as u64, of),
            curve: curve(&spans, of, within),
            days: median_days(&mut spans),
            worth: mean_worth(&worths).map(|(total, mean)| Worth {
                told: worths.len() as u64,
                total,
                mean,
            }),
            alike: alike(group, &observed, asked),
        }
    }
}

impl<'l> Member<'l> {
    /// An account as a member of a group, if it is one within what was asked.
    fn of(life: &'l Life, group: Group, asked: &Asked<'_>) -> Option<Self> {
        let within = asked.question.within;
        let bought = asked.success(life, Time::MIN);
        let before = |at: Time| bought.is_none_or(|it| at < it.0);
        let found = life.first_found(&[Track::Product, Track::Marketing]);
        let found = found.filter(|it| it.known_at <= asked.last && before(it.known_at));
        let from = match group {
            Group::Product | Group::Marketing => {
                let track = if group == Group::Product { Track::Product } else { Track::Marketing };
                found.filter(|it| it.track == track)?.known_at
            }
            Group::Neither => {
                let soon = found.is_some_and(|it| it.known_at <= life.began + within);
                (!soon && before(life.began)).then_some(life.began)?
            }
            Group::Expansion => {
                let found = life.first_found(&[Track::Expansion]);
                found.filter(|it| it.known_at <= asked.last)?.known_at
            }
        };
        let dated = if asked.question.by == By::Found { from } else { life.began };
        let wanted = asked.in_cohort(dated) && asked.in_segment(life, from);
        wanted.then(|| Self { life, from, success: asked.success(life, from) })
    }

    /// After how long it had the outcome, if within the window, and its worth.
    fn hit(&self, within: Span) -> Option<(Span, Option<Decimal>)> {
        let (at, value) = self.success?;
        (at <= self.from + within).then(|| (at - self.from, value))
    }
}

fn level(stage: Stage, observed: &[&Member<'_>], within: Span) -> Level {
    let reached = |it: &&&Member<'_>| match stage {
        Stage::Customer => it.hit(within).is_some(),
        _ => it.life.reached(stage, it.from).is_some_and(|at| at <= it.from + within),
    };
    let count = observed.iter().filter(reached).count() as u64;
    Level { stage, reached: Rate::new(count, observed.len() as u64) }
}

fn curve(spans: &[Span], of: u64, within: Span) -> Vec<CurvePoint> {
    if of == 0 {
        return Vec::new();
    }
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let point = |step: i64| {
        // Exact at the last point, whatever the window.
        let until = Span(
            i64::try_from(i128::from(within.0) * i128::from(step) / i128::from(CURVE_POINTS))
                .unwrap_or(i64::MAX),
        );
        let converted = sorted.partition_point(|it| *it <= until) as u64;
        CurvePoint { days: json::days(until), converted, share: converted as f64 / of as f64 }
    };
    (0..=CURVE_POINTS).map(point).collect()
}

/// The same comparison as a backtest makes, over all accounts that are asked about.
fn alike(group: Group, observed: &[&Member<'_>], asked: &Asked<'_>) -> Option<Alike> {
    if !matches!(group, Group::Product | Group::Marketing) {
        return None;
    }
    let found: Vec<Case> = observed.iter().map(|it| it.case(asked)).collect();
    let found: Vec<&Case> = found.iter().collect();
    let matched = Matched::of(asked.cases(), &found, asked.question.within);
    let share = matched.controls?;
    Some(Alike { found: matched.rate, share, lift: Lift::over(matched.rate, Some(share)) })
}

impl Member<'_> {
    fn case(&self, asked: &Asked<'_>) -> Case {
        let hit = self.hit(asked.question.within).is_some();
        let status = if hit { Status::Hit } else { Status::Miss };
        Case {
            started: self.life.began,
            known_from: self.life.began,
            outcome: self.success.map(|(time, value)| FirstOutcome { time, value }),
            qualified: Some((self.from, status)),
            passed_over: None,
        }
    }
}
