//! A new definition: its name and what it is for; the rest is written in the editor.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::super::error::PageError;
use super::super::shell::{Shell, draw};
use super::super::visitor::{Form, Visitor};
use super::editor::escaped;
use super::shell_of;
use crate::app::App;
use crate::backend::Failure;

/// Longest title, in characters.
const TITLE_CHARS_MAX: usize = 120;

/// What is said of a definition that is to be.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Begun {
    name: String,
    title: String,
    track: String,
    subject: String,
}

#[derive(Template)]
#[template(path = "definition_new.html")]
struct NewPage {
    shell: Shell,
    begun: Begun,
    problem: Option<&'static str>,
}

/// `GET /definitions/new`
pub(in super::super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, PageError> {
    page(&app, &visitor, &uri, Begun::default(), None).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    uri: &Uri,
    begun: Begun,
    problem: Option<&'static str>,
) -> Result<Response, PageError> {
    let title = visitor.look.texts().bench.new;
    let shell = shell_of(app, visitor, uri, title).await?;
    draw(&NewPage { shell, begun, problem })
}

/// `POST /definitions/new`
pub(in super::super) async fn begin(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Form(begun): Form<Begun>,
) -> Result<Response, PageError> {
    let b = &visitor.look.texts().bench;
    let name = begun.name.trim().to_owned();
    let text = starter(&begun, &name);
    let problem = if app.backend.definition(&name).await?.is_some() || name == "new" {
        Some(b.new_taken)
    } else {
        match app.backend.check(&name, &text).await {
            Ok(_) => None,
            Err(Failure::Conflict { .. }) => Some(b.new_taken),
            Err(Failure::Invalid { .. }) => Some(b.new_wrong),
            Err(other) => return Err(other.into()),
        }
    };
    if problem.is_some() {
        let shown = page(&app, &visitor, &uri, begun, problem).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
    }
    if app.backend.draft(&visitor.user, &name).await?.is_none() {
        app.backend.keep_draft(&visitor.user, &name, &text, None).await?;
    }
    Ok(Redirect::to(&format!("/definitions/{}", escaped(&name))).into_response())
}

/// What a new definition begins with: something that runs, and says what could stand there.
fn starter(begun: &Begun, name: &str) -> String {
    let title: String = begun.title.trim().chars().take(TITLE_CHARS_MAX).collect();
    let title = serde_json::Value::String(if title.is_empty() { name.to_owned() } else { title });
    let pick = |of: &str, known: &[&str]| {
        known.iter().find(|it| **it == of).map_or(known[0], |it| *it).to_owned()
    };
    let track = pick(&begun.track, &["product", "marketing", "expansion", "none"]);
    let subject = pick(&begun.subject, &["account", "person"]);
    format!(
        "definition: {name}\ntitle: {title}\ntrack: {track}\nsubject: {subject}\nwhen: |\n  \
         days(any, last 14d) >= 3\n\
         # stay: days(any, last 14d) >= 2       # once entered, kept while this is true\n\
         # unless: account.plan = \"pro\"         # shut out while this is true\n\
         # why: \"{{{{ account.name }}}} comes back again and again.\"\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_starter_says_what_was_said_and_takes_nothing_else() {
        let begun = Begun {
            title: "A \"team\": at work".into(),
            track: "email".into(),
            subject: "person".into(),
            ..Begun::default()
        };
        let text = starter(&begun, "team");
        assert!(text.starts_with(
            "definition: team\ntitle: \"A \\\"team\\\": at work\"\ntrack: product\nsubject: person\n"
        ));
        assert!(text.contains("{{ account.name }}"));
    }
}
