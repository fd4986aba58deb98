//! The timeline of an account: what its people did, fact by fact, and what was decided and sent, day
//! by day. The page of an account shows its beginning.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use firsthand_model::{Date, Span, Time};
use serde::Deserialize;

use super::error::PageError;
use super::facts;
use super::happened::{Happened, Happening};
use super::inbox::TrackMark;
use super::owners::Owners;
use super::previews::encoded;
use super::profile::calm;
use super::sending::query;
use super::shell::{Place, Shell, draw};
use super::show::Show;
use super::texts::{Timeline as Words, fill};
use super::visitor::{Asked, Visitor};
use crate::app::App;
use crate::noun::{
    AccountDetail, AccountFact, AccountFacts, At, FactFilter, FactKind, Listing, PlayFilter,
};

/// Facts that are read at a time.
const FACTS_AT_ONCE: u32 = 250;
/// Fewest facts of whole days that make a page, where there are more.
const FACTS_MIN: usize = 40;
/// Most facts of a page: a day that has more is cut.
const FACTS_MAX: usize = 2_000;
/// Lines of it on the page of the account.
const LINES_MAX: usize = 25;
/// How often it is read further back where nothing fits.
const EMPTY_READS_MAX: u32 = 3;
/// Most leads of which it is told what was done with them.
const LEADS_MAX: usize = 20;
/// Most messages of a kind that are told.
const MESSAGES_MAX: u32 = 200;

/// A day with what happened on it.
pub(crate) struct Day {
    pub title: String,
    pub all: Vec<Happening>,
}

/// What is told: a kind of entry, by the word in the page's address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    All,
    Facts(&'static [FactKind]),
    Decisions,
    Messages,
}

const USAGE: &[FactKind] = &[FactKind::Event];
const RECORDS: &[FactKind] = &[FactKind::Record];
const TRAITS: &[FactKind] = &[FactKind::Traits];
const WHO: &[FactKind] =
    &[FactKind::Joined, FactKind::Left, FactKind::Linked, FactKind::United, FactKind::Parted];

/// Every kind: its word, what is told, and what it is called.
fn kinds(l: &'static Words) -> [(&'static str, Told, &'static str); 7] {
    [
        ("", Told::All, l.k_all),
        ("events", Told::Facts(USAGE), l.k_events),
        ("records", Told::Facts(RECORDS), l.k_records),
        ("traits", Told::Facts(TRAITS), l.k_traits),
        ("people", Told::Facts(WHO), l.k_people),
        ("decisions", Told::Decisions, l.k_decisions),
        ("messages", Told::Messages, l.k_messages),
    ]
}

/// What is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    kind: String,
    person: String,
    name: String,
    until: String,
}

impl Query {
    fn address(&self, kind: &str, until: &str) -> String {
        query(&[("kind", kind), ("person", &self.person), ("name", &self.name), ("until", until)])
    }

    fn until(&self) -> Option<Time> {
        self.until.parse().ok()
    }

    /// Which facts; `None` if none at all.
    fn facts(&self, told: Told) -> Option<FactFilter> {
        let said = |it: &str| Some(it.to_owned()).filter(|it| !it.is_empty());
        let kinds = match told {
            Told::All => Vec::new(),
            Told::Facts(kinds) => kinds.to_vec(),
            Told::Decisions | Told::Messages => return None,
        };
        let until = self.until().map(At);
        let (person, name) = (said(&self.person), said(&self.name));
        Some(FactFilter { kinds, person, name, since: None, until })
    }

    /// Whether what nobody did is told as well.
    fn tells(&self, told: Told, of: Told) -> bool {
        (told == Told::All || told == of) && self.person.is_empty() && self.name.is_empty()
    }
}

/// Facts up to some instant, of whole days.
struct Facts {
    all: Vec<AccountFact>,
    /// From when on they are all; `None` if there are no older ones.
    from: Option<Time>,
    names: Vec<(String, u64)>,
    people: Vec<(String, Option<String>)>,
}

impl Facts {
    fn none() -> Self {
        Self { all: Vec::new(), from: None, names: Vec::new(), people: Vec::new() }
    }

