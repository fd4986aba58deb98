//! Signing in by another system: there, and back.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};

use super::cookies::{self, Cookies};
use super::error::PageError;
use super::look::here;
use super::sign_in::{self, Back};
use super::texts::{ShellTexts, fill};
use super::visitor::{Asked, Stranger};
use crate::app::App;
use crate::backend::NotIn;

/// For how long what the browser keeps on the way is good, in seconds.
const KEPT_SECONDS: i64 = 600;

/// `GET /sign-in/oidc`
pub(super) async fn begin(
    State(app): State<App>,
    stranger: Option<Extension<Stranger>>,
    cookies: Cookies,
    headers: HeaderMap,
    Asked(back): Asked<Back>,
) -> Result<Response, PageError> {
    let Some(Extension(stranger)) = stranger else {
        return Ok(Redirect::to(here(&back.to)).into_response());
    };
    match app.backend.begin_elsewhere(here(&back.to)).await? {
        Ok(begun) => {
            let kept = cookies.keep(cookies::ELSEWHERE, &begun.sealed, Some(KEPT_SECONDS));
            let kept = AppendHeaders([(header::SET_COOKIE, kept)]);
            Ok((kept, Redirect::to(&begun.url)).into_response())
        }
        Err(not) => refused(&app, &stranger, &cookies, &headers, not),
    }
}

/// `GET /sign-in/oidc/back`
pub(super) async fn end(
    State(app): State<App>,
    stranger: Option<Extension<Stranger>>,
    cookies: Cookies,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let Some(Extension(stranger)) = stranger else {
        return Ok(Redirect::to("/").into_response());
    };
    let sealed = cookies.get(cookies::ELSEWHERE).unwrap_or_default();
    let query = query.unwrap_or_default();
    match app.backend.end_elsewhere(sealed, &query).await? {
        Ok((signed_in, to)) => {
            let mut response = sign_in::let_in(&app, &cookies, &signed_in, false, here(&to));
            let used = cookies.forget(cookies::ELSEWHERE);
            response.headers_mut().append(header::SET_COOKIE, used);
            Ok(response)
        }
        Err(not) => refused(&app, &stranger, &cookies, &headers, not),
    }
}

fn refused(
    app: &App,
    stranger: &Stranger,
    cookies: &Cookies,
    headers: &HeaderMap,
    not: NotIn,
) -> Result<Response, PageError> {
    let other = app.backend.ways_in().other.unwrap_or_default();
    let problem = fill(words(&stranger.look.texts().shell, not), &[("other", &other)]);
    let mut response = sign_in::page(
        app,
        stranger,
        cookies,
        headers,
        sign_in::Shown { not_in: Some(problem), ..sign_in::Shown::default() },
    )?;
    response.headers_mut().append(header::SET_COOKIE, cookies.forget(cookies::ELSEWHERE));
    Ok(response)
}

fn words(s: &ShellTexts, not: NotIn) -> &'static str {
    match not {
        NotIn::Stale => s.not_in_stale,
        NotIn::Denied => s.not_in_denied,
        NotIn::Failed => s.not_in_failed,
        NotIn::NoAddress => s.not_in_no_address,
        NotIn::Domain => s.not_in_domain,
        NotIn::Unknown => s.not_in_unknown,
        NotIn::Unlinked => s.not_in_unlinked,
        NotIn::Disabled => s.not_in_disabled,
    }
}
