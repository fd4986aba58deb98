//! Everything the live server remembers beside the Parquet history: the log, the ledger, leads,
//! stages, pending deliveries, what was refused, keys, published definitions, settings.
//!
//! Start at [`Commit`]: what one step of the engine leaves behind, in one transaction. What can be
//! asked stands in one small trait for each subject; [`Store`] is all of them. Calls block; times
//! are the caller's. The embedded database is `SqliteStore` (feature `sqlite`); another one passes
//! the `contract` (feature `contract`) and runs the same statements: `$1` placeholders in order,
//! `ON CONFLICT`, `RETURNING`, whole numbers of 64 bits, times in microseconds, ids as text that
//! is compared byte by byte.
//!
//! # Promises
//!
//! - STORE-1: a commit is there whole once [`Log::commit`] has returned, whatever happens after;
//!   one that failed has left nothing and can be tried again as it is (P4, P5).
//! - STORE-2: of an account and track, one lead at most is not closed: the database refuses a
//!   second one, whoever asks (P5).
//! - STORE-3: the qualifications are what folding the ledger gives, at every instant (P1).
//! - STORE-4: going on from a cursor shows no row twice and misses none, whatever is added
//!   meanwhile; rows whose place in the order changes meanwhile may be shown again or missed.
//! - STORE-5: after an erasure no row mentions who was erased, and it can be proved.
//! - STORE-6: lists are read in pages, and what is dropped, swept or given back goes in small
//!   transactions, each with a named limit (P8); what belongs to one lead, account or subject is
//!   read whole.

mod commit;
mod definitions;
mod deliveries;
mod drafts;
mod erasure;
mod erasures;
mod error;
mod identity;
mod inbox;
mod keys;
mod leads;
mod ledger;
mod log;
mod page;
mod plays;
mod quarantine;
mod retention;
mod settings;
mod sources;
mod stages;
mod standings;
mod users;

#[cfg(feature = "contract")]
pub mod contract;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use commit::{Commit, Receipt};
pub use definitions::{Definitions, Published, PublishedState};
pub use deliveries::{
    ATTEMPTS_KEPT, Attempt, AttemptOutcome, Deliveries, Delivery, DeliveryCount, DeliveryFilter,
    DeliveryState, DisabledChannel, Settlement,
};
pub use drafts::{DRAFTS_MAX, Draft, Drafts};
pub use erasure::{Erase, ErasedRows, Identities, RewriteError, RewriteLog, Trace};
pub use erasures::{Erasure, Erasures};
pub use error::{Result, StoreError};
pub use firsthand_model::Mentions;
pub use identity::{ActKind, ActState, IdentityAct, IdentityActs};
pub use inbox::{INBOX_ROWS_MAX, Inbox, InboxRow};
pub use keys::{Key, KeyKind, Keys};
pub use leads::{
    LeadCount, LeadEvidence, LeadFilter, LeadSheet, LeadSort, Leads, OwnerFilter, SEARCH_BYTES_MAX,
};
pub use ledger::{Ledger, LedgerFilter, LedgerLine, LedgerOrder, LedgerRow, Qualification};
pub use log::{Chunk, Log, LogSize, LogState};
pub use page::{Cursor, PAGE_ROWS_MAX, Page, PageRequest};
pub use plays::{
    ExposureCount, PlayFilter, Plays, ReactionCount, RunCount, StepCount, SuppressedCount,
};
pub use quarantine::{Quarantine, QuarantineFilter, Quarantined, QuarantinedRow};
pub use retention::{Retain, Retention, SWEEP_ROWS_MAX};
pub use settings::Settings;
pub use sources::{Source, SourceMinute, SourceTally, Sources};
#[cfg(feature = "sqlite")]
pub use sqlite::{BackupSummary, SqliteOptions, SqliteStore};
pub use stages::{AccountStage, StageCount, Stages};
pub use standings::{Standings, TakenStanding};
pub use users::{AuditEntry, AuditFilter, Invitation, Role, Session, User, Users, VIEWS_MAX, View};

/// One database with all that is kept in it.
pub trait Store:
    Log
    + Quarantine
    + Ledger
    + Leads
    + Stages
    + Standings
    + Deliveries
    + Plays
    + Inbox
    + Sources
    + Keys
    + Definitions
    + Drafts
    + IdentityActs
    + Settings
    + Users
    + Retain
    + Erase
    + Erasures
    + Send
    + Sync
{
    /// Looks the whole store over, for `doctor`; what is wrong, in words. Nothing is sound.
    fn problems(&self) -> Result<Vec<String>>;

    /// Does what is better done beside commits than in them. Call it every second or so, from a
    /// thread of its own; without it commits do the work themselves, now and then a slow one.
    fn upkeep(&self) -> Result<()>;
}
