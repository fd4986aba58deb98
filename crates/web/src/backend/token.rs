//! Who calls, and what they may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Scope {
    /// Read leads, and listen to them.
    LeadsRead,
    /// Work on leads.
    LeadsWrite,
    /// Read accounts and who their people are, and have verdicts explained.
    AccountsRead,
    /// Read usage and entitlements.
    UsageRead,
    /// Read definitions.
    DefinitionsRead,
    /// Publish definitions.
    DefinitionsWrite,
    /// Read the ledger.
    LedgerRead,
    /// Read how the server and its sources are doing.
    StatusRead,
    /// Read plays, what they did not send, and who was held out.
    PlaysRead,
    /// Read reports.
    ReportsRead,
    /// Read what goes out.
    DeliveriesRead,
    /// Send again what was given up.
    DeliveriesWrite,
    /// Read what was refused.
    QuarantineRead,
    /// Replay and delete what was refused.
    QuarantineWrite,
    /// Read which files were uploaded, and what is in them.
    ImportsRead,
    /// Upload files and take them in.
    ImportsWrite,
    /// Merge and split people.
    IdentityWrite,
    /// Everything, erasure included.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::LeadsRead,
        Self::LeadsWrite,
        Self::AccountsRead,
        Self::UsageRead,
        Self::DefinitionsRead,
        Self::DefinitionsWrite,
        Self::LedgerRead,
        Self::StatusRead,
        Self::PlaysRead,
        Self::ReportsRead,
        Self::DeliveriesRead,
        Self::DeliveriesWrite,
        Self::QuarantineRead,
        Self::QuarantineWrite,
        Self::ImportsRead,
        Self::ImportsWrite,
        Self::IdentityWrite,
        Self::Admin,
    ];

    /// The word in files, commands and answers: `leads:read`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::LeadsRead => "leads:read",
            Self::LeadsWrite => "leads:write",
            Self::AccountsRead => "accounts:read",
            Self::UsageRead => "usage:read",
            Self::DefinitionsRead => "definitions:read",
            Self::DefinitionsWrite => "definitions:write",
            Self::LedgerRead => "ledger:read",
            Self::StatusRead => "status:read",
            Self::PlaysRead => "plays:read",
            Self::ReportsRead => "reports:read",
            Self::DeliveriesRead => "deliveries:read",
            Self::DeliveriesWrite => "deliveries:write",
            Self::QuarantineRead => "quarantine:read",
            Self::QuarantineWrite => "quarantine:write",
            Self::ImportsRead => "imports:read",
            Self::ImportsWrite => "imports:write",
            Self::IdentityWrite => "identity:write",
            Self::Admin => "admin",
        }
    }
}

impl Scope {
    /// What it allows, for help and documentation.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::LeadsRead => "read leads, and listen to them",
            Self::LeadsWrite => "work on leads",
            Self::AccountsRead => "read accounts and who their people are, have verdicts explained",
            Self::UsageRead => "read usage and entitlements",
            Self::DefinitionsRead => "read definitions",
            Self::DefinitionsWrite => "publish definitions, and open leads by them",
            Self::LedgerRead => "read the ledger",
            Self::StatusRead => "read how the server and its sources are doing, and the metrics",
            Self::PlaysRead => "read plays, what they did not send and why, and who was held out",
            Self::ReportsRead => "read the lifecycle, backtests and what outreach caused",
            Self::DeliveriesRead => "read what goes out, and what became of it",
            Self::DeliveriesWrite => "send again what was given up",
            Self::QuarantineRead => "read what was refused",
            Self::QuarantineWrite => "replay and delete what was refused",
            Self::ImportsRead => "read which files were uploaded, and what is in them",
            Self::ImportsWrite => "upload files and take them in, and open leads by them",
            Self::IdentityWrite => "merge and split people",
            Self::Admin => "everything, erasure included",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl From<Scope> for &'static str {
    fn from(scope: Scope) -> Self {
        scope.word()
    }
}

/// The text is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope")]
pub struct ScopeError(String);

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let found = Self::ALL.into_iter().find(|scope| scope.word() == text);
        found.ok_or_else(|| ScopeError(text.to_owned()))
    }
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        text.parse()
    }
}

/// The hash of a token, which is all that is kept of it.
///
/// Tokens are long and random, so a plain hash is enough; and since they are looked up by hash,
/// how long a look-up takes tells nothing about the token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// Hashes a token as it was presented: BLAKE3 of its bytes.
    pub fn of(token: &str) -> Self {
        Self(*blake3::hash(token.as_bytes()).as_bytes())
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(****)")
    }
}

/// A token that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its name, under which acts are recorded.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

impl Token {
    /// Whether it may do this.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|it| *it == scope || *it == Scope::Admin)
    }
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The token's name.
    pub name: String,
}
