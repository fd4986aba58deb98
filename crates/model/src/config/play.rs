//! Plays: what is done about a lead, step by step.

use super::Track;
use super::check::Referent;
use super::form::{HOURS, Hours, RATE, Rate, SHARE, Share};
use super::keys::{Key, Section, Takes};
use super::lead::{OwnerRule, TRACK_WORDS, read_assign};
use super::read::{Fields, Slot};
use super::value::{Count, Plain, pick};
use super::yaml::shorten;
use crate::diagnostic::{SourceText, codes};
use crate::{Span, Text};

/// What is done about a lead.
#[derive(Clone, Debug)]
pub struct Play {
    /// Its name.
    pub name: Text,
    /// The title for people.
    pub title: Text,
    /// The track of its leads.
    pub track: Track,
    /// Only leads opened by one of these definitions; by any if empty.
    pub definitions: Vec<Text>,
    /// Only accounts in this segment.
    pub segment: Option<Text>,
    /// Not accounts in this one.
    pub except: Option<Text>,
    /// Whom it addresses by itself.
    pub touch: Touch,
    /// Plays with greater ones go first where not all can.
    pub priority: u32,
    /// Whether it may pass the contact budget, quiet hours, and a rep who works the lead.
    pub critical: bool,
    /// The share of accounts of which nobody is told, to be compared with.
    pub holdout: Share,
    /// How often it runs for an account.
    pub at_most: Option<Rate>,
    /// Quiet hours of its own.
    pub quiet_hours: Option<Hours>,
    /// How the owner is found, if not as for all leads.
    pub assign: Option<Vec<OwnerRule>>,
    /// Whether it runs.
    pub enabled: bool,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// Where it was declared.
    pub declared: SourceText,
}

/// Whom a play addresses by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Touch {
    /// The people who use the product; no human of ours is needed.
    #[default]
    Low,
    /// The rep who owns the lead.
    High,
}

impl Touch {
    /// The word in files, the API and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
        }
    }
}

impl Plain for Touch {
    fn read(text: &str) -> Option<Self> {
        pick(text, &[("low", Self::Low), ("high", Self::High)])
    }
}

/// One step of a play: a wait, then a message to somebody by a channel, if conditions hold.
#[derive(Clone, Debug)]
pub struct Step {
    /// How long after the step before.
    pub wait: Span,
    /// The channel.
    pub by: SourceText,
    /// To whom.
    pub to: Receiver,
    /// What is sent: messages with their shares, which come to the whole; the one that comes with
    /// the program if empty.
    pub variants: Vec<(Text, Share)>,
    /// All of these must hold when it is due; else the step is passed over.
    pub only_if: Vec<Condition>,
    /// None of these may hold then; else it is passed over.
    pub unless: Vec<Condition>,
}

/// To whom a step goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// Those of the account who were most active lately, so many.
    MostActive(u32),
    /// Everybody of the account, up to a limit.
    Everyone,
    /// Whose qualification opened the lead; the most active one where that is the account's.
    Qualified,
    /// The people of the account for whom this definition holds.
    Segment(Text),
    /// The lead's owner; the team's channel where it has none.
    Owner,
    /// The team's channel.
    Team,
}

impl Receiver {
    /// Whether it is users of the product, and not the team.
    pub const fn are_users(&self) -> bool {
        !matches!(self, Self::Owner | Self::Team)
    }
}

/// What a step asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What.
    pub what: What,
    /// Whether it is asked that it be so; else that it be not.
    pub is: bool,
}

/// What can be asked when a step is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Somebody has seen a message of this run.
    Seen,
    /// Somebody has followed one.
    Clicked,
    /// Somebody has put one away.
    Dismissed,
    /// The account, or one of its people, has done what counts as success since the lead opened.
    Converted,
    /// A person has done something about the lead.
    Answered,
    /// What opened the lead still holds.
    Qualified,
    /// A definition holds for the account.
    Segment(Text),
}

impl What {
    const WORDS: [(&str, Self); 6] = [
        ("seen", Self::Seen),
        ("clicked", Self::Clicked),
        ("dismissed", Self::Dismissed),
        ("converted", Self::Converted),
        ("answered", Self::Answered),
        ("qualified", Self::Qualified),
    ];
}

/// Most people to whom a step goes.
pub const RECEIVERS_MAX: u32 = 50;
/// Most steps of a play.
const STEPS_MAX: usize = 50;

