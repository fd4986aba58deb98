//! The inbox: who has qualified, why, and until when to answer.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::error::PageError;
use super::owners::{Owner, Owners};
use super::shell::{COUNTED_MAX, Place, Shell, draw};
use super::show::Show;
use super::texts::{Texts, counted, fill};
use super::visitor::{Asked, Visitor};
use crate::api;
use crate::app::App;
use crate::backend::{Brief, Role, SavedView};
use crate::extract::{Limit, List};
use crate::noun::{At, Direction, Lead, LeadFilter, LeadOrder, LeadStatus, Track};

/// Leads on a page.
const PAGE_LEADS: u32 = 50;

/// What the page's address asks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Query {
    pub view: String,
    pub text: String,
    pub track: String,
    pub owner: String,
    pub sort: String,
    pub cursor: String,
    /// Set by the search in the navigation.
    pub q: String,
}

/// The views that everybody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Mine,
    Open,
    Late,
    Accepted,
    Snoozed,
    Decided,
}

impl View {
    const ALL: [Self; 6] =
        [Self::Mine, Self::Open, Self::Late, Self::Accepted, Self::Snoozed, Self::Decided];

    const fn word(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Open => "open",
            Self::Late => "late",
            Self::Accepted => "accepted",
            Self::Snoozed => "snoozed",
            Self::Decided => "decided",
        }
    }

    fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|it| it.word() == word).unwrap_or(Self::Open)
    }

    const fn title(self, t: &Texts) -> &'static str {
        let l = &t.leads;
        match self {
            Self::Mine => l.view_mine,
            Self::Open => l.view_open,
            Self::Late => l.view_late,
            Self::Accepted => l.view_accepted,
            Self::Snoozed => l.view_snoozed,
            Self::Decided => l.view_decided,
        }
    }

    /// Its leads, whoever looks.
    fn filter(self, visitor: &Visitor, show: &Show) -> LeadFilter {
        use LeadStatus as S;
        let statuses = match self {
            Self::Mine => vec![S::Open, S::Accepted],
            Self::Open | Self::Late => vec![S::Open],
            Self::Accepted => vec![S::Accepted],
            Self::Snoozed => vec![S::Snoozed],
            Self::Decided => {
                vec![S::Rejected, S::Won, S::Lost, S::Expired, S::Withdrawn, S::Merged]
            }
        };
        LeadFilter {
            statuses,
            owner: (self == Self::Mine).then(|| visitor.user.owner.clone()),
            due_before: (self == Self::Late).then_some(At(show.now)),
            held_out: visitor.held_out(),
            ..LeadFilter::default()
        }
    }
}

impl Query {
    pub fn view(&self) -> View {
        View::of(&self.view)
    }

    fn words(&self) -> &str {
        let words = if self.text.is_empty() { &self.q } else { &self.text };
        words.trim()
    }

    fn is_narrowed(&self) -> bool {
        !(self.words().is_empty() && self.track.is_empty() && self.owner.is_empty())
    }

    fn filter(&self, visitor: &Visitor, show: &Show) -> LeadFilter {
        let mut filter = self.view().filter(visitor, show);
        filter.tracks = match self.track.as_str() {
            "product" => vec![Track::Product],
            "marketing" => vec![Track::Marketing],
            "expansion" => vec![Track::Expansion],
            _ => Vec::new(),
        };
        match self.owner.as_str() {
            "" => {}
            "me" => filter.owner = Some(visitor.user.owner.clone()),
            "nobody" => filter.unowned = true,
            name => filter.owner = name.strip_prefix('=').map(str::to_owned),
        }
        filter.text = Some(self.words().to_owned()).filter(|it| !it.is_empty());
        (filter.order, filter.direction) = match (self.sort.as_str(), self.view()) {
            ("score", _) => (LeadOrder::Priority, Direction::Desc),
            ("newest", _) => (LeadOrder::OpenedAt, Direction::Desc),
            ("due", _) => (LeadOrder::DueAt, Direction::Asc),
            ("changed", _) | (_, View::Decided | View::Accepted) => {
                (LeadOrder::UpdatedAt, Direction::Desc)
            }
            _ => (LeadOrder::DueAt, Direction::Asc),
        };
        filter
    }

    /// The same, as an address; words that were searched for are left out of what is saved.
    fn address(&self, with_words: bool, cursor: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let words = if with_words { self.words() } else { "" };
        let pairs = [
            ("view", self.view().word()),
            ("text", words),
            ("track", &self.track),
            ("owner", &self.owner),
            ("sort", &self.sort),
            ("cursor", cursor.unwrap_or_default()),
        ];
        query.extend_pairs(pairs.into_iter().filter(|it| !it.1.is_empty()));
        query.finish()
    }
}

