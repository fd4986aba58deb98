//! What people do with leads.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{Uri, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::cookies::{self, Cookies};
use super::error::PageError;
use super::look::here;
use super::shell::{Place, Shell, draw};
use super::show::Show;
use super::texts::fill;
use super::visitor::{Asked, Form, Visitor};
use crate::app::App;
use crate::backend::Failure;
use crate::noun::{At, Lead, LeadAct};

/// For how long what was done waits to be told, in seconds.
const DONE_SECONDS: i64 = 60;
/// Most leads that one form is about.
const SEVERAL_MAX: usize = 200;
/// The longest word or note, in characters.
const WORDS_CHARS_MAX: usize = 2_000;
/// The reasons for turning a lead down, as they are recorded.
const REASONS: [&str; 4] = ["too early", "not a fit", "already in talks", "the data is wrong"];

/// What a form says is to be done.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asking {
    /// What: `accept`, `reject`, `snooze`, `assign`, `reopen`, `won`, `lost`, `note`.
    r#do: String,
    /// Why it is turned down, one of [`REASONS`] by number.
    reason: String,
    /// A word on it, or a note.
    word: String,
    /// `1d`, `monday` or `2w`.
    until: String,
    /// Whose it is to be: `me`, or `=` and a name; `nobody`.
    owner: String,
    /// Where to go back to.
    to: String,
}

impl Asking {
    /// The act, and under which word it is told when it is done.
    fn act(&self, visitor: &Visitor, show: &Show) -> Option<(LeadAct, &'static str)> {
        let word: String = self.word.trim().chars().take(WORDS_CHARS_MAX).collect();
        let said = Some(word.clone()).filter(|it| !it.is_empty());
        Some(match self.r#do.as_str() {
            "accept" => (LeadAct::Accept, "accepted"),
            "reject" => {
                let reason = REASONS.get(self.reason.parse::<usize>().ok()?)?;
                let reason =
                    said.map_or_else(|| (*reason).to_owned(), |it| format!("{reason}: {it}"));
                (LeadAct::Reject { reason }, "rejected")
            }
            "snooze" => {
                let days = match self.until.as_str() {
                    "monday" => show.days_to_monday(),
                    "2w" => 14,
                    _ => 1,
                };
                let until = At(show.nine_in(days));
                (LeadAct::Snooze { until, reason: said }, "snoozed")
            }
            "assign" => {
                let owner = match self.owner.as_str() {
                    "me" => Some(visitor.user.owner.clone()),
                    "nobody" => None,
                    name => Some(name.strip_prefix('=')?.to_owned()),
                };
                (LeadAct::Assign { owner }, "assigned")
            }
            "reopen" => (LeadAct::Reopen { reason: said }, "reopened"),
            "won" => (LeadAct::Won { reason: said }, "won"),
            "lost" => (LeadAct::Lost { reason: said }, "lost"),
            "note" => (LeadAct::Note { text: said? }, "noted"),
            _ => return None,
        })
    }
}

/// `POST /leads/{lead}/act`
pub(super) async fn one(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Path(id): Path<String>,
    Form(asking): Form<Asking>,
) -> Result<Response, PageError> {
    let show = Show::of(&app, visitor.look);
    let (act, done) = asking.act(&visitor, &show).ok_or(PageError::Unreadable)?;
    seen(&app, &visitor, &id).await?;
    app.backend.act(&id, act, &visitor.caller()).await?.ok_or(PageError::NotFound)?;
    Ok(told(&cookies, &format!("{done}.{id}"), &asking.to))
}

/// A lead, if the visitor may see it.
async fn seen(app: &App, visitor: &Visitor, id: &str) -> Result<Lead, PageError> {
    let found = app.backend.lead(id).await?.map(|it| it.lead);
    found.filter(|it| visitor.sees(it)).ok_or(PageError::NotFound)
}

/// `POST /leads/act`: one act on several leads; those that have changed meanwhile stay as they are.
pub(super) async fn several(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let value = |name: &str| {
        pairs.iter().find(|it| it.0 == name).map(|it| it.1.clone()).unwrap_or_default()
    };
    let asking = Asking {
        r#do: value("do"),
        reason: value("reason"),
        word: value("word"),
        until: value("until"),
        owner: value("owner"),
        to: value("to"),
    };
    let show = Show::of(&app, visitor.look);
    let (act, _) = asking.act(&visitor, &show).ok_or(PageError::Unreadable)?;
    let (mut done, mut failed) = (0, 0);
    let chosen = pairs.iter().filter(|it| it.0 == "lead").take(SEVERAL_MAX);
    for (_, id) in chosen {
        match seen(&app, &visitor, id).await {
            Ok(_) => {}
            Err(PageError::NotFound) => {
                failed += 1;
                continue;
            }
            Err(error) => return Err(error),
        }
        match app.backend.act(id, act.clone(), &visitor.caller()).await {
            Ok(Some(_)) => done += 1,
            Ok(None) | Err(Failure::Conflict { .. }) => failed += 1,
            Err(failure) => return Err(failure.into()),
        }
    }
    if done + failed == 0 {
        return Ok(Redirect::to(here(&asking.to)).into_response());
    }
    Ok(told(&cookies, &format!("several.{done}.{failed}"), &asking.to))
}

/// Goes back, where it is told what was done.
pub(super) fn told(cookies: &Cookies, done: &str, to: &str) -> Response {
    let done = cookies.keep(cookies::DONE, done, Some(DONE_SECONDS));
    let to = if to.is_empty() { "/leads" } else { here(to) };
    (AppendHeaders([(header::SET_COOKIE, done)]), Redirect::to(to)).into_response()
}

/// The page that asks why a lead is turned down.
#[derive(Template)]
#[template(path = "reject.html")]
struct RejectPage {
    shell: Shell,
    id: String,
    heading: String,
    to: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Back {
    to: String,
}

/// `GET /leads/{lead}/reject`
pub(super) async fn reject_dialog(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(id): Path<String>,
    Asked(back): Asked<Back>,
) -> Result<Response, PageError> {
    let lead = seen(&app, &visitor, &id).await?;
    let briefs = app.backend.briefs(vec![lead.account.clone()]).await?;
    let name = briefs.get(&lead.account).and_then(|it| it.name.clone()).unwrap_or(lead.account);
    let t = visitor.look.texts();
    let heading = fill(t.leads.reject_title, &[("account", &name)]);
    let shell = Shell::of(&app, &visitor, &uri, Place::Leads, &heading).await?;
    let to = if back.to.is_empty() { format!("/leads/{id}") } else { here(&back.to).to_owned() };
    draw(&RejectPage { shell, id, heading, to })
}
