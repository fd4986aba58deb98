//! What the team is told of a lead, and how Slack shows it (Block Kit).

use std::fmt::Write;

use firsthand_model::config::Track;
use firsthand_model::message::LeadButton;
use firsthand_model::{Span, Text, Time};
use serde_json::{Value, json};

use super::context::amount;
use super::{Filled, Phrases, Telling, phrases};
use crate::world::{MeterView, PersonView};

/// Most signs of a header in Slack.
const HEADER_CHARS_MAX: usize = 150;
/// Most signs of a section.
const SECTION_CHARS_MAX: usize = 3_000;
/// Most signs on a button or of an option.
const BUTTON_CHARS_MAX: usize = 75;
/// Most reasons, people and points that are told.
const LINES_MAX: usize = 6;
/// Most leads of a digest that are told at length.
const DIGEST_MAX: usize = 15;

/// What a colleague is told of one lead, in plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notice {
    pub lead: Text,
    pub title: String,
    pub intro: Vec<String>,
    /// Headings, and the lines below them.
    pub parts: Vec<(&'static str, Vec<String>)>,
    pub link: Option<(String, Text)>,
}

impl Notice {
    /// Tells of a lead: the words of the team's own message first, if there is one, then why, how
    /// much is used, whom to talk to and about what.
    pub fn of(telling: Telling<'_>, own: Option<&Filled>, prefix: Option<&str>) -> Self {
        let Telling { project, lead, picture, .. } = telling;
        let words = phrases(&project.contact.language);
        let account = &picture.account;
        let called = account.name.as_ref().unwrap_or(&lead.account);
        let says = match lead.track {
            Track::Product | Track::None => words.qualified[0],
            Track::Marketing => words.qualified[1],
            Track::Expansion => words.qualified[2],
        };
        let title = match own.map(|it| it.title.as_str()).filter(|it| !it.is_empty()) {
            Some(title) => title.to_owned(),
            None => format!("{called} {says}"),
        };
        let mut parts = Vec::new();
        let mut part = |heading, lines: Vec<String>| {
            if !lines.is_empty() {
                parts.push((heading, lines));
            }
        };
        part(words.why, reasons(telling, words));
        part(words.usage, standing(telling, words));
        part(words.people, picture.people.iter().take(LINES_MAX).map(person_line).collect());
        let points = own.map(|it| it.points.clone()).filter(|it| !it.is_empty());
        part(words.to_say, points.unwrap_or_else(|| talking_points(telling)));
        if let Some(due) = lead.due_at {
            // Nobody wants to know the second.
            let due = Time(due.0 - due.0.rem_euclid(Span::MINUTE.0));
            part(words.answer_by, vec![project.leads.work.calendar.show(due)]);
        }
        Self {
            lead: lead.id.as_str().into(),
            title: prefix.map_or_else(|| title.clone(), |it| format!("{it}: {title}")),
            intro: own.map(|it| it.body.clone()).unwrap_or_default(),
            parts,
            link: telling.link().map(|it| (words.open.to_owned(), it)),
        }
    }

    /// All of it as one text, for notifications.
    pub fn summary(&self) -> String {
        let first = self.parts.first().and_then(|(_, lines)| lines.first());
        match first {
            Some(why) => format!("{}: {why}", self.title),
            None => self.title.clone(),
        }
    }
}

/// Why there is a lead: each definition's sentence, then what was observed.
fn reasons(telling: Telling<'_>, words: &Phrases) -> Vec<String> {
    let mut lines = Vec::new();
    for reason in telling.picture.reasons.iter().take(LINES_MAX) {
        let gone = if reason.holds { String::new() } else { format!(" ({})", words.no_longer) };
        lines.push(format!("{}{gone}", reason.line()));
        lines.extend(reason.observed.iter().take(LINES_MAX).cloned());
    }
    lines
}

/// How much is used of what the plan allows, the fullest first; plan, stage and trial.
fn standing(telling: Telling<'_>, words: &Phrases) -> Vec<String> {
    let account = &telling.picture.account;
    let mut meters: Vec<&MeterView> = account.meters.iter().collect();
    meters.sort_by_key(|it| std::cmp::Reverse(it.thousandths().unwrap_or(0)));
    let gauge = |it: &&MeterView| {
        let used = amount(it.used);
        match it.limit {
            Some(limit) => {
                let share = it.thousandths().map(|it| format!(" ({}%)", it / 10));
                let share = share.unwrap_or_default();
                format!("{}: {used} {} {}{share}", it.unit, words.of, amount(limit))
            }
            None => format!("{}: {used} ({})", it.unit, words.no_limit),
        }
    };
    let mut lines: Vec<String> = meters.iter().take(LINES_MAX).map(gauge).collect();
    if let Some(plan) = &account.plan {
        lines.push(format!("{}: {plan}", words.plan));
    }
    if let Some(stage) = &account.stage {
        lines.push(format!("{}: {}", words.stage, stage_word(stage)));
    }
    if let Some(left) = account.trial_left {
        let days = (left.0.max(0) + Span::DAY.0 - 1) / Span::DAY.0;
        lines.push(format!("{days} {}", words.trial_left));
    }
    lines
}

