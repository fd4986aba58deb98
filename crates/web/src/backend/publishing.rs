//! What is needed to change what decides.

use async_trait::async_trait;

use super::{Answer, Caller};
use crate::noun::{NewVersion, Publication};

/// Publishing definitions: a part of [`super::Backend`]. The project's files stay the source of
/// truth: what is published is written there first, and then decides without a restart.
///
/// [`super::Failure::Conflict`] while another publication is under way (`publication_under_way`),
/// and where the files are no longer those that the server has read (`files_changed`).
#[async_trait]
pub trait Publishing: Send + Sync + 'static {
    /// Publishes a text as this definition, which need not exist yet; how far it is.
    /// [`super::Failure::Invalid`] if something is wrong with the text; `Conflict` if another
    /// version decides than the one that it began from (`version_changed`), or if it changes nothing
    /// (`nothing_changed`).
    async fn publish(&self, name: &str, new: NewVersion, by: &Caller) -> Answer<Publication>;

    /// Takes a definition out of the files: nobody is judged by it any more. `None` if there is none
    /// of this name; `Conflict` if others read it (`definition_in_use`).
    async fn retire(&self, name: &str, by: &Caller) -> Answer<Option<Publication>>;

    /// Publishes what has changed in the project's files. `Conflict` if they are not sound
    /// (`project_unsound`), if nothing has changed (`nothing_changed`), or if something has that
    /// everything hangs on (`restart_needed`).
    async fn reload(&self, apply_to_existing: bool, by: &Caller) -> Answer<Publication>;

    /// The newest publication since the server began; `None` if there was none.
    async fn publication(&self) -> Answer<Option<Publication>>;
}
