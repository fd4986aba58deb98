//! The one list of figures: their codes, names and meanings, and how each is shown.

use firsthand_model::Decimal;

use super::format::{count, decimal, money, percent, rate_of, times, with_interval};
use crate::backtest::Figures;
use crate::statistics::{Lift, Rate};

/// One figure: where to find it, what to call it, what it means.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Its stable name in CSV and JSON.
    pub code: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it is, in one sentence.
    pub meaning: &'static str,
    /// Reads it.
    pub value: fn(&Figures) -> Value,
}

/// A figure's value, by what it measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A number of subjects.
    Count(u64),
    /// A share with its denominator and interval.
    Rate(Rate),
    /// A number from 0 to 1 that is no count of anything.
    Share(Option<f64>),
    /// How many times as often.
    Lift(Option<Lift>),
    /// Days of 24 hours.
    Days(Option<f64>),
    /// Any other number.
    Number(Option<f64>),
    /// Worth, in the outcome's own unit.
    Worth(Option<f64>),
}

/// Every figure, in the order of the report.
pub const FIGURES: &[Figure] = &[
    Figure {
        code: "subjects",
        label: "Subjects",
        meaning: "Subjects that started within the cohort and are not excluded.",
        value: |it| Value::Count(it.subjects),
    },
    Figure {
        code: "qualified",
        label: "Qualified",
        meaning: "Subjects whose first qualification was known before their first outcome, with \
                  the whole window after it observed.",
        value: |it| Value::Count(it.qualified),
    },
    Figure {
        code: "per_week",
        label: "Qualified a week",
        meaning: "First qualifications, those too early to say included, divided by the weeks \
                  from the cohort's first date, or the oldest fact if later, to the newest fact.",
        value: |it| Value::Number(it.per_week),
    },
    Figure {
        code: "hits",
        label: "Hits",
        meaning: "Qualified subjects whose first outcome came strictly after the qualification \
                  was known, and within the window.",
        value: |it| Value::Count(it.hits),
    },
    Figure {
        code: "precision",
        label: "Precision",
        meaning: "Hits among the qualified.",
        value: |it| Value::Rate(it.precision),
    },
    Figure {
        code: "recall",
        label: "Recall",
        meaning: "Hits among all subjects whose first outcome could be foreseen: something was \
                  known of them at an earlier instant.",
        value: |it| Value::Rate(it.recall),
    },
    Figure {
        code: "recall_of_all",
        label: "Recall of all",
        meaning: "Hits among all subjects that have an outcome.",
        value: |it| Value::Rate(it.recall_of_all),
    },
    Figure {
        code: "f1",
        label: "F1",
        meaning: "The harmonic mean of precision and recall.",
        value: |it| Value::Share(it.f1),
    },
    Figure {
        code: "base",
        label: "Base rate",
        meaning: "Of the subjects without an outcome at their start, those whose first outcome \
                  came within the window after it; only starts with the whole window observed.",
        value: |it| Value::Rate(it.base),
    },
    Figure {
        code: "lift",
        label: "Lift over base",
        meaning: "Precision divided by the base rate.",
        value: |it| Value::Lift(it.lift),
    },
    Figure {
        code: "controls",
        label: "Same time and age",
        meaning: "Share of the unqualified of the same time and age whose first outcome came in \
                  the same window, averaged over the qualifications.",
        value: |it| Value::Share(it.controls),
    },
    Figure {
        code: "matched",
        label: "Precision, matched",
        meaning: "Hits among those qualified for whom there is an unqualified subject of the same \
                  time and age.",
        value: |it| Value::Rate(it.matched),
    },
    Figure {
        code: "matched_lift",
        label: "Lift, same time and age",
        meaning: "Matched precision divided by the share among the unqualified of the same time \
                  and age.",
        value: |it| Value::Lift(it.matched_lift),
    },
    Figure {
        code: "controls_mean",
        label: "Compared with",
        meaning: "Unqualified subjects of the same time and age for a qualification, on average.",
        value: |it| Value::Number(it.controls_mean),
    },
    Figure {
        code: "lead_days",
        label: "Median lead time",
        meaning: "Median days from the known qualification to the first outcome, of the hits.",
        value: |it| Value::Days(it.lead_days),
    },
    Figure {
        code: "value_total",
        label: "Value of hits",
        meaning: "Worth of the hits' first outcomes, together.",
        value: |it| Value::Worth(it.value_total.map(Decimal::to_f64)),
    },
    Figure {
        code: "value_mean",
        label: "Value of a hit",
        meaning: "Worth of a hit's first outcome, on average over the hits that tell it.",
        value: |it| Value::Worth(it.value_mean),
    },
    Figure {
        code: "too_early",
        label: "Too early to say",
        meaning: "Subjects whose first qualification was known before their first outcome, with \
                  its window not over when history ends.",
        value: |it| Value::Count(it.too_early),
    },
    Figure {
        code: "too_early_converted",
        label: "... converted already",
        meaning: "Those too early to say that have their first outcome already.",
        value: |it| Value::Count(it.too_early_converted),
    },
    Figure {
        code: "too_late",
        label: "Too late",
        meaning: "Subjects whose qualification was known only with their first outcome or after it.",
        value: |it| Value::Count(it.too_late),
    },
    Figure {
        code: "lapsed",
        label: "Lapsed",
        meaning: "Subjects whose qualification no longer held when it became known.",
        value: |it| Value::Count(it.lapsed),
    },
];

impl Value {
    /// Whether the row would only say that the outcome has no value.
    pub(super) fn is_absent_worth(self) -> bool {
        matches!(self, Self::Worth(None))
    }

    /// As people read it.
    pub fn for_people(self) -> String {
        const NONE: &str = "-";
        match self {
            Self::Count(it) => count(it),
            Self::Rate(it) => rate_of(it),
            Self::Share(it) => it.map_or(NONE.to_owned(), percent),
            Self::Lift(it) => it.map_or(NONE.to_owned(), |it| {
                with_interval(&times(it.value), &times(it.low), &times(it.high))
            }),
            Self::Days(it) => it.map_or(NONE.to_owned(), |it| format!("{} d", decimal(it))),
            Self::Number(it) => it.map_or(NONE.to_owned(), decimal),
            Self::Worth(it) => it.map_or(NONE.to_owned(), money),
        }
    }

    /// Count, of, value, low, high.
    pub(super) fn for_programs(self) -> [String; 5] {
        let or_empty = |it: Option<f64>| it.map_or_else(String::new, |it| it.to_string());
        let mut cells = [const { String::new() }; 5];
        let [count, of, value, low, high] = &mut cells;
        match self {
            Self::Count(it) => *count = it.to_string(),
            Self::Rate(it) => {
                (*count, *of) = (it.count.to_string(), it.of.to_string());
                (*value, *low, *high) = (or_empty(it.rate), or_empty(it.low), or_empty(it.high));
            }
            Self::Lift(it) => {
                *value = or_empty(it.map(|it| it.value));
                *low = or_empty(it.map(|it| it.low));
                *high = or_empty(it.map(|it| it.high));
            }
            Self::Share(it) | Self::Days(it) | Self::Number(it) | Self::Worth(it) => {
                *value = or_empty(it);
            }
        }
        cells
    }
}
