//! `GET /api/v1/in-app/stream`: messages as they come and go (server-sent events).

use std::convert::Infallible;
use std::error::Error;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Duration, Instant, sleep_until};
use utoipa::ToSchema;

use super::allowance::StreamPermit;
use super::token::Reader;
use crate::api::ReadsOwn;
use crate::app::App;
use crate::noun::{InAppMessage, Page};
use crate::problem::{Kind, Problem};

/// How soon a page that was cut off comes again.
const COME_AGAIN: Duration = Duration::from_secs(3);
/// Messages also come and go by time alone; so the list is read again after this.
const READ_AGAIN: Duration = Duration::from_secs(20);

/// One event as it is sent, for the description alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "axum writes events; this says what they look like")]
pub(super) struct InAppEvent {
    /// Always `messages`.
    event: String,
    /// All that is to be shown, as JSON: what `GET /api/v1/in-app/messages` answers.
    #[schema(content_media_type = "application/json")]
    data: String,
}

/// Tells what is to be shown, at once and whenever that changes.
///
/// Each event is called `messages`; its data is the whole list, so that nothing is lost between two
/// connections. The stream ends when the token runs out.
#[utoipa::path(
    get, path = "/stream", operation_id = "listen_to_my_messages", tag = "in-app",
    security(("person" = [])),
    responses((status = 200, description = "The events.", body = InAppEvent,
        content_type = "text/event-stream"), ReadsOwn),
)]
pub(super) async fn listen(
    State(app): State<App>,
    reader: Reader,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let permit = app.in_app_listeners.clone().try_acquire_owned().map_err(|_| too_many())?;
    let own = app.in_app_readers.stream(&reader.person).ok_or_else(too_many)?;
    let changes = app.backend.inbox_changes(&reader.person).await?;
    let left = reader.until - app.now();
    let left = Duration::from_micros(u64::try_from(left.0).unwrap_or(0));
    let limits = &app.settings.limits;
    let sign_of_life = KeepAlive::new().interval(limits.sign_of_life_every).text("still here");
    let listener = Listener {
        until: Instant::now() + limits.listen_max.min(left),
        person: reader.person,
        told: None,
        changes,
        stopping: app.stopping.clone(),
        app,
        _permits: (permit, own),
    };
    let hello = Event::default().retry(COME_AGAIN).comment("listening");
    let events = stream::unfold(listener, Listener::next);
    Ok(Sse::new(stream::iter([Ok(hello)]).chain(events)).keep_alive(sign_of_life))
}

fn too_many() -> Problem {
    Problem::new(Kind::TooManyListeners, "too many pages are listening already")
        .help("Ask for the list every half a minute instead.")
        .retry_after(COME_AGAIN)
}

/// A page that listens. Nothing is queued for it: it is told what stands when it is ready to hear.
struct Listener {
    app: App,
    person: String,
    /// What it was told last.
    told: Option<Vec<InAppMessage>>,
    changes: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    until: Instant,
    _permits: (OwnedSemaphorePermit, StreamPermit),
}

impl Listener {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            // Marked as seen before it is read: what comes in between wakes us again.
            self.changes.borrow_and_update();
            let found = match self.app.backend.inbox(&self.person).await {
                Ok(found) => found,
                Err(failure) => {
                    tracing::error!(error = &failure as &dyn Error, "a message stream broke off");
                    return None;
                }
            };
            // Whether it was shown before is the page's own doing.
            if self.told.as_ref().is_none_or(|told| !same(told, &found)) {
                let event = Event::default().event("messages").data(written(&found));
                self.told = Some(found);
                return Some((Ok(event), self));
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// Waits until it is worth reading again, or tells that the stream ends.
    async fn more(&mut self) -> bool {
        let again = Instant::now() + READ_AGAIN;
        tokio::select! {
            changed = self.changes.changed() => changed.is_ok(),
            _ = self.stopping.wait_for(|it| *it) => false,
            () = sleep_until(self.until) => false,
            () = sleep_until(again) => true,
        }
    }
}

fn same(told: &[InAppMessage], found: &[InAppMessage]) -> bool {
    told.len() == found.len() && told.iter().zip(found).all(|(a, b)| a.id == b.id)
}

fn written(messages: &[InAppMessage]) -> String {
    let page = Page::last(messages.to_vec());
    serde_json::to_string(&page).expect("a message's keys are texts")
}
