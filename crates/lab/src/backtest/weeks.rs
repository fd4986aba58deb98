//! The backtest week by week.

use std::collections::BTreeMap;

use firsthand_model::time::Period;
use firsthand_model::{Calendar, Date, Time};
use serde::Serialize;

use super::judge::Case;
use crate::json;

/// One calendar week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its first date.
    #[serde(serialize_with = "json::text")]
    pub week: Date,
    /// Subjects that started in it.
    pub started: u64,
    /// Those of them that have qualified since, observed for the whole window or not.
    pub qualified: u64,
    /// Those of them that are hits.
    pub hits: u64,
    /// First qualifications that became known in it, whenever their subjects started.
    pub known: u64,
}

/// Counts the subjects by the week they started in and the week their qualification was known.
pub(super) fn by_week(cases: &[Case], calendar: &Calendar) -> Vec<Week> {
    let week_of = |at: Time| calendar.period_start(Period::Week, calendar.date(at));
    let mut weeks = BTreeMap::new();
    let empty = |week| Week { week, started: 0, qualified: 0, hits: 0, known: 0 };
    for case in cases {
        let date = week_of(case.started);
        let week = weeks.entry(date).or_insert_with(|| empty(date));
        week.started += 1;
        week.qualified += u64::from(case.qualified.is_some());
        week.hits += u64::from(case.is_hit());
        if let Some((known_at, _)) = case.qualified {
            let date = week_of(known_at);
            weeks.entry(date).or_insert_with(|| empty(date)).known += 1;
        }
    }
    weeks.into_values().collect()
}
