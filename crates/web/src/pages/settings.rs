//! The settings as they are in the files.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use super::error::PageError;
use super::shell::{Place, Shell, draw};
use super::visitor::Visitor;
use crate::app::App;
use crate::backend::Configured;

/// The settings.
#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    shell: Shell,
    configured: Configured,
}

/// `GET /settings`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, PageError> {
    let title = visitor.look.texts().settings.title;
    let shell = Shell::of(&app, &visitor, &uri, Place::Settings, title).await?;
    let configured = app.backend.configured().await?;
    draw(&SettingsPage { shell, configured })
}
