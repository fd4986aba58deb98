//! Signing in and out.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use firsthand_model::{Span, Time};
use serde::Deserialize;

use super::assets;
use super::cookies::{self, Cookies};
use super::csrf;
use super::error::PageError;
use super::look::{Look, here};
use super::show::Show;
use super::texts::{Language, Texts, fill};
use super::visitor::{Asked, Form, Stranger, Visitor};
use crate::app::App;
use crate::backend::{SignedIn, TokenHash};

/// Wrong passwords in a row after which an address has to wait.
const ATTEMPTS_MAX: u32 = 5;
/// For how long.
const PAUSE: Span = Span(10 * Span::MINUTE.0);
/// Addresses that are remembered at a time; beyond, those that have waited longest are forgotten.
const ADDRESSES_MAX: usize = 10_000;

/// Who has tried how often. Kept in memory: a restart forgives.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<HashMap<[u8; 32], (u32, Time)>>);

impl Attempts {
    /// Counts an attempt with an address before it is made, so that many at once count as well.
    /// `Err` tells how long it has to wait.
    fn begin(&self, email: &str, now: Time) -> Result<u32, Span> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= ADDRESSES_MAX {
            all.retain(|_, (_, last)| *last + PAUSE > now);
        }
        if all.len() >= ADDRESSES_MAX
            && let Some(oldest) = all.iter().min_by_key(|(_, (_, last))| *last).map(|it| *it.0)
        {
            all.remove(&oldest);
        }
        let (count, last) = all.entry(key(email)).or_insert((0, now));
        if *last + PAUSE <= now {
            *count = 0;
        }
        if *count >= ATTEMPTS_MAX {
            return Err(*last + PAUSE - now);
        }
        *count += 1;
        *last = now;
        Ok(ATTEMPTS_MAX - *count)
    }

    /// Forgets the attempts with an address: its owner is in.
    fn succeeded(&self, email: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(email));
    }
}

fn key(email: &str) -> [u8; 32] {
    *blake3::hash(email.trim().to_lowercase().as_bytes()).as_bytes()
}

/// The page.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    t: &'static Texts,
    look: Look,
    css: String,
    mark: String,
    csrf: String,
    whose: String,
    email: String,
    to: String,
    problem: Option<String>,
    /// Whether passwords are taken.
    passwords: bool,
    /// The other way in: its address and its words.
    other: Option<(String, String)>,
    /// Why that did not lead in.
    not_in: Option<String>,
}

/// What the page says beside what it always does.
#[derive(Default)]
pub(super) struct Shown {
    /// The address that was given.
    pub email: String,
    /// Where to go afterwards.
    pub to: String,
    /// What is wrong with address or password.
    pub problem: Option<String>,
    /// Why somebody did not come in by another system.
    pub not_in: Option<String>,
}

