//! Reports as the API tells them. Shares are from 0 to 1, lengths of time in days, and intervals hold
//! the true figure in 95 of 100 samples.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{At, Share, Track};

/// A number with its interval; an end is `null` where too little was seen to say it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

/// What may be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The one is larger: the interval lies above zero.
    Higher,
    /// The one is smaller: the interval lies below zero.
    Lower,
    /// Not clear yet: the interval covers zero.
    Unclear,
}

/// One share less another, from −1 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// The difference.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// What may be said of it.
    pub reading: Reading,
}

/// What a figure is, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FigureMeaning {
    /// The figure's name.
    pub code: String,
    /// What it is.
    pub meaning: String,
}

/// What the reader must know to read the figures rightly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportNote {
    /// Stable, for programs.
    pub code: String,
    /// For people, in English.
    pub text: String,
}

/// What a report was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Observed {
    /// The oldest fact.
    pub first_at: At,
    /// The newest fact that counts: what would come later is not known.
    pub last_at: At,
    /// Newer facts that do not count yet; they will within minutes.
    pub waiting: u64,
}

/// By which date accounts belong to a cohort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CohortBy {
    /// When they began: signed up, or did the first thing that is known.
    #[default]
    Began,
    /// When product or marketing first found them.
    Found,
}

impl CohortBy {
    /// The word in queries.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Found => "found",
        }
    }
}

/// Which lifecycle is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct LifecycleAsked {
    /// Only accounts from this date on: `2026-01-01`.
    pub from: Option<String>,
    /// Only accounts up to this date, which belongs to it.
    pub to: Option<String>,
    /// Which date of an account that is.
    pub by: CohortBy,
    /// Only accounts that were in this segment on their first day.
    pub segment: Option<String>,
    /// What counts as success; any outcome of accounts if `null`.
    pub outcome: Option<String>,
    /// How soon it must come, in days; 60 if `null`.
    pub within_days: Option<u32>,
}

/// The lifecycle of accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LifecycleReport {
    /// What was asked; `within_days` is always told.
    pub asked: LifecycleAsked,
    /// What it was made of.
    pub observed: Observed,
    /// The segments that can be asked for.
    pub segments: Vec<String>,
    /// The outcomes that can be asked for.
    pub outcomes: Vec<String>,
    /// Accounts of the cohort.
    pub accounts: u64,
    /// Accounts that are in no figure.
    pub left_out: AccountsLeftOut,
    /// Accounts that product found first, those that marketing did, those that neither did, and
    /// those found as growing customers.
    pub groups: Vec<LifecycleGroup>,
    /// The first three against each other.
    pub contrasts: Vec<Contrast>,
    /// The stages, the lowest first.
    pub stages: Vec<StageFigures>,
    /// The cohorts by month, the oldest first.
    pub months: Vec<MonthFigures>,
    /// What the reader must know.
    pub notes: Vec<ReportNote>,
    /// What each figure is.
    pub figures: Vec<FigureMeaning>,
}

/// How many accounts are in no figure, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountsLeftOut {
    /// The project never judges them.
    pub excluded: u64,
    /// Visitors who never signed up.
    pub visitors: u64,
    /// They began before recorded history does: only those who lasted are known.
    pub older: u64,
}

/// Which accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupName {
    /// First found on the product track.
    Product,
    /// First found on the marketing track.
    Marketing,
    /// Found on neither within the window after they began, nor before they bought.
    Neither,
    /// Found on the expansion track.
    Expansion,
}

/// The figures of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LifecycleGroup {
    /// Which.
    pub group: GroupName,
    /// Accounts in it.
    pub entered: u64,
    /// Those whose window was not over; they are in no share.
    pub too_early: u64,
    /// Those of them that have the outcome already.
    pub too_early_converted: u64,
    /// Became SQL within the window.
    pub sql: Share,
    /// Had a deal within the window.
    pub opportunity: Share,
    /// Had the outcome within the window.
    pub converted: Share,
    /// The share that had it by each of these days.
    pub curve: Vec<CurvePoint>,
    /// Median days to the outcome.
    pub days: Option<Estimate>,
    /// What the outcomes are worth.
    pub worth: Option<Worth>,
    /// The share of accounts alike but for having been found that had the outcome.
    pub alike: Option<f64>,
    /// Conversion divided by that.
    pub alike_lift: Option<Estimate>,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CurvePoint {
    /// Days since the account was found, or began.
    pub days: f64,
    /// The share that had the outcome by then.
    pub share: f64,
}

/// What outcomes are worth, in their own unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Worth {
    /// How many tell it.
    pub told: u64,
    /// Together.
    pub total: f64,
    /// On average.
    pub mean: Estimate,
}

/// One group against another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contrast {
    /// The one.
    pub one: GroupName,
    /// The other.
    pub other: GroupName,
    /// Conversion of the one less that of the other.
    pub difference: Difference,
    /// How many times as often; only where the difference is clear.
    pub times: Option<f64>,
    /// Median days of the one less those of the other; only where their intervals do not overlap.
    pub days: Option<f64>,
}

/// The figures of a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StageFigures {
    /// The stage.
    pub stage: String,
    /// Accounts that came to it.
    pub entered: u64,
    /// Went further within the window.
    pub further: Share,
    /// Became customers within the window; `null` for customers.
    pub customer: Option<Share>,
    /// Those whose window was not over.
    pub too_early: u64,
    /// Median days in it; `null` where more than half are still there.
    pub days: Option<Estimate>,
    /// Accounts that are in it now.
    pub now: u64,
}

