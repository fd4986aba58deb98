//! `/unsubscribe/{token}`: where the link at the end of each message leads.
//!
//! `GET` only shows a page with a button: programs that look into mails follow links, and must not
//! unsubscribe anybody. `POST` acts at once, without signing in, as mail programs do it for their
//! reader (RFC 8058).

mod page;
mod token;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::get;

use crate::app::App;
use crate::extract::{Path, read};
use page::{Language, Page};

pub use token::{path, person, token};

/// The largest body: a word or two.
const BODY_BYTES_MAX: usize = 4 << 10;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/unsubscribe/{token}", get(ask).post(act))
}

async fn ask(State(app): State<App>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let known = person(&app.backend.unsubscribe_secret(), &token).is_some();
    let page = if known { Page::Ask } else { Page::NoLink };
    page.draw(language(&headers))
}

async fn act(State(app): State<App>, Path(token): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let language = language(&parts.headers);
    let Some(person) = person(&app.backend.unsubscribe_secret(), &token) else {
        return Page::NoLink.draw(language);
    };
    // Whoever holds the link cannot make us write without end.
    if app.in_app_readers.take(&person).is_err() {
        return Page::Later.draw(language);
    }
    let again = wants_to_subscribe(body, &app).await;
    match app.backend.set_unsubscribed(&person, !again).await {
        Ok(()) if again => Page::Undone.draw(language),
        Ok(()) => Page::Done.draw(language),
        Err(failure) => {
            let error = &failure as &dyn std::error::Error;
            tracing::error!(error, "somebody could not be unsubscribed");
            Page::Later.draw(language)
        }
    }
}

/// Whether the button to subscribe again was pressed. Whatever else is sent unsubscribes.
async fn wants_to_subscribe(body: Body, app: &App) -> bool {
    let time_max = app.settings.limits.body_timeout;
    let Ok(body) = read(body, BODY_BYTES_MAX, time_max, |_| true).await else { return false };
    form_urlencoded::parse(&body).any(|(name, value)| name == "act" && value == "subscribe")
}

fn language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
    Language::of(accepted.unwrap_or_default())
}
