//! Texts of definitions that people are working on, so that nothing written is lost.

use firsthand_model::{Text, Time};

use crate::Result;

/// Most drafts that one person keeps.
pub const DRAFTS_MAX: u32 = 50;

/// A definition's text that somebody is working on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The definition's name.
    pub definition: Text,
    /// The text as it was typed.
    pub text: String,
    /// The version that it began from; `None` for a definition that did not exist.
    pub base: Option<Text>,
    /// When it was kept last.
    pub saved_at: Time,
}

/// The drafts of the people who work with Firsthand; each person's are their own.
pub trait Drafts {
    /// Somebody's drafts, by definition.
    fn drafts(&self, user: &str) -> Result<Vec<Draft>>;

    /// Somebody's draft of a definition.
    fn draft(&self, user: &str, definition: &str) -> Result<Option<Draft>>;

    /// Keeps a draft, in place of the one of the same definition.
    ///
    /// # Errors
    /// `Refused` beyond [`DRAFTS_MAX`].
    fn keep_draft(&self, user: &str, draft: &Draft) -> Result<()>;

    /// Throws a draft away. Returns whether it was there.
    fn drop_draft(&self, user: &str, definition: &str) -> Result<bool>;
}
