//! Who may open what: one table, and what stands in front of every page.

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::cookies::{self, Cookies};
use super::csrf;
use super::error::{PageError, in_their_language};
use super::imports;
use super::look::Look;
use super::visitor::{Stranger, Visitor};
use crate::app::App;
use crate::backend::{Role, TokenHash};
use crate::extract;

/// What pages may load and where their forms may go: nothing from elsewhere.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Who may open a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever comes.
    Anybody,
    /// Who is signed in with one of these roles.
    Roles(&'static [Role]),
}

impl Who {
    /// Whether somebody of this role may.
    pub fn includes(self, role: Role) -> bool {
        match self {
            Self::Anybody => true,
            Self::Roles(roles) => roles.contains(&role),
        }
    }
}

/// A page.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `GET` or `POST`; `HEAD` counts as the former.
    pub method: &'static str,
    /// Its path, as the router has it.
    pub path: &'static str,
    /// Who may open it.
    pub who: Who,
}

const EVERYBODY: Who = Who::Roles(&Role::ALL);
/// Those who answer leads.
const SALES: Who = Who::Roles(&[Role::Admin, Role::Rep]);
/// Those who look after definitions and data.
const GROWTH: Who = Who::Roles(&[Role::Admin, Role::Analyst]);
const ADMINS: Who = Who::Roles(&[Role::Admin]);

const fn get(path: &'static str, who: Who) -> Route {
    Route { method: "GET", path, who }
}

const fn post(path: &'static str, who: Who) -> Route {
    Route { method: "POST", path, who }
}

/// Every page and who may open it. What is not in here is not served.
pub(crate) const ROUTES: &[Route] = &[
    get("/", EVERYBODY),
    get("/sign-in", Who::Anybody),
    post("/sign-in", Who::Anybody),
    get("/sign-in/oidc", Who::Anybody),
    get("/sign-in/oidc/back", Who::Anybody),
    post("/sign-out", EVERYBODY),
    get("/join/{secret}", Who::Anybody),
    post("/join/{secret}", Who::Anybody),
    post("/look", Who::Anybody),
    get("/leads", EVERYBODY),
    post("/leads/act", SALES),
    post("/leads/views", EVERYBODY),
    post("/leads/views/forget", EVERYBODY),
    get("/leads/events", EVERYBODY),
    get("/leads.csv", EVERYBODY),
    get("/leads/{lead}", EVERYBODY),
    get("/leads/{lead}/reject", SALES),
    post("/leads/{lead}/act", SALES),
    get("/accounts", EVERYBODY),
    get("/accounts/{account}", EVERYBODY),
    get("/accounts/{account}/timeline", EVERYBODY),
    get("/definitions", EVERYBODY),
    get("/definitions/new", GROWTH),
    post("/definitions/new", GROWTH),
    get("/definitions/{definition}", EVERYBODY),
    get("/definitions/{definition}/explain", EVERYBODY),
    post("/definitions/{definition}/draft", GROWTH),
    post("/definitions/{definition}/check", GROWTH),
    get("/definitions/{definition}/publish", GROWTH),
    post("/definitions/{definition}/publish", GROWTH),
    get("/definitions/{definition}/versions", EVERYBODY),
    post("/definitions/{definition}/versions/take", GROWTH),
    get("/plays", EVERYBODY),
    get("/plays/{play}", EVERYBODY),
    get("/plays/{play}/preview", EVERYBODY),
    get("/plays/{play}/mail", EVERYBODY),
    get("/deliveries", EVERYBODY),
    get("/deliveries/{delivery}", EVERYBODY),
    get("/deliveries/{delivery}/mail", EVERYBODY),
    // A rep only where the lead is their own.
    post("/deliveries/{delivery}/resend", SALES),
    post("/deliveries/resend", ADMINS),
    get("/held-back", EVERYBODY),
    // Who answers leads would not leave those alone who are to be left alone.
    get("/holdouts", GROWTH),
    get("/channels", EVERYBODY),
    post("/channels/{channel}/enable", ADMINS),
    get("/reports", EVERYBODY),
    get("/reports/lifecycle.csv", EVERYBODY),
    get("/reports/backtests", GROWTH),
    get("/reports/backtests.csv", GROWTH),
    get("/reports/backtests/{definition}", GROWTH),
    get("/reports/holdouts", GROWTH),
    get("/reports/holdouts.csv", GROWTH),
    get("/sources", GROWTH),
    get("/sources/named/{source}", GROWTH),
    get("/sources/identity", GROWTH),
    post("/sources/identity", GROWTH),
    post("/sources/identity/{act}", GROWTH),
    get("/sources/quarantine", GROWTH),
    get("/sources/quarantine/{item}", GROWTH),
    post("/sources/quarantine/{item}/act", GROWTH),
    get(imports::UPLOAD, GROWTH),
    post(imports::UPLOAD, GROWTH),
    get("/sources/import/{import}", GROWTH),
    get("/sources/import/{import}/rejects", GROWTH),
    post("/sources/import/{import}/act", GROWTH),
    get("/settings", ADMINS),
    get("/settings/audit", ADMINS),
    get("/keys", ADMINS),
    post("/keys", ADMINS),
    post("/keys/revoke", ADMINS),
    get("/people", ADMINS),
    post("/people", ADMINS),
    post("/people/change", ADMINS),
];

