//! The ledger, and the qualifications that folding it gives.

use firsthand_model::fact::Kind;
use firsthand_model::{Text, Time};
use firsthand_rules::ledger::Change;
use firsthand_rules::timeline::{Interval, Subject};
use serde::Serialize;

use crate::{Page, PageRequest, Result};

/// One line of the ledger, to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerLine {
    /// The definition's name.
    pub definition: Text,
    /// The version that decided it.
    pub version: Text,
    /// Whom it is about.
    pub subject: Subject,
    /// The account whose lead it is: the person's account at that time. Of an account it is the
    /// account itself, whatever is said here.
    pub account: Option<Text>,
    /// What became known.
    pub change: Change,
    /// When it was so.
    pub held_at: Time,
    /// When it was known.
    pub known_at: Time,
    /// The last offset of the log that it rests on.
    pub offset: u64,
    /// The evidence as JSON: each condition, what was observed, what was needed (P6).
    pub evidence: Option<String>,
}

/// One line of the ledger, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerRow {
    /// Its number; later lines have greater ones.
    pub id: u64,
    /// The line.
    #[serde(flatten)]
    pub line: LedgerLine,
}

/// Which lines of the ledger; what is not set does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerFilter {
    /// Only of this definition.
    pub definition: Option<Text>,
    /// Only of this version.
    pub version: Option<Text>,
    /// Only about this subject.
    pub subject: Option<Subject>,
    /// Only of this account.
    pub account: Option<Text>,
    /// Only known at or after this.
    pub known_from: Option<Time>,
    /// Only known before this.
    pub known_to: Option<Time>,
    /// Only with greater numbers than this: what was written since.
    pub after: Option<u64>,
}

/// In which order lines are listed: by number, that is, by when they were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LedgerOrder {
    /// As they were written.
    OldestFirst,
    /// The latest first.
    #[default]
    NewestFirst,
}

impl LedgerLine {
    /// The account that the line is found by.
    pub fn account(&self) -> Option<&Text> {
        match self.subject.kind {
            Kind::Account => Some(&self.subject.id),
            Kind::Person => self.account.as_ref(),
        }
    }
}

/// One interval of a timeline, as the ledger knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Qualification {
    /// The definition's name.
    pub definition: Text,
    /// The version that decided it.
    pub version: Text,
    /// Whom it is about.
    pub subject: Subject,
    /// The account of the line that entered it.
    pub account: Option<Text>,
    /// When it holds, and when that was known.
    #[serde(flatten)]
    pub interval: Interval,
}

/// What became known, and what is known.
pub trait Ledger {
    /// A page of the ledger.
    fn ledger(
        &self,
        filter: &LedgerFilter,
        order: LedgerOrder,
        page: &PageRequest,
    ) -> Result<Page<LedgerRow>>;

    /// The number of the ledger's last line; 0 where it has none.
    fn ledger_end(&self) -> Result<u64>;

    /// A page of the qualifications that hold now, of all definitions or of one version of one, by
    /// definition, version and subject.
    fn open_qualifications(
        &self,
        definition: Option<(&str, &str)>,
        page: &PageRequest,
    ) -> Result<Page<Qualification>>;

    /// How many qualifications of a version of a definition hold now.
    fn count_open_qualifications(&self, definition: &str, version: &str) -> Result<u64>;

    /// The timelines of a subject, open and closed, by definition, version and entry.
    fn qualifications_of(&self, subject: &Subject) -> Result<Vec<Qualification>>;

    /// What holds now for an account and the people in it, by definition, version and subject.
    fn open_qualifications_in(&self, account: &str) -> Result<Vec<Qualification>>;
}
