//! What stands around every page: navigation, what was just done, how the server is.

use askama::Template;
use axum::http::Uri;
use axum::response::{Html, IntoResponse, Response};
use firsthand_model::Span;

use super::assets;
use super::error::PageError;
use super::look::{Look, Theme};
use super::show::Show;
use super::texts::{Language, Leads, Texts, fill};
use super::tour::Tour;
use super::visitor::Visitor;
use crate::app::App;
use crate::backend::{Role, User};
use crate::noun::{LeadFilter, LeadStatus, Phase};

/// Behind which the server is called slow, in milliseconds.
const SLOW_MS: u64 = 5_000;
/// Beyond which open leads are no longer counted.
pub(crate) const COUNTED_MAX: u32 = 1_000;

/// Where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Leads,
    Accounts,
    Definitions,
    Plays,
    Reports,
    Sources,
    People,
    Keys,
    Settings,
}

impl Place {
    const fn word(self) -> &'static str {
        match self {
            Self::Leads => "leads",
            Self::Accounts => "accounts",
            Self::Definitions => "definitions",
            Self::Plays => "plays",
            Self::Reports => "reports",
            Self::Sources => "sources",
            Self::People => "people",
            Self::Keys => "keys",
            Self::Settings => "settings",
        }
    }
}

/// What was just done.
pub(crate) struct Toast {
    pub text: String,
    /// The lead whose act can be taken back.
    pub undo: Option<String>,
}

/// What stands around every page.
pub(crate) struct Shell {
    pub t: &'static Texts,
    pub show: Show,
    pub look: Look,
    pub title: String,
    pub place: Place,
    pub company: String,
    pub user: User,
    pub csrf: String,
    /// The address of this page, to come back to.
    pub here: String,
    pub open_leads: u64,
    pub refused: u64,
    pub live: String,
    pub live_is_slow: bool,
    pub toast: Option<Toast>,
    /// What a guided tour says here.
    pub tour: Option<Tour>,
    pub css: String,
    pub js: String,
    pub mark: String,
}

impl Shell {
    /// The shell of a page. `title` is its name in the browser.
    pub async fn of(
        app: &App,
        visitor: &Visitor,
        uri: &Uri,
        place: Place,
        title: &str,
    ) -> Result<Self, PageError> {
        let t = visitor.look.texts();
        let about = app.backend.about();
        let show = Show { t, calendar: about.calendar, now: app.now() };
        let open = LeadFilter {
            statuses: vec![LeadStatus::Open],
            held_out: visitor.held_out(),
            ..LeadFilter::default()
        };
        let open_leads = app.backend.count_leads(&open, COUNTED_MAX).await?;
        let status = app.backend.status().await?;
        let sees_sources = matches!(visitor.user.role, Role::Admin | Role::Analyst);
        let refused = if sees_sources {
            app.backend.sources().await?.iter().map(|it| it.rejected_last_hour).sum()
        } else {
            0
        };
        let (live, live_is_slow) = match status.readiness.phase {
            Phase::Live if status.lag_ms < 1_000 => (t.shell.live.to_owned(), false),
            Phase::Live => {
                let lag = i64::try_from(status.lag_ms).unwrap_or(i64::MAX / 1_000);
                let behind = show.span(Span(lag.saturating_mul(1_000)));
                (fill(t.shell.live_behind, &[("n", &behind)]), status.lag_ms > SLOW_MS)
            }
            Phase::Failed => (t.shell.stopped.to_owned(), true),
            Phase::Starting | Phase::Rebuilding | Phase::Stopping => {
                (t.shell.rebuilding.to_owned(), true)
            }
        };
        let toast = match &visitor.done {
            Some(done) => toast(app, t, done).await,
            None => None,
        };
        Ok(Self {
            t,
            show,
            look: visitor.look,
            title: title.to_owned(),
            place,
            company: about.name.to_string(),
            user: visitor.user.clone(),
            csrf: visitor.csrf.clone(),
            here: uri.path_and_query().map_or("/", |it| it.as_str()).to_owned(),
            open_leads,
            refused,
            live,
            live_is_slow,
            toast,
            tour: if app.settings.tour { Tour::at(t, uri) } else { None },
            css: assets::css(),
            js: assets::js(),
            mark: assets::mark(),
        })
    }

    /// Whether somebody is in this part of the pages.
    pub fn is_at(&self, place: &str) -> bool {
        self.place.word() == place
    }

    pub fn open_count(&self) -> String {
        self.show.count(self.open_leads)
    }

    pub fn has_refused(&self) -> bool {
        self.refused > 0
    }

    pub fn refused_count(&self) -> String {
        self.show.count(self.refused)
    }

