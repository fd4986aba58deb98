//! Publishing a draft: what will happen and to how many, with the safe choice made already.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::super::acts::told;
use super::super::cookies::Cookies;
use super::super::error::PageError;
use super::super::shell::{Shell, draw};
use super::super::texts::fill;
use super::super::visitor::{Form, Visitor};
use super::editor::escaped;
use super::{Head, Subject, shell_of};
use crate::app::App;
use crate::backend::{Caller, Failure, Role};
use crate::noun::{NewVersion, PreviewAsked};

/// What publishing comes to, as far as that could be counted.
struct Counted {
    now: String,
    known: Option<String>,
    new: String,
    gone: Option<String>,
    later: String,
    /// The heading of the choice; `None` where nobody qualifies yet.
    existing: Option<String>,
}

#[derive(Template)]
#[template(path = "definition_publish.html")]
struct PublishPage {
    shell: Shell,
    head: Head,
    title: String,
    file: String,
    counted: Option<Counted>,
    /// Whether there is something that may be published.
    ready: bool,
    /// Whether somebody may choose to send.
    sends: bool,
}

/// `GET /definitions/{definition}/publish`
pub(in super::super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    let subject = Subject::find(&app, &visitor, &name).await?.ok_or(PageError::NotFound)?;
    let shell = shell_of(&app, &visitor, &uri, &name).await?;
    let b = &shell.t.bench;
    let text = subject.text();
    let asked = PreviewAsked::default();
    let tried = app.backend.try_out(&name, &text, &asked, &visitor.user.id).await;
    let (checked, preview) = match tried {
        Ok(it) => (it.checked, it.preview),
        // What cannot be counted now can be published all the same.
        Err(Failure::Busy { .. } | Failure::NotReady { .. }) => {
            (app.backend.check(&name, &text).await?, None)
        }
        Err(failure) => return Err(failure.into()),
    };
    let same = checked.version.as_deref() == subject.running();
    let counted = preview.map(|it| {
        let count = |n: u64| shell.show.count(n);
        let exists = it.running.is_some();
        let per_week = |of: f64| shell.show.number((of * 10.0).round() / 10.0);
        let later = match it.per_week.running {
            Some(running) => {
                let values = [("n", per_week(it.per_week.draft)), ("m", per_week(running))];
                let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
                fill(b.publish_instead, &values)
            }
            None => per_week(it.per_week.draft),
        };
        let gone = fill(b.publish_gone_note, &[("n", &count(it.no_longer))]);
        let existing = fill(b.publish_existing, &[("n", &count(it.holds.draft))]);
        Counted {
            now: count(it.holds.draft),
            known: exists.then(|| count(it.holds.draft - it.newly.min(it.holds.draft))),
            new: count(it.newly),
            gone: exists.then_some(gone),
            later,
            existing: (it.holds.draft > 0).then_some(existing),
        }
    });
    let page = PublishPage {
        head: Head::of(&shell, &name, &subject, "publish"),
        title: fill(b.publish_title, &[("name", &name)]),
        file: checked.file,
        counted,
        ready: checked.publishable && subject.draft.is_some() && !same,
        sends: visitor.user.role == Role::Admin,
        shell,
    };
    draw(&page)
}

/// What is chosen.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Chosen {
    existing: String,
}

/// `POST /definitions/{definition}/publish`
pub(in super::super) async fn publish(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Path(name): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, PageError> {
    let subject = Subject::find(&app, &visitor, &name).await?.ok_or(PageError::NotFound)?;
    let page = format!("/definitions/{}", escaped(&name));
    let Some(draft) = subject.draft else { return Ok(Redirect::to(&page).into_response()) };
    let apply_to_existing = chosen.existing == "apply";
    // To open leads for those who qualify already sends: that is for admins.
    if apply_to_existing && visitor.user.role != Role::Admin {
        return Err(PageError::Forbidden);
    }
    let new = NewVersion { text: draft.text, base: draft.base, apply_to_existing };
    // The audit tells of people by their names.
    let by = Caller { name: visitor.user.name.clone() };
    app.backend.publish(&name, new, &by).await?;
    app.backend.discard_draft(&visitor.user, &name).await?;
    Ok(told(&cookies, "published", &format!("{page}/versions")))
}
