//! How the server is doing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::At;

/// Whether the server decides, and how far it is from that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Readiness {
    /// Whether it takes facts in and decides.
    pub ready: bool,
    /// What it is doing.
    pub phase: Phase,
    /// How many facts have been read again.
    pub done: u64,
    /// Of how many; `null` while that is not known.
    pub total: Option<u64>,
}

/// What the server is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Opens its files.
    Starting,
    /// Builds its state again from history and log. Facts are taken in, nothing is decided.
    Rebuilding,
    /// Decides.
    Live,
    /// Finishes what it has begun.
    Stopping,
    /// Cannot write; facts are refused.
    Failed,
}

/// How the server is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServerStatus {
    /// The program's version.
    pub version: String,
    /// Since when it has been running.
    pub started_at: At,
    /// Whether it decides.
    pub readiness: Readiness,
    /// The place in the log of the newest fact that is durable.
    pub log_offset: u64,
    /// The place in the log up to which all is decided.
    pub applied_offset: u64,
    /// How long the oldest undecided fact has been waiting, in milliseconds.
    pub lag_ms: u64,
    /// What waits where.
    pub queues: Vec<Queue>,
    /// What an operator should know, in whole sentences; empty when all is well.
    pub warnings: Vec<String>,
}

/// A queue inside the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// How many wait.
    pub depth: u64,
    /// How many may.
    pub limit: u64,
}
