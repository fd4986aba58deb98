//! Facts in Parquet segments: taken in, attributed, sealed, scanned, compacted.
//!
//! Start at [`History`]. Facts come in through [`Intake`] and are seen all at once when it ends.
//! They are stored once for each account in whose stream they stand, so that a scan needs no
//! join: [`History::for_each_account`] hands every account its rows, in parallel.
//!
//! ```text
//! history/catalogue.json        the one file whose replacement is the commit
//! history/segments/*.parquet    rows, bucketed by account, sorted by account and time
//! history/knowledge/            overlay (rows that count no more), identity, statistics
//! history/intake/               a running intake's work; nobody's after it
//! ```
//!
//! # Promises
//!
//! - HIST-1: what a scan shows is a function of the set of facts taken in: order, repeats and how
//!   they were split into intakes change nothing (P2).
//! - HIST-2: an intake is all or nothing; a crash at any instant leaves the history as it was
//!   before or as it is after (P4).
//! - HIST-3: a fact comes back as it came in, to the byte.
//! - HIST-4: the same id from the same source counts once.
//! - HIST-5: compaction and promotion change no scan.
//! - HIST-6: memory is bounded by what one account holds and by named limits (P8), but for what
//!   is known about identity.
//! - HIST-7: after an erasure the history is one that never had who was erased.

mod attribute;
mod catalogue;
mod compact;
mod copy;
mod erase;
mod error;
mod facts;
mod files;
mod hash;
mod history;
mod identity;
mod intake;
mod json;
mod kept;
mod left_out;
mod overlay;
mod recent;
mod repeats;
mod replay;
mod rewrite;
mod scan;
mod segment;
mod sort;
mod spool;
mod stored;
mod travellers;
mod verify;
mod whereabouts;
mod wire;

#[cfg(test)]
mod tests;

pub use compact::{Compacted, Compaction, DEAD_PERCENT_MAX, FANOUT, SEGMENTS_PER_BUCKET_MAX};
pub use erase::{Gone, MENTION_LETTERS_MIN};
pub use error::{HistoryError, Result};
pub use facts::{AccountSummary, Export};
pub use history::{BUCKET_FACTS, BUCKETS_MAX, BUCKETS_MIN, History};
pub use intake::{Intake, Summary};
pub use left_out::{EXAMPLES_MAX, Example, LeftOut, Reason, Tally};
pub use recent::Recent;
pub use replay::{Everybody, Replay, Whom};
pub use rewrite::{Rewritten, WouldGo};
pub use scan::{AccountRows, NameFilter, Projection, Scan};
pub use travellers::Traveller;
pub use verify::Problem;
pub use whereabouts::Whereabout;
