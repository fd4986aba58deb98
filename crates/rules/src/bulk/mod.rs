//! Judging accounts in bulk: from columns of events instead of rows.
//!
//! Most of what definitions ask is measured over events alone: counts, people, sums in windows.
//! A [`plan::BulkPlan`] finds these measures in a program. For each account their whole timelines are
//! worked out by tight loops over columns ([`gather`], [`measure`]). A definition that compares
//! measures is judged where its comparisons turn ([`question`]). What else there is is the same
//! graph, stepped by the same [`crate::judge::Judge`] as ever, only that measures are read from their kept
//! timelines ([`crate::eval::kept`]) and nothing is woken by an event that turns nothing.
//!
//! What cannot be taken that way says so: a program without a plan, an account that needs its
//! rows ([`NeedsRows`]), or some of its definitions ([`Found::by_rows`]). These are judged row by
//! row, to the same end; the laws in `tests/laws` hold the two against each other.

mod direct;
mod events;
mod gather;
mod judge;
mod knowledge;
mod lists;
mod measure;
mod pass;
pub mod plan;
mod question;
mod sparse;
mod split;
mod taker;
mod whole;
pub mod words;

use firsthand_model::fact::Row;
use firsthand_model::{Text, Time};
use serde::{Deserialize, Serialize};

pub use judge::BulkJudge;
pub use knowledge::Known;
pub use sparse::Sparse;

use crate::eval::kept::{Series, differences};
use crate::world::Verdicts;
use words::Words;

/// The rows of one account as columns, in the order of [`Row::order`].
#[derive(Clone, Debug)]
pub struct Columns<'a> {
    /// The account.
    pub account: &'a str,
    /// Microseconds since 1970.
    pub times: &'a [i64],
    /// When each was known.
    pub known: Known<'a>,
    /// Names by [`Words`]; [`Words::NONE`] for what is no event, [`Words::GAP`] for what is no row
    /// of the account's stream at all.
    pub names: &'a [u32],
    /// People by [`Words`]; [`Words::NONE`] for nobody.
    pub persons: &'a [u32],
    /// For each of the program's paths the events' values; nothing if not asked for.
    pub values: Vec<Sparse<'a>>,
}

impl Columns<'_> {
    /// How many rows there are up to an instant, gaps included.
    fn count(&self, until: Time) -> usize {
        self.times.partition_point(|at| *at <= until.0)
    }

    fn is_gap(&self, row: usize) -> bool {
        self.names[row] == Words::GAP
    }
}

/// From a subject's first instant to the last that is judged.
#[derive(Clone, Copy, Debug)]
struct Life {
    birth: Time,
    until: Time,
}

/// Some definitions of a program. Of more than 64, those that are 64 apart are taken together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Definitions(u64);

impl Definitions {
    fn insert(&mut self, definition: usize) {
        self.0 |= 1 << (definition % 64);
    }

    fn contains(self, definition: usize) -> bool {
        self.0 >> (definition % 64) & 1 == 1
    }
}

/// An account that has to be judged from its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedsRows;

/// What came out for an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its verdicts.
    pub verdicts: Verdicts,
    /// The places of the definitions whose timelines are told by its rows only: when their entries
    /// were known is another question ([`plan::BulkPlan::by_rows_of`]).
    pub by_rows: Vec<usize>,
}

/// What an account's measures came to, kept: to be judged by other thresholds without looking at
/// events again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptAccount {
    /// The account.
    pub account: Text,
    until: Time,
    /// When its facts were so, whether they told when they were known, and which were known later.
    #[serde(with = "differences")]
    times: Vec<i64>,
    told: bool,
    later: Vec<(u32, i64)>,
    /// The definitions for which each matters.
    matters: Vec<Definitions>,
    rows: Vec<Row>,
    series: Vec<Series>,
}
