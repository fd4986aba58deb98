//! The pure core: the definition language, identity, the evaluator (P9).
//!
//! Nothing here knows a clock, a disk, a network or a thread. Text becomes a tree in [`lang`],
//! trees and configuration become a program in [`compile`], and [`eval`] runs it over the stream
//! of facts of one subject.

pub mod arrivals;
pub mod bulk;
pub mod change;
pub mod check;
pub mod compile;
pub mod eval;
pub mod expect;
pub mod explain;
pub mod judge;
pub mod lang;
pub mod ledger;
pub mod pace;
pub mod resolve;
pub mod society;
pub mod story;
pub mod timeline;
pub mod travel;
pub mod world;
