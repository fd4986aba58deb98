//! The page that a link leads to: somebody sets their password, the first admin says who they are.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::assets;
use super::cookies::{self, Cookies};
use super::csrf;
use super::error::PageError;
use super::look::Look;
use super::sign_in::let_in;
use super::texts::{Texts, fill};
use super::visitor::{Form, Stranger, Visitor};
use crate::app::App;
use crate::backend::{Failure, Invited, Joining, TokenHash};

/// The page.
#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage {
    t: &'static Texts,
    look: Look,
    css: String,
    mark: String,
    csrf: String,
    /// Whether the link can be used.
    works: bool,
    /// Whether it is the first admin's.
    is_first: bool,
    lede: String,
    name: String,
    email: String,
    /// The field that is wrong, and what is wrong with it.
    problem: Option<(&'static str, &'static str)>,
}

impl JoinPage {
    fn problem_of(&self, field: &str) -> Option<&'static str> {
        self.problem.filter(|it| it.0 == field).map(|it| it.1)
    }
}

#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    password: String,
}

/// `GET /join/{secret}`
pub(super) async fn show(
    State(app): State<App>,
    stranger: Option<Extension<Stranger>>,
    visitor: Option<Extension<Visitor>>,
    cookies: Cookies,
    Path(secret): Path<String>,
) -> Result<Response, PageError> {
    let invited = app.backend.invitation(TokenHash::of(&secret)).await?;
    let who = Reader::of(stranger, visitor, &cookies)?;
    who.page(&cookies, invited.as_ref(), None, None)
}

/// `POST /join/{secret}`
pub(super) async fn join(
    State(app): State<App>,
    stranger: Option<Extension<Stranger>>,
    visitor: Option<Extension<Visitor>>,
    cookies: Cookies,
    Path(secret): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, PageError> {
    let secret = TokenHash::of(&secret);
    let invited = app.backend.invitation(secret).await?;
    let who = Reader::of(stranger, visitor, &cookies)?;
    let joining = Joining {
        name: given.name.trim().to_owned(),
        email: given.email.trim().to_owned(),
        password: given.password.clone(),
    };
    match app.backend.join(secret, joining).await {
        Ok(Some(signed_in)) => Ok(let_in(&app, &cookies, &signed_in, false, "/")),
        Ok(None) => who.page(&cookies, None, None, None),
        Err(Failure::Invalid { parameter, .. }) => {
            let s = &who.look.texts().shell;
            let problem = match parameter {
                "password" => s.password_short,
                "name" => s.name_bad,
                _ => s.email_bad,
            };
            who.page(&cookies, invited.as_ref(), Some(&given), Some((parameter, problem)))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Who opens the page: links may be opened by somebody who is signed in as well.
struct Reader {
    look: Look,
    csrf: String,
    /// What is to be kept for the form, where nobody is signed in.
    form: Option<String>,
}

impl Reader {
    fn of(
        stranger: Option<Extension<Stranger>>,
        visitor: Option<Extension<Visitor>>,
        _: &Cookies,
    ) -> Result<Self, PageError> {
        if let Some(Extension(it)) = visitor {
            return Ok(Self { look: it.look, csrf: it.csrf, form: None });
        }
        let Extension(it) = stranger.ok_or(PageError::NotFound)?;
        Ok(Self { look: it.look, csrf: csrf::secret_of(&it.form), form: Some(it.form) })
    }

    fn page(
        &self,
        cookies: &Cookies,
        invited: Option<&Invited>,
        given: Option<&Given>,
        problem: Option<(&'static str, &'static str)>,
    ) -> Result<Response, PageError> {
        let t = self.look.texts();
        let user = invited.and_then(|it| it.user.as_ref());
        let lede = match (invited, user) {
            (None, _) => t.shell.link_over_help.to_owned(),
            (Some(_), None) => t.shell.join_first_lede.to_owned(),
            (Some(_), Some(user)) => {
                fill(t.shell.join_lede, &[("name", &user.name), ("email", &user.email)])
            }
        };
        let page = JoinPage {
            t,
            look: self.look,
            css: assets::css(),
            mark: assets::mark(),
            csrf: self.csrf.clone(),
            works: invited.is_some(),
            is_first: invited.is_some() && user.is_none(),
            lede,
            name: given.map(|it| it.name.clone()).unwrap_or_default(),
            email: given
                .map(|it| it.email.clone())
                .or(user.map(|it| it.email.clone()))
                .unwrap_or_default(),
            problem,
        };
        let status = match (&problem, invited) {
            (_, None) => StatusCode::NOT_FOUND,
            (Some(_), _) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::OK,
        };
        let form = self
            .form
            .as_ref()
            .map(|it| (header::SET_COOKIE, cookies.keep(cookies::FORM, it, None)));
        let mut response = (status, Html(page.render()?)).into_response();
        if let Some((name, value)) = form {
            response.headers_mut().append(name, value);
        }
        Ok(response)
    }
}
