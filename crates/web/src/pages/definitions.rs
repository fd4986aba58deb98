//! Definitions: the list, and one with its text, its versions, and why it holds for an account.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::bench::editor::{self, Looking, writes};
use super::error::PageError;
use super::inbox::TrackMark;
use super::profile::{Evidence, calm, short};
use super::shell::{Place, Shell, draw};
use super::texts::{Texts, counted, fill};
use super::visitor::{Asked, Visitor};
use crate::app::App;
use crate::noun::{Definition, DefinitionState, Subject, SubjectKind};

struct Row {
    name: String,
    title: Option<String>,
    track: TrackMark,
    judges: &'static str,
    holds: String,
    state: Badge,
    since: String,
    version: String,
}

/// A state as a badge.
pub(super) struct Badge {
    pub class: &'static str,
    pub icon: &'static str,
    pub word: &'static str,
}

impl Badge {
    pub fn of(t: &'static Texts, state: DefinitionState) -> Self {
        let d = &t.data;
        let (class, icon, word) = match state {
            DefinitionState::Running => ("good", "check", d.running),
            DefinitionState::Backfilling => ("warn", "clock", d.backfilling),
            DefinitionState::Retired => ("", "minus", d.retired),
        };
        Self { class, icon, word }
    }
}

impl Row {
    fn of(shell: &Shell, it: Definition) -> Self {
        let d = &shell.t.data;
        Self {
            title: it.description,
            track: TrackMark::named(shell.t, &it.track),
            judges: match it.of {
                SubjectKind::Account => d.accounts,
                SubjectKind::Person => d.persons,
            },
            holds: shell.show.count(it.holds),
            state: Badge::of(shell.t, it.state),
            since: shell.show.when(it.published_at.0),
            version: short(&it.version),
            name: it.name,
        }
    }
}

/// The list.
#[derive(Template)]
#[template(path = "definitions.html")]
struct DefinitionsPage {
    shell: Shell,
    rows: Vec<Row>,
    writes: bool,
    /// What somebody is working on, and since when it is kept.
    drafts: Vec<(String, String)>,
}

/// `GET /definitions`
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let shell = Shell::of(&app, &visitor, &uri, Place::Definitions, t.data.definitions).await?;
    let rows = app.backend.definitions().await?.into_iter().map(|it| Row::of(&shell, it)).collect();
    let writes = writes(&visitor);
    let drafts = if writes { app.backend.drafts(&visitor.user).await? } else { Vec::new() };
    let drafts = drafts.into_iter().map(|it| (it.definition, shell.show.when(it.saved_at.0)));
    let drafts = drafts.collect();
    draw(&DefinitionsPage { shell, rows, writes, drafts })
}

/// One.
#[derive(Template)]
#[template(path = "definition.html")]
struct DefinitionPage {
    shell: Shell,
    row: Row,
    holds: String,
    text: String,
    versions: Vec<Version>,
    asked: String,
    answer: Answer,
}

struct Version {
    id: String,
    state: Badge,
    since: String,
    applied: bool,
}

/// What is said about the account that was asked for.
enum Answer {
    Nothing,
    NoSuch,
    Found { evidence: Box<Evidence>, sentence: String },
}

impl DefinitionPage {
    fn found(&self) -> Option<(&Evidence, &str)> {
        match &self.answer {
            Answer::Found { evidence, sentence } => Some((evidence, sentence)),
            _ => None,
        }
    }

    fn no_such(&self) -> bool {
        matches!(self.answer, Answer::NoSuch)
    }

    fn title(&self) -> &str {
        self.row.title.as_deref().unwrap_or(&self.row.name)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    account: String,
}

/// `GET /definitions/{definition}`: the editor for those who may write; its text and what it says
/// of an account for everybody else, and for whoever asks about one.
pub(super) async fn open(
    app: State<App>,
    visitor: Visitor,
    uri: Uri,
    name: Path<String>,
    looking: Asked<Looking>,
    query: Asked<Query>,
) -> Result<Response, PageError> {
    if writes(&visitor) && looking.0.account.is_none() {
        editor::show(app, visitor, uri, name, looking).await
    } else {
        show(app, visitor, uri, name, query).await
    }
}

/// `GET /definitions/{definition}/explain`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(name): Path<String>,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    let detail = app.backend.definition(&name).await?.ok_or(PageError::NotFound)?;
    let shell = Shell::of(&app, &visitor, &uri, Place::Definitions, &name).await?;
    let d = &shell.t.data;
    let (one, many) = match detail.definition.of {
        SubjectKind::Account => (d.hold_account_one, d.hold_account_many),
        SubjectKind::Person => (d.hold_person_one, d.hold_person_many),
    };
    let holds =
        counted(one, many, detail.definition.holds, &shell.show.count(detail.definition.holds));
    let asked = query.account.trim().to_owned();
    let answer = if asked.is_empty() {
        Answer::Nothing
    } else {
        let subject = match detail.definition.of {
            SubjectKind::Account => Subject::account(&asked),
            SubjectKind::Person => Subject::person(&asked),
        };
        match calm(app.backend.explain(&subject, &name, None).await)?.flatten() {
            None => Answer::NoSuch,
            Some(it) => {
                let text = if it.holds { d.explain_holds } else { d.explain_not };
                let sentence = fill(text, &[("account", &asked)]);
                Answer::Found { evidence: Box::new(Evidence::of(&shell.show, &it)), sentence }
            }
        }
    };
    let versions = detail.versions.into_iter().map(|it| Version {
        id: short(&it.version),
        state: Badge::of(shell.t, it.state),
        since: shell.show.when(it.published_at.0),
        applied: it.applied_to_existing,
    });
    let page = DefinitionPage {
        versions: versions.collect(),
        text: detail.text,
        holds,
        asked,
        answer,
        row: Row::of(&shell, detail.definition),
        shell,
    };
    draw(&page)
}
