//! Channels: the ways out, how each does, and what its receiver has stopped.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::acts::told;
use super::cookies::Cookies;
use super::error::PageError;
use super::sending::{Badge, Part, Tab, kind, short_kind, tabs};
use super::shell::{Place, Shell, draw};
use super::texts::{Outgoing, fill};
use super::visitor::Visitor;
use crate::app::App;
use crate::noun::Channel;

struct Row {
    name: String,
    icon: &'static str,
    kind: &'static str,
    badge: Badge,
    note: Option<String>,
    pending: String,
    sent: String,
    dead: String,
    has_dead: bool,
    stopped: bool,
    enable: String,
    resend: String,
}

/// The page.
#[derive(Template)]
#[template(path = "channels.html")]
struct ChannelsPage {
    shell: Shell,
    o: &'static Outgoing,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
}

/// `GET /channels`
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, PageError> {
    let o = &visitor.look.texts().out;
    let shell = Shell::of(&app, &visitor, &uri, Place::Plays, o.channels).await?;
    let rows = app.backend.channels().await?.into_iter().map(|it| row(&shell, it)).collect();
    draw(&ChannelsPage { o, tabs: tabs(&shell, Part::Channels), rows, shell })
}

fn row(shell: &Shell, it: Channel) -> Row {
    let (t, show) = (shell.t, &shell.show);
    let o = &t.out;
    let of = it.kind.as_deref().unwrap_or_default();
    let (kind, icon) = (short_kind(t, of), kind(t, of).1);
    let stopped = it.stopped_at.map(|at| {
        let reason = it.stopped_because.clone().unwrap_or_default();
        format!("{reason} ({})", show.when(at.0))
    });
    let off = (it.kind.is_some() && !it.enabled).then(|| o.ch_off_help.to_owned());
    Row {
        badge: Badge::of_channel(t, &it),
        icon,
        kind,
        pending: show.count(it.pending),
        sent: show.count(it.sent),
        dead: show.count(it.dead),
        has_dead: it.dead > 0,
        stopped: stopped.is_some(),
        note: stopped.or(off),
        enable: fill(o.enable_of, &[("channel", &it.name)]),
        resend: fill(o.resend_channel, &[("n", &show.count(it.dead))]),
        name: it.name,
    }
}

/// `POST /channels/{channel}/enable`
pub(super) async fn enable(
    State(app): State<App>,
    _: Visitor,
    cookies: Cookies,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    app.backend.enable_channel(&name).await?.ok_or(PageError::NotFound)?;
    Ok(told(&cookies, "enabled", "/channels"))
}
