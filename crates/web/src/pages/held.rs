//! What was not sent and why, and who is left alone so that others can be compared with them.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::error::PageError;
use super::inbox::TrackMark;
use super::sending::{self, Badge, Part, Tab, briefs, name_of, query, tabs, why};
use super::shell::{Place, Shell, draw};
use super::texts::{Outgoing, fill};
use super::visitor::{Asked, Visitor};
use crate::app::App;
use crate::extract::List;
use crate::noun::PlayFilter;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    play: String,
    account: String,
    cursor: String,
}

impl Query {
    fn filter(&self) -> PlayFilter {
        let said = |it: &str| Some(it.trim().to_owned()).filter(|it| !it.is_empty());
        PlayFilter { play: said(&self.play), lead: None, account: said(&self.account) }
    }

    fn address(&self, cursor: &str) -> String {
        query(&[("play", &self.play), ("account", self.account.trim()), ("cursor", cursor)])
    }
}

/// What both pages have around their rows.
struct Around {
    query: Query,
    /// Where the form leads.
    path: &'static str,
    plays: Vec<(String, String)>,
    next: Option<String>,
    first: Option<String>,
}

async fn around(
    app: &App,
    asked: Query,
    path: &'static str,
    next: Option<String>,
    is_first: bool,
) -> Result<Around, PageError> {
    let plays = super::profile::calm(app.backend.plays().await)?.unwrap_or_default();
    Ok(Around {
        path,
        plays: plays.into_iter().map(|it| (it.name, it.title)).collect(),
        next: next.map(|it| asked.address(&it)),
        first: (!is_first).then(|| asked.address("")),
        query: asked,
    })
}

struct HeldRow {
    lead: String,
    account: String,
    name: String,
    person: Option<String>,
    play: String,
    step: String,
    channel: String,
    why: String,
    when: String,
}

/// What was not sent.
#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage {
    shell: Shell,
    o: &'static Outgoing,
    tabs: Vec<Tab>,
    around: Around,
    rows: Vec<HeldRow>,
}

/// `GET /held-back`
pub(super) async fn held(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(asked): Asked<Query>,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let shell = Shell::of(&app, &visitor, &uri, Place::Plays, t.out.held).await?;
    let filter = asked.filter();
    let list = List::of("held back page", &filter);
    let listing = sending::part(&list, &asked.cursor);
    let is_first = listing.after.is_none();
    let found = list.page(app.backend.suppressed(&filter, &listing).await?);
    let briefs = briefs(&app, found.items.iter().map(|it| it.account.as_str())).await?;
    let rows = found.items.into_iter().map(|it| HeldRow {
        name: name_of(&briefs, &it.account),
        why: why(t, &it.reason, &it.why),
        when: shell.show.when(it.at.0),
        step: (it.step + 1).to_string(),
        lead: it.lead,
        account: it.account,
        person: it.person_name.or(it.person),
        play: it.play,
        channel: it.channel,
    });
    let rows = rows.collect();
    let around = around(&app, asked, "/held-back", found.next, is_first).await?;
    draw(&HeldPage { o: &t.out, tabs: tabs(&shell, Part::Held), around, rows, shell })
}

struct ArmRow {
    account: String,
    name: String,
    play: String,
    track: TrackMark,
    size: String,
    badge: Badge,
    share: String,
    when: String,
}

/// Who is left alone.
#[derive(Template)]
#[template(path = "holdouts.html")]
struct HoldoutsPage {
    shell: Shell,
    o: &'static Outgoing,
    tabs: Vec<Tab>,
    around: Around,
    rows: Vec<ArmRow>,
}

/// `GET /holdouts`
pub(super) async fn holdouts(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(asked): Asked<Query>,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let o = &t.out;
    let shell = Shell::of(&app, &visitor, &uri, Place::Plays, o.holdouts).await?;
    let filter = asked.filter();
    let list = List::of("holdouts page", &filter);
    let listing = sending::part(&list, &asked.cursor);
    let is_first = listing.after.is_none();
    let found = list.page(app.backend.exposures(&filter, &listing).await?);
    let briefs = briefs(&app, found.items.iter().map(|it| it.account.as_str())).await?;
    let rows = found.items.into_iter().map(|it| ArmRow {
        name: name_of(&briefs, &it.account),
        track: TrackMark::of(t, it.track),
        badge: if it.held_out {
            Badge::new("warn", "shuffle", o.held_out)
        } else {
            Badge::new("", "check", o.told)
        },
        share: fill(o.drawn_share, &[("share", &shell.show.percent(it.share))]),
        when: shell.show.when(it.at.0),
        account: it.account,
        play: it.play,
        size: it.size,
    });
    let rows = rows.collect();
    let around = around(&app, asked, "/holdouts", found.next, is_first).await?;
    draw(&HoldoutsPage { o, tabs: tabs(&shell, Part::Holdouts), around, rows, shell })
}
