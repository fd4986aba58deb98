//! Around every request: its id, its metrics, its line in the log, and what becomes of problems
//! and panics.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::Instrument;

use crate::app::App;
use crate::problem::{self, Problem};
use crate::request_id::X_REQUEST_ID;
use crate::{api, pages};

/// The label of paths that are none of ours.
const UNMATCHED: &str = "unmatched";

/// What a route is called where it is not the router that knows it: tracking calls, whose paths may
/// hold keys, go by their protocol. An extension of the answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RouteName(pub &'static str);

/// Runs a request and sees to all that every request has in common.
pub(crate) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let request_id = app.request_ids.of(request.headers());
    let method = request.method().clone();
    let asked = request.headers().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();

    // What is logged on the way carries the request's id.
    let span = tracing::error_span!("request", request_id);
    let answering = async {
        let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        answered.unwrap_or_else(|panic| {
            tracing::error!(reason = panic_text(panic.as_ref()), "a handler panicked");
            Problem::broken().into_response()
        })
    };
    let response = answering.instrument(span).await;

    let response = problem::write_out(response, &request_id);
    let mut response = pages::for_browsers(response, &asked);
    let headers = response.headers_mut();
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(X_REQUEST_ID, value);
    }
    let named = response.extensions().get::<RouteName>().map(|it| it.0);
    let route = named.or(matched.as_ref().map(MatchedPath::as_str)).unwrap_or(UNMATCHED);
    app.meters.request(&method, route, response.status(), began.elapsed());
    log(&method, route, &response, began.elapsed(), &request_id);
    response
}

/// Adds the headers that keep answers out of caches and frames; for all but tracking calls, which
/// browsers of other sites make.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let set = |headers: &mut HeaderMap, name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    let headers = response.headers_mut();
    set(headers, header::CACHE_CONTROL, "no-store");
    set(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    set(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    response
}

/// Gives up on an answer that does not begin in time.
pub(crate) async fn in_time(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let method = request.method();
    if pages::takes_its_time(method, path) || api::takes_its_time(method, path) {
        // It gives up on who sends nothing.
        return next.run(request).await;
    }
    let answered = tokio::time::timeout(app.settings.limits.answer_timeout, next.run(request));
    answered.await.unwrap_or_else(|_| Problem::timed_out().into_response())
}

/// One line a request: never a path with ids in it, a query, a body or an address.
fn log(method: &Method, route: &str, response: &Response, took: Duration, request_id: &str) {
    let method = crate::meters::word(method);
    let status = response.status();
    let took_ms = took.as_secs_f64() * 1_000.0;
    let code = response.extensions().get::<Problem>().map_or("", Problem::code);
    let status_code = status.as_u16();
    if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
        tracing::error!(method, route, status = status_code, code, took_ms, request_id, "answered");
    } else if response.extensions().get::<RouteName>().is_some() && status.is_success() {
        // Thousands a second when all is well.
        tracing::debug!(method, route, status = status_code, took_ms, request_id, "answered");
    } else {
        tracing::info!(method, route, status = status_code, code, took_ms, request_id, "answered");
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}
