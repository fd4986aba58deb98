//! What a play would send: now, for leads as they are; and how each of its messages reads.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::error::PageError;
use super::message::{self, Drawn};
use super::plays::step_title;
use super::sending::{Badge, Part, Tab, briefs, name_of, query, tabs, why};
use super::shell::{Place, Shell, draw};
use super::texts::{Outgoing, fill};
use super::visitor::{Asked, Visitor};
use crate::app::App;
use crate::backend::Role;
use crate::noun::{
    LeadPreview, MessagePreview, Play, PreviewFilter, PreviewVerdict, SampleMessage,
};

/// As many leads as the backend previews.
const LEADS_MAX: &str = "20";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    account: String,
}

/// A message in its place.
struct Row {
    title: String,
    /// The message's name, its language, its channel.
    about: Vec<String>,
    receiver: Option<String>,
    verdict: Option<Badge>,
    why: Option<String>,
    drawn: Option<Drawn>,
    /// Where its HTML is to be seen.
    html: Option<String>,
}

/// What a play would do for a lead.
struct Lead {
    name: String,
    /// The lead's id, where one is open.
    id: Option<String>,
    account: String,
    rows: Vec<Row>,
}

/// The page.
#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewPage {
    shell: Shell,
    o: &'static Outgoing,
    tabs: Vec<Tab>,
    name: String,
    heading: String,
    title: String,
    asked: String,
    /// The one account that was asked for, whole.
    one: Option<Lead>,
    /// Else all that are open, in a line each.
    leads: Vec<Lead>,
    as_if: Option<String>,
    samples: Vec<Row>,
    at_most: String,
}

impl PreviewPage {
    fn no_such(&self) -> bool {
        !self.asked.is_empty() && self.one.is_none()
    }
}

/// `GET /plays/{play}/preview`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(name): Path<String>,
    Asked(asked): Asked<Query>,
) -> Result<Response, PageError> {
    let detail = app.backend.play(&name).await?.ok_or(PageError::NotFound)?;
    let play = detail.play;
    let t = visitor.look.texts();
    let o = &t.out;
    let heading = fill(o.preview_of, &[("play", &play.title)]);
    let shell = Shell::of(&app, &visitor, &uri, Place::Plays, &heading).await?;
    let asked = asked.account.trim().to_owned();
    let previews = previews(&app, &visitor, &name, &asked).await?;
    let samples = app.backend.samples(&name).await?.unwrap_or_default();
    let briefs = briefs(&app, previews.iter().map(|it| it.account.as_str())).await?;
    let lead = |it: &LeadPreview| Lead {
        name: name_of(&briefs, &it.account),
        rows: it.messages.iter().zip(0..).map(|(m, at)| row(&shell, &play, it, m, at)).collect(),
        id: it.lead.clone(),
        account: it.account.clone(),
    };
    let mut leads: Vec<Lead> = previews.iter().map(lead).collect();
    let one = if asked.is_empty() { None } else { leads.pop() };
    let as_if = one.as_ref().filter(|it| it.id.is_none());
    let page = PreviewPage {
        o,
        tabs: tabs(&shell, Part::Plays),
        as_if: as_if.map(|it| fill(o.preview_as_if, &[("account", &it.name)])),
        samples: samples.iter().zip(0..).map(|(it, at)| sample(&shell, &play, it, at)).collect(),
        at_most: fill(o.preview_now_sub, &[("n", LEADS_MAX)]),
        name: play.name,
        title: play.title,
        heading,
        asked,
        one,
        leads,
        shell,
    };
    draw(&page)
}

/// What a play would do for the leads that somebody may know of: who answers leads is not told of
/// those that are left alone.
async fn previews(
    app: &App,
    visitor: &Visitor,
    play: &str,
    account: &str,
) -> Result<Vec<LeadPreview>, PageError> {
    let account = Some(account.to_owned()).filter(|it| !it.is_empty());
    let of = PreviewFilter { lead: None, account };
    let mut found = app.backend.preview(play, &of).await?.ok_or(PageError::NotFound)?;
    if visitor.user.role == Role::Rep {
        let held = |it: &MessagePreview| it.verdict == PreviewVerdict::HeldOut;
        found.retain(|it| !it.messages.iter().any(held));
    }
    Ok(found)
}

fn row(shell: &Shell, play: &Play, lead: &LeadPreview, it: &MessagePreview, at: usize) -> Row {
    let (t, show) = (shell.t, &shell.show);
    let o = &t.out;
    let (verdict, mut told) = match it.verdict {
        PreviewVerdict::Goes => (Badge::new("good", "check", o.v_goes), None),
        PreviewVerdict::Waits => (Badge::new("warn", "clock", o.v_waits), None),
        PreviewVerdict::Not => (Badge::new("bad", "cross", o.v_not), None),
        PreviewVerdict::PassedOver => {
            (Badge::new("", "minus", o.v_passed), Some(o.v_passed_why.to_owned()))
        }
        PreviewVerdict::HeldOut => {
            (Badge::new("", "shuffle", o.v_held), Some(o.v_held_why.to_owned()))
        }
    };
    if let Some(reason) = &it.reason {
        let mut words = why(t, reason, it.why.as_deref().unwrap_or_default());
        if let Some(until) = it.until {
            words.push_str(", ");
            words.push_str(&fill(o.until, &[("time", &show.when(until.0))]));
        }
        told = Some(words);
    }
    let at = at.to_string();
    let html = query(&[("account", &lead.account), ("at", &at)]);
    Row {
        title: step_title(t, play, it.step),
        about: it.name.iter().cloned().chain([it.channel.clone()]).collect(),
        receiver: it.receiver.clone(),
        verdict: Some(verdict),
        why: told,
        drawn: it.message.as_ref().map(|it| Drawn::of(t, it)),
        html: it
            .message
            .as_ref()
            .filter(|it| it["html"].is_string())
            .map(|_| format!("/plays/{}/mail?{html}", encoded(&play.name))),
    }
}

fn sample(shell: &Shell, play: &Play, it: &SampleMessage, at: usize) -> Row {
    let about = [&it.name, &it.language].into_iter().flatten().cloned();
    Row {
        title: step_title(shell.t, play, it.step),
        about: about.chain([it.channel.clone()]).collect(),
        receiver: None,
        verdict: None,
        why: None,
        drawn: it.message.as_ref().map(|it| Drawn::of(shell.t, it)),
        html: it
            .message
            .as_ref()
            .filter(|it| it["html"].is_string())
            .map(|_| format!("/plays/{}/mail?at={at}", encoded(&play.name))),
    }
}

pub(super) fn encoded(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Which of the messages of a page is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    account: String,
    at: usize,
}

/// `GET /plays/{play}/mail`: the HTML of one e-mail of the page, as its reader sees it.
pub(super) async fn mail(
    State(app): State<App>,
    visitor: Visitor,
    Path(name): Path<String>,
    Asked(which): Asked<Which>,
) -> Result<Response, PageError> {
    let found = if which.account.is_empty() {
        let samples = app.backend.samples(&name).await?.ok_or(PageError::NotFound)?;
        samples.into_iter().nth(which.at).and_then(|it| it.message)
    } else {
        let previews = previews(&app, &visitor, &name, &which.account).await?;
        let messages = previews.into_iter().next().map(|it| it.messages).unwrap_or_default();
        messages.into_iter().nth(which.at).and_then(|it| it.message)
    };
    found.as_ref().and_then(message::mail).ok_or(PageError::NotFound)
}
