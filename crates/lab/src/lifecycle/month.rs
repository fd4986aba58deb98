//! Accounts by the month in which they began, or were found.

use std::collections::BTreeMap;

use firsthand_model::Date;
use firsthand_model::time::Period;
use serde::Serialize;

use super::Asked;
use super::life::Stage;
use crate::json;
use crate::statistics::Rate;

/// The stages that are counted.
const STAGES: [Stage; 5] =
    [Stage::Mql, Stage::Pql, Stage::Sql, Stage::Opportunity, Stage::Customer];

/// The accounts of one month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Month {
    /// Its first date.
    #[serde(serialize_with = "json::text")]
    pub month: Date,
    /// How many began in it, or were found.
    pub accounts: u64,
    /// Those whose window was not over when history ends.
    pub too_early: u64,
    /// Reached within the window, of those observed for all of it.
    pub reached: Vec<super::Level>,
}

/// The months, the oldest first; months without accounts are not listed.
pub(super) fn months(asked: &Asked<'_>) -> Vec<Month> {
    let mut months: BTreeMap<Date, (u64, u64, [u64; STAGES.len()])> = BTreeMap::new();
    let within = asked.question.within;
    for life in asked.lives_of_cohort() {
        let Some(from) = asked.anchor(life) else { continue };
        let date = asked.calendar.period_start(Period::Month, asked.calendar.date(from));
        let (accounts, observed, reached) = months.entry(date).or_default();
        *accounts += 1;
        if from + within > asked.last {
            continue;
        }
        *observed += 1;
        for (count, stage) in reached.iter_mut().zip(STAGES) {
            let at = match stage {
                Stage::Customer => asked.success(life, from).map(|it| it.0),
                _ => life.reached(stage, from),
            };
            *count += u64::from(at.is_some_and(|at| at <= from + within));
        }
    }
    let month =
        |(month, (accounts, observed, reached)): (Date, (u64, u64, [u64; STAGES.len()]))| {
            let level =
                |(stage, count)| super::Level { stage, reached: Rate::new(count, observed) };
            let reached = STAGES.into_iter().zip(reached).map(level).collect();
            Month { month, accounts, too_early: accounts - observed, reached }
        };
    months.into_iter().map(month).collect()
}
