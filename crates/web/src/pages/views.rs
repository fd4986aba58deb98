//! Filters saved under a name.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::acts::told;
use super::cookies::Cookies;
use super::error::PageError;
use super::visitor::{Form, Visitor};
use crate::app::App;
use crate::backend::SavedView;

/// The longest name of a view, in characters.
const NAME_CHARS_MAX: usize = 40;
/// The longest query that is kept.
const QUERY_CHARS_MAX: usize = 500;

#[derive(Deserialize)]
pub(super) struct Kept {
    name: String,
    #[serde(default)]
    query: String,
}

/// `POST /leads/views`
pub(super) async fn keep(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Form(kept): Form<Kept>,
) -> Result<Response, PageError> {
    let name: String = kept.name.trim().chars().take(NAME_CHARS_MAX).collect();
    if name.is_empty() || kept.query.len() > QUERY_CHARS_MAX {
        return Err(PageError::Unreadable);
    }
    let to = format!("/leads?{}", kept.query);
    let view = SavedView { name, query: kept.query };
    app.backend.keep_view(&visitor.user, "leads", view).await?;
    Ok(told(&cookies, "view", &to))
}

/// `POST /leads/views/forget`
pub(super) async fn forget(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Form(kept): Form<Kept>,
) -> Result<Response, PageError> {
    app.backend.forget_view(&visitor.user, "leads", &kept.name).await?;
    Ok(told(&cookies, "view_gone", "/leads"))
}
