//! What the backend cannot do.

use std::time::Duration;

/// Why the backend did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A queue is full; nothing was done, and it may be asked again.
    #[error("the server is busy")]
    Busy {
        /// After how long.
        retry_after: Duration,
    },
    /// This cannot be answered before the state is rebuilt.
    #[error("the state is still being rebuilt")]
    NotReady {
        /// After how long it is worth asking again.
        retry_after: Duration,
    },
    /// It cannot be done as things stand.
    #[error("{detail}")]
    Conflict {
        /// Stable, for programs: `lead_is_closed`.
        code: &'static str,
        /// What stands in the way, for people.
        detail: String,
        /// What to do, as a whole sentence.
        help: String,
    },
    /// What was asked makes no sense to the backend.
    #[error("{detail}")]
    Invalid {
        /// The parameter or the place in the body.
        parameter: &'static str,
        /// What is wrong with it, for people.
        detail: String,
        /// What to do, as a whole sentence.
        help: String,
    },
    /// The page before was of another list, or is too old.
    #[error("the cursor is not one of this list")]
    Cursor,
    /// Something broke. Logged once, where it is answered; never shown.
    #[error("something broke")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Failure {
    /// Something broke.
    pub fn broken(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Broken(error.into())
    }
}
