//! Writing definitions: the editor with its preview, versions, publishing, new ones.
//!
//! What somebody types is kept on the server as their draft, by every form that is sent; nothing
//! decides before it is published. So each page can be left and come back to, with a script or
//! without.

mod chart;
mod diagnosis;
mod diff;
pub(super) mod editor;
pub(super) mod new;
mod preview;
pub(super) mod publish;
pub(super) mod versions;

use axum::http::Uri;

// Templates find what all pages share beside the module of their struct.
use super::definitions::Badge;
use super::error::PageError;
use super::following::Following;
use super::inbox::TrackMark;
use super::shell::{Place, Shell};
use super::texts::{counted, fill};
use super::visitor::Visitor;
use super::{assets, texts};
use crate::app::App;
use crate::noun::{DefinitionDetail, Draft, Publication, SubjectKind, WrittenDefinition};

/// What stands at the head of every page of a definition.
pub(super) struct Head {
    pub name: String,
    pub title: String,
    pub track: TrackMark,
    /// What the running version is, in a word; `None` for one that is not published yet.
    pub state: Option<Badge>,
    pub version: String,
    pub holds: String,
    /// When the draft was kept, in a sentence.
    pub draft: Option<String>,
    /// Whether the draft is refused.
    pub refused: bool,
    /// Whether there is something that could be published.
    pub publishable: bool,
    /// Which tab is open.
    pub tab: &'static str,
    pub version_count: usize,
    /// How far the newest publication is, where it is of this definition.
    pub following: Option<Following>,
}

impl Head {
    fn goes_on(&self) -> bool {
        self.following.as_ref().is_some_and(|it| it.goes_on)
    }
}

/// A definition as far as its pages need it.
pub(super) struct Subject {
    pub detail: Option<DefinitionDetail>,
    pub written: Option<WrittenDefinition>,
    pub draft: Option<Draft>,
    publication: Option<Publication>,
}

impl Subject {
    /// What is known under a name to somebody; `None` if that is nothing at all.
    pub async fn find(app: &App, visitor: &Visitor, name: &str) -> Result<Option<Self>, PageError> {
        let detail = app.backend.definition(name).await?;
        let draft = app.backend.draft(&visitor.user, name).await?;
        if detail.is_none() && draft.is_none() {
            return Ok(None);
        }
        let written = app.backend.written(name).await?;
        let publication = app.backend.publication().await?;
        Ok(Some(Self { detail, written, draft, publication }))
    }

    /// The text in the editor: the draft, else what the files say, else what was published.
    pub fn text(&self) -> String {
        let draft = self.draft.as_ref().map(|it| &it.text);
        let written = self.written.as_ref().map(|it| &it.text);
        let published = self.detail.as_ref().map(|it| &it.text);
        draft.or(written).or(published).cloned().unwrap_or_default()
    }

    /// The text that a draft is held against: what the files say, else what was published.
    pub fn base_text(&self) -> String {
        let written = self.written.as_ref().map(|it| &it.text);
        let published = self.detail.as_ref().map(|it| &it.text);
        written.or(published).cloned().unwrap_or_default()
    }

    /// The version that decides.
    pub fn running(&self) -> Option<&str> {
        self.detail.as_ref().map(|it| it.definition.version.as_str())
    }
}

impl Head {
    pub fn of(shell: &Shell, name: &str, subject: &Subject, tab: &'static str) -> Self {
        let t = shell.t;
        let (d, b) = (&t.data, &t.bench);
        let detail = subject.detail.as_ref();
        let holds = detail.map(|it| {
            let of = &it.definition;
            let (one, many) = match of.of {
                SubjectKind::Account => (d.hold_account_one, d.hold_account_many),
                SubjectKind::Person => (d.hold_person_one, d.hold_person_many),
            };
            counted(one, many, of.holds, &shell.show.count(of.holds))
        });
        let title = detail.and_then(|it| it.definition.description.clone());
        let track = detail.map_or("none", |it| it.definition.track.as_str());
        Self {
            title: title.unwrap_or_else(|| name.to_owned()),
            track: TrackMark::named(t, track),
            state: detail.map(|it| Badge::of(t, it.definition.state)),
            version: subject.running().map(super::profile::short).unwrap_or_default(),
            holds: holds.unwrap_or_default(),
            draft: subject
                .draft
                .as_ref()
                .map(|it| fill(b.draft_saved, &[("when", &shell.show.when(it.saved_at.0))])),
            refused: false,
            publishable: false,
            tab,
            version_count: detail.map_or(0, |it| it.versions.len()),
            following: Following::of(&shell.show, subject.publication.as_ref(), Some(name)),
            name: name.to_owned(),
        }
    }
}

async fn shell_of(app: &App, visitor: &Visitor, uri: &Uri, name: &str) -> Result<Shell, PageError> {
    Shell::of(app, visitor, uri, Place::Definitions, name).await
}
