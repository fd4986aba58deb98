//! What is needed to write a definition: its text, what is wrong with it, what it would have done.

use async_trait::async_trait;

use super::{Answer, User};
use crate::noun::{CheckedDraft, Draft, PreviewAsked, Tried, WrittenDefinition};

/// What writing definitions needs: a part of [`super::Backend`]. Nothing here changes what is
/// decided.
#[async_trait]
pub trait Workbench: Send + Sync + 'static {
    /// What the project's files say of a definition; `None` if they do not define it.
    /// [`super::Failure::Conflict`] where it stands within the settings and has no text of its
    /// own.
    async fn written(&self, definition: &str) -> Answer<Option<WrittenDefinition>>;

    /// What is to be said of a text as this definition. [`super::Failure::Invalid`] if it can be
    /// put nowhere: the name is none, or the text too long.
    async fn check(&self, definition: &str, text: &str) -> Answer<CheckedDraft>;

    /// Tries a text over all that is recorded. `by` is whoever asks: a newer question of theirs
    /// ends an older one. A future that is dropped ends it too. [`super::Failure::Busy`] while
    /// too many try something.
    async fn try_out(
        &self,
        definition: &str,
        text: &str,
        asked: &PreviewAsked,
        by: &str,
    ) -> Answer<Tried>;

    /// Somebody's drafts, by definition.
    async fn drafts(&self, user: &User) -> Answer<Vec<Draft>>;

    /// Somebody's draft of a definition.
    async fn draft(&self, user: &User, definition: &str) -> Answer<Option<Draft>>;

    /// Keeps a draft, in place of the one of the same definition; it began from `base`.
    async fn keep_draft(
        &self,
        user: &User,
        definition: &str,
        text: &str,
        base: Option<&str>,
    ) -> Answer<()>;

    /// Throws a draft away.
    async fn discard_draft(&self, user: &User, definition: &str) -> Answer<()>;
}
