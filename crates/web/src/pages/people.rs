//! Who works with Firsthand, what they may do, and what was done.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use serde::Deserialize;

use super::acts::told;
use super::cookies::Cookies;
use super::error::PageError;
use super::shell::{Place, Shell, draw, initials, role_word, tint};
use super::visitor::{Form, Visitor};
use crate::app::App;
use crate::backend::{AuditAsked, Audited, Failure, Role, User};
use crate::noun::Listing;

/// Lines of the audit that are shown.
const AUDIT_LINES: u32 = 50;

struct Row {
    user: User,
    initials: String,
    tint: u8,
    role: &'static str,
    signed_in: String,
    class: &'static str,
    icon: &'static str,
    state: &'static str,
    is_me: bool,
}

impl Row {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn role_is(&self, role: &Role) -> bool {
        !self.user.disabled && self.user.role == *role
    }
}

/// The page.
#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    shell: Shell,
    rows: Vec<Row>,
    roles: Vec<(Role, &'static str, &'static str)>,
    audit: Vec<(Audited, String)>,
    /// Whom to send which link.
    link: Option<(String, String)>,
    /// The form as it was sent, where something in it is wrong.
    given: Option<Added>,
}

#[derive(Clone, Deserialize)]
pub(super) struct Added {
    name: String,
    email: String,
    role: String,
}

impl PeoplePage {
    fn given_name(&self) -> &str {
        self.given.as_ref().map_or("", |it| &it.name)
    }

    fn given_email(&self) -> &str {
        self.given.as_ref().map_or("", |it| &it.email)
    }

    fn is_wrong(&self) -> bool {
        self.given.is_some()
    }
}

/// `GET /people`
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, PageError> {
    page(&app, &visitor, &uri, None, None).await
}

/// `POST /people`
pub(super) async fn add(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    uri: Uri,
    Form(given): Form<Added>,
) -> Result<Response, PageError> {
    let role = Role::from_word(&given.role).ok_or(PageError::Unreadable)?;
    let (name, email) = (given.name.trim(), given.email.trim());
    match app.backend.add_user(name, email, role, &visitor.user).await {
        Ok(secret) => {
            let link = (name.to_owned(), link(&headers, &secret));
            page(&app, &visitor, &uri, Some(link), None).await
        }
        Err(Failure::Invalid { .. }) => page(&app, &visitor, &uri, None, Some(given)).await,
        Err(failure) => Err(failure.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct Changed {
    id: String,
    /// A role's word, or `none`.
    #[serde(default)]
    role: String,
    r#do: String,
}

/// `POST /people/change`
pub(super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    headers: HeaderMap,
    uri: Uri,
    Form(it): Form<Changed>,
) -> Result<Response, PageError> {
    if it.r#do == "link" {
        let secret = app.backend.invite(&it.id, &visitor.user).await?.ok_or(PageError::NotFound)?;
        let users = app.backend.users().await?;
        let name = users.into_iter().find(|user| user.id == it.id).map(|it| it.name);
        let link = (name.unwrap_or_default(), link(&headers, &secret));
        return page(&app, &visitor, &uri, Some(link), None).await;
    }
    let role = if it.role == "none" {
        None
    } else {
        Some(Role::from_word(&it.role).ok_or(PageError::Unreadable)?)
    };
    app.backend.set_role(&it.id, role, &visitor.user).await?.ok_or(PageError::NotFound)?;
    Ok(told(&cookies, "changed", "/people"))
}

/// The link's address, as the browser of who makes it knows this server.
fn link(headers: &HeaderMap, secret: &str) -> String {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    let origin = text(header::ORIGIN).filter(|it| it.starts_with("http")).map(str::to_owned);
    let host = text(header::HOST).unwrap_or("localhost");
    format!("{}/join/{secret}", origin.unwrap_or_else(|| format!("https://{host}")))
}

async fn page(
    app: &App,
    visitor: &Visitor,
    uri: &Uri,
    link: Option<(String, String)>,
    given: Option<Added>,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let shell = Shell::of(app, visitor, uri, Place::People, t.admin.people).await?;
    let (a, show) = (&t.admin, &shell.show);
    let rows = app.backend.users().await?.into_iter().map(|it| {
        let (class, icon, state) = match (it.disabled, it.joined) {
            (true, _) => ("", "minus", a.disabled),
            (false, true) => ("good", "check", a.active),
            (false, false) => ("warn", "clock", a.invited),
        };
        Row {
            initials: initials(&it.name),
            tint: tint(&it.name),
            role: role_word(t, it.role),
            signed_in: it.signed_in_at.map_or_else(|| t.words.never.to_owned(), |at| show.ago(at)),
            is_me: it.id == visitor.user.id,
            user: it,
            class,
            icon,
            state,
        }
    });
    let rows = rows.collect();
    let audit = app
        .backend
        .audit(&AuditAsked::default(), &Listing { limit: AUDIT_LINES, after: None })
        .await?;
    let page = PeoplePage {
        rows,
        roles: vec![
            (Role::Rep, t.words.rep, a.role_rep),
            (Role::Analyst, t.words.analyst, a.role_analyst),
            (Role::Admin, t.words.admin, a.role_admin),
        ],
        audit: audit
            .items
            .into_iter()
            .map(|it| {
                let when = show.when(it.at);
                (it, when)
            })
            .collect(),
        link,
        given,
        shell,
    };
    draw(&page)
}