const TOUCHES: &[(&str, &str)] = &[
    ("low", "the people who use the product, without any human of yours"),
    ("high", "the rep who owns the lead"),
];

pub(super) static PLAY: Section = Section {
    name: "a play",
    doc: "What is done about a lead. It begins when the lead opens and ends when it is closed.",
    keys: &[
        Key::optional("title", Takes::Text, "The title for people; the name if left out."),
        Key::required("track", Takes::Choice(TRACK_WORDS), "The track of its leads."),
        Key::optional(
            "definitions",
            Takes::OneOrMany(&Takes::Reference("a definition")),
            "Only leads that rest on one of these; on any of the track if left out.",
        ),
        Key::optional(
            "segment",
            Takes::Reference("a definition"),
            "Only accounts for which this definition holds when the lead opens.",
        ),
        Key::optional(
            "except",
            Takes::Reference("a definition"),
            "Not accounts for which this one holds then.",
        ),
        Key::or("touch", Takes::Choice(TOUCHES), "low", "Whom it addresses by itself."),
        Key::required("steps", Takes::List(&Takes::Section(&STEP)), "What it does, in order."),
        Key::or(
            "holdout",
            SHARE,
            "0%",
            "The share of accounts of which nobody is told, so that the others can be compared \
             with them.",
        ),
        Key::or(
            "priority",
            Takes::Count,
            "1",
            "Where not all messages can go, greater ones go first.",
        ),
        Key::or(
            "critical",
            Takes::Bool,
            "false",
            "Whether it may pass the contact budget, quiet hours, and a rep who works the lead.",
        ),
        Key::optional(
            "at_most",
            RATE,
            "How often it runs for an account, such as `1 per quarter`.",
        ),
        Key::optional("quiet_hours", HOURS, "Quiet hours of its own, in place of the budget's."),
        Key::optional(
            "assign",
            Takes::OneOrMany(&Takes::Text),
            "How the owner is found for its leads, if not as for all: see the rules of leads.",
        ),
        Key::or("enabled", Takes::Bool, "true", "Whether it runs."),
    ],
};

static STEP: Section = Section {
    name: "a step",
    doc: "A wait, then a message to somebody by a channel, if its conditions hold.",
    keys: &[
        Key::or("wait", Takes::Duration, "0", "How long after the step before it."),
        Key::required("by", Takes::Reference("a channel"), "The channel."),
        Key::optional(
            "to",
            Takes::Text,
            "To whom: `most active`, `3 most active`, `everyone`, `qualified`, `owner`, `team`, or \
             the name of a definition on persons. If left out: the most active person with low \
             touch, the owner with high touch.",
        ),
        Key::optional(
            "message",
            Takes::Reference("a message"),
            "What is sent; a text that comes with the program if left out.",
        ),
        Key::optional(
            "variants",
            Takes::Map("messages", &SHARE),
            "Several messages with the share of accounts that gets each, instead of `message`.",
        ),
        Key::optional(
            "if",
            Takes::OneOrMany(&Takes::Text),
            "Only if all of this is so when it is due: `seen`, `clicked`, `dismissed`, `converted`, \
             `answered`, `qualified`, or the name of a definition; each also with `not` before it.",
        ),
        Key::optional("unless", Takes::OneOrMany(&Takes::Text), "Not if any of this is so."),
    ],
};

pub(super) fn read(name: &SourceText, slot: &Slot<'_>) -> Option<Play> {
    let fields = slot.fields()?;
    let segment = |key: &str| {
        let source = fields.source(key)?;
        fields.reader.refer(Referent::Segment, source.clone());
        Some(source.text)
    };
    let definitions = fields.sources("definitions");
    for it in &definitions {
        fields.reader.refer(Referent::Definition, it.clone());
    }
    let touch = fields.value("touch").unwrap_or_default();
    let slots = fields.items("steps");
    if slots.len() > STEPS_MAX {
        let message = format!("a play of {} steps, more than {STEPS_MAX}", slots.len());
        fields.error(codes::LIMIT, message, "Make several plays of it.");
    }
    let steps: Vec<Step> = slots.iter().filter_map(|it| read_step(it, touch)).collect();
    let play = Play {
        name: name.text.clone(),
        title: fields.text("title").unwrap_or_else(|| name.text.clone()),
        definitions: definitions.into_iter().map(|it| it.text).collect(),
        segment: segment("segment"),
        except: segment("except"),
        touch,
        priority: fields.value::<Count>("priority").map_or(1, |it| it.0),
        critical: fields.value("critical").unwrap_or(false),
        holdout: fields.value("holdout").unwrap_or(Share::NONE),
        at_most: fields.value("at_most"),
        quiet_hours: fields.value("quiet_hours"),
        assign: fields.get("assign").map(|it| read_assign(&it)),
        enabled: fields.value("enabled").unwrap_or(true),
        steps,
        declared: name.clone(),
        track: fields.value("track")?,
    };
    // Every step was read, or it has been said what is wrong with it.
    (!play.steps.is_empty() && play.steps.len() == slots.len()).then_some(play)
}

