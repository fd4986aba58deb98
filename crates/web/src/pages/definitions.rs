//! Definitions: the list, and one with its text, its versions, and why it holds for an account.

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::response::Response;
use serde::Deserialize;

use super::bench::editor::{self, Looking, writes};
use super::bench::{self, Head};
use super::error::PageError;
use super::following::Following;
use super::health::{HealthView, Summary};
use super::inbox::TrackMark;
use super::profile::{Evidence, calm, short};
use super::shell::{Place, Shell, draw};
use super::texts::{Texts, counted, fill};
use super::visitor::{Asked, Visitor};
use crate::app::App;
use crate::backend::Failure;
use crate::noun::{
    Account, AccountFilter, Definition, DefinitionHealth, DefinitionState, HealthReport, Listing,
    Subject, SubjectKind,
};

/// How long the list waits for how its definitions fare; then it is shown without.
const HEALTH_WITHIN: Duration = Duration::from_secs(1);
/// Seconds after which a list that was shown without comes back.
const COME_BACK: &str = "3";
/// Accounts among which the one of a name is looked for.
const NAMESAKES_MAX: u32 = 20;

struct Row {
    name: String,
    title: Option<String>,
    track: TrackMark,
    judges: &'static str,
    holds: String,
    state: Badge,
    since: String,
    version: String,
    /// `None` while it is not known yet, and where the definition decides no more.
    health: Option<HealthView>,
    retired: bool,
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
            health: None,
            retired: it.state == DefinitionState::Retired,
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
    /// How far the newest publication is.
    following: Option<Following>,
    goes_on: bool,
    /// What is said of all together; `None` while it is being worked out.
    summary: Option<Summary>,
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
    let all = app.backend.definitions().await?;
    let report = health(&app).await?;
    let recent = report.as_ref().map_or(0, |it| it.recent_weeks);
    let summary = report.as_ref().map(|it| Summary::of(&shell.show, it));
    let known = report.into_iter().flat_map(|it| it.items);
    let mut known: HashMap<String, DefinitionHealth> =
        known.map(|it| (it.definition.clone(), it)).collect();
    let row = |it: Definition| {
        let of = known.remove(&it.name).filter(|of| of.version == it.version);
        let health = of.map(|of| HealthView::of(&shell.show, &of, it.of, recent));
        Row { health, ..Row::of(&shell, it) }
    };
    let rows: Vec<Row> = all.into_iter().map(row).collect();
    let waits = rows.iter().any(|it| it.health.is_none() && !it.retired);
    let writes = writes(&visitor);
    let drafts = if writes { app.backend.drafts(&visitor.user).await? } else { Vec::new() };
    let drafts = drafts.into_iter().map(|it| (it.definition, shell.show.when(it.saved_at.0)));
    let drafts = drafts.collect();
    let publication = app.backend.publication().await?;
    let following = Following::of(&shell.show, publication.as_ref(), None);
    let goes_on = following.as_ref().is_some_and(|it| it.goes_on);
    let page = DefinitionsPage { shell, rows, writes, following, goes_on, summary, drafts };
    let mut page = draw(&page)?;
    if waits {
        let headers = page.headers_mut();
        headers.insert(HeaderName::from_static("refresh"), HeaderValue::from_static(COME_BACK));
    }
    Ok(page)
}

/// How the definitions fare; `None` while that is being worked out.
async fn health(app: &App) -> Result<Option<HealthReport>, PageError> {
    match tokio::time::timeout(HEALTH_WITHIN, app.backend.health()).await {
        Ok(Ok(report)) => Ok(Some(report)),
        Err(_) | Ok(Err(Failure::Busy { .. } | Failure::NotReady { .. })) => Ok(None),
        Ok(Err(failure)) => Err(failure.into()),
    }
}

/// One.
#[derive(Template)]
#[template(path = "definition.html")]
struct DefinitionPage {
    shell: Shell,
    /// The head that the definition's other pages have, for those who may write.
    head: Option<Head>,
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

/// The id of the account that is meant by an id or a name; what was said, where that is none, or may
/// be several.
async fn account_called(app: &App, said: &str) -> Result<String, PageError> {
    if app.backend.account(said).await?.is_some() {
        return Ok(said.to_owned());
    }
    let filter = AccountFilter { text: Some(said.to_owned()), ..AccountFilter::default() };
    let listing = Listing { limit: NAMESAKES_MAX, after: None };
    let found = calm(app.backend.accounts(&filter, &listing).await)?;
    let mut found = found.map(|it| it.items).unwrap_or_default();
    let called = |it: &Account| it.name.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(said));
    if found.len() > 1 {
        found.retain(called);
    }
    let only = (found.len() == 1).then(|| found.remove(0).id);
    Ok(only.unwrap_or_else(|| said.to_owned()))
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
            SubjectKind::Account => Subject::account(account_called(&app, &asked).await?),
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
    let head = if writes(&visitor) {
        let subject = bench::Subject::find(&app, &visitor, &name).await?;
        subject.map(|it| Head::of(&shell, &name, &it, "explain"))
    } else {
        None
    };
    let versions = detail.versions.into_iter().map(|it| Version {
        id: short(&it.version),
        state: Badge::of(shell.t, it.state),
        since: shell.show.when(it.published_at.0),
        applied: it.applied_to_existing,
    });
    let page = DefinitionPage {
        head,
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