    /// Whether somebody sees definitions' data: sources and what was refused.
    pub fn sees_sources(&self) -> bool {
        matches!(self.user.role, Role::Admin | Role::Analyst)
    }

    pub fn is_admin(&self) -> bool {
        self.user.role == Role::Admin
    }

    pub fn sells(&self) -> bool {
        matches!(self.user.role, Role::Admin | Role::Rep)
    }

    pub fn role(&self) -> &'static str {
        role_word(self.t, self.user.role)
    }

    pub fn initials(&self) -> String {
        initials(&self.user.name)
    }

    #[expect(clippy::unused_self, reason = "templates call it so")]
    pub fn languages(&self) -> [Language; 3] {
        Language::ALL
    }

    pub fn themes(&self) -> [(Theme, &'static str); 3] {
        let s = &self.t.shell;
        [
            (Theme::System, s.theme_system),
            (Theme::Light, s.theme_light),
            (Theme::Dark, s.theme_dark),
        ]
    }
}

/// A role's name.
pub(crate) fn role_word(t: &Texts, role: Role) -> &'static str {
    match role {
        Role::Admin => t.words.admin,
        Role::Analyst => t.words.analyst,
        Role::Rep => t.words.rep,
    }
}

/// The first letters of the first and the last word; of an address, those before the `@`.
pub(crate) fn initials(name: &str) -> String {
    let name = name.split('@').next().unwrap_or_default();
    let mut words = name.split([' ', '.', '-', '_']).filter(|it| !it.is_empty());
    let first = words.next().and_then(|it| it.chars().next());
    let last = words.next_back().and_then(|it| it.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// Which of the four tints somebody's initials stand on; always the same one.
pub(crate) fn tint(name: &str) -> u8 {
    blake3::hash(name.as_bytes()).as_bytes()[0] % 4 + 1
}

/// What was just done, in words: `accepted.lead_1`, `several.3.0`, `key_revoked`.
async fn toast(app: &App, t: &'static Texts, done: &str) -> Option<Toast> {
    let mut parts = done.split('.');
    let (what, one, other) = (parts.next()?, parts.next(), parts.next());
    let l: &Leads = &t.leads;
    let plain = |text: &str| Some(Toast { text: text.to_owned(), undo: None });
    let text = match what {
        "accepted" => l.done_accepted,
        "rejected" => l.done_rejected,
        "snoozed" => l.done_snoozed,
        "assigned" => l.done_assigned,
        "reopened" => l.done_reopened,
        "won" => l.done_won,
        "lost" => l.done_lost,
        "noted" => return plain(l.done_noted),
        "view" => return plain(l.done_view),
        "view_gone" => return plain(l.done_view_gone),
        "replayed" => return plain(t.data.done_replayed),
        "refused" => return plain(t.data.done_refused),
        "discarded" => return plain(t.data.done_discarded),
        "draft_gone" => return plain(t.bench.done_discarded),
        "draft_taken" => return plain(t.bench.done_taken),
        "published" => return plain(t.bench.done_published),
        "import_read" => return plain(t.imports.done_read),
        "import_gone" => return plain(t.imports.done_gone),
        "import_stopping" => return plain(t.imports.done_stopping),
        "who_proposed" => return plain(t.who.done_proposed),
        "who_made" => return plain(t.who.done_made),
        "who_undone" => return plain(t.who.done_undone),
        "resent" => return plain(t.out.done_resent),
        "resent_all" => return plain(&fill(t.out.done_resent_all, &[("n", one?)])),
        "enabled" => return plain(t.out.done_enabled),
        "key_revoked" => return plain(t.admin.done_revoked),
        "changed" => return plain(t.admin.done_changed),
        "several" => {
            let (done, failed) = (one?, other?);
            let text = if failed == "0" { l.done_several } else { l.done_several_failed };
            return plain(&fill(text, &[("n", done), ("m", failed)]));
        }
        _ => return None,
    };
    let lead = app.backend.lead(one?).await.ok()??.lead;
    let briefs = app.backend.briefs(vec![lead.account.clone()]).await.unwrap_or_default();
    let name = briefs.get(&lead.account).and_then(|it| it.name.as_deref());
    let undo = matches!(what, "accepted" | "snoozed").then(|| lead.id.clone());
    let name = name.unwrap_or(&lead.account);
    Some(Toast { text: fill(text, &[("account", name)]), undo })
}

/// Draws a page.
pub(crate) fn draw(page: &impl Template) -> Result<Response, PageError> {
    Ok(Html(page.render()?).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_word() {
        let told = ["Mara Lindqvist", "jonas.okafor@acme.example", "陈静", "Ada", ""].map(initials);
        assert_eq!(told, ["ML", "JO", "陈", "A", ""]);
    }
}
