//! Retention: what is old enough to be forgotten.

use firsthand_model::Time;

use crate::Result;

/// Most rows that one call removes, so that no commit waits long for it.
pub const SWEEP_ROWS_MAX: u32 = 2_000;

/// Until when things are forgotten; what is `None` is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Qualifications left before this, and all of versions of definitions that retired before it;
    /// lines of the ledger known before it, but for those about subjects for whom the version
    /// still holds. Standings that were taken last before this go as well.
    pub ledger_before: Option<Time>,
    /// Refused facts received before this.
    pub quarantine_before: Option<Time>,
    /// What sources sent in minutes before this; the totals stay.
    pub minutes_before: Option<Time>,
    /// Leads closed before this, with all that belongs to them.
    pub leads_before: Option<Time>,
    /// Messages that are sent, dead or cancelled and were due before this; and those inside the
    /// product that nobody came for.
    pub deliveries_before: Option<Time>,
    /// What people did before this.
    pub audit_before: Option<Time>,
}

/// Forgetting what is old.
pub trait Retain {
    /// Removes what is older, at most [`SWEEP_ROWS_MAX`] rows of each kind in one transaction;
    /// returns how many went. Call it again until that is none.
    fn sweep(&self, retention: &Retention) -> Result<u64>;
}
