//! Who has come, as handlers take it.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::cookies::Cookies;
use super::error::PageError;
use super::look::Look;
use crate::app::App;
use crate::backend::{Caller, Role, User};
use crate::extract;
use crate::noun::Lead;

/// Somebody who is signed in and may open the page.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub user: User,
    /// The secret of the page's forms.
    pub csrf: String,
    /// What was just done.
    pub done: Option<String>,
    pub look: Look,
}

impl Visitor {
    /// As whom they act.
    pub fn caller(&self) -> Caller {
        Caller { name: self.user.owner.clone() }
    }

    /// Which leads they may see: of accounts that are held out nobody is told who might act on it.
    pub fn held_out(&self) -> Option<bool> {
        (self.user.role == Role::Rep).then_some(false)
    }

    /// Whether they may see a lead.
    pub fn sees(&self, lead: &Lead) -> bool {
        self.held_out().is_none_or(|it| it == lead.held_out)
    }
}

/// Somebody who is not signed in, on a page that is open to them.
#[derive(Clone, Debug)]
pub(crate) struct Stranger {
    /// What their browser keeps, and their form's secret comes from.
    pub form: String,
    pub look: Look,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        parts.extensions.get::<Self>().cloned().ok_or(PageError::NotFound)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Cookies {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// A form that was sent. Its secret has been checked before.
pub(crate) struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let limits = &app.settings.limits;
        let body = request.into_body();
        let read = extract::read(body, limits.api_body_bytes_max, limits.body_timeout, |_| true);
        let bytes = read.await.map_err(|_| PageError::TooLarge)?;
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(&bytes));
        T::deserialize(pairs).map(Self).map_err(|_| PageError::Unreadable)
    }
}

/// The query of a page's address; what cannot be read counts as not given, for people edit and
/// share addresses.
pub(crate) struct Asked<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(serde_urlencoded::from_str(query).unwrap_or_default()))
    }
}
