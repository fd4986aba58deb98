//! All that was done on the pages and with commands: by whom, what, when.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use firsthand_model::{Calendar, Date, Time};
use serde::Deserialize;

use super::error::PageError;
use super::shell::{Place, Shell, draw};
use super::visitor::{Asked, Visitor};
use crate::app::App;
use crate::backend::{AuditAsked, Audited};
use crate::extract::{Limit, List};
use crate::noun::Listing;

/// Lines on a page.
const LINES: u32 = 100;

/// What was done.
#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    shell: Shell,
    query: Query,
    by: Vec<String>,
    acts: Vec<String>,
    rows: Vec<(Audited, String)>,
    next: Option<String>,
    first: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    by: String,
    act: String,
    from: String,
    to: String,
    cursor: String,
}

impl Query {
    /// Both days belong to it; a date that is none does not narrow.
    fn asked(&self, calendar: &Calendar) -> AuditAsked {
        let said = |it: &str| Some(it.to_owned()).filter(|it| !it.is_empty());
        let date = |it: &str| -> Option<Date> { it.trim().parse().ok() };
        let begins = |date: Date| -> Time { calendar.start_of(date) };
        AuditAsked {
            by: said(&self.by),
            act: said(&self.act),
            from: date(&self.from).map(begins),
            to: date(&self.to).map(|it| begins(Date(it.0 + 1))),
        }
    }

    /// The address of the same list from a cursor on.
    fn address(&self, cursor: &str) -> String {
        let pairs = [
            ("by", self.by.as_str()),
            ("act", &self.act),
            ("from", &self.from),
            ("to", &self.to),
            ("cursor", cursor),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.iter().filter(|it| !it.1.is_empty()));
        query.finish()
    }

    fn narrows(&self) -> bool {
        [&self.by, &self.act, &self.from, &self.to].into_iter().any(|it| !it.is_empty())
    }

    /// The address of all by somebody, or of all such acts, with what else is asked for.
    fn with(&self, by: Option<&str>, act: Option<&str>) -> String {
        let mut query = self.clone();
        if let Some(by) = by {
            by.clone_into(&mut query.by);
        }
        if let Some(act) = act {
            act.clone_into(&mut query.act);
        }
        query.address("")
    }
}

/// `GET /settings/audit`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let shell = Shell::of(&app, &visitor, &uri, Place::Settings, t.admin.audit).await?;
    let asked = query.asked(&shell.show.calendar);
    let list = List::of("audit page", &asked);
    let cursor = Some(query.cursor.as_str()).filter(|it| !it.is_empty());
    let listing = list.part(Limit(LINES), cursor).ok();
    let listing = listing.unwrap_or(Listing { limit: LINES, after: None });
    let first = listing.after.as_ref().map(|_| query.address(""));
    let page = list.page(app.backend.audit(&asked, &listing).await?);
    let (by, acts) = app.backend.audit_words().await?;
    let rows = page.items.into_iter().map(|it| {
        let when = shell.show.when(it.at);
        (it, when)
    });
    let next = page.next.map(|it| query.address(&it));
    draw(&AuditPage { rows: rows.collect(), next, first, by, acts, query, shell })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_belong_to_what_is_asked_for() {
        let query = Query {
            by: "Ann".to_owned(),
            from: "2026-03-01".to_owned(),
            to: "2026-03-01".to_owned(),
            ..Query::default()
        };
        let asked = query.asked(&Calendar::default());
        assert_eq!(asked.by.as_deref(), Some("Ann"));
        assert_eq!(asked.from, "2026-03-01T00:00:00Z".parse().ok());
        assert_eq!(asked.to, "2026-03-02T00:00:00Z".parse().ok());
        let wrong = Query { from: "soon".to_owned(), ..Query::default() };
        assert_eq!(wrong.asked(&Calendar::default()), AuditAsked::default());
    }

    #[test]
    fn a_link_narrows_further_and_begins_anew() {
        let query = Query { by: "Ann".to_owned(), cursor: "ff".to_owned(), ..Query::default() };
        assert_eq!(query.with(None, Some("key made")), "by=Ann&act=key+made");
        assert_eq!(query.address("00"), "by=Ann&cursor=00");
    }
}
