//! Deliveries: what went out, what became of it, and what was given up sent again.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::acts::told;
use super::cookies::Cookies;
use super::error::PageError;
use super::message::{self, Drawn};
use super::sending::{self, Badge, Part, Tab, briefs, kind, name_of, query, short_kind, tabs};
use super::shell::{Place, Shell, draw};
use super::texts::{Outgoing, counted, fill};
use super::visitor::{Asked, Form, Visitor};
use crate::app::App;
use crate::backend::Role;
use crate::extract::List;
use crate::noun::{
    Attempt, AttemptOutcome, Channel, Delivery, DeliveryDetail, DeliveryFilter, DeliveryState,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    state: String,
    channel: String,
    play: String,
    account: String,
    cursor: String,
}

impl Query {
    fn filter(&self) -> DeliveryFilter {
        let said = |it: &str| Some(it.trim().to_owned()).filter(|it| !it.is_empty());
        DeliveryFilter {
            states: state_of(&self.state).into_iter().collect(),
            channel: said(&self.channel),
            account: said(&self.account),
            play: said(&self.play),
            ..DeliveryFilter::default()
        }
    }

    fn address(&self, state: &str, cursor: &str) -> String {
        let pairs = [
            ("state", state),
            ("channel", self.channel.as_str()),
            ("play", &self.play),
            ("account", self.account.trim()),
            ("cursor", cursor),
        ];
        query(&pairs)
    }
}

fn state_of(word: &str) -> Option<DeliveryState> {
    Some(match word {
        "waiting" => DeliveryState::Pending,
        "delivered" => DeliveryState::Sent,
        "dead" => DeliveryState::Dead,
        "cancelled" => DeliveryState::Cancelled,
        _ => return None,
    })
}

/// Deliveries in one state: the word, how many, and where they are.
struct Segment {
    title: &'static str,
    count: String,
    to: String,
    current: bool,
}

struct Row {
    id: String,
    icon: &'static str,
    kind: &'static str,
    channel: String,
    to: String,
    account: Option<(String, String)>,
    play: String,
    queued: String,
    badge: Badge,
    tries: String,
    /// What is said below the state.
    note: Option<String>,
    dead: bool,
    again: String,
}

/// The list.
#[derive(Template)]
#[template(path = "deliveries.html")]
struct DeliveriesPage {
    shell: Shell,
    o: &'static Outgoing,
    tabs: Vec<Tab>,
    segments: Vec<Segment>,
    query: Query,
    channels: Vec<String>,
    plays: Vec<(String, String)>,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
    /// How many can be sent again at once: those of the channel that is asked for, else all.
    dead: u64,
    resend_all: String,
}

/// `GET /deliveries`
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(asked): Asked<Query>,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let o = &t.out;
    let shell = Shell::of(&app, &visitor, &uri, Place::Plays, o.deliveries).await?;
    let channels = app.backend.channels().await?;
    let plays = super::profile::calm(app.backend.plays().await)?.unwrap_or_default();
    let filter = asked.filter();
    let list = List::of("deliveries page", &filter);
    let listing = sending::part(&list, &asked.cursor);
    let first = listing.after.is_some().then(|| asked.address(&asked.state, ""));
    let found = list.page(app.backend.deliveries(&filter, &listing).await?);
    let accounts = found.items.iter().filter_map(|it| it.account.as_deref());
    let briefs = briefs(&app, accounts).await?;
    let row = |it: &Delivery| {
        let name = it.account.as_ref().map(|account| name_of(&briefs, account));
        row(&shell, it, name)
    };
    let wanted = |it: &&Channel| asked.channel.is_empty() || it.name == asked.channel;
    let dead: u64 = channels.iter().filter(wanted).map(|it| it.dead).sum();
    let page = DeliveriesPage {
        o,
        tabs: tabs(&shell, Part::Deliveries),
        segments: segments(&shell, &asked, &channels),
        channels: channels.iter().map(|it| it.name.clone()).collect(),
        plays: plays.into_iter().map(|it| (it.name, it.title)).collect(),
        rows: found.items.iter().map(row).collect(),
        next: found.next.map(|it| asked.address(&asked.state, &it)),
        first,
        resend_all: fill(o.resend_all, &[("n", &shell.show.count(dead))]),
        dead,
        query: asked,
        shell,
    };
    draw(&page)
}

