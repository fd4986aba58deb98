//! Pages of other sites may ask: the product's own pages are of another site than this server.
//!
//! Nothing that a browser sends by itself (cookies, client certificates) says who reads, so there is
//! nothing that a strange page could make use of; the token is what counts. Which sites may ask at
//! all can be said in the configuration.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::BASE;
use crate::app::App;

/// How long browsers remember that they may ask, in seconds: two hours, the most that Chromium does.
const REMEMBERED_S: HeaderValue = HeaderValue::from_static("7200");

/// Lets pages of other sites ask for messages; all other paths pass through.
pub(crate) async fn cors(State(app): State<App>, request: Request, next: Next) -> Response {
    let ours = request.uri().path().strip_prefix(BASE);
    if !ours.is_some_and(|rest| rest.starts_with('/')) {
        return next.run(request).await;
    }
    let origins = app.backend.in_app_origins();
    let allowed = allowed(request.headers().get(header::ORIGIN), &origins);
    let asks_first = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks_first {
        let mut response = StatusCode::NO_CONTENT.into_response();
        if allowed.is_some() {
            may_send(response.headers_mut());
        }
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if !origins.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        // So that the script reads when to come again.
        let exposed = HeaderValue::from_static("Retry-After, X-Request-Id");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

/// What is answered to a page of this origin; `None` if it may not ask.
fn allowed(origin: Option<&HeaderValue>, origins: &[firsthand_model::Text]) -> Option<HeaderValue> {
    if origins.is_empty() {
        return Some(HeaderValue::from_static("*"));
    }
    let origin = origin?;
    let known =
        |it: &firsthand_model::Text| it.trim_end_matches('/').as_bytes() == origin.as_bytes();
    origins.iter().any(known).then(|| origin.clone())
}

fn may_send(headers: &mut HeaderMap) {
    let set = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED_S);
}
