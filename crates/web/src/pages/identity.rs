//! Who is who: whether people and accounts are told apart well, and merges and splits by hand.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::acts::told;
use super::cookies::Cookies;
use super::error::PageError;
use super::profile::calm;
use super::sending::{Badge, PAGE_ROWS};
use super::shell::{Place, Shell, draw};
use super::texts::{Identity, fill};
use super::visitor::{Asked, Form, Visitor};
use crate::app::App;
use crate::noun::{
    Found, Hygiene, IdentityAct, IdentityActKind, IdentityActState, LinkedIdKind, Listing,
    NewIdentityAct, PersonIds,
};

/// The longest id or word, in characters.
const WORDS_CHARS_MAX: usize = 255;

/// One finding of the look at everybody.
struct Row {
    mark: &'static str,
    icon: &'static str,
    /// What the mark says, for those who do not see it.
    said: &'static str,
    title: &'static str,
    sub: String,
    count: String,
    examples: Vec<Case>,
}

struct Case {
    id: String,
    text: String,
    /// Two ids that it may be about, as a query of this page.
    look: Option<String>,
}

struct Act {
    id: String,
    title: String,
    badge: Badge,
    by: String,
    reason: Option<String>,
    proposed: bool,
    made: bool,
}

/// One side of what is proposed.
struct Side {
    asked: String,
    person: Option<Known>,
}

struct Known {
    id: String,
    ids: Vec<(String, &'static str)>,
    accounts: Vec<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "identity.html")]
struct IdentityPage {
    shell: Shell,
    w: &'static Identity,
    rows: Vec<Row>,
    looked: String,
    acts: Vec<Act>,
    query: Query,
    sides: Vec<Side>,
    says: Option<String>,
    problem: Option<&'static str>,
}

impl IdentityPage {
    /// Whether what is asked for can be proposed.
    fn can(&self) -> bool {
        self.says.is_some()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    kind: String,
    person: String,
    other: String,
    reason: String,
}

impl Query {
    fn is_split(&self) -> bool {
        self.kind == "split"
    }
}

/// `GET /sources/identity`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    page(&app, &visitor, &uri, query).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    uri: &Uri,
    query: Query,
) -> Result<Response, PageError> {
    let w = &visitor.look.texts().who;
    let shell = Shell::of(app, visitor, uri, Place::Sources, w.title).await?;
    let hygiene = calm(app.backend.hygiene().await)?;
    let first = Listing { limit: PAGE_ROWS, after: None };
    let acts = app.backend.identity_acts(&first).await?.items;
    let (one, other) = (query.person.trim().to_owned(), query.other.trim().to_owned());
    let asked = !one.is_empty() || !other.is_empty();
    let mut sides = Vec::new();
    for id in [&one, &other].into_iter().filter(|_| asked) {
        let found =
            if id.is_empty() { None } else { calm(app.backend.person(id).await)?.flatten() };
        sides.push(Side { asked: id.clone(), person: found.map(|it| known(w, it)) });
    }
    let problem = problem(w, &query, &sides);
    let says = (asked && problem.is_none()).then(|| {
        let text = if query.is_split() { w.split_says } else { w.merge_says };
        fill(text, &[("person", &one), ("other", &other)])
    });
    let page = IdentityPage {
        w,
        looked: hygiene
            .as_ref()
            .map_or_else(String::new, |it| fill(w.looked, &[("ago", &shell.show.ago(it.at.0))])),
        rows: hygiene.map_or_else(Vec::new, |it| rows(&shell, it)),
        acts: acts.into_iter().map(|it| act_row(&shell, it)).collect(),
        query,
        sides,
        says,
        problem,
        shell,
    };
    draw(&page)
}

/// Why two ids cannot be proposed; `None` where nothing is asked as well.
fn problem(w: &'static Identity, query: &Query, sides: &[Side]) -> Option<&'static str> {
    let [one, other] = sides else { return None };
    if one.asked.is_empty() || other.asked.is_empty() {
        return Some(w.needs_two);
    }
    if one.asked == other.asked {
        return Some(w.same);
    }
    let (Some(one), Some(other)) = (&one.person, &other.person) else { return Some(w.unknown_id) };
    match (one.id == other.id, query.is_split()) {
        (true, false) => Some(w.one_already),
        (false, true) => Some(w.two_already),
        _ => None,
    }
}

fn known(w: &'static Identity, it: PersonIds) -> Known {
    let kind = |of: LinkedIdKind| match of {
        LinkedIdKind::User => w.kind_user,
        LinkedIdKind::Anonymous => w.kind_device,
    };
    Known {
        ids: it.ids.into_iter().map(|it| (it.id, kind(it.kind))).collect(),
        id: it.person,
        accounts: it.accounts,
    }
}

fn rows(shell: &Shell, it: Hygiene) -> Vec<Row> {
    let (w, show) = (&shell.t.who, &shell.show);
    let met = |title, sub: &'static str, share: u64, of: u64| {
        let whole = if of == 0 { 0.0 } else { share as f64 / of as f64 };
        let values = [("n", &*show.count(share)), ("m", &*show.count(of))];
        Row {
            mark: "met",
            icon: "check",
            said: w.mark_well,
            title,
            sub: fill(sub, &values),
            count: if of == 0 { show.count(0) } else { show.percent(whole) },
            examples: Vec::new(),
        }
    };
    let plain = |title, sub: &'static str, count: u64| Row {
        mark: "met",
        icon: "check",
        said: w.mark_well,
        title,
        sub: sub.to_owned(),
        count: show.count(count),
        examples: Vec::new(),
    };
    vec![
        met(w.with_account, w.with_account_sub, it.with_account, it.persons),
        plain(w.devices, w.devices_sub, it.devices),
        plain(w.own_staff, w.own_staff_sub, it.own_staff),
        plain(w.free_mail, w.free_mail_sub, it.free_mail),
        finding(shell, w.shared, w.shared_sub, it.shared_devices, w.people_n, true),
        finding(shell, w.many, w.many_sub, it.many_ids, w.ids_n, false),
        finding(shell, w.full, w.full_sub, it.full, w.ids_n, false),
        finding(shell, w.several, w.several_sub, it.several_accounts, w.accounts_n, false),
        finding(shell, w.unmatched, w.unmatched_sub, it.unmatched_domains, w.people_n, false),
        finding(shell, w.split_domains, w.split_domains_sub, it.split_domains, w.accounts_n, false),
        finding(shell, w.junk, w.junk_sub, it.junk_ids, w.times_n, false),
        Row {
            mark: if it.refused_links > 0 { "unmet" } else { "met" },
            icon: if it.refused_links > 0 { "minus" } else { "check" },
            said: if it.refused_links > 0 { w.mark_look } else { w.mark_well },
            title: w.refused_links,
            sub: w.refused_links_sub.to_owned(),
            count: show.count(it.refused_links),
            examples: Vec::new(),
        },
    ]
}