/// A tab.
struct Tab {
    title: String,
    to: String,
    /// How many leads; `None` where that is not counted.
    count: Option<String>,
    current: bool,
}

/// A row.
pub(crate) struct Row {
    pub lead: Lead,
    pub name: String,
    /// `Free · 480 people`.
    pub about: String,
    pub track: TrackMark,
    pub stage: Stage,
    pub due: Due,
    pub owner: Option<Owner>,
    pub score: String,
}

/// A track as it is drawn: its class, and its word.
#[derive(Clone, Copy)]
pub(crate) struct TrackMark {
    pub class: &'static str,
    pub word: &'static str,
    pub long: &'static str,
}

impl TrackMark {
    pub fn of(t: &'static Texts, track: Track) -> Self {
        Self::named(t, track.word())
    }

    pub fn named(t: &'static Texts, track: &str) -> Self {
        let w = &t.words;
        match track {
            "product" => Self { class: "product", word: w.product, long: w.product_qualified },
            "marketing" => {
                Self { class: "marketing", word: w.marketing, long: w.marketing_qualified }
            }
            "expansion" => {
                Self { class: "expansion", word: w.expansion, long: w.expansion_qualified }
            }
            _ => Self { class: "nobody", word: w.segment, long: w.segment },
        }
    }
}

/// The mark of a track, drawn: never colour alone.
pub(crate) fn glyph(class: &str) -> &'static str {
    match class {
        "product" => {
            r#"<svg class="glyph" viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="4"/></svg>"#
        }
        "marketing" => {
            r#"<svg class="glyph" viewBox="0 0 10 10" aria-hidden="true"><path d="M5 0 10 5 5 10 0 5z"/></svg>"#
        }
        "expansion" => {
            r#"<svg class="glyph" viewBox="0 0 10 10" aria-hidden="true"><path d="M5 .75 9.75 9.25H.25z"/></svg>"#
        }
        _ => {
            r#"<svg class="glyph" viewBox="0 0 10 10" aria-hidden="true"><rect x="1" y="1" width="8" height="8" rx="1"/></svg>"#
        }
    }
}

/// A stage with how far it is on the way to being a customer, of six.
pub(crate) struct Stage {
    pub word: String,
    pub steps: u8,
}

impl Stage {
    /// The x of each of the six marks, and whether it is reached.
    pub fn pips(&self) -> impl Iterator<Item = (u8, bool)> + '_ {
        (0..6).map(|it| (it * 5, it < self.steps))
    }

    pub fn of(t: &'static Texts, stage: Option<&str>) -> Self {
        let w = &t.words;
        let (word, steps) = match stage {
            None => (w.no_stage, 0),
            Some("subscriber") => (w.subscriber, 1),
            Some("lead") => (w.lead, 2),
            Some("mql") => (w.mql, 3),
            Some("pql") => (w.pql, 3),
            Some("sql") => (w.sql, 4),
            Some("opportunity") => (w.opportunity, 5),
            Some("customer") => (w.customer, 6),
            Some("former") => (w.former, 0),
            // A stage that the team has named itself.
            Some(other) => return Self { word: other.to_owned(), steps: 0 },
        };
        Self { word: word.to_owned(), steps }
    }
}

/// Until when a lead is to be answered.
pub(crate) struct Due {
    pub class: &'static str,
    pub text: String,
    pub below: String,
}

impl Due {
    pub fn of(show: &Show, lead: &Lead) -> Self {
        let l = &show.t.leads;
        let below = fill(l.open_for, &[("span", &show.span(show.now - lead.known_at.0))]);
        match (lead.status, lead.due_at) {
            (LeadStatus::Open, Some(At(due))) if due <= show.now => {
                let text = fill(l.over, &[("span", &show.span(show.now - due))]);
                Self { class: "bad-text", text, below }
            }
            (LeadStatus::Open, Some(At(due))) => {
                let text = fill(l.left, &[("span", &show.span(due - show.now))]);
                let soon = due - show.now < firsthand_model::Span::HOUR;
                Self { class: if soon { "warn-text" } else { "" }, text, below }
            }
            (LeadStatus::Snoozed, _) => {
                let until = lead.snoozed_until.map_or_else(String::new, |it| show.when(it.0));
                let text = fill(l.until, &[("time", &until)]);
                Self { class: "", text: status_word(show.t, lead.status).to_owned(), below: text }
            }
            (LeadStatus::Open, None) => {
                Self { class: "", text: status_word(show.t, lead.status).to_owned(), below }
            }
            _ => Self {
                class: "",
                text: status_word(show.t, lead.status).to_owned(),
                below: show.when(lead.updated_at.0),
            },
        }
    }
}