    /// Reads until some whole days are full; `None` where there is no such account.
    async fn read(
        app: &App,
        show: &Show,
        account: &str,
        filter: &FactFilter,
    ) -> Result<Option<Self>, PageError> {
        let mut facts = Self::none();
        let (mut after, mut reads) = (None, 0);
        loop {
            let listing = Listing { limit: FACTS_AT_ONCE, after };
            let Some(found) = calm(app.backend.account_facts(account, filter, &listing).await)?
            else {
                return Ok(Some(facts));
            };
            let Some(AccountFacts { page, read_from, names, people }) = found else {
                return Ok(None);
            };
            if reads == 0 {
                (facts.names, facts.people) = (names, people);
            }
            reads += 1;
            facts.all.extend(page.items);
            facts.from = match (&page.next, facts.all.last()) {
                (None, _) => None,
                (Some(_), None) if reads >= EMPTY_READS_MAX => read_from.map(|it| it.0),
                (Some(_), Some(last)) => facts.cut(show, last.at.0),
                (Some(_), None) => {
                    after = page.next;
                    continue;
                }
            };
            if page.next.is_none() || facts.from.is_some() {
                let from = facts.from;
                facts.all.retain(|it| from.is_none_or(|from| it.at.0 >= from));
                return Ok(Some(facts));
            }
            after = page.next;
        }
    }

    /// Where to cut what was read down to an instant: behind the day of that, if enough is left; or in
    /// it, if it does not end. `None` if more is to be read.
    fn cut(&self, show: &Show, last: Time) -> Option<Time> {
        let day = show.calendar.start_of(Date(show.calendar.date(last).0 + 1));
        let whole = self.all.iter().take_while(|it| it.at.0 >= day).count();
        if whole >= FACTS_MIN {
            Some(day)
        } else if self.all.len() >= FACTS_MAX {
            let newest = self.all.first().map_or(last, |it| it.at.0);
            Some(if newest > last { last + Span(1) } else { last })
        } else {
            None
        }
    }
}

/// What happened in an account, in days.
pub(super) struct Timeline {
    pub days: Vec<Day>,
    /// Up to when the page of what is older goes.
    pub older: Option<Time>,
    names: Vec<(String, u64)>,
    people: Vec<(String, Option<String>)>,
}

impl Timeline {
    /// The newest lines of it, for the account's page. `known` tells what people are called.
    pub async fn newest(
        app: &App,
        show: &Show,
        owners: &Owners,
        detail: &AccountDetail,
        known: BTreeMap<&str, &str>,
    ) -> Result<Self, PageError> {
        let mut it = Self::of(app, show, owners, detail, &Query::default(), known).await?;
        let mut room = LINES_MAX;
        for day in &mut it.days {
            day.all.truncate(room);
            room -= day.all.len();
        }
        it.days.retain(|day| !day.all.is_empty());
        Ok(it)
    }

    async fn of(
        app: &App,
        show: &Show,
        owners: &Owners,
        detail: &AccountDetail,
        asked: &Query,
        known: BTreeMap<&str, &str>,
    ) -> Result<Self, PageError> {
        let id = &detail.account.id;
        let kinds = kinds(&show.t.timeline);
        let told = kinds.iter().find(|it| it.0 == asked.kind).map_or(Told::All, |it| it.1);
        let facts = match asked.facts(told) {
            Some(filter) => {
                Facts::read(app, show, id, &filter).await?.ok_or(PageError::NotFound)?
            }
            None => Facts::none(),
        };
        let mut names = known;
        names.extend(facts.people.iter().filter_map(|it| Some((&*it.0, it.1.as_deref()?))));
        let mut happened = Happened::begin(show, owners);
        // What was done with a lead is a record as well, and told better by the lead.
        let own = |it: &&AccountFact| {
            it.kind != FactKind::Record || it.source.as_deref() != Some(OWN_SOURCE)
        };
        let told_facts: Vec<AccountFact> = facts.all.iter().filter(own).cloned().collect();
        facts::tell(&mut happened, &told_facts, &page_of(id));
        if asked.tells(told, Told::Decisions) {
            let definitions = calm(app.backend.definitions().await)?.unwrap_or_default();
            let tracks: BTreeMap<&str, &str> = definitions
                .iter()
                .map(|it| (&*it.name, TrackMark::named(show.t, &it.track).class))
                .collect();
            happened.qualified(&detail.qualifications, |it| {
                tracks.get(&*it.definition).copied().unwrap_or("nobody")
            });
            for it in detail.leads.iter().take(LEADS_MAX) {
                app.backend.lead(&it.id).await?.iter().for_each(|it| happened.lead(it));
            }
            happened.stages(&detail.stages);
        }
        if asked.tells(told, Told::Messages) {
            let of = PlayFilter { account: Some(id.clone()), ..PlayFilter::default() };
            happened.messages(app, of, &names, MESSAGES_MAX).await?;
        }
        let (until, from) = (asked.until(), facts.from);
        let within = |it: &Happening| {
            until.is_none_or(|until| it.at() < until) && from.is_none_or(|from| it.at() >= from)
        };
        let mut all = happened.newest_first();
        all.retain(within);
        let Facts { from, names, people, .. } = facts;
        Ok(Self { days: days(show, all), older: from, names, people })
    }
}

