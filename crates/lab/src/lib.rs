//! Analysis over history and replay: functions from recorded facts to figures a team can act on.
//!
//! Start at [`backtest()`], which holds the timelines of a definition against what happened, then
//! at [`compare()`], which sets two versions side by side. What people read is made in [`report`]
//! and [`chart`], as plain tables and strings: no terminal, disk or clock is known here. What each
//! figure means is said once, in [`report::FIGURES`]; `docs/backtest.md` uses the same words.
//!
//! # Promises
//!
//! - LAB-1: a qualification counts from when it was known, never earlier (P3).
//! - LAB-2: every rate carries its denominator and its interval.
//! - LAB-3: nothing that is left out of a figure is left out of the report: it is counted beside it.

pub mod backtest;
pub mod chart;
pub mod compare;
pub mod dates;
pub mod health;
pub mod holdout;
mod json;
pub mod lifecycle;
pub mod propose;
pub mod report;
pub mod statistics;

pub use backtest::{Backtest, Figures, Observed, Question, SubjectHistory, backtest};
pub use compare::{Comparison, compare};
pub use dates::Dates;
pub use health::{Health, health};
pub use holdout::{Holdouts, holdouts};
pub use lifecycle::{Life, Lifecycle, Lives, lifecycle};
pub use statistics::Rate;
