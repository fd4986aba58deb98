//! What a rep may begin with: the reasons as the team calls them, what is about to run out, who in the
//! account to talk to, and where it could go.

use super::gauge::Gauge;
use super::profile::PersonRow;
use super::show::Show;
use super::texts::fill;
use crate::noun::{Definition, LeadDetail, Usage};

/// Most people that are named.
const PEOPLE_MAX: usize = 2;

/// A point: what it is, and what is known of it.
pub(crate) struct Point {
    pub head: String,
    pub text: String,
}

/// The points of a lead, in the order in which a talk may take them. `people` are those of its
/// account, whom to talk to first.
pub(super) fn points(
    show: &Show,
    detail: &LeadDetail,
    definitions: &[Definition],
    usage: Option<&Usage>,
    gauges: &[Gauge],
    people: &[PersonRow],
) -> Vec<Point> {
    let l = &show.t.leads;
    let mut points = Vec::new();
    let holding = detail.qualifications.iter().filter(|it| it.left_at.is_none());
    let mut told: Vec<&str> = Vec::new();
    for it in holding {
        if told.contains(&it.definition.as_str()) {
            continue;
        }
        told.push(&it.definition);
        let definition = definitions.iter().find(|known| known.name == it.definition);
        let title = definition.and_then(|it| it.description.clone());
        points.push(Point {
            head: sentence(title.as_deref().unwrap_or(&it.definition)),
            text: it.why.clone().unwrap_or_default(),
        });
    }
    for it in gauges.iter().filter(|it| it.is_near()) {
        points.push(Point { head: sentence(&it.label), text: it.note.clone() });
    }
    let plan = usage.and_then(|it| it.plan.as_ref());
    if let Some(end) = plan.and_then(|it| it.trial_ends_at).filter(|it| it.0 > show.now) {
        let left = show.span(end.0 - show.now);
        points.push(Point {
            head: fill(l.talk_trial, &[("span", &left)]),
            text: fill(l.talk_trial_end, &[("date", &show.date(end.0))]),
        });
    }
    for it in people.iter().filter(|it| !it.does.is_empty()).take(PEOPLE_MAX) {
        let who = if it.role.is_empty() {
            it.name.clone()
        } else {
            fill(l.talk_who, &[("name", &it.name), ("role", &it.role)])
        };
        points.push(Point {
            head: fill(l.talk_person, &[("who", &who)]),
            text: fill(l.talk_does, &[("list", &it.does)]),
        });
    }
    if let Some(next) = plan.and_then(|it| it.next.as_ref()) {
        points.push(Point { head: fill(l.talk_next, &[("plan", next)]), text: String::new() });
    }
    points
}

/// With a full stop, where it has no end of its own.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?', '。']) { text.to_owned() } else { format!("{text}.") }
}