/// The accounts of a month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MonthFigures {
    /// Its first date.
    pub month: String,
    /// How many began in it, or were found.
    pub accounts: u64,
    /// Those whose window was not over.
    pub too_early: u64,
    /// Became MQL within the window.
    pub mql: Share,
    /// Became PQL within the window.
    pub pql: Share,
    /// Became SQL within the window.
    pub sql: Share,
    /// Had a deal within the window.
    pub opportunity: Share,
    /// Had the outcome within the window.
    pub customer: Share,
}

/// Which backtest is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct BacktestAsked {
    /// What counts as success. If `null`: the first outcome of the subject, for definitions on the
    /// expansion track the next, because who is on it has done the first.
    pub outcome: Option<String>,
    /// How soon it must come, in days; 14 if `null`.
    pub within_days: Option<u32>,
    /// Figures also for who started before this date and from it on.
    pub split: Option<String>,
}

/// Definitions held against what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BacktestList {
    /// What it was made of.
    pub observed: Observed,
    /// The outcomes that can be asked for.
    pub outcomes: Vec<String>,
    /// All that have a track, by name.
    pub items: Vec<BacktestSummary>,
}

/// A definition held against what happened, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BacktestSummary {
    /// The definition.
    pub definition: String,
    /// Its title, for people.
    pub title: Option<String>,
    /// Its version.
    pub version: String,
    /// Its track.
    pub track: Track,
    /// What it was held against.
    pub outcome: String,
    /// Within so many days.
    pub within_days: u32,
    /// Subjects whose first qualification was known before their first outcome, with the whole
    /// window observed.
    pub qualified: u64,
    /// Hits among the qualified.
    pub precision: Share,
    /// Hits among all whose outcome could be foreseen.
    pub recall: Share,
    /// Precision over the share among the unqualified of the same time and age.
    pub lift: Option<Estimate>,
    /// Median days from the known qualification to the outcome, of the hits.
    pub lead_days: Option<f64>,
    /// First qualifications whose window was not over.
    pub too_early: u64,
}

/// A definition held against what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BacktestReport {
    /// In short.
    pub summary: BacktestSummary,
    /// What it was made of.
    pub observed: Observed,
    /// The outcomes that can be asked for.
    pub outcomes: Vec<String>,
    /// The figures: of all subjects, and of both sides of the split.
    pub sides: Vec<BacktestSide>,
    /// Week by week, the oldest first.
    pub weeks: Vec<BacktestWeek>,
    /// What the reader must know.
    pub notes: Vec<ReportNote>,
    /// What each figure is.
    pub figures: Vec<FigureMeaning>,
}

/// The figures of some subjects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BacktestSide {
    /// `all`, `before` or `after` the split.
    pub side: String,
    /// The figures, in the order of the report.
    pub figures: Vec<BacktestFigure>,
}

/// One figure; what it does not have is `null`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BacktestFigure {
    /// Its name.
    pub code: String,
    /// What people call it, in English.
    pub label: String,
    /// As people read it, in English.
    pub shown: String,
    /// How many.
    pub count: Option<u64>,
    /// Of how many.
    pub of: Option<u64>,
    /// The figure.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

/// One week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BacktestWeek {
    /// Its first date.
    pub week: String,
    /// Subjects that started in it.
    pub started: u64,
    /// Those of them that have qualified since.
    pub qualified: u64,
    /// Those of them that are hits.
    pub hits: u64,
}

/// Which effects of outreach are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct EffectsAsked {
    /// What counts as success; any outcome of accounts if `null`.
    pub outcome: Option<String>,
    /// How soon it must come, in days; 60 if `null`.
    pub within_days: Option<u32>,
}

/// What outreach caused: accounts that were told against those held out, by assignment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EffectsReport {
    /// What was asked; `within_days` is always told.
    pub asked: EffectsAsked,
    /// What it was made of.
    pub observed: Observed,
    /// The outcomes that can be asked for.
    pub outcomes: Vec<String>,
    /// All plays of a track together.
    pub tracks: Vec<Effect>,
    /// Each play.
    pub plays: Vec<Effect>,
    /// What each figure is.
    pub figures: Vec<FigureMeaning>,
}

/// What one play, or all of a track, came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Effect {
    /// The track.
    pub track: Track,
    /// The play; `null` where it is all of the track.
    pub play: Option<String>,
    /// The play's title, for people.
    pub title: Option<String>,
    /// Accounts assigned to be told.
    pub assigned_told: u64,
    /// Accounts assigned to be held out.
    pub assigned_held_out: u64,
    /// Assigned accounts whose window was not over.
    pub too_early: u64,
    /// Had the outcome, of those told.
    pub told: Share,
    /// Had the outcome, of those held out.
    pub held_out: Share,
    /// The first less the second; `null` where one arm has nobody yet.
    pub difference: Option<Difference>,
    /// How many accounts more it would take to be sure; `null` where no difference is seen.
    pub more_needed: Option<u64>,
    /// Whether the share held out was changed in between.
    pub share_changed: bool,
}

/// A report as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportTable {
    /// The lifecycle.
    Lifecycle(LifecycleAsked),
    /// All backtests.
    Backtests(BacktestAsked),
    /// What outreach caused.
    Effects(EffectsAsked),
}
