//! Tracking calls: bytes in, and the protocol's own answer once all of it is durable (P4).
//!
//! What the bytes mean is `collect`'s business; here stands what a server must add to it: limits
//! of size, time and rate, threads, and waiting for the log. Start at [`take`].

mod allowance;
mod room;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use firsthand_collect::live::{
    self, Answer, Method, Received, Refusal, Refused, Route, Source, Sources,
};
use firsthand_model::Time;

use crate::app::App;
use crate::backend::{Failure, Submission};
use crate::extract::{self, BodyError};
use crate::observe::RouteName;
use crate::problem::{Problem, whole_seconds};

pub(crate) use allowance::Allowances;
use room::Room;

/// The largest body that is read where it came in; a larger one goes to a thread of its own, so
/// that it holds up nobody. Packed ones are taken for eight times as large.
const READ_AT_ONCE_BYTES_MAX: usize = 64 << 10;
const UNPACKED_GROWTH: usize = 8;
/// When to come again where nothing says when there is room.
const COME_AGAIN: Duration = Duration::from_secs(1);

/// Takes a tracking call; whatever the router does not know comes here.
pub(crate) async fn take(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(route) = Route::of(parts.uri.path()) else {
        return Problem::no_such_path().into_response();
    };
    let protocol = route.protocol();
    let bytes_max = route.body_bytes_max().min(app.settings.limits.ingest_body_bytes_max);
    let answer = match call(&app, parts, body, bytes_max).await {
        Ok(answer) => answer,
        Err(refused) => {
            let source = refused.source.as_deref().unwrap_or(NOBODY);
            app.meters.call(source, refused.refusal.code());
            refused.answer
        }
    };
    let mut response = to_response(answer);
    response.extensions_mut().insert(RouteName(protocol.word()));
    response
}

/// The label of calls of which it is not known whose they are.
const NOBODY: &str = "";

async fn call(app: &App, parts: Parts, body: Body, bytes_max: usize) -> Result<Answer, Refused> {
    let parts = Arc::new(parts);
    let refuse = |why| {
        let origin = parts.headers.get(header::ORIGIN).and_then(|it| it.to_str().ok());
        live::refuse(parts.uri.path(), why, origin)
    };
    let mut room = Room::new(&app.in_flight);
    if body.size_hint().lower() > bytes_max as u64 {
        extract::discard(body).await;
        return Err(refuse(Refusal::TooLarge));
    }
    let time_max = app.settings.limits.body_timeout;
    let bytes = extract::read(body, bytes_max, time_max, |more| room.take(more)).await;
    let bytes = bytes.map_err(|error| refuse(of_body(error)))?;
    let bytes_len = bytes.len();

    let received_at = app.now();
    let call = Call { parts: parts.clone(), bytes, received_at };
    let Received { source, facts, rejects, items, answer, .. } = read(app, call).await?;
    let Some(source) = source else {
        app.meters.call(NOBODY, "ok");
        return Ok(answer);
    };
    let of_source = |mut refused: Refused| {
        refused.source = Some(source.clone());
        refused
    };
    let keyring = app.backend.keyring();
    let own = keyring.by_name(&source).map(Source::limits).unwrap_or_default();
    // Whose call it is, is known only once it has been read.
    if own.body_bytes.is_some_and(|max| bytes_len as u64 > u64::from(max)) {
        return Err(of_source(refuse(Refusal::TooLarge)));
    }
    if let Err(wait) = app.allowances.take(&source, own.events_per_second, items) {
        return Err(of_source(refuse(Refusal::Busy { retry_after_s: seconds(wait) })));
    }
    let (accepted, rejected) = (facts.len(), rejects.len());
    if accepted + rejected > 0 {
        let submission = Submission { source: source.clone(), facts, rejects, received_at };
        submit(app, submission).await.map_err(|wait| {
            of_source(refuse(Refusal::Unavailable { retry_after_s: seconds(wait) }))
        })?;
    }
    app.meters.call(&source, "ok");
    app.meters.items(&source, "accepted", accepted);
    app.meters.items(&source, "rejected", rejected);
    app.meters.bytes(&source, bytes_len);
    Ok(answer)
}

/// A tracking call, whole.
struct Call {
    parts: Arc<Parts>,
    bytes: Bytes,
    received_at: Time,
}

impl Call {
    fn read(&self, sources: &Sources) -> Result<Received, Refused> {
        let Parts { method, uri, headers, .. } = &*self.parts;
        let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
        let request = live::Request {
            method: Method::of(method.as_str()),
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            headers: &header,
            body: &self.bytes,
            received_at: self.received_at,
        };
        live::read(&request, sources)
    }

    fn is_large(&self) -> bool {
        let packed = self.parts.headers.contains_key(header::CONTENT_ENCODING);
        let growth = if packed { UNPACKED_GROWTH } else { 1 };
        self.bytes.len() * growth > READ_AT_ONCE_BYTES_MAX
    }
}

async fn read(app: &App, call: Call) -> Result<Received, Refused> {
    let sources = app.backend.keyring();
    if !call.is_large() {
        return call.read(&sources);
    }
    let permit = app.readers.clone().acquire_owned().await.expect("the semaphore is never closed");
    let reading = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        call.read(&sources)
    });
    match reading.await {
        Ok(read) => read,
        // Caught around every request, like a panic anywhere else.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Makes it durable, or tells after how long to try again.
async fn submit(app: &App, submission: Submission) -> Result<(), Duration> {
    let submitted = app.backend.submit(submission);
    match tokio::time::timeout(app.settings.limits.answer_timeout, submitted).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Failure::Busy { retry_after } | Failure::NotReady { retry_after })) => {
            Err(retry_after)
        }
        Ok(Err(failure)) => {
            tracing::error!(error = &failure as &dyn std::error::Error, "facts were not taken in");
            Err(COME_AGAIN)
        }
        // It may be durable yet: the client sends it again, and it counts once.
        Err(_) => Err(COME_AGAIN),
    }
}

fn of_body(error: BodyError) -> Refusal {
    match error {
        BodyError::TooLarge { .. } => Refusal::TooLarge,
        // A 400 would tell the client never to send it again, and nothing of it was looked at.
        BodyError::NoRoom | BodyError::TooSlow { .. } => {
            Refusal::Unavailable { retry_after_s: seconds(COME_AGAIN) }
        }
        BodyError::BrokenOff => Refusal::BadBody(error.to_string().into()),
    }
}

fn seconds(wait: Duration) -> u32 {
    u32::try_from(whole_seconds(wait)).unwrap_or(u32::MAX)
}

fn to_response(answer: Answer) -> Response {
    let Answer { status, content_type, body, headers } = answer;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Body::from(body)).into_response();
    let to = response.headers_mut();
    to.remove(header::CONTENT_TYPE);
    if let Some(content_type) = content_type {
        to.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            to.append(HeaderName::from_static(name), value);
        }
    }
    response
}
