//! Chunks of the log: facts that became known together.

use firsthand_model::{Fact, Time};

use crate::error::{EngineError, Result};

/// Facts of the log, in order, all known at one instant.
///
/// Chunks are known one after the other, never two at the same instant: so what a chunk decides is
/// what a replay decides of its facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The offset of the first fact in the log.
    pub first: u64,
    /// When the facts became known.
    pub known_at: Time,
    /// The facts.
    pub facts: Vec<Fact>,
}

impl Chunk {
    /// Facts as they are put into the log: known now, and nothing before it has happened.
    ///
    /// A clock that runs ahead is no reason to refuse what somebody did; but a fact of the future
    /// would hold up all that is judged after it.
    pub fn new(first: u64, known_at: Time, mut facts: Vec<Fact>) -> Self {
        for fact in &mut facts {
            fact.known_at = Some(known_at);
            fact.time = fact.time.min(known_at);
        }
        Self { first, known_at, facts }
    }

    /// The offset behind the last fact.
    pub fn end(&self) -> u64 {
        self.first + self.facts.len() as u64
    }

    /// The chunk as the log keeps it.
    pub fn logged(&self) -> firsthand_store::Chunk {
        firsthand_store::Chunk {
            first: self.first,
            last: self.end() - 1,
            received_at: self.known_at,
            bytes: self.encode(),
        }
    }

    /// The facts as bytes for the log.
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.facts).expect("facts serialise")
    }

    /// The chunk of such bytes.
    ///
    /// # Errors
    /// [`EngineError::DamagedChunk`] if they are no facts.
    pub fn decode(first: u64, known_at: Time, bytes: &[u8]) -> Result<Self> {
        let facts = postcard::from_bytes(bytes)
            .map_err(|source| EngineError::DamagedChunk { offset: first, source })?;
        Ok(Self { first, known_at, facts })
    }
}
