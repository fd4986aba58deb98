//! Pages that say what went wrong, and what to do.

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::access::POLICY;
use super::assets;
use super::look::Look;
use super::texts::Texts;
use super::visitor::Visitor;
use crate::backend::Failure;
use crate::problem::Problem;

/// Why a page is not shown.
#[derive(Debug)]
pub(crate) enum PageError {
    /// Nothing is there.
    NotFound,
    /// Somebody of this role may not.
    Forbidden,
    /// The form has not the secret of this session.
    StaleForm,
    /// The form is larger than any of ours.
    TooLarge,
    /// The form is none of ours.
    Unreadable,
    /// The backend does not do it.
    Failed(Failure),
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        if let Failure::Broken(error) = &failure {
            tracing::error!(error = &**error, "the backend failed");
        }
        Self::Failed(failure)
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::from(Failure::broken(error))
    }
}

/// A page that says what went wrong.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    t: &'static Texts,
    look: Look,
    css: String,
    mark: String,
    title: String,
    detail: String,
    status: StatusCode,
    signed_in: bool,
}

impl PageError {
    /// The page in somebody's language.
    pub fn page(&self, look: Look, visitor: Option<&Visitor>) -> ErrorPage {
        let t = look.texts();
        let s = &t.shell;
        let (status, title, detail) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, s.not_found, s.not_found_help.to_owned()),
            Self::Forbidden => (StatusCode::FORBIDDEN, s.forbidden, s.forbidden_help.to_owned()),
            Self::StaleForm => {
                let help = if visitor.is_none() {
                    format!("{} {}", s.stale_help, s.stale_tls)
                } else {
                    s.stale_help.to_owned()
                };
                (StatusCode::FORBIDDEN, s.stale, help)
            }
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, s.too_large, s.too_large_help.to_owned())
            }
            Self::Unreadable => {
                (StatusCode::BAD_REQUEST, s.unreadable, s.unreadable_help.to_owned())
            }
            Self::Failed(failure) => match failure {
                Failure::Busy { .. } => {
                    (StatusCode::SERVICE_UNAVAILABLE, s.busy, s.busy_help.to_owned())
                }
                Failure::NotReady { .. } => {
                    (StatusCode::SERVICE_UNAVAILABLE, s.not_ready, s.not_ready_help.to_owned())
                }
                Failure::Conflict { detail, help, .. } | Failure::Invalid { detail, help, .. } => {
                    (StatusCode::CONFLICT, s.cannot, format!("{}. {help}", capital(detail)))
                }
                Failure::Cursor => {
                    (StatusCode::NOT_FOUND, s.not_found, s.not_found_help.to_owned())
                }
                Failure::Broken(_) => {
                    (StatusCode::INTERNAL_SERVER_ERROR, s.broken, s.broken_help.to_owned())
                }
            },
        };
        ErrorPage {
            t,
            look,
            css: assets::css(),
            mark: assets::mark(),
            title: title.to_owned(),
            detail,
            status,
            signed_in: visitor.is_some(),
        }
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
}

/// A handler does not know the look: what it returns goes out in the language of the request only
/// where [`for_browsers`] writes it; by itself it is English.
impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.page(Look::default(), None).into_response();
        response.extensions_mut().insert(Unsaid(std::sync::Arc::new(self)));
        response
    }
}

/// An error that a handler returned, to be told in the reader's language.
#[derive(Clone)]
pub(crate) struct Unsaid(std::sync::Arc<PageError>);

/// Tells an error that a handler returned in the language of who asked.
pub(crate) fn in_their_language(
    mut response: Response,
    look: Look,
    signed_in: Option<&Visitor>,
) -> Response {
    match response.extensions_mut().remove::<Unsaid>() {
        Some(Unsaid(error)) => error.page(look, signed_in).into_response(),
        None => response,
    }
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        let html = self.render().unwrap_or_else(|_| self.title.clone());
        let mut response = (self.status, axum::response::Html(html)).into_response();
        let policy = HeaderValue::from_static(POLICY);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        response
    }
}

/// Turns a problem into a page where a browser asked for one: somebody typed an address.
pub(crate) fn for_browsers(response: Response, asked: &HeaderMap) -> Response {
    let wanted = asked.get(header::ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let is_problem = response.extensions().get::<Problem>().is_some();
    if !is_problem || !wanted.starts_with("text/html") {
        return response;
    }
    let status = response.status();
    let error = match status {
        StatusCode::NOT_FOUND => PageError::NotFound,
        _ => return response,
    };
    let mut page = error.page(Look::of(asked), None).into_response();
    if let Some(problem) = response.extensions().get::<Problem>() {
        page.extensions_mut().insert(problem.clone());
    }
    let id = crate::request_id::X_REQUEST_ID;
    if let Some(value) = response.headers().get(&id) {
        page.headers_mut().insert(id, value.clone());
    }
    page
}
