//! The tokens of the API: made, shown once, taken back.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::acts::told;
use super::cookies::Cookies;
use super::error::PageError;
use super::shell::{Place, Shell, draw};
use super::texts::fill;
use super::visitor::{Form, Visitor};
use crate::app::App;
use crate::backend::Scope;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 80;

struct Row {
    id: String,
    name: String,
    hint: String,
    scopes: String,
    made: String,
    made_by: String,
    class: &'static str,
    icon: &'static str,
    state: &'static str,
    in_force: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "keys.html")]
struct KeysPage {
    shell: Shell,
    rows: Vec<Row>,
    scopes: Vec<(&'static str, &'static str)>,
    /// The name and the secret of the key that was just made.
    made: Option<(String, String)>,
    problem: bool,
}

/// `GET /keys`
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, PageError> {
    page(&app, &visitor, &uri, None, false).await
}

/// `POST /keys`
pub(super) async fn add(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let name = pairs.iter().find(|it| it.0 == "name").map_or("", |it| it.1.trim());
    let scopes: Vec<String> = pairs
        .iter()
        .filter(|it| it.0 == "scope")
        .filter_map(|it| it.1.parse::<Scope>().ok())
        .map(|it| it.word().to_owned())
        .collect();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || scopes.is_empty() {
        return page(&app, &visitor, &uri, None, true).await;
    }
    // The answer is the page itself: a redirect would have to carry the secret.
    let secret = app.backend.add_api_key(name, scopes, &visitor.user).await?;
    page(&app, &visitor, &uri, Some((name.to_owned(), secret)), false).await
}

#[derive(Deserialize)]
pub(super) struct Revoked {
    id: String,
}

/// `POST /keys/revoke`
pub(super) async fn revoke(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Form(it): Form<Revoked>,
) -> Result<Response, PageError> {
    app.backend.revoke_api_key(&it.id, &visitor.user).await?.ok_or(PageError::NotFound)?;
    Ok(told(&cookies, "key_revoked", "/keys"))
}

async fn page(
    app: &App,
    visitor: &Visitor,
    uri: &Uri,
    made: Option<(String, String)>,
    problem: bool,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let shell = Shell::of(app, visitor, uri, Place::Keys, t.admin.keys).await?;
    let (a, show) = (&t.admin, &shell.show);
    let rows = app.backend.api_keys().await?.into_iter().map(|it| {
        let expired = it.expires_at.is_some_and(|at| at <= show.now);
        let (class, icon, state) = match (it.revoked_at, expired) {
            (Some(_), _) => ("", "cross", a.revoked),
            (None, true) => ("warn", "clock", a.expired),
            (None, false) => ("good", "check", a.in_force),
        };
        Row {
            hint: fill(a.ends_in, &[("hint", &it.hint)]),
            scopes: it.scopes.join(", "),
            made: show.when(it.created_at),
            made_by: fill(a.made_by, &[("who", &it.created_by)]),
            in_force: it.revoked_at.is_none() && !expired,
            id: it.id,
            name: it.name,
            class,
            icon,
            state,
        }
    });
    let page = KeysPage {
        rows: rows.collect(),
        scopes: Scope::ALL.iter().map(|it| (it.word(), it.meaning())).collect(),
        made,
        problem,
        shell,
    };
    draw(&page)
}
