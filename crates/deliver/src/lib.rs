//! Sends what was decided: the worker of the outbox, and one file a channel.
//!
//! A decision leaves its messages in the outbox, in the transaction that it is written with
//! ([`firsthand_store::Deliveries`]). [`Worker`] takes them out when they are due, has the
//! [`Channel`] send them, and writes down what came of it. Start at [`channel`], what every channel
//! is and says; then at [`lane`](worker), the queue that each of them has to itself.
//!
//! # Promises
//!
//! - DELIVER-1: at least once. A message is pending until what came of it is durable; who dies in
//!   between sends it again, with the same key (P5).
//! - DELIVER-2: no channel waits for another. Each has a queue, a rate, a number of calls under way
//!   and a breaker of its own; one that hangs holds up itself.
//! - DELIVER-3: an end. A message is tried as often as the schedule of its channel says, and waits
//!   for a few days at most; then it is dead, with the reason, until somebody sends it again.
//! - DELIVER-4: nothing is kept of a try that is a secret or says something about a person.
//! - DELIVER-5: what a stranger named is never called inside our network: the address that is
//!   connected to is the one that was checked, and redirects are not followed.

pub mod channel;
mod counters;
pub mod email;
pub mod guard;
pub mod http;
pub mod hubspot;
mod mask;
pub mod schedule;
pub mod slack;
pub mod webhook;
mod worker;

pub use channel::{Again, Channel, Limits, Message, Outcome, Scope, Tried};
pub use counters::{ChannelCounts, DELAY_BOUNDS_S};
pub use schedule::Schedule;
pub use worker::{LaneStatus, Outbox, Stopped, Way, Worker};

/// Tells the time; a parameter, so that tests can set it.
pub type Clock = std::sync::Arc<dyn Fn() -> firsthand_model::Time + Send + Sync>;

/// Why a channel cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// An address that is none.
    #[error("`{url}` is not an address that can be called: {why}")]
    BadUrl {
        /// The address, without what follows `?`.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A signing secret that is none.
    #[error("a signing secret is not `whsec_` and base64 of 24 to 64 bytes")]
    BadSecret,
    /// A sender that is no e-mail address.
    #[error("`{0}` is not an e-mail address")]
    BadAddress(String),
    /// Nothing says how to reach Slack.
    #[error("the channel has neither a token nor the address of an incoming webhook")]
    NoWay,
    /// The TLS of the system cannot be used.
    #[error("calls over TLS cannot be set up")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl SetupError {
    /// What to do, as a whole sentence.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::BadUrl { .. } => {
                "Use an `https://` address; `http://` only with `allow_private: true`."
            }
            Self::BadSecret => {
                "Make one with `openssl rand -base64 32` and put `whsec_` before it."
            }
            Self::BadAddress(_) => "Write `sales@example.com` or `Sales <sales@example.com>`.",
            Self::NoWay => "Set `token: env:NAME` or `webhook: env:NAME`.",
            Self::Tls(_) => "Install the certificates of the authorities: `ca-certificates`.",
        }
    }
}
