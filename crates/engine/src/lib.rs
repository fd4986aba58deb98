//! The live pipeline: facts as they arrive, decided by the evaluator that replays use (P1).

mod backfill;
mod chunk;
mod closed;
mod customer;
pub mod desk;
mod early;
mod engine;
mod erase;
mod error;
mod import;
mod lane;
mod live;
pub mod measures;
mod person;
mod plays;
mod publish;
mod rebuild;
mod restage;
mod saved;
mod seal;
mod seen;
pub mod service;
pub mod stages;
mod start;
mod stir;
mod tail;
mod whereabouts;
mod writer;

pub use backfill::BackfillJob;
pub use chunk::Chunk;
pub use customer::Customer;
pub use early::EarlyService;
pub use engine::{Batch, Describe, Engine, HEADLINE, Listener, OWN_SOURCE, Refusal};
pub use erase::{ErasureOrder, history_from, identities};
pub use error::{EngineError, Result};
pub use import::{ImportJob, Imported, Taker};
pub use lane::JudgeJob;
#[cfg(feature = "canary")]
pub use live::Canary;
pub use live::{
    CUSTOMER, FactsLie, Freed, Judged, JudgingAnew, Known, LATE, LATE_MAX, Live, Refusals, Rules,
    Sealed, Sealing, Stands, Success,
};
pub use person::Person;
pub use plays::{Read, ReadJob};
pub use publish::{FINISH_ROWS, Order, Progress, Publication, Step, UnderWay};
pub use saved::StateFile;
pub use seal::SealJob;
pub use start::{Difference, StartOptions, Started};