fn segments(shell: &Shell, asked: &Query, channels: &[Channel]) -> Vec<Segment> {
    let o = &shell.t.out;
    let wanted = |it: &&Channel| asked.channel.is_empty() || it.name == asked.channel;
    let sum = |of: fn(&Channel) -> u64| channels.iter().filter(wanted).map(of).sum::<u64>();
    let all = [
        ("", o.d_all, sum(|it| it.pending + it.sent + it.dead + it.cancelled)),
        ("waiting", o.d_waiting, sum(|it| it.pending)),
        ("delivered", o.d_sent, sum(|it| it.sent)),
        ("dead", o.d_dead, sum(|it| it.dead)),
        ("cancelled", o.d_cancelled, sum(|it| it.cancelled)),
    ];
    // Channels are counted; plays and accounts are not, and there a figure would mislead.
    let counted = asked.play.is_empty() && asked.account.trim().is_empty();
    let segment = |(word, title, count): (&str, &'static str, u64)| Segment {
        title,
        count: if counted { shell.show.count(count) } else { String::new() },
        to: format!("/deliveries?{}", asked.address(word, "")),
        current: state_of(word) == state_of(&asked.state),
    };
    all.into_iter().map(segment).collect()
}

fn row(shell: &Shell, it: &Delivery, name: Option<String>) -> Row {
    let (t, show) = (shell.t, &shell.show);
    let o = &t.out;
    let of = it.kind.as_deref().unwrap_or_default();
    let (kind, icon) = (short_kind(t, of), kind(t, of).1);
    let called = it.receiver_name.clone().or_else(|| it.receiver.clone());
    let to = called.or_else(|| name.clone()).unwrap_or_else(|| it.channel.clone());
    Row {
        icon,
        kind,
        channel: it.channel.clone(),
        again: fill(o.resend_of, &[("who", &to)]),
        to,
        account: it.account.clone().zip(name),
        play: it.play.clone().unwrap_or_else(|| o.by_rules.to_owned()),
        queued: show.when(it.queued_at.0),
        badge: Badge::of_delivery(t, it),
        tries: if it.attempts == 0 {
            String::new()
        } else {
            counted(
                o.attempts_one,
                o.attempts_many,
                u64::from(it.attempts),
                &it.attempts.to_string(),
            )
        },
        note: note(shell, it),
        dead: it.state == DeliveryState::Dead,
        id: it.id.clone(),
    }
}

/// What is to be said of a message beside its state.
fn note(shell: &Shell, it: &Delivery) -> Option<String> {
    let o = &shell.t.out;
    let waits_for_person = it.kind.as_deref() == Some("in-app");
    match it.state {
        DeliveryState::Pending if waits_for_person => Some(o.waits_for_person.to_owned()),
        DeliveryState::Pending if it.due_at.0 > shell.show.now => {
            Some(fill(o.next_at, &[("time", &shell.show.when(it.due_at.0))]))
        }
        DeliveryState::Pending | DeliveryState::Dead => it.error.clone(),
        DeliveryState::Sent | DeliveryState::Cancelled => None,
    }
}

struct Try {
    at: String,
    took: String,
    badge: Badge,
    reason: Option<String>,
    request: Option<String>,
    answer: Option<String>,
}

/// One.
#[derive(Template)]
#[template(path = "delivery.html")]
struct DeliveryPage {
    shell: Shell,
    o: &'static Outgoing,
    tabs: Vec<Tab>,
    row: Row,
    lead: Option<String>,
    due: String,
    drawn: Drawn,
    html: Option<String>,
    tries: Vec<Try>,
    may_resend: bool,
}

