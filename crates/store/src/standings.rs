//! Standings that were taken: how a population was spread at a midnight.

use firsthand_model::{Text, Time};

use crate::Result;

/// How a population was spread at a midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenStanding {
    /// Names what is asked.
    pub population: Text,
    /// The midnight.
    pub at: Time,
    /// For a rank, the account whose people it is among; else empty.
    pub account: Text,
    /// The numbers, as the engine writes them.
    pub spread: Vec<u8>,
}

/// Standings. One that was taken stays as it is.
pub trait Standings {
    /// All that were taken of a population, in order of time.
    fn standings(&self, population: &str) -> Result<Vec<TakenStanding>>;
}
