//! Signing in by another system.

use async_trait::async_trait;

use super::{Answer, SignedIn};

/// How people may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaysIn {
    /// By a password.
    pub passwords: bool,
    /// By another system, and what people call it.
    pub other: Option<String>,
}

/// Why somebody does not come in by another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIn {
    /// It was not begun in this browser, or too long ago.
    Stale,
    /// They did not sign in there, or may not.
    Denied,
    /// The other system does not answer as it must; the log tells more.
    Failed,
    /// It tells no address that it has verified.
    NoAddress,
    /// The address is of another company.
    Domain,
    /// Nobody has added them, and their groups give them no role.
    Unknown,
    /// Somebody with a password here has the same address.
    Unlinked,
    /// They may no longer sign in.
    Disabled,
}

/// A sign-in that has begun elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Where the browser goes.
    pub url: String,
    /// What it keeps until it is back; at most 200 characters.
    pub sealed: String,
}

/// Signing in by another system.
#[async_trait]
pub trait Entrance: Send + Sync + 'static {
    /// How people may come in.
    fn ways_in(&self) -> WaysIn;

    /// Begins to sign somebody in elsewhere, who wants to go to `to` afterwards.
    async fn begin_elsewhere(&self, to: &str) -> Answer<Result<Begun, NotIn>>;

    /// Takes somebody back, by what their browser kept and the query of the address that they
    /// were sent to: lets them in, and tells where they want to go.
    async fn end_elsewhere(
        &self,
        sealed: &str,
        query: &str,
    ) -> Answer<Result<(SignedIn, String), NotIn>>;
}
