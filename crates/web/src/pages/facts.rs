//! The facts of an account in words: each in a line, and what somebody did several times in a day in
//! one.

use std::collections::HashMap;

use firsthand_model::{Date, Span, Time};
use serde_json::{Map, Value};

use super::happened::{Each, Happened};
use super::sending::query;
use super::show::Show;
use super::texts::fill;
use crate::noun::{AccountFact, FactKind, SubjectKind, TraitChange};

/// From how long after it was so a fact is called late.
const LATE_FROM: Span = Span::HOUR;
/// Most that are listed of what is folded into a line.
const EACH_MAX: usize = 50;
/// Most properties that are told in a line.
const PROPERTIES_MAX: usize = 4;
/// The longest value that is told in a line, in characters.
const VALUE_CHARS_MAX: usize = 60;
/// Most traits that are told in a line.
const TRAITS_MAX: usize = 6;

/// What is folded into one line: what somebody did on a day.
#[derive(PartialEq, Eq, Hash)]
struct Alike<'a> {
    day: Date,
    person: Option<&'a str>,
    name: &'a str,
}

/// Adds facts, which come newest first, to what happened. `page` is where the timeline is.
pub(super) fn tell(happened: &mut Happened<'_>, facts: &[AccountFact], page: &str) {
    let show = happened.show;
    let mut lines: Vec<Vec<&AccountFact>> = Vec::new();
    let mut met: HashMap<Alike<'_>, usize> = HashMap::new();
    for it in facts {
        let name = it.name.as_deref().filter(|_| it.kind == FactKind::Event);
        let Some(name) = name else {
            lines.push(vec![it]);
            continue;
        };
        let (day, person) = (show.calendar.date(it.at.0), it.person.as_deref());
        let line = *met.entry(Alike { day, person, name }).or_insert(lines.len());
        match lines.get_mut(line) {
            Some(line) => line.push(it),
            None => lines.push(vec![it]),
        }
    }
    for line in lines {
        tell_line(happened, &line, page);
    }
}

/// What is told in one line, the newest first.
fn tell_line(happened: &mut Happened<'_>, line: &[&AccountFact], page: &str) {
    let (show, newest) = (happened.show, line[0]);
    let each = (line.len() > 1).then(|| each(show, line));
    let (text, below) = words(show, newest);
    let below = if each.is_some() { String::new() } else { below };
    let it = happened.tell(newest.at.0, mark(newest.kind), text, below);
    it.alike = newest.name.as_ref().map(|name| format!("{page}?{}", query(&[("name", name)])));
    it.who = newest.person.as_ref().map(|id| {
        let name = newest.person_name.clone().unwrap_or_else(|| id.clone());
        (name, format!("{page}?{}", query(&[("person", id)])))
    });
    it.late = late(show, newest);
    it.each = each;
}

const fn mark(kind: FactKind) -> (&'static str, &'static str) {
    match kind {
        FactKind::Event => ("", "screen"),
        FactKind::Record => ("", "copy"),
        FactKind::Traits => ("", "pen"),
        FactKind::Joined => ("", "users"),
        FactKind::Left => ("", "out"),
        FactKind::Linked | FactKind::United | FactKind::Parted => ("", "shuffle"),
    }
}

/// What happened, and what was told with it.
fn words(show: &Show, it: &AccountFact) -> (String, String) {
    let l = &show.t.timeline;
    let id = [("id", it.other.as_deref().unwrap_or_default())];
    let text = match it.kind {
        FactKind::Event | FactKind::Record => {
            return (it.name.clone().unwrap_or_default(), properties(show, it));
        }
        FactKind::Traits => {
            // The plan before all else.
            let mut changes: Vec<&TraitChange> = it.changes.iter().collect();
            changes.sort_by_key(|it| it.name != "plan");
            let mut told = changes.into_iter().map(|change| changed(show, it.of, change));
            let text = told.next().unwrap_or_default();
            let below: Vec<String> = told.take(TRAITS_MAX).collect();
            return (text, below.join(show.t.words.comma));
        }
        FactKind::Joined => match &it.role {
            Some(role) => fill(l.joined_as, &[("role", role)]),
            None => l.joined.to_owned(),
        },
        FactKind::Left => l.left.to_owned(),
        FactKind::Linked => fill(l.linked, &id),
        FactKind::United => fill(l.united, &id),
        FactKind::Parted => fill(l.parted, &id),
    };
    (text, String::new())
}

/// A trait of an account, or of a person, that changed.
fn changed(show: &Show, of: Option<SubjectKind>, it: &TraitChange) -> String {
    let (l, leads) = (&show.t.timeline, &show.t.leads);
    let name = match (of, it.name.as_str()) {
        (Some(SubjectKind::Account), "plan") => leads.plan,
        (_, name) => name,
    };
    let told = |value: &Value| told(value).unwrap_or_else(|| "…".to_owned());
    match (&it.from, &it.to) {
        (Some(from), Some(to)) => {
            fill(l.changed, &[("name", name), ("from", &told(from)), ("to", &told(to))])
        }
        (None, Some(to)) => fill(l.set, &[("name", name), ("to", &told(to))]),
        (from, None) => {
            let from = from.as_ref().map_or_else(String::new, told);
            fill(l.taken, &[("name", name), ("from", &from)])
        }
    }
}

/// The main properties in a line: the first that are short, and not the tools' own.
fn properties(show: &Show, it: &AccountFact) -> String {
    let nothing = Map::new();
    let all = it.properties.as_ref().unwrap_or(&nothing).iter();
    let own = all.filter(|(name, _)| !name.starts_with('$'));
    let colon = show.t.words.colon;
    let told = own.filter_map(|(name, value)| Some(format!("{name}{colon}{}", told(value)?)));
    told.take(PROPERTIES_MAX).collect::<Vec<_>>().join(show.t.words.comma)
}

/// A value in few characters; `None` where it has inner ones, or is long.
fn told(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(text).filter(|it| !it.is_empty() && it.chars().count() <= VALUE_CHARS_MAX)
}

fn late(show: &Show, it: &AccountFact) -> Option<String> {
    let known_at: Time = it.known_at?.0;
    let is_late = known_at - it.at.0 >= LATE_FROM;
    is_late.then(|| fill(show.t.timeline.late, &[("time", &show.when(known_at))]))
}

/// What was done several times in a day.
fn each(show: &Show, line: &[&AccountFact]) -> Each {
    let l = &show.t.timeline;
    let count = |n: usize| show.count(n as u64);
    let (newest, oldest) = (line[0].at.0, line[line.len() - 1].at.0);
    let values =
        [("n", &*count(line.len())), ("from", &*show.clock(oldest)), ("to", &*show.clock(newest))];
    let told = |it: &&AccountFact| {
        let below = [Some(properties(show, it)).filter(|it| !it.is_empty()), late(show, it)];
        let below: Vec<String> = below.into_iter().flatten().collect();
        (show.clock(it.at.0), show.machine(it.at.0), below.join(show.t.words.comma))
    };
    let more = line.len().saturating_sub(EACH_MAX);
    Each {
        summary: fill(l.times, &values),
        all: line.iter().take(EACH_MAX).map(told).collect(),
        more: (more > 0).then(|| fill(l.more, &[("n", &count(more))])),
    }
}
