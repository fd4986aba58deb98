//! What every database must do, as claims that run against any [`Store`].
//!
//! ```no_run
//! use firsthand_store::{SqliteStore, contract};
//!
//! contract::run(|| SqliteStore::in_memory().expect("an empty store opens"));
//! ```
//!
//! Each claim gets an empty store of its own. The claims of one subject stand in the file of the
//! trait that they are about; [`sample`] makes the rows that they write.

mod administration;
mod cursors;
mod deliveries;
mod drafts;
mod erasure;
mod inbox;
mod leads;
mod ledger;
mod log;
mod plays;
mod quarantine;
mod retention;
pub mod sample;
mod sources;
mod stages;
mod standings;
mod users;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Store;

/// A claim: its name, and what panics where it does not hold.
type Claim = (&'static str, fn(&dyn Store));

/// Lists claims by their names.
macro_rules! claims {
    ($($claim:ident),+ $(,)?) => {
        pub(super) const CLAIMS: &[super::Claim] = &[$((stringify!($claim), $claim)),+];
    };
}
use claims;

const SUBJECTS: &[&[Claim]] = &[
    log::CLAIMS,
    ledger::CLAIMS,
    leads::CLAIMS,
    cursors::CLAIMS,
    stages::CLAIMS,
    standings::CLAIMS,
    deliveries::CLAIMS,
    inbox::CLAIMS,
    plays::CLAIMS,
    sources::CLAIMS,
    quarantine::CLAIMS,
    administration::CLAIMS,
    users::CLAIMS,
    drafts::CLAIMS,
    retention::CLAIMS,
    erasure::CLAIMS,
];

/// Runs every claim against an empty store that `make` gives.
///
/// # Panics
/// With the names of the claims that do not hold.
pub fn run<S: Store>(mut make: impl FnMut() -> S) {
    let mut broken = Vec::new();
    for (name, claim) in SUBJECTS.iter().copied().flatten() {
        let store = make();
        if catch_unwind(AssertUnwindSafe(|| claim(&store))).is_err() {
            broken.push(*name);
        }
    }
    assert!(broken.is_empty(), "claims that do not hold: {broken:?}");
}