fn finding(
    shell: &Shell,
    title: &'static str,
    sub: &'static str,
    found: Found,
    unit: &'static str,
    pairs: bool,
) -> Row {
    let (w, show) = (&shell.t.who, &shell.show);
    let (mark, icon, said) = if found.count > 0 {
        ("unknown", "question", w.mark_look)
    } else {
        ("met", "check", w.mark_well)
    };
    let case = |it: crate::noun::Example| {
        let count = fill(unit, &[("n", &show.count(it.count))]);
        let names = it.names.join(", ");
        let look = match it.names.as_slice() {
            [one, other, ..] if pairs => {
                let pairs = [("person", one.as_str()), ("other", other.as_str())];
                Some(super::sending::query(&pairs))
            }
            _ => None,
        };
        Case {
            id: it.id,
            text: if names.is_empty() { count } else { format!("{count}: {names}") },
            look,
        }
    };
    Row {
        mark,
        icon,
        said,
        title,
        sub: sub.to_owned(),
        count: show.count(found.count),
        examples: found.examples.into_iter().map(case).collect(),
    }
}

fn act_row(shell: &Shell, it: IdentityAct) -> Act {
    let (w, show) = (&shell.t.who, &shell.show);
    let (badge, at) = match it.state {
        IdentityActState::Proposed => (Badge::new("warn", "clock", w.proposed), it.proposed_at),
        IdentityActState::Made => {
            (Badge::new("good", "check", w.made), it.made_at.unwrap_or(it.proposed_at))
        }
        IdentityActState::Undone => {
            (Badge::new("", "undo", w.undone), it.undone_at.unwrap_or(it.proposed_at))
        }
    };
    let split = it.kind == IdentityActKind::Split;
    let title = if split { w.split_of } else { w.merge_of };
    Act {
        title: fill(title, &[("person", &it.person), ("other", &it.other)]),
        by: fill(w.by, &[("who", &it.by), ("when", &show.when(at.0))]),
        reason: it.reason,
        proposed: it.state == IdentityActState::Proposed,
        made: it.state == IdentityActState::Made,
        id: it.id,
        badge,
    }
}

/// `POST /sources/identity`: proposes a merge or split.
pub(super) async fn propose(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    cookies: Cookies,
    Form(asking): Form<Query>,
) -> Result<Response, PageError> {
    let cut = |it: &str| it.trim().chars().take(WORDS_CHARS_MAX).collect::<String>();
    let (person, other) = (cut(&asking.person), cut(&asking.other));
    if person.is_empty() || other.is_empty() || person == other {
        return page(&app, &visitor, &uri, asking).await;
    }
    let kind = if asking.is_split() { IdentityActKind::Split } else { IdentityActKind::Merge };
    let reason = Some(cut(&asking.reason)).filter(|it| !it.is_empty());
    let act = NewIdentityAct { kind, person, other, reason };
    app.backend.propose(act, &visitor.caller()).await?;
    Ok(told(&cookies, "who_proposed", "/sources/identity"))
}

#[derive(Deserialize)]
pub(super) struct Asking {
    r#do: String,
}

/// `POST /sources/identity/{act}`: makes what was proposed, or undoes it.
pub(super) async fn act(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Path(id): Path<String>,
    Form(asking): Form<Asking>,
) -> Result<Response, PageError> {
    let by = visitor.caller();
    let (found, done) = match asking.r#do.as_str() {
        "make" => (app.backend.make(&id, &by).await?, "who_made"),
        "undo" => (app.backend.undo(&id, &by).await?, "who_undone"),
        _ => return Err(PageError::Unreadable),
    };
    found.ok_or(PageError::NotFound)?;
    Ok(told(&cookies, done, "/sources/identity"))
}