/// Whether a path takes files: it reads its form itself, as it comes, and may take long for it.
pub(crate) fn takes_its_time(method: &Method, path: &str) -> bool {
    *method == Method::POST && path == imports::UPLOAD
}

/// Who may open a page; `None` where the table does not name it.
pub(crate) fn who_may(method: &Method, path: &str) -> Option<Who> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    ROUTES.iter().find(|it| it.method == method.as_str() && it.path == path).map(|it| it.who)
}

/// Stands in front of every page: says who comes ([`Visitor`], or [`Stranger`]), lets in who may, and
/// checks the secret of every form.
pub(crate) async fn admit(State(app): State<App>, request: Request, next: Next) -> Response {
    let look = Look::of(request.headers());
    let cookies = Cookies::of(request.headers());
    let mut response = match admitted(&app, request, look).await {
        Ok(request) => {
            let visitor = request.extensions().get::<Visitor>().cloned();
            in_their_language(next.run(request).await, look, visitor.as_ref())
        }
        Err(turned_away) => turned_away,
    };
    let is_page = response.status() == StatusCode::OK
        && response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    if is_page && cookies.get(cookies::DONE).is_some() {
        // It was told on this page.
        headers.append(header::SET_COOKIE, cookies.forget(cookies::DONE));
    }
    // A page of another kind has said so itself, more strictly.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
    // A form tells where it comes from only with this; elsewhere nothing is told.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let name = HeaderName::from_static("cross-origin-opener-policy");
    headers.insert(name, HeaderValue::from_static("same-origin"));
    response
}

async fn admitted(app: &App, request: Request, look: Look) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let path = parts.extensions.get::<MatchedPath>().map_or("", |it| it.as_str()).to_owned();
    let refuse = |error: PageError| error.page(look, None).into_response();
    // Other methods are answered by the router, which knows what it has.
    let Some(who) = who_may(&parts.method, &path) else {
        return if matches!(parts.method, Method::GET | Method::POST | Method::HEAD) {
            Err(refuse(PageError::NotFound))
        } else {
            Ok(Request::from_parts(parts, body))
        };
    };
    let cookies = Cookies::of(&parts.headers);
    let token = cookies.get(cookies::SESSION).map(str::to_owned);
    let user = match &token {
        Some(token) => app
            .backend
            .signed_in(TokenHash::of(token))
            .await
            .map_err(|it| refuse(PageError::from(it)))?,
        None => None,
    };
    let secret = match (&user, &token) {
        (Some(_), Some(token)) => Some(csrf::secret_of(token)),
        _ => cookies.get(cookies::FORM).map(csrf::secret_of),
    };
    let same_site = csrf::same_site(&parts.headers);
    let body = if takes_its_time(&parts.method, &path) {
        if !same_site || user.is_none() {
            return Err(refuse(PageError::StaleForm));
        }
        body
    } else if parts.method == Method::POST {
        let limits = &app.settings.limits;
        let read = extract::read(body, limits.api_body_bytes_max, limits.body_timeout, |_| true);
        let bytes = read.await.map_err(|_| refuse(PageError::TooLarge))?;
        if !same_site || !secret.as_ref().is_some_and(|it| csrf::carries(&bytes, it)) {
            return Err(refuse(PageError::StaleForm));
        }
        Body::from(bytes)
    } else {
        body
    };
    match user {
        Some(user) => {
            let visitor = Visitor {
                csrf: secret.unwrap_or_default(),
                done: cookies.get(cookies::DONE).map(str::to_owned),
                user,
                look,
            };
            if !who.includes(visitor.user.role) {
                return Err(PageError::Forbidden.page(look, Some(&visitor)).into_response());
            }
            parts.extensions.insert(visitor);
        }
        None if who == Who::Anybody => {
            let form = cookies.get(cookies::FORM).map_or_else(csrf::random, |it| Ok(it.to_owned()));
            let form = form.map_err(|it| refuse(PageError::from(it)))?;
            parts.extensions.insert(Stranger { form, look });
        }
        None => return Err(to_sign_in(&parts.method, &parts.uri)),
    }
    parts.extensions.insert(cookies);
    Ok(Request::from_parts(parts, body))
}

/// Sends somebody to the page where they sign in, which brings them back.
fn to_sign_in(method: &Method, uri: &axum::http::Uri) -> Response {
    let to = uri.path_and_query().map_or("/", |it| it.as_str());
    if *method != Method::GET || to == "/" {
        return Redirect::to("/sign-in").into_response();
    }
    let query: String =
        form_urlencoded::Serializer::new(String::new()).append_pair("to", to).finish();
    Redirect::to(&format!("/sign-in?{query}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_stands_twice_in_the_table() {
        for (index, one) in ROUTES.iter().enumerate() {
            let twice = ROUTES[index + 1..]
                .iter()
                .any(|other| (one.method, one.path) == (other.method, other.path));
            assert!(!twice, "{} {}", one.method, one.path);
        }
    }

    #[test]
    fn only_signing_in_is_open_to_whoever_comes() {
        let open = ROUTES.iter().filter(|it| it.who == Who::Anybody).map(|it| it.path);
        let open: std::collections::BTreeSet<_> = open.collect();
        assert_eq!(
            open.into_iter().collect::<Vec<_>>(),
            ["/join/{secret}", "/look", "/sign-in", "/sign-in/oidc", "/sign-in/oidc/back"]
        );
    }
}