/// The source of records of what people did with leads.
const OWN_SOURCE: &str = "firsthand";

/// Where the timeline of an account is.
pub(super) fn page_of(account: &str) -> String {
    format!("/accounts/{}/timeline", encoded(account))
}

fn days(show: &Show, all: Vec<Happening>) -> Vec<Day> {
    let l = &show.t.timeline;
    let today = show.calendar.date(show.now).0;
    let mut days: Vec<(Date, Day)> = Vec::new();
    for it in all {
        let date = show.calendar.date(it.at());
        if days.last().is_none_or(|last| last.0 != date) {
            let title = match today - date.0 {
                0 => l.today.to_owned(),
                1 => l.yesterday.to_owned(),
                _ => show.date(it.at()),
            };
            days.push((date, Day { title, all: Vec::new() }));
        }
        if let Some((_, day)) = days.last_mut() {
            day.all.push(it);
        }
    }
    days.into_iter().map(|it| it.1).collect()
}

/// A kind of entry: what it is called, and where the timeline tells only that.
pub(crate) struct Segment {
    pub title: &'static str,
    pub to: String,
    pub current: bool,
}

/// The kinds on the page of an account.
pub(super) fn segments_of(show: &Show, account: &str) -> Vec<Segment> {
    segments(&page_of(account), &show.t.timeline, &Query::default(), None)
}

fn segments(page: &str, l: &'static Words, asked: &Query, current: Option<&str>) -> Vec<Segment> {
    let segment = |(word, _, title)| Segment {
        title,
        to: format!("{page}?{}", asked.address(word, "")),
        current: current == Some(word),
    };
    kinds(l).into_iter().map(segment).collect()
}

/// A choice of a form: its value, and what people read.
type Choices = Vec<(String, String)>;

/// The page.
#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePage {
    shell: Shell,
    l: &'static Words,
    title: String,
    account: String,
    account_name: String,
    here: String,
    segments: Vec<Segment>,
    query: Query,
    people: Choices,
    names: Choices,
    days: Vec<Day>,
    /// How far back nothing fits, where there is more before.
    empty_to: Option<String>,
    older: Option<String>,
    newest: Option<String>,
}

/// `GET /accounts/{account}/timeline`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(id): Path<String>,
    Asked(asked): Asked<Query>,
) -> Result<Response, PageError> {
    let mut detail = app.backend.account(&id).await?.ok_or(PageError::NotFound)?;
    detail.leads.retain(|it| visitor.sees(it));
    let l = &visitor.look.texts().timeline;
    let account_name = detail.account.name.clone().unwrap_or_else(|| id.clone());
    let title = fill(l.title, &[("account", &account_name)]);
    let shell = Shell::of(&app, &visitor, &uri, Place::Accounts, &title).await?;
    let show = &shell.show;
    let owners = Owners::of(&app, &visitor).await?;
    let Timeline { days, older, mut names, mut people } =
        Timeline::of(&app, show, &owners, &detail, &asked, BTreeMap::new()).await?;
    let here = page_of(&id);
    // What is chosen stays a choice.
    if !asked.name.is_empty() && names.iter().all(|it| it.0 != asked.name) {
        names.push((asked.name.clone(), 0));
    }
    if !asked.person.is_empty() && people.iter().all(|it| it.0 != asked.person) {
        people.push((asked.person.clone(), None));
    }
    let page = TimelinePage {
        l,
        segments: segments(&here, l, &asked, Some(&asked.kind)),
        people: people.into_iter().map(|(id, name)| (id.clone(), name.unwrap_or(id))).collect(),
        names: names.into_iter().map(|(name, _)| (name.clone(), name)).collect(),
        empty_to: older
            .filter(|_| days.is_empty())
            .map(|it| fill(l.empty_here, &[("date", &show.date(it))])),
        older: older.map(|it| format!("{here}?{}", asked.address(&asked.kind, &it.to_string()))),
        newest: asked.until().map(|_| format!("{here}?{}", asked.address(&asked.kind, ""))),
        days,
        title,
        account: id,
        account_name,
        here,
        query: asked,
        shell,
    };
    draw(&page)
}
