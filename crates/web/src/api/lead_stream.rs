//! `GET /api/v1/leads/events`: new and changed leads as they happen (server-sent events).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::error::Error;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Duration, Instant, sleep_until};
use utoipa::{IntoParams, ToSchema};

use super::responses::Reads;
use crate::app::App;
use crate::extract::{May, Name, OneOf, Query, scope};
use crate::noun::{LeadEvent, LeadEventKind, Track};
use crate::problem::{Kind, Problem};

/// Events read at a time.
const BATCH_EVENTS: u32 = 100;
/// How soon a client that was cut off comes again.
const COME_AGAIN: Duration = Duration::from_secs(3);

/// Which events are asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Narrowed {
    /// Of leads on any of these tracks.
    #[param(value_type = Vec<Track>, inline, min_items = 1, style = Form, explode = false)]
    track: OneOf<Track>,
    /// Of leads owned by.
    #[param(inline)]
    owner: Option<Name>,
}

/// One event as it is sent, for the description alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "axum writes events; this says what they look like")]
pub(super) struct LeadMessage {
    /// What happened; `reset` where something is no longer kept.
    event: LeadMessageKind,
    /// The event's sequence: send the last one as `Last-Event-ID` to go on after it.
    id: String,
    /// One `LeadEvent` as JSON; of a `reset`, an empty object.
    #[schema(content_media_type = "application/json")]
    data: String,
}

/// What an event tells.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "as above")]
pub(super) enum LeadMessageKind {
    /// A lead was opened.
    Opened,
    /// Something about a lead changed.
    Changed,
    /// The list must be read anew.
    Reset,
}

/// Tells of leads as they open and change, until the client goes away.
///
/// Events are called `opened` and `changed`; their data is one `LeadEvent`. A client that comes
/// again with `Last-Event-ID` misses nothing, or is told by an event called `reset` that it must read
/// the list anew. Without that header, it is told what happens from now on. The server ends
/// the stream after an hour and when it stops; clients come again by themselves.
#[utoipa::path(
    get, path = "/leads/events", operation_id = "listen_to_leads", tag = "leads",
    params(Narrowed,
        ("Last-Event-ID" = Option<u64>, Header, description = "The id of the last event received.")),
    security(("token" = ["leads:read"])),
    responses((status = 200, description = "The events.", body = LeadMessage,
        content_type = "text/event-stream"), Reads),
)]
pub(super) async fn listen(
    State(app): State<App>,
    _: May<scope::LeadsRead>,
    Query(asked): Query<Narrowed>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    open(app, asked, &headers)
}

/// Begins to tell of leads.
pub(super) fn open(
    app: App,
    asked: Narrowed,
    headers: &HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, Problem> {
    let permit = app.listeners.clone().try_acquire_owned().map_err(|_| too_many())?;
    let newest = app.backend.lead_sequence();
    let after = match headers.get("last-event-id") {
        Some(given) => given.to_str().ok().and_then(sequence).ok_or_else(|| {
            Problem::invalid_parameter("Last-Event-ID", "that is not the id of an event")
        })?,
        None => *newest.borrow(),
    };
    let limits = &app.settings.limits;
    let sign_of_life = KeepAlive::new().interval(limits.sign_of_life_every).text("still here");
    let listener = Listener {
        asked,
        after,
        waiting: VecDeque::new(),
        newest,
        stopping: app.stopping.clone(),
        until: Instant::now() + limits.listen_max,
        app,
        _permit: permit,
    };
    let hello = Event::default().retry(COME_AGAIN).comment("listening");
    let hello = stream::iter([Ok(hello)]);
    let events = stream::unfold(listener, Listener::next);
    Ok(Sse::new(stream::StreamExt::chain(hello, events)).keep_alive(sign_of_life))
}

/// The sequence that an event's id is: what fits a signed integer, as clients read it.
fn sequence(id: &str) -> Option<u64> {
    u64::try_from(id.parse::<i64>().ok()?).ok()
}

fn too_many() -> Problem {
    let detail = "too many are listening already";
    Problem::new(Kind::TooManyListeners, detail)
        .help("Close listeners that are no longer needed.")
        .retry_after(COME_AGAIN)
}

/// Somebody who listens. Nothing is queued for them: each reads on from where they are, so a slow
/// one costs the others nothing.
struct Listener {
    app: App,
    asked: Narrowed,
    /// The last event that they know of.
    after: u64,
    waiting: VecDeque<LeadEvent>,
    newest: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    until: Instant,
    _permit: OwnedSemaphorePermit,
}

impl Listener {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            while let Some(event) = self.waiting.pop_front() {
                self.after = event.sequence;
                if self.asks_for(&event) {
                    return Some((Ok(told(&event)), self));
                }
            }
            // Marked as seen before it is read: what comes in between wakes us again.
            let newest = *self.newest.borrow_and_update();
            let read = self.app.backend.lead_events(self.after, BATCH_EVENTS).await;
            match read {
                Ok(Some(events)) if self.after <= newest => {
                    if events.is_empty() && !self.more().await {
                        return None;
                    }
                    self.waiting.extend(events);
                }
                Ok(_) => {
                    self.after = newest;
                    let reset = Event::default().event("reset").id(newest.to_string()).data("{}");
                    return Some((Ok(reset), self));
                }
                Err(failure) => {
                    tracing::error!(error = &failure as &dyn Error, "a lead stream broke off");
                    return None;
                }
            }
        }
    }

    fn asks_for(&self, event: &LeadEvent) -> bool {
        let Narrowed { track, owner } = &self.asked;
        let lead = &event.lead;
        (track.0.is_empty() || track.0.contains(&lead.track))
            && owner.as_ref().is_none_or(|it| Some(&it.0) == lead.owner.as_ref())
    }

    /// Waits until there is more, or tells that there will not be.
    async fn more(&mut self) -> bool {
        tokio::select! {
            changed = self.newest.changed() => changed.is_ok(),
            _ = self.stopping.wait_for(|it| *it) => false,
            () = sleep_until(self.until) => false,
        }
    }
}

fn told(event: &LeadEvent) -> Event {
    let name = match event.kind {
        LeadEventKind::Opened => "opened",
        LeadEventKind::Changed => "changed",
    };
    let data = serde_json::to_string(event).expect("an event's keys are texts");
    Event::default().event(name).id(event.sequence.to_string()).data(data)
}
