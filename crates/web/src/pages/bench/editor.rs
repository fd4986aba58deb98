//! The editor: a text, what is wrong with it, and what it would have done.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::super::acts::told;
use super::super::cookies::Cookies;
use super::super::error::PageError;
use super::super::shell::{Shell, draw};
use super::super::texts::{Texts, fill};
use super::super::visitor::{Asked, Form, Visitor};
use super::diagnosis::{Diagnostics, fixed};
use super::diff::{self, diff};
use super::preview::Drawn;
use super::{Head, Subject, shell_of};
use crate::app::App;
use crate::backend::{Failure, Role};
use crate::noun::{MovableNumber, PreviewAsked, Withheld};

/// What of a preview is looked at; the page's address holds it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Looking {
    /// Which number.
    number: String,
    outcome: String,
    within: String,
    /// An account that is to be explained: that is another page.
    pub account: Option<String>,
}

impl Looking {
    fn asked(&self) -> PreviewAsked {
        PreviewAsked {
            number: self.number.parse().ok(),
            outcome: Some(self.outcome.clone()).filter(|it| !it.is_empty()),
            within_days: self.within.parse().ok(),
        }
    }

    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in
            [("number", &self.number), ("outcome", &self.outcome), ("within", &self.within)]
        {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }
}

/// A story, drawn.
struct StoryView {
    title: String,
    mark: &'static str,
    icon: &'static str,
    word: &'static str,
}

/// A number to choose.
struct NumberView {
    place: usize,
    label: String,
    chosen: bool,
}

/// Why there is no preview, in words.
struct NoPreview {
    title: &'static str,
    help: &'static str,
}

#[derive(Template)]
#[template(path = "definition_edit.html")]
struct EditPage {
    shell: Shell,
    head: Head,
    text: String,
    file: String,
    rows: usize,
    diagnostics: Diagnostics,
    stories: Vec<StoryView>,
    stories_hold: String,
    diff: Vec<diff::Line>,
    same_version: bool,
    stale: Option<String>,
    numbers: Vec<NumberView>,
    looking: Looking,
    preview: Option<Drawn>,
    none: NoPreview,
}

/// What is wrong with a text, without the page around it.
#[derive(Template)]
#[template(path = "diagnostics.html")]
struct CheckedPart {
    shell: PartShell,
    diagnostics: Diagnostics,
}

/// As much of a page's shell as a part of it needs.
struct PartShell {
    t: &'static Texts,
}

/// Whether somebody may write definitions.
pub(in super::super) fn writes(visitor: &Visitor) -> bool {
    matches!(visitor.user.role, Role::Admin | Role::Analyst)
}

/// `GET /definitions/{definition}`, for those who may write.
pub(in super::super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(name): Path<String>,
    Asked(looking): Asked<Looking>,
) -> Result<Response, PageError> {
    let subject = Subject::find(&app, &visitor, &name).await?.ok_or(PageError::NotFound)?;
    let shell = shell_of(&app, &visitor, &uri, &name).await?;
    let t = shell.t;
    let b = &t.bench;
    let text = subject.text();
    let tried = app.backend.try_out(&name, &text, &looking.asked(), &visitor.user.id).await;
    let (checked, preview, withheld) = match tried {
        Ok(it) => (it.checked, it.preview, it.withheld),
        // While many try something, and while the state is rebuilt, the text can still be worked on.
        Err(Failure::Busy { .. } | Failure::NotReady { .. }) => {
            (app.backend.check(&name, &text).await?, None, Some(Withheld::Superseded))
        }
        Err(failure) => return Err(failure.into()),
    };
    let mut head = Head::of(&shell, &name, &subject, "edit");
    if let Some(title) = &checked.title {
        head.title.clone_from(title);
    }
    head.refused = !checked.is_sound();
    let same_version = checked.version.as_deref() == subject.running();
    head.publishable = checked.publishable && subject.draft.is_some() && !same_version;
    let stale = subject.draft.as_ref().and_then(|draft| {
        let (base, running) = (draft.base.as_deref()?, subject.running()?);
        let values = [
            ("version", super::super::profile::short(base)),
            ("running", super::super::profile::short(running)),
        ];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        (base != running).then(|| fill(b.draft_stale, &values))
    });
    let holding = checked.stories.iter().filter(|it| it.outcome == "passed").count();
    let counts = [("n", holding.to_string()), ("m", checked.stories.len().to_string())];
    let counts = counts.each_ref().map(|(name, value)| (*name, value.as_str()));
    let none = match withheld {
        None => NoPreview { title: b.refused_title, help: b.refused_help },
        Some(Withheld::NothingRecorded) => {
            NoPreview { title: b.nothing_title, help: b.nothing_help }
        }
        Some(Withheld::TooLong) => NoPreview { title: b.too_long_title, help: b.too_long_help },
        Some(Withheld::Superseded) => {
            NoPreview { title: b.superseded_title, help: b.superseded_help }
        }
    };
    let chosen = looking.number.parse().unwrap_or(0);
    let page = EditPage {
        diagnostics: Diagnostics::of(t, &checked, &text),
        stories_hold: fill(b.stories_hold, &counts),
        stories: checked.stories.iter().map(|it| story(t, &it.title, &it.outcome)).collect(),
        diff: diff(&subject.base_text(), &text),
        same_version: same_version && subject.draft.is_some(),
        stale,
        numbers: numbers(&checked.thresholds, chosen),
        preview: preview.as_ref().map(|it| Drawn::of(&shell.show, it)),
        none,
        file: checked.file,
        rows: (text.lines().count() + 2).clamp(12, 40),
        text,
        looking,
        head,
        shell,
    };
    draw(&page)
}