/// A status's name.
pub(crate) fn status_word(t: &'static Texts, status: LeadStatus) -> &'static str {
    let w = &t.words;
    match status {
        LeadStatus::Open => w.open,
        LeadStatus::Accepted => w.accepted,
        LeadStatus::Rejected => w.rejected,
        LeadStatus::Snoozed => w.snoozed,
        LeadStatus::Won => w.won,
        LeadStatus::Lost => w.lost,
        LeadStatus::Expired => w.expired,
        LeadStatus::Withdrawn => w.withdrawn,
        LeadStatus::Merged => w.merged,
    }
}

impl Row {
    pub fn of(show: &Show, lead: Lead, brief: Option<&Brief>, owners: &Owners) -> Self {
        let name = brief.and_then(|it| it.name.clone()).or_else(|| lead.account_name.clone());
        let mut about = Vec::new();
        if let Some(brief) = brief {
            about.extend(brief.plan.clone());
            if brief.people > 0 {
                let (l, n) = (&show.t.leads, show.count(brief.people));
                about.push(counted(l.people_one, l.people_many, brief.people, &n));
            }
        }
        Self {
            name: name.unwrap_or_else(|| lead.account.clone()),
            about: about.join(" · "),
            track: TrackMark::of(show.t, lead.track),
            stage: Stage::of(show.t, lead.stage.as_deref()),
            due: Due::of(show, &lead),
            owner: lead.owner.as_deref().map(|it| owners.owner(it)),
            score: lead.priority.map_or_else(|| "–".to_owned(), |it| show.number(it)),
            lead,
        }
    }

    /// Whether it waits for an answer.
    pub fn is_open(&self) -> bool {
        self.lead.status == LeadStatus::Open
    }
}

/// Rows under a heading.
struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

/// The page.
#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    shell: Shell,
    query: Query,
    lede: String,
    tabs: Vec<Tab>,
    /// The view of one's own that is open, to be forgotten.
    own_view: Option<String>,
    owners: Vec<(String, String)>,
    sort: &'static str,
    groups: Vec<Group>,
    next: Option<String>,
    first: Option<String>,
    csv: String,
    to_save: String,
}

impl InboxPage {
    fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    fn is_narrowed(&self) -> bool {
        self.query.is_narrowed()
    }

    fn words(&self) -> &str {
        self.query.words()
    }

    /// Whether there is a lead that waits, of which several can be answered at once.
    fn can_choose(&self) -> bool {
        self.groups.iter().flat_map(|it| &it.rows).any(Row::is_open)
    }

    fn view(&self) -> &'static str {
        self.query.view().word()
    }

    fn owner_is(&self, name: &str) -> bool {
        self.query.owner.strip_prefix('=') == Some(name)
    }
}

/// `GET /`
pub(super) async fn home(_: Visitor) -> Redirect {
    Redirect::to("/leads")
}

/// `GET /leads`
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(mut query): Asked<Query>,
) -> Result<Response, PageError> {
    let t = visitor.look.texts();
    let shell = Shell::of(&app, &visitor, &uri, Place::Leads, t.leads.title).await?;
    // Who answers leads begins with their own; an address that asks for something has its way.
    if visitor.user.role == Role::Rep && uri.query().is_none_or(str::is_empty) {
        View::Mine.word().clone_into(&mut query.view);
    }
    let filter = query.filter(&visitor, &shell.show);
    let list = List::of("inbox", &query.address(true, None));
    let cursor = Some(query.cursor.as_str()).filter(|it| !it.is_empty());
    // A cursor of another list begins that list anew.
    let listing = list.part(Limit(PAGE_LEADS), cursor).ok();
    let is_first = cursor.is_none() || listing.is_none();
    let listing = match listing {
        Some(listing) => listing,
        None => crate::noun::Listing { limit: PAGE_LEADS, after: None },
    };
    let page = list.page(app.backend.leads(&filter, &listing).await?);
    let accounts = page.items.iter().map(|it| it.account.clone()).collect();
    let briefs = app.backend.briefs(accounts).await?;
    let by_due = filter.order == LeadOrder::DueAt;
    let owners = Owners::of(&app, &visitor).await?;
    let groups = groups(&shell.show, page.items, &briefs, &owners, by_due);
    let own = app.backend.views(&visitor.user, "leads").await?;
    let tabs = tabs(&app, &visitor, &shell.show, &query, &own).await?;
    let here = query.address(false, None);
    let page = InboxPage {
        lede: lede(&app, &visitor, &shell).await?,
        tabs,
        own_view: own.iter().find(|it| it.query == here).map(|it| it.name.clone()),
        owners: owners.to_give,
        sort: match filter.order {
            LeadOrder::DueAt => "due",
            LeadOrder::Priority => "score",
            LeadOrder::OpenedAt => "newest",
            LeadOrder::UpdatedAt => "changed",
        },
        groups,
        next: page.next.map(|it| query.address(true, Some(&it))),
        first: (!is_first).then(|| query.address(true, None)),
        csv: query.address(true, None),
        to_save: here,
        shell,
        query,
    };
    draw(&page)
}