/// A stage as people write it: `PQL`. Those that a team has named itself stay as they are.
fn stage_word(stage: &str) -> String {
    match stage {
        "mql" | "pql" | "sql" => stage.to_uppercase(),
        _ => stage.to_owned(),
    }
}

fn person_line(person: &PersonView) -> String {
    let mut line = person.called().to_string();
    for text in [person.text("role"), person.email().filter(|it| *it != person.called())]
        .into_iter()
        .flatten()
    {
        line.push_str(", ");
        line.push_str(text);
    }
    let does: Vec<String> =
        person.does.iter().take(3).map(|(event, times)| format!("{event} ×{times}")).collect();
    if !does.is_empty() {
        line.push_str(": ");
        line.push_str(&does.join(", "));
    }
    line
}

/// What a rep may begin with: what the account does, and where it could go.
fn talking_points(telling: Telling<'_>) -> Vec<String> {
    let titles = telling.picture.reasons.iter().filter(|it| it.headline.is_some());
    let mut points: Vec<String> = titles.map(|it| it.title.to_string()).take(LINES_MAX).collect();
    points.dedup();
    let words = phrases(&telling.project.contact.language);
    let next = telling.picture.account.next_plan.iter();
    points.extend(next.map(|it| format!("{}: {it}", words.next_plan)));
    points
}

/// The blocks of a message about one lead; with buttons, if presses can come back.
pub(crate) fn lead_blocks(notice: &Notice, telling: Telling<'_>, buttons: bool) -> Value {
    let mut blocks = notice_blocks(notice);
    let words = phrases(&telling.project.contact.language);
    if buttons {
        blocks.push(actions(&notice.lead, telling, words));
    }
    Value::Array(blocks)
}

/// The blocks of one message about several leads.
pub(crate) fn digest_blocks(title: &str, notices: &[Notice]) -> Value {
    let mut blocks = vec![header(title)];
    for notice in notices.iter().take(DIGEST_MAX) {
        let why = notice.parts.first().map(|(_, lines)| lines.join("\n")).unwrap_or_default();
        let mut text = format!("*{}*", escape(&notice.title));
        if !why.is_empty() {
            text.push('\n');
            text.push_str(&escape(&why));
        }
        if let Some((label, url)) = &notice.link {
            let _infallible = write!(text, "\n<{}|{}>", escape(url), escape(label));
        }
        blocks.push(section(&text));
        blocks.push(json!({ "type": "divider" }));
    }
    if notices.len() > DIGEST_MAX {
        blocks.push(section(&format!("+ {}", notices.len() - DIGEST_MAX)));
    }
    Value::Array(blocks)
}

fn notice_blocks(notice: &Notice) -> Vec<Value> {
    let mut blocks = vec![header(&notice.title)];
    blocks.extend(notice.intro.iter().map(|it| section(&escape(it))));
    for (heading, lines) in &notice.parts {
        let lines: Vec<String> = lines.iter().map(|it| format!("• {}", escape(it))).collect();
        blocks.push(section(&format!("*{}*\n{}", escape(heading), lines.join("\n"))));
    }
    if let Some((label, url)) = &notice.link {
        blocks.push(section(&format!("<{}|{}>", escape(url), escape(label))));
    }
    blocks
}

/// Accept and snooze as buttons, reject as a menu of reasons.
fn actions(lead: &Text, telling: Telling<'_>, words: &Phrases) -> Value {
    let button = |of: LeadButton, label: &str, style: Option<&str>| {
        let mut button = json!({
            "type": "button",
            "action_id": of.action_id(),
            "text": plain(label, BUTTON_CHARS_MAX),
            "value": lead,
        });
        if let (Some(style), Some(button)) = (style, button.as_object_mut()) {
            button.insert("style".to_owned(), style.into());
        }
        button
    };
    let reasons = telling.project.leads.reject_reasons.iter().take(100);
    let option = |it: &Text| json!({ "text": plain(it, BUTTON_CHARS_MAX), "value": it });
    json!({
        "type": "actions",
        "block_id": lead,
        "elements": [
            button(LeadButton::Accept, words.accept, Some("primary")),
            {
                "type": "static_select",
                "action_id": LeadButton::Reject.action_id(),
                "placeholder": plain(words.reject, HEADER_CHARS_MAX),
                "options": reasons.map(option).collect::<Vec<_>>(),
            },
            button(LeadButton::Snooze, words.snooze, None),
        ],
    })
}

fn header(text: &str) -> Value {
    json!({ "type": "header", "text": plain(text, HEADER_CHARS_MAX) })
}

fn plain(text: &str, chars_max: usize) -> Value {
    json!({ "type": "plain_text", "text": cut(text, chars_max), "emoji": false })
}

fn section(mrkdwn: &str) -> Value {
    let text = json!({ "type": "mrkdwn", "text": cut(mrkdwn, SECTION_CHARS_MAX) });
    json!({ "type": "section", "text": text })
}

fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars_max - 1).collect();
    // Half an entity would be shown as it is.
    let whole = kept.rfind('&').filter(|at| !kept[*at..].contains(';'));
    format!("{}…", &kept[..whole.unwrap_or(kept.len())])
}

/// A text as mrkdwn shows it. A mark of ours stays one; what looks like one in a name is shown.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