fn story(t: &'static Texts, title: &str, outcome: &str) -> StoryView {
    let b = &t.bench;
    let (mark, icon, word) = match outcome {
        "passed" => ("met", "check", b.story_passed),
        "failed" => ("failed", "cross", b.story_failed),
        _ => ("unknown", "question", b.story_not_run),
    };
    StoryView { title: title.to_owned(), mark, icon, word }
}

fn numbers(all: &[MovableNumber], chosen: usize) -> Vec<NumberView> {
    let one = |(place, it): (usize, &MovableNumber)| {
        let clause = if it.clause == "when" { String::new() } else { format!("{}: ", it.clause) };
        NumberView { place, label: format!("{clause}{}", it.condition), chosen: place == chosen }
    };
    all.iter().enumerate().map(one).collect()
}

/// What a form of the editor says.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Typed {
    r#do: String,
    text: Option<String>,
    /// A replacement that a diagnostic offers.
    fix: Option<String>,
    /// Which number is moved, and whereto.
    number: String,
    at: Option<String>,
    outcome: String,
    within: String,
}

/// `POST /definitions/{definition}/draft`
pub(in super::super) async fn keep(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Path(name): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let subject = Subject::find(&app, &visitor, &name).await?.ok_or(PageError::NotFound)?;
    let page = format!("/definitions/{}", escaped(&name));
    if typed.r#do == "discard" {
        app.backend.discard_draft(&visitor.user, &name).await?;
        let to = if subject.detail.is_some() { page } else { "/definitions".to_owned() };
        return Ok(told(&cookies, "draft_gone", &to));
    }
    let before = subject.text();
    let mut text = typed.text.map_or_else(|| before.clone(), |it| it.replace("\r\n", "\n"));
    if let Some(fix) = &typed.fix {
        // What does not fit any more is told once more, by the text as it is.
        text = fixed(&text, fix).unwrap_or(text);
    }
    if let Some(at) = &typed.at {
        let checked = app.backend.check(&name, &text).await?;
        let place: usize = typed.number.parse().unwrap_or(0);
        text = moved(&text, checked.thresholds.get(place), at).unwrap_or(text);
    }
    if text != before || subject.draft.is_none() && text != subject.base_text() {
        let draft = subject.draft.as_ref();
        let base = draft.map_or(subject.running(), |it| it.base.as_deref());
        app.backend.keep_draft(&visitor.user, &name, &text, base).await?;
    }
    let Typed { number, outcome, within, .. } = typed;
    let looking = Looking { number, outcome, within, account: None };
    Ok(Redirect::to(&format!("{page}{}", looking.query())).into_response())
}

/// `POST /definitions/{definition}/check`: keeps the text and tells what is wrong with it, while
/// somebody types.
pub(in super::super) async fn check(
    State(app): State<App>,
    visitor: Visitor,
    Path(name): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let subject = Subject::find(&app, &visitor, &name).await?.ok_or(PageError::NotFound)?;
    let text = typed.text.map_or_else(|| subject.text(), |it| it.replace("\r\n", "\n"));
    if text != subject.text() {
        let base = subject.draft.as_ref().map_or(subject.running(), |it| it.base.as_deref());
        app.backend.keep_draft(&visitor.user, &name, &text, base).await?;
    }
    let checked = app.backend.check(&name, &text).await?;
    let t = visitor.look.texts();
    draw(&CheckedPart { shell: PartShell { t }, diagnostics: Diagnostics::of(t, &checked, &text) })
}

/// The text with one of its numbers at another figure; `None` if that is no number, or the text
/// has none such.
fn moved(text: &str, number: Option<&MovableNumber>, at: &str) -> Option<String> {
    let number = number?;
    let at = at.trim();
    let figure: f64 = at.parse().ok()?;
    if !figure.is_finite() || figure < 0.0 || at.len() > 20 {
        return None;
    }
    // The unit stays as it is written: what is behind, or before, the digits.
    let written = text.get(number.from_byte..number.to_byte)?;
    let digit = |it: char| it.is_ascii_digit() || matches!(it, '.' | '_');
    let from = written.find(digit)?;
    let to = written[from..].find(|it| !digit(it)).map_or(written.len(), |it| from + it);
    let (before, behind) = (text.get(..number.from_byte)?, text.get(number.to_byte..)?);
    Some(format!("{before}{}{at}{}{behind}", &written[..from], &written[to..]))
}

/// A name as a part of an address.
pub(in super::super) fn escaped(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, written: &str) -> MovableNumber {
        let from = text.find(written).unwrap();
        MovableNumber {
            clause: "when".into(),
            value: "usage(contacts)".into(),
            condition: text.into(),
            number: written.into(),
            figure: 0.0,
            at_least: true,
            from_byte: from,
            to_byte: from + written.len(),
        }
    }

    #[test]
    fn a_moved_number_keeps_its_unit() {
        for (text, written, at, wanted) in [
            ("usage >= 80% of it", "80%", "75", Some("usage >= 75% of it")),
            ("trial_left <= 7d", "7d", "3", Some("trial_left <= 3d")),
            ("sum >= 20 USD", "20 USD", "12.5", Some("sum >= 12.5 USD")),
            ("count >= 3", "3", "4 or true", None),
            ("count >= 3", "3", "-1", None),
        ] {
            let number = number(text, written);
            assert_eq!(moved(text, Some(&number), at).as_deref(), wanted, "{text} at {at}");
        }
        assert_eq!(moved("count >= 3", None, "4"), None);
    }
}