async fn tabs(
    app: &App,
    visitor: &Visitor,
    show: &Show,
    query: &Query,
    own: &[SavedView],
) -> Result<Vec<Tab>, PageError> {
    let mut tabs = Vec::new();
    let here = query.address(false, None);
    for view in View::ALL {
        // What was decided only grows: nobody waits for its number.
        let count = if view == View::Decided {
            None
        } else {
            let filter = view.filter(visitor, show);
            let count = app.backend.count_leads(&filter, COUNTED_MAX).await?;
            let more = if count >= u64::from(COUNTED_MAX) { "+" } else { "" };
            Some(format!("{}{more}", show.count(count)))
        };
        let current = query.view() == view && !own.iter().any(|it| it.query == here);
        let (title, to) = (view.title(show.t).to_owned(), format!("view={}", view.word()));
        tabs.push(Tab { title, to, count, current });
    }
    tabs.extend(own.iter().map(|it| Tab {
        title: it.name.clone(),
        to: it.query.clone(),
        count: None,
        current: it.query == here,
    }));
    Ok(tabs)
}

/// How many wait, and for how many it is high time.
async fn lede(app: &App, visitor: &Visitor, shell: &Shell) -> Result<String, PageError> {
    let (l, show) = (&shell.t.leads, &shell.show);
    if shell.open_leads == 0 {
        return Ok(l.lede_none.to_owned());
    }
    let late = View::Late.filter(visitor, show);
    let today = LeadFilter { due_before: Some(At(show.midnight())), ..late.clone() };
    let late = app.backend.count_leads(&late, COUNTED_MAX).await?;
    let today = app.backend.count_leads(&today, COUNTED_MAX).await?.saturating_sub(late);
    let mut parts =
        vec![counted(l.lede_one, l.lede_many, shell.open_leads, &show.count(shell.open_leads))];
    if late > 0 {
        parts.push(counted(l.lede_late_one, l.lede_late_many, late, &show.count(late)));
    }
    if today > 0 {
        parts.push(counted(l.lede_today_one, l.lede_today_many, today, &show.count(today)));
    }
    let space = if shell.look.language == super::texts::Language::English { " " } else { "" };
    Ok(parts.join(space))
}

/// Rows in the order they come in, under headings by when they are due where that is the order.
fn groups(
    show: &Show,
    leads: Vec<Lead>,
    briefs: &BTreeMap<String, Brief>,
    owners: &Owners,
    by_due: bool,
) -> Vec<Group> {
    let l = &show.t.leads;
    let midnight = show.midnight();
    let mut groups: Vec<Group> = Vec::new();
    for lead in leads {
        let title = match (lead.status, lead.due_at) {
            _ if !by_due => "",
            (LeadStatus::Open, Some(At(due))) if due <= show.now => l.group_late,
            (LeadStatus::Open, Some(At(due))) if due < midnight => l.group_today,
            (LeadStatus::Open, Some(_)) => l.group_later,
            (LeadStatus::Open, None) => l.group_none,
            (status, _) => status_word(show.t, status),
        };
        let brief = briefs.get(&lead.account);
        let row = Row::of(show, lead, brief, owners);
        match groups.iter_mut().find(|it| it.title == title) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { title, rows: vec![row] }),
        }
    }
    groups
}

/// `GET /leads.csv`
pub(super) async fn export(
    State(app): State<App>,
    visitor: Visitor,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    let show = Show::of(&app, visitor.look);
    // The table is in the order of the API's, for programs that read on where they were.
    let filter = LeadFilter {
        order: LeadOrder::OpenedAt,
        direction: Direction::Desc,
        ..query.filter(&visitor, &show)
    };
    Ok(api::table_of_leads(app, filter).await?)
}

/// `GET /leads/events`: tells the page of leads that open and change.
pub(super) async fn events(State(app): State<App>, _: Visitor, headers: HeaderMap) -> Response {
    match api::stream_of_leads(app, &headers) {
        Ok(stream) => stream.into_response(),
        Err(problem) => problem.into_response(),
    }
}
