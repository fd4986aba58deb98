//! What the reader must know to read the figures rightly.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::Observed;
use super::figures::Figures;
use super::judge::{Case, Qualification, Status};

/// A caution or an explanation. In JSON: `{"code": "association", "text": "…"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Figures of this kind never show that qualifying causes anything.
    Association,
    /// Facts have no arrival times.
    NoArrivalTimes,
    /// Nobody qualified.
    NobodyQualified,
    /// Nobody has an outcome.
    NoOutcomes,
    /// Windows that were not over.
    TooEarly {
        /// How many.
        count: u64,
        /// How many of them have their outcome already.
        converted: u64,
    },
    /// Qualifications that were known only with the first outcome or after it.
    TooLate(u64),
    /// Qualifications that no longer held when they became known.
    Lapsed(u64),
    /// Later qualifications of a subject.
    Further(u64),
    /// Qualifications without anybody to compare with.
    Unmatched(u64),
    /// Subjects older than the history.
    OlderThanHistory(u64),
    /// Subjects the project never judges.
    Excluded(u64),
    /// Visitors who have never signed up, and are no customers yet. The caller leaves them out.
    Visitors(u64),
}

impl Note {
    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Association => "association",
            Self::NoArrivalTimes => "no_arrival_times",
            Self::NobodyQualified => "nobody_qualified",
            Self::NoOutcomes => "no_outcomes",
            Self::TooEarly { .. } => "too_early",
            Self::TooLate(_) => "too_late",
            Self::Lapsed(_) => "lapsed",
            Self::Further(_) => "further",
            Self::Unmatched(_) => "unmatched",
            Self::OlderThanHistory(_) => "older_than_history",
            Self::Excluded(_) => "excluded",
            Self::Visitors(_) => "visitors",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Association => f.write_str(
                "Lift is association, not effect: those who qualify may have been about to buy \
                 anyway, and the unqualified of the same age may have stopped using the product. \
                 Only an experiment shows what outreach causes.",
            ),
            Self::NoArrivalTimes => f.write_str(
                "This history has no arrival times: each fact counts as known when it happened. \
                 If facts came in later than that, the true figures are lower.",
            ),
            Self::NobodyQualified => f.write_str(
                "No qualification counts. `firsthand explain` shows what is missing for a subject.",
            ),
            Self::NoOutcomes => {
                f.write_str("No subject has the outcome. Check what the outcome is declared on.")
            }
            Self::TooEarly { count, converted } => write!(
                f,
                "Too early to say: {} with a window that was not over when history ends, \
                 {converted} of them with the outcome already. Neither hit nor miss.",
                counted(*count, "qualification"),
            ),
            Self::TooLate(count) => write!(
                f,
                "Too late: {} known to qualify only with the first outcome or after it. Nothing \
                 was foreseen: neither hit nor miss.",
                counted(*count, "subject"),
            ),
            Self::Lapsed(count) => write!(
                f,
                "Lapsed: {} no longer qualified when it became known. No lead would have opened: \
                 neither hit nor miss.",
                counted(*count, "subject"),
            ),
            Self::Further(count) => write!(
                f,
                "A subject counts once, with its first qualification. Listed and not counted: {}.",
                counted(*count, "further qualification"),
            ),
            Self::Unmatched(count) => write!(
                f,
                "{} without any unqualified subject of the same time and age: the matched lift \
                 leaves this out.",
                counted(*count, "qualification"),
            ),
            Self::OlderThanHistory(count) => write!(
                f,
                "{} from before the recorded history: what happened before it, the outcome \
                 included, is not known. A cohort from its first date on leaves these out.",
                counted(*count, "subject"),
            ),
            Self::Excluded(count) => {
                write!(f, "Left out everywhere: {}.", counted(*count, "excluded subject"))
            }
            Self::Visitors(count) => write!(
                f,
                "Left out everywhere: {} who never signed up. Nobody knows who they are, so they \
                 are no customers yet.",
                counted(*count, "visitor"),
            ),
        }
    }
}

/// `1 subject`, `2 subjects`.
fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut note = to.serialize_struct("Note", 2)?;
        note.serialize_field("code", self.code())?;
        note.serialize_field("text", &self.to_string())?;
        note.end()
    }
}

/// The notes of a backtest, the weightiest first.
pub(super) fn notes(
    all: &Figures,
    cases: &[Case],
    qualifications: &[Qualification],
    observed: &Observed,
    excluded: u64,
) -> Vec<Note> {
    let outcomes = all.recall_of_all.of;
    let further = qualifications.iter().filter(|it| it.status == Status::Further).count() as u64;
    let unmatched = all.qualified - all.matched.of;
    let older = cases.iter().filter(|it| it.started < observed.first).count() as u64;
    let too_early = Note::TooEarly { count: all.too_early, converted: all.too_early_converted };
    [
        (all.qualified + all.too_early == 0, Note::NobodyQualified),
        (outcomes == 0, Note::NoOutcomes),
        (!observed.arrival_times, Note::NoArrivalTimes),
        (all.qualified > 0, Note::Association),
        (all.too_early > 0, too_early),
        (all.too_late > 0, Note::TooLate(all.too_late)),
        (all.lapsed > 0, Note::Lapsed(all.lapsed)),
        (further > 0, Note::Further(further)),
        (unmatched > 0, Note::Unmatched(unmatched)),
        (older > 0, Note::OlderThanHistory(older)),
        (excluded > 0, Note::Excluded(excluded)),
    ]
    .into_iter()
    .filter_map(|(applies, note)| applies.then_some(note))
    .collect()
}