impl SignInPage {
    #[expect(clippy::unused_self, reason = "templates call it so")]
    fn languages(&self) -> [Language; 3] {
        Language::ALL
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Back {
    pub to: String,
}

#[derive(Deserialize)]
pub(super) struct Credentials {
    email: String,
    password: String,
    stay: Option<String>,
    #[serde(default)]
    to: String,
}

/// `GET /sign-in`
pub(super) async fn show(
    State(app): State<App>,
    stranger: Option<Extension<Stranger>>,
    cookies: Cookies,
    headers: HeaderMap,
    Asked(back): Asked<Back>,
) -> Result<Response, PageError> {
    // Who is signed in already has nothing to do here.
    let Some(Extension(stranger)) = stranger else {
        return Ok(Redirect::to(here(&back.to)).into_response());
    };
    page(&app, &stranger, &cookies, &headers, Shown { to: back.to, ..Shown::default() })
}

/// `POST /sign-in`
pub(super) async fn sign_in(
    State(app): State<App>,
    stranger: Option<Extension<Stranger>>,
    cookies: Cookies,
    headers: HeaderMap,
    Form(given): Form<Credentials>,
) -> Result<Response, PageError> {
    let Some(Extension(stranger)) = stranger else {
        return Ok(Redirect::to(here(&given.to)).into_response());
    };
    let s = &stranger.look.texts().shell;
    let wrong = |problem: String| {
        let (email, to) = (given.email.clone(), given.to.clone());
        let shown = Shown { email, to, problem: Some(problem), not_in: None };
        page(&app, &stranger, &cookies, &headers, shown)
    };
    if !app.backend.ways_in().passwords {
        return wrong(s.no_passwords.to_owned());
    }
    let left = match app.attempts.begin(&given.email, app.now()) {
        Ok(left) => left,
        Err(wait) => {
            let show = Show::of(&app, stranger.look);
            return wrong(fill(s.pause, &[("n", &show.span(wait))]));
        }
    };
    let signed_in =
        app.backend.sign_in(&given.email, &given.password, given.stay.is_some()).await?;
    let Some(signed_in) = signed_in else {
        return wrong(fill(s.wrong, &[("n", &left.to_string())]));
    };
    app.attempts.succeeded(&given.email);
    Ok(let_in(&app, &cookies, &signed_in, given.stay.is_some(), here(&given.to)))
}

/// `POST /sign-out`
pub(super) async fn sign_out(
    State(app): State<App>,
    _: Visitor,
    cookies: Cookies,
) -> Result<Response, PageError> {
    if let Some(token) = cookies.get(cookies::SESSION) {
        app.backend.sign_out(TokenHash::of(token)).await?;
    }
    let gone = AppendHeaders([(header::SET_COOKIE, cookies.forget(cookies::SESSION))]);
    Ok((gone, Redirect::to("/sign-in")).into_response())
}

/// Gives the browser its session and sends it on.
pub(super) fn let_in(
    app: &App,
    cookies: &Cookies,
    signed_in: &SignedIn,
    stay: bool,
    to: &str,
) -> Response {
    let seconds = (signed_in.expires_at - app.now()).0 / Span::SECOND.0;
    // What is not to stay is forgotten when the browser is closed.
    let session = cookies.keep(cookies::SESSION, &signed_in.token, stay.then_some(seconds));
    let kept = AppendHeaders([
        (header::SET_COOKIE, session),
        (header::SET_COOKIE, cookies.forget(cookies::FORM)),
    ]);
    (kept, Redirect::to(to)).into_response()
}

/// The page as it is shown.
pub(super) fn page(
    app: &App,
    stranger: &Stranger,
    cookies: &Cookies,
    headers: &HeaderMap,
    shown: Shown,
) -> Result<Response, PageError> {
    let Shown { email, to, problem, not_in } = shown;
    let to = here(&to).to_owned();
    let t = stranger.look.texts();
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let company = app.backend.about().name;
    let ways = app.backend.ways_in();
    let other = ways.other.map(|title| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("to", &to).finish();
        (format!("/sign-in/oidc?{query}"), fill(t.shell.sign_in_by, &[("other", &title)]))
    });
    let status = if problem.is_some() || not_in.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = SignInPage {
        t,
        look: stranger.look,
        css: assets::css(),
        mark: assets::mark(),
        csrf: csrf::secret_of(&stranger.form),
        whose: fill(t.shell.sign_in_to, &[("company", &company), ("host", host)]),
        email,
        to,
        problem,
        passwords: ways.passwords,
        other,
        not_in,
    };
    let form =
        AppendHeaders([(header::SET_COOKIE, cookies.keep(cookies::FORM, &stranger.form, None))]);
    Ok((status, form, Html(page.render()?)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_five_wrong_passwords_an_address_waits_and_others_do_not() {
        let attempts = Attempts::default();
        let at = |minutes| Time::default() + Span::MINUTE.times(minutes);
        for left in [4, 3, 2, 1, 0] {
            assert_eq!(attempts.begin("Ann@example.com", at(0)), Ok(left));
        }
        assert_eq!(attempts.begin(" ann@EXAMPLE.com", at(4)), Err(Span::MINUTE.times(6)));
        assert_eq!(attempts.begin("bob@example.com", at(4)), Ok(4));
        assert_eq!(attempts.begin("ann@example.com", at(10)), Ok(4));
        attempts.succeeded("ann@example.com");
        assert_eq!(attempts.begin("ann@example.com", at(11)), Ok(4));
    }
}