fn read_step(slot: &Slot<'_>, touch: Touch) -> Option<Step> {
    let fields = slot.fields()?;
    let by = fields.source("by");
    if let Some(by) = &by {
        fields.reader.refer(Referent::Channel, by.clone());
    }
    let to = match fields.get("to") {
        Some(slot) => read_receiver(&slot)?,
        None if touch == Touch::Low => Receiver::MostActive(1),
        None => Receiver::Owner,
    };
    Some(Step {
        wait: fields.value("wait").unwrap_or_default(),
        to,
        variants: read_variants(&fields),
        only_if: read_conditions(&fields, "if"),
        unless: read_conditions(&fields, "unless"),
        by: by?,
    })
}

fn read_receiver(slot: &Slot<'_>) -> Option<Receiver> {
    let source = slot.source()?;
    let text = source.text.trim();
    let words = [("everyone", 0), ("qualified", 1), ("owner", 2), ("team", 3)];
    if let Some(word) = pick(text, &words) {
        return Some(match word {
            0 => Receiver::Everyone,
            1 => Receiver::Qualified,
            2 => Receiver::Owner,
            _ => Receiver::Team,
        });
    }
    if let Some(count) = text.strip_suffix("most active") {
        let count = count.trim();
        let count = if count.is_empty() { Some(1) } else { Count::read(count).map(|it| it.0) };
        return match count {
            Some(count) if count <= RECEIVERS_MAX => Some(Receiver::MostActive(count)),
            _ => {
                let message = format!("`to` cannot be `{}`", shorten(text));
                let help =
                    format!("Write a number up to {RECEIVERS_MAX}, such as `3 most active`.");
                slot.error(codes::WRONG_VALUE, message, help);
                None
            }
        };
    }
    slot.reader.refer(Referent::People, source.clone());
    Some(Receiver::Segment(source.text))
}

fn read_variants(fields: &Fields<'_>) -> Vec<(Text, Share)> {
    let refer = |name: &SourceText| fields.reader.refer(Referent::Message, name.clone());
    if let Some(message) = fields.source("message") {
        fields.refuse(&["variants"], "has no place beside `message`", "Keep one of the two.");
        refer(&message);
        return vec![(message.text, Share::ALL)];
    }
    let mut variants = Vec::new();
    for (message, slot) in fields.entries("variants") {
        refer(&message);
        if let Some(share) = slot.value::<Share>() {
            variants.push((message.text, share));
        }
    }
    let total: u32 = variants.iter().map(|(_, it)| it.0).sum();
    if fields.has("variants") && total != Share::ALL.0 {
        let percent = f64::from(total) / 10.0;
        let message = format!("the shares of the variants come to {percent}%, not to 100%");
        if let Some(slot) = fields.get("variants") {
            slot.error(
                codes::WRONG_VALUE,
                message,
                "Give each its share, such as `50%` and `50%`.",
            );
        }
    }
    variants
}

fn read_conditions(fields: &Fields<'_>, key: &str) -> Vec<Condition> {
    let condition = |source: SourceText| {
        let text = source.text.trim();
        let bare = text.strip_prefix("not ").map(str::trim);
        let name = bare.unwrap_or(text);
        let word = What::WORDS.iter().find(|(word, _)| *word == name);
        if word.is_none() {
            fields.reader.refer(Referent::StepCondition, source.part(name));
        }
        let what = word.map_or_else(|| What::Segment(name.into()), |(_, it)| it.clone());
        Condition { what, is: bare.is_none() }
    };
    fields.sources(key).into_iter().map(condition).collect()
}

/// The words that a step may ask for, beside definitions.
pub(super) fn condition_words() -> impl Iterator<Item = &'static str> {
    What::WORDS.iter().map(|(word, _)| *word)
}
