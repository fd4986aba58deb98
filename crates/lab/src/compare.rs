//! Two versions of a definition side by side: who enters, who leaves, and how each of them fared.
//!
//! Both versions are backtested over the same subjects with the same question; [`compare()`] then
//! reads the two results. Only the qualification that counts for a subject is compared.

use std::collections::BTreeMap;

use firsthand_model::Text;
use firsthand_rules::timeline::Subject;
use serde::Serialize;

use crate::backtest::{Backtest, Qualification, Question, Status};
use crate::json;
use crate::statistics::{Rate, median};

/// What changes from one version to another.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The version before.
    pub old: Version,
    /// The version after.
    pub new: Version,
    /// Subjects that only the new version finds.
    pub enters: Group,
    /// Subjects that only the old version finds.
    pub leaves: Group,
    /// Subjects that both find, judged by the old version's qualifications.
    pub both_by_old: Group,
    /// The same subjects, judged by the new version's.
    pub both_by_new: Group,
    /// Median days by which the new version knows of them earlier; below zero: later.
    pub earlier_days: Option<f64>,
}

/// Names one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// The definition's name.
    pub definition: Text,
    /// Its version.
    pub version: Option<Text>,
}

/// Some subjects, and how they fared.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Group {
    /// Hits of those whose window has been observed.
    pub precision: Rate,
    /// Those whose window was not over when history ends.
    pub too_early: u64,
    /// Who they are, in order.
    pub subjects: Vec<Subject>,
}

/// Why two backtests cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the two backtests differ in their {0}")]
pub struct CompareError(&'static str);

impl CompareError {
    /// What to do about it, as a whole sentence.
    pub fn help(&self) -> String {
        format!("Run both with the same {}.", self.0)
    }
}

/// Compares the backtests of two versions.
///
/// # Errors
/// Refuses backtests that asked different questions: their difference would be the question's.
pub fn compare(old: &Backtest, new: &Backtest) -> Result<Comparison, CompareError> {
    same_question(old, new)?;
    let (by_old, by_new) = (first_of_each(old), first_of_each(new));
    let only = |these: &BTreeMap<&Subject, &Qualification>, those: &BTreeMap<_, _>| {
        Group::of(these.iter().filter(|(it, _)| !those.contains_key(*it)).map(|(_, it)| *it))
    };
    let both: Vec<(&Qualification, &Qualification)> =
        by_old.iter().filter_map(|(subject, old)| Some((*old, *by_new.get(subject)?))).collect();
    let mut earlier: Vec<_> = both.iter().map(|(old, new)| old.known_at - new.known_at).collect();
    Ok(Comparison {
        old: Version::of(&old.question),
        new: Version::of(&new.question),
        enters: only(&by_new, &by_old),
        leaves: only(&by_old, &by_new),
        both_by_old: Group::of(both.iter().map(|it| it.0)),
        both_by_new: Group::of(both.iter().map(|it| it.1)),
        earlier_days: median(&mut earlier).map(json::days),
    })
}

fn same_question(old: &Backtest, new: &Backtest) -> Result<(), CompareError> {
    let (a, b) = (&old.question, &new.question);
    let differences = [
        (a.outcome != b.outcome, "outcome"),
        (a.within != b.within, "window"),
        (a.cohort != b.cohort, "cohort"),
        (old.observed.last != new.observed.last, "history"),
    ];
    differences.into_iter().find(|it| it.0).map_or(Ok(()), |(_, what)| Err(CompareError(what)))
}

fn first_of_each(backtest: &Backtest) -> BTreeMap<&Subject, &Qualification> {
    let counted = backtest.qualifications.iter().filter(|it| it.status.is_first());
    counted.map(|it| (&it.subject, it)).collect()
}

impl Version {
    fn of(question: &Question) -> Self {
        Self { definition: question.definition.clone(), version: question.version.clone() }
    }
}

impl Group {
    fn of<'a>(qualifications: impl Iterator<Item = &'a Qualification>) -> Self {
        let (mut hits, mut misses, mut too_early) = (0, 0, 0);
        let mut subjects = Vec::new();
        for it in qualifications {
            match it.status {
                Status::Hit => hits += 1,
                Status::TooEarly => too_early += 1,
                _ => misses += 1,
            }
            subjects.push(it.subject.clone());
        }
        Self { precision: Rate::new(hits, hits + misses), too_early, subjects }
    }
}

#[cfg(test)]
mod tests;