/// `GET /deliveries/{delivery}`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let found = app.backend.delivery(&id).await?.ok_or(PageError::NotFound)?;
    let t = visitor.look.texts();
    let o = &t.out;
    let shell = Shell::of(&app, &visitor, &uri, Place::Plays, o.deliveries).await?;
    let may_resend = may_resend(&app, &visitor, &found).await?;
    let DeliveryDetail { delivery, message, attempts } = found;
    let briefs = briefs(&app, delivery.account.as_deref().into_iter()).await?;
    let name = delivery.account.as_ref().map(|it| name_of(&briefs, it));
    let page = DeliveryPage {
        o,
        tabs: tabs(&shell, Part::Deliveries),
        row: row(&shell, &delivery, name),
        due: shell.show.when(delivery.due_at.0),
        html: message["html"].is_string().then(|| format!("/deliveries/{}/mail", delivery.id)),
        drawn: Drawn::of(t, &message),
        tries: attempts.into_iter().map(|it| attempt(&shell, it)).collect(),
        lead: delivery.lead,
        may_resend,
        shell,
    };
    draw(&page)
}

fn attempt(shell: &Shell, it: Attempt) -> Try {
    let o = &shell.t.out;
    let (class, icon, word) = match it.outcome {
        AttemptOutcome::Sent => ("good", "check", o.d_sent),
        AttemptOutcome::Again => ("warn", "clock", o.d_again),
        AttemptOutcome::Dead => ("bad", "stop", o.d_dead),
    };
    Try {
        at: shell.show.when(it.at.0),
        took: fill(o.took, &[("n", &shell.show.count(u64::from(it.duration_ms)))]),
        badge: Badge::new(class, icon, word),
        reason: it.reason,
        request: it.request.filter(|it| !it.is_empty()),
        answer: it.answer.filter(|it| !it.is_empty()),
    }
}

/// `GET /deliveries/{delivery}/mail`: the HTML of an e-mail, as its reader sees it.
pub(super) async fn mail(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let found = app.backend.delivery(&id).await?.ok_or(PageError::NotFound)?;
    message::mail(&found.message).ok_or(PageError::NotFound)
}

/// Whether somebody may send a message again: an admin any, a rep those about leads of their own.
async fn may_resend(app: &App, visitor: &Visitor, it: &DeliveryDetail) -> Result<bool, PageError> {
    match visitor.user.role {
        Role::Admin => Ok(true),
        Role::Analyst => Ok(false),
        Role::Rep => {
            let Some(lead) = &it.delivery.lead else { return Ok(false) };
            let lead = app.backend.lead(lead).await?;
            let owner = lead.and_then(|it| it.lead.owner);
            Ok(owner.is_some_and(|it| it == visitor.user.owner))
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asking {
    channel: String,
    to: String,
}

/// `POST /deliveries/{delivery}/resend`
pub(super) async fn resend(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Path(id): Path<String>,
    Form(asking): Form<Asking>,
) -> Result<Response, PageError> {
    let found = app.backend.delivery(&id).await?.ok_or(PageError::NotFound)?;
    if !may_resend(&app, &visitor, &found).await? {
        return Err(PageError::Forbidden);
    }
    app.backend.resend(&id).await?.ok_or(PageError::NotFound)?;
    let to = if asking.to.is_empty() { "/deliveries" } else { &asking.to };
    Ok(told(&cookies, "resent", to))
}

/// `POST /deliveries/resend`: all that was given up, of one channel if it is named.
pub(super) async fn resend_all(
    State(app): State<App>,
    _: Visitor,
    cookies: Cookies,
    Form(asking): Form<Asking>,
) -> Result<Response, PageError> {
    let channel = Some(asking.channel.as_str()).filter(|it| !it.is_empty());
    let resent = app.backend.resend_dead(channel).await?;
    let to = if asking.to.is_empty() { "/deliveries" } else { &asking.to };
    Ok(told(&cookies, &format!("resent_all.{resent}"), to))
}
