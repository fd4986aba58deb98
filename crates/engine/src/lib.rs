//! The live pipeline: facts as they arrive, decided by the evaluator that replays use (P1).

mod chunk;
mod customer;
mod error;
mod live;
mod person;
mod rebuild;
mod seen;
mod stir;
mod tail;
mod whereabouts;

pub use chunk::Chunk;
pub use customer::Customer;
pub use error::{EngineError, Result};
pub use live::{Known, Live, MEMORY, Rules};
pub use person::Person;
