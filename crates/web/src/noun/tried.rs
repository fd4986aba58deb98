//! What a draft would have done, over all that is recorded.

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;

use super::{At, CheckedDraft, Subject};

/// What is to be tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PreviewAsked {
    /// The number to look at closely, by its place among those that can be moved; the first, if
    /// it is left out.
    #[serde(deserialize_with = "within::<_, 0, 999>")]
    #[schema(minimum = 0, maximum = 999)]
    pub number: Option<u32>,
    /// What counts as success; the first outcome that the project has, if it is left out.
    pub outcome: Option<String>,
    /// How soon it must come, in days; 14, if it is left out.
    #[serde(deserialize_with = "within::<_, 1, 3_650>")]
    #[schema(minimum = 1, maximum = 3650)]
    pub within_days: Option<u32>,
}

/// A number from one bound to another, if it is given.
fn within<'de, D: Deserializer<'de>, const LEAST: u32, const MOST: u32>(
    from: D,
) -> Result<Option<u32>, D::Error> {
    match Option::<u32>::deserialize(from)? {
        Some(it) if !(LEAST..=MOST).contains(&it) => {
            Err(de::Error::custom(format!("a number from {LEAST} to {MOST} is needed")))
        }
        it => Ok(it),
    }
}

/// What came of trying a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Tried {
    /// What is to be said of the text.
    pub checked: CheckedDraft,
    /// What it would have done; `null` while something keeps it from running.
    pub preview: Option<Preview>,
    /// Why there is no preview though the text could run.
    pub withheld: Option<Withheld>,
}

/// Why there is no preview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// Nothing is recorded yet.
    NothingRecorded,
    /// It takes longer than a page may wait.
    TooLong,
    /// The same person asked for another one meanwhile.
    Superseded,
}

/// What a draft would have done, beside what the running version did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// The version tried.
    pub version: String,
    /// The version that decides now, if there is one.
    pub running: Option<String>,
    /// The oldest fact.
    pub from: At,
    /// Up to when it counts: the newest fact in the history.
    pub until: At,
    /// How many facts there are.
    pub facts: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Entries week by week, the oldest first.
    pub weeks: Vec<PreviewWeek>,
    /// Entries a week, on average over these.
    pub per_week: Beside<f64>,
    /// For how many it holds at the end.
    pub holds: Beside<u64>,
    /// For how many it holds at the end for whom the running version does not.
    pub newly: u64,
    /// For how many it does not hold at the end for whom the running version does.
    pub no_longer: u64,
    /// How well it finds those who succeed; `null` without an outcome to hold it against.
    pub quality: Option<Quality>,
    /// Who enters and who leaves.
    pub movers: Option<Movers>,
    /// Who lacks one condition at the end.
    pub near: Option<Near>,
    /// Where the line could be drawn.
    pub line: Option<Line>,
}

/// A figure of the draft, and of the running version where there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Beside<T> {
    /// The draft's.
    pub draft: T,
    /// The running version's; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<T>,
}

/// A week of entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PreviewWeek {
    /// Its first date.
    pub week: String,
    /// Entries of the draft.
    pub draft: u64,
    /// Entries of the running version.
    pub running: u64,
}

/// A share with the interval that holds the true one in 95 of 100 samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Share {
    /// How many had it.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The share, from 0 to 1.
    pub rate: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

/// A figure with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Measured {
    /// The figure.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How well a version finds those who succeed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quality {
    /// What counts as success.
    pub outcome: String,
    /// The outcomes that there are to hold it against.
    pub outcomes: Vec<String>,
    /// How soon it must come, in days.
    pub within_days: u32,
    /// How many subjects reached it at all.
    pub reached: u64,
    /// Of all subjects, how many reach it that soon after they began.
    pub base: Share,
    /// Of those who enter, how many reach it in time.
    pub precision: Beside<Share>,
    /// Of those who reach it, how many entered before.
    pub recall: Beside<Share>,
    /// Precision over the base.
    pub lift: Beside<Option<Measured>>,
    /// Days from entering to the outcome: the median, and between what half of them lie.
    pub lead_days: Beside<Option<Measured>>,
    /// What the draft's precision has more than the running version's.
    pub precision_difference: Option<Measured>,
    /// What its recall has more.
    pub recall_difference: Option<Measured>,
}

/// Who enters and who leaves, against the running version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Movers {
    /// Whom both versions find.
    pub same: u64,
    /// Whom only the draft finds.
    pub enters: MoverGroup,
    /// Whom only the running version finds.
    pub leaves: MoverGroup,
}

/// Some who move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MoverGroup {
    /// How many.
    pub count: u64,
    /// Of those whose time to succeed is over, how many did.
    pub succeeded: Share,
    /// The latest of them.
    pub some: Vec<Mover>,
}

/// One who moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Mover {
    /// Who.
    pub subject: Subject,
    /// Its name, where one is known.
    pub name: Option<String>,
    /// When the one version was entered.
    pub entered_at: At,
    /// What the other version missed then, in plain words.
    pub because: Vec<String>,
    /// Whether it succeeded in time; `null` while it is too early to say.
    pub succeeded: Option<bool>,
}

/// Who lacks one condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Near {
    /// How many.
    pub count: u64,
    /// Some of them, those who lack the rarest condition first.
    pub some: Vec<NearOne>,
}

/// One who lacks one condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NearOne {
    /// Who.
    pub subject: Subject,
    /// Its name, where one is known.
    pub name: Option<String>,
    /// What is missing, in plain words.
    pub missing: Vec<String>,
}

/// Where a line could be drawn: what subjects reach of a value, and what other numbers would give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// Its place among the numbers that can be moved.
    pub number: u32,
    /// What is compared.
    pub value: String,
    /// The draft's number, as it is written.
    pub at: String,
    /// The figure of the draft's number.
    pub figure: f64,
    /// The figure of the running version's, where it compares the same value.
    pub running: Option<f64>,
    /// The least that can be tried.
    pub least: f64,
    /// The most that can be tried.
    pub most: f64,
    /// By how much it is moved.
    pub step: f64,
    /// Whether more is asked for as it grows.
    pub at_least: bool,
    /// Subjects by the most (or, where less is asked for, the least) that they reached before
    /// they succeeded; empty where it cannot be asked of the subject itself.
    pub bins: Vec<LineBin>,
    /// Subjects that lie off this scale.
    pub beyond: u64,
    /// What other numbers would give.
    pub others: Vec<LineOther>,
}

/// Subjects that got between two marks; the last bin holds also those who got further.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LineBin {
    /// Where it begins, as a figure.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Where it begins, as it is written.
    pub label: String,
    /// How many of them succeeded in time after they reached the mark.
    pub succeeded: Share,
}

/// What another number would give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LineOther {
    /// As it is written.
    pub at: String,
    /// Its figure.
    pub figure: f64,
    /// Whether it is the draft's.
    pub is_draft: bool,
    /// Whether it is the running version's.
    pub is_running: bool,
    /// Entries a week.
    pub per_week: f64,
    /// Of those who enter, how many succeed in time.
    pub precision: Option<f64>,
    /// Of those who succeed, how many entered before.
    pub recall: Option<f64>,
    /// Median days from entering to the outcome.
    pub lead_days: Option<f64>,
}
