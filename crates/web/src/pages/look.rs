//! How somebody wants the pages: the language, light or dark. Kept in cookies.

use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::cookies::{self, Cookies};
use super::error::PageError;
use super::texts::{Language, Texts};
use super::visitor::Form;

/// For how long a choice is kept: a year.
const KEPT_SECONDS: i64 = 365 * 24 * 60 * 60;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// How somebody wants the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub language: Language,
    pub theme: Theme,
}

impl Look {
    /// What was chosen; else the language that the browser asks for.
    pub fn of(headers: &HeaderMap) -> Self {
        let cookies = Cookies::of(headers);
        let chosen = cookies.get(cookies::LANGUAGE).and_then(Language::from_tag);
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
        Self {
            language: chosen.or_else(|| asked.and_then(Language::asked_for)).unwrap_or_default(),
            theme: cookies.get(cookies::THEME).and_then(Theme::from_word).unwrap_or_default(),
        }
    }

    /// What was chosen against the system's, for `data-theme`.
    pub fn own_theme(self) -> Option<&'static str> {
        (self.theme != Theme::System).then(|| self.theme.word())
    }

    pub fn texts(self) -> &'static Texts {
        self.language.texts()
    }
}

#[derive(Deserialize)]
pub(super) struct Choice {
    language: Option<String>,
    theme: Option<String>,
    /// The page to go back to.
    to: String,
}

/// `POST /look`
pub(super) async fn change(
    cookies: Cookies,
    Form(choice): Form<Choice>,
) -> Result<Response, PageError> {
    let mut kept = Vec::new();
    if let Some(language) = choice.language.as_deref().and_then(Language::from_tag) {
        let tag = language.tag();
        kept.push((header::SET_COOKIE, cookies.keep(cookies::LANGUAGE, tag, Some(KEPT_SECONDS))));
    }
    if let Some(theme) = choice.theme.as_deref().and_then(Theme::from_word) {
        let word = theme.word();
        kept.push((header::SET_COOKIE, cookies.keep(cookies::THEME, word, Some(KEPT_SECONDS))));
    }
    Ok((AppendHeaders(kept), Redirect::to(here(&choice.to))).into_response())
}

/// A path of ours that somebody is sent to; never another site.
pub(super) fn here(to: &str) -> &str {
    let ours = to.starts_with('/')
        && !to.starts_with("//")
        && !to.contains(['\\', '\r', '\n', '\t'])
        && to.is_ascii();
    if ours { to } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::here;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(here("/leads?owner=me"), "/leads?owner=me");
        for elsewhere in
            ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nb"]
        {
            assert_eq!(here(elsewhere), "/", "{elsewhere}");
        }
    }
}
