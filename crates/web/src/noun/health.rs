//! How definitions fare, as the API tells it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{At, Difference, FigureMeaning, Observed, Share};

/// How definitions fare since their versions were published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HealthReport {
    /// What it is made of.
    pub observed: Observed,
    /// How many of the last weeks are held against those before.
    pub recent_weeks: u32,
    /// By name.
    pub items: Vec<DefinitionHealth>,
    /// What each figure is.
    pub figures: Vec<FigureMeaning>,
}

/// How a definition fares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DefinitionHealth {
    /// Its name.
    pub definition: String,
    /// The version that everybody was judged by.
    pub version: String,
    /// Since when this version decides.
    pub published_at: At,
    /// The last full weeks of the record, twelve at most, the oldest first.
    pub weeks: Vec<HealthWeek>,
    /// Entries over the whole record.
    pub entries: u64,
    /// When the last one was known.
    pub last_entry_at: Option<At>,
    /// Of all that it judges, for how many it holds where the record ends.
    pub holds: Share,
    /// Open leads that rest on it.
    pub open_leads: u64,
    /// Entries a week, the recent weeks against those before; `null` while there are too few weeks,
    /// or nobody has entered in them.
    pub volume: Option<PaceChange>,
    /// Entries a week of each subject that there was.
    pub share: Option<PaceChange>,
    /// How many of those who enter succeed; `null` for a segment, and without an outcome.
    pub precision: Option<PrecisionChange>,
    /// What is to be looked at.
    pub hint: Option<HealthHint>,
}

/// A week of entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HealthWeek {
    /// Its first date.
    pub week: String,
    /// Entries that became known in it.
    pub entries: u64,
    /// Whom it judges and who had begun by its end.
    pub subjects: u64,
}

/// How fast something comes, against how fast it came before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PaceChange {
    /// A week, over the recent weeks.
    pub recent: f64,
    /// A week, over those before.
    pub before: f64,
    /// How many times as fast; `null` where nothing came before.
    pub times: Option<f64>,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end; `null` where it has none.
    pub high: Option<f64>,
    /// What may be said of it.
    pub reading: PaceReading,
}

/// What may be said of a pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaceReading {
    /// Faster than before: the interval lies above 1.
    More,
    /// Slower than before: the interval lies below 1.
    Fewer,
    /// Neither, as far as can be told.
    AsUsual,
    /// Too few came: half as many would fit, and twice as many as well.
    TooFew,
}

/// Precision since the version was published, against before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PrecisionChange {
    /// What counts as success.
    pub outcome: String,
    /// How soon it must come, in days.
    pub within_days: u32,
    /// Of those known before the version was published.
    pub before: Share,
    /// Of those known since.
    pub since: Share,
    /// Known since, whose time to succeed is not over.
    pub too_early: u64,
    /// Since less before; `null` while there is nobody on one side.
    pub difference: Option<Difference>,
}

/// What is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthHint {
    /// It has not held for anybody in the whole record.
    Never,
    /// Nobody has entered for twelve weeks.
    Silent,
    /// It holds for nine of ten or more: it tells nobody apart.
    NearlyAll,
}
